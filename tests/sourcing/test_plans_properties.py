"""Plans of random small orders, beside every plan there is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.sourcing.plans import compile_policy, nearest, plan, plan_near
from ordito.sourcing.policies import (
    CapacityRule,
    DistanceRule,
    EligibilityRule,
    Limits,
    MinimumStockRule,
    Objective,
    OwnerRule,
    Policy,
    ProtectRule,
)
from ordito.sourcing.types import (
    Decision,
    ItemKey,
    Part,
    Place,
    Plan,
    SourcingRequest,
    Want,
)
from tests.sourcing.make import CITIES, NOWHERE, WARSAW, X, Y, Z, place, request

ITEMS = (X, Y, Z)
KM_FROM_WARSAW = {"warsaw": 0, "lodz": 119, "berlin": 517, "paris": 1367, None: None}
RULES: list[EligibilityRule] = [
    CapacityRule(),
    DistanceRule(max_km=600),
    OwnerRule(excluded=("franchise",)),
    ProtectRule(keep=1, kinds=("store",)),
    MinimumStockRule(units=2),
]
Case = tuple[Policy, list[Place], SourcingRequest, dict[ItemKey, dict[int, int]], dict[int, int]]


# A case is made from one number that Hypothesis draws: forty draws a case took 50 ms, and what
# fails is small enough to be read as it is.


def make_policy(dice: Random, *, plain: bool) -> Policy:
    objective = Objective(
        parcel=dice.choice([0, 5_000]),
        per_100_km=dice.choice([0, 200, 1_000]),
        priority_step=dice.choice([0, 500, 5_000]),
        load=dice.choice([0, 1_000, 5_000]),
        out_of_market=dice.choice([0, 1_000]),
        handling=dice.choice([0, 100]),
        handling_by_kind=dice.choice([{}, {"store": 700}]),
    )
    limits = Limits()
    if not plain:
        limits = Limits(
            max_parcels=dice.choice([None, 1, 2, 3]),
            line_split=dice.random() < 0.6,
            ship_complete=dice.random() < 0.3,
        )
    rules = tuple(dice.sample(RULES, dice.choice([0, 0, 1, 2])))
    return Policy(rules=rules, objective=objective, limits=limits)


def make_place(no: int, dice: Random) -> Place:
    return place(
        no,
        kind=dice.choice(["warehouse", "warehouse", "store", "store", "history"]),
        city=dice.choice([*CITIES, None]),
        market=dice.choice(["eu", "eu", "uk"]),
        owner=dice.choice(["us", "us", "franchise"]),
        can_ship=dice.random() < 0.9,
        priority=dice.randint(1, 3),
        capacity_daily=dice.choice([None, None, 0, 4, 10]),
        active=dice.random() < 0.9,
    )


def make_want(line_no: int, dice: Random, *, plain: bool) -> Want:
    if plain:
        return Want(line_no, dice.randint(1, 4), (Part(ITEMS[line_no - 1], 1),))
    items = dice.sample(ITEMS, dice.choice([1, 1, 2]))
    parts = tuple(Part(item, dice.choice([1, 1, 2])) for item in items)
    return Want(line_no, dice.randint(1, 4), parts, dice.choice([None] * 6 + [1, 2]))


def make_case(seed: int, *, plain: bool, places_most: int) -> Case:
    dice = Random(seed)
    network = [make_place(no, dice) for no in range(1, dice.randint(2, places_most + 1))]
    nos = [found.no for found in network]
    share = dice.choice([0.8, 0.8, 3 / len(nos)])
    free: dict[ItemKey, dict[int, int]] = {
        item: {no: dice.choice([-2, 0, 1, 1, 2, 2, 3, 6]) for no in nos if dice.random() < share}
        for item in ITEMS
    }
    load = {no: dice.randint(0, 10) for no in nos if dice.random() < 0.3}
    lines = range(1, dice.randint(2, 4))
    asked = request(
        *(make_want(line_no, dice, plain=plain) for line_no in lines),
        places_allowed=frozenset(nos[1:]) if dice.random() < 0.1 else None,
        destination=dice.choice([WARSAW, WARSAW, NOWHERE]),
    )
    return make_policy(dice, plain=plain), network, asked, free, load


def cases(*, plain: bool = False, places_most: int = 5) -> st.SearchStrategy[Case]:
    def make(seed: int) -> Case:
        return make_case(seed, plain=plain, places_most=places_most)

    return st.integers(0, 2**32).map(make)


def run(case: Case) -> Plan:
    under, network, asked, free, load = case
    return plan(asked, compile_policy(under, network), free, load)


# The rules once more, in the plainest words, to check the planner against.


def is_eligible(case: Case, spot: Place) -> bool:
    under, _, asked, _, load = case
    if not spot.active or spot.kind == "history" or not spot.can_ship:
        return False
    if asked.places_allowed is not None and spot.no not in asked.places_allowed:
        return False
    for rule in under.rules:
        if isinstance(rule, OwnerRule) and spot.owner == "franchise":
            return False
        full = spot.capacity_daily is not None and load.get(spot.no, 0) >= spot.capacity_daily
        if isinstance(rule, CapacityRule) and full:
            return False
        km = kms(asked, spot)
        if isinstance(rule, DistanceRule) and (km is None or km > rule.max_km):
            return False
    return True


def kms(asked: SourcingRequest, spot: Place) -> int | None:
    if asked.destination == NOWHERE or spot.latitude is None:
        return None
    city = next(name for name, where in CITIES.items() if where[0] == spot.latitude)
    return KM_FROM_WARSAW[city]


def pieces(case: Case, spot: Place, item: ItemKey) -> int:
    under, _, _, free, _ = case
    found = free[item].get(spot.no, 0)
    least = max((r.units for r in under.rules if isinstance(r, MinimumStockRule)), default=0)
    if found < least:
        return 0
    protected = spot.kind == "store" and any(isinstance(r, ProtectRule) for r in under.rules)
    return max(0, found - (1 if protected else 0))


def cost_of(case: Case, used: Counter[int]) -> int:
    """Cost of taking so many units from so many places."""
    under, network, asked, _, load = case
    objective = under.objective
    total = 0
    for spot in network:
        if used[spot.no] == 0:
            continue
        km = kms(asked, spot)
        total += objective.parcel
        total += (objective.unknown_km if km is None else km) * objective.per_100_km // 100
        total += (spot.priority - 1) * objective.priority_step
        total += objective.out_of_market if spot.market != asked.market else 0
        if spot.capacity_daily:
            total += objective.load * load.get(spot.no, 0) // spot.capacity_daily
        unit = objective.handling_by_kind.get(spot.kind, objective.handling)
        total += unit * used[spot.no]
    return total


def stock_taken(asked: SourcingRequest, done: Plan) -> Counter[tuple[ItemKey, int]]:
    parts = {want.line_no: want.parts for want in asked.wants}
    taken: Counter[tuple[ItemKey, int]] = Counter()
    for allocation in done.allocations:
        for part in parts[allocation.line_no]:
            taken[part.item_id, allocation.place] += part.per_unit * allocation.qty
    return taken


@given(cases() | cases(places_most=150))
def test_a_plan_never_takes_more_than_is_free(case: Case) -> None:
    _, network, asked, _, _ = case
    spots = {spot.no: spot for spot in network}
    for (item, no), qty in stock_taken(asked, run(case)).items():
        assert qty <= pieces(case, spots[no], item)


@given(cases())
def test_a_plan_never_breaks_a_hard_rule_or_a_pin(case: Case) -> None:
    _, network, asked, _, _ = case
    spots = {spot.no: spot for spot in network}
    pins = {want.line_no: want.pinned_place for want in asked.wants}
    for allocation in run(case).allocations:
        assert is_eligible(case, spots[allocation.place])
        assert pins[allocation.line_no] in (None, allocation.place)


@given(cases() | cases(places_most=150))
def test_served_and_unserved_units_are_the_units_of_the_line(case: Case) -> None:
    done = run(case)
    found: Counter[int] = Counter()
    for allocation in done.allocations:
        assert allocation.qty > 0
        found[allocation.line_no] += allocation.qty
    for rest in done.unserved:
        assert rest.qty > 0
        found[rest.line_no] += rest.qty
    assert found == {want.line_no: want.qty for want in case[2].wants}
    lines_and_places = [(a.line_no, a.place) for a in done.allocations]
    assert len(lines_and_places) == len(set(lines_and_places))


@given(cases() | cases(places_most=150))
def test_a_plan_keeps_the_limits(case: Case) -> None:
    limits, done = case[0].limits, run(case)
    used = {allocation.place for allocation in done.allocations}
    assert limits.max_parcels is None or len(used) <= limits.max_parcels
    if limits.ship_complete:
        assert not done.allocations or not done.unserved
    if not limits.line_split:
        lines = [allocation.line_no for allocation in done.allocations]
        assert len(lines) == len(set(lines))


@given(cases() | cases(places_most=150))
def test_the_cost_told_is_the_cost_of_the_allocations(case: Case) -> None:
    done = run(case)
    used: Counter[int] = Counter()
    for allocation in done.allocations:
        used[allocation.place] += allocation.qty
    assert done.cost == cost_of(case, used) == done.decision.cost
    shown = dict(zip(done.decision.places, done.decision.taken, strict=True))
    assert {no: units for no, units in shown.items() if units} == dict(used)


@given(cases() | cases(places_most=150))
def test_a_plan_is_never_dearer_than_one_place_that_serves_everything(case: Case) -> None:
    _, network, asked, _, _ = case
    done = run(case)
    for spot in network:
        if is_eligible(case, spot) and serves_everything(case, asked, spot):
            assert not done.unserved
            alone = Counter({spot.no: sum(want.qty for want in asked.wants)})
            assert done.cost <= cost_of(case, alone)


def serves_everything(case: Case, asked: SourcingRequest, spot: Place) -> bool:
    needed: Counter[ItemKey] = Counter()
    for want in asked.wants:
        if want.pinned_place not in (None, spot.no):
            return False
        for part in want.parts:
            needed[part.item_id] += part.per_unit * want.qty
    return all(pieces(case, spot, item) >= qty for item, qty in needed.items())


@given(cases(), st.randoms())
def test_the_order_of_places_and_of_stock_changes_nothing(case: Case, dice: Random) -> None:
    under, network, asked, free, load = case
    shuffled = list(network)
    dice.shuffle(shuffled)
    turned = {item: dict(reversed(free[item].items())) for item in reversed(free)}
    busy = dict(reversed(load.items()))
    done, again = run(case), run((under, shuffled, asked, turned, busy))
    assert list(done.allocations) == list(again.allocations)
    assert msgspec.json.encode(done.decision) == msgspec.json.encode(again.decision)


@given(cases())
def test_a_kept_ranking_gives_the_same_plan_as_a_new_one(case: Case) -> None:
    under, network, asked, free, load = case
    compiled = compile_policy(under, network)
    assert plan(asked, compiled, free, load) == plan(asked, compiled, free, load)


@given(cases())
def test_a_decision_survives_being_stored(case: Case) -> None:
    body = msgspec.json.encode(run(case).decision)
    assert msgspec.json.encode(msgspec.json.decode(body, type=Decision)) == body


@given(cases() | cases(places_most=150))
def test_every_place_is_in_the_decision_exactly_once(case: Case) -> None:
    decision = run(case).decision
    named = list(decision.places)
    for exclusion in decision.excluded:
        named += exclusion.places
    everyone = {spot.no for spot in case[1]}
    assert len(named) == len(set(named))
    assert set(named) <= everyone
    if decision.others:
        assert len(everyone) > 64
    else:
        assert set(named) == everyone


@settings(max_examples=400)
@given(cases(plain=True))
def test_small_plain_orders_get_the_cheapest_plan_there_is(case: Case) -> None:
    """Up to five places and three lines of different items, no limits: pairs are exhaustive and
    more than three places are rare, so nothing is lost here. Larger orders have no such promise.
    """
    done = run(case)
    served = sum(allocation.qty for allocation in done.allocations)
    best_served, best_cost = find_best(case)
    assert served == best_served
    assert done.cost == best_cost


def find_best(case: Case) -> tuple[int, int]:
    """Most units, then least cost, over all divisions of all lines."""
    _, network, asked, _, _ = case
    spots = [spot for spot in network if is_eligible(case, spot)]
    per_line = []
    for want in asked.wants:
        have = [min(want.qty, pieces(case, spot, want.parts[0].item_id)) for spot in spots]
        per_line.append(list(divisions(min(want.qty, sum(have)), have)))
    served = sum(sum(options[0]) for options in per_line)
    costs: dict[tuple[int, ...], int] = {}
    for choice in product(*per_line):
        totals = tuple(map(sum, zip(*choice, strict=True)))
        if totals not in costs:
            used = Counter({s.no: u for s, u in zip(spots, totals, strict=True)})
            costs[totals] = cost_of(case, used)
    return served, min(costs.values())


def divisions(units: int, have: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not have:
        if units == 0:
            yield ()
        return
    for first in range(min(units, have[0]) + 1):
        for rest in divisions(units - first, have[1:]):
            yield (first, *rest)


def test_the_known_distances_are_right() -> None:
    for city, km in KM_FROM_WARSAW.items():
        done = plan(request(), compile_policy(Policy(), [place(1, city=city)]), {}, {})
        assert list(done.decision.km) == [km]


@settings(max_examples=60)
@given(cases(places_most=150))
def test_what_the_nearest_places_settle_is_the_plan_on_all_stock(case: Case) -> None:
    under, places, asked, free, load = case
    network = compile_policy(under, places)
    looked_at = set(nearest(asked, network))
    near = {
        item: {no: units for no, units in of_item.items() if no in looked_at}
        for item, of_item in free.items()
    }

    settled = plan_near(asked, network, near, load)

    assert settled in (None, plan(asked, network, free, load))
