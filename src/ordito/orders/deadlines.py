"""Until when lines may wait to be shipped; the end of the day is that of the order's channel."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class Deadline(msgspec.Struct, frozen=True):
    """cancel_after: the last day on which what is left of the line may be shipped."""

    order_id: UUID
    line_no: int
    cancel_after: date


def read_deadlines(tx: Tx, order_ids: Iterable[UUID]) -> list[Deadline]:
    """By order and line."""
    return _READ.all(tx, order_ids=uuids(order_ids))


_READ = query(
    Deadline,
    """
    SELECT order_id, line_no, cancel_after
    FROM orders.line_deadline
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, line_no
    """,
)


def write_deadlines(tx: Tx, rows: Sequence[tuple[UUID, int, date]]) -> None:
    """Set deadlines (order id, line no, last day); the caller holds the orders' locks."""
    _WRITE.run(tx, rows)


_WRITE = bulk("""
    INSERT INTO orders.line_deadline AS d (order_id, line_no, cancel_after)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::date[])
    ON CONFLICT (order_id, line_no) DO UPDATE SET cancel_after = excluded.cancel_after
""")


INSERT = bulk("""
    INSERT INTO orders.line_deadline (order_id, line_no, cancel_after)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::date[])
""")
"""Those that come with an order: (order id, line no, last day)."""


def delete_deadlines(tx: Tx, lines: Sequence[tuple[UUID, int]]) -> None:
    """Take deadlines away (order id, line no); the caller holds the orders' locks."""
    _DELETE.run(tx, lines)


_DELETE = bulk("""
    DELETE FROM orders.line_deadline AS d
    USING unnest(%s::uuid[], %s::int4[]) AS gone (order_id, line_no)
    WHERE d.order_id = gone.order_id AND d.line_no = gone.line_no
""")


def find_overdue(tx: Tx, today: date, *, limit: int) -> list[UUID]:
    """Orders with a deadline that is over where the day begins first; none is locked.

    today: the day in the zone that is furthest ahead, so that no order is missed.
    """
    return _OVERDUE.all(tx, today=today, limit=limit)


_OVERDUE = query(
    UUID,
    """
    SELECT order_id
    FROM orders.line_deadline
    WHERE cancel_after < %(today)s
    GROUP BY order_id
    ORDER BY min(cancel_after), order_id
    LIMIT %(limit)s
    """,
)
