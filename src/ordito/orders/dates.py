"""The days that lines were ordered for, and what of them is a pre-order."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec
from psycopg import Cursor

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


class LineDates(msgspec.Struct, frozen=True):
    """Days of arrival that were asked for; late: as far as was known then, they can't be kept."""

    order_id: UUID
    line_no: int
    not_before: date | None
    requested_on: date | None
    latest_on: date | None
    late: bool


class Preorder(msgspec.Struct, frozen=True):
    """An item of a line that was ordered before its release. per_unit: pieces in a unit."""

    order_id: UUID
    line_no: int
    item_id: UUID
    per_unit: int
    released_on: date


INSERT_DATES = bulk("""
    INSERT INTO orders.line_date
        (order_id, line_no, not_before, requested_on, latest_on, late)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::date[], %s::date[], %s::date[], %s::bool[])
""")

INSERT_PREORDERS = bulk("""
    INSERT INTO orders.line_preorder (order_id, line_no, item_id, per_unit, released_on)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[], %s::date[])
""")


def read_dates(tx: Tx, order_ids: Iterable[UUID]) -> list[LineDates]:
    """By order and line; lines without dates are absent."""
    return _DATES.all(tx, order_ids=uuids(order_ids))


_DATES = query(
    LineDates,
    """
    SELECT order_id, line_no, not_before, requested_on, latest_on, late
    FROM orders.line_date
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, line_no
    """,
)


def write_dates(tx: Tx, rows: Sequence[LineDates]) -> None:
    """Keep other days of lines; rows without any day go. The orders are locked."""
    kept = [row for row in rows if row.not_before or row.requested_on or row.latest_on]
    _WRITE.run(
        tx,
        [(r.order_id, r.line_no, r.not_before, r.requested_on, r.latest_on, r.late) for r in kept],
    )
    gone = {(row.order_id, row.line_no) for row in rows}
    gone -= {(row.order_id, row.line_no) for row in kept}
    _DELETE.run(tx, sorted(gone))


_WRITE = bulk("""
    INSERT INTO orders.line_date
        (order_id, line_no, not_before, requested_on, latest_on, late)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::date[], %s::date[], %s::date[], %s::bool[])
    ON CONFLICT (order_id, line_no) DO UPDATE
    SET not_before = excluded.not_before, requested_on = excluded.requested_on,
        latest_on = excluded.latest_on, late = excluded.late
""")

_DELETE = bulk("""
    DELETE FROM orders.line_date AS l
    USING unnest(%s::uuid[], %s::int4[]) AS gone (order_id, line_no)
    WHERE l.order_id = gone.order_id AND l.line_no = gone.line_no
""")


def write_promised(tx: Tx, order_id: UUID, promised_on: date | None) -> None:
    """Promise an order for another day; the caller holds its lock."""
    _PROMISED.run(tx, order_id=order_id, promised_on=promised_on)


_PROMISED = statement("""
    UPDATE orders.sales_order
    SET promised_on = %(promised_on)s
    WHERE id = %(order_id)s
""")


def read_preorders(tx: Tx, order_ids: Iterable[UUID]) -> list[Preorder]:
    """By order and line; what was on sale when it was ordered is absent."""
    return _PREORDERS.all(tx, order_ids=uuids(order_ids))


_PREORDERS = query(
    Preorder,
    """
    SELECT order_id, line_no, item_id, per_unit, released_on
    FROM orders.line_preorder
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, line_no, item_id
    """,
)


class PreorderedPieces(msgspec.Struct, frozen=True):
    item_id: UUID
    pieces: int


def count_preordered(tx: Tx, item_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Pieces of items that were ordered before their release, without what was cancelled."""
    return {row.item_id: row.pieces for row in send_count(tx, item_ids)}


def send_count(tx: Tx, item_ids: Iterable[UUID]) -> Cursor[PreorderedPieces]:
    """Ask the same inside a pipeline."""
    return _PREORDERED.send(tx, item_ids=uuids(item_ids))


_PREORDERED = query(
    PreorderedPieces,
    """
    SELECT p.item_id, sum((l.ordered - l.cancelled) * p.per_unit)::int8 AS pieces
    FROM orders.line_preorder AS p
    JOIN orders.line AS l ON l.order_id = p.order_id AND l.line_no = p.line_no
    WHERE p.item_id = ANY(%(item_ids)s::uuid[])
    GROUP BY p.item_id
    """,
)


def find_preorders(tx: Tx, item_id: UUID, *, after: UUID, limit: int) -> list[UUID]:
    """Open orders that wait for the release of an item, by id; none is locked."""
    return _OF_ITEM.all(tx, item_id=item_id, after=after, limit=limit)


_OF_ITEM = query(
    UUID,
    """
    SELECT DISTINCT p.order_id
    FROM orders.line_preorder AS p
    JOIN orders.sales_order AS o ON o.id = p.order_id
    WHERE p.item_id = %(item_id)s AND p.order_id > %(after)s AND o.life = 'open'
    ORDER BY p.order_id
    LIMIT %(limit)s
    """,
)


def move_release(tx: Tx, rows: Sequence[tuple[UUID, int, UUID, date]]) -> None:
    """Write other days of release (order id, line no, item id, day); the orders are locked."""
    _MOVE.run(tx, rows)


_MOVE = bulk("""
    UPDATE orders.line_preorder AS p
    SET released_on = d.released_on
    FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::date[])
        AS d (order_id, line_no, item_id, released_on)
    WHERE p.order_id = d.order_id AND p.line_no = d.line_no AND p.item_id = d.item_id
""")


class ToldSupply(msgspec.Struct, frozen=True):
    """The day for which waiting units of a line were announced last."""

    order_id: UUID
    line_no: int
    expected_on: date


def read_told(tx: Tx, order_ids: Iterable[UUID]) -> list[ToldSupply]:
    return _TOLD.all(tx, order_ids=uuids(order_ids))


_TOLD = query(
    ToldSupply,
    """
    SELECT order_id, line_no, expected_on
    FROM orders.line_supply
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, line_no
    """,
)


def write_told(tx: Tx, rows: Sequence[tuple[UUID, int, date]]) -> None:
    """Keep what is announced now (order id, line no, day); the orders are locked."""
    _WRITE_TOLD.run(tx, rows)


_WRITE_TOLD = bulk("""
    INSERT INTO orders.line_supply AS s (order_id, line_no, expected_on)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::date[])
    ON CONFLICT (order_id, line_no) DO UPDATE SET expected_on = excluded.expected_on
""")


def forget_told(tx: Tx, rows: Sequence[tuple[UUID, int]]) -> None:
    """Nothing is announced of these lines (order id, line no) any more."""
    _FORGET.run(tx, rows)


_FORGET = bulk("""
    DELETE FROM orders.line_supply AS s
    USING unnest(%s::uuid[], %s::int4[]) AS gone (order_id, line_no)
    WHERE s.order_id = gone.order_id AND s.line_no = gone.line_no
""")
