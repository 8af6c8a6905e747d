"""Soft rules, rules about items, tariffs and the other costs of a plan, each on its own."""

from datetime import UTC, datetime

import msgspec

from ordito.sourcing.explanations import explain_order
from ordito.sourcing.policies import (
    CountryRule,
    DaysRule,
    DistanceRule,
    ItemRule,
    Limits,
    ProtectRule,
)
from ordito.sourcing.sentences import SENTENCES
from ordito.sourcing.tariffs import Rate
from ordito.sourcing.types import Service
from tests.sourcing.make import (
    WARSAW,
    X,
    Y,
    excluded,
    left,
    place,
    planned,
    policy,
    taken,
    tariff,
    want,
    zone,
)

POLISH = place(1, "PL", city="lodz")
GERMAN = place(2, "DE", city="berlin", country="DE")
NOON = datetime(2026, 11, 25, 11, tzinfo=UTC)
MORNINGS = (Service("std", (9 * 60,)),)


def test_a_soft_rule_is_kept_while_breaking_it_costs_more() -> None:
    soft = CountryRule(same=True, soft=2_000)
    free = {X: {1: 1, 2: 9}}
    both = [POLISH, GERMAN]

    kept = planned(both, free, want(1, 1, X), under=policy(soft, per_100_km=0))
    assert taken(kept) == [(1, 1, 1)]
    assert (kept.cost, kept.decision.soft, kept.decision.dropped) == (5_000, [0, 2_000], [])

    dropped = planned(both, free, want(1, 2, X), under=policy(soft, per_100_km=0))
    assert taken(dropped) == [(1, 2, 2)]
    assert dropped.cost == 7_000
    (found,) = dropped.decision.dropped
    assert (found.code, found.rule, found.price, found.places) == ("country", 0, 2_000, [2])
    told = explain_order(dropped.decision, {1: "X"}, {2: "Berlin"})
    assert [reason.code for reason in told] == ["order_dropped_at"]
    assert all(reason.code in SENTENCES for reason in told)


def test_a_dear_soft_rule_splits_an_order_rather_than_being_broken() -> None:
    free = {X: {1: 1, 2: 9, 3: 1}}
    network = [POLISH, GERMAN, place(3, "PL2")]
    done = planned(
        network, free, want(1, 2, X), under=policy(CountryRule(same=True, soft=9_000), per_100_km=0)
    )
    assert taken(done) == [(1, 1, 1), (1, 3, 1)]


def test_a_soft_distance_costs_only_those_beyond_it() -> None:
    rule = DistanceRule(max_km=200, soft=1_500)
    done = planned([GERMAN], {X: {2: 1}}, want(1, 1, X), under=policy(rule, per_100_km=0))
    assert (done.cost, list(done.decision.soft)) == (6_500, [1_500])
    assert done.decision.dropped[0].code == "distance"
    near = planned([POLISH], {X: {1: 1}}, want(1, 1, X), under=policy(rule, per_100_km=0))
    assert (near.cost, near.decision.dropped) == (5_000, ())


def test_soft_stock_protection_is_dropped_for_the_order_that_needs_it() -> None:
    rule = ProtectRule(keep=2, soft=3_000)
    served = planned([POLISH], {X: {1: 2}}, want(1, 1, X), under=policy(rule, per_100_km=0))
    assert (taken(served), served.cost, served.decision.cost) == ([(1, 1, 1)], 8_000, 5_000)
    (found,) = served.decision.dropped
    assert (found.code, found.rule, found.price, tuple(found.places)) == ("protect", 0, 3_000, ())
    enough = planned([POLISH], {X: {1: 3}}, want(1, 1, X), under=policy(rule, per_100_km=0))
    assert (enough.cost, enough.decision.dropped) == (5_000, ())


def test_protection_by_tag_keeps_only_items_with_the_tag() -> None:
    rule = ProtectRule(keep=3, tags=("seasonal",), channels=("web",), places=("PL",))
    done = planned(
        [POLISH],
        {X: {1: 4}, Y: {1: 4}},
        want(1, 4, X, tags=("seasonal",)),
        want(2, 4, Y),
        under=policy(rule),
    )
    assert left(done) == {1: 3}


def test_an_item_goes_only_from_places_that_can_handle_it() -> None:
    rule = ItemRule(tags=("hazardous",), heavier_g=20_000, needs=("hazmat",))
    able = place(2, "HAZ", city="berlin", capabilities=("hazmat",))
    free = {X: {1: 9, 2: 9}, Y: {1: 9}}
    done = planned(
        [POLISH, able],
        free,
        want(1, 1, X, tags=("hazardous",)),
        want(2, 1, Y),
        under=policy(rule),
    )
    assert taken(done) == [(1, 2, 1), (2, 1, 1)]
    assert list(done.decision.barred) == [1, 0]
    heavy = planned([POLISH, able], free, want(1, 1, X, weight_g=20_001), under=policy(rule))
    assert taken(heavy) == [(1, 2, 1)]
    light = planned([POLISH, able], free, want(1, 1, X, weight_g=20_000), under=policy(rule))
    assert taken(light) == [(1, 1, 1)]


def test_tariffs_price_a_parcel_by_zone_and_weight() -> None:
    near = zone("pl", countries=("PL",), rates=(
        Rate(up_to_g=1_000, price=3_000),
        Rate(up_to_g=10_000, price=4_000, per_kg=500),
    ))  # fmt: skip
    far = zone("rest", 20_000)
    places = [
        place(1, "A", services=(Service("std", (600,)),)),
        place(2, "B", city="berlin", country="DE", services=(Service("cheap", (600,)),)),
        place(3, "C"),
    ]
    tariffs = {"std": tariff(near, far), "cheap": tariff(zone("all", 7_000))}
    under = policy(parcel=0, per_100_km=0, tariffs=("std", "cheap"))
    free = {X: {1: 50, 2: 50, 3: 50}}

    def cost(units: int, weight_g: int | None = 500) -> tuple[int, int]:
        done = planned(places, free, want(1, units, X, weight_g=weight_g), under=under,
                       tariffs=tariffs)  # fmt: skip
        return done.allocations[0].place, done.cost

    assert cost(2) == (1, 3_000)
    assert cost(3) == (1, 4_000 + 500), "1.5 kg: one kilogram begun above the bracket before"
    assert cost(14) == (1, 4_000 + 6 * 500), "dead even: 7 kg"
    assert cost(16) == (2, 7_000), "7.5 for the first place, so that the second is cheaper"
    assert cost(1, None) == (1, 3_000), "an unknown weight counts as 1 kg"
    done = planned(places, free, want(1, 1, X, weight_g=500), under=under, tariffs=tariffs)
    assert excluded(done) == {"no_carrier": [3]}
    assert list(done.decision.tariff) == [3_000, 7_000]


def test_two_parcels_are_priced_each_by_its_own_weight() -> None:
    steep = zone("all", rates=(
        Rate(up_to_g=1_000, price=1_000),
        Rate(up_to_g=10_000, price=9_000),
    ))  # fmt: skip
    offers = (Service("std", (600,)),)
    places = [place(1, "A", services=offers), place(2, "B", services=offers)]
    done = planned(
        places,
        {X: {1: 9}, Y: {2: 9}},
        want(1, 1, X, weight_g=1_000),
        want(2, 1, Y, weight_g=1_000),
        under=policy(parcel=500, per_100_km=0, tariffs=("std",)),
        tariffs={"std": tariff(steep)},
    )
    assert done.cost == 2 * (500 + 1_000)


def test_lines_scarcity_markets_and_kinds_have_their_price() -> None:
    shop = place(2, "SHOP", kind="store", market="uk")
    under = policy(
        per_100_km=0, line=250, scarce=400, ample=5, by_market={"uk": 70},
        order_by_kind={"store": 900},
    )  # fmt: skip
    done = planned([shop], {X: {2: 4}, Y: {2: 9}}, want(1, 2, X), want(2, 1, Y), under=under)
    assert done.cost == 5_000 + 900 + 70 + 2 * 250 + 2 * 400
    decision = done.decision
    assert (list(decision.picking), list(decision.scarce)) == ([500], [800])
    assert (list(decision.parcel), list(decision.market)) == ([5_900], [70])
    ample = place(1, "AMPLE", city="berlin")
    first = planned([shop, ample], {X: {1: 50, 2: 4}}, want(1, 1, X), under=policy(
        per_100_km=0, scarce=400, ample=5))  # fmt: skip
    assert taken(first) == [(1, 1, 1)], "overstock goes first"


def test_days_to_deliver_cost_and_may_be_too_many() -> None:
    late = place(1, "LATE", services=MORNINGS)
    soon = place(2, "SOON", city="berlin", services=(Service("std", (18 * 60,)),))
    free = {X: {1: 9, 2: 9}}
    tariffs = {"std": tariff(zone())}
    under = policy(per_100_km=200, per_day=2_000)
    done = planned([late, soon], free, want(1, 1, X), under=under, tariffs=tariffs, at=NOON)
    # Wednesday noon: one leaves on Thursday and arrives on Friday, the other a day earlier.
    assert (taken(done), list(done.decision.days)) == ([(1, 2, 1)], [4_000, 2_000])
    strict = policy(DaysRule(max_days=1), per_100_km=200)
    done = planned([late, soon], free, want(1, 1, X), under=strict, tariffs=tariffs, at=NOON)
    assert (taken(done), excluded(done)) == ([(1, 2, 1)], {"days": [1]})
    soft = policy(DaysRule(max_days=0, soft=100), per_100_km=200)
    done = planned([late], free, want(1, 1, X), under=soft, tariffs=tariffs, at=NOON)
    assert (taken(done), done.cost) == ([(1, 1, 1)], 5_100)


def test_a_split_makes_no_parcel_worth_too_little() -> None:
    free = {X: {1: 9}, Y: {2: 9}}
    network = [place(1, "A"), place(2, "B")]
    lines = (want(1, 1, X, value=40_000), want(2, 1, Y, value=3_000))
    poor = planned(network, free, *lines, under=policy(limits=Limits(min_parcel_value=5_000)))
    assert (taken(poor), left(poor)) == ([(1, 1, 1)], {2: 1})
    assert poor.decision.hindrance == "min_parcel_value"
    fine = planned(network, free, *lines, under=policy(limits=Limits(min_parcel_value=3_000)))
    assert left(fine) == {}
    alone = planned(network, free, lines[1], under=policy(limits=Limits(min_parcel_value=5_000)))
    assert left(alone) == {}, "one parcel is no split"
    unknown = planned(network, free, want(1, 1, X), want(2, 1, Y),
                      under=policy(limits=Limits(min_parcel_value=5_000)))  # fmt: skip
    assert left(unknown) == {}


def test_ship_complete_is_said_by_order_or_channel() -> None:
    free = {X: {1: 1}}
    for how, under in (
        ({"ship_complete": True}, policy()),
        ({"channel": "b2b"}, policy(limits=Limits(complete_channels=("b2b",)))),
    ):
        done = planned([POLISH], free, want(1, 2, X), under=under, **how)
        assert (taken(done), done.decision.hindrance) == ([], "ship_complete")
    part = planned([POLISH], free, want(1, 2, X), under=policy(
        limits=Limits(complete_channels=("b2b",))))  # fmt: skip
    assert taken(part) == [(1, 1, 1)]


def test_a_zone_is_found_by_country_prefix_and_distance() -> None:
    sent = tariff(
        zone("city", 1_000, countries=("PL",), prefixes=("00", "01")),
        zone("near", 2_000, max_km=200),
        zone("eu", 3_000, countries=("PL", "DE")),
    )
    network = [place(1, "A", city="lodz", services=MORNINGS)]
    under = policy(parcel=0, per_100_km=0, tariffs=("std",))

    def cost(postal_code: str, city: str = "warsaw") -> int:
        where = WARSAW if city == "warsaw" else msgspec.structs.replace(WARSAW, latitude=40.0)
        there = msgspec.structs.replace(where, postal_code=postal_code)
        done = planned(network, {X: {1: 1}}, want(1, 1, X), under=under, tariffs={"std": sent},
                       destination=there)  # fmt: skip
        return done.cost

    assert cost("00-950") == 1_000
    assert cost("90-001") == 2_000
    assert cost("90-001", "far") == 3_000
