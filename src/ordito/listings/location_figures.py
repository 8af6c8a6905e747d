"""Locations in figures: the work that waits there, what is late, and how full the day is."""

from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query


class LocationFigures(msgspec.Struct, frozen=True):
    """A location's work now.

    open_work: fulfillment orders that are not shipped, handed over or ended.
    late:      of these, promised before the location's today.
    accepted:  work accepted on the location's today, in what its capacity is counted in; counted
               only where it is limited. queued: pieces that wait to be packed, where its pace is
               known. units_hourly: that pace, as set or learned.
    """

    location_id: UUID
    open_work: int
    late: int
    accepted: int
    queued: int | None
    units_hourly: int | None


def list_figures(tx: Tx) -> dict[UUID, LocationFigures]:
    """The figures of every location that the reader sees, by id.

    Fulfillment orders of channels that the reader doesn't see count too: they are work all the
    same, and nothing but their number is told.
    """
    scope = None if tx.actor.location_ids is None else sorted(tx.actor.location_ids)
    rows = _FIGURES.all(tx, location_ids=scope, now=tx.now)
    return {row.location_id: row for row in rows}


_FIGURES = query(
    LocationFigures,
    """
    SELECT l.id AS location_id, coalesce(w.open_work, 0)::int8 AS open_work,
           coalesce(w.late, 0)::int8 AS late,
           coalesce(CASE l.capacity_unit WHEN 'lines' THEN d.lines WHEN 'units' THEN d.units
                    ELSE d.accepted END, 0)::int8 AS accepted,
           b.units AS queued, coalesce(l.units_hourly, r.units_hourly) AS units_hourly
    FROM locations.location AS l
    LEFT JOIN (
        SELECT f.location_id, count(*) AS open_work,
               count(*) FILTER (
                   WHERE f.promised_on < (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date
               ) AS late
        FROM fulfillment.fulfillment_order AS f
        JOIN locations.location AS p ON p.id = f.location_id
        WHERE f.state IN
              ('scheduled', 'open', 'released', 'picking', 'picked', 'packed', 'ready')
          AND (%(location_ids)s::uuid[] IS NULL OR f.location_id = ANY(%(location_ids)s::uuid[]))
        GROUP BY f.location_id
    ) AS w ON w.location_id = l.id
    LEFT JOIN fulfillment.daily_load AS d
      ON d.location_id = l.id
     AND d.day = (%(now)s::timestamptz AT TIME ZONE l.time_zone)::date
    LEFT JOIN fulfillment.backlog AS b ON b.location_id = l.id
    LEFT JOIN fulfillment.pace AS r ON r.location_id = l.id
    WHERE %(location_ids)s::uuid[] IS NULL OR l.id = ANY(%(location_ids)s::uuid[])
    ORDER BY l.id
    LIMIT 10000
    """,
)


class StockThere(msgspec.Struct, frozen=True):
    """Pieces at a location, over all items: what a closed place no longer offers is `available`."""

    items: int
    on_hand: int
    available: int
    reserved: int
    picked: int


def read_stock_there(tx: Tx, location_id: UUID) -> StockThere:
    """The stock of one location; the caller has looked whether the reader may see it."""
    return _THERE.one(tx, location_id=location_id)


_THERE = query(
    StockThere,
    """
    SELECT count(*) FILTER (WHERE on_hand > 0) AS items,
           coalesce(sum(on_hand), 0)::int8 AS on_hand,
           coalesce(sum(available), 0)::int8 AS available,
           coalesce(sum(reserved), 0)::int8 AS reserved,
           coalesce(sum(picked), 0)::int8 AS picked
    FROM inventory.stock
    WHERE location_id = %(location_id)s
    """,
)
