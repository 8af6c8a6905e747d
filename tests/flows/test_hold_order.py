"""Holds: several at once, each let go by itself or by its time; nothing moves on meanwhile."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from ordito.flows.hold_order import hold_order, hold_orders, release_due_holds, release_hold
from ordito.kernel.ids import new_id
from ordito.orders.asks import HoldOrder, HoldOrders, OwnedHold, ReleaseHold
from ordito.orders.holds import read_holds
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, NotFound
from tests import make
from tests.flows import acts


def hold(shop: make.Shop, order_id: UUID, *holds: OwnedHold) -> OrderState:
    ask = HoldOrder(order_id=order_id, holds=holds or (OwnedHold("fraud"),))
    state: OrderState = acts.do(shop.db, hold_order, ask)
    return state


def let_go(shop: make.Shop, order_id: UUID, *numbers: int) -> OrderState:
    ask = ReleaseHold(order_id=order_id, hold_nos=numbers or None)
    state: OrderState = acts.do(shop.db, release_hold, ask)
    return state


def test_an_order_is_ready_only_when_no_hold_is_left(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    owner = UUID(int=3)

    state = hold(shop, order_id, OwnedHold("fraud"), OwnedHold("address", owner_id=owner))

    assert state.fulfilment == "on_hold"
    assert [(h.hold_no, h.reason, h.owner_id) for h in state.holds] == [
        (1, "fraud", None),
        (2, "address", owner),
    ]
    assert state.fulfillment_orders[0].allowed_actions == ("reject",)
    assert let_go(shop, order_id, 1).fulfilment == "on_hold"
    state = let_go(shop, order_id)
    assert (state.fulfilment, state.holds) == ("unfulfilled", ())
    assert acts.timeline(shop, order_id)[2:] == ["held", "held", "hold_released", "hold_released"]


def test_a_held_order_is_not_released_picked_packed_or_shipped(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id, {1: 1})
    hold(shop, order_id)

    for act in (acts.pick, acts.pack):
        problem = acts.refusal(shop, lambda act=act: act(shop, order_id))  # type: ignore[misc]
        assert isinstance(problem, ActionNotAllowed)
        assert problem.detail.startswith("The order is on hold")
        assert problem.extra["allowed_actions"] == ["unpick", "report_short", "reject"]


def test_a_note_on_a_hold_never_keeps_a_card_number(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id

    hold(shop, order_id, OwnedHold("fraud", note="card 4111 1111 1111 1111"))

    with db.reading(SYSTEM) as tx:
        assert read_holds(tx, [order_id])[order_id][0].note == "card 411111******1111"


def test_a_hold_that_is_not_open_is_named(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    hold(shop, order_id)

    problem = acts.refusal(shop, lambda: let_go(shop, order_id, 5))

    assert problem.detail == "No open hold has the number 5; open are 1. Nothing was changed."


def test_holds_are_let_go_when_their_time_has_come(db: Database) -> None:
    shop = make.shop(db)
    first, second = make.place(shop, {"tea": 1}).id, make.place(shop, {"tea": 1}).id
    past = datetime.now(UTC) - timedelta(seconds=5)
    future = datetime.now(UTC) + timedelta(hours=1)
    hold(shop, first, OwnedHold("cooling_off", release_at=past), OwnedHold("fraud"))
    hold(shop, second, OwnedHold("cooling_off", release_at=future))

    assert release_due_holds(db) == 1
    assert release_due_holds(db) == 0

    with db.reading(SYSTEM) as tx:
        holds = read_holds(tx, [first, second])
    assert [hold.released_at is None for hold in holds[first]] == [False, True]
    assert [hold.released_at is None for hold in holds[second]] == [True]
    assert acts.last_event(shop, first) == {
        "hold_no": 1,
        "reason": "cooling_off",
        "automatic": True,
    }


def test_many_orders_are_held_each_for_itself(db: Database) -> None:
    shop = make.shop(db)
    good, gone = make.place(shop, {"tea": 1}).id, make.place(shop, {"tea": 1}).id
    acts.cancel(shop, gone)
    nowhere = new_id()

    outcome = acts.do(
        db, hold_orders, HoldOrders(order_ids=(good, gone, nowhere), holds=(OwnedHold("recall"),))
    )

    assert [item.id for item in outcome.items] == [str(good), str(gone), str(nowhere)]
    assert outcome.items[0].order.fulfilment == "on_hold"
    assert [item.problem.status for item in outcome.items[1:]] == [409, 404]
    assert acts.timeline(shop, gone) == ["placed", "sourced", "units_cancelled"]


def test_a_cancelled_order_is_not_held(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    acts.cancel(shop, order_id)

    problem = acts.refusal(shop, lambda: hold(shop, order_id))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.extra["allowed_actions"] == ["tag", "note", "mark"]


def test_an_unknown_order_is_not_found(db: Database) -> None:
    shop = make.shop(db)

    assert isinstance(acts.refusal(shop, lambda: hold(shop, new_id())), NotFound)
