"""Which pick bins are to be filled: what lies in them, what reserve holds, what picks need."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class PickNeed(msgspec.Struct, frozen=True):
    """A pick bin that may have to be filled.

    in_bin:     units of the item in it. in_pick_bins: in all its pick bins.
    in_reserve: units in reserve bins. wanted: units that open picks have still to take.
    """

    item_id: UUID
    bin: str
    units_min: int
    units_max: int
    in_bin: int
    in_pick_bins: int
    in_reserve: int
    wanted: int


def list_pick_needs(tx: Tx, location_id: UUID, *, limit: int = 5000) -> list[PickNeed]:
    """Pick bins below their level, or with less than open picks take, of which reserve holds
    any. An item without a level has the first pick bin where it usually lies."""
    return _NEEDS.all(tx, location_id=location_id, limit=limit)


_NEEDS = query(
    PickNeed,
    """
    WITH reserve AS (
        SELECT s.item_id, sum(s.qty)::int8 AS units
        FROM inventory.bin_stock AS s
        JOIN locations.bin AS b ON b.location_id = s.location_id AND b.code = s.bin
        WHERE s.location_id = %(location_id)s AND b.purpose = 'reserve' AND s.qty > 0
        GROUP BY s.item_id
    ),
    picks AS (
        SELECT l.item_id, sum(l.qty - l.picked)::int8 AS units
        FROM fulfillment.fulfillment_order AS f
        JOIN fulfillment.line AS l ON l.order_id = f.order_id AND l.fo_no = f.fo_no
        WHERE f.location_id = %(location_id)s AND f.state IN ('released', 'picking')
          AND l.qty > l.picked
        GROUP BY l.item_id
    ),
    places AS (
        SELECT v.item_id, v.bin, v.units_min, v.units_max
        FROM inventory.pick_level AS v
        WHERE v.location_id = %(location_id)s
        UNION ALL
        (SELECT DISTINCT ON (h.item_id) h.item_id, h.bin, 0::int8, 0::int8
        FROM locations.bin_item AS h
        JOIN locations.bin AS b
          ON b.location_id = h.location_id AND b.code = h.bin AND b.purpose = 'pick'
        WHERE h.location_id = %(location_id)s
          AND h.item_id IN (SELECT p.item_id FROM picks AS p)
          AND NOT EXISTS (
              SELECT FROM inventory.pick_level AS v
              WHERE v.location_id = h.location_id AND v.item_id = h.item_id
          )
        ORDER BY h.item_id, b.walk_order, h.bin)
    )
    SELECT p.item_id, p.bin, p.units_min, p.units_max, n.in_bin, n.in_pick_bins,
           r.units AS in_reserve, coalesce(k.units, 0)::int8 AS wanted
    FROM places AS p
    JOIN reserve AS r ON r.item_id = p.item_id
    LEFT JOIN picks AS k ON k.item_id = p.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(s.qty) FILTER (WHERE s.bin = p.bin), 0)::int8 AS in_bin,
               coalesce(sum(s.qty), 0)::int8 AS in_pick_bins
        FROM inventory.bin_stock AS s
        JOIN locations.bin AS b ON b.location_id = s.location_id AND b.code = s.bin
        WHERE s.location_id = %(location_id)s AND s.item_id = p.item_id AND b.purpose = 'pick'
    ) AS n
    WHERE n.in_bin < p.units_min OR n.in_pick_bins < coalesce(k.units, 0)
    ORDER BY p.item_id
    LIMIT %(limit)s
    """,
)


def find_reserved(tx: Tx, location_id: UUID, item_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the items of which reserve bins hold any."""
    return set(_RESERVED.all(tx, location_id=location_id, item_ids=uuids(item_ids)))


_RESERVED = query(
    UUID,
    """
    SELECT DISTINCT s.item_id
    FROM inventory.bin_stock AS s
    JOIN locations.bin AS b ON b.location_id = s.location_id AND b.code = s.bin
    WHERE s.location_id = %(location_id)s AND s.item_id = ANY(%(item_ids)s::uuid[])
      AND b.purpose = 'reserve' AND s.qty > 0
    ORDER BY s.item_id
    LIMIT 5000
    """,
)


class FillRow(msgspec.Struct, frozen=True):
    """Work as it is shown, the urgent first. from_bin: the first reserve bin that holds any, with
    its units; none where reserve is empty by now."""

    id: UUID
    item_id: UUID
    sku: str
    name: str
    barcodes: list[str]
    bin: str
    units: int
    moved: int
    in_bin: int
    urgent: bool
    raised_at: datetime
    from_bin: str | None
    from_units: int | None

    @property
    def left(self) -> int:
        return self.units - self.moved


def list_fills(tx: Tx, location_id: UUID, *, limit: int = 200) -> list[FillRow]:
    """Open work of a location, the urgent first, then in walking order of the pick bins."""
    return _FILLS.all(tx, location_id=location_id, limit=limit)


_FILLS = query(
    FillRow,
    """
    SELECT r.id, r.item_id, i.sku, i.name,
           ARRAY(
               SELECT c.code FROM catalog.barcode AS c WHERE c.item_id = i.id ORDER BY c.code_key
           ) AS barcodes,
           r.bin, r.units, r.moved,
           coalesce((SELECT t.qty
                     FROM inventory.bin_stock AS t
                     WHERE t.item_id = r.item_id AND t.location_id = r.location_id
                       AND t.bin = r.bin), 0)::int8 AS in_bin,
           r.urgent, r.raised_at, f.bin AS from_bin, f.qty AS from_units
    FROM inventory.replenishment AS r
    JOIN catalog.item AS i ON i.id = r.item_id
    LEFT JOIN locations.bin AS p ON p.location_id = r.location_id AND p.code = r.bin
    LEFT JOIN LATERAL (
        SELECT s.bin, s.qty
        FROM inventory.bin_stock AS s
        JOIN locations.bin AS b ON b.location_id = s.location_id AND b.code = s.bin
        WHERE s.item_id = r.item_id AND s.location_id = r.location_id AND s.qty > 0
          AND b.purpose = 'reserve'
        ORDER BY b.walk_order, s.bin
        LIMIT 1
    ) AS f ON true
    WHERE r.location_id = %(location_id)s AND r.ended_at IS NULL
    ORDER BY r.urgent DESC, p.walk_order NULLS LAST, r.bin, i.sku_key
    LIMIT %(limit)s
    """,
)


class LevelRow(msgspec.Struct, frozen=True):
    """A level as it is shown, with what lies in the bin."""

    item_id: UUID
    sku: str
    name: str
    bin: str
    units_min: int
    units_max: int
    in_bin: int


def list_levels(
    tx: Tx, location_id: UUID, *, item_ids: Iterable[UUID] | None = None, limit: int = 500
) -> list[LevelRow]:
    """The levels of a location's pick bins, as the bins are walked."""
    ids = None if item_ids is None else uuids(item_ids)
    return _LEVELS.all(tx, location_id=location_id, item_ids=ids, limit=limit)


_LEVELS = query(
    LevelRow,
    """
    SELECT v.item_id, i.sku, i.name, v.bin, v.units_min, v.units_max,
           coalesce(s.qty, 0)::int8 AS in_bin
    FROM inventory.pick_level AS v
    JOIN catalog.item AS i ON i.id = v.item_id
    LEFT JOIN locations.bin AS b ON b.location_id = v.location_id AND b.code = v.bin
    LEFT JOIN inventory.bin_stock AS s
      ON s.item_id = v.item_id AND s.location_id = v.location_id AND s.bin = v.bin
    WHERE v.location_id = %(location_id)s
      AND (%(item_ids)s::uuid[] IS NULL OR v.item_id = ANY(%(item_ids)s::uuid[]))
    ORDER BY b.walk_order NULLS LAST, v.bin, i.sku_key
    LIMIT %(limit)s
    """,
)
