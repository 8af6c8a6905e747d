"""Slots in which orders can be brought to an address: whose zones hold it, and what has room."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.fulfillment import slot_days
from ordito.fulfillment.stop_types import SlotDay, SlotKey
from ordito.locations.distances import Position
from ordito.locations.local_types import Slot, Zone
from ordito.locations.types import Location
from ordito.locations.zones import holds_address
from ordito.platform.database import Tx
from ordito.sourcing.calendars import is_open
from ordito.sourcing.types import Place

DAYS_AHEAD = 14
"""Slots of today and so many days after it can be chosen."""
NEXT_TOLD = 5
"""Free slots that a refusal names."""

_ONE_DAY = timedelta(days=1)


class LocalArea(msgspec.Struct, frozen=True):
    """A location that brings orders itself: the zones and slots that are switched on."""

    location: Location
    place: Place
    zones: tuple[Zone, ...]
    slots: tuple[Slot, ...]

    def holds(self, country: str, postal_code: str, there: Position | None) -> bool:
        """Whether one of its zones holds the address."""
        here = None
        if self.location.latitude is not None and self.location.longitude is not None:
            here = Position(self.location.latitude, self.location.longitude)
        return any(
            holds_address(zone, country, postal_code, here=here, there=there) for zone in self.zones
        )


class SlotTime(msgspec.Struct, frozen=True):
    """A slot on a day. starts_at, ends_at: in UTC; cut_off_at: it can be chosen until then."""

    location: Location
    slot: str
    on_day: date
    starts_at: datetime
    ends_at: datetime
    cut_off_at: datetime
    places: int

    @property
    def key(self) -> SlotKey:
        return self.location.id, self.slot, self.on_day


def areas_of(
    locations: Iterable[Location],
    places: Iterable[Place],
    zones: Iterable[Zone],
    slots: Iterable[Slot],
) -> dict[UUID, LocalArea]:
    """Locations that bring orders themselves, by id."""
    by_no = {place.no: place for place in places}
    zones_of: dict[UUID, list[Zone]] = {}
    slots_of: dict[UUID, list[Slot]] = {}
    for zone in zones:
        if zone.active:
            zones_of.setdefault(zone.location_id, []).append(zone)
    for slot in slots:
        if slot.active:
            slots_of.setdefault(slot.location_id, []).append(slot)
    return {
        location.id: LocalArea(
            location,
            by_no[location.no],
            tuple(zones_of[location.id]),
            tuple(slots_of.get(location.id, ())),
        )
        for location in locations
        if location.active and location.kind != "history" and location.id in zones_of
    }


def list_times(area: LocalArea, now: datetime, days: int = DAYS_AHEAD) -> Iterator[SlotTime]:
    """The slots of a location that can be chosen still, soonest first, whether or not they have
    room. Days on which it is closed are left out."""
    zone = ZoneInfo(area.location.time_zone)
    today = now.astimezone(zone).date()
    for ahead in range(days + 1):
        day = today + ahead * _ONE_DAY
        if not is_open(area.place, day.weekday(), day.isoformat()):
            continue
        for slot in area.slots:
            if slot.weekdays >> day.weekday() & 1:
                found = time_slot(area.location, slot, day)
                if now < found.cut_off_at:
                    yield found


def time_slot(location: Location, slot: Slot, day: date) -> SlotTime:
    """A slot on a day, whether or not it takes place then."""
    zone = ZoneInfo(location.time_zone)
    starts_at = _instant(day, slot.starts, zone)
    return SlotTime(
        location,
        slot.code,
        day,
        starts_at,
        _instant(day, slot.ends, zone),
        starts_at - timedelta(minutes=slot.cut_off_minutes),
        slot.places,
    )


def _instant(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(_UTC)


_UTC = ZoneInfo("UTC")


class LocalFacts(msgspec.Struct):
    """What is taken of slots, and the free stock of the items in question (item id → place →
    units), as far as it was read. Both are counted on as drafts choose."""

    booked: dict[SlotKey, int]
    free: dict[str, dict[int, int]]

    def left(self, time_: SlotTime) -> int:
        return time_.places - self.booked.get(time_.key, 0)

    def take(self, time_: SlotTime, pieces: Mapping[str, int]) -> None:
        """One place of the slot, and pieces (by item id) at its location, are taken."""
        self.booked[time_.key] = self.booked.get(time_.key, 0) + 1
        for item_id, qty in pieces.items():
            units = self.free.get(item_id, {})
            if time_.location.no in units:
                units[time_.location.no] -= qty


def send_booked(tx: Tx, areas: Iterable[LocalArea], now: datetime) -> Any:
    """Ask what is taken of the slots that can be chosen; rows are SlotDays."""
    # A day more on both ends: it is another date elsewhere.
    first, last = now.date() - _ONE_DAY, now.date() + (DAYS_AHEAD + 1) * _ONE_DAY
    return slot_days.send_booked(tx, [area.location.id for area in areas], first, last)


def count_booked(rows: Iterable[SlotDay]) -> dict[SlotKey, int]:
    return {row.key: row.booked for row in rows}


def find_areas(
    areas: Mapping[UUID, LocalArea],
    address: tuple[str, str, Position | None],
    allowed: frozenset[int] | None,
) -> list[LocalArea]:
    """Locations whose zones hold an address (country, postal code, position) and that a channel
    may use."""
    return [
        area
        for area in areas.values()
        if (allowed is None or area.place.no in allowed) and area.holds(*address)
    ]


def list_free(areas: Sequence[LocalArea], facts: LocalFacts, now: datetime) -> list[SlotTime]:
    """Slots with room, soonest first."""
    found = [time_ for area in areas for time_ in list_times(area, now) if facts.left(time_) > 0]
    return sorted(found, key=lambda time_: (time_.starts_at, time_.location.code, time_.slot))


def has_stock(place: int, pieces: Mapping[str, int], facts: LocalFacts) -> bool:
    """Whether a place has all the pieces (by item id) free."""
    return all(facts.free.get(item_id, {}).get(place, 0) >= qty for item_id, qty in pieces.items())
