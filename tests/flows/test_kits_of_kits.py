"""Kits of kits that share parts: what all lines need is summed before anything is promised."""

from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.catalog.types import CreateItem, UpdateItem
from ordito.flows.cancel_order import cancel_order
from ordito.flows.hold_stock import hold_stock, release_hold_of_stock
from ordito.flows.manage_items import create_item, update_item
from ordito.flows.place_orders import place_orders
from ordito.inventory.asks import HoldStock, ReleaseHold
from ordito.inventory.problems import OutOfStock
from ordito.orders.asks import CancelOrder
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.doctor.wellness import assert_well_now

NEEDS = {
    "screw": {"screw": 1},
    "plate": {"plate": 1},
    "shelf": {"screw": 4, "plate": 1},
    "rack": {"screw": 10, "plate": 2, "wheel": 4},
    "store": {"screw": 24, "plate": 5, "wheel": 8},
}
"""Pieces in one: a rack is two shelves, two screws and wheels; a store two racks and a shelf."""


def nested(db: Database, stock: dict[str, int]) -> make.Shop:
    shop = make.shop(db, stock={"A": stock}, shortage="refuse")
    for sku, parts in {
        "shelf": {"screw": 4, "plate": 1},
        "rack": {"shelf": 2, "screw": 2, "wheel": 4},
        "store": {"rack": 2, "shelf": 1},
    }.items():
        body = {"sku": sku, "name": sku, "kind": "kit", "prices": {"EUR": "10.00"}}
        told = [{"sku": part, "quantity": qty} for part, qty in parts.items()]
        made = run(db, make.BOSS, create_item, msgspec.convert(body | {"parts": told}, CreateItem))
        shop.items[sku] = made.id
    return shop


def pieces(lines: list[tuple[str, int]]) -> Counter[str]:
    needed: Counter[str] = Counter()
    for sku, units in lines:
        for part, per_unit in NEEDS[sku].items():
            needed[part] += units * per_unit
    return needed


def free(shop: make.Shop) -> Counter[str]:
    return Counter({sku: make.free(shop, sku).get("A", 0) for sku in ("screw", "plate", "wheel")})


@pytest.mark.parametrize("seed", [1, 2])
def test_complaint_42_an_order_is_taken_exactly_when_all_its_pieces_are_there(
    db: Database, seed: int
) -> None:
    """Also complaints 1 and 5: the same part by several ways, and one SKU on several lines."""
    shop = nested(db, {"screw": 90, "plate": 20, "wheel": 26})
    dice = Random(seed)
    left = free(shop)
    taken: list[tuple[str, UUID, Counter[str]]] = []
    outcomes: Counter[str] = Counter()
    for _ in range(40):
        if taken and dice.random() < 0.3:
            kind, id_, back = taken.pop(dice.randrange(len(taken)))
            if kind == "order":
                run(db, make.BOSS, cancel_order, CancelOrder(order_id=id_, reason="other"))
            else:
                run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=id_))
            left += back
        lines = [
            (dice.choice(list(NEEDS)), dice.choice([1, 1, 2, 3])) for _ in range(dice.randint(1, 4))
        ]
        needed = pieces(lines)
        kind = dice.choice(["order", "order", "hold"])
        told = [{"sku": sku, "quantity": qty} for sku, qty in lines]
        try:
            if kind == "order":
                body = make.ask({}) | {"lines": told}
                placed: Any = run(db, make.BOSS, place_orders, msgspec.convert(body, PlaceOrder))
                id_ = placed.id
            else:
                ask = msgspec.convert({"channel": "web", "lines": told}, HoldStock)
                id_ = run(db, make.BOSS, hold_stock, ask).id
        except OutOfStock:
            assert not needed <= left, "refused though everything is there"
            outcomes["refused"] += 1
        else:
            assert needed <= left, "promised what is not there"
            left -= needed
            taken.append((kind, id_, needed))
            outcomes["taken"] += 1
        assert +free(shop) == +left
    assert min(outcomes.values()) >= 5, "both ends were seen"
    assert_well_now(db)


def test_complaint_42_a_kit_may_change_while_orders_of_it_are_open(db: Database) -> None:
    shop = nested(db, {"screw": 90, "plate": 20, "wheel": 26})
    before = free(shop)
    placed = make.place(shop, {"store": 1})
    assert before - free(shop) == Counter(NEEDS["store"])

    told = [{"sku": "screw", "quantity": 1}, {"sku": "plate", "quantity": 1}]
    ask = msgspec.convert({"item_id": shop.items["shelf"], "parts": told}, UpdateItem)
    run(db, make.BOSS, update_item, ask)
    anew = make.place(shop, {"store": 1})

    # Five shelves in a store: each takes three screws fewer from now on.
    assert before - free(shop) == Counter(screw=24 + 9, plate=10, wheel=16)
    for order in (placed, anew):
        run(db, make.BOSS, cancel_order, CancelOrder(order_id=order.id, reason="other"))
    assert free(shop) == before
    assert_well_now(db)
