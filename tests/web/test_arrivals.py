"""The pages of what is brought to a shop: sent by the bench, seen at the desk, received there."""

from ordito.platform.database import Database
from ordito.web.pages import arrivals, board, new_order, order_page, packing
from tests.flows import acts
from tests.flows.test_receive_brought import place, sent, shop_with
from tests.web.acts import get, post, text_of, visit

DESK = "/fulfillment/pickups?show=arriving&location=S"


def test_a_parcel_for_a_pick_up_is_sent_seen_and_received_on_the_pages(db: Database) -> None:
    shop = shop_with(db, stock={"W": {"tea": 9}, "S": {"tea": 0}})
    order_id = place(
        shop,
        {"tea": 2},
        customer={"name": "Ann Lee", "email": "ann@example.com"},
        bill_to={"country": "PL", "name": "Ann Lee"},
    )
    number = str(acts.look(shop, order_id).number)
    of_part = {"number": number, "fo": "1"}
    assert "Still at other locations" in get(board.show_pickups, db, DESK)
    assert "To S" in get(board.show_board, db, "/fulfillment?location=W")
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    bench = get(packing.show_pack, db, f"/fulfillment/{number}/1/pack", **of_part)
    assert "To be collected there by Ann Lee" in bench
    acts.pack(shop, order_id)
    acts.ship(shop, order_id, carrier="DPD", tracking_number="JJD1")

    arrival = f"/fulfillment/{number}/1/arrival/1"
    parcel = of_part | {"parcel": "1"}
    listed = board.show_pickups(visit(db, "GET", f"{DESK}&q=jjd1"))
    assert arrival in listed.body.decode()
    assert "#1001 Ann Lee W DPD JJD1 2" in text_of(listed)
    assert "Nothing is found by this" in get(board.show_pickups, db, f"{DESK}&q=other")
    page = get(order_page.show, db, f"/orders/{number}", number=number)
    assert "to S for pick-up" in page
    assert "To be collected by Ann Lee." in get(arrivals.show_arrival, db, arrival, **parcel)

    wrong = {"units-1": "3", "damaged-1": "0"}
    answer = post(arrivals.receive_arrival, db, arrival, form=wrong, **parcel)
    assert (answer.status, "2 of “tea” were sent" in text_of(answer)) == (422, True)
    assert acts.parts(acts.look(shop, order_id)) == [("W", "shipped")]

    answer = post(arrivals.receive_arrival, db, arrival, form={"all": "yes"}, **parcel)
    assert answer.status == 303
    assert acts.parts(acts.look(shop, order_id)) == [("W", "delivered"), ("S", "ready")]
    page = get(order_page.show, db, f"/orders/{number}", number=number)
    assert "2 units left W for S, to be collected there" in page
    assert "2 units from W arrived in S" in page

    # Only some of another one: counted, the rest is looked for again.
    second = place(shop, {"tea": 2})
    sent(shop, second, 1)
    parcel |= {"number": str(int(number) + 1)}
    url = f"/fulfillment/{parcel['number']}/1/arrival/1"
    empty = post(arrivals.receive_arrival, db, url, form={"units-1": "0"}, **parcel)
    assert (empty.status, "Nothing was counted" in text_of(empty)) == (422, True)
    assert acts.vector(acts.look(shop, second)) == {"packed": 2}
    post(arrivals.receive_arrival, db, url, form={"units-1": "1", "damaged-1": "0"}, **parcel)
    assert acts.vector(acts.look(shop, second)) == {"packed": 1, "reserved": 1}


def test_who_types_an_order_sees_when_it_can_be_at_the_shop(db: Database) -> None:
    shop_with(db, stock={"W": {"tea": 9}, "S": {"tea": 1}})
    with db.connection() as conn:
        conn.execute("UPDATE locations.location SET pick_minutes = 30")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    form = {"channel": "web", "delivery": "pickup", "pickup_location": "S", "sku": "tea",
            "quantity": "3"}  # fmt: skip
    page = text_of(post(new_order.change_new, db, "/orders/new", form=form))
    assert "2 units are brought to the shop from elsewhere; all of it can be there on" in page
    assert "is at S by" in page
