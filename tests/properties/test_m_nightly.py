"""Any acts in any order: after each, the doctor finds nothing and a plain model agrees.

What `allowed_actions` names succeeds, and what it doesn't name is refused.
"""

import os
import typing
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ordito.flows.adjust_stock import adjust_stock, move_stock
from ordito.flows.cancel_order import cancel_order
from ordito.flows.complete_service import complete_service
from ordito.flows.count_stock import count_stock
from ordito.flows.hand_over import close_not_collected, hand_over, make_ready
from ordito.flows.hold_order import hold_order, release_hold
from ordito.flows.hold_stock import expire_holds, hold_stock, release_hold_of_stock
from ordito.flows.order_states import order_state
from ordito.flows.pack_units import pack_units
from ordito.flows.pick_units import pick_units, start_picking, unpick_units
from ordito.flows.place_orders import place_orders
from ordito.flows.receive_stock import receive_stock
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.release_to_pick import release_to_pick
from ordito.flows.report_short import report_short
from ordito.flows.resource_order import source_order
from ordito.flows.return_units import return_units
from ordito.flows.serve_backorders import serve_backorders
from ordito.flows.ship_units import deliver_units, ship_units
from ordito.flows.tag_order import tag_order
from ordito.fulfillment.actions import WORK_ACTIONS
from ordito.orders.states import OrderState, PartState
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, Problem
from tests import make
from tests.doctor.wellness import assert_well, assert_well_now
from tests.flows.stock_acts import let_time_pass
from tests.properties.shop_model import Model, pieces

NIGHTLY = os.environ.get("ORDITO_PROPERTIES") == "nightly"

STOCK = {"A": {"tea": 6, "cup": 8}, "B": {"tea": 3, "cup": 5}, "C": {"tea": 1, "cup": 1}}
STOCKED = ("tea", "cup")
SOLD = ("tea", "cup", "set", "wrap")

WORK: dict[str, tuple[Any, dict[str, Any]]] = {
    "release": (release_to_pick, {}),
    "start": (start_picking, {}),
    "pick": (pick_units, {}),
    "unpick": (unpick_units, {}),
    "reject": (reject_fulfillment_order, {"reason": "too_busy"}),
    "pack": (pack_units, {"unchecked": True}),
    "ship": (ship_units, {"carrier": "DHL"}),
    "deliver": (deliver_units, {}),
    "make_ready": (make_ready, {}),
    "hand_over": (hand_over, {"id_checked": True}),
    "not_collected": (close_not_collected, {}),
}

wants = st.dictionaries(st.sampled_from(SOLD), st.integers(1, 4), min_size=1, max_size=3)
places = st.sampled_from(sorted(STOCK))
skus = st.sampled_from(STOCKED)
few = st.integers(1, 4)
often = st.integers(0, 99)


class LifeOfAShop(RuleBasedStateMachine):
    """Staff, customers and carriers do whatever they can think of."""

    orders: Bundle[UUID] = Bundle("orders")
    holds: Bundle[UUID] = Bundle("holds")
    new_shop: ClassVar[Callable[[], Any]]

    def __init__(self) -> None:
        super().__init__()
        self.opened = type(self).new_shop()
        self.shop: make.Shop = self.opened.__enter__()
        opening = Counter[str]()
        for of_place in STOCK.values():
            opening.update(of_place)
        self.model = Model(opening)

    def teardown(self) -> None:
        try:
            assert_well(self.shop.db)
        finally:
            self.opened.__exit__(None, None, None)

    def do(self, command: Any, body: dict[str, Any]) -> Any:
        """Carry out a command on a JSON-like body; raises the Problem."""
        kind = typing.get_type_hints(command)["ask"]
        return run(self.shop.db, make.BOSS, command, msgspec.convert(body, kind))

    def look(self, order_id: UUID) -> OrderState:
        with self.shop.db.reading(make.BOSS) as tx:
            return order_state(tx, order_id)

    def see_all(self) -> None:
        """Acts on stock change orders too: look at all of them again."""
        for order_id in self.model.states:
            state = self.look(order_id)  # type: ignore[arg-type]
            self.model.check(state)
            self.model.see(state)

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert_well_now(self.shop.db)

    @invariant()
    def shelves_hold_what_the_model_says(self) -> None:
        with self.shop.db.connection() as conn:
            rows = conn.execute(
                "SELECT i.sku, sum(s.on_hand)::int8 FROM inventory.stock AS s"
                " JOIN catalog.item AS i ON i.id = s.item_id GROUP BY i.sku"
            ).fetchall()
        assert dict(rows) == dict(self.model.on_hand)

    @rule(target=orders, wants=wants, pickup=st.sampled_from([None, None, None, "A", "B"]))
    def place(self, wants: dict[str, int], pickup: str | None) -> UUID:
        fields: dict[str, Any] = {"payment": {"method": "card"}}
        if pickup:
            fields |= {"delivery": "pickup", "pickup_location": pickup}
        what = msgspec.convert(make.ask(wants, **fields), PlaceOrder)
        placed: Any = run(self.shop.db, make.BOSS, place_orders, what)
        order_id: UUID = placed.id
        self.model.ordered[order_id] = dict(enumerate(wants.values(), start=1))
        self.model.see(self.look(order_id))
        return order_id

    @rule(order_id=orders, data=st.data())
    def work(self, order_id: UUID, data: st.DataObject) -> None:
        """Something that a fulfillment order allows, with all of its units: it succeeds."""
        part = self._draw_part(order_id, data)
        if part is None:
            return
        done = [action for action in part.allowed_actions if action in WORK]
        if not done:
            return
        command, fields = WORK[data.draw(st.sampled_from(done), label="action")]
        self._after(self.do(command, _work_ask(part, order_id) | fields))

    @rule(order_id=orders, data=st.data())
    def work_on_some_units(self, order_id: UUID, data: st.DataObject) -> None:
        """One unit of one line; refused where the fulfillment order has none of it."""
        part = self._draw_part(order_id, data)
        if part is None:
            return
        action = data.draw(st.sampled_from(["pick", "unpick", "pack", "ship"]), label="action")
        line = data.draw(st.sampled_from(self.look(order_id).lines), label="line")
        command, fields = WORK[action]
        body = _work_ask(part, order_id) | fields | {"lines": {str(line.line_no): 1}}
        self._try(command, body)

    @rule(order_id=orders, data=st.data())
    def what_is_not_allowed_is_refused(self, order_id: UUID, data: st.DataObject) -> None:
        part = self._draw_part(order_id, data)
        if part is None:
            return
        forbidden = sorted(set(WORK) & set(WORK_ACTIONS) - set(part.allowed_actions))
        command, fields = WORK[data.draw(st.sampled_from(forbidden), label="action")]
        with pytest.raises(ActionNotAllowed):
            self.do(command, _work_ask(part, order_id) | fields)

    @rule(
        order_id=orders,
        data=st.data(),
        units=few,
        reason=st.sampled_from(["missing", "damaged"]),
    )
    def report_short(self, order_id: UUID, data: st.DataObject, units: int, reason: str) -> None:
        part = self._draw_part(order_id, data)
        if part is None or "report_short" not in part.allowed_actions:
            return
        line = data.draw(st.sampled_from(self.look(order_id).lines), label="line")
        lost = pieces(line.sku, units) if reason == "missing" else Counter()
        body = _work_ask(part, order_id) | {"lines": {str(line.line_no): units}, "reason": reason}
        self._try(report_short, body, lost=lost)

    @rule(order_id=orders, data=st.data(), units=few, whole=st.booleans())
    def cancel(self, order_id: UUID, data: st.DataObject, units: int, whole: bool) -> None:
        state = self.look(order_id)
        body: dict[str, Any] = {"order_id": order_id, "reason": "customer_request"}
        if not whole:
            line = data.draw(st.sampled_from(state.lines), label="line")
            body["lines"] = {str(line.line_no): units}
        if "cancel" in state.allowed_actions and whole:
            self._after(self.do(cancel_order, body))
        else:
            self._try(cancel_order, body)

    @rule(order_id=orders, data=st.data(), where=st.sampled_from([None, "A", "B"]))
    def take_back(self, order_id: UUID, data: st.DataObject, where: str | None) -> None:
        state = self.look(order_id)
        sent = [line for line in state.lines if line.shipped > line.returned]
        if not sent:
            return
        line = data.draw(st.sampled_from(sent), label="line")
        units = data.draw(st.integers(1, line.shipped - line.returned), label="units")
        disposition = data.draw(st.sampled_from(["restock", "damaged", "scrap"]), label="what")
        body = {"order_id": order_id, "lines": {str(line.line_no): units}, "reason": "unwanted"}
        self._after(self.do(return_units, body | {"disposition": disposition, "location": where}))

    @rule(order_id=orders)
    def hold(self, order_id: UUID) -> None:
        self._try(hold_order, {"order_id": order_id, "holds": [{"reason": "fraud"}]})

    @rule(order_id=orders)
    def release_holds(self, order_id: UUID) -> None:
        self._try(release_hold, {"order_id": order_id})

    @rule(order_id=orders)
    def finish_services(self, order_id: UUID) -> None:
        self._try(complete_service, {"order_id": order_id})

    @rule(order_id=orders)
    def source_again(self, order_id: UUID) -> None:
        self._try(source_order, {"order_id": order_id})

    @rule(order_id=orders)
    def tag(self, order_id: UUID) -> None:
        self._after(self.do(tag_order, {"order_id": order_id, "add": ["gift"]}))

    @rule(place=places, sku=skus, units=few)
    def receive(self, place: str, sku: str, units: int) -> None:
        self.do(receive_stock, {"location": place, "lines": [{"sku": sku, "quantity": units}]})
        self.model.on_hand[sku] += units

    @rule()
    def serve_who_waits(self) -> None:
        self.do(serve_backorders, {"item_ids": [self.shop.items[sku] for sku in STOCKED]})
        self.see_all()

    @rule(place=places, sku=skus, units=few)
    def lose(self, place: str, sku: str, units: int) -> None:
        lines = [{"sku": sku, "quantity": -units}]
        try:
            self.do(adjust_stock, {"location": place, "reason": "correction", "lines": lines})
        except Problem:
            return
        self.model.on_hand[sku] -= units

    @rule(place=places, sku=skus, buckets=st.permutations(["available", "safety", "damaged"]))
    def move(self, place: str, sku: str, buckets: list[str]) -> None:
        line = {"sku": sku, "quantity": 1, "from_bucket": buckets[0], "to_bucket": buckets[1]}
        try:
            self.do(move_stock, {"location": place, "lines": [line]})
        except Problem:
            return

    @rule(place=places, sku=skus, counted=st.integers(0, 9))
    def count(self, place: str, sku: str, counted: int) -> None:
        line = {"sku": sku, "counted": counted, "expected": None}
        before = self._on_hand(place, sku)
        try:
            self.do(count_stock, {"location": place, "lines": [line]})
        except Problem:
            return
        self.model.on_hand[sku] += self._on_hand(place, sku) - before
        self.see_all()

    @rule(target=holds, sku=st.sampled_from(["tea", "set"]), units=few)
    def keep_for_a_cart(self, sku: str, units: int) -> Any:
        lines = [{"sku": sku, "quantity": units}]
        try:
            return self.do(hold_stock, {"channel": "web", "lines": lines}).id
        except Problem:
            return multiple()

    @rule(hold_id=holds)
    def let_a_cart_go(self, hold_id: UUID) -> None:
        try:
            self.do(release_hold_of_stock, {"hold_id": hold_id})
        except Problem:
            return

    @rule(hold_id=holds)
    def let_a_cart_expire(self, hold_id: UUID) -> None:
        let_time_pass(self.shop, hold_id)
        expire_holds(self.shop.db)

    def _draw_part(self, order_id: UUID, data: st.DataObject) -> PartState | None:
        parts = self.look(order_id).fulfillment_orders
        return data.draw(st.sampled_from(parts), label="part") if parts else None

    def _try(self, command: Any, body: dict[str, Any], *, lost: Any = None) -> None:
        """An act that may be refused; then nothing of the order changes."""
        before = self.look(body["order_id"])
        try:
            state = self.do(command, body)
        except Problem:
            assert self.look(body["order_id"]) == before
            return
        self._after(state, lost=lost)

    def _after(self, state: OrderState, *, lost: Any = None) -> None:
        assert state == self.look(state.id), "an act tells the state that it leaves"
        self.model.check(state)
        self.model.see(state, lost=lost)

    def _on_hand(self, place: str, sku: str) -> int:
        with self.shop.db.connection() as conn:
            row = conn.execute(
                "SELECT on_hand FROM inventory.stock WHERE item_id = %s AND location_id = %s",
                (self.shop.items[sku], self.shop.locations[place]),
            ).fetchone()
        return int(row[0]) if row else 0


def _work_ask(part: PartState, order_id: UUID) -> dict[str, Any]:
    return {"order_id": order_id, "fo_no": int(part.id.rsplit(".", 1)[1])}


@pytest.fixture(scope="module")
def new_shop(cluster: Callable[[str], str], template: str) -> Callable[[], Any]:
    """Opens a shop in a database of its own, as often as it is called."""

    @contextmanager
    def build() -> Iterator[make.Shop]:
        name = f"{template}_life"
        with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            db = Database(cluster(name), size_max=2).open()
            try:
                yield make.shop(
                    db, stock=STOCK, kits={"set": {"tea": 1, "cup": 2}}, services=("wrap",)
                )
            finally:
                db.close()
                conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    return build


@pytest.mark.timeout(7200 if NIGHTLY else 300)
def test_whatever_is_done_nothing_is_ever_wrong(new_shop: Callable[[], Any]) -> None:
    LifeOfAShop.new_shop = staticmethod(new_shop)
    run_state_machine_as_test(
        LifeOfAShop,
        settings=settings(
            max_examples=70 if NIGHTLY else 10,
            stateful_step_count=60 if NIGHTLY else 40,
            deadline=None,
            # Shrinking costs minutes; the steps of the first failure are told as they are.
            phases=tuple(Phase) if NIGHTLY else (Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
