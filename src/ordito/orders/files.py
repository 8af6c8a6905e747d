"""Files on orders, their bytes in chunks. Personal data: names and what they show."""

from uuid import UUID

import msgspec

from ordito.orders.file_kinds import Picture
from ordito.orders.types import OrderFile
from ordito.platform.database import Tx, query, statement

CHUNK_BYTES = 256_000
"""What is read, sent and held in memory at once."""


class NewFile(msgspec.Struct, frozen=True):
    """A file to keep: its kind and size were checked. note_no: the note that it belongs to."""

    name: str
    media_type: str
    body: bytes
    picture: Picture | None
    note_no: int | None


def insert_file(tx: Tx, order_id: UUID, file: NewFile) -> int:
    """Keep a file of who acts, returns its number; the caller holds the order's lock."""
    picture = file.picture
    file_no = _INSERT.one(
        tx,
        order_id=order_id,
        note_no=file.note_no,
        name=file.name,
        media_type=file.media_type,
        size_bytes=len(file.body),
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        author_id=tx.actor.id,
        author=tx.actor.name,
        at=tx.now,
    )
    for chunk_no, start in enumerate(range(0, len(file.body), CHUNK_BYTES)):
        chunk = file.body[start : start + CHUNK_BYTES]
        _INSERT_CHUNK.run(tx, order_id=order_id, file_no=file_no, chunk_no=chunk_no, body=chunk)
    return file_no


_INSERT = query(
    int,
    """
    INSERT INTO orders.file (order_id, file_no, note_no, name, media_type, size_bytes, width,
                             height, author_id, author, at)
    SELECT %(order_id)s, coalesce(max(file_no), 0) + 1, %(note_no)s::int4, %(name)s,
           %(media_type)s, %(size_bytes)s, %(width)s::int4, %(height)s::int4, %(author_id)s,
           %(author)s, %(at)s
    FROM orders.file
    WHERE order_id = %(order_id)s
    RETURNING file_no
    """,
)

_INSERT_CHUNK = statement("""
    INSERT INTO orders.file_chunk (order_id, file_no, chunk_no, body)
    VALUES (%(order_id)s, %(file_no)s, %(chunk_no)s, %(body)s)
""")


def count_files(tx: Tx, order_id: UUID) -> int:
    """How many files an order has."""
    return _COUNT.one(tx, order_id=order_id)


_COUNT = query(
    int,
    "SELECT count(*) FROM orders.file WHERE order_id = %(order_id)s AND removed_at IS NULL",
)


def read_file(tx: Tx, order_id: UUID, file_no: int) -> OrderFile | None:
    """What is known of a file; None when there is none, or none any more."""
    return _READ.first(tx, order_id=order_id, file_no=file_no)


_COLUMNS = "file_no, note_no, name, media_type, size_bytes, width, height, author, at"

_READ = query(
    OrderFile,
    f"""
    SELECT {_COLUMNS}
    FROM orders.file
    WHERE order_id = %(order_id)s AND file_no = %(file_no)s AND removed_at IS NULL
    """,  # noqa: S608 (a constant of this module)
)


def read_chunk(tx: Tx, order_id: UUID, file_no: int, chunk_no: int) -> bytes | None:
    """Bytes of a file, from the n-th chunk; None after the last."""
    return _CHUNK.first(tx, order_id=order_id, file_no=file_no, chunk_no=chunk_no)


_CHUNK = query(
    bytes,
    """
    SELECT body
    FROM orders.file_chunk
    WHERE order_id = %(order_id)s AND file_no = %(file_no)s AND chunk_no = %(chunk_no)s
    """,
)


def erase_file(tx: Tx, order_id: UUID, file_no: int) -> bool:
    """Forget a file but for its number; False when there is none (any more)."""
    erased = _ERASE.run(tx, order_id=order_id, file_no=file_no, now=tx.now)
    if erased:
        _ERASE_CHUNKS.run(tx, order_id=order_id, file_no=file_no)
    return bool(erased)


_ERASE = statement("""
    UPDATE orders.file
    SET name = '', removed_at = %(now)s
    WHERE order_id = %(order_id)s AND file_no = %(file_no)s AND removed_at IS NULL
""")

_ERASE_CHUNKS = statement(
    "DELETE FROM orders.file_chunk WHERE order_id = %(order_id)s AND file_no = %(file_no)s"
)
