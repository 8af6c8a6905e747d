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
