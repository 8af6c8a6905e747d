"""A pick-up that its shop can't serve: another shop, or delivery, once the customer has agreed."""

import contextlib
import threading

from ordito.flows.change_delivery import change_delivery
from ordito.flows.release_to_pick import release_to_pick
from ordito.fulfillment.asks import ReleaseToPick
from ordito.orders.asks import ChangeDelivery
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from tests import make
from tests.flows import acts
from tests.flows.invariants import assert_sound

STOCK = {"A": {"tea": 5}, "B": {"tea": 2}, "C": {"tea": 5}}


def test_complaint_23_a_shop_that_says_no_is_replaced_only_when_somebody_says_so(
    db: Database,
) -> None:
    shop = make.shop(db, stock=STOCK)
    order_id = make.place(shop, {"tea": 2}, delivery="pickup", pickup_location="A").id
    assert acts.vector(acts.reject(shop, order_id)) == {"backordered": 2}

    ask = ChangeDelivery(order_id=order_id, delivery="pickup", location="B")
    state = acts.do(db, change_delivery, ask)

    assert acts.parts(state) == [("A", "rejected"), ("B", "open")]
    assert acts.vector(state) == {"reserved": 2}
    assert acts.event(shop, order_id, "delivery_changed") == {"delivery": "pickup", "location": "B"}
    assert acts.do(db, change_delivery, ask).version == state.version, "as asked already"
    assert acts.open_tasks(shop) == []

    state = acts.do(db, change_delivery, ChangeDelivery(order_id=order_id, delivery="ship"))
    assert acts.vector(state) == {"reserved": 2}
    assert acts.parts(state)[:2] == [("A", "rejected"), ("B", "cancelled")]
    assert all(part.location != "A" for part in state.fulfillment_orders[2:])
    assert sum(make.free(shop, "tea").values()) == 10
    acts.release(shop, order_id, fo_no=3)
    acts.pick(shop, order_id, fo_no=3)
    acts.pack(shop, order_id, fo_no=3)
    assert acts.vector(acts.ship(shop, order_id, fo_no=3)) == {"shipped": 2}


def test_all_units_have_to_be_there_and_nobody_may_have_begun(db: Database) -> None:
    shop = make.shop(db, stock=STOCK, locations={"C": {"can_pickup": False}})
    order_id = make.place(shop, {"tea": 3}, delivery="pickup", pickup_location="A").id

    def refused(kind: type[Exception], place: str | None, delivery: str = "pickup") -> str:
        ask = ChangeDelivery(order_id=order_id, delivery=delivery, location=place)  # type: ignore[arg-type]
        problem = acts.refusal(shop, lambda: acts.do(db, change_delivery, ask))
        assert isinstance(problem, kind), problem
        return problem.detail or ""

    assert "Of 3 units, 1 are not there" in refused(ActionNotAllowed, "B")
    refused(InvalidInput, "C")
    refused(InvalidInput, "X")
    refused(InvalidInput, None)
    refused(InvalidInput, "A", "ship")
    acts.release(shop, order_id)
    assert "has begun" in refused(ActionNotAllowed, None, "ship")


def test_without_an_address_nothing_is_shipped(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    order_id = make.place(
        shop, {"tea": 1}, delivery="pickup", pickup_location="A", ship_to={"country": "PL"}
    ).id

    ask = ChangeDelivery(order_id=order_id, delivery="ship")
    problem = acts.refusal(shop, lambda: acts.do(db, change_delivery, ask))

    assert isinstance(problem, InvalidInput)


def test_releasing_at_the_same_time_begins_at_one_shop_only(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}, "B": {"tea": 9}})
    orders = [
        make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A").id for _ in range(4)
    ]
    barrier = threading.Barrier(8)

    def act(command: object, ask: object) -> None:
        barrier.wait()
        with contextlib.suppress(ActionNotAllowed):
            run(db, make.BOSS, command, ask)  # type: ignore[arg-type]

    pairs: list[tuple[object, object]] = []
    for id_ in orders:
        pairs.append((release_to_pick, ReleaseToPick(order_id=id_, fo_no=1)))
        ask = ChangeDelivery(order_id=id_, delivery="pickup", location="B")
        pairs.append((change_delivery, ask))
    threads = [threading.Thread(target=act, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert_sound(db)
    for order_id in orders:
        parts = acts.parts(acts.look(shop, order_id))
        assert parts in ([("A", "released")], [("A", "cancelled"), ("B", "open")])
