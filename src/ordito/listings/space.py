"""Space of a location: what its bins can hold, what lies there, and what the next weeks bring."""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from ordito.locations.types import BinPurpose
from ordito.platform.database import Tx, query

WEEKS = 8


class SpacePart(msgspec.Struct, frozen=True):
    """Bins of one purpose. unlimited: those of which nobody said how much fits in.

    used_ml: of what lies in them; 0 where no bin stock is kept.
    """

    purpose: BinPurpose
    bins: int
    unlimited: int
    capacity_ml: int
    used_ml: int


class SpaceWeek(msgspec.Struct, frozen=True):
    """A week, from its Monday. fill_ml: what lies there at its end, if nothing leaves meanwhile."""

    begins: date
    units: int
    volume_ml: int
    unmeasured: int
    fill_ml: int


class Space(msgspec.Struct, frozen=True):
    """A location's space in millilitres.

    units, used_ml: on hand and not picked. unmeasured: units of these whose items have no sizes;
                    they take room that is not in the figures.
    """

    location: str
    capacity_ml: int
    used_ml: int
    units: int
    unmeasured: int
    parts: list[SpacePart]
    weeks: list[SpaceWeek]


def read_space(tx: Tx, location_id: UUID, code: str, *, weeks: int = WEEKS) -> Space:
    """The space of a location now and in the next weeks: transfers that are on their way, or were
    asked for, and receipts that suppliers announced come in the week in which they are expected,
    those that are late in this one."""
    parts = _PARTS.all(tx, location_id=location_id)
    stock = _STOCK.one(tx, location_id=location_id)
    monday = tx.now.date() - timedelta(days=tx.now.weekday())
    coming = {row.begins: row for row in _COMING.all(tx, location_id=location_id, monday=monday)}
    fill = stock.volume_ml
    told = []
    for n in range(weeks):
        begins = monday + timedelta(weeks=n)
        row = coming.get(begins, _Coming(begins, 0, 0, 0))
        fill += row.volume_ml
        told.append(SpaceWeek(begins, row.units, row.volume_ml, row.unmeasured, fill))
    return Space(
        location=code,
        capacity_ml=sum(part.capacity_ml for part in parts),
        used_ml=stock.volume_ml,
        units=stock.units,
        unmeasured=stock.unmeasured,
        parts=parts,
        weeks=told,
    )


_PARTS = query(
    SpacePart,
    """
    SELECT b.purpose, count(*) AS bins, count(*) FILTER (WHERE b.capacity_ml IS NULL) AS unlimited,
           coalesce(sum(b.capacity_ml), 0)::int8 AS capacity_ml,
           coalesce(sum(f.volume_ml), 0)::int8 AS used_ml
    FROM locations.bin AS b
    LEFT JOIN (
        SELECT s.bin, sum(s.qty * i.length_mm::int8 * i.width_mm * i.height_mm) / 1000 AS volume_ml
        FROM inventory.bin_stock AS s
        JOIN catalog.item AS i ON i.id = s.item_id
        WHERE s.location_id = %(location_id)s
        GROUP BY s.bin
    ) AS f ON f.bin = b.code
    WHERE b.location_id = %(location_id)s
    GROUP BY b.purpose
    ORDER BY b.purpose
    """,
)


class _Stock(msgspec.Struct, frozen=True):
    units: int
    volume_ml: int
    unmeasured: int


_STOCK = query(
    _Stock,
    """
    SELECT coalesce(sum(s.on_hand - s.picked), 0)::int8 AS units,
           coalesce(sum((s.on_hand - s.picked) * i.length_mm::int8 * i.width_mm * i.height_mm)
                    / 1000, 0)::int8 AS volume_ml,
           coalesce(sum(s.on_hand - s.picked)
                    FILTER (WHERE i.length_mm::int8 * i.width_mm * i.height_mm IS NULL), 0)::int8
               AS unmeasured
    FROM inventory.stock AS s
    JOIN catalog.item AS i ON i.id = s.item_id
    WHERE s.location_id = %(location_id)s
    """,
)


class _Coming(msgspec.Struct, frozen=True):
    begins: date
    units: int
    volume_ml: int
    unmeasured: int


_COMING = query(
    _Coming,
    """
    SELECT w.begins, sum(w.units)::int8 AS units,
           coalesce(sum(w.units * w.unit_mm3) / 1000, 0)::int8 AS volume_ml,
           coalesce(sum(w.units) FILTER (WHERE w.unit_mm3 IS NULL), 0)::int8 AS unmeasured
    FROM (
        SELECT greatest(%(monday)s::date,
                        date_trunc('week', coalesce(c.expected_on, %(monday)s::date))::date)
                   AS begins,
               c.units, i.length_mm::int8 * i.width_mm * i.height_mm AS unit_mm3
        FROM (
            SELECT t.expected_on, l.item_id,
                   CASE WHEN t.shipped_at IS NULL THEN l.requested
                        ELSE l.shipped - l.received - l.damaged - l.missing END AS units
            FROM inventory.transfer AS t
            JOIN inventory.transfer_line AS l ON l.transfer_id = t.id
            WHERE t.to_location_id = %(location_id)s
              AND t.state IN ('requested', 'shipped', 'partly_received')
            UNION ALL
            SELECT e.expected_on, e.item_id, e.qty - e.received
            FROM inventory.expected_receipt AS e
            WHERE e.location_id = %(location_id)s AND e.state = 'open'
        ) AS c
        JOIN catalog.item AS i ON i.id = c.item_id
    ) AS w
    WHERE w.units > 0
    GROUP BY w.begins
    ORDER BY w.begins
    LIMIT 520
    """,
)
