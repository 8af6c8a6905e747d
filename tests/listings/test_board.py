"""A location's work: the board, pick lists, pick-ups."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from ordito.flows.hold_order import hold_order
from ordito.flows.manage_locations import set_bins, set_item_bins
from ordito.listings.board import list_cards, read_board
from ordito.listings.pick_list import read_pick_list
from ordito.listings.pickups import list_pickups
from ordito.listings.places import busiest_place
from ordito.locations.types import BinAsk, ItemBinsAsk, SetBins, SetItemBins
from ordito.orders.asks import HoldOrder, OwnedHold
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import NotFound
from tests import make
from tests.flows import acts


def test_board_counts_and_orders_by_promise_then_age(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    late = make.place(shop, {"tea": 1}, promised_on="2026-12-05")
    soon = make.place(shop, {"tea": 1}, promised_on="2026-12-01")
    later = make.place(shop, {"tea": 2}, promised_on="2026-12-05")
    acts.release(shop, make.place(shop, {"tea": 1}).id)
    with db.reading(make.BOSS) as tx:
        board = read_board(tx, "A", limit=2)
        opened = next(column for column in board.columns if column.state == "open")
        rest = list_cards(tx, "A", "open", cursor=opened.cards.next, limit=2)

    assert {c.state: c.count for c in board.columns if c.count} == {"open": 3, "released": 1}
    assert [card.number for card in opened.cards.items] == [soon.number, late.number]
    assert [(card.number, card.units) for card in rest.items] == [(later.number, 2)]
    assert rest.next is None


def test_held_work_is_on_the_board_and_rests(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    placed = make.place(shop, {"tea": 1})
    ask = HoldOrder(order_id=placed.id, holds=(OwnedHold(reason="fraud"),))
    run(db, make.BOSS, hold_order, ask)
    with db.reading(make.BOSS) as tx:
        (card,) = list_cards(tx, "A", "open").items

    assert (card.holds, card.allowed_actions) == (["fraud"], ("reject",))


def test_board_of_a_location_out_of_scope_is_not_found(db: Database) -> None:
    shop = make.shop(db)
    reader = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["B"]]))
    with db.reading(reader) as tx:
        assert read_board(tx, "B").location.code == "B"
        for code in ("A", "nowhere"):
            with pytest.raises(NotFound):
                read_board(tx, code)


def test_board_leaves_out_channels_out_of_scope(db: Database) -> None:
    shop = make.shop(db)
    make.place(shop, {"tea": 1})
    reader = msgspec.structs.replace(make.BOSS, channel_ids=frozenset([UUID(int=1)]))
    with db.reading(reader) as tx:
        assert all(column.count == 0 for column in read_board(tx, "A").columns)


def test_pick_list_follows_the_walk_and_what_has_no_bin_is_last(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9, "pot": 9}}, kits={"set": {"cup": 2}})
    bins = (BinAsk(code="far", walk_order=9), BinAsk(code="near", walk_order=1))
    run(db, make.BOSS, set_bins, SetBins(location="A", bins=bins))
    lying = (ItemBinsAsk(sku="tea", bins=("far",)), ItemBinsAsk(sku="cup", bins=("far", "near")))
    run(db, make.BOSS, set_item_bins, SetItemBins(location="A", items=lying))
    placed = make.place(shop, {"pot": 1, "tea": 3, "set": 2})
    acts.release(shop, placed.id)
    acts.pick(shop, placed.id, {2: 1})
    with db.reading(make.BOSS) as tx:
        pick = read_pick_list(tx, placed.id, 1)

    assert [(line.sku, line.bins, line.kit, line.qty) for line in pick.lines] == [
        ("cup", ["near", "far"], "set", 4),
        ("tea", ["far"], None, 3),
        ("pot", [], None, 1),
    ]
    assert (pick.pieces, pick.picked, pick.card.units) == (8, 1, 6)


def test_pick_list_of_other_locations_is_not_found(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    placed = make.place(shop, {"tea": 1})
    reader = msgspec.structs.replace(make.BOSS, location_ids=frozenset())
    with db.reading(reader) as tx, pytest.raises(NotFound):
        read_pick_list(tx, placed.id, 1)
    with db.reading(make.BOSS) as tx, pytest.raises(NotFound):
        read_pick_list(tx, placed.id, 2)


def test_pickups_wait_under_the_customers_name(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    fields = {
        "delivery": "pickup",
        "pickup_location": "A",
        "customer": {"name": "Eva", "email": "e@x.pl"},
    }
    placed = [make.place(shop, {"tea": 2}, **fields) for _ in range(2)]
    for act in (acts.release, acts.pick, acts.pack):
        for order in placed:
            act(shop, order.id)
    acts.ready(shop, placed[0].id)
    with db.reading(make.BOSS) as tx:
        first = list_pickups(tx, "A", limit=1)
        second = list_pickups(tx, "A", limit=1, cursor=first.next)
        (ready,) = list_pickups(tx, "A", states=("ready",)).items
        by_name = list_pickups(tx, "A", words="#EVA").items
        by_number = list_pickups(tx, "A", words=str(placed[1].number)).items
        nobody = list_pickups(tx, "A", words="va").items
        earlier = list_pickups(tx, "A", since=tx.now + timedelta(days=1)).items

    assert [p.number for p in (*first.items, *second.items)] == [
        placed[1].number,
        placed[0].number,
    ]
    assert (ready.number, ready.name, ready.units) == (placed[0].number, "Eva", 2)
    assert [p.number for p in by_name] == [placed[1].number, placed[0].number]
    assert [p.number for p in by_number] == [placed[1].number]
    assert (nobody, earlier) == ((), ())


def test_late_counts_the_work_of_this_location_alone(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 1}, "B": {"cup": 9}})
    acts.shipped(shop, {"tea": 1}, promised_on="2026-11-02")
    make.place(shop, {"tea": 1, "cup": 2}, promised_on="2026-11-02")
    make.place(shop, {"tea": 1}, promised_on="2126-11-02")
    with db.reading(make.BOSS) as tx:
        boards = {code: read_board(tx, code) for code in ("A", "B")}
        busiest = busiest_place(tx)

    assert {code: board.late for code, board in boards.items()} == {"A": 1, "B": 1}
    assert busiest == shop.locations["A"]
