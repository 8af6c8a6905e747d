"""Pick-up in a store: ready with a code, handed over to who knows it, or not collected."""

import contextlib
import threading
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ordito.channels.types import UpdateChannel
from ordito.flows.hand_over import close_all_uncollected, hand_over
from ordito.flows.manage_channels import update_channel
from ordito.fulfillment.asks import HandOver
from ordito.fulfillment.fulfillment_orders import read_by_order
from ordito.fulfillment.problems import PickupCodeWrong
from ordito.payments.expectations import read_expectation
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from tests import make
from tests.flows import acts
from tests.flows.invariants import assert_sound


def made_ready(shop: make.Shop) -> tuple[UUID, str]:
    """A pick-up of 2 tea that waits at A, and its code."""
    order_id = make.place(
        shop,
        {"tea": 2},
        delivery="pickup",
        pickup_location="A",
        payment={"method": "cash"},
    ).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    state = acts.ready(shop, order_id)
    assert acts.parts(state) == [("A", "ready")]
    assert state.fulfillment_orders[0].allowed_actions == ("hand_over", "not_collected")
    with shop.db.reading(SYSTEM) as tx:
        code = read_by_order(tx, [order_id])[order_id][0].pickup_code
    assert code is not None
    return order_id, code


def test_the_customer_with_the_code_gets_the_goods(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id, code = made_ready(shop)
    assert len(code) == 6
    assert code.isdigit()

    state = acts.hand(shop, order_id, code=f"{code[:3]} {code[3:]}")

    assert acts.vector(state) == {"shipped": 2, "delivered": 2}
    assert (state.life, acts.parts(state)) == ("closed", [("A", "handed_over")])
    assert acts.level(shop, "tea", "A") == {"on_hand": 3, "available": 3}
    assert acts.timeline(shop, order_id)[-2:] == ["pickup_ready", "units_handed_over"]


def test_the_code_is_on_no_timeline_and_in_no_answer(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id, _code = made_ready(shop)

    assert acts.event(shop, order_id, "pickup_ready") == {"fo_no": 1, "location": "A"}


def test_a_wrong_code_gets_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id, code = made_ready(shop)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"

    assert isinstance(
        acts.refusal(shop, lambda: acts.hand(shop, order_id, code=wrong)), PickupCodeWrong
    )
    assert isinstance(
        acts.refusal(shop, lambda: acts.hand(shop, order_id, code="", id_checked=True)),
        PickupCodeWrong,
    )
    assert isinstance(acts.refusal(shop, lambda: acts.hand(shop, order_id)), InvalidInput)


def test_an_identity_document_does_as_well(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id, _code = made_ready(shop)

    assert acts.hand(shop, order_id, id_checked=True).life == "closed"


def test_what_is_not_collected_goes_back_on_sale_and_costs_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id, _code = made_ready(shop)

    state = acts.not_collected(shop, order_id)

    assert acts.vector(state) == {"cancelled": 2}
    assert (state.life, state.money) == ("cancelled", "voided")
    assert acts.parts(state) == [("A", "not_collected")]
    assert acts.level(shop, "tea", "A") == {"on_hand": 5, "available": 5}
    assert acts.event(shop, order_id, "units_cancelled")["reason"] == "not_collected"
    assert acts.timeline(shop, order_id)[-1] == "pickup_not_collected"
    assert acts.open_tasks(shop) == [("put_back", 1, 2)]
    with db.reading(SYSTEM) as tx:
        expectation = read_expectation(tx, order_id)
    assert expectation is not None
    assert (expectation.amount_minor, expectation.state) == (0, "dropped")


def set_channel(shop: make.Shop, **fields: Any) -> None:
    run(shop.db, make.BOSS, update_channel, UpdateChannel(code="web", **fields))


def let_pass(shop: make.Shop) -> None:
    """The last days of all boxes are over."""
    with make.owner(shop.db) as conn:
        conn.execute("UPDATE fulfillment.fulfillment_order SET collect_by = '2020-01-01'")


def test_what_nobody_collects_in_time_goes_back_by_itself(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    set_channel(shop, pickup_days=7)
    order_id, _code = made_ready(shop)
    with db.reading(SYSTEM) as tx:
        today = tx.now.astimezone(ZoneInfo("Europe/Warsaw")).date()
        last = read_by_order(tx, [order_id])[order_id][0].collect_by
    assert last == today + timedelta(days=7)
    assert acts.event(shop, order_id, "pickup_ready")["collect_by"] == last.isoformat()
    assert close_all_uncollected(db) == 0

    let_pass(shop)
    assert close_all_uncollected(db) == 1
    assert_sound(db)

    state = acts.look(shop, order_id)
    assert (state.life, acts.parts(state)) == ("cancelled", [("A", "not_collected")])
    assert acts.event(shop, order_id, "units_cancelled")["reason"] == "not_collected"
    assert make.free(shop, "tea") == {"A": 5}
    assert close_all_uncollected(db) == 0


def test_a_channel_may_keep_the_order_for_somebody_to_decide(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    set_channel(shop, uncollected="keep")
    order_id, _code = made_ready(shop)

    state = acts.not_collected(shop, order_id)

    assert (state.life, acts.vector(state)) == ("open", {"open": 2})
    assert acts.parts(state) == [("A", "not_collected")]
    assert make.free(shop, "tea") == {"A": 5}
    assert acts.open_tasks(shop) == [("put_back", 1, 2)]
    assert "source" in state.allowed_actions
    assert acts.timeline(shop, order_id)[-1] == "pickup_not_collected"


def test_at_the_last_moment_it_is_collected_or_closed_never_both(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    set_channel(shop, pickup_days=1)
    boxes = [made_ready(shop)[0] for _ in range(3)]
    let_pass(shop)
    barrier = threading.Barrier(5)

    def collect(order_id: UUID) -> None:
        barrier.wait()
        with contextlib.suppress(ActionNotAllowed):
            run(db, make.BOSS, hand_over, HandOver(order_id=order_id, fo_no=1, id_checked=True))

    def clock() -> None:
        barrier.wait()
        close_all_uncollected(db)

    threads = [threading.Thread(target=collect, args=(id_,)) for id_ in boxes]
    threads += [threading.Thread(target=clock) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert_sound(db)
    for order_id in boxes:
        vector = acts.vector(acts.look(shop, order_id))
        assert vector in ({"shipped": 2, "delivered": 2}, {"cancelled": 2})


def test_only_a_whole_packed_pick_up_is_made_ready(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}, delivery="pickup", pickup_location="A").id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id, {1: 1})

    assert isinstance(acts.refusal(shop, lambda: acts.ready(shop, order_id)), ActionNotAllowed)
    assert isinstance(
        acts.refusal(shop, lambda: acts.hand(shop, order_id, id_checked=True)), ActionNotAllowed
    )
    assert isinstance(
        acts.refusal(shop, lambda: acts.not_collected(shop, order_id)), ActionNotAllowed
    )


def test_units_cancelled_while_ready_leave_the_rest_ready(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id, code = made_ready(shop)

    state = acts.cancel(shop, order_id, {1: 1})
    assert acts.parts(state) == [("A", "ready")]

    assert acts.vector(acts.hand(shop, order_id, code=code)) == {
        "cancelled": 1,
        "shipped": 1,
        "delivered": 1,
    }
