"""Fulfilling many in one step comes to the same as doing each act."""

from typing import Any

import msgspec
import pytest

from ordito.flows.fulfil_many import FulfilMany, fulfil_many
from ordito.flows.hold_order import hold_order
from ordito.flows.pick_units import pick_units
from ordito.flows.release_to_pick import release_to_pick
from ordito.fulfillment.asks import PickUnits, ReleaseToPick
from ordito.orders.asks import HoldOrder
from ordito.orders.states import BulkOutcome
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.flows.invariants import assert_sound


def fulfil(db: Database, *orders: Any, **fields: Any) -> BulkOutcome:
    asks = [
        {"order_id": str(order.id), "fo_no": n, "carrier": "DHL", **fields}
        for order in orders
        for n in range(1, len(order.fulfillment_orders) + 1)
    ]
    return run(db, make.BOSS, fulfil_many, msgspec.convert({"asks": asks}, FulfilMany))


def states(db: Database) -> list[tuple[str, str, str]]:
    with db.connection() as conn:
        rows = conn.execute(
            "SELECT o.fulfilment, o.life, f.state FROM orders.sales_order AS o"
            " JOIN fulfillment.fulfillment_order AS f ON f.order_id = o.id ORDER BY o.number"
        ).fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


def test_an_open_one_goes_all_the_way(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 4}}, kits={"set": {"cup": 2}})
    order = make.place(shop, {"tea": 2, "set": 2})

    fulfil(db, order)

    assert states(db) == [("fulfilled", "open", "shipped")]
    assert make.free(shop, "tea") == {"A": 3}
    assert make.free(shop, "cup") == {"A": 0}
    assert_sound(db)


def test_one_that_is_shipped_only_arrives(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order = make.place(shop, {"tea": 2})
    fulfil(db, order)

    fulfil(db, order, delivered=True)

    assert states(db) == [("fulfilled", "closed", "delivered")]
    assert_sound(db)


def test_shipped_and_delivered_in_one_step(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})

    fulfil(db, make.place(shop, {"tea": 2}), delivered=True)

    assert states(db) == [("fulfilled", "closed", "delivered")]
    assert_sound(db)


def test_one_that_is_half_picked_goes_on_from_there(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order = make.place(shop, {"tea": 4})
    run(db, make.BOSS, release_to_pick, ReleaseToPick(order_id=order.id, fo_no=1))
    picked = msgspec.convert({"order_id": str(order.id), "fo_no": 1, "lines": {"1": 3}}, PickUnits)
    run(db, make.BOSS, pick_units, picked)

    fulfil(db, order)

    assert states(db) == [("fulfilled", "open", "shipped")]
    assert_sound(db)


def test_a_held_one_is_refused_and_the_others_go(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    held, free = make.place(shop, {"tea": 1}), make.place(shop, {"tea": 1})
    hold = {"order_id": str(held.id), "holds": [{"reason": "fraud"}]}
    run(db, make.BOSS, hold_order, msgspec.convert(hold, HoldOrder))

    outcome = fulfil(db, held, free)

    assert [item.problem is None for item in outcome.items] == [False, True]
    assert states(db) == [("on_hold", "open", "open"), ("fulfilled", "open", "shipped")]
    assert_sound(db)


@pytest.mark.parametrize("delivered", [False, True])
def test_a_pickup_is_not_shipped(db: Database, delivered: bool) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order = make.place(shop, {"tea": 1}, delivery="pickup", pickup_location="A")

    outcome = fulfil(db, order, delivered=delivered)

    assert outcome.items[0].problem is not None
    assert states(db) == [("unfulfilled", "open", "open")]
