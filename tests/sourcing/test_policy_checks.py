"""Findings about policies, and that their examples really have the claimed fate."""

from datetime import UTC, datetime
from gettext import NullTranslations
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.sourcing.finding_sentences import say_finding
from ordito.sourcing.plans import compile_policy, plan
from ordito.sourcing.policies import (
    CapacityRule,
    CountryRule,
    DistanceRule,
    EligibilityRule,
    ItemRule,
    KindRule,
    MarketRule,
    MinimumStockRule,
    OwnerRule,
    Policy,
    ProtectRule,
)
from ordito.sourcing.policy_checks import Checker, PolicyFinding, Seller
from ordito.sourcing.types import Place, Plan
from tests.sourcing.make import place, tariff, zone

AT = datetime(2026, 11, 25, 11, tzinfo=UTC)
CENTRES = {"PL": (52.0, 19.0), "DE": (51.0, 10.0), "US": (38.0, -97.0)}
NETWORK = [
    place(1, "WAW", capacity_daily=10),
    place(2, "BER", city="berlin", country="DE", kind="store"),
]


def checker(places: list[Place] = NETWORK, **tariffs: object) -> Checker:
    sellers = [Seller("web", "eu", None), Seller("b2b", "eu", frozenset((2,)))]
    return Checker(places, sellers, {"PL": "eu", "DE": "eu"}, tariffs, CENTRES, AT)  # type: ignore[arg-type]


def found(*rules: EligibilityRule) -> list[tuple[str, tuple[int, ...]]]:
    return [(f.kind, f.rules) for f in checker().check(Policy(rules=rules))]


def test_rules_that_do_their_work_are_not_found_fault_with() -> None:
    assert found(CapacityRule(), ProtectRule(keep=2, kinds=("store",))) == []
    assert found(CountryRule(same=True, channels=("web",), destinations=("PL",))) == []
    assert found() == []


def test_a_rule_that_no_order_meets_is_dead() -> None:
    assert found(OwnerRule(excluded=("franchise",))) == [("dead", (0,))]
    assert found(CapacityRule(kinds=("store",))) == [("dead", (0,))]
    assert found(MarketRule(channels=("gone",))) == [("dead", (0,))]


def test_a_rule_that_others_repeat_is_shadowed() -> None:
    stores = KindRule(kinds=("store",), channels=("web",))
    german = CountryRule(excluded=("DE",), channels=("web",))
    assert found(stores, german) == [("shadowed", (0,)), ("shadowed", (1,))]
    assert found(ProtectRule(keep=5), ProtectRule(keep=2)) == [("shadowed", (1,))]
    assert ("shadowed", (1,)) not in found(ProtectRule(keep=2), MinimumStockRule(units=9))


def test_an_order_that_no_place_may_serve_is_an_example() -> None:
    (finding,) = checker().check(Policy(rules=(CountryRule(excluded=("DE",)),)))
    assert (finding.kind, finding.rules, finding.example.channel) == ("unserved", (0,), "b2b")
    assert not finding.refuses
    words = say_finding(finding, NullTranslations())
    assert words == "Rule 1 leaves orders without any location: b2b to PL."
    tagged = ItemRule(tags=("hazardous",), needs=("hazmat",))
    (finding,) = checker().check(Policy(rules=(tagged,)))
    assert finding.example.tags == ("hazardous",)


def test_two_rules_may_contradict_each_other() -> None:
    no_stores = KindRule(kinds=("store",), channels=("web",))
    only_german = CountryRule(allowed=("DE",), channels=("web",))
    kinds = found(no_stores, only_german)
    assert ("contradiction", (0, 1)) in kinds
    (first, *_) = checker().check(Policy(rules=(no_stores, only_german)))
    assert first.example.channel == "web"


def test_a_policy_that_serves_nothing_is_refused() -> None:
    findings = checker().check(Policy(rules=(CountryRule(allowed=("FR",)),)))
    assert findings[0].kind == "nothing"
    assert findings[0].refuses


def test_a_destination_without_priced_carrier_is_found() -> None:
    from ordito.sourcing.policies import Objective
    from ordito.sourcing.types import Service

    network = [place(1, "WAW", services=(Service("std", (600,)),))]
    check = checker(network, std=tariff(zone("pl", countries=("PL",))))
    findings = check.check(Policy(objective=Objective(tariffs=("std",))))
    assert [(f.kind, f.example.country) for f in findings] == [("no_carrier", "DE")]


def test_nothing_is_said_where_nobody_could_ship() -> None:
    assert checker([]).check(Policy(rules=(MarketRule(),))) == []


RULES: list[EligibilityRule] = [
    CountryRule(same=True),
    CountryRule(excluded=("DE",)),
    CountryRule(allowed=("DE",), channels=("web",)),
    KindRule(kinds=("store",)),
    KindRule(kinds=("warehouse",), destinations=("PL",)),
    OwnerRule(excluded=("franchise",)),
    MarketRule(),
    DistanceRule(max_km=300),
    ProtectRule(keep=2),
    ProtectRule(keep=3, tags=("fragile",)),
    ItemRule(tags=("hazardous",), needs=("hazmat",)),
    ItemRule(heavier_g=20_000, kinds=("store",)),
    CapacityRule(percent=50),
    CountryRule(same=True, soft=500),
]


def fate(check: Checker, policy: Policy, finding: PolicyFinding) -> Plan:
    request = check.request(finding.example)
    return plan(request, compile_policy(policy, check._places), check.stock(), {})


def only(policy: Policy, numbers: tuple[int, ...]) -> Policy:
    return msgspec.structs.replace(policy, rules=tuple(policy.rules[n] for n in numbers))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_every_example_has_the_fate_that_is_claimed(seed: int) -> None:
    dice = Random(seed)
    network = [
        place(
            no,
            kind=dice.choice(["warehouse", "store"]),
            city=dice.choice(["warsaw", "lodz", "berlin", None]),
            country=dice.choice(["PL", "DE"]),
            owner=dice.choice(["us", "franchise"]),
            market=dice.choice(["eu", "uk"]),
            capacity_daily=dice.choice([None, 10]),
            capabilities=dice.choice([(), ("hazmat",)]),
        )
        for no in range(1, dice.randint(2, 5))
    ]
    policy = Policy(rules=tuple(dice.sample(RULES, dice.randint(0, 4))))
    check = checker(network)
    for finding in check.check(policy):
        done = fate(check, policy, finding)
        if finding.kind in ("nothing", "unserved", "contradiction"):
            assert done.decision.outcome == "none"
        if finding.kind in ("unserved", "contradiction"):
            assert fate(check, only(policy, finding.rules), finding).decision.outcome == "none"
            for rule in finding.rules:
                rest = tuple(other for other in finding.rules if other != rule)
                if len(finding.rules) <= 2:
                    assert fate(check, only(policy, rest), finding).decision.outcome == "all"
        if finding.kind in ("dead", "shadowed"):
            (number,) = finding.rules
            rest = tuple(n for n in range(len(policy.rules)) if n != number)
            without = fate(check, only(policy, rest), finding)
            assert (without.allocations, without.cost) == (done.allocations, done.cost)
