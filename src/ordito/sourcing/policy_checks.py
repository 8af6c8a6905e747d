"""Rules that do nothing, contradict, or leave orders unserved: each with an example order.

The examples are built from the merchant's own channels and places, and from what the rules name.
They are asked of the real planner's tables, so that what is said of them is what would happen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations, islice
from typing import Literal

import msgspec

from ordito.sourcing.demands import find_barred
from ordito.sourcing.policies import EligibilityRule, ItemRule, KindRule, Policy, ProtectRule
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.types import Delivery, Destination, Part, Place, SourcingRequest, Want

ORDERS_MOST = 600
"""Example orders looked at: channels times destinations times items soon are many."""
_ORDERS_LEAST = 40
_LOOKS_MOST = 40_000
"""Examples times places: with many places fewer examples are looked at."""
_COUNTRIES_MOST = 40
_SPOTS_PER_COUNTRY = 2
_ITEM = "example"

Verdicts = dict[int, tuple[object, ...]]
"""place -> what a policy says of it beyond letting it serve the order"""
FindingKind = Literal["nothing", "unserved", "contradiction", "no_carrier", "dead", "shadowed"]


class Seller(msgspec.Struct, frozen=True):
    """A channel as the checks see it."""

    code: str
    market: str
    places_allowed: frozenset[int] | None


class Example(msgspec.Struct, frozen=True):
    """An order of one unit, in words of the policy. tags and weight are the item's."""

    channel: str
    country: str
    delivery: Delivery
    tags: tuple[str, ...]
    weight_g: int | None
    pickup_place: int | None
    latitude: float | None
    longitude: float | None


class PolicyFinding(msgspec.Struct, frozen=True):
    """Something odd about a policy.

    kind:    `nothing` – no order at all can be served; `unserved` – the rule refuses every place
             for such orders; `contradiction` – the rules do so together, each alone would not;
             `no_carrier` – no priced service goes there; `dead` – the rule changes nothing for
             any order; `shadowed` – it would, but the other rules say as much already.
    rules:   their numbers in the policy, from 0.
    example: an order of which that is true.
    orders:  example orders of which it is true, of `of` looked at.
    """

    kind: FindingKind
    rules: tuple[int, ...]
    example: Example
    orders: int
    of: int

    @property
    def refuses(self) -> bool:
        """Whether such a policy can never work."""
        return self.kind == "nothing"


class Checker:
    """Checks policies against one merchant's channels, places and tariffs.

    at:      when the example orders come: rules about days and calendars look at it.
    centres: middle of countries in degrees, for destinations where no place is.
    """

    def __init__(
        self,
        places: Sequence[Place],
        sellers: Sequence[Seller],
        market_of: Mapping[str, str],
        tariffs: Mapping[str, Tariff],
        centres: Mapping[str, tuple[float, float]],
        at: datetime,
    ) -> None:
        self._places = places
        self._sellers = {seller.code: seller for seller in sellers}
        self._market_of = market_of
        self._tariffs = tariffs
        self._centres = centres
        self._at = at

    def check(self, policy: Policy) -> list[PolicyFinding]:
        """Everything found, the gravest first; nothing where no order could be served anyway."""
        most = max(_ORDERS_LEAST, min(ORDERS_MOST, _LOOKS_MOST // max(1, len(self._places))))
        bare = self.narrow(policy, (), priced=False)
        examples = [
            example
            for example in islice(self._make_examples(policy), most)
            if self.look(bare, example)
        ]
        if not examples:
            return []
        looks = _Looks(self, policy, examples)
        return [*looks.find_unserved(), *looks.find_idle()]

    def request(self, example: Example) -> SourcingRequest:
        """The example as the planner is asked about it."""
        seller = self._sellers[example.channel]
        return SourcingRequest(
            channel=seller.code,
            market=self._market_of.get(example.country) or seller.market,
            places_allowed=seller.places_allowed,
            delivery=example.delivery,
            pickup_place=example.pickup_place,
            destination=Destination(example.country, example.latitude, example.longitude, True),
            wants=(_want(example),),
            weekday=self._at.weekday(),
            date=self._at.date().isoformat(),
            at=self._at,
        )

    def stock(self) -> dict[str, dict[int, int]]:
        """Plenty of the example item everywhere."""
        return {_ITEM: {place.no: 10_000_000 for place in self._places}}

    def narrow(self, policy: Policy, kept: Iterable[int], *, priced: bool) -> CompiledPolicy:
        """The policy with these rules only. priced: with its carriers' tariffs."""
        chosen = frozenset(kept)
        rules = tuple(
            # It refuses nothing, and rules keep their numbers.
            rule if number in chosen else KindRule()
            for number, rule in enumerate(policy.rules)
        )
        objective = policy.objective
        if not priced:
            objective = msgspec.structs.replace(objective, tariffs=())
        narrowed = msgspec.structs.replace(policy, rules=rules, objective=objective)
        return CompiledPolicy(narrowed, self._places, 1, self._tariffs, relaxes=False)

    def look(self, network: CompiledPolicy, example: Example) -> Verdicts:
        """What a policy says of each place that may serve the example: what it keeps, and costs."""
        request = self.request(example)
        ranking = network.rank(request)
        admission = ranking.admission
        barred = find_barred(request.wants[0], admission)
        tagged = [rule.keep for rule in admission.tagged if not rule.tags.isdisjoint(example.tags)]
        days = admission.days or {}
        limits = dict(zip(admission.nos, admission.orders_max, strict=True))
        soft = dict(zip(admission.nos, ranking.soft, strict=True)) if ranking.soft else {}
        return {
            no: (
                max([admission.keep.get(no, 0), *(keep.get(no, 0) for keep in tagged)]),
                admission.least.get(no, 0),
                limits[no],
                days.get(no),
                soft.get(no, 0),
            )
            for no in ranking.nos
            if no not in barred
        }

    def _make_examples(self, policy: Policy) -> Iterator[Example]:
        spots = list(self._find_spots(policy))
        items = list(dict.fromkeys(_find_items(policy.rules)))
        for country, latitude, longitude in spots:
            for seller in self._sellers.values():
                for tags, weight_g in items:
                    yield Example(seller.code, country, "ship", tags, weight_g, None,
                                  latitude, longitude)  # fmt: skip
        if any("pickup" in rule.deliveries for rule in policy.rules):
            for place in self._places:
                if place.can_pickup and place.active and place.kind != "history":
                    for seller in self._sellers.values():
                        yield Example(seller.code, place.country, "pickup", (), None, place.no,
                                      place.latitude, place.longitude)  # fmt: skip

    def _find_spots(self, policy: Policy) -> Iterator[tuple[str, float | None, float | None]]:
        """Destinations: near places of each country, and in the middle of countries named."""
        seen: dict[str, set[tuple[float | None, float | None]]] = {}
        for place in self._places:
            spots = seen.setdefault(place.country, set())
            spot = (place.latitude, place.longitude)
            active = place.active and place.kind != "history"
            if active and len(spots) < _SPOTS_PER_COUNTRY and spot not in spots:
                spots.add(spot)
                yield place.country, *spot
        named = [country for rule in policy.rules for country in rule.destinations]
        others = dict.fromkeys([*named, *self._market_of, *self._centres])
        for country in islice(others, _COUNTRIES_MOST):
            if not seen.get(country):
                latitude, longitude = self._centres.get(country, (None, None))
                yield country, latitude, longitude


class _Looks:
    """One policy looked at by example orders that places could serve but for its rules."""

    def __init__(self, checker: Checker, policy: Policy, examples: Sequence[Example]) -> None:
        self._checker = checker
        self._policy = policy
        self._examples = examples
        self._all = range(len(policy.rules))
        self._whole = self._look(self._all, priced=True)

    def _look(self, kept: Iterable[int], *, priced: bool) -> list[Verdicts]:
        network = self._checker.narrow(self._policy, kept, priced=priced)
        return [self._checker.look(network, example) for example in self._examples]

    def find_unserved(self) -> list[PolicyFinding]:
        unserved = [n for n, places in enumerate(self._whole) if not places]
        if not unserved:
            return []
        found = []
        of = len(self._examples)
        if len(unserved) == of:
            found.append(self._tell("nothing", (), unserved[0], of))
        culprits: dict[tuple[FindingKind, tuple[int, ...]], list[int]] = {}
        for number in unserved:
            kind, rules = self._find_culprits(number)
            culprits.setdefault((kind, rules), []).append(number)
        for (kind, rules), numbers in culprits.items():
            found.append(self._tell(kind, rules, numbers[0], len(numbers)))
        return found

    def _find_culprits(self, number: int) -> tuple[FindingKind, tuple[int, ...]]:
        """The fewest rules that leave the example without a place."""
        relevant = [n for n in self._all if self._policy.rules[n].soft is None]
        for count in (1, 2):
            for rules in combinations(relevant, count):
                if not self._is_served(number, rules):
                    return ("unserved" if count == 1 else "contradiction"), rules
        if self._is_served(number, self._all):
            return "no_carrier", ()
        return "contradiction", tuple(relevant)

    def _is_served(self, number: int, rules: Iterable[int]) -> bool:
        network = self._checker.narrow(self._policy, rules, priced=False)
        return bool(self._checker.look(network, self._examples[number]))

    def find_idle(self) -> list[PolicyFinding]:
        """Rules without which every example would be served in the same way."""
        bare = self._look((), priced=False)
        found = []
        for number in self._all:
            rest = [other for other in self._all if other != number]
            if self._look(rest, priced=True) != self._whole:
                continue
            alone = self._look((number,), priced=False)
            differing = [
                n for n, (one, none) in enumerate(zip(alone, bare, strict=True)) if one != none
            ]
            of = len(self._examples)
            if differing:
                found.append(self._tell("shadowed", (number,), differing[0], len(differing)))
            else:
                about = self._find_about(self._policy.rules[number])
                found.append(self._tell("dead", (number,), about, of))
        return found

    def _find_about(self, rule: EligibilityRule) -> int:
        """An example that the rule is about, if there is one."""
        for number, example in enumerate(self._examples):
            if rule.channels and example.channel not in rule.channels:
                continue
            if rule.destinations and example.country not in rule.destinations:
                continue
            if example.delivery in rule.deliveries:
                return number
        return 0

    def _tell(
        self, kind: FindingKind, rules: tuple[int, ...], example: int, orders: int
    ) -> PolicyFinding:
        return PolicyFinding(kind, rules, self._examples[example], orders, len(self._examples))


def _want(example: Example) -> Want:
    return Want(1, 1, (Part(_ITEM, 1),), None, example.tags, example.weight_g)


def _find_items(
    rules: Iterable[EligibilityRule],
) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Items that the rules tell apart: (tags, weight)."""
    yield (), None
    for rule in rules:
        if isinstance(rule, ItemRule | ProtectRule):
            for tag in rule.tags:
                yield (tag,), None
        if isinstance(rule, ItemRule) and rule.heavier_g is not None:
            yield (), rule.heavier_g + 1
