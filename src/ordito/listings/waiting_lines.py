"""Lines that wait for supply, oldest promise first, and what is to come for them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from ordito.inventory.expected import read_supply
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, beyond_scope, query
from ordito.sourcing.allotments import Allotted, Coming, Waiting, allot

QUEUE_MOST = 50_000
"""Lines that are looked at; those behind them are told no day."""

_ROUNDS = 8
"""Kits that share parts are followed so far; what lies beyond is as good as independent."""

LineKey = tuple[UUID, int]


class WaitingLine(msgspec.Struct, frozen=True):
    """A line with units that have no stock. parts: (item id, pieces in a unit) each.

    locations: those that may serve its channel; null is all. pinned: the only one that may, since
    it was chosen or the buyer collects the order there.
    """

    order_id: UUID
    line_no: int
    units: int
    parts: list[tuple[UUID, int]]
    locations: list[UUID] | None
    pinned: UUID | None


class Expectations(msgspec.Struct, frozen=True):
    """Which waiting units come when, by (order id, line no); and what is left after all of them.

    waiting: units of every line that was looked at; empty where nothing is to come.
    """

    lines: dict[LineKey, list[Allotted]]
    rest: list[Coming]
    waiting: dict[LineKey, int]


def read_expectations(tx: Tx, item_ids: Iterable[UUID]) -> Expectations:
    """Allot what is to come of items, and of the others that waiting lines have beside them.

    Computed when it is read, never kept: what an order is promised can't disagree with what is
    expected, and placing pays nothing for it. All orders count, whoever reads.
    """
    items = set(item_ids)
    with beyond_scope(tx):
        if not read_supply(tx, sorted(items)):
            return Expectations({}, [], {})
        queue = _read_queue(tx, items)
        supply = read_supply(tx, sorted(items))
        kits = [line for line in queue if len(line.parts) > 1]
        free = _read_free(tx, kits) if kits else {}
        shipping = frozenset(_SHIPPING.all(tx))
    coming = [
        Coming(row.item_id, row.location_id, row.expected_on, row.pieces, row.reference)
        for row in supply
    ]
    units = {(line.order_id, line.line_no): line.units for line in queue}
    waiting = [
        Waiting(
            (line.order_id, line.line_no), line.units, tuple(line.parts), _places(line, shipping)
        )
        for line in queue
    ]
    found, rest = allot(waiting, coming, free)
    return Expectations(found, rest, units)  # type: ignore[arg-type]


def _read_queue(tx: Tx, items: set[UUID]) -> list[WaitingLine]:
    """Who waits for the items, and for the other parts of kits that do: those are added to them."""
    for _round in range(_ROUNDS):
        queue = _QUEUE.all(tx, item_ids=uuids(sorted(items)), limit=QUEUE_MOST)
        others = {item_id for line in queue for item_id, _ in line.parts} - items
        if not others:
            break
        items |= others
    return queue


def _places(line: WaitingLine, shipping: frozenset[UUID]) -> frozenset[UUID]:
    """Where what comes is of use to a line; what a policy forbids beyond that isn't known here."""
    if line.pinned is not None:
        return frozenset((line.pinned,))
    return shipping if line.locations is None else shipping & set(line.locations)


_SHIPPING = query(
    UUID,
    """
    SELECT id
    FROM locations.location
    WHERE active AND can_ship AND kind <> 'history'
    ORDER BY id
    """,
)


# Both branches read the index of what is backordered now, never the lines of the past.
_QUEUE = query(
    WaitingLine,
    """
    WITH waiting AS (
        SELECT order_id, line_no
        FROM orders.line
        WHERE item_id = ANY(%(item_ids)s::uuid[]) AND backordered > 0
        UNION
        SELECT l.order_id, l.line_no
        FROM orders.line AS l
        JOIN orders.line_component AS c ON c.order_id = l.order_id AND c.line_no = l.line_no
        WHERE l.backordered > 0 AND l.item_kind = 'kit'
          AND c.item_id = ANY(%(item_ids)s::uuid[])
    )
    SELECT l.order_id, l.line_no, l.backordered AS units,
           CASE l.item_kind
               WHEN 'kit' THEN (
                   SELECT jsonb_agg(jsonb_build_array(c.item_id, c.per_kit) ORDER BY c.item_id)
                   FROM orders.line_component AS c
                   WHERE c.order_id = l.order_id AND c.line_no = l.line_no)
               ELSE jsonb_build_array(jsonb_build_array(l.item_id, 1))
           END AS parts,
           ch.location_ids AS locations,
           coalesce(o.pickup_location_id, l.pinned_location_id) AS pinned
    FROM waiting AS w
    JOIN orders.line AS l ON l.order_id = w.order_id AND l.line_no = w.line_no
    JOIN orders.sales_order AS o ON o.id = l.order_id
    JOIN channels.channel AS ch ON ch.id = o.channel_id
    WHERE o.life = 'open'
    ORDER BY coalesce(o.promised_on, 'infinity'), o.placed_at, o.number, l.line_no
    LIMIT %(limit)s
    """,
)


def find_waited_items(tx: Tx) -> list[UUID]:
    """Items that lines wait for, or that were announced to a line."""
    return _WAITED.all(tx)


_WAITED = query(
    UUID,
    """
    SELECT coalesce(c.item_id, l.item_id) AS item_id
    FROM orders.line AS l
    LEFT JOIN orders.line_component AS c
      ON l.item_kind = 'kit' AND c.order_id = l.order_id AND c.line_no = l.line_no
    WHERE l.backordered > 0 AND coalesce(c.item_id, l.item_id) IS NOT NULL
    GROUP BY 1
    ORDER BY 1
    LIMIT 100000
    """,
)


class _Free(msgspec.Struct, frozen=True):
    item_id: UUID
    pieces: int


def _read_free(tx: Tx, kits: Iterable[WaitingLine]) -> dict[UUID, int]:
    """Free pieces of parts of kits, wherever they are."""
    ids = {item_id for line in kits for item_id, _ in line.parts}
    return {row.item_id: row.pieces for row in _FREE.all(tx, item_ids=uuids(ids))}


_FREE = query(
    _Free,
    """
    SELECT item_id, sum(available)::int8 AS pieces
    FROM inventory.stock
    WHERE item_id = ANY(%(item_ids)s::uuid[]) AND available > 0
    GROUP BY item_id
    """,
)


class ToldLine(msgspec.Struct, frozen=True):
    order_id: UUID
    line_no: int
    expected_on: date


def read_all_told(tx: Tx) -> dict[LineKey, date]:
    """The days that were announced last, of all lines."""
    return {(row.order_id, row.line_no): row.expected_on for row in _ALL_TOLD.all(tx)}


_ALL_TOLD = query(
    ToldLine,
    """
    SELECT order_id, line_no, expected_on
    FROM orders.line_supply
    ORDER BY order_id, line_no
    LIMIT 100000
    """,
)
