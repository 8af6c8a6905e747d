from typing import Any

import pytest

from ordito.sourcing.policies import (
    CalendarRule,
    CapacityRule,
    CountryRule,
    DistanceRule,
    EligibilityRule,
    KindRule,
    MarketRule,
    MinimumStockRule,
    OwnerRule,
    ProtectRule,
)
from ordito.sourcing.types import Place
from tests.sourcing.make import (
    NOWHERE,
    WARSAW,
    X,
    excluded,
    left,
    place,
    planned,
    policy,
    taken,
    want,
)


def refused(places: list[Place], *rules: EligibilityRule, **order: Any) -> dict[str, list[int]]:
    """Place numbers by the code that refused them, for one piece that all places have."""
    free = {X: {spot.no: 5 for spot in places}}
    return dict(excluded(planned(places, free, want(1, 1, X), under=policy(*rules), **order)))


def test_the_walls_stand_whatever_the_policy_says() -> None:
    places = [
        place(1),
        place(2, active=False),
        place(3, kind="history"),
        place(4),
        place(5, can_ship=False),
        place(6, active=False, kind="history", can_ship=False),
    ]
    assert refused(places, places_allowed=frozenset((1, 2, 3, 5))) == {
        "inactive": [2, 6],
        "history": [3],
        "channel": [4],
        "no_shipping": [5],
    }


def test_a_pick_up_needs_the_chosen_place_to_hand_over() -> None:
    places = [place(1), place(2, can_pickup=False), place(3, can_ship=False)]
    assert refused(places, pickup_place=3) == {"not_pickup_place": [1], "no_pickup": [2]}


def test_complaint_17_a_franchisees_stock_is_not_for_web_orders() -> None:
    places = [place(1, owner="franchise"), place(2, city="paris")]
    rule = OwnerRule(excluded=("franchise",), channels=("web",))
    assert refused(places, rule) == {"owner": [1]}
    assert refused(places, rule, channel="franchise-shop") == {}


def test_only_allowed_owners_pass() -> None:
    places = [place(1), place(2, owner="them"), place(3, owner="others")]
    assert refused(places, OwnerRule(allowed=("us", "them"))) == {"owner": [3]}


def test_a_market_rule_keeps_orders_in_their_market() -> None:
    places = [place(1, market="eu"), place(2, market="uk"), place(3, market="")]
    assert refused(places, MarketRule()) == {"market": [2, 3]}
    assert refused(places, MarketRule(), market="") == {}


@pytest.mark.parametrize(
    ("rule", "out"),
    [
        (CountryRule(allowed=("PL", "DE")), [3]),
        (CountryRule(excluded=("DE",)), [2]),
        (CountryRule(same=True), [2, 3]),
        (CountryRule(same=True, destinations=("FR",)), []),
    ],
)
def test_a_country_rule_is_about_where_the_places_are(rule: CountryRule, out: list[int]) -> None:
    places = [place(1, country="PL"), place(2, country="DE"), place(3, country="FR")]
    assert refused(places, rule) == ({"country": out} if out else {})


def test_a_kind_rule_refuses_its_kinds() -> None:
    places = [place(1), place(2, kind="store"), place(3, kind="3pl"), place(4, kind="supplier")]
    assert refused(places, KindRule(kinds=("store", "3pl"))) == {"kind": [2, 3]}
    assert refused(places, KindRule(kinds=("supplier",))) == {"kind": [4]}


def test_a_distance_rule_refuses_what_is_far() -> None:
    places = [place(1), place(2, city="lodz"), place(3, city="berlin"), place(4, city="paris")]
    assert refused(places, DistanceRule(max_km=517)) == {"distance": [4]}
    assert refused(places, DistanceRule(max_km=516)) == {"distance": [3, 4]}


def test_an_unknown_distance_is_refused_unless_the_rule_allows_it() -> None:
    places = [place(1), place(2, city=None)]
    allowing = DistanceRule(max_km=100, when_unknown="allow")
    assert refused(places, DistanceRule(max_km=100)) == {"distance_unknown": [2]}
    assert refused(places, allowing) == {}
    assert refused(places, DistanceRule(max_km=100), destination=NOWHERE) == {
        "distance_unknown": [1, 2]
    }


def test_the_shorter_of_two_distances_counts() -> None:
    places = [place(1, city="lodz", kind="store"), place(2, city="lodz"), place(3)]
    rules = (DistanceRule(max_km=500), DistanceRule(max_km=50, kinds=("store",)))
    assert refused(places, *rules) == {"distance": [1]}


def test_a_calendar_rule_refuses_closed_places() -> None:
    workdays = 0b0011111
    places = [place(1), place(2, working_days=workdays), place(3, holidays=("2026-11-28",))]
    saturday = {"weekday": 5, "date": "2026-11-28"}
    assert refused(places, CalendarRule(), **saturday) == {"closed": [2, 3]}
    assert refused(places, CalendarRule(), weekday=4, date="2026-11-27") == {}
    assert refused(places, **saturday) == {}


def test_a_ranking_kept_on_friday_is_not_used_on_saturday() -> None:
    places = [place(1, working_days=0b0011111), place(2, city="paris")]
    free = {X: {1: 5, 2: 5}}
    closed = policy(CalendarRule())
    for weekday, date, winner in ((4, "2026-11-27", 1), (5, "2026-11-28", 2)):
        done = planned(places, free, want(1, 1, X), under=closed, weekday=weekday, date=date)
        assert taken(done) == [(1, winner, 1)]


def test_a_capacity_rule_refuses_places_that_are_full() -> None:
    places = [
        place(1, capacity_daily=10),
        place(2, capacity_daily=10),
        place(3),
        place(4, capacity_daily=0),
        place(5, capacity_daily=1),
    ]
    free = {X: {spot.no: 5 for spot in places}}
    load = {1: 10, 2: 8, 3: 500}
    for rule, full in ((CapacityRule(), [1, 4]), (CapacityRule(percent=80), [1, 2, 4])):
        done = planned(places, free, want(1, 1, X), under=policy(rule), load=load)
        found: list[int] = []
        for exclusion in done.decision.excluded:
            assert exclusion.code == "capacity"
            found += exclusion.places
        assert sorted(found) == full


def test_a_protect_rule_keeps_pieces_for_people_who_walk_in() -> None:
    places = [place(1, kind="store"), place(2, city="paris")]
    keeping = policy(ProtectRule(keep=2, kinds=("store",)))
    done = planned(places, {X: {1: 5, 2: 1}}, want(1, 5, X), under=keeping)
    assert taken(done) == [(1, 1, 3), (1, 2, 1)]
    assert left(done) == {1: 1}
    assert taken(planned(places, {X: {1: 2}}, want(1, 1, X), under=keeping)) == []
    picked_up = planned(places, {X: {1: 5}}, want(1, 5, X), under=keeping, pickup_place=1)
    assert taken(picked_up) == [(1, 1, 5)]


def test_a_minimum_stock_rule_leaves_doubtful_counts_alone() -> None:
    places = [place(1), place(2, city="paris")]
    doubting = policy(MinimumStockRule(units=3))
    done = planned(places, {X: {1: 2, 2: 3}}, want(1, 3, X), under=doubting)
    assert taken(done) == [(1, 2, 3)]


def test_the_first_rule_in_order_is_the_reason() -> None:
    places = [place(1), place(2, owner="them", market="uk")]
    assert refused(places, OwnerRule(allowed=("us",)), MarketRule()) == {"owner": [2]}
    assert refused(places, MarketRule(), OwnerRule(allowed=("us",))) == {"market": [2]}


def test_a_pin_does_not_open_a_place_that_a_rule_closes() -> None:
    places = [place(1), place(2, owner="them")]
    done = planned(
        places,
        {X: {1: 5, 2: 5}},
        want(1, 1, X, pinned=2),
        under=policy(OwnerRule(allowed=("us",))),
        destination=WARSAW,
    )
    assert taken(done) == []
    assert left(done) == {1: 1}
