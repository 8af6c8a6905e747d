"""A policy made ready for one network of places: who is eligible, and in which order to look.

Everything that doesn't depend on stock and load is worked out once and kept: eligibility per
circumstances, the ranking per destination. Safe to share between threads.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from math import asin, cos, dist, radians, sin
from typing import NamedTuple

from ordito.sourcing.eligibility import (
    Circumstances,
    Terms,
    circumstances_of,
    find_refusal,
    find_terms,
    select_rules,
)
from ordito.sourcing.policies import CalendarRule, Objective, Policy
from ordito.sourcing.types import Exclusion, Place, SourcingRequest

SHOWN = 16
"""Places whose figures a decision keeps."""

NO_LIMIT = 1 << 62

_RANKED_PLACES_KEPT = 150_000
"""Over all rankings kept, about 20 MB."""
_RANKINGS_KEPT = 10_000
_ADMISSIONS_KEPT = 1_000

Vector = tuple[float, float, float]


class Admission:
    """Eligible places for orders of one kind, by priority and code, and why the others aren't.

    The lists are parallel; costs are of a parcel.

    positions:  in `CompiledPolicy.places`: the smaller, the earlier among equal costs.
    base:       parcel, priority and market together.
    parcels, priority, market: empty when all are zero.
    capacity:   fulfillment orders a day for the cost of load, 0 when unlimited; empty when load
                costs nothing anywhere.
    orders_max: fulfillment orders a day at which a rule closes the place, else `NO_LIMIT`.
    located:    whether all have coordinates.
    reaches:    terms per place where any distance rule applies, else None.
    keep, least: by place number, only where a stock rule applies.
    """

    def __init__(self, network: "CompiledPolicy", circumstances: Circumstances) -> None:
        rules = select_rules(network.policy.rules, circumstances)
        refused: dict[str, list[int]] = defaultdict(list)
        self.positions: list[int] = []
        for position, place in enumerate(network.places):
            code = find_refusal(place, rules, circumstances)
            if code is None:
                self.positions.append(position)
            else:
                refused[code].append(place.no)
        self.excluded = tuple(Exclusion(code, tuple(nos)) for code, nos in refused.items())
        places = [network.places[position] for position in self.positions]
        self.nos = [place.no for place in places]
        self.vectors = [_vector(place.latitude, place.longitude) for place in places]
        self.located = None not in self.vectors
        self.unit = [_unit_cost(network.policy, place) for place in places]
        self.unit_least = min(self.unit, default=0)
        self.unit_same = len(set(self.unit)) <= 1
        self._weigh(network.policy, places, circumstances.market)
        self._set_terms([find_terms(place, rules) for place in places])
        capacity = [place.capacity_daily or 0 for place in places]
        self.capacity = capacity if network.policy.objective.load and any(capacity) else []

    def _weigh(self, policy: Policy, places: Sequence[Place], market: str) -> None:
        objective = policy.objective
        outside, step = objective.out_of_market, objective.priority_step
        priority = [max(0, place.priority - 1) * step for place in places]
        markets = [outside if market not in ("", place.market) else 0 for place in places]
        self.base = [
            objective.parcel + one + other for one, other in zip(priority, markets, strict=True)
        ]
        self.parcels = [objective.parcel] * len(places) if objective.parcel else []
        self.priority = priority if any(priority) else []
        self.market = markets if any(markets) else []

    def _set_terms(self, terms: Sequence[Terms]) -> None:
        distant = any(term.max_km is not None for term in terms)
        self.reaches = terms if distant else None
        orders_max = [NO_LIMIT if term.orders_max is None else term.orders_max for term in terms]
        self.orders_max = orders_max
        self.orders_max_least = min(orders_max, default=NO_LIMIT)
        by_no = list(zip(self.nos, terms, strict=True))
        self.keep = {no: term.keep for no, term in by_no if term.keep}
        self.least = {no: term.least for no, term in by_no if term.least}


class Columns(NamedTuple):
    """Figures of some ranked places as a decision keeps them; an empty cost column is all zeros."""

    places: Sequence[int]
    km: Sequence[int | None]
    parcel: Sequence[int]
    distance: Sequence[int]
    priority: Sequence[int]
    market: Sequence[int]


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
        "excluded",
        "fixed",
        "nos",
        "order",
        "positions",
        "unit",
    )

    def __init__(self, objective: Objective, admission: Admission, there: Vector | None) -> None:
        self._objective = objective
        self._kms = kms = _measure(admission, there)
        rate, unknown = objective.per_100_km, objective.unknown_km
        fixed = [
            base + (unknown if km is None else km) * rate // 100
            for base, km in zip(admission.base, kms, strict=True)
        ]
        self.admission = admission
        self.excluded = admission.excluded
        near: Sequence[int] = range(len(kms))
        if admission.reaches is not None:
            near, far = _within_reach(admission.reaches, admission.nos, kms)
            self.excluded += far
        # A stable sort, and `near` is by priority and code.
        self.order = order = sorted(near, key=fixed.__getitem__)
        self.fixed = list(map(fixed.__getitem__, order))
        self.positions = list(map(admission.positions.__getitem__, order))
        self.nos = list(map(admission.nos.__getitem__, order))
        self.unit = admission.unit
        if not admission.unit_same:
            self.unit = list(map(admission.unit.__getitem__, order))
        self.all = self.show(range(len(order))) if len(order) <= SHOWN else None
        """Figures of all places, where a decision shows them all."""

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
            admission.parcels[: len(chosen)] or (),
            self._count_distance(kms),
            list(map(priority.__getitem__, chosen)) if priority else (),
            list(map(market.__getitem__, chosen)) if market else (),
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
    """

    def __init__(self, policy: Policy, places: Sequence[Place], version: int) -> None:
        self.policy = policy
        self.version = version
        self.places = sorted(places, key=lambda place: (place.priority, place.code, place.no))
        self.newest = max((place.no for place in places), default=0)
        self._dated = any(isinstance(rule, CalendarRule) for rule in policy.rules)
        kept = max(32, _RANKED_PLACES_KEPT // max(1, len(self.places)))
        self._admit = lru_cache(_ADMISSIONS_KEPT)(self._find_admission)
        self._rank = lru_cache(min(kept, _RANKINGS_KEPT))(self._find_ranking)

    def rank(self, request: SourcingRequest) -> Ranking:
        """Eligible places for the request, kept from earlier ones of its kind and destination."""
        there = request.destination
        circumstances = circumstances_of(request, dated=self._dated)
        return self._rank(circumstances, there.latitude, there.longitude)

    def _find_admission(self, circumstances: Circumstances) -> Admission:
        return Admission(self, circumstances)

    def _find_ranking(
        self, circumstances: Circumstances, latitude: float | None, longitude: float | None
    ) -> Ranking:
        there = _vector(latitude, longitude)
        return Ranking(self.policy.objective, self._admit(circumstances), there)


def _unit_cost(policy: Policy, place: Place) -> int:
    objective = policy.objective
    by_kind = objective.handling_by_kind.get(place.kind, objective.handling)
    return objective.handling_by_place.get(place.code, by_kind)


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


def _vector(latitude: float | None, longitude: float | None) -> Vector | None:
    """Where a spot is on the unit sphere."""
    if latitude is None or longitude is None:
        return None
    north, east = radians(latitude), radians(longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)
