"""Distributions of delays, counted from parts that were sent and parcels that arrived."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from itertools import accumulate

import msgspec

from ordito.sourcing.calendars import is_holiday, is_open
from ordito.sourcing.delays import OBSERVATIONS_LEAST, GroupKey
from ordito.sourcing.forecasts import UNPLANNED
from ordito.sourcing.promises import next_open
from ordito.sourcing.tariffs import Tariff, Zone
from ordito.sourcing.types import Place
from ordito.sourcing.weekdays import bits_of

LATE_MOST = 30
"""Open days; what leaves later counts as never."""
TRANSIT_LEAST, TRANSIT_MOST = -20, 60


class Sending(msgspec.Struct, frozen=True):
    """Parts that left, or didn't yet.

    tariff:  of the service they were promised with; "" without any.
    due_on:  day of sending by calendar and queue; None where none was worked out.
    late:    whether they came after the place's cut-off; placed_on, sent_on: its days. sent_on is
             None for those that wait still.
    """

    place: int
    tariff: str
    due_on: date | None
    placed_on: date
    late: bool
    sent_on: date | None
    parts: int


class Arrival(msgspec.Struct, frozen=True):
    """Parcels that arrived. from_on, to_on: sending and delivery by calendar, None without one."""

    place: int
    tariff: str
    country: str
    from_on: date | None
    to_on: date | None
    sent_on: date
    arrived_on: date
    parts: int


class Group(msgspec.Struct, frozen=True):
    """How many parts took `first` days, `first` + 1, …; what took longer is in observations."""

    first: int
    counts: tuple[int, ...]
    observations: int


class _Days:
    """Counts working days between two days of a period."""

    def __init__(self, works: Callable[[date], bool], since: date, until: date) -> None:
        self._since = since
        count = (until - since).days + 1
        self._open = [works(since + timedelta(days=n)) for n in range(count)]
        self._sums = list(accumulate(self._open, initial=0))

    def between(self, first: date, last: date) -> int:
        """Working days after `first`, up to `last`; a day off counts as the next working day."""
        start, end = (first - self._since).days, (last - self._since).days
        if end <= start:
            return 0
        return self._sums[end + 1] - self._sums[start + 1] + (not self._open[end])


class Learning:
    """Counts delays of a period.

    places: by number. tariffs: by code. since, until: no day that is told lies outside.
    """

    def __init__(
        self,
        places: Mapping[int, Place],
        tariffs: Mapping[str, Tariff],
        since: date,
        until: date,
    ) -> None:
        self._places = places
        self._tariffs = tariffs
        self._period = since, until
        self._place_days: dict[int, _Days] = {}
        self._carrier_days: dict[tuple[int, str], _Days] = {}
        self._counts: defaultdict[GroupKey, Counter[int | None]] = defaultdict(Counter)

    def add_sending(self, one: Sending) -> None:
        """Open days between the day by calendar and the day of sending."""
        place = self._places.get(one.place)
        if place is None:
            return
        late: int | None = None
        due_on = one.due_on or _begin(place, one.placed_on, late=one.late)
        if one.sent_on is not None and due_on is not None:
            late = self._days_of(place).between(due_on, one.sent_on)
        if late is not None and late > LATE_MOST:
            late = None
        keys: list[GroupKey] = [("dispatch", one.place, None, None), ("dispatch", None, None, None)]
        if one.tariff:
            keys.append(("dispatch", one.place, one.tariff, None))
        for key in keys:
            self._counts[key][late] += one.parts

    def add_arrival(self, one: Arrival) -> None:
        """The carrier's days beyond those of its tariff."""
        zone = self._find_zone(one.tariff, one.country)
        days = self._days_there(zone, one.country)
        planned = zone.transit_days if zone else 0
        if one.from_on is not None and one.to_on is not None and one.tariff:
            planned = days.between(one.from_on, one.to_on)
        extra: int | None = days.between(one.sent_on, one.arrived_on) - planned
        if extra is not None and extra > TRANSIT_MOST:
            extra = None
        if extra is not None:
            extra = max(extra, TRANSIT_LEAST)
        keys: list[GroupKey] = [
            ("transit", one.place, one.tariff, one.country),
            ("transit", None, one.tariff, one.country),
        ]
        if one.tariff:
            keys += [("transit", None, one.tariff, None), ("transit", None, None, None)]
        for key in keys:
            self._counts[key][extra] += one.parts

    def groups(self) -> dict[GroupKey, Group]:
        """Every group with enough observations."""
        found = {}
        for key, counts in self._counts.items():
            observations = counts.total()
            days = [day for day in counts if day is not None]
            if observations < OBSERVATIONS_LEAST or not days:
                continue
            first = 0 if key[0] == "dispatch" else min(days)
            told = tuple(counts[day] for day in range(first, max(days) + 1))
            found[key] = Group(first, told, observations)
        return found

    def _find_zone(self, tariff: str, country: str) -> Zone | None:
        known = self._tariffs.get(tariff)
        for zone in known.zones if known else ():
            if not zone.countries or country in zone.countries:
                return zone
        return None

    def _days_of(self, place: Place) -> _Days:
        if place.no not in self._place_days:

            def works(day: date) -> bool:
                return is_open(place, day.weekday(), day.isoformat())

            self._place_days[place.no] = _Days(works, *self._period)
        return self._place_days[place.no]

    def _days_there(self, zone: Zone | None, country: str) -> _Days:
        bits = bits_of(zone.delivery_days) if zone else UNPLANNED.delivery_days
        if (bits, country) not in self._carrier_days:

            def works(day: date) -> bool:
                return bool(bits >> day.weekday() & 1) and not is_holiday(country, day)

            self._carrier_days[bits, country] = _Days(works, *self._period)
        return self._carrier_days[bits, country]


def _begin(place: Place, placed_on: date, *, late: bool) -> date | None:
    """The day on which work begins on what comes then."""
    if not late and is_open(place, placed_on.weekday(), placed_on.isoformat()):
        return placed_on
    return next_open(place, placed_on)


def learn(
    learning: Learning, sendings: Iterable[Sending], arrivals: Iterable[Arrival]
) -> dict[GroupKey, Group]:
    """The groups of all that was sent and arrived."""
    for sending in sendings:
        learning.add_sending(sending)
    for arrival in arrivals:
        learning.add_arrival(arrival)
    return learning.groups()
