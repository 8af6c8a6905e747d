"""Services that places offer to a destination: what each costs and promises."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ordito.sourcing.policies import Objective
from ordito.sourcing.promises import Hop, Promise, promise_collection, promise_hops
from ordito.sourcing.tariffs import (
    PREFIX_MOST,
    Lane,
    Tariff,
    find_zone,
    plain_postal_code,
    price_weight,
)
from ordito.sourcing.types import Place
from ordito.sourcing.weekdays import bits_of

_PROMISES_KEPT = 20_000


class Carriage(NamedTuple):
    """How a parcel goes: its price and cost of days, and what is promised."""

    price: int
    days: int
    promise: Promise | None

    @property
    def cost(self) -> int:
        return self.price + self.days


class Lanes:
    """The lanes of a network of places. Safe to share between threads."""

    def __init__(
        self, places: Sequence[Place], tariffs: Mapping[str, Tariff], objective: Objective
    ) -> None:
        self._places = {place.no: place for place in places}
        self._tariffs = tariffs
        self._priced = frozenset(objective.tariffs)
        self._per_day = objective.per_day
        self._prefix: dict[str, int] = {}
        for tariff in tariffs.values():
            for zone in tariff.zones:
                longest = max(map(len, zone.postal_prefixes), default=0)
                for country in zone.countries or ("",):
                    self._prefix[country] = max(self._prefix.get(country, 0), longest)
        self._promise = lru_cache(_PROMISES_KEPT)(self._find_promises)

    def shorten(self, country: str, postal_code: str) -> str:
        """As much of a postal code as decides about zones."""
        longest = max(self._prefix.get(country, 0), self._prefix.get("", 0))
        return plain_postal_code(postal_code)[: min(longest, PREFIX_MOST)]

    def find(self, no: int, country: str, postal_code: str, km: int | None) -> tuple[Lane, ...]:
        """What a place offers to a destination; only services that are priced, if any are.

        postal_code: as `shorten` gives it.
        """
        found = []
        for index, service in enumerate(self._places[no].services):
            tariff = self._tariffs.get(service.tariff)
            if tariff is None or (self._priced and service.tariff not in self._priced):
                continue
            zone = find_zone(tariff, country, postal_code, km)
            if zone is not None:
                found.append(Lane(index, zone))
        return tuple(found)

    def choose(
        self,
        no: int,
        lanes: Sequence[Lane],
        weight_g: int,
        country: str,
        at: datetime | None,
        waiting: int = 0,
    ) -> Carriage | None:
        """The cheapest carriage, days counted in; equal costs: the earliest. None without lanes.

        Without tariffs in the policy prices are 0, so that the earliest service is taken.
        A service that promises nothing is taken only when all do.
        """
        promises: Sequence[Promise | None] = [None] * len(lanes)
        if at is not None:
            hops = tuple(hop_of(lane) for lane in lanes)
            promises = self._promise(no, hops, country, _minute(at), waiting, None)
        best: tuple[bool, int, int, int] | None = None
        chosen: Carriage | None = None
        for lane, promise in zip(lanes, promises, strict=True):
            price = price_weight(lane.zone, weight_g) if self._priced else 0
            days = self._count_days(no, promise, at)
            carriage = Carriage(price, days * self._per_day, promise)
            key = (promise is None, carriage.cost, days, lane.service)
            if best is None or key < best:
                best, chosen = key, carriage
        return chosen

    def collect(
        self, no: int, at: datetime, waiting: int = 0, queued: int | None = None
    ) -> Promise | None:
        """When the buyer can collect an order at a place."""
        return promise_collection(self._places[no], at, waiting, queued)

    def promise(self, no: int, hop: Hop, country: str, at: datetime, queued: int) -> Promise | None:
        """What one service of a place promises with so many pieces waiting there."""
        return self._promise(no, (hop,), country, _minute(at), 0, queued)[0]

    def place(self, no: int) -> Place:
        return self._places[no]

    def is_timed(self, no: int) -> bool:
        """Whether anything is known of when the place works and parcels leave."""
        place = self._places[no]
        return bool(place.services or place.pick_minutes or place.cut_off is not None)

    def days_of(self, no: int, promise: Promise, at: datetime) -> int:
        """Days from an instant, by the place's calendar, to the delivery."""
        here = at.astimezone(ZoneInfo(self._places[no].time_zone)).date()
        return max(0, (promise.delivers_on - here).days)

    def _count_days(self, no: int, promise: Promise | None, at: datetime | None) -> int:
        return 0 if promise is None or at is None else self.days_of(no, promise, at)

    def _find_promises(
        self,
        no: int,
        hops: tuple[Hop, ...],
        country: str,
        at: datetime,
        waiting: int,
        queued: int | None,
    ) -> list[Promise | None]:
        return promise_hops(self._places[no], hops, country, at, waiting, queued)


def hop_of(lane: Lane) -> Hop:
    """The days of a lane."""
    return Hop(lane.service, lane.zone.transit_days, bits_of(lane.zone.delivery_days))


def _minute(at: datetime) -> datetime:
    """Promises of one minute are alike."""
    return at.replace(second=0, microsecond=0)
