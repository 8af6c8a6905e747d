"""The inventory list, an item's stock, its holders and its ledger."""

import msgspec
import pytest

from ordito.listings.item_stock import list_holders, read_item_stock
from ordito.listings.stock_ledger import list_ledger
from ordito.listings.stock_list import StockFilter, list_stock
from ordito.platform.database import Database
from ordito.platform.problems import NotFound
from tests import make

STOCK = {"A": {"tea": 9, "cup": 3}, "B": {"tea": 1, "pot": 8}}


def skus(shop: make.Shop, asked: StockFilter, actor: object = make.BOSS) -> list[str]:
    with shop.db.reading(actor) as tx:  # type: ignore[arg-type]
        return [row.sku for row in list_stock(tx, asked).items]


def test_filters_mean_free_stock_in_scope(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    make.place(shop, {"cup": 3})
    only_b = msgspec.structs.replace(make.BOSS, location_ids=frozenset([shop.locations["B"]]))

    assert skus(shop, StockFilter()) == ["cup", "pot", "tea"]
    assert skus(shop, StockFilter(text="TE")) == ["tea"]
    assert skus(shop, StockFilter(text="100%")) == []
    assert skus(shop, StockFilter(shortage="zero")) == ["cup"]
    assert skus(shop, StockFilter(shortage="some")) == ["pot", "tea"]
    assert skus(shop, StockFilter(shortage="low", low_max=8)) == ["cup", "pot"]
    assert skus(shop, StockFilter(location="B", shortage="some")) == ["pot", "tea"]
    assert skus(shop, StockFilter(kept=True), only_b) == ["pot", "tea"]
    assert skus(shop, StockFilter(shortage="low", low_max=1), only_b) == ["cup", "tea"]
    with pytest.raises(NotFound):
        skus(shop, StockFilter(location="A"), only_b)


def test_pages_follow_each_other_by_sku(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    with shop.db.reading(make.BOSS) as tx:
        first = list_stock(tx, StockFilter(), limit=2)
        second = list_stock(tx, StockFilter(), limit=2, cursor=first.next)

    assert [[row.sku for row in page.items] for page in (first, second)] == [
        ["cup", "pot"],
        ["tea"],
    ]
    assert second.next is None


def test_item_tells_its_cells_and_their_sum(db: Database) -> None:
    shop = make.shop(db, stock=STOCK)
    make.place(shop, {"tea": 4})
    with db.reading(make.BOSS) as tx:
        stock = read_item_stock(tx, "TEA")

    assert [(c.location.code, c.available, c.reserved) for c in stock.cells] == [
        ("A", 5, 4),
        ("B", 1, 0),
    ]
    assert (stock.totals.on_hand, stock.totals.available, stock.totals.locations) == (10, 6, 2)
    with db.reading(make.BOSS) as tx, pytest.raises(NotFound):
        read_item_stock(tx, "nothing")


def test_every_reserved_piece_names_who_holds_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    placed = [make.place(shop, {"tea": n}) for n in (1, 2, 3)]
    item = shop.items["tea"]
    with db.reading(make.BOSS) as tx:
        first = list_holders(tx, item, limit=2)
        second = list_holders(tx, item, limit=2, cursor=first.next)

    holders = (*first.items, *second.items)
    assert [(h.number, h.qty, h.location) for h in holders] == [
        (order.number, n, "A") for order, n in zip(placed, (1, 2, 3), strict=True)
    ]
    assert sum(h.qty for h in holders) == 6


def test_holders_of_channels_out_of_scope_have_no_number(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    make.place(shop, {"tea": 1})
    reader = msgspec.structs.replace(make.BOSS, channel_ids=frozenset())
    with db.reading(reader) as tx:
        (holder,) = list_holders(tx, shop.items["tea"]).items
        row = list_ledger(tx, shop.items["tea"]).items[0]

    assert (holder.number, holder.channel, holder.qty) == (None, None, 1)
    assert (row.source_kind, row.source_name) == (None, "")


def test_ledger_names_the_order_of_each_posting_newest_first(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9}})
    placed = make.place(shop, {"tea": 2})
    with db.reading(make.BOSS) as tx:
        first = list_ledger(tx, shop.items["tea"], limit=1)
        second = list_ledger(tx, shop.items["tea"], limit=1, cursor=first.next)

    assert [(r.reason, r.qty, r.source_name, r.available_after) for r in first.items] == [
        ("order", 2, str(placed.number), 7)
    ]
    assert [(r.reason, r.qty, r.source_kind) for r in second.items] == [("opening", 9, None)]
    assert second.next is None
