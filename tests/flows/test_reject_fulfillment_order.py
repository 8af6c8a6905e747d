"""A location says no: its units go elsewhere, the rest of the order keeps what it has."""

from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.fulfillment.asks import RejectFulfillmentOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.events import read_timeline
from ordito.platform.problems import ActionNotAllowed
from ordito.sourcing.stored_decisions import read_decisions
from tests import make
from tests.flows import acts

STORES = {"A": {"kind": "store"}, "B": {"kind": "store"}, "C": {"kind": "store"}}


def test_complaint_23_a_rejected_part_goes_elsewhere_and_says_who_rejected(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}, "B": {"tea": 2}}, locations=STORES)
    order_id = make.place(shop, {"tea": 2}).id
    clerk = acts.clerk(shop, "A")
    ask = RejectFulfillmentOrder(order_id=order_id, fo_no=1, reason="too_busy")

    seen = acts.do(db, reject_fulfillment_order, ask, clerk)

    assert acts.parts(seen) == [("A", "rejected")]
    assert acts.vector(seen) == {"reserved": 2}
    assert make.free(shop, "tea") == {"A": 2, "B": 0}
    assert acts.event(shop, order_id, "part_rejected") == {
        "fo_no": 1,
        "location": "A",
        "reason": "too_busy",
        "lines": {"1": 2},
    }
    with db.reading(SYSTEM) as tx:
        rejected = next(e for e in read_timeline(tx, order_id) if e.kind == "order.part_rejected")
    assert rejected.actor_id == clerk.id
    assert acts.last_event(shop, order_id)["reserved"] == {"B": 2}
    assert acts.open_tasks(shop) == []


def test_the_same_place_is_not_chosen_again_at_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order_id = make.place(shop, {"tea": 2}).id

    state = acts.reject(shop, order_id, reason="out_of_stock")

    assert acts.vector(state) == {"backordered": 2}
    assert acts.parts(state) == [("A", "rejected")]
    assert make.free(shop, "tea") == {"A": 9}
    assert acts.open_tasks(shop) == [("count", 1, 2), ("shortage", 1, 2)]
    assert "source" in state.allowed_actions


def test_the_reasons_say_that_the_place_gave_it_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order_id = make.place(shop, {"tea": 2}).id

    acts.reject(shop, order_id, reason="out_of_stock")

    with db.reading(SYSTEM) as tx:
        newest = read_decisions(tx, order_id)[-1]
        row = tx.conn.execute("SELECT no FROM locations.location WHERE code = 'A'").fetchone()
    assert row is not None
    assert [row[0]] in [list(e.places) for e in newest.body.excluded if e.code == "passed"]


def test_other_parts_keep_what_they_have(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}, "C": {"tea": 1}})
    order = make.place(shop, {"tea": 2})
    first, second = (part.location for part in order.fulfillment_orders)

    state = acts.reject(shop, order.id, fo_no=1)

    third = ({"A", "B", "C"} - {first, second}).pop()
    assert acts.parts(state) == [(first, "rejected"), (second, "open"), (third, "open")]
    assert acts.vector(state) == {"reserved": 2}
    assert make.free(shop, "tea") == {first: 1, second: 0, third: 0}


def test_what_is_picked_already_stays_with_the_location(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}, "B": {"tea": 3}})
    order_id = make.place(shop, {"tea": 3}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id, {1: 1})

    state = acts.reject(shop, order_id)

    assert acts.vector(state) == {"reserved": 2, "picked": 1}
    assert acts.parts(state) == [("A", "picked"), ("B", "open")]


def test_a_rejected_kit_goes_elsewhere_whole(db: Database) -> None:
    stock = {"A": {"tea": 3, "cup": 1}, "B": {"tea": 3}, "C": {"tea": 3, "cup": 1}}
    shop = make.shop(db, stock=stock, kits={"set": {"tea": 3, "cup": 1}})
    order_id = make.place(shop, {"set": 1}).id
    first = acts.parts(acts.release(shop, order_id))[0][0]

    state = acts.reject(shop, order_id)

    other = ({"A", "C"} - {first}).pop()
    assert acts.parts(state) == [(first, "rejected"), (other, "open")]
    assert acts.level(shop, "tea", "B") == {"on_hand": 3, "available": 3}


def test_a_pick_up_is_not_sent_to_another_place(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}})
    order_id = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A").id

    state = acts.reject(shop, order_id)

    assert acts.vector(state) == {"backordered": 1}


def test_what_is_picked_whole_is_not_rejected(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}})
    order_id = make.place(shop, {"tea": 1}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)

    problem = acts.refusal(shop, lambda: acts.reject(shop, order_id))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.extra["allowed_actions"] == ["unpick", "pack"]
