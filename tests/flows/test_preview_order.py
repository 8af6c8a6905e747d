"""What would become of an order: the same as what becomes of it, and nothing is written."""

from typing import Any

import msgspec
import pytest

from ordito.flows.preview_order import Offer, OrderPreview, offer_items, preview_order
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput
from tests import make


def preview(shop: make.Shop, lines: dict[str, int], **fields: Any) -> OrderPreview:
    ask = msgspec.convert(make.ask(lines, **fields), PlaceOrder)
    return run(shop.db, make.BOSS, preview_order, ask)


def offers(shop: make.Shop, search: str) -> list[Offer]:
    with shop.db.reading(make.BOSS) as tx:
        return offer_items(tx, "web", search)


def test_preview_says_what_placing_then_does(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}, "B": {"cup": 9}}, kits={"set": {"cup": 2}})
    fields = {"adjustments": [{"kind": "shipping", "amount_minor": 500}]}
    seen = preview(shop, {"tea": 4, "set": 2}, **fields)
    before = make.free(shop, "tea")
    placed = make.place(shop, {"tea": 4, "set": 2}, **fields)

    assert before == {"A": 3}
    assert (seen.total_minor, seen.shipping_minor) == (placed.total_minor, 500)
    assert (
        [line.backordered for line in seen.lines]
        == [line.backordered for line in placed.lines]
        == [1, 0]
    )
    assert {part.location for line in seen.lines for part in line.parts} == {
        part.location for part in placed.fulfillment_orders
    }


def test_preview_writes_nothing(db: Database) -> None:
    shop = make.shop(db)
    preview(shop, {"tea": 2})
    with db.connection() as conn:
        for table in ("orders.sales_order", "inventory.reservation", "platform.event"):
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert make.free(shop, "tea") == {"A": 10, "B": 10}


def test_preview_says_that_a_channel_takes_no_backorders(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}}, shortage="refuse")
    assert preview(shop, {"tea": 2}).refused
    assert not preview(shop, {"tea": 1}).refused


def test_preview_tells_every_fault(db: Database) -> None:
    shop = make.shop(db)
    with pytest.raises(InvalidInput) as refused:
        preview(shop, {"nothing": 1}, ship_to=None)
    assert {fault.pointer for fault in refused.value.errors} == {"/lines/0/sku", "/ship_to"}


def test_offers_count_whole_kits_where_their_parts_lie(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 5, "cup": 3}, "B": {"tea": 1, "cup": 1}},
        kits={"teaset": {"tea": 1, "cup": 2}},
        services=("teawrap",),
    )
    found = {offer.sku: offer for offer in offers(shop, "tea")}
    assert {sku: offer.free for sku, offer in found.items()} == {
        "tea": 6,
        "teaset": 1,
        "teawrap": None,
    }
    assert [(part.location, part.units) for part in found["tea"].places] == [("A", 5), ("B", 1)]
    assert found["tea"].price == "10.00"
