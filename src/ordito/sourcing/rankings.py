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
from ordito.sourcing.policies import CalendarRule, Policy
from ordito.sourcing.types import Exclusion, Place, SourcingRequest

SHOWN = 16
"""Places whose figures a decision keeps."""

_RANKED_PLACES_KEPT = 150_000
"""Over all rankings kept, about 15 MB."""
_ADMISSIONS_KEPT = 1_000

Vector = tuple[float, float, float]


class Destined(NamedTuple):
    """Key of a ranking."""

    circumstances: Circumstances
    latitude: float | None
    longitude: float | None


class Admission(NamedTuple):
    """Eligible places for orders of one kind, by priority and code, and why the others aren't."""

    positions: list[int]
    """In `CompiledPolicy.places`."""
    reaches: list[Terms] | None
    """Per position, where any distance rule applies."""
    excluded: tuple[Exclusion, ...]
    orders_max: dict[int, int]
    keep: dict[int, int]
    least: dict[int, int]
    """By place number, only where there is such a term."""
    unit_least: int
    unit_same: bool
    """Whether handling costs the same everywhere."""


class Columns(NamedTuple):
    """Figures of some ranked places as a decision keeps them; an empty cost column is all zeros."""

    places: list[int]
    km: list[int | None]
    parcel: list[int]
    distance: list[int]
    priority: list[int]
    market: list[int]


class Ranking:
    """Eligible places for orders of one kind to one destination, cheapest fixed cost first.

    Equal costs are in order of priority, then code. The lists are parallel.
    """

    __slots__ = ("admission", "excluded", "fixed", "kms", "market", "nos", "positions", "top")

    def __init__(self, network: "CompiledPolicy", key: Destined) -> None:
        self.admission = admission = network.admit(key.circumstances)
        self.market = key.circumstances.market
        kms = network.measure(admission.positions, key.latitude, key.longitude)
        fixed = network.fixed_costs(admission.positions, kms, self.market)
        near: Sequence[int] = range(len(kms))
        self.excluded = admission.excluded
        if admission.reaches is not None:
            near, far = _within_reach(network, admission, kms)
            self.excluded += far
        # A stable sort, and `near` is by priority and code.
        order = sorted(near, key=fixed.__getitem__)
        self.positions = [admission.positions[index] for index in order]
        self.fixed = [fixed[index] for index in order]
        self.kms = [kms[index] for index in order]
        self.nos = [network.nos[position] for position in self.positions]
        self.top = network.figure_columns(self, range(min(SHOWN, len(order))))


def _within_reach(
    network: "CompiledPolicy", admission: Admission, kms: Sequence[int | None]
) -> tuple[list[int], tuple[Exclusion, ...]]:
    """Indexes of the places that no distance rule refuses, and the refusals."""
    assert admission.reaches is not None, "caller has distance rules"
    near: list[int] = []
    refused: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    for index, (term, km) in enumerate(zip(admission.reaches, kms, strict=True)):
        if term.max_km is None or (term.unknown_km_passes if km is None else km <= term.max_km):
            near.append(index)
        else:
            code = "distance_unknown" if km is None else "distance"
            refused[code, term.max_km].append(network.nos[admission.positions[index]])
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
        self.nos = [place.no for place in self.places]
        self.newest = max((place.no for place in places), default=0)
        self.capacities = {
            place.no: place.capacity_daily for place in places if place.capacity_daily
        }
        self.unit_costs = [_unit_cost(policy, place) for place in self.places]
        self._vectors = [_vector(place.latitude, place.longitude) for place in self.places]
        self._dated = any(isinstance(rule, CalendarRule) for rule in policy.rules)
        rankings_kept = max(32, _RANKED_PLACES_KEPT // max(1, len(self.places)))
        self.admit = lru_cache(_ADMISSIONS_KEPT)(self._admit)
        self._base_costs = lru_cache(_ADMISSIONS_KEPT)(self._find_base_costs)
        self._rank = lru_cache(min(rankings_kept, 10_000))(lambda key: Ranking(self, key))

    def rank(self, request: SourcingRequest) -> Ranking:
        """Eligible places for the request, kept from earlier ones of its kind and destination."""
        there = request.destination
        circumstances = circumstances_of(request, dated=self._dated)
        return self._rank(Destined(circumstances, there.latitude, there.longitude))

    def _admit(self, circumstances: Circumstances) -> Admission:
        rules = select_rules(self.policy.rules, circumstances)
        positions: list[int] = []
        refused: dict[str, list[int]] = defaultdict(list)
        for position, place in enumerate(self.places):
            code = find_refusal(place, rules, circumstances)
            if code is None:
                positions.append(position)
            else:
                refused[code].append(place.no)
        terms = {
            self.nos[position]: find_terms(self.places[position], rules) for position in positions
        }
        units = {self.unit_costs[position] for position in positions}
        return Admission(
            positions=positions,
            reaches=list(terms.values())
            if any(term.max_km is not None for term in terms.values())
            else None,
            excluded=tuple(Exclusion(code, tuple(nos)) for code, nos in refused.items()),
            orders_max={no: t.orders_max for no, t in terms.items() if t.orders_max is not None},
            keep={no: term.keep for no, term in terms.items() if term.keep},
            least={no: term.least for no, term in terms.items() if term.least},
            unit_least=min(units, default=0),
            unit_same=len(units) <= 1,
        )

    def fixed_costs(
        self, positions: Sequence[int], kms: Sequence[int | None], market: str
    ) -> list[int]:
        """What a parcel from each place costs before load: parcel, priority, market, distance."""
        objective = self.policy.objective
        rate, unknown = objective.per_100_km, objective.unknown_km
        base = self._base_costs(market)
        return [
            base[position] + (unknown if km is None else km) * rate // 100
            for position, km in zip(positions, kms, strict=True)
        ]

    def _find_base_costs(self, market: str) -> list[int]:
        objective = self.policy.objective
        return [
            objective.parcel
            + self._priority_cost(place)
            + (objective.out_of_market if market not in ("", place.market) else 0)
            for place in self.places
        ]

    def _priority_cost(self, place: Place) -> int:
        return max(0, place.priority - 1) * self.policy.objective.priority_step

    def measure(
        self, positions: Sequence[int], latitude: float | None, longitude: float | None
    ) -> list[int | None]:
        """Whole km, great circle, from each place; None where either end is unknown."""
        there = _vector(latitude, longitude)
        if there is None:
            return [None] * len(positions)
        vectors = self._vectors
        return [
            None
            if (here := vectors[position]) is None
            else int(asin(dist(here, there) * _HALF_CHORD) * _EARTH_DIAMETER_KM + 0.5)
            for position in positions
        ]

    def figure_columns(self, ranking: Ranking, indexes: Sequence[int]) -> Columns:
        """Figures of the ranked places with these indexes."""
        objective = self.policy.objective
        places = [self.places[ranking.positions[index]] for index in indexes]
        kms = [ranking.kms[index] for index in indexes]
        rate, unknown = objective.per_100_km, objective.unknown_km
        outside = objective.out_of_market
        market = ranking.market
        return Columns(
            places=[place.no for place in places],
            km=kms,
            parcel=_or_empty([objective.parcel] * len(places)),
            distance=_or_empty([(unknown if km is None else km) * rate // 100 for km in kms]),
            priority=_or_empty([self._priority_cost(place) for place in places]),
            market=_or_empty(
                [outside if market not in ("", place.market) else 0 for place in places]
            ),
        )


def _or_empty(column: list[int]) -> list[int]:
    return column if any(column) else []


def _unit_cost(policy: Policy, place: Place) -> int:
    objective = policy.objective
    by_kind = objective.handling_by_kind.get(place.kind, objective.handling)
    return objective.handling_by_place.get(place.code, by_kind)


# Mean radius, as in the postal-code distances; half a chord of the unit sphere is the sine of half
# the angle. A hair less than half, so that rounding at the antipode can't leave asin's domain.
_EARTH_DIAMETER_KM = 2 * 6371.0088
_HALF_CHORD = 0.5 * (1 - 1e-12)


def _vector(latitude: float | None, longitude: float | None) -> Vector | None:
    """Where a spot is on the unit sphere."""
    if latitude is None or longitude is None:
        return None
    north, east = radians(latitude), radians(longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)
