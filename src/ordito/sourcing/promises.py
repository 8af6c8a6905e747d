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


class Basis(msgspec.Struct, frozen=True):
    """What a promise rests on beside calendars: a queue, or history.

    level:         percent of such promises that the channel wants kept; None: by calendar.
    probability:   of arriving by the day promised, in thousandths. model: version of what was
                   learned. observations: parts that it was learned of.
    calendar_on:   day of sending by calendar and queue; calendar_delivers_on: of delivery.
    queue_minutes: of work that was waiting there.
    """

    calendar_on: date
    calendar_delivers_on: date
    queue_minutes: int = 0
    level: int | None = None
    probability: int | None = None
    model: int | None = None
    observations: int | None = None


class Promise(msgspec.Struct, frozen=True):
    """What can be kept if the place works as it says.

    ready_at:    picked and packed.
    ships_at:    the carrier's pick-up (UTC); when it is collected by the buyer, `ready_at`.
    ships_on:    its day at the place.
    delivers_on: its day at the destination.
    tariff:      of the service that brings it; "" when the buyer collects it, or when no service of
                 the place is known to go there.
    basis:       None when it is what calendars and pick-ups say.
    """

    ready_at: datetime
    ships_at: datetime
    ships_on: date
    delivers_on: date
    tariff: str = ""
    basis: Basis | None = None


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


def local_day(place: Place, at: datetime) -> date:
    """The place's day at an instant."""
    return at.astimezone(_zone(place.time_zone)).date()


def find_ready(
    place: Place, at: datetime, waiting: int = 0, queued: int | None = None
) -> datetime | None:
    """When an order that comes `at` is picked and packed (UTC); None when the place never opens.

    Work begins when the place opens. After the cut-off, or on a closed day, it is work of the next
    open day. waiting: work accepted before it, in what the place's capacity is counted in: whole
    days of it pass first. queued: pieces that wait to be packed there; where they and the place's
    pace are known, they say how long it takes, and `waiting` doesn't count.
    """
    local = at.astimezone(_zone(place.time_zone))
    day, minute = local.date(), local.hour * 60 + local.minute
    begins = max(at, local_instant(place, day, place.opens))
    late = place.cut_off is not None and minute > place.cut_off
    minutes = count_queue_minutes(place, queued)
    ahead = waiting // place.capacity_daily if place.capacity_daily and minutes is None else 0
    if late or not is_open(place, day.weekday(), day.isoformat()):
        ahead += 1
    for _ in range(ahead):
        following = next_open(place, day)
        if following is None:
            return None
        day, begins = following, local_instant(place, following, place.opens)
    turn = _work_off(place, begins, minutes) if minutes else begins
    return None if turn is None else turn + timedelta(minutes=place.pick_minutes)


def count_queue_minutes(place: Place, queued: int | None) -> int | None:
    """Working minutes until so many pieces are packed; None where that isn't known."""
    if queued is None or place.units_hourly is None:
        return None
    return -(-queued * 60 // place.units_hourly)


def _work_off(place: Place, begins: datetime, minutes: int) -> datetime | None:
    """When so many working minutes after `begins` are over, closed days and nights left out."""
    day = begins.astimezone(_zone(place.time_zone)).date()
    for _ in range(_DAYS_MOST):
        left = int((_closing(place, day) - begins).total_seconds()) // 60
        if minutes <= left:
            return begins + timedelta(minutes=minutes)
        minutes -= max(0, left)
        following = next_open(place, day)
        if following is None:
            return None
        day, begins = following, local_instant(place, following, place.opens)
    return None


def _closing(place: Place, day: date) -> datetime:
    if place.closes is None:
        return local_instant(place, day + _DAY, 0)
    return local_instant(place, day, place.closes)


def next_open(place: Place, day: date) -> date | None:
    """The first day after `day` on which the place works; None when it never does."""
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
    place: Place,
    hops: Sequence[Hop],
    country: str,
    at: datetime,
    waiting: int = 0,
    queued: int | None = None,
) -> list[Promise | None]:
    """What each of the place's services to a destination promises; None where it is nothing.

    waiting, queued: as for `find_ready`.
    """
    ready_at = find_ready(place, at, waiting, queued)
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


def promise_collection(
    place: Place, at: datetime, waiting: int = 0, queued: int | None = None
) -> Promise | None:
    """When the buyer can collect it at the place."""
    ready_at = find_ready(place, at, waiting, queued)
    if ready_at is None:
        return None
    day = ready_at.astimezone(_zone(place.time_zone)).date()
    return Promise(ready_at, ready_at, day, day)
