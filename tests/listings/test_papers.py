"""What is printed for fulfillment orders."""

from uuid import UUID

import msgspec
import pytest

from ordito.fulfillment.types import WORK
from ordito.listings.papers import find_parts, find_work, read_pick_sheet, read_slips
from ordito.platform.database import Database
from ordito.platform.problems import NotFound
from tests import make
from tests.flows import acts


def test_slips_come_in_the_order_asked_for_with_what_goes_into_the_box(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}}, kits={"set": {"cup": 2, "tea": 1}})
    first = make.place(shop, {"tea": 2})
    second = make.place(shop, {"set": 3, "tea": 1}, code="VIP-1")
    with db.reading(make.BOSS) as tx:
        slips = read_slips(tx, [(second.id, 1), (first.id, 1), (first.id, 9)])

    assert [slip.number for slip in slips] == [second.number, first.number]
    assert [(line.sku, line.units, line.parts) for line in slips[0].lines] == [
        ("set", 3, [("cup", 6), ("tea", 3)]),
        ("tea", 1, []),
    ]
    assert (slips[0].code, slips[0].sender, slips[1].to and slips[1].to.city) == (
        "VIP-1", "A", "Warszawa",
    )  # fmt: skip


def test_slips_out_of_scope_are_not_found(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order = make.place(shop, {"tea": 2})
    elsewhere = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["HIST"]]))
    stranger = msgspec.structs.replace(make.BOSS, channel_ids=frozenset([UUID(int=1)]))
    for actor in (elsewhere, stranger):
        with db.reading(actor) as tx, pytest.raises(NotFound):
            read_slips(tx, [(order.id, 1)])


def test_an_address_is_for_those_who_send_or_see_orders(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order = make.place(shop, {"tea": 2})
    looker = msgspec.structs.replace(make.BOSS, permissions=frozenset({"fulfillment.read"}))
    with db.reading(looker) as tx:
        (slip,) = read_slips(tx, [(order.id, 1)])
    assert slip.to is None


def test_one_walk_takes_the_items_of_all_orders_together(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}, "B": {"pot": 9}})
    one, two = make.place(shop, {"tea": 2, "cup": 1}), make.place(shop, {"tea": 3})
    other = make.place(shop, {"pot": 1})
    for order in (one, two, other):
        acts.release(shop, order.id)
    acts.pick(shop, one.id, {1: 1})
    with db.reading(make.BOSS) as tx:
        keys = find_work(tx, "A", states=("released", "picking"))
        sheet = read_pick_sheet(tx, "A", [*keys, (other.id, 1)])

    assert [(row.sku, row.pieces, row.per_order) for row in sheet.rows] == [
        ("cup", 1, {one.number: 1}),
        ("tea", 4, {one.number: 1, two.number: 3}),
    ]
    assert [(order.number, order.pieces) for order in sheet.orders] == [
        (one.number, 2),
        (two.number, 3),
    ]


def test_nothing_to_pick_is_told(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    order = make.place(shop, {"tea": 2})
    with db.reading(make.BOSS) as tx:
        assert find_parts(tx, [order.id], states=WORK) == [(order.id, 1)]
        assert find_parts(tx, [order.id], states=("packed",)) == []
        with pytest.raises(NotFound):
            read_pick_sheet(tx, "A", [])
