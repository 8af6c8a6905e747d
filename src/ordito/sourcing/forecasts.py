"""Days that are kept with a stated probability: calendars shifted by what was learned of delays.

The two delays of a part are taken as independent of each other: what lies between them is the
carrier's door.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import msgspec

from ordito.sourcing.calendars import is_holiday
from ordito.sourcing.delays import Delays, Spread
from ordito.sourcing.promises import (
    Basis,
    Hop,
    Promise,
    find_pickup,
    local_day,
    local_instant,
    next_open,
)
from ordito.sourcing.types import Place

UNPLANNED = Hop(-1, 0, 0b0011111)
"""What stands for a service where a place names none: all of the carrier's days are learned."""

_KEPT = 20_000
_ALMOST = 1e-9


class Outlook(NamedTuple):
    """The earliest days that are kept often enough.

    sent_at:      pick-up, where it isn't the one by calendar. probability: of arriving by
                  `delivers_on`, in thousandths. observations: of the smaller group.
    """

    sent_at: datetime | None
    ships_on: date
    delivers_on: date
    probability: int
    observations: int


class Outlooks:
    """Outlooks of a network of places, kept for promises alike. Safe to share between threads."""

    def __init__(self, places: Sequence[Place], delays: Delays) -> None:
        self._places = {place.no: place for place in places}
        self.delays = delays
        self._look = lru_cache(_KEPT)(self._find)

    def shift(
        self, no: int, hop: Hop, country: str, promise: Promise, level: int
    ) -> Promise | None:
        """The promise with days kept in `level` percent of cases; None where too little is known.

        promise: by calendar and queue, of the place's service `hop` to the country.
        """
        outlook = self._look(no, hop, country, promise.ships_on, level)
        if outlook is None:
            return None
        before = promise.basis
        return msgspec.structs.replace(
            promise,
            ships_at=max(outlook.sent_at or promise.ships_at, promise.ready_at),
            ships_on=outlook.ships_on,
            delivers_on=outlook.delivers_on,
            basis=Basis(
                calendar_on=promise.ships_on,
                calendar_delivers_on=promise.delivers_on,
                queue_minutes=before.queue_minutes if before else 0,
                level=level,
                probability=outlook.probability,
                model=self.delays.version,
                observations=outlook.observations,
            ),
        )

    def _find(self, no: int, hop: Hop, country: str, ships_on: date, level: int) -> Outlook | None:
        place = self._places[no]
        tariff = place.services[hop.service].tariff if hop.service >= 0 else ""
        dispatch = self.delays.find_dispatch(no, tariff, level)
        transit = self.delays.find_transit(no, tariff, country, level)
        if dispatch is None or transit is None:
            return None
        late = _find_quantile(dispatch, level)
        sendings = list_sendings(place, hop, ships_on, len(dispatch.chances))
        if late is None or late >= len(sendings):
            return None
        arrivals: defaultdict[date, float] = defaultdict(float)
        for chance, (_, sent_on) in zip(dispatch.chances, sendings, strict=False):
            if chance:
                for days, part in enumerate(transit.chances, start=transit.first):
                    if part:
                        arrives_on = _deliver(
                            hop.delivery_days, country, sent_on, hop.transit_days + days
                        )
                        if arrives_on is not None:
                            arrivals[arrives_on] += chance * part
        sure = 0.0
        for arrives_on, chance in sorted(arrivals.items()):
            sure += chance
            if sure * 100 >= level - _ALMOST:
                sent_at, sent_on = sendings[late]
                return Outlook(
                    sent_at if late else None,
                    sent_on,
                    max(arrives_on, sent_on),
                    max(1, int(round(sure * 1000, 6))),
                    min(dispatch.observations, transit.observations),
                )
        return None


def _find_quantile(spread: Spread, level: int) -> int | None:
    """The fewest days, from `first` = 0 on, that are enough often enough."""
    sure = 0.0
    for days, chance in enumerate(spread.chances, start=spread.first):
        sure += chance
        if sure * 100 >= level - _ALMOST:
            return max(0, days)
    return None


def list_sendings(
    place: Place, hop: Hop, first_on: date, count: int
) -> list[tuple[datetime | None, date]]:
    """When a part leaves that is 0, 1, … open days late: pick-up (None for the first), its day."""
    found: list[tuple[datetime | None, date]] = [(None, first_on)]
    day = first_on
    while len(found) < count:
        following = next_open(place, day)
        if following is None:
            break
        day = following
        if hop.service < 0:
            closes = local_instant(place, day, 0 if place.closes is None else place.closes)
            sent_at = closes if place.closes is not None else closes + timedelta(hours=23)
            found.append((sent_at, day))
            continue
        pickup = find_pickup(place, place.services[hop.service], local_instant(place, day, 0))
        if pickup is None:
            break
        found.append((pickup, local_day(place, pickup)))
    return found


def _deliver(delivery_days: int, country: str, sent_on: date, days: int) -> date | None:
    """The day so many of the carrier's working days after the pick-up, as `find_delivery` says."""
    known = _list_working_days(delivery_days, country, sent_on.year)
    at = bisect_left(known, sent_on) if days <= 0 else bisect_right(known, sent_on) + days - 1
    return known[at] if at < len(known) else None


@lru_cache(1000)
def _list_working_days(delivery_days: int, country: str, year: int) -> list[date]:
    """The carrier's working days of a year and the next one."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 2, 1, 1) - first).days))
    return [
        day for day in days if delivery_days >> day.weekday() & 1 and not is_holiday(country, day)
    ]
