"""What waits to be packed at locations, and how fast they pack: counted for promises."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


class Pace(msgspec.Struct, frozen=True):
    """Pieces that a location packs in an hour, learned from so many days."""

    location_id: UUID
    units_hourly: int
    days: int


class Backlog(msgspec.Struct, frozen=True):
    """Pieces that wait to be packed."""

    location_id: UUID
    units: int


def read_paces(tx: Tx) -> dict[UUID, int]:
    """Pieces an hour, as learned, by location."""
    return {row.location_id: row.units_hourly for row in _PACES.all(tx)}


_PACES = query(Pace, "SELECT location_id, units_hourly, days FROM fulfillment.pace")


def replace_paces(tx: Tx, paces: Iterable[Pace]) -> None:
    """Keep what was learned; locations that aren't named have no pace any more."""
    rows = [(pace.location_id, pace.units_hourly, pace.days, tx.now) for pace in paces]
    _FORGET.run(tx, location_ids=uuids(row[0] for row in rows))
    _WRITE.run(tx, rows)


_FORGET = statement("""
    DELETE FROM fulfillment.pace
    WHERE location_id <> ALL(%(location_ids)s::uuid[])
""")

_WRITE = bulk("""
    INSERT INTO fulfillment.pace (location_id, units_hourly, days, learned_at)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::timestamptz[])
    ON CONFLICT (location_id) DO UPDATE
    SET units_hourly = excluded.units_hourly, days = excluded.days,
        learned_at = excluded.learned_at
""")


def send_backlogs(tx: Tx, location_ids: Iterable[UUID]) -> Any:
    """Ask for what waits at locations; rows are Backlog. None without locations."""
    ids = list(location_ids)
    return _BACKLOGS.send(tx, location_ids=uuids(ids)) if ids else None


def queue_of(rows: Iterable[Backlog] | None, no_by_id: Mapping[str, int]) -> dict[int, int]:
    """Waiting pieces by the places' numbers."""
    return {no_by_id[str(row.location_id)]: row.units for row in rows or ()}


_BACKLOGS = query(
    Backlog,
    """
    SELECT location_id, units
    FROM fulfillment.backlog
    WHERE location_id = ANY(%(location_ids)s::uuid[])
    """,
)


def count_backlogs(tx: Tx, location_ids: Iterable[UUID]) -> int:
    """Count what waits at these locations, and forget others; returns how many changed.

    Orders on hold and those scheduled for later don't wait for anybody at the location.
    """
    ids = uuids(location_ids)
    _DROP.run(tx, location_ids=ids)
    return _COUNT.run(tx, location_ids=ids, at=tx.now)


_DROP = statement("""
    DELETE FROM fulfillment.backlog
    WHERE location_id <> ALL(%(location_ids)s::uuid[])
""")

_COUNT = statement("""
    INSERT INTO fulfillment.backlog AS b (location_id, units, at)
    SELECT asked.location_id, coalesce(w.units, 0), %(at)s
    FROM unnest(%(location_ids)s::uuid[]) AS asked (location_id)
    LEFT JOIN (
        SELECT f.location_id, sum(l.qty - l.packed)::int8 AS units
        FROM fulfillment.fulfillment_order AS f
        JOIN orders.sales_order AS o ON o.id = f.order_id
        JOIN fulfillment.line AS l ON l.order_id = f.order_id AND l.fo_no = f.fo_no
        WHERE f.location_id = ANY(%(location_ids)s::uuid[])
          AND f.state IN ('open', 'released', 'picking', 'picked')
          AND o.fulfilment <> 'on_hold'
        GROUP BY f.location_id
    ) AS w ON w.location_id = asked.location_id
    ON CONFLICT (location_id) DO UPDATE
    SET units = excluded.units, at = excluded.at
    WHERE b.units <> excluded.units
""")
