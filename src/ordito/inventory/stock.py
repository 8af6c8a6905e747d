"""Levels: what is free, where."""

from collections.abc import Iterable, Mapping

import msgspec
from psycopg import Cursor

from ordito.platform.arrays import ints, uuids
from ordito.platform.database import Tx, query


class FreeUnits(msgspec.Struct, frozen=True):
    """An item's free units: two columns of equal length, place number and units."""

    item_id: str
    places: list[int]
    units: list[int]


def send_free(tx: Tx, item_ids: Iterable[str], places: Mapping[str, int]) -> Cursor[FreeUnits]:
    """Ask where items have anything free; nothing is locked.

    places: location id → the number that the answer uses for it; others are left out.
    """
    return _FREE.send(
        tx, item_ids=uuids(item_ids), locations=uuids(places.keys()), places=ints(places.values())
    )


def send_free_at(
    tx: Tx, cells: Mapping[str, Iterable[int]], places: Mapping[str, int]
) -> Cursor[FreeUnits]:
    """The same for given places of each item, where all of them would be too many.

    cells: item id → the numbers of the places to look at.
    """
    pairs = [(n, no) for n, nos in enumerate(cells.values(), start=1) for no in nos]
    return _FREE_AT.send(
        tx,
        item_ids=uuids(cells),
        item_nos=ints(n for n, _ in pairs),
        place_nos=ints(no for _, no in pairs),
        locations=uuids(places.keys()),
        places=ints(places.values()),
    )


# Materialized: the planner can't know how many locations are asked for, and would look for each
# item at each of them: 120 items at 1,000 locations then take half as long again.
_FREE = query(
    FreeUnits,
    """
    WITH stocked AS MATERIALIZED (
        SELECT item_id, location_id, available
        FROM inventory.stock
        WHERE item_id = ANY(%(item_ids)s::uuid[]) AND available > 0
    )
    SELECT s.item_id::text AS item_id, array_agg(l.place) AS places, array_agg(s.available) AS units
    FROM stocked AS s
    JOIN unnest(%(locations)s::uuid[], %(places)s::int4[]) AS l (location_id, place)
      USING (location_id)
    GROUP BY s.item_id
    """,
)

# Numbers instead of a pair of UUIDs per cell: thousands of cells are asked for at once.
_FREE_AT = query(
    FreeUnits,
    """
    WITH wanted AS MATERIALIZED (
        SELECT i.item_id, l.location_id, w.place
        FROM unnest(%(item_nos)s::int4[], %(place_nos)s::int4[]) AS w (item_no, place)
        JOIN unnest(%(item_ids)s::uuid[]) WITH ORDINALITY AS i (item_id, item_no) USING (item_no)
        JOIN unnest(%(locations)s::uuid[], %(places)s::int4[]) AS l (location_id, place)
          USING (place)
    )
    SELECT w.item_id::text AS item_id, array_agg(w.place) AS places, array_agg(s.available) AS units
    FROM wanted AS w
    JOIN inventory.stock AS s
      ON s.item_id = w.item_id AND s.location_id = w.location_id AND s.available > 0
    GROUP BY w.item_id
    """,
)


def send_incoming(tx: Tx, item_ids: Iterable[str], places: Mapping[str, int]) -> Cursor[FreeUnits]:
    """Ask where pieces of items are expected: the same columns, with what is on its way."""
    return _INCOMING.send(
        tx, item_ids=uuids(item_ids), locations=uuids(places.keys()), places=ints(places.values())
    )


_INCOMING = query(
    FreeUnits,
    """
    WITH expected AS MATERIALIZED (
        SELECT item_id, location_id, incoming
        FROM inventory.stock
        WHERE item_id = ANY(%(item_ids)s::uuid[]) AND incoming > 0
    )
    SELECT s.item_id::text AS item_id, array_agg(l.place) AS places, array_agg(s.incoming) AS units
    FROM expected AS s
    JOIN unnest(%(locations)s::uuid[], %(places)s::int4[]) AS l (location_id, place)
      USING (location_id)
    GROUP BY s.item_id
    """,
)
