"""The re-optimiser beside everybody else: picker, canceller, buyer, receiver, adjuster."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import msgspec
import pytest

from ordito.adapters.highs import solve
from ordito.flows.adjust_stock import adjust_stock
from ordito.flows.cancel_order import cancel_order
from ordito.flows.pick_units import pick_units
from ordito.flows.receive_stock import receive_stock
from ordito.flows.release_to_pick import release_orders
from ordito.flows.resource_jointly import (
    ApplyJointPlan,
    JointPlanReport,
    PlanJointly,
    apply_plan,
    plan_open_orders,
)
from ordito.fulfillment.asks import PickUnits
from ordito.inventory.asks import AdjustStock, ReceiveStock
from ordito.orders.asks import CancelOrder, ReleaseOrders
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows.invariants import assert_sound
from tests.races.racing import race

SKUS = ("tea", "cup", "pot")
PLACES: dict[str, dict[str, Any]] = {
    "A": {"latitude": 52.2, "longitude": 21.0},
    "B": {"latitude": 51.7, "longitude": 19.4, "capacity_daily": 40},
    "C": {"latitude": 48.8, "longitude": 2.3},
}
ROUNDS = 6


class Floor:
    """A shop in which many things happen at once. Each act may be refused; none may break."""

    def __init__(self, db: Database, dice: Random) -> None:
        stock = {code: {sku: dice.randint(0, 4) for sku in SKUS} for code in PLACES}
        self.shop = make.shop(db, stock=stock, locations=PLACES)
        self.orders = [self.place(dice) for _ in range(14)]
        self.reports: list[JointPlanReport] = []

    def place(self, dice: Random) -> Any:
        skus = dice.sample(SKUS, dice.choice([1, 2, 2, 3]))
        return make.place(self.shop, {sku: dice.randint(1, 2) for sku in skus}).id

    def buyer(self, dice: Random) -> None:
        self.orders.append(self.place(dice))

    def canceller(self, dice: Random) -> None:
        ask = CancelOrder(order_id=dice.choice(self.orders), reason="customer_request")
        run(self.shop.db, make.BOSS, cancel_order, ask)

    def picker(self, dice: Random) -> None:
        order_id = dice.choice(self.orders)
        run(self.shop.db, make.BOSS, release_orders, ReleaseOrders(order_ids=(order_id,)))
        run(self.shop.db, make.BOSS, pick_units, PickUnits(order_id=order_id, fo_no=1))

    def receiver(self, dice: Random) -> None:
        lines = [{"sku": dice.choice(SKUS), "quantity": dice.randint(1, 3)}]
        ask = {"location": dice.choice(list(PLACES)), "lines": lines}
        run(self.shop.db, make.BOSS, receive_stock, msgspec.convert(ask, ReceiveStock))

    def adjuster(self, dice: Random) -> None:
        lines = [{"sku": dice.choice(SKUS), "quantity": -1}]
        ask = {"location": dice.choice(list(PLACES)), "reason": "lost", "lines": lines}
        run(self.shop.db, make.BOSS, adjust_stock, msgspec.convert(ask, AdjustStock))

    def replanner(self, dice: Random) -> None:
        made = plan_open_orders(self.shop.db, make.BOSS, solve, PlanJointly(seconds=2))
        ask = ApplyJointPlan(plan_no=made.plan.plan_no)
        self.reports.append(apply_plan(self.shop.db, make.BOSS, ask))

    def work(self, act: Callable[[Random], None], seed: int) -> None:
        dice = Random(seed)
        for _ in range(ROUNDS):
            try:
                act(dice)
            except Problem as problem:
                if problem.status >= 500:
                    raise


@pytest.mark.parametrize("seed", [1, 2])
def test_replanning_beside_everybody_else_loses_and_doubles_nothing(
    db: Database, seed: int
) -> None:
    floor = Floor(db, Random(seed))
    acts = [
        floor.replanner,
        floor.replanner,
        floor.picker,
        floor.canceller,
        floor.buyer,
        floor.receiver,
        floor.adjuster,
    ]
    outcomes = race([partial(floor.work, act, seed * 100 + n) for n, act in enumerate(acts)])
    assert outcomes == [None] * len(acts)
    assert len(floor.reports) == 2 * ROUNDS
    assert any(one.state != "waiting" for report in floor.reports for one in report.orders)
    assert_sound(db)
    assert_well_now(db)


def test_one_plan_carried_out_twice_at_once_moves_everything_once(db: Database) -> None:
    floor = Floor(db, Random(4))
    make.receive(floor.shop, {"A": dict.fromkeys(SKUS, 5)})
    made = plan_open_orders(db, make.BOSS, solve, PlanJointly(seconds=2))
    assert made.orders, "there is something to move"
    go = partial(apply_plan, db, make.BOSS, ApplyJointPlan(plan_no=made.plan.plan_no))
    reports = race([go, go, go])
    assert [report.orders for report in reports[1:]] == [reports[0].orders] * 2
    assert {one.state for one in reports[0].orders} == {"applied"}
    assert reports[0].applied_saving == made.planned_saving
    assert_sound(db)
    assert_well_now(db)
