"""Who may serve orders of one kind: eligible places with what a parcel from each costs anyway."""

from collections import defaultdict
from collections.abc import Sequence
from math import cos, radians, sin
from operator import add

from ordito.sourcing.eligibility import (
    Circumstances,
    Terms,
    find_bars,
    find_priced,
    find_refusal,
    find_tagged_keeps,
    find_terms,
    is_about,
    select_rules,
)
from ordito.sourcing.policies import DistanceRule, EligibilityRule, Policy
from ordito.sourcing.types import Exclusion, Place

NO_LIMIT = 1 << 62

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
    bars, tagged: what rules about items say of the eligible places; empty without such rules.
    days:       terms per place where a rule about days applies, else None.
    soft:       prices of soft rules that parcels break wherever they go; empty when all are zero.
    broken:     by place number, the numbers of those rules in the policy.
    soft_reaches: per place, soft distance rules with their numbers; None without any.
    """

    def __init__(
        self, policy: Policy, places: Sequence[Place], circumstances: Circumstances
    ) -> None:
        rules = select_rules(policy.rules, circumstances)
        refused: dict[str, list[int]] = defaultdict(list)
        self.positions: list[int] = []
        for position, place in enumerate(places):
            code = find_refusal(place, rules, circumstances)
            if code is None:
                self.positions.append(position)
            else:
                refused[code].append(place.no)
        self.excluded = tuple(Exclusion(code, tuple(nos)) for code, nos in refused.items())
        places = [places[position] for position in self.positions]
        self.nos = [place.no for place in places]
        self.vectors = [vector_of(place.latitude, place.longitude) for place in places]
        self.located = None not in self.vectors
        self.unit = [_unit_cost(policy, place) for place in places]
        self.unit_least = min(self.unit, default=0)
        self.unit_same = len(set(self.unit)) <= 1
        self.bars = find_bars(places, rules)
        self.tagged = find_tagged_keeps(places, rules)
        self.ships = circumstances.delivery == "ship"
        self.soft: list[int] = []
        self.broken: dict[int, list[int]] = {}
        self.soft_reaches: list[list[tuple[int, DistanceRule]]] | None = None
        self._price_soft(policy, places, rules, circumstances)
        self._weigh(policy, places, circumstances.market)
        self._set_terms([find_terms(place, rules) for place in places])
        capacity = [place.capacity_daily or 0 for place in places]
        self.capacity = capacity if policy.objective.load and any(capacity) else []

    def _price_soft(
        self,
        policy: Policy,
        places: Sequence[Place],
        rules: Sequence[EligibilityRule],
        circumstances: Circumstances,
    ) -> None:
        """What soft rules add to a parcel from each place."""
        if all(rule.soft is None for rule in rules):
            return
        number = {rule: n for n, rule in reversed(list(enumerate(policy.rules)))}
        prices = []
        for place in places:
            broken = find_priced(place, rules, circumstances)
            prices.append(sum(rule.soft or 0 for rule in broken))
            if broken:
                self.broken[place.no] = [number[rule] for rule in broken]
        self.soft = prices if any(prices) else []
        reaching = [
            rule for rule in rules if isinstance(rule, DistanceRule) and rule.soft is not None
        ]
        if reaching:
            self.soft_reaches = [
                [(number[rule], rule) for rule in reaching if is_about(rule, place)]
                for place in places
            ]

    def _weigh(self, policy: Policy, places: Sequence[Place], market: str) -> None:
        objective = policy.objective
        outside, step = objective.out_of_market, objective.priority_step
        priority = [max(0, place.priority - 1) * step for place in places]
        markets = [
            (outside if market not in ("", place.market) else 0)
            + objective.by_market.get(place.market, 0)
            for place in places
        ]
        parcels = [objective.parcel + objective.order_by_kind.get(p.kind, 0) for p in places]
        self.base = [
            parcel + one + other
            for parcel, one, other in zip(parcels, priority, markets, strict=True)
        ]
        if self.soft:
            self.base = list(map(add, self.base, self.soft))
        self.parcels = parcels if any(parcels) else []
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
        timed = any(term.days_max is not None for term in terms)
        self.days = {no: term for no, term in by_no if term.days_max is not None} if timed else None


def _unit_cost(policy: Policy, place: Place) -> int:
    objective = policy.objective
    by_kind = objective.handling_by_kind.get(place.kind, objective.handling)
    return objective.handling_by_place.get(place.code, by_kind)


def vector_of(latitude: float | None, longitude: float | None) -> Vector | None:
    """Where a spot is on the unit sphere."""
    if latitude is None or longitude is None:
        return None
    north, east = radians(latitude), radians(longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)
