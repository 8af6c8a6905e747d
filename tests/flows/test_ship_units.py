"""Shipping and arriving: one parcel or several."""

from ordito.fulfillment.parcels import read_parcels
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed
from tests import make
from tests.flows import acts


def test_a_parcel_leaves_with_its_number_and_the_stock_is_the_customer_s(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)

    state = acts.ship(shop, order_id, service="Express", tracking_number=" 00340434 ", weight_g=750)

    assert acts.vector(state) == {"shipped": 2}
    assert (state.life, state.fulfilment) == ("open", "fulfilled")
    assert acts.parts(state) == [("A", "shipped")]
    assert state.fulfillment_orders[0].allowed_actions == ("deliver",)
    assert acts.level(shop, "tea", "A") == {"on_hand": 3, "available": 3}
    assert acts.last_event(shop, order_id) == {
        "fo_no": 1,
        "location": "A",
        "lines": {"1": 2},
        "parcel_no": 1,
        "carrier": "DHL",
        "service": "Express",
        "tracking_number": "00340434",
    }
    with db.reading(SYSTEM) as tx:
        (parcel,) = read_parcels(tx, [order_id])
    assert (parcel.weight_g, parcel.delivered_at) == (750, None)


def test_an_order_closes_when_its_last_parcel_has_arrived(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 3}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    state = acts.ship(shop, order_id, {1: 1})
    assert (state.fulfilment, acts.parts(state)) == ("partially_fulfilled", [("A", "packed")])
    state = acts.ship(shop, order_id)
    assert acts.parts(state) == [("A", "shipped")]

    state = acts.deliver(shop, order_id, parcel_no=2)
    assert acts.vector(state) == {"shipped": 3, "delivered": 2}
    assert (state.life, acts.parts(state)) == ("open", [("A", "shipped")])
    state = acts.deliver(shop, order_id)

    assert (state.life, acts.parts(state)) == ("closed", [("A", "delivered")])
    assert acts.last_event(shop, order_id) == {"fo_no": 1, "lines": {"1": 1}, "parcel_no": 1}
    assert state.fulfillment_orders[0].allowed_actions == ()


def test_both_parcels_arrive_at_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}}, kits={"set": {"tea": 3, "cup": 1}})
    order_id = make.place(shop, {"set": 2, "tea": 1}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)
    acts.ship(shop, order_id, {1: 1})
    acts.ship(shop, order_id)

    state = acts.deliver(shop, order_id)

    assert [acts.vector(state, no) for no in (1, 2)] == [
        {"shipped": 2, "delivered": 2},
        {"shipped": 1, "delivered": 1},
    ]
    assert acts.timeline(shop, order_id)[-2:] == ["units_delivered", "units_delivered"]


def test_a_parcel_arrives_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = acts.shipped(shop, {"tea": 2}).id

    problem = acts.refusal(shop, lambda: acts.deliver(shop, order_id, parcel_no=4))
    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail == "Parcel 4 is not under way; 1 is. Nothing was changed."
    acts.deliver(shop, order_id)
    assert isinstance(acts.refusal(shop, lambda: acts.deliver(shop, order_id)), ActionNotAllowed)


def test_what_is_not_packed_is_not_shipped(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)

    problem = acts.refusal(shop, lambda: acts.ship(shop, order_id))

    assert problem.detail == ("Nothing is packed and waiting to be shipped. Nothing was changed.")
    acts.pack(shop, order_id, {1: 1})
    assert isinstance(
        acts.refusal(shop, lambda: acts.ship(shop, order_id, {1: 2})), ActionNotAllowed
    )


def test_a_pick_up_is_not_shipped(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}, delivery="pickup", pickup_location="A").id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id)

    problem = acts.refusal(shop, lambda: acts.ship(shop, order_id))

    assert problem.extra["allowed_actions"] == ["unpick", "make_ready"]
