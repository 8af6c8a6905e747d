"""When a parcel leaves and arrives: queue, pick time, cut-off, pick-ups and the carrier's days.

Pure arithmetic; times of the day are local to the place, and daylight saving is the zone's.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ordito.sourcing.calendars import is_holiday, is_open
from ordito.sourcing.types import Place, Service

_DAYS_MOST = 400
"""A place or carrier that doesn't work within so many days promises nothing."""
_DAY = timedelta(days=1)


class Promise(msgspec.Struct, frozen=True):
    """What can be kept if the place works as it says.

    ready_at:    picked and packed.
    ships_at:    the carrier's pick-up (UTC); when it is collected by the buyer, `ready_at`.
    ships_on:    its day at the place.
    delivers_on: its day at the destination.
    tariff:      of the service that brings it; "" when the buyer collects it.
    """

    ready_at: datetime
    ships_at: datetime
    ships_on: date
    delivers_on: date
    tariff: str = ""


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_instant(place: Place, day: date, minute: int) -> datetime:
    """The instant (UTC) of a minute of the place's local day.

    A minute that is skipped in spring counts as it would without the change; of one that comes
    twice in autumn it is the first.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), _zone(place.time_zone))
    return wall.astimezone(UTC)


def find_ready(place: Place, at: datetime, waiting: int = 0) -> datetime | None:
    """When an order that comes `at` is picked and packed (UTC); None when the place never opens.

    Work begins when the place opens. After the cut-off, or on a closed day, it is work of the next
    open day. waiting: fulfillment orders before it; whole days of the place's capacity pass first.
    """
    local = at.astimezone(_zone(place.time_zone))
    day, minute = local.date(), local.hour * 60 + local.minute
    begins = max(at, local_instant(place, day, place.opens))
    late = place.cut_off is not None and minute > place.cut_off
    ahead = waiting // place.capacity_daily if place.capacity_daily else 0
    if late or not is_open(place, day.weekday(), day.isoformat()):
        ahead += 1
    for _ in range(ahead):
        following = _next_open(place, day)
        if following is None:
            return None
        day, begins = following, local_instant(place, following, place.opens)
    return begins + timedelta(minutes=place.pick_minutes)


def _next_open(place: Place, day: date) -> date | None:
    for ahead in range(1, _DAYS_MOST):
        following = day + ahead * _DAY
        if is_open(place, following.weekday(), following.isoformat()):
            return following
    return None


def find_pickup(place: Place, service: Service, ready_at: datetime) -> datetime | None:
    """The first pick-up (UTC) of a service at or after an instant; None when there is none."""
    first = ready_at.astimezone(_zone(place.time_zone)).date()
    for ahead in range(_DAYS_MOST):
        day = first + ahead * _DAY
        weekday = day.weekday()
        if not service.weekdays >> weekday & 1 or not is_open(place, weekday, day.isoformat()):
            continue
        for minute in service.pickups:
            pickup = local_instant(place, day, minute)
            if pickup >= ready_at:
                return pickup
    return None


class Hop(NamedTuple):
    """A place's service (its number there) and the carrier's days to a zone."""

    service: int
    transit_days: int
    delivery_days: int
    """Weekdays on which the carrier works; bit 0 is Monday."""


def find_delivery(hop: Hop, country: str, ships_on: date) -> date | None:
    """The day of delivery: so many of the carrier's working days after the pick-up.

    With none at all it is the day itself, or the first working day after it.
    """
    left, day = hop.transit_days, ships_on
    for _ in range(_DAYS_MOST):
        if left <= 0 and _delivers(hop, country, day):
            return day
        day += _DAY
        if left > 0 and _delivers(hop, country, day):
            left -= 1
    return None


def _delivers(hop: Hop, country: str, day: date) -> bool:
    return bool(hop.delivery_days >> day.weekday() & 1) and not is_holiday(country, day)


def promise_hops(
    place: Place, hops: Sequence[Hop], country: str, at: datetime, waiting: int = 0
) -> list[Promise | None]:
    """What each of the place's services to a destination promises; None where it is nothing."""
    ready_at = find_ready(place, at, waiting)
    if ready_at is None:
        return [None] * len(hops)
    return [_promise_hop(place, hop, country, ready_at) for hop in hops]


def _promise_hop(place: Place, hop: Hop, country: str, ready_at: datetime) -> Promise | None:
    service = place.services[hop.service]
    ships_at = find_pickup(place, service, ready_at)
    if ships_at is None:
        return None
    ships_on = ships_at.astimezone(_zone(place.time_zone)).date()
    delivers_on = find_delivery(hop, country, ships_on)
    if delivers_on is None:
        return None
    return Promise(ready_at, ships_at, ships_on, delivers_on, service.tariff)


def promise_collection(place: Place, at: datetime, waiting: int = 0) -> Promise | None:
    """When the buyer can collect it at the place."""
    ready_at = find_ready(place, at, waiting)
    if ready_at is None:
        return None
    day = ready_at.astimezone(_zone(place.time_zone)).date()
    return Promise(ready_at, ready_at, day, day)
