"""Levels: what is where, in which bucket, and who holds it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from ordito.inventory.types import CellKey, Reservation
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query


class Level(msgspec.Struct, frozen=True):
    """The counters of a cell. on_hand is the sum of available … safety."""

    item_id: UUID
    location_id: UUID
    on_hand: int
    available: int
    reserved: int
    picked: int
    quality_control: int
    damaged: int
    safety: int
    incoming: int
    in_transit: int


_COLUMNS = """
           item_id, location_id, on_hand, available, reserved, picked, quality_control, damaged,
           safety, incoming, in_transit"""

LevelCursor = tuple[UUID, UUID]
"""Item and location of the last level of a page."""

_START: LevelCursor = (UUID(int=0), UUID(int=0))


def list_levels(
    tx: Tx,
    *,
    location_ids: Iterable[UUID] | None = None,
    after: LevelCursor | None = None,
    limit: int = 100,
) -> list[Level]:
    """Levels by item, then location. location_ids: only there (a user's scope); None is all."""
    item_id, location_id = after or _START
    if location_ids is None:
        return _ALL.all(tx, item_id=item_id, location_id=location_id, limit=limit)
    return _AT_LOCATIONS.all(
        tx,
        location_ids=uuids(location_ids),
        item_id=item_id,
        location_id=location_id,
        limit=limit,
    )


_ALL = query(
    Level,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.stock
    WHERE (item_id, location_id) > (%(item_id)s, %(location_id)s)
    ORDER BY item_id, location_id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)

# One index probe per location and page, merged: a place with few items is found as fast as any.
_AT_LOCATIONS = query(
    Level,
    f"""
    SELECT {_COLUMNS}
    FROM unnest(%(location_ids)s::uuid[]) AS l (id)
    CROSS JOIN LATERAL (
        SELECT {_COLUMNS}
        FROM inventory.stock AS s
        WHERE s.location_id = l.id AND s.item_id >= %(item_id)s
          AND (s.item_id, s.location_id) > (%(item_id)s, %(location_id)s)
        ORDER BY s.item_id
        LIMIT %(limit)s
    ) AS page
    ORDER BY item_id, location_id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def read_levels(
    tx: Tx, item_ids: Iterable[UUID], *, location_ids: Iterable[UUID] | None = None
) -> list[Level]:
    """All levels of these items. location_ids: only there; None is all."""
    return _OF_ITEMS.all(
        tx,
        item_ids=uuids(item_ids),
        location_ids=None if location_ids is None else uuids(location_ids),
    )


_OF_ITEMS = query(
    Level,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.stock
    WHERE item_id = ANY(%(item_ids)s::uuid[])
      AND (%(location_ids)s::uuid[] IS NULL OR location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY item_id, location_id
    """,  # noqa: S608 (a constant of this module)
)


def read_location_levels(tx: Tx, location_id: UUID, *, limit: int) -> list[Level]:
    """Levels at a location, those with the most free units first."""
    return _FULLEST.all(tx, location_id=location_id, limit=limit)


_FULLEST = query(
    Level,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.stock
    WHERE location_id = %(location_id)s
    ORDER BY available DESC, item_id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def find_kept(tx: Tx, item_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the items of which stock has ever been kept."""
    return set(_KEPT.all(tx, item_ids=uuids(item_ids)))


_KEPT = query(
    UUID,
    """
    SELECT DISTINCT item_id
    FROM inventory.stock
    WHERE item_id = ANY(%(item_ids)s::uuid[]) AND seq > 0
    """,
)


def find_in_stock(tx: Tx, item_ids: Iterable[UUID], *, without: Iterable[UUID] = ()) -> set[UUID]:
    """Those of the items of which anything is on hand or on its way, but at these locations."""
    return set(_IN_STOCK.all(tx, item_ids=uuids(item_ids), without=uuids(without)))


_IN_STOCK = query(
    UUID,
    """
    SELECT DISTINCT item_id
    FROM inventory.stock
    WHERE item_id = ANY(%(item_ids)s::uuid[])
      AND (on_hand <> 0 OR incoming <> 0 OR in_transit <> 0)
      AND NOT location_id = ANY(%(without)s::uuid[])
    """,
)


class OpenWork(msgspec.Struct, frozen=True):
    """What a location still has to do: pieces promised there and to how many; pieces picked."""

    reserved: int
    holders: int
    picked: int


def read_open_work(tx: Tx, location_id: UUID) -> OpenWork:
    return _OPEN_WORK.one(tx, location_id=location_id)


_OPEN_WORK = query(
    OpenWork,
    """
    SELECT coalesce(sum(s.reserved), 0)::int8 AS reserved,
           (SELECT count(DISTINCT r.holder_id)
            FROM inventory.stock AS c
            JOIN inventory.reservation AS r
              ON r.item_id = c.item_id AND r.location_id = c.location_id
            WHERE c.location_id = %(location_id)s AND c.reserved > 0) AS holders,
           coalesce(sum(s.picked), 0)::int8 AS picked
    FROM inventory.stock AS s
    WHERE s.location_id = %(location_id)s
    """,
)

HolderCursor = tuple[UUID, UUID, int]
"""Location, holder and line of the last reservation of a page."""


def list_holders(
    tx: Tx,
    item_id: UUID,
    *,
    location_ids: Iterable[UUID] | None = None,
    after: HolderCursor | None = None,
    limit: int = 100,
) -> list[Reservation]:
    """Who holds an item: reservations by location, holder and line.

    A holder is an order, or, where `expires_at` is set, a hold.
    """
    location_id, holder_id, line_no = after or (UUID(int=0), UUID(int=0), 0)
    return _HOLDERS.all(
        tx,
        item_id=item_id,
        location_ids=None if location_ids is None else uuids(location_ids),
        location_id=location_id,
        holder_id=holder_id,
        line_no=line_no,
        limit=limit,
    )


_HOLDERS = query(
    Reservation,
    """
    SELECT holder_id, line_no, item_id, location_id, qty, expires_at
    FROM inventory.reservation
    WHERE item_id = %(item_id)s
      AND (%(location_ids)s::uuid[] IS NULL OR location_id = ANY(%(location_ids)s::uuid[]))
      AND (location_id, holder_id, line_no) > (%(location_id)s, %(holder_id)s, %(line_no)s)
    ORDER BY location_id, holder_id, line_no
    LIMIT %(limit)s
    """,
)


def read_cell_reservations(tx: Tx, cells: Sequence[CellKey]) -> list[Reservation]:
    """Everything that is reserved in these cells."""
    return _IN_CELLS.all_rows(tx, sorted(cells)) if cells else []


_IN_CELLS = bulk_query(
    Reservation,
    """
    SELECT r.holder_id, r.line_no, r.item_id, r.location_id, r.qty, r.expires_at
    FROM inventory.reservation AS r
    JOIN unnest(%s::uuid[], %s::uuid[]) AS asked (item_id, location_id)
      ON r.item_id = asked.item_id AND r.location_id = asked.location_id
    ORDER BY r.item_id, r.location_id, r.holder_id, r.line_no
    """,
)


class HolderCount(msgspec.Struct, frozen=True):
    """How much of a cell is held, by how many orders and how many holds."""

    item_id: UUID
    location_id: UUID
    qty: int
    orders: int
    holds: int


def count_holders(tx: Tx, cells: Sequence[CellKey]) -> dict[CellKey, HolderCount]:
    """Who holds the stock of these cells; cells of which nothing is held are absent."""
    rows = _COUNT_HOLDERS.all_rows(tx, sorted(cells)) if cells else []
    return {(str(row.item_id), str(row.location_id)): row for row in rows}


_COUNT_HOLDERS = bulk_query(
    HolderCount,
    """
    SELECT r.item_id, r.location_id, sum(r.qty)::int8 AS qty,
           count(DISTINCT r.holder_id) FILTER (WHERE r.expires_at IS NULL) AS orders,
           count(DISTINCT r.holder_id) FILTER (WHERE r.expires_at IS NOT NULL) AS holds
    FROM inventory.reservation AS r
    JOIN unnest(%s::uuid[], %s::uuid[]) AS asked (item_id, location_id)
      ON r.item_id = asked.item_id AND r.location_id = asked.location_id
    GROUP BY r.item_id, r.location_id
    """,
)
