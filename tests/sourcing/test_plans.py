import pytest

from ordito.sourcing.policies import Limits
from ordito.sourcing.types import Part, Want
from tests.sourcing.make import (
    NOWHERE,
    X,
    Y,
    Z,
    left,
    place,
    planned,
    policy,
    taken,
    want,
)


def test_complaint_12_negative_stock_elsewhere_takes_nothing_from_what_is_there() -> None:
    places = [place(1, "A"), place(2, "B", can_ship=False), place(3, "C")]
    done = planned(places, {X: {1: 2, 2: -2, 3: -5}}, want(1, 2, X))
    assert taken(done) == [(1, 1, 2)]
    assert left(done) == {}


def test_complaint_14_minimise_splits_divides_a_line_over_exactly_the_places_needed() -> None:
    places = [place(no, code, priority=no) for no, code in enumerate(("AL", "CA", "NY", "NC"), 1)]
    done = planned(places, {X: {1: 2, 2: 2, 3: 2, 4: 0}}, want(1, 5, X))
    assert taken(done) == [(1, 1, 2), (1, 2, 2), (1, 3, 1)]
    assert left(done) == {}


@pytest.mark.parametrize("there", [5, 6, 100])
def test_complaint_14_one_place_with_everything_serves_alone(there: int) -> None:
    places = [place(no, code, priority=no) for no, code in enumerate(("AL", "CA", "NY", "NC"), 1)]
    done = planned(places, {X: {1: 2, 2: 2, 3: 2, 4: there}}, want(1, 5, X))
    assert taken(done) == [(1, 4, 5)]


def test_complaint_15_stock_in_two_places_serves_an_order_of_both() -> None:
    done = planned([place(1), place(2)], {X: {1: 1, 2: 1}}, want(1, 2, X))
    assert taken(done) == [(1, 1, 1), (1, 2, 1)]
    assert left(done) == {}


def test_complaint_17_the_same_order_always_goes_the_same_way() -> None:
    places = [place(no, code) for no, code in enumerate(("D", "B", "A", "C"), 1)]
    free = {X: dict.fromkeys((4, 2, 3, 1), 9)}
    for order in (places, places[::-1], places[2:] + places[:2]):
        assert taken(planned(order, free, want(1, 3, X))) == [(1, 3, 3)]


def test_complaint_17_a_line_pinned_by_staff_comes_from_its_place_only() -> None:
    places = [place(1), place(2, city="paris")]
    free = {X: {1: 9, 2: 2}, Y: {1: 9, 2: 9}}
    done = planned(places, free, want(1, 3, X, pinned=2), want(2, 1, Y))
    assert taken(done) == [(1, 2, 2), (2, 2, 1)]
    assert left(done) == {1: 1}


def test_complaint_1_a_bundle_and_a_line_never_share_the_last_unit() -> None:
    bundle = Want(1, 1, (Part(X, 1), Part(Y, 1)))
    done = planned([place(1)], {X: {1: 1}, Y: {1: 1}}, bundle, want(2, 1, X))
    assert taken(done) == [(1, 1, 1)]
    assert left(done) == {2: 1}


def test_complaint_5_two_lines_of_one_item_are_promised_their_sum_once() -> None:
    done = planned([place(1)], {X: {1: 35}}, want(1, 20, X), want(2, 20, X))
    assert taken(done) == [(1, 1, 20), (2, 1, 15)]
    assert left(done) == {2: 5}


def test_the_nearest_place_serves_when_all_else_is_equal() -> None:
    places = [place(1, city="paris"), place(2, city="lodz"), place(3, city="berlin")]
    done = planned(places, {X: dict.fromkeys((1, 2, 3), 5)}, want(1, 1, X))
    assert taken(done) == [(1, 2, 1)]


def test_one_far_parcel_goes_before_two_near_ones_unless_it_is_dearer() -> None:
    places = [place(1), place(2), place(3, city="paris")]
    free = {X: {1: 5, 3: 5}, Y: {2: 5, 3: 5}}
    lines = (want(1, 1, X), want(2, 1, Y))
    # Paris is 1,367 km away: 13,670 at 1,000 per 100 km.
    assert taken(planned(places, free, *lines, under=policy(parcel=13_700, per_100_km=1_000))) == [
        (1, 3, 1),
        (2, 3, 1),
    ]
    assert taken(planned(places, free, *lines, under=policy(parcel=13_600, per_100_km=1_000))) == [
        (1, 1, 1),
        (2, 2, 1),
    ]


def test_an_order_is_split_where_dear_handling_costs_more_than_a_parcel() -> None:
    places = [place(1, "shop", kind="store"), place(2, "depot", city="lodz")]
    free = {X: {1: 10, 2: 10}, Y: {1: 10}}
    lines = (want(1, 10, X), want(2, 1, Y))
    thrifty = policy(parcel=5_000, handling_by_kind={"store": 1_000}, per_100_km=0)
    assert taken(planned(places, free, *lines, under=thrifty)) == [(1, 2, 10), (2, 1, 1)]
    dear = policy(parcel=15_000, handling_by_kind={"store": 1_000}, per_100_km=0)
    assert taken(planned(places, free, *lines, under=dear)) == [(1, 1, 10), (2, 1, 1)]


def test_handling_of_one_place_goes_before_that_of_its_kind() -> None:
    places = [place(1, "A"), place(2, "B")]
    costs = policy(handling=50, handling_by_kind={"warehouse": 20}, handling_by_place={"B": 10})
    done = planned(places, {X: {1: 9, 2: 9}}, want(1, 4, X), under=costs)
    assert taken(done) == [(1, 2, 4)]
    assert done.cost == 5_000 + 4 * 10


def test_equal_costs_go_by_priority_then_by_code() -> None:
    places = [place(1, "Z", priority=2), place(2, "Y", priority=1), place(3, "X", priority=1)]
    free = {X: dict.fromkeys((1, 2, 3), 5)}
    assert taken(planned(places, free, want(1, 1, X))) == [(1, 3, 1)]
    assert taken(planned(places[:2], free, want(1, 1, X))) == [(1, 2, 1)]


def test_a_priority_step_can_outweigh_distance() -> None:
    places = [place(1, priority=2), place(2, city="lodz", priority=1)]
    free = {X: {1: 5, 2: 5}}
    assert taken(planned(places, free, want(1, 1, X))) == [(1, 1, 1)]
    steep = policy(priority_step=1_000)
    assert taken(planned(places, free, want(1, 1, X), under=steep)) == [(1, 2, 1)]


def test_load_moves_orders_to_a_less_busy_place() -> None:
    places = [place(1, capacity_daily=10), place(2, city="lodz", capacity_daily=10)]
    free = {X: {1: 5, 2: 5}}
    assert taken(planned(places, free, want(1, 1, X), load={1: 1})) == [(1, 1, 1)]
    assert taken(planned(places, free, want(1, 1, X), load={1: 8, 2: 1})) == [(1, 2, 1)]


def test_a_place_outside_the_market_serves_only_when_it_saves_more() -> None:
    places = [place(1, market="uk"), place(2, city="paris", market="eu")]
    free = {X: {1: 5, 2: 5}}
    assert taken(planned(places, free, want(1, 1, X), under=policy(out_of_market=2_000))) == [
        (1, 1, 1)
    ]
    assert taken(planned(places, free, want(1, 1, X), under=policy(out_of_market=3_000))) == [
        (1, 2, 1)
    ]


def test_what_cannot_be_served_is_left_and_the_rest_is_served() -> None:
    free = {X: {1: 2, 2: 1}, Y: {2: 1}}
    done = planned([place(1), place(2)], free, want(1, 5, X), want(2, 3, Y), want(3, 1, Z))
    assert taken(done) == [(1, 1, 2), (1, 2, 1), (2, 2, 1)]
    assert left(done) == {1: 2, 2: 2, 3: 1}
    assert done.decision.outcome == "part"


def test_ship_complete_takes_everything_or_nothing() -> None:
    complete = policy(limits=Limits(ship_complete=True))
    places = [place(1), place(2)]
    whole = planned(places, {X: {1: 2, 2: 3}}, want(1, 5, X), under=complete)
    assert taken(whole) == [(1, 1, 2), (1, 2, 3)]
    short = planned(places, {X: {1: 2, 2: 2}}, want(1, 5, X), want(2, 1, X), under=complete)
    assert taken(short) == []
    assert left(short) == {1: 5, 2: 1}
    assert short.cost == 0
    assert short.decision.hindrance == "ship_complete"


def test_no_more_parcels_than_the_policy_allows() -> None:
    places = [place(1), place(2), place(3), place(4)]
    free = {X: {1: 4, 2: 3, 3: 2, 4: 1}}
    one = planned(places, free, want(1, 10, X), under=policy(limits=Limits(max_parcels=1)))
    assert taken(one) == [(1, 1, 4)]
    assert left(one) == {1: 6}
    assert one.decision.hindrance == "max_parcels"
    two = planned(places, free, want(1, 10, X), under=policy(limits=Limits(max_parcels=2)))
    assert taken(two) == [(1, 1, 4), (1, 2, 3)]
    three = planned(places, free, want(1, 9, X), under=policy(limits=Limits(max_parcels=3)))
    assert taken(three) == [(1, 1, 4), (1, 2, 3), (1, 3, 2)]


def test_an_undivided_line_comes_from_the_place_that_has_most_of_it() -> None:
    places = [place(1), place(2), place(3)]
    whole = policy(limits=Limits(line_split=False))
    free = {X: {1: 2, 2: 3, 3: 1}, Y: {1: 1}}
    done = planned(places, free, want(1, 5, X), want(2, 1, Y), under=whole)
    assert taken(done) == [(1, 2, 3), (2, 1, 1)]
    assert left(done) == {1: 2}
    assert done.decision.hindrance == "line_split"


def test_two_undivided_lines_of_one_item_may_come_from_two_places() -> None:
    whole = policy(limits=Limits(line_split=False))
    free = {X: {1: 3, 2: 3}}
    done = planned([place(1), place(2)], free, want(1, 3, X), want(2, 3, X), under=whole)
    assert len(taken(done)) == 2
    assert left(done) == {}


def test_a_kit_is_taken_whole_from_one_place() -> None:
    free = {X: {1: 5, 2: 1}, Y: {1: 1, 2: 5}}
    done = planned([place(1), place(2)], free, want(1, 4, X, Y))
    assert taken(done) == [(1, 1, 1), (1, 2, 1)]
    assert left(done) == {1: 2}


def test_kits_of_one_line_may_come_from_two_places() -> None:
    pair = Want(1, 3, (Part(X, 2), Part(Y, 1)))
    done = planned([place(1), place(2)], {X: {1: 5, 2: 2}, Y: {1: 5, 2: 5}}, pair)
    assert taken(done) == [(1, 1, 2), (1, 2, 1)]


def test_a_kit_and_its_part_are_served_from_two_places_when_one_lacks_the_part() -> None:
    bundle = Want(1, 1, (Part(X, 1), Part(Y, 1)))
    free = {X: {1: 1, 2: 1}, Y: {1: 1}}
    done = planned([place(1), place(2)], free, bundle, want(2, 1, X))
    assert taken(done) == [(1, 1, 1), (2, 2, 1)]


def test_scarce_parts_go_where_they_serve_most_units() -> None:
    triple = Want(1, 1, (Part(X, 3),))
    done = planned([place(1)], {X: {1: 3}}, triple, want(2, 3, X))
    assert taken(done) == [(2, 1, 3)]
    assert left(done) == {1: 1}


def test_what_is_picked_up_comes_from_the_chosen_place_only() -> None:
    places = [place(1, city="paris"), place(2), place(3, can_pickup=False)]
    free = {X: {1: 2, 2: 9, 3: 9}}
    done = planned(places, free, want(1, 3, X), pickup_place=1)
    assert taken(done) == [(1, 1, 2)]
    assert left(done) == {1: 1}
    assert taken(planned(places, free, want(1, 3, X), pickup_place=3)) == []


def test_an_order_to_an_unknown_country_is_served_by_priority() -> None:
    places = [place(1, city="paris"), place(2), place(3, city=None, priority=2)]
    free = {X: dict.fromkeys((1, 2, 3), 5)}
    done = planned(places, free, want(1, 1, X), destination=NOWHERE)
    assert taken(done) == [(1, 1, 1)]
    assert list(done.decision.km) == [None, None, None]


def test_a_place_without_coordinates_counts_as_far() -> None:
    places = [place(1, city=None), place(2, city="paris")]
    free = {X: {1: 5, 2: 5}}
    assert taken(planned(places, free, want(1, 1, X))) == [(1, 2, 1)]
    assert taken(planned(places, free, want(1, 1, X), under=policy(unknown_km=100))) == [(1, 1, 1)]


def test_an_order_without_lines_needs_no_plan() -> None:
    done = planned([place(1)], {})
    assert taken(done) == []
    assert left(done) == {}
    assert done.decision.outcome == "all"


def test_a_network_without_places_serves_nothing() -> None:
    done = planned([], {X: {1: 5}}, want(1, 1, X))
    assert left(done) == {1: 1}
    assert done.decision.outcome == "none"


def test_stock_beyond_the_places_looked_at_first_is_found() -> None:
    places = [place(no, f"L{no:03}", priority=no) for no in range(1, 201)]
    assert taken(planned(places, {X: {190: 5}}, want(1, 5, X))) == [(1, 190, 5)]
    spread = {X: dict.fromkeys(range(101, 111), 1)}
    done = planned(places, spread, want(1, 10, X))
    assert taken(done) == [(1, no, 1) for no in range(101, 111)]


def test_a_free_place_beyond_the_first_ones_wins_over_busy_ones() -> None:
    places = [place(no, f"L{no:03}", capacity_daily=100) for no in range(1, 101)]
    load = dict.fromkeys(range(1, 100), 50)
    free = {X: dict.fromkeys(range(1, 101), 5)}
    assert taken(planned(places, free, want(1, 5, X), load=load)) == [(1, 100, 5)]
