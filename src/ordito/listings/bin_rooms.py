"""Bins that come into question for units of an item, and what room they have."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from ordito.inventory.put_away_plans import BinRoom
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query

EMPTY_MAX = 20
"""Empty reserve bins that are looked at."""


class _Room(msgspec.Struct, frozen=True):
    """A bin, whether the item is at home there, how much of it lies there, and what is full.

    most: units of the item that its level wants there.
    """

    item_id: UUID
    bin: str
    purpose: str
    home: bool
    here: int
    others: bool
    units: int
    volume_mm3: int
    capacity_ml: int | None
    capacity_units: int | None
    most: int | None


def read_rooms(tx: Tx, location_id: UUID, item_ids: Iterable[UUID]) -> dict[UUID, list[BinRoom]]:
    """For each item the bins where it lies or belongs, in walking order, then empty reserve
    bins."""
    wanted = list(item_ids)
    empty = [_room(row) for row in _EMPTY.all(tx, location_id=location_id, limit=EMPTY_MAX)]
    found: dict[UUID, list[BinRoom]] = {item_id: [] for item_id in wanted}
    for row in _ROOMS.all(tx, location_id=location_id, item_ids=uuids(wanted)):
        found[row.item_id].append(_room(row))
    for rooms in found.values():
        known = {room.bin for room in rooms}
        rooms += [room for room in empty if room.bin not in known]
    return found


def _room(row: _Room) -> BinRoom:
    limits = [] if row.capacity_units is None else [row.capacity_units - row.units]
    limits += [] if row.most is None else [row.most - row.here]
    left = min(limits, default=None)
    left_mm3 = None if row.capacity_ml is None else row.capacity_ml * 1000 - row.volume_mm3
    return BinRoom(row.bin, row.purpose, row.home, row.here, row.others, left, left_mm3)


_LEVEL = """
    LEFT JOIN inventory.pick_level AS v
      ON v.location_id = b.location_id AND v.item_id = c.item_id AND v.bin = b.code"""
_FULL = """
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.qty), 0)::int8 AS units,
               coalesce(sum(s.qty * coalesce(n.length_mm::int8 * n.width_mm * n.height_mm, 0)), 0)
                   ::int8 AS volume_mm3,
               coalesce(sum(s.qty) FILTER (WHERE s.item_id = c.item_id), 0)::int8 AS here,
               coalesce(bool_or(s.item_id <> c.item_id), false) AS others
        FROM inventory.bin_stock AS s
        JOIN catalog.item AS n ON n.id = s.item_id
        WHERE s.location_id = b.location_id AND s.bin = b.code AND s.qty > 0
    ) AS f"""

_ROOMS = query(
    _Room,
    f"""
    SELECT c.item_id, b.code AS bin, b.purpose, bool_or(c.home) AS home, f.here, f.others, f.units,
           f.volume_mm3, b.capacity_ml, b.capacity_units, v.units_max AS most
    FROM (
        SELECT s.item_id, s.bin, false AS home
        FROM inventory.bin_stock AS s
        WHERE s.location_id = %(location_id)s AND s.item_id = ANY(%(item_ids)s::uuid[])
          AND s.qty > 0
        UNION ALL
        SELECT h.item_id, h.bin, true
        FROM locations.bin_item AS h
        WHERE h.location_id = %(location_id)s AND h.item_id = ANY(%(item_ids)s::uuid[])
        UNION ALL
        SELECT p.item_id, p.bin, true
        FROM inventory.pick_level AS p
        WHERE p.location_id = %(location_id)s AND p.item_id = ANY(%(item_ids)s::uuid[])
    ) AS c
    JOIN locations.bin AS b ON b.location_id = %(location_id)s AND b.code = c.bin
    {_LEVEL}
    {_FULL}
    GROUP BY c.item_id, b.code, b.purpose, b.walk_order, f.here, f.others, f.units, f.volume_mm3,
             b.capacity_ml, b.capacity_units, v.units_max
    ORDER BY c.item_id, b.walk_order, b.code
    """,  # noqa: S608 (a constant of this module)
)

_EMPTY = query(
    _Room,
    """
    SELECT b.location_id AS item_id, b.code AS bin, b.purpose, false AS home, 0::int8 AS here,
           false AS others, 0::int8 AS units, 0::int8 AS volume_mm3, b.capacity_ml,
           b.capacity_units, NULL::int8 AS most
    FROM locations.bin AS b
    WHERE b.location_id = %(location_id)s AND b.purpose = 'reserve'
      AND NOT EXISTS (
          SELECT FROM inventory.bin_stock AS s
          WHERE s.location_id = b.location_id AND s.bin = b.code AND s.qty > 0
      )
    ORDER BY b.walk_order, b.code
    LIMIT %(limit)s
    """,
)


def read_room(tx: Tx, location_id: UUID, item_id: UUID, bin_: str) -> BinRoom | None:
    """One bin and its room, as it is for an item; None where there is no such bin."""
    row = _ROOM.first(tx, location_id=location_id, item_id=item_id, bin=bin_)
    return None if row is None else _room(row)


_ROOM = query(
    _Room,
    f"""
    SELECT c.item_id, b.code AS bin, b.purpose, false AS home, f.here, f.others, f.units,
           f.volume_mm3, b.capacity_ml, b.capacity_units, v.units_max AS most
    FROM (SELECT %(item_id)s::uuid AS item_id) AS c
    CROSS JOIN locations.bin AS b
    {_LEVEL}
    {_FULL}
    WHERE b.location_id = %(location_id)s AND b.code = %(bin)s
    """,  # noqa: S608 (a constant of this module)
)
