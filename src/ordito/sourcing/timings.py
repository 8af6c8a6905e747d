"""When work on a part begins, so that it arrives on the days that its lines were ordered for.

Days are those of arrival at the customer, or of collection; where nothing is known of a place's
carriers, a parcel arrives on the day on which its work begins.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ordito.sourcing.calendars import is_open
from ordito.sourcing.parcels import promise_parcel
from ordito.sourcing.promises import Promise, local_instant
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.types import Allocation, Load, Place, SourcingRequest

_DAY = timedelta(days=1)
AHEAD_MOST = timedelta(days=730)
"""Dates further ahead than this are mistakes."""


class Dates(msgspec.Struct, frozen=True):
    """The days of arrival a line was ordered for, and the day from which its item is sold."""

    not_before: date | None = None
    requested_on: date | None = None
    latest_on: date | None = None
    released_on: date | None = None

    @property
    def limit(self) -> date | None:
        """The last day that keeps what was asked."""
        return self.latest_on or self.requested_on


class TimedPart(msgspec.Struct, frozen=True):
    """What one place sends of lines with the same dates.

    opens_at: when work on it is to begin; None for at once.
    late:     it arrives after the last day that was asked for.
    """

    place: int
    dates: Dates
    opens_at: datetime | None
    promise: Promise | None
    ships_on: date
    arrives_on: date
    late: bool


def time_parts(
    request: SourcingRequest,
    network: CompiledPolicy,
    allocations: Iterable[Allocation],
    dates: Mapping[int, Dates],
    load: Load,
) -> dict[tuple[int, Dates], TimedPart]:
    """When each place begins with what it sends of the dated lines, by place and dates.

    dates: by line; lines without any are left out, their work begins at once.
    """
    weights = {want.line_no: want.weight_g for want in request.wants}
    unknown = network.policy.objective.unknown_weight_g
    grams: dict[tuple[int, Dates], int] = {}
    for allocation in allocations:
        wanted = dates.get(allocation.line_no)
        if wanted is None:
            continue
        weight = weights[allocation.line_no]
        key = (allocation.place, wanted)
        each = unknown if weight is None else weight
        grams[key] = grams.get(key, 0) + allocation.qty * each
    return {
        key: _time_part(_Clock(request, network, key[0], weight, load), key[1])
        for key, weight in grams.items()
    }


class _Clock:
    """What a place promises for a parcel whose work begins at an instant."""

    def __init__(
        self, request: SourcingRequest, network: CompiledPolicy, no: int, weight_g: int, load: Load
    ) -> None:
        assert request.at is not None, "an order is placed at some instant"
        self.place: Place = network.lanes.place(no)
        self.now: datetime = request.at
        self._request = request
        self._network = network
        self._weight_g = weight_g
        self._load = load

    def promise(self, at: datetime) -> Promise | None:
        asked = msgspec.structs.replace(self._request, at=at)
        # Who waits today has long been served on another day.
        load = self._load if at == self.now else {}
        return promise_parcel(asked, self._network, self.place.no, self._weight_g, load)

    def arrival(self, at: datetime) -> date:
        promise = self.promise(at)
        return self.day(at) if promise is None else promise.delivers_on

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.place.time_zone)).date()

    def begin(self, day: date) -> datetime:
        """When the place begins to work on a day."""
        return local_instant(self.place, day, self.place.opens)


def _time_part(clock: _Clock, dates: Dates) -> TimedPart:
    opens_at = _find_opening(clock, dates)
    promise = clock.promise(opens_at)
    day = clock.day(opens_at)
    arrives_on = day if promise is None else promise.delivers_on
    return TimedPart(
        clock.place.no,
        dates,
        opens_at if opens_at > clock.now else None,
        promise,
        day if promise is None else promise.ships_on,
        arrives_on,
        dates.limit is not None and arrives_on > dates.limit,
    )


def _find_opening(clock: _Clock, dates: Dates) -> datetime:
    """The instant at which work is to begin: as late as keeps the day that was asked for."""
    earliest = clock.now
    if dates.released_on is not None:
        earliest = max(earliest, clock.begin(dates.released_on))
    soonest = clock.arrival(earliest)
    wanted = dates.requested_on or dates.not_before
    if wanted is None or soonest >= wanted:
        return earliest
    day = wanted
    first = clock.day(earliest)
    if dates.requested_on is not None:
        while day > first and clock.arrival(clock.begin(day)) > dates.requested_on:
            day -= _DAY
    if dates.not_before is not None:
        if dates.requested_on is None:
            while day - _DAY > first and clock.arrival(clock.begin(day - _DAY)) >= wanted:
                day -= _DAY
        # Nothing comes on the very day, such as a Sunday: rather later than too early.
        while clock.arrival(clock.begin(day)) < dates.not_before and day - wanted < AHEAD_MOST:
            day += _DAY
    # A closed day is as good as the next open one, and tells nobody to work on a Sunday.
    while not is_open(clock.place, day.weekday(), day.isoformat()) and day - wanted < AHEAD_MOST:
        day += _DAY
    return max(earliest, clock.begin(day))
