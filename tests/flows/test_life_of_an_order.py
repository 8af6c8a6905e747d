"""F16: whatever is done to an order in whatever sequence, every unit stays accounted for."""

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from ordito.flows.order_states import order_state
from ordito.flows.resource_order import source_order
from ordito.flows.serve_backorders import serve_backorders
from ordito.orders.asks import ServeBackorders, SourceOrder
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed
from tests import make
from tests.flows import acts


def test_f16_picked_in_parts_short_in_three_parcels_cancelled_and_returned(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 6}, "B": {"tea": 1}})
    order_id = make.place(shop, {"tea": 6}, payment={"method": "card"}).id
    acts.release(shop, order_id)

    acts.pick(shop, order_id, {1: 2})
    state = acts.short(shop, order_id, {1: 1})
    assert acts.vector(state) == {"reserved": 1, "released": 3, "picked": 2}
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    for _ in range(3):
        acts.ship(shop, order_id, {1: 1})
    state = acts.cancel(shop, order_id)
    assert acts.vector(state) == {"cancelled": 3, "shipped": 3}
    assert acts.parts(state) == [("A", "shipped"), ("B", "cancelled")]
    acts.deliver(shop, order_id)
    state = acts.take_back(shop, order_id, {1: 1})

    assert acts.vector(state) == {
        "cancelled": 3,
        "shipped": 3,
        "delivered": 3,
        "returned": 1,
        "restocked": 1,
    }
    assert (state.life, state.fulfilment, state.return_state) == (
        "closed",
        "fulfilled",
        "in_progress",
    )
    assert acts.level(shop, "tea", "A") == {"on_hand": 3, "available": 3}
    assert acts.level(shop, "tea", "B") == {"on_hand": 1, "available": 1}
    problem = acts.refusal(shop, lambda: acts.cancel(shop, order_id, {1: 1}))
    assert isinstance(problem, ActionNotAllowed)


@pytest.mark.parametrize("seed", range(6))
def test_f16_any_sequence_of_allowed_acts_keeps_every_unit(db: Database, seed: int) -> None:
    """Acts are drawn from what the order says is allowed; each of them must then succeed."""
    chance = random.Random(seed)
    shop = make.shop(
        db,
        stock={"A": {"tea": 9, "cup": 3}, "B": {"tea": 5, "cup": 2}, "C": {"tea": 3, "cup": 4}},
        kits={"set": {"tea": 2, "cup": 1}},
        services=["wrap"],
    )
    pickup = {"delivery": "pickup", "pickup_location": "A"} if seed % 3 == 2 else {}
    order_id = make.place(
        shop, {"tea": 5, "set": 3, "wrap": 1}, payment={"method": "card"}, **pickup
    ).id
    done: list[str] = []
    for _ in range(25):
        act = _choose(chance, shop, order_id)
        if act is None:
            break
        done.append(act[0])
        act[1]()

    state = _state(shop, order_id)
    for line in state.lines:
        assert line.ordered == sum(
            (
                line.cancelled,
                line.open,
                line.backordered,
                line.reserved,
                line.released,
                line.picked,
                line.packed,
                line.shipped,
                line.completed,
            )
        )
        assert line.returned <= line.shipped
    assert len(done) > 5


def _state(shop: make.Shop, order_id: UUID) -> OrderState:
    with shop.db.reading(SYSTEM) as tx:
        return order_state(tx, order_id)


Act = tuple[str, Callable[[], Any]]


def _choose(chance: random.Random, shop: make.Shop, order_id: UUID) -> Act | None:
    """One of the acts that are allowed now, with quantities of one unit or all of them."""
    state = _state(shop, order_id)
    choices: list[Act] = []
    for part in state.fulfillment_orders:
        fo_no = int(part.id.rpartition(".")[2])
        for action in part.allowed_actions:
            act = _WORK.get(action)
            if act is not None:
                choices.append((action, lambda act=act, n=fo_no: act(shop, order_id, n)))  # type: ignore[misc]
    if "cancel" in state.allowed_actions and chance.random() < 0.2:
        line = next(
            ln for ln in state.lines if ln.ordered - ln.cancelled - ln.shipped - ln.completed
        )
        choices.append(("cancel", lambda: acts.cancel(shop, order_id, {line.line_no: 1})))
    if "source" in state.allowed_actions:
        ask = SourceOrder(order_id=order_id)
        choices.append(("source", lambda: acts.do(shop.db, source_order, ask)))
        items = ServeBackorders(item_ids=(shop.items["tea"], shop.items["cup"]))
        choices.append(("serve", lambda: acts.do(shop.db, serve_backorders, items)))
    if "return" in state.allowed_actions:
        back = next(ln.line_no for ln in state.lines if ln.shipped > ln.returned)
        choices.append(("return", lambda: acts.take_back(shop, order_id, {back: 1})))
    return chance.choice(choices) if choices else None


def _first_to_pick(shop: make.Shop, order_id: UUID, fo_no: int) -> dict[int, int]:
    """One unit of the first line that the fulfillment order has to pick."""
    with shop.db.connection() as conn:
        row = conn.execute(
            "SELECT line_no FROM fulfillment.line"
            " WHERE order_id = %s AND fo_no = %s AND qty > picked ORDER BY line_no LIMIT 1",
            (order_id, fo_no),
        ).fetchone()
    assert row is not None
    return {int(row[0]): 1}


def _short(shop: make.Shop, order_id: UUID, fo_no: int) -> Any:
    units = _first_to_pick(shop, order_id, fo_no)
    parts = {"2": ("cup",)} if 2 in units else {}
    return acts.short(shop, order_id, units, fo_no, parts=parts)


_WORK: dict[str, Callable[[make.Shop, UUID, int], Any]] = {
    "release": acts.release,
    "start": acts.start,
    "pick": lambda shop, id_, n: acts.pick(shop, id_, _first_to_pick(shop, id_, n), n),
    "unpick": lambda shop, id_, n: acts.unpick(shop, id_, fo_no=n),
    "report_short": _short,
    "reject": acts.reject,
    "pack": lambda shop, id_, n: acts.pack(shop, id_, fo_no=n),
    "ship": lambda shop, id_, n: acts.ship(shop, id_, fo_no=n),
    "deliver": acts.deliver,
    "make_ready": lambda shop, id_, n: acts.ready(shop, id_),
    "hand_over": lambda shop, id_, n: acts.hand(shop, id_, id_checked=True),
    "not_collected": lambda shop, id_, n: acts.not_collected(shop, id_),
}
