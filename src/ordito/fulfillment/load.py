"""How much work a location has accepted today; counted only where its capacity is limited."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.arrays import dates, uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class Accepted(msgspec.Struct, frozen=True):
    """Fulfillment orders accepted on a day, and the order lines and units (kits count as one) in
    them."""

    location_id: UUID
    accepted: int
    lines: int
    units: int


class Tally:
    """Fulfillment orders that locations have just accepted, by location."""

    def __init__(self) -> None:
        self._counts: dict[UUID, tuple[int, int, int]] = {}

    def add(self, location_id: UUID, lines: int, units: int) -> None:
        """One fulfillment order with so many lines and units."""
        before = self._counts.get(location_id, (0, 0, 0))
        self._counts[location_id] = (before[0] + 1, before[1] + lines, before[2] + units)

    def __bool__(self) -> bool:
        return bool(self._counts)

    def rows(self, days: Mapping[UUID, date]) -> list[tuple[UUID, date, int, int, int]]:
        """In the order of the ids: two that count the same locations can't deadlock."""
        return [(id_, days[id_], *counts) for id_, counts in sorted(self._counts.items())]


def send_read(tx: Tx, days: Mapping[UUID, date]) -> Any:
    """Ask for the work accepted at each location on its day; rows are Accepted."""
    if not days:
        return None
    return _READ.send(tx, location_ids=uuids(days.keys()), days=dates(days.values()))


_READ = query(
    Accepted,
    """
    SELECT location_id, accepted, lines, units
    FROM fulfillment.daily_load
    JOIN unnest(%(location_ids)s::uuid[], %(days)s::date[]) AS asked (location_id, day)
      USING (location_id, day)
    """,
)


def send_raise(tx: Tx, accepted: Tally, days: Mapping[UUID, date]) -> None:
    """Count accepted fulfillment orders; days: today at each of their locations."""
    _RAISE.send(tx, accepted.rows(days))


_RAISE = bulk("""
    INSERT INTO fulfillment.daily_load AS l (location_id, day, accepted, lines, units)
    SELECT * FROM unnest(%s::uuid[], %s::date[], %s::int4[], %s::int4[], %s::int8[])
    ON CONFLICT (location_id, day) DO UPDATE
    SET accepted = l.accepted + excluded.accepted, lines = l.lines + excluded.lines,
        units = l.units + excluded.units
""")
