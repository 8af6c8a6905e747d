"""Sourcing again by hand, and in a crowd."""

import threading
import time

from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.resource_order import source_order
from ordito.fulfillment.asks import RejectFulfillmentOrder
from ordito.inventory.ledger import lock_cells
from ordito.orders.asks import SourceOrder
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed
from tests import make
from tests.flows import acts
from tests.flows.invariants import assert_sound


def test_stock_is_looked_for_once_more(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}}, services=["wrap"])
    order_id = make.place(shop, {"tea": 3, "wrap": 1}).id
    make.receive(shop, {"A": {"tea": 1}})

    state = acts.do(db, source_order, SourceOrder(order_id=order_id))

    assert acts.vector(state) == {"backordered": 1, "reserved": 2}
    assert acts.vector(state, 2) == {"open": 1}
    assert acts.parts(state) == [("A", "open"), ("A", "open")]
    assert acts.last_event(shop, order_id)["cause"] == "asked"


def test_a_try_that_finds_nothing_is_on_the_timeline_too(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    order_id = make.place(shop, {"tea": 3}).id

    state = acts.do(db, source_order, SourceOrder(order_id=order_id))

    assert acts.vector(state) == {"backordered": 2, "reserved": 1}
    assert acts.last_event(shop, order_id) == {
        "decision_no": 2,
        "cause": "asked",
        "reserved": {},
        "backordered": 2,
    }


def test_an_order_that_has_everything_is_not_sourced(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id

    problem = acts.refusal(shop, lambda: acts.do(db, source_order, SourceOrder(order_id=order_id)))

    assert isinstance(problem, ActionNotAllowed)
    assert "source" not in problem.extra["allowed_actions"]


def test_who_said_no_is_not_asked_again_until_somebody_names_them(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 0}})
    order_id = make.place(shop, {"tea": 1}).id
    acts.reject(shop, order_id)

    state = acts.do(db, source_order, SourceOrder(order_id=order_id))
    assert acts.vector(state) == {"backordered": 1}

    state = acts.pin(shop, order_id, "A")
    assert acts.parts(state) == [("A", "rejected"), ("A", "open")]
    assert acts.open_tasks(shop) == []


def test_stock_lost_to_others_meanwhile_is_looked_for_at_the_next_place(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}, "C": {"tea": 1}})
    order = make.place(shop, {"tea": 1})
    first = order.fulfillment_orders[0].location
    second, third = sorted({"A", "B", "C"} - {first})
    answers: list[OrderState] = []
    thread = threading.Thread(target=lambda: answers.append(acts.reject(shop, order.id)))

    # Whoever rejects reads that the second place has one, and waits for its cell.
    with db.transaction(SYSTEM) as tx:
        key = (str(shop.items["tea"]), str(shop.locations[second]))
        ledger = lock_cells(tx, [key])
        thread.start()
        wait_for_a_lock(db)
        ledger.post(key, "available", "scrapped", 1, reason="broken")
        ledger.send(tx)
    thread.join(timeout=30)

    assert acts.parts(answers[0]) == [(first, "rejected"), (third, "open")]


def wait_for_a_lock(db: Database) -> None:
    """Until some other session waits for a row."""
    deadline = time.monotonic() + 20
    with make.owner(db) as conn:
        while time.monotonic() < deadline:
            row = conn.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if row and row[0]:
                return
    raise AssertionError("nobody waits")


def test_parts_rejected_at_once_never_share_the_last_units(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 8}, "B": {"tea": 0}, "C": {"tea": 0}})
    orders = [make.place(shop, {"tea": 1}).id for _ in range(8)]
    make.receive(shop, {"B": {"tea": 3}, "C": {"tea": 2}})
    barrier = threading.Barrier(8)
    faults: list[BaseException] = []

    def reject(order_id: object) -> None:
        barrier.wait()
        try:
            ask = RejectFulfillmentOrder(order_id=order_id, fo_no=1, reason="x")  # type: ignore[arg-type]
            run(db, make.BOSS, reject_fulfillment_order, ask)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=reject, args=(id_,)) for id_ in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert faults == []
    assert_sound(db)
    assert make.free(shop, "tea") == {"A": 8, "B": 0, "C": 0}
