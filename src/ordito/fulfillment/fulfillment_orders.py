"""Fulfillment orders and their lines as rows."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ordito.fulfillment.types import FulfillmentLine, FulfillmentOrder, RequestState, State
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

Rows = Sequence[tuple[Any, ...]]

INSERT = bulk("""
    INSERT INTO fulfillment.fulfillment_order
        (order_id, fo_no, location_id, delivery, state, decision_no, promised_on, created_at,
         released_at, updated_at)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::text[], %s::text[], %s::int4[],
                         %s::date[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
""")

INSERT_BOUND = bulk("""
    INSERT INTO fulfillment.fulfillment_order
        (order_id, fo_no, location_id, delivery, state, decision_no, promised_on, created_at,
         released_at, updated_at, destination_id)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::text[], %s::text[], %s::int4[],
                         %s::date[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],
                         %s::uuid[])
""")
"""Parts that are sent to the shop where they are collected."""

INSERT_LINES = bulk("""
    INSERT INTO fulfillment.line
        (order_id, fo_no, line_no, item_id, qty, per_unit, picked, packed, shipped)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::uuid[], %s::int8[], %s::int4[],
                         %s::int8[], %s::int8[], %s::int8[])
""")


def read_by_order(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, list[FulfillmentOrder]]:
    """Fulfillment orders by order, first to last."""
    found: dict[UUID, list[FulfillmentOrder]] = {}
    for row in _BY_ORDER.all(tx, order_ids=uuids(order_ids)):
        found.setdefault(row.order_id, []).append(row)
    return found


_COLUMNS = """
           order_id, fo_no, location_id, delivery, state, decision_no, promised_on, pickup_code,
           created_at, released_at, updated_at, version, collect_by, request, destination_id"""

_BY_ORDER = query(
    FulfillmentOrder,
    f"""
    SELECT {_COLUMNS}
    FROM fulfillment.fulfillment_order
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, fo_no
    """,  # noqa: S608 (a constant of this module)
)


def lock(tx: Tx, order_id: UUID, fo_no: int) -> FulfillmentOrder | None:
    """Lock one fulfillment order; the caller holds the order's lock."""
    return _LOCK.first(tx, order_id=order_id, fo_no=fo_no)


_LOCK = query(
    FulfillmentOrder,
    f"""
    SELECT {_COLUMNS}
    FROM fulfillment.fulfillment_order
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def lock_by_order(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, list[FulfillmentOrder]]:
    """Lock all fulfillment orders of orders whose locks the caller holds; first to last."""
    found: dict[UUID, list[FulfillmentOrder]] = {}
    for row in _LOCK_BY_ORDER.all(tx, order_ids=uuids(order_ids)):
        found.setdefault(row.order_id, []).append(row)
    return found


_LOCK_BY_ORDER = query(
    FulfillmentOrder,
    f"""
    SELECT {_COLUMNS}
    FROM fulfillment.fulfillment_order
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, fo_no
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def find_movable(tx: Tx, *, limit: int) -> list[UUID]:
    """Orders with parts to be shipped that nobody has begun, oldest promise first."""
    return _MOVABLE.all(tx, limit=limit)


_MOVABLE = query(
    UUID,
    """
    SELECT order_id
    FROM fulfillment.fulfillment_order
    WHERE state IN ('scheduled', 'open') AND delivery = 'ship' AND destination_id IS NULL
    GROUP BY order_id
    ORDER BY min(coalesce(promised_on, 'infinity')), order_id
    LIMIT %(limit)s
    """,
)


def find_unbegun(tx: Tx, location_id: UUID, *, after: UUID | None, limit: int) -> list[UUID]:
    """Orders, by id after `after`, with parts at a location, or for it, that nobody has begun."""
    return _UNBEGUN.all(tx, location_id=location_id, after=after or UUID(int=0), limit=limit)


_UNBEGUN = query(
    UUID,
    """
    SELECT DISTINCT order_id
    FROM fulfillment.fulfillment_order
    WHERE (location_id = %(location_id)s OR destination_id = %(location_id)s)
      AND state IN ('scheduled', 'open')
      AND order_id > %(after)s
    ORDER BY order_id
    LIMIT %(limit)s
    """,
)


class Uncollected(msgspec.Struct, frozen=True):
    """What lies ready and is past its last day, or is where the day ends first."""

    order_id: UUID
    fo_no: int
    location_id: UUID
    version: int
    collect_by: date | None


def find_uncollected(tx: Tx, today: date, *, limit: int) -> list[Uncollected]:
    """What lies ready and had to be collected before `today`, the longest past first."""
    return _UNCOLLECTED.all(tx, today=today, limit=limit)


_UNCOLLECTED = query(
    Uncollected,
    """
    SELECT order_id, fo_no, location_id, version, collect_by
    FROM fulfillment.fulfillment_order
    WHERE state = 'ready' AND collect_by < %(today)s
    ORDER BY collect_by, order_id, fo_no
    LIMIT %(limit)s
    """,
)

StateRow = tuple[UUID, int, State, str | None, date | None, RequestState | None]
"""order id, fo no, state, pick-up code, last day to collect, state of the request"""


def write_states(tx: Tx, rows: Sequence[StateRow]) -> None:
    """Write states and raise versions; a code, day or request of None keeps what is there."""
    _WRITE_STATES.run(tx, [(*row, tx.now) for row in rows])


_WRITE_STATES = bulk("""
    UPDATE fulfillment.fulfillment_order AS f
    SET state = d.state, version = f.version + 1, updated_at = d.at,
        pickup_code = coalesce(d.pickup_code, f.pickup_code),
        collect_by = coalesce(d.collect_by, f.collect_by),
        request = coalesce(d.request, f.request),
        released_at = CASE WHEN d.state = 'released' THEN coalesce(f.released_at, d.at)
                           ELSE f.released_at END
    FROM unnest(%s::uuid[], %s::int4[], %s::text[], %s::text[], %s::date[], %s::text[],
                %s::timestamptz[])
        AS d (order_id, fo_no, state, pickup_code, collect_by, request, at)
    WHERE f.order_id = d.order_id AND f.fo_no = d.fo_no
""")


def write_promised(tx: Tx, rows: Sequence[tuple[UUID, int, date | None]]) -> None:
    """Promise parts for other days (order id, fo no, day); the caller holds the orders' locks."""
    _WRITE_PROMISED.run(tx, rows)


_WRITE_PROMISED = bulk("""
    UPDATE fulfillment.fulfillment_order AS f
    SET promised_on = d.promised_on
    FROM unnest(%s::uuid[], %s::int4[], %s::date[]) AS d (order_id, fo_no, promised_on)
    WHERE f.order_id = d.order_id AND f.fo_no = d.fo_no
""")


def read_lines(tx: Tx, order_ids: Iterable[UUID]) -> list[FulfillmentLine]:
    """The lines of all fulfillment orders of these orders."""
    return _LINES.all(tx, order_ids=uuids(order_ids))


_LINES = query(
    FulfillmentLine,
    """
    SELECT order_id, fo_no, line_no, item_id, qty, per_unit, picked, packed, shipped
    FROM fulfillment.line
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, fo_no, line_no, item_id
    """,
)
