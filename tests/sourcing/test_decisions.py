import msgspec

from ordito.sourcing.plans import compile_policy, plan
from ordito.sourcing.policies import Limits, ProtectRule
from ordito.sourcing.types import Decision
from tests.sourcing.make import (
    WARSAW,
    X,
    Y,
    excluded,
    place,
    planned,
    policy,
    request,
    want,
)


def test_a_decision_has_every_cost_part_of_every_place() -> None:
    places = [
        place(1, "WAW", kind="store", priority=2, capacity_daily=10),
        place(2, "PAR", city="paris", market="fr"),
        place(3, "DARK", city=None),
        place(4, "OFF", active=False),
    ]
    under = policy(
        ProtectRule(keep=1, kinds=("store",)),
        parcel=5_000,
        per_100_km=200,
        unknown_km=1_000,
        priority_step=300,
        load=1_000,
        out_of_market=700,
        handling=20,
        handling_by_kind={"store": 50},
    )
    network = compile_policy(under, places, version=7)
    free = {X: {1: 3, 2: 9}, Y: {1: 1, 2: 1}}
    done = plan(request(want(1, 2, X), want(2, 1, Y)), network, free, {1: 3})
    assert done.decision == Decision(
        policy_version=7,
        outcome="all",
        delivery="ship",
        lines=[[1], [2]],
        wanted=[2, 1],
        places=[1, 3, 2],
        km=[0, None, 1367],
        parcel=[5_000, 5_000, 5_000],
        distance=[0, 2_000, 2_734],
        priority=[300, 0, 0],
        market=[0, 0, 700],
        load=[300, 0, 0],
        handling=[100, 0, 60],
        servable=[[2, 0, 2], [0, 0, 1]],
        units=[2, 0, 3],
        taken=[0, 0, 3],
        cost=5_000 + 2_734 + 700 + 60,
        newest=4,
        excluded=done.decision.excluded,
        kept=[1, 0, 0],
    )
    assert excluded(done) == {"inactive": [4]}


def test_costs_that_are_zero_everywhere_are_left_out() -> None:
    done = planned([place(1), place(2)], {X: {1: 1}}, want(1, 1, X), under=policy(load=0))
    stored = msgspec.to_builtins(done.decision)
    assert stored.keys() == {
        *("policy_version", "outcome", "delivery", "lines", "wanted", "places", "km", "servable"),
        *("units", "taken", "cost", "newest", "parcel", "distance"),
    }


def test_lines_of_one_item_share_a_column() -> None:
    done = planned([place(1)], {X: {1: 5}}, want(1, 2, X), want(2, 1, Y), want(3, 4, X))
    assert done.decision.lines == [[1, 3], [2]]
    assert done.decision.wanted == [6, 1]
    assert done.decision.servable == [[5], [0]]
    assert done.decision.outcome == "part"


def test_units_count_shared_parts_once() -> None:
    done = planned([place(1)], {X: {1: 1}, Y: {1: 1}}, want(1, 1, X, Y), want(2, 1, X))
    assert done.decision.servable == [[1], [1]]
    assert done.decision.units == [1]


def test_at_most_sixteen_places_have_figures_and_the_others_are_listed() -> None:
    places = [place(no, f"L{no:02}") for no in range(1, 41)]
    free = {X: dict.fromkeys(range(11, 41), 5)}
    done = planned(places, free, want(1, 1, X))
    assert list(done.decision.places) == list(range(11, 27))
    assert excluded(done) == {"no_stock": list(range(1, 11)), "outranked": list(range(27, 41))}
    assert done.decision.others == ""


def test_every_place_of_the_plan_has_figures() -> None:
    places = [place(no, f"L{no:02}") for no in range(1, 41)]
    free = {X: dict.fromkeys(range(1, 41), 1)}
    done = planned(places, free, want(1, 30, X))
    assert len(done.decision.places) == 30
    assert sum(done.decision.taken) == 30


def test_a_large_network_leaves_out_the_longest_list() -> None:
    places = [place(no, f"L{no:04}", priority=no) for no in range(1, 301)]
    free = {X: dict.fromkeys(range(1, 301), 5)}
    near = planned(places, free, want(1, 1, X), under=policy(priority_step=100))
    assert near.decision.others == "unseen"
    assert excluded(near) == {"outranked": list(range(17, 65)), "unseen": []}
    scarce = planned(places, {X: {100: 1, 200: 1}}, want(1, 2, X))
    assert list(scarce.decision.places) == [100, 200]
    assert excluded(scarce) == {"no_stock": []}
    assert scarce.decision.others == "no_stock"
    picked_up = planned(places, free, want(1, 1, X), pickup_place=200)
    assert excluded(picked_up) == {"not_pickup_place": []}
    assert picked_up.decision.others == "not_pickup_place"


def test_a_decision_tells_which_limit_left_units_unserved() -> None:
    places = [place(1), place(2)]
    free = {X: {1: 2, 2: 2}}
    limits = {
        "": Limits(),
        "max_parcels": Limits(max_parcels=1),
        "line_split": Limits(line_split=False),
        "ship_complete": Limits(ship_complete=True),
    }
    for hindrance, limit in limits.items():
        done = planned(places, free, want(1, 5, X), under=policy(limits=limit))
        assert done.decision.hindrance == hindrance
        assert done.decision.outcome == ("none" if hindrance == "ship_complete" else "part")


def test_a_decision_tells_when_distances_are_only_from_the_country() -> None:
    rough = msgspec.structs.replace(WARSAW, exact=False)
    assert planned([place(1)], {X: {1: 1}}, want(1, 1, X)).decision.exact
    assert not planned([place(1)], {X: {1: 1}}, want(1, 1, X), destination=rough).decision.exact
