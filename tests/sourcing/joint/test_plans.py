"""What joint plans keep to: promises, rooms of today, pins; and how large exchanges may get."""

from datetime import UTC, date, datetime

import msgspec

from ordito.adapters.highs import solve
from ordito.sourcing.joint.exchanges import ORDERS_MAX, Exchange, value_of
from ordito.sourcing.joint.plans import plan_jointly
from ordito.sourcing.joint.types import (
    JointOrder,
    JointPlan,
    OrderOutcome,
    Snapshot,
    Units,
)
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.policies import CapacityRule
from ordito.sourcing.timings import Dates
from ordito.sourcing.types import Allocation, Place
from tests.sourcing.make import X, Y, place, policy, request, want

WEEKDAYS = 0b0011111
TODAY = "2026-11-25"
"""A Wednesday."""


def planned(snapshot: Snapshot) -> JointPlan:
    return plan_jointly(snapshot, solve, seconds=5, clock=lambda: 0.0, gap=0.0)


def held_far(places: list[Place], **more: object) -> JointOrder:
    """An order to Warsaw for one X that Paris (2) holds, while Warsaw (1) has one, too."""
    network = compile_policy(policy(CapacityRule()), places)
    asked = request(want(1, 1, X), date=TODAY)
    return JointOrder("one", asked, network, [Allocation(1, 2, 1)], **more)  # type: ignore[arg-type]


def test_an_order_is_moved_to_where_it_costs_less() -> None:
    order = held_far([place(1), place(2, city="paris")])
    made = planned(Snapshot([order], {X: {1: 1}}, {}))
    assert made.outcomes[0].after == {(1, 1): 1}
    assert made.figures.settled == 1
    assert made.figures.gap == 0.0


def test_no_place_is_taken_that_begins_after_the_promise() -> None:
    closed = place(1, holidays=("2026-11-25", "2026-11-26", "2026-11-27"))
    for promised, expected in ((date(2026, 11, 27), 2), (date(2026, 11, 28), 1)):
        order = held_far([closed, place(2, city="paris")], ready_by=promised)
        made = planned(Snapshot([order], {X: {1: 1}}, {}))
        assert made.outcomes[0].after == {(1, expected): 1}


def test_where_a_day_is_kept_is_looked_at_while_there_is_time() -> None:
    wanted = {1: Dates(latest_on=date(2026, 11, 30))}
    order = held_far([place(1), place(2, city="paris")], dates=wanted)
    order = msgspec.structs.replace(
        order,
        request=msgspec.structs.replace(order.request, at=datetime(2026, 11, 25, 9, tzinfo=UTC)),
    )
    snapshot = Snapshot([order], {X: {1: 1}}, {})
    assert planned(snapshot).outcomes[0].after == {(1, 1): 1}
    ticks = iter(range(0, 1000, 100))
    late = plan_jointly(snapshot, solve, seconds=5, clock=lambda: float(next(ticks)), gap=0.0)
    assert late.outcomes[0].after == {(1, 2): 1}, "it stays where it is"


def test_a_place_without_room_today_takes_nothing_more() -> None:
    order = held_far([place(1, capacity_daily=3), place(2, city="paris")])
    for load, expected in ((3, 2), (2, 1)):
        made = planned(Snapshot([order], {X: {1: 1}}, {1: load}))
        assert made.outcomes[0].after == {(1, expected): 1}


def test_room_is_counted_in_units_where_capacity_is() -> None:
    places = [place(1, capacity_daily=5, capacity_unit="units"), place(2, city="paris")]
    network = compile_policy(policy(CapacityRule()), places)
    orders = [
        JointOrder(name, request(want(1, 3, X), date=TODAY), network, [Allocation(1, 2, 3)])
        for name in ("one", "two")
    ]
    made = planned(Snapshot(orders, {X: {1: 6}}, {}))
    moved = [outcome.after for outcome in made.outcomes if outcome.after == {(1, 1): 3}]
    assert len(moved) == 1, "both would be six units, and there is room for five"


def test_too_large_an_exchange_loses_its_least_valuable_shifts() -> None:
    """A ring in which each order takes what the next one gives back, and one that starts it."""
    count = ORDERS_MAX + 6
    places = [place(no) for no in range(1, count + 2)]
    network = compile_policy(policy(), places)
    orders, outcomes = [], []
    for n in range(1, count + 1):
        orders.append(JointOrder(f"{n:03}", request(want(1, 1, Y)), network))
        present: Units = {(1, n): 1}
        after: Units = {(1, n + 1): 1}
        outcomes.append(OrderOutcome(f"{n:03}", present, present, after, 100, 100, 100 - n))
    figures = planned(Snapshot([], {}, {})).figures
    plan = JointPlan(figures, outcomes)
    groups = Exchange(Snapshot(orders, {Y: {count + 1: 1}}, {}), plan).groups()
    kept = sorted(int(shift.order_id) for group in groups for shift in group)
    assert kept == list(range(7, count + 1)), "the seventh on depend on none of the first six"
    assert [len(group) for group in groups] == [ORDERS_MAX]
    assert value_of(groups[0]) == (0, sum(range(7, count + 1)))
