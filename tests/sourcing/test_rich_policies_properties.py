"""Random rich policies: hard rules hold, stock isn't overdrawn, no single place is cheaper."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.sourcing.plans import compile_policy, plan, plan_near
from ordito.sourcing.policies import (
    CapacityRule,
    CountryRule,
    DaysRule,
    DistanceRule,
    EligibilityRule,
    ItemRule,
    Limits,
    MarketRule,
    Objective,
    Policy,
    ProtectRule,
)
from ordito.sourcing.tariffs import Rate
from ordito.sourcing.types import FreeStock, Place, Service, SourcingRequest, Want
from tests.sourcing.make import X, Y, Z, place, request, tariff, want, zone

AT = datetime(2026, 11, 25, 11, tzinfo=UTC)
TARIFFS = {
    "near": tariff(zone("near", countries=("PL",), max_km=700, rates=(
        Rate(up_to_g=1_000, price=2_000), Rate(up_to_g=5_000, price=2_500, per_kg=700)))),
    "far": tariff(zone("all", 6_000, days=4)),
}  # fmt: skip


def make_policy(dice: Random) -> Policy:
    def soft() -> int | None:
        return dice.choice([None, None, 300, 4_000])

    rules: list[EligibilityRule] = [
        CountryRule(same=True, soft=soft()),
        MarketRule(soft=soft()),
        DistanceRule(max_km=300, soft=soft()),
        CapacityRule(soft=soft()),
        ProtectRule(keep=1, tags=("rare",), soft=soft()),
        ItemRule(tags=("hazardous",), needs=("hazmat",), soft=soft()),
        DaysRule(max_days=3, soft=soft(), when_unknown=dice.choice(["refuse", "allow"])),
    ]
    chosen = dice.sample(rules, dice.randint(0, 3))
    return Policy(
        rules=tuple(chosen),
        objective=Objective(
            parcel=dice.choice([0, 5_000]),
            line=dice.choice([0, 400]),
            per_day=dice.choice([0, 900]),
            scarce=dice.choice([0, 250]),
            ample=3,
            by_market=dice.choice([{}, {"uk": 800}]),
            tariffs=dice.choice([(), ("near",), ("near", "far")]),
        ),
        limits=Limits(
            min_parcel_value=dice.choice([None, None, 4_000]),
            max_parcels=dice.choice([None, 2]),
            line_split=dice.random() < 0.7,
        ),
    )


def make_place(no: int, dice: Random) -> Place:
    offers = [Service("near", (600, 1020)), Service("far", (900,), 0b1111111)]
    return place(
        no,
        city=dice.choice(["warsaw", "lodz", "berlin", None]),
        country=dice.choice(["PL", "PL", "DE"]),
        market=dice.choice(["eu", "uk"]),
        capacity_daily=dice.choice([None, 4]),
        capabilities=dice.choice([(), ("hazmat",)]),
        services=tuple(dice.sample(offers, dice.randint(0, 2))),
    )


def make_want(no: int, dice: Random) -> Want:
    return want(
        no,
        dice.randint(1, 3),
        (X, Y, Z)[no - 1],
        tags=dice.choice([(), ("rare",), ("hazardous",)]),
        weight_g=dice.choice([None, 200, 2_600]),
        value=dice.choice([None, 1_000, 9_000]),
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_rich_plans_keep_every_promise(seed: int) -> None:
    dice = Random(seed)
    network = [make_place(no, dice) for no in range(1, dice.randint(2, 6))]
    free = {item: {p.no: dice.choice([0, 1, 2, 3, 5]) for p in network} for item in (X, Y, Z)}
    asked = request(*(make_want(no, dice) for no in range(1, dice.randint(2, 4))), at=AT)
    load = {p.no: dice.randint(0, 5) for p in network}
    policy = make_policy(dice)
    compiled = compile_policy(policy, network, tariffs=TARIFFS)
    done = plan(asked, compiled, free, load)

    taken: Counter[tuple[object, int]] = Counter()
    for allocation in done.allocations:
        line = asked.wants[allocation.line_no - 1]
        taken[line.parts[0].item_id, allocation.place] += allocation.qty
        _check_hard(policy, network[allocation.place - 1], line, load)
    assert all(units <= free[item][no] for (item, no), units in taken.items())  # type: ignore[index]
    served = Counter({rest.line_no: rest.qty for rest in done.unserved})
    for allocation in done.allocations:
        served[allocation.line_no] += allocation.qty
    assert served == {line.line_no: line.qty for line in asked.wants}
    dropped = sum(d.price for d in done.decision.dropped if not d.places)
    assert done.cost == done.decision.cost + dropped
    assert plan_near(asked, compiled, free, load) == done
    _check_singles(policy, network, asked, free, load, done.cost, complete=not done.unserved)


def _check_hard(policy: Policy, here: Place, line: Want, load: dict[int, int]) -> None:
    for rule in policy.rules:
        if rule.soft is not None:
            continue
        match rule:
            case CountryRule():
                assert here.country == "PL"
            case MarketRule():
                assert here.market == "eu"
            case CapacityRule():
                assert here.capacity_daily is None or load[here.no] < here.capacity_daily
            case ItemRule() if "hazardous" in line.tags:
                assert "hazmat" in here.capabilities
            case _:
                pass
    if policy.objective.tariffs:
        assert {service.tariff for service in here.services} & set(policy.objective.tariffs)


def _check_singles(
    policy: Policy,
    network: list[Place],
    asked: SourcingRequest,
    free: FreeStock,
    load: dict[int, int],
    cost: int,
    *,
    complete: bool,
) -> None:
    """No place alone would have served everything, or not cheaper."""
    compiled = compile_policy(policy, network, tariffs=TARIFFS)
    for here in network:
        alone = msgspec.structs.replace(asked, places_allowed=frozenset((here.no,)))
        single = plan(alone, compiled, free, load)
        if not single.unserved and single.allocations:
            assert complete
            assert cost <= single.cost
