"""Levels of pick bins, and the work of filling them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ordito.inventory.bin_types import PickLevel, Replenishment
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


def read_level(tx: Tx, location_id: UUID, item_id: UUID) -> PickLevel | None:
    return _LEVEL.first(tx, location_id=location_id, item_id=item_id)


_LEVEL = query(
    PickLevel,
    """
    SELECT location_id, item_id, bin, units_min, units_max
    FROM inventory.pick_level
    WHERE location_id = %(location_id)s AND item_id = %(item_id)s
    """,
)


def write_level(tx: Tx, level: PickLevel) -> None:
    """Write the level of an item's pick bin; the caller locks the location."""
    _PUT_LEVEL.run(
        tx,
        location_id=level.location_id,
        item_id=level.item_id,
        bin=level.bin,
        units_min=level.units_min,
        units_max=level.units_max,
    )


_PUT_LEVEL = statement("""
    INSERT INTO inventory.pick_level (location_id, item_id, bin, units_min, units_max)
    VALUES (%(location_id)s, %(item_id)s, %(bin)s, %(units_min)s, %(units_max)s)
    ON CONFLICT (location_id, item_id) DO UPDATE
        SET bin = excluded.bin, units_min = excluded.units_min, units_max = excluded.units_max
""")


def drop_level(tx: Tx, location_id: UUID, item_id: UUID) -> None:
    """Forget the level of an item; the caller locks the location."""
    _DROP_LEVEL.run(tx, location_id=location_id, item_id=item_id)


_DROP_LEVEL = statement("""
    DELETE FROM inventory.pick_level
    WHERE location_id = %(location_id)s AND item_id = %(item_id)s
""")


def read_open(tx: Tx, location_id: UUID) -> dict[UUID, Replenishment]:
    """Open work of a location by item."""
    return {row.item_id: row for row in _OPEN.all(tx, location_id=location_id)}


_OPEN = query(
    Replenishment,
    """
    SELECT id, location_id, item_id, bin, units, moved, urgent, raised_at, ended_at
    FROM inventory.replenishment
    WHERE location_id = %(location_id)s AND ended_at IS NULL
    ORDER BY id
    """,
)


def lock_open(tx: Tx, location_id: UUID, item_id: UUID) -> Replenishment | None:
    """Lock the open work for an item; its lock comes after that of the cell."""
    return _LOCK.first(tx, location_id=location_id, item_id=item_id)


_LOCK = query(
    Replenishment,
    """
    SELECT id, location_id, item_id, bin, units, moved, urgent, raised_at, ended_at
    FROM inventory.replenishment
    WHERE location_id = %(location_id)s AND item_id = %(item_id)s AND ended_at IS NULL
    FOR NO KEY UPDATE
    """,
)


def put_work(tx: Tx, rows: Iterable[Replenishment]) -> None:
    """Write new work, or what is asked of open work now; the caller locks the location."""
    _PUT.run(
        tx,
        [
            (row.id, row.location_id, row.item_id, row.bin, row.units, row.urgent, row.raised_at)
            for row in rows
        ],
    )


_PUT = bulk("""
    INSERT INTO inventory.replenishment AS r
        (id, location_id, item_id, bin, units, urgent, raised_at)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::int8[], %s::bool[],
                         %s::timestamptz[])
    ON CONFLICT (location_id, item_id) WHERE ended_at IS NULL DO UPDATE
        SET bin = excluded.bin, units = r.moved + excluded.units, urgent = excluded.urgent
""")


def end_work(tx: Tx, ids: Iterable[UUID], at: datetime) -> None:
    """End open work: done, or not needed any more."""
    _END.run(tx, ids=uuids(ids), at=at)


_END = statement("""
    UPDATE inventory.replenishment SET ended_at = %(at)s
    WHERE id = ANY(%(ids)s::uuid[]) AND ended_at IS NULL
""")


def add_moved(tx: Tx, id_: UUID, units: int, at: datetime) -> None:
    """Units were brought (or, negative, taken back) for locked work; the last one ends it."""
    _MOVED.run(tx, id=id_, units=units, at=at)


_MOVED = statement("""
    UPDATE inventory.replenishment
    SET moved = greatest(0, moved + %(units)s::int8),
        ended_at = CASE WHEN moved + %(units)s::int8 >= units THEN %(at)s::timestamptz END
    WHERE id = %(id)s
""")


def end_all(tx: Tx, location_id: UUID, at: datetime) -> None:
    """Nothing is to be filled where no bin stock is kept."""
    _END_ALL.run(tx, location_id=location_id, at=at)


_END_ALL = statement("""
    UPDATE inventory.replenishment SET ended_at = %(at)s
    WHERE location_id = %(location_id)s AND ended_at IS NULL
""")
