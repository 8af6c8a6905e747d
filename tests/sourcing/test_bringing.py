"""What the shop of a pick-up lacks is brought to it: planned as if it were shipped there."""

from ordito.sourcing.bringing import outcome_of, places_used, units_at
from ordito.sourcing.explanations import explain, explain_order
from ordito.sourcing.plans import compile_policy, plan_near
from ordito.sourcing.policies import CountryRule, Limits
from tests.sourcing.make import X, Y, left, place, planned, policy, request, taken, want

PLACES = [
    place(1, "SHOP", kind="store", can_ship=False),
    place(2, "NEAR", city="lodz", can_pickup=False),
    place(3, "FAR", city="berlin", country="DE"),
    place(4, "STORE", kind="store", can_ship=False),
]
DEAR = policy(per_100_km=500)


def test_the_shop_serves_what_it_has_and_the_nearest_brings_the_rest() -> None:
    free = {X: {1: 1, 2: 9, 3: 9, 4: 9}}
    done = planned(PLACES, free, want(1, 3, X), under=DEAR, pickup_place=1, bring_days=2)
    assert (taken(done), left(done)) == ([(1, 1, 1), (1, 2, 2)], {})
    assert done.decision.brought is not None
    assert done.cost == done.decision.cost + done.decision.brought.cost
    assert (outcome_of(done.decision), places_used(done.decision)) == ("all", [1, 2])
    assert [units_at(done.decision, no) for no in (1, 2, 4)] == [(1, 0), (2, 119), (0, None)]
    told = {r.place: r.code for r in explain(done.decision, PLACES, {1: "tea"})}
    assert told == {1: "chosen_pickup", 2: "chosen_brought", 3: "dearer_distance",
                    4: "no_shipping_store"}  # fmt: skip
    (said,) = explain_order(done.decision, {1: "tea"})
    assert (said.code, said.params) == ("order_brought", {"own": 1, "wanted": 3, "brought": 2})

    # Without it, or when the shop has everything, nobody else is looked at.
    alone = planned(PLACES, free, want(1, 3, X), pickup_place=1)
    assert (taken(alone), left(alone), alone.decision.brought) == ([(1, 1, 1)], {1: 2}, None)
    whole = planned(PLACES, free, want(1, 1, X), pickup_place=1, bring_days=2)
    assert (taken(whole), whole.decision.brought) == ([(1, 1, 1)], None)


def test_who_sends_to_the_shop_keeps_the_rules_of_shipping() -> None:
    at_home = policy(CountryRule(same=True, deliveries=("ship",)))
    free = {X: {3: 9}, Y: {2: 9}}
    done = planned(PLACES, free, want(1, 1, X), want(2, 1, Y), under=at_home, pickup_place=1,
                   bring_days=2)  # fmt: skip
    assert (taken(done), left(done)) == ([(2, 2, 1)], {1: 1})
    assert outcome_of(done.decision) == "part"
    assert [r.code for r in explain_order(done.decision, {1: "tea", 2: "cup"})] == [
        "order_brought", "order_not_in_stock", "order_missing",
    ]  # fmt: skip

    nobody = planned(PLACES, {X: {3: 9}}, want(1, 1, X), under=at_home, pickup_place=1,
                     bring_days=2)  # fmt: skip
    assert (outcome_of(nobody.decision), left(nobody)) == ("none", {1: 1})
    assert explain_order(nobody.decision, {1: "tea"})[0].code == "order_not_brought"

    # All or nothing: the shop's part stays there when others have all of it.
    complete = policy(limits=Limits(ship_complete=True))
    done = planned(PLACES, {X: {1: 1, 2: 9}}, want(1, 3, X), under=complete, pickup_place=1,
                   bring_days=2)  # fmt: skip
    assert (taken(done), left(done)) == ([(1, 2, 3)], {})


def test_with_many_places_the_stock_of_all_is_asked_for_before_anything_is_brought() -> None:
    network = compile_policy(DEAR, PLACES)
    asked = request(want(1, 3, X), pickup_place=1, bring_days=2)
    assert plan_near(asked, network, {X: {1: 1}}, {}) is None
    found = plan_near(asked, network, {X: {1: 3}}, {})
    assert found is not None
    assert taken(found) == [(1, 1, 3)]
