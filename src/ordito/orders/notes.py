"""Notes of staff on an order. Personal data: they may name people."""

from uuid import UUID

from ordito.orders.types import Note
from ordito.platform.database import Tx, query


def insert_note(tx: Tx, order_id: UUID, body: str) -> int:
    """Write a note of who acts, returns its number; the caller holds the order's lock."""
    return _INSERT.one(
        tx,
        order_id=order_id,
        author_id=tx.actor.id,
        author=tx.actor.name,
        at=tx.now,
        body=body,
    )


_INSERT = query(
    int,
    """
    INSERT INTO orders.note (order_id, note_no, author_id, author, at, body)
    SELECT %(order_id)s, coalesce(max(note_no), 0) + 1, %(author_id)s, %(author)s, %(at)s, %(body)s
    FROM orders.note
    WHERE order_id = %(order_id)s
    RETURNING note_no
    """,
)


def read_notes(tx: Tx, order_id: UUID) -> list[Note]:
    """The notes of an order, oldest first."""
    return _READ.all(tx, order_id=order_id)


_READ = query(
    Note,
    """
    SELECT order_id, note_no, author_id, author, at, body
    FROM orders.note
    WHERE order_id = %(order_id)s
    ORDER BY note_no
    """,
)
