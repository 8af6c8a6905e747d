"""A policy made ready for one network of places: who is eligible, and in which order to look.

Everything that doesn't depend on stock and load is worked out once and kept: eligibility per
circumstances, the ranking per destination. Safe to share between threads.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from math import asin, dist
from typing import NamedTuple

import msgspec

from ordito.sourcing.admissions import Admission, Vector, vector_of
from ordito.sourcing.delays import Delays
from ordito.sourcing.eligibility import Circumstances, Terms, circumstances_of
from ordito.sourcing.forecasts import Outlooks
from ordito.sourcing.lanes import Lanes
from ordito.sourcing.policies import (
    PRICED_PER_ORDER,
    CalendarRule,
    DistanceRule,
    ItemRule,
    KindRule,
    Policy,
    ProtectRule,
)
from ordito.sourcing.tariffs import Lane, Tariff, least_price
from ordito.sourcing.types import Destination, Exclusion, Place, SourcingRequest
from ordito.sourcing.workloads import UnitOf

SHOWN = 16
"""Places whose figures a decision keeps."""

_RANKED_PLACES_KEPT = 150_000
"""Over all rankings kept, about 20 MB."""
_RANKINGS_KEPT = 10_000
_ADMISSIONS_KEPT = 1_000


class Columns(NamedTuple):
    """Figures of some ranked places as a decision keeps them; an empty cost column is all zeros."""

    places: Sequence[int]
    km: Sequence[int | None]
    parcel: Sequence[int]
    distance: Sequence[int]
    priority: Sequence[int]
    market: Sequence[int]
    soft: Sequence[int]


class Ranking:
    """Eligible places for orders of one kind to one destination, cheapest fixed cost first.

    Equal costs are in order of priority, then code. `order` has the places' indexes in the
    admission; the lists below it are parallel to it.
    """

    __slots__ = (
        "_kms",
        "_objective",
        "admission",
        "all",
        "broken",
        "destination",
        "excluded",
        "fixed",
        "lanes",
        "least",
        "nos",
        "order",
        "positions",
        "soft",
        "unit",
    )

    def __init__(
        self, network: "CompiledPolicy", admission: Admission, destination: Destination
    ) -> None:
        self._objective = objective = network.policy.objective
        self.destination = destination
        there = vector_of(destination.latitude, destination.longitude)
        self._kms = kms = _measure(admission, there)
        rate, unknown = objective.per_100_km, objective.unknown_km
        fixed = [
            base + (unknown if km is None else km) * rate // 100
            for base, km in zip(admission.base, kms, strict=True)
        ]
        self.admission = admission
        self.excluded = admission.excluded
        self.soft: Sequence[int] = admission.soft
        self.broken = admission.broken
        if admission.soft_reaches is not None:
            fixed = self._price_reaches(fixed, kms, admission.soft_reaches)
        self.lanes: list[Sequence[Lane]] | None = None
        """Per place as in the admission, what it offers to the destination; None when unpriced."""
        self.least: Sequence[int] = ()
        """Of each ranked place: no parcel's carriage costs less. It is in `fixed`."""
        near: Sequence[int] = range(len(kms))
        if admission.reaches is not None:
            near, far = _within_reach(admission.reaches, admission.nos, kms)
            self.excluded += far
        if network.priced and admission.ships:
            near, fixed = self._price_lanes(network.lanes, near, fixed, kms)
        for index, no in enumerate(admission.nos if network.rebates else ()):
            fixed[index] -= min(fixed[index], network.rebates.get(no, 0))
        # A stable sort, and `near` is by priority and code.
        self.order = order = sorted(near, key=fixed.__getitem__)
        self.fixed = list(map(fixed.__getitem__, order))
        self.positions = list(map(admission.positions.__getitem__, order))
        self.nos = list(map(admission.nos.__getitem__, order))
        if self.lanes is not None:
            lanes = self.lanes
            self.least = [min(least_price(lane.zone) for lane in lanes[at]) for at in order]
        self.unit = admission.unit
        if not admission.unit_same:
            self.unit = list(map(admission.unit.__getitem__, order))
        self.all = self.show(range(len(order))) if len(order) <= SHOWN else None
        """Figures of all places, where a decision shows them all."""

    def _price_reaches(
        self,
        fixed: list[int],
        kms: Sequence[int | None],
        reaches: Sequence[Sequence[tuple[int, DistanceRule]]],
    ) -> list[int]:
        """Fixed costs with the prices of soft distance rules."""
        soft = list(self.soft or [0] * len(kms))
        self.broken = {no: list(numbers) for no, numbers in self.broken.items()}
        for index, (km, rules) in enumerate(zip(kms, reaches, strict=True)):
            for number, rule in rules:
                if rule.when_unknown == "refuse" if km is None else km > rule.max_km:
                    soft[index] += rule.soft or 0
                    self.broken.setdefault(self.admission.nos[index], []).append(number)
        before = self.soft or [0] * len(kms)
        self.soft = soft if any(soft) else []
        return [cost + now - was for cost, now, was in zip(fixed, soft, before, strict=True)]

    def _price_lanes(
        self, lanes: "Lanes", near: Sequence[int], fixed: list[int], kms: Sequence[int | None]
    ) -> tuple[list[int], list[int]]:
        """Places that some priced service serves, and fixed costs with the least of its prices."""
        nos, there = self.admission.nos, self.destination
        self.lanes = [()] * len(kms)
        served, refused = [], []
        for index in near:
            found = lanes.find(nos[index], there.country, there.postal_code, kms[index])
            if found:
                self.lanes[index] = found
                fixed[index] += min(least_price(lane.zone) for lane in found)
                served.append(index)
            else:
                refused.append(nos[index])
        if refused:
            self.excluded += (Exclusion("no_carrier", tuple(refused)),)
        return served, fixed

    def km_of(self, index: int) -> int | None:
        """Distance of the ranked place with this index."""
        return self._kms[self.order[index]]

    def find_lanes(self, lanes: "Lanes", index: int) -> Sequence[Lane]:
        """What the ranked place offers to the destination."""
        if self.lanes is not None:
            return self.lanes[self.order[index]]
        there = self.destination
        return lanes.find(self.nos[index], there.country, there.postal_code, self.km_of(index))

    def _count_distance(self, kms: Sequence[int | None]) -> Sequence[int]:
        rate, unknown = self._objective.per_100_km, self._objective.unknown_km
        if not rate:
            return ()
        return [(unknown if km is None else km) * rate // 100 for km in kms]

    def show(self, indexes: Sequence[int]) -> Columns:
        """Figures of the ranked places with these indexes."""
        admission = self.admission
        chosen = self.order if len(indexes) == len(self.order) else [self.order[i] for i in indexes]
        kms = list(map(self._kms.__getitem__, chosen))
        priority, market = admission.priority, admission.market
        return Columns(
            list(map(admission.nos.__getitem__, chosen)),
            kms,
            list(map(admission.parcels.__getitem__, chosen)) if admission.parcels else (),
            self._count_distance(kms),
            list(map(priority.__getitem__, chosen)) if priority else (),
            list(map(market.__getitem__, chosen)) if market else (),
            list(map(self.soft.__getitem__, chosen)) if self.soft else (),
        )


def _within_reach(
    reaches: Sequence[Terms], nos: Sequence[int], kms: Sequence[int | None]
) -> tuple[list[int], tuple[Exclusion, ...]]:
    """Indexes of the places that no distance rule refuses, and the refusals."""
    near: list[int] = []
    refused: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    for index, (term, no, km) in enumerate(zip(reaches, nos, kms, strict=True)):
        if term.max_km is None or (term.unknown_km_passes if km is None else km <= term.max_km):
            near.append(index)
        else:
            refused["distance_unknown" if km is None else "distance", term.max_km].append(no)
    far = tuple(Exclusion(code, tuple(nos), limit) for (code, limit), nos in refused.items())
    return near, far


class CompiledPolicy:
    """A policy and the places it chooses from. Make a new one when either changes.

    places: any order; they are kept by (priority, code), which decides between equal costs.
    version: of the policy, for the decisions.
    tariffs: those of the merchant, by code.
    relaxes: False keeps all soft rules that are priced per order.
    rebates: by place number, thousandths that a parcel from there costs less than it would; never
             less than nothing. To ask what if, not to decide.
    delays:  what was learned of them; it moves promises, and decides nothing.
    """

    def __init__(
        self,
        policy: Policy,
        places: Sequence[Place],
        version: int,
        tariffs: Mapping[str, Tariff] | None = None,
        *,
        relaxes: bool = True,
        rebates: Mapping[int, int] | None = None,
        delays: Delays | None = None,
    ) -> None:
        self.policy = policy
        self.rebates: Mapping[int, int] = rebates or {}
        self.version = version
        self.places = sorted(places, key=lambda place: (place.priority, place.code, place.no))
        self.unit_of: UnitOf = {
            place.no: place.capacity_unit for place in places if place.capacity_unit != "orders"
        }
        self.outlooks = Outlooks(places, delays) if delays is not None else None
        """Days by history; None without any."""
        self.newest = max((place.no for place in places), default=0)
        self.tariffs: Mapping[str, Tariff] = tariffs or {}
        self.lanes = Lanes(self.places, self.tariffs, policy.objective)
        self.timed = any(self.lanes.is_timed(place.no) for place in places)
        """Whether any place's working time or carriers are known."""
        self.leads = {place.no: dict(place.lead_days) for place in places if place.lead_days}
        """Places that begin with some items only days later."""
        self.priced = bool(policy.objective.tariffs)
        aim = policy.objective
        self.surcharged = self.priced or bool(aim.line or aim.per_day or aim.scarce)
        """Whether parcels cost more than their fixed part and their units."""
        self.looks_at_items = self.surcharged or looks_at_items(policy)
        """Whether tags, weight or value of items decide anything."""
        self.relaxed = _find_relaxed(self) if relaxes else []
        """Ways to drop soft rules that are priced per order, cheapest first."""
        self._dated = any(isinstance(rule, CalendarRule) for rule in policy.rules)
        kept = max(32, _RANKED_PLACES_KEPT // max(1, len(self.places)))
        self._admit = lru_cache(_ADMISSIONS_KEPT)(self._find_admission)
        self._rank = lru_cache(min(kept, _RANKINGS_KEPT))(self._find_ranking)

    def rank(self, request: SourcingRequest) -> Ranking:
        """Eligible places for the request, kept from earlier ones of its kind and destination."""
        there = request.destination
        circumstances = circumstances_of(request, dated=self._dated)
        postal = self.lanes.shorten(there.country, there.postal_code) if self.tariffs else ""
        return self._rank(circumstances, there.latitude, there.longitude, postal)

    def _find_admission(self, circumstances: Circumstances) -> Admission:
        return Admission(self.policy, self.places, circumstances)

    def _find_ranking(
        self,
        circumstances: Circumstances,
        latitude: float | None,
        longitude: float | None,
        postal_code: str,
    ) -> Ranking:
        there = Destination(circumstances.country, latitude, longitude, True, postal_code)
        return Ranking(self, self._admit(circumstances), there)


class DroppedRule(NamedTuple):
    """A soft rule that a policy goes without. number: in the policy it is taken from."""

    code: str
    number: int
    price: int


class Relaxed(NamedTuple):
    """A policy without some soft rules, and what dropping them costs an order."""

    price: int
    rules: tuple[DroppedRule, ...]
    network: CompiledPolicy


def _find_relaxed(network: CompiledPolicy) -> list[Relaxed]:
    policy = network.policy
    soft = [
        DroppedRule(str(rule.__struct_config__.tag), number, rule.soft)
        for number, rule in enumerate(policy.rules)
        if rule.soft is not None and isinstance(rule, PRICED_PER_ORDER)
    ]
    found = []
    for count in range(1, len(soft) + 1):
        for dropped in combinations(soft, count):
            left_out = {rule.number for rule in dropped}
            # In its place stands what never refuses, so that rules keep their numbers.
            rules = tuple(
                KindRule() if number in left_out else rule
                for number, rule in enumerate(policy.rules)
            )
            less = msgspec.structs.replace(policy, rules=rules)
            places, version = network.places, network.version
            looser = CompiledPolicy(
                less, places, version, network.tariffs, relaxes=False, rebates=network.rebates
            )
            found.append(Relaxed(sum(rule.price for rule in dropped), dropped, looser))
    return sorted(found, key=lambda way: way.price)


def looks_at_items(policy: Policy) -> bool:
    """Whether a rule or limit depends on an item's tags, weight or value."""
    if policy.limits.min_parcel_value is not None:
        return True
    return any(
        isinstance(rule, ItemRule) or (isinstance(rule, ProtectRule) and bool(rule.tags))
        for rule in policy.rules
    )


# Mean radius, as in the postal-code distances; half a chord of the unit sphere is the sine of half
# the angle. A hair less than half, so that rounding at the antipode can't leave asin's domain.
_EARTH_DIAMETER_KM = 2 * 6371.0088
_HALF_CHORD = 0.5 * (1 - 1e-12)


def _measure(admission: Admission, there: Vector | None) -> Sequence[int | None]:
    """Whole km, great circle, from each place; None where either end is unknown."""
    if there is None:
        return [None] * len(admission.vectors)
    if admission.located:
        return [
            int(asin(dist(here, there) * _HALF_CHORD) * _EARTH_DIAMETER_KM + 0.5)
            for here in admission.vectors
            if here
        ]
    return [
        int(asin(dist(here, there) * _HALF_CHORD) * _EARTH_DIAMETER_KM + 0.5) if here else None
        for here in admission.vectors
    ]
