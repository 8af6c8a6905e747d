"""One order, whole: what its page tells, and to whom."""

import msgspec
import pytest

from ordito.flows.annotate_order import add_note
from ordito.flows.hold_order import hold_order
from ordito.listings.order_page import read_order_page
from ordito.listings.order_types import OrderPage
from ordito.orders.asks import AddNote, HoldOrder, OwnedHold
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import NotFound
from tests import make
from tests.flows import acts
from tests.listings.test_follower import catch_up


def page_of(shop: make.Shop, key: object, actor: Actor = make.BOSS) -> OrderPage:
    with shop.db.reading(actor) as tx:
        return read_order_page(tx, key)  # type: ignore[arg-type]


def split_shop(db: Database) -> make.Shop:
    return make.shop(db, stock={"A": {"tea": 5}, "B": {"cup": 5}})


def test_page_tells_where_units_are_and_why(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 2, "cup": 1}, tags=["gift"])
    page = page_of(shop, placed.id)

    assert [(f.location.code, f.state, f.allowed_actions) for f in page.fulfillment_orders] == [
        ("A", "open", ("release", "reject")),
        ("B", "open", ("release", "reject")),
    ]
    assert [[(p.location, p.units) for p in line.places] for line in page.lines] == [
        [("A", 2)],
        [("B", 1)],
    ]
    assert page.fulfillment_orders[0].why == (
        "Chosen for 2 of 3 pieces: no place alone has everything."
    )
    assert [r.location for r in page.decisions[0].reasons if r.chosen] == ["A", "B"]
    assert page.tags == ("gift",)
    assert page.totals.total_minor == placed.total_minor == 3000


def test_page_is_the_same_by_number_and_by_id(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 1})

    assert page_of(shop, placed.number) == page_of(shop, placed.id)


def test_kits_are_counted_in_kits_and_listed_in_parts(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}}, kits={"set": {"tea": 1, "cup": 3}})
    placed = make.place(shop, {"set": 2})
    acts.release(shop, placed.id)
    acts.pick(shop, placed.id, {1: 1})
    (line,) = page_of(shop, placed.id).lines

    assert [(p.sku, p.per_unit) for p in line.parts] == [("cup", 3), ("tea", 1)]
    assert [(p.units, p.picked, p.packed) for p in line.places] == [(2, 1, 0)]
    assert (line.released, line.picked) == (1, 1)


def test_parcel_tells_units_and_number(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 3})
    for act in (acts.release, acts.pick, acts.pack):
        act(shop, placed.id)
    acts.ship(shop, placed.id, {1: 2}, tracking_number="T1")
    (work,) = page_of(shop, placed.id).fulfillment_orders
    (parcel,) = work.parcels

    assert (parcel.tracking_number, parcel.delivered_at) == ("T1", None)
    assert [(u.line_no, u.units) for u in parcel.lines] == [(1, 2)]
    assert work.allowed_actions == ("unpick", "ship", "deliver")


def test_held_order_offers_its_release(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 1})
    ask = HoldOrder(order_id=placed.id, holds=(OwnedHold(reason="fraud"),))
    run(db, make.BOSS, hold_order, ask)
    page = page_of(shop, placed.id)

    assert page.held
    assert [hold.reason for hold in page.holds] == ["fraud"]
    assert "release_hold" in page.allowed_actions
    assert page.fulfillment_orders[0].allowed_actions == ("reject",)


def test_timeline_tells_notes_with_their_words(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 1}, note="ring twice")
    run(db, make.BOSS, add_note, AddNote(order_id=placed.id, body="rang once"))
    page = page_of(shop, placed.id)
    told = [(item.kind, item.seq, item.note) for item in page.timeline if item.note]

    assert told == [("order.note_added", 3, "rang once"), ("order.note_added", None, "ring twice")]
    assert [note.body for note in page.notes] == ["ring twice", "rang once"]


def test_reader_of_one_location_sees_only_its_part(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 2, "cup": 1})
    reader = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["B"]]))
    page = page_of(shop, placed.id, reader)

    assert [f.location.code for f in page.fulfillment_orders] == ["B"]
    assert {reason.location for d in page.decisions for reason in d.reasons} == {"B"}
    assert [item.body["reserved"] for item in page.timeline if "reserved" in item.body] == [
        {"B": 1}
    ]
    assert page.lines[0].places == ()


def test_order_out_of_scope_looks_as_if_there_were_none(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 1})
    elsewhere = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["B"]]))
    no_channel = msgspec.structs.replace(make.BOSS, channel_ids=frozenset())
    for actor in (elsewhere, no_channel):
        with pytest.raises(NotFound):
            page_of(shop, placed.id, actor)
    with pytest.raises(NotFound):
        page_of(shop, 1)


def test_picker_is_told_the_address_but_not_the_customer(db: Database) -> None:
    shop = split_shop(db)
    placed = make.place(shop, {"tea": 1}, customer={"name": "Jan", "email": "j@x.pl"}, note="hush")
    picker = msgspec.structs.replace(make.BOSS, permissions=frozenset(["fulfillment.write"]))
    page = page_of(shop, placed.id, picker)

    assert page.ship_to is not None
    assert (page.customer, page.bill_to, page.notes) == (None, None, ())
    assert all(item.note is None for item in page.timeline)


def test_customer_is_shown_with_the_other_open_orders(db: Database) -> None:
    shop = split_shop(db)
    same = {"customer": {"name": "Jan", "email": "j@x.pl"}}
    one, two, three = (make.place(shop, {"tea": 1}, **same) for _ in range(3))
    make.place(shop, {"tea": 1}, customer={"name": "Eva", "email": "e@x.pl"})
    acts.cancel(shop, two.id)
    catch_up(db)
    customer = page_of(shop, one.id).customer

    assert customer is not None
    assert customer.name == "Jan"
    assert [(o.number, o.total_minor) for o in customer.other_orders] == [(three.number, 1000)]
