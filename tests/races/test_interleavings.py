"""F14 to F17: everybody at the same order and the same units, statement by statement.

A failing seed fails again when it is run alone: `pytest -k "interleaving and 17"`.
"""

import os
import typing
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.adapters.highs import solve
from ordito.flows.adjust_stock import adjust_stock
from ordito.flows.cancel_order import cancel_order
from ordito.flows.change_delivery import change_delivery
from ordito.flows.count_stock import count_stock
from ordito.flows.pick_units import pick_units
from ordito.flows.pin_line import pin_line
from ordito.flows.place_orders import place_orders
from ordito.flows.receive_stock import receive_stock
from ordito.flows.receive_transfer import receive_transfer
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.release_to_pick import release_orders
from ordito.flows.report_short import report_short
from ordito.flows.resource_jointly import ApplyJointPlan, PlanJointly, apply_plan, plan_open_orders
from ordito.flows.serve_backorders import serve_backorders
from ordito.flows.transfer_stock import draft_transfer, request_transfer, ship_transfer
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows.invariants import assert_sound
from tests.races.interleaving import Act, interleave

SKUS = ("tea", "cup")
PLACES: dict[str, dict[str, Any]] = {
    "A": {"latitude": 52.2, "longitude": 21.0},
    "B": {"latitude": 51.7, "longitude": 19.4},
}
SEEDS = range(400 if os.environ.get("ORDITO_PROPERTIES") == "nightly" else 8)


def do(db: Database, command: Any, **body: Any) -> Any:
    """Carry out a command on a JSON-like body; raises the Problem."""
    kind = typing.get_type_hints(command)["ask"]
    return run(db, make.BOSS, command, msgspec.convert(body, kind))


class Scene:
    """One order of everything there is, two rivals for it, and what is prepared for each actor."""

    def __init__(self, shop: make.Shop, dice: Random) -> None:
        self.shop, self.dice = shop, dice
        self.order_id: UUID = make.place(shop, dict.fromkeys(SKUS, 2)).id
        if dice.random() < 0.5:
            do(shop.db, release_orders, order_ids=[self.order_id])

    def picker(self) -> Act:
        def act(db: Database) -> None:
            do(db, release_orders, order_ids=[self.order_id])
            do(db, pick_units, order_id=self.order_id, fo_no=1)

        return act

    def canceller(self) -> Act:
        lines = self.dice.choice([None, {"1": 1}, {"1": 2}])
        return lambda db: do(
            db, cancel_order, order_id=self.order_id, reason="customer_request", lines=lines
        )

    def editor(self) -> Act:
        place = self.dice.choice(list(PLACES))
        if self.dice.random() < 0.5:
            return lambda db: do(
                db, change_delivery, order_id=self.order_id, delivery="pickup", location=place
            )
        return lambda db: do(
            db, pin_line, order_id=self.order_id, line_no=1, location=place, wait=True
        )

    def rejecter(self) -> Act:
        if self.dice.random() < 0.5:
            return lambda db: do(
                db, reject_fulfillment_order, order_id=self.order_id, fo_no=1, reason="busy"
            )
        return lambda db: do(db, report_short, order_id=self.order_id, fo_no=1, lines={"1": 1})

    def receiver(self) -> Act:
        place, lines = self.dice.choice(list(PLACES)), [{"sku": "tea", "quantity": 2}]

        def act(db: Database) -> None:
            do(db, receive_stock, location=place, lines=lines)
            do(db, serve_backorders, item_ids=[self.shop.items["tea"]])

        return act

    def counter(self) -> Act:
        place, sku = self.dice.choice(list(PLACES)), self.dice.choice(SKUS)
        if self.dice.random() < 0.5:
            lines = [{"sku": sku, "quantity": -1}]
            return lambda db: do(db, adjust_stock, location=place, reason="lost", lines=lines)
        counted = [{"sku": sku, "counted": 1, "expected": None}]
        return lambda db: do(db, count_stock, location=place, lines=counted)

    def mover(self) -> Act:
        """A transfer of what the order was promised, or would be promised next."""
        there, here = self.dice.sample(list(PLACES), 2)
        lines = [{"sku": sku, "quantity": 1} for sku in SKUS]
        made = do(self.shop.db, draft_transfer, from_location=here, to_location=there, lines=lines)
        do(self.shop.db, request_transfer, transfer_id=made.id)
        arrived = [{"sku": "tea", "quantity": 1}]

        def act(db: Database) -> None:
            do(db, ship_transfer, transfer_id=made.id)
            do(db, receive_transfer, transfer_id=made.id, lines=arrived)

        return act

    def replanner(self) -> Act:
        made = plan_open_orders(self.shop.db, make.BOSS, solve, PlanJointly(seconds=1))
        ask = ApplyJointPlan(plan_no=made.plan.plan_no)
        return lambda db: apply_plan(db, make.BOSS, ask)

    def buyer(self) -> Act:
        ask = msgspec.convert(make.ask(dict.fromkeys(SKUS, 1)), PlaceOrder)
        return lambda db: run(db, make.BOSS, place_orders, ask)


ACTORS: tuple[Callable[[Scene], Act], ...] = (
    Scene.picker,
    Scene.canceller,
    Scene.editor,
    Scene.rejecter,
    Scene.receiver,
    Scene.counter,
    Scene.mover,
    Scene.replanner,
    Scene.buyer,
)


@pytest.mark.parametrize("first", [SEEDS[n] for n in range(0, len(SEEDS), 8)])
def test_every_interleaving_conserves_all_units(db: Database, first: int) -> None:
    stock = {"A": {"tea": 3, "cup": 6}, "B": {"tea": 3, "cup": 2}}
    shop = make.shop(db, stock=stock, locations=PLACES)
    for seed in range(first, first + 8):
        dice = Random(seed)
        make.receive(shop, {dice.choice(list(PLACES)): dict.fromkeys(SKUS, 2)})
        scene = Scene(shop, dice)
        acts = [actor(scene) for actor in dice.sample(ACTORS, 4)]

        outcomes = interleave(db.dsn, acts, seed=seed)

        refused = [o.status for o in outcomes if isinstance(o, Problem)]
        assert all(status < 500 for status in refused), (seed, outcomes)
        assert_sound(db)
        assert_well_now(db)


def test_some_interleaving_finds_a_check_that_is_not_one_with_its_write(db: Database) -> None:
    """What the explorer is for: an act with such a fault is caught, and by the same seeds again."""
    with make.owner(db) as conn:
        conn.execute("CREATE TABLE platform.tally (n int NOT NULL)")
        conn.execute("GRANT SELECT, INSERT, UPDATE ON platform.tally TO PUBLIC")

    def count_up(db: Database) -> None:
        with db.connection() as conn:
            row = conn.execute("SELECT n FROM platform.tally").fetchone()
            conn.execute("UPDATE platform.tally SET n = %s", (row[0] + 1 if row else 1,))

    def lost(seed: int) -> bool:
        with make.owner(db) as conn:
            conn.execute("DELETE FROM platform.tally")
            conn.execute("INSERT INTO platform.tally VALUES (0)")
        interleave(db.dsn, [count_up, count_up], seed=seed)
        with db.connection() as conn:
            row = conn.execute("SELECT n FROM platform.tally").fetchone()
        return row != (2,)

    caught = {seed for seed in range(6) if lost(seed)}
    assert caught, "no seed lost an update"
    assert {seed for seed in range(6) if lost(seed)} == caught
