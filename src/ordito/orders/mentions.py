"""Mentions: whom a note on an order names, and whether that person has seen it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, statement


class MentionsSeen(msgspec.Struct, frozen=True):
    """How many notes were marked as seen."""

    notes: int


def find_mentioned(body: str, people: Iterable[tuple[UUID, Sequence[str]]]) -> list[UUID]:
    """Who is named as “@name” in a text, in any case.

    people: ids with the names that they go by; of names that begin alike the longest counts.
    """
    rest = body.casefold()
    handles = sorted(
        ((name.casefold(), id_) for id_, names in people for name in names if len(name) > 1),
        key=lambda handle: (-len(handle[0]), handle[0]),
    )
    found: list[UUID] = []
    for name, id_ in handles:
        start = rest.find("@" + name)
        while start >= 0:
            end = start + 1 + len(name)
            # An address like anna@kot.example names nobody.
            alone = not rest[max(0, start - 1) : start].isalnum()
            if alone and not rest[end : end + 1].isalnum():
                found.append(id_)
                # So that “@ann lee” doesn't name “@ann” too.
                rest = rest[:start] + " " * (end - start) + rest[end:]
            start = rest.find("@" + name, end)
    return list(dict.fromkeys(found))


def insert_mentions(tx: Tx, order_id: UUID, note_no: int, user_ids: Iterable[UUID]) -> None:
    """Write whom a note names; the note is there."""
    _INSERT.run(tx, [(order_id, note_no, user_id, tx.now) for user_id in user_ids])


_INSERT = bulk("""
    INSERT INTO orders.mention (order_id, note_no, user_id, at)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::timestamptz[])
""")


def set_seen(tx: Tx, order_id: UUID) -> int:
    """Who acts has seen what names them on an order; returns how many notes that were."""
    return _SEEN.run(tx, order_id=order_id, user_id=tx.actor.id, now=tx.now)


_SEEN = statement("""
    UPDATE orders.mention
    SET seen_at = %(now)s
    WHERE order_id = %(order_id)s AND user_id = %(user_id)s AND seen_at IS NULL
""")
