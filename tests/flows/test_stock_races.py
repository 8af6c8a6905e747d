"""E2: the last unit, wanted on every path at once, goes to one."""

from collections import Counter
from functools import partial
from typing import Any

import msgspec
import pytest

from ordito.flows.adjust_stock import adjust_stock
from ordito.flows.hold_stock import hold_stock
from ordito.flows.place_orders import place_orders
from ordito.flows.receive_stock import receive_stock
from ordito.inventory.asks import AdjustStock, HoldStock, ReceiveStock
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.flows import stock_acts as acts


def takers(shop: make.Shop, each: int) -> list[Any]:
    """Acts that want one unit each: a cart, an order, a loss, so many of each."""
    line = {"sku": "tea", "quantity": 1}
    loss = {"sku": "tea", "quantity": -1}
    hold = msgspec.convert({"channel": "web", "lines": [line]}, HoldStock)
    lost = msgspec.convert({"location": "A", "reason": "lost", "lines": [loss]}, AdjustStock)
    order = msgspec.convert(make.ask({"tea": 1}), PlaceOrder)
    go = partial(run, shop.db, make.BOSS)
    return (
        [partial(go, hold_stock, hold)] * each
        + [partial(go, adjust_stock, lost)] * each
        + [partial(go, place_orders, order)] * each
    )


@pytest.mark.parametrize("units", [1, 7])
def test_the_last_units_go_to_as_many_as_there_are(db: Database, units: int) -> None:
    shop = make.shop(db, stock={"A": {"tea": units}}, shortage="refuse")

    outcomes = Counter(acts.race(takers(shop, 11)[:32]))

    assert outcomes == {"done": units, "out-of-stock": 32 - units}
    assert acts.buckets(shop, "tea", "A").get("available", 0) == 0
    acts.assert_stock_sound(db)


def test_units_that_come_in_meanwhile_are_given_out_once(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2}}, shortage="refuse")
    body = {"location": "A", "lines": [{"sku": "tea", "quantity": 1}]}
    bring = partial(run, db, make.BOSS, receive_stock, msgspec.convert(body, ReceiveStock))

    outcomes = Counter(acts.race([*takers(shop, 9), *[bring] * 5]))

    taken = outcomes["done"] - 5
    assert outcomes["done"] + outcomes["out-of-stock"] == 32
    assert 2 <= taken <= 7
    assert acts.buckets(shop, "tea", "A").get("available", 0) == 7 - taken
    acts.assert_stock_sound(db)


def test_one_key_on_every_path_has_one_effect_each(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}}, shortage="refuse")
    keyed = [partial(act, key=f"k{n // 8}") for n, act in enumerate(takers(shop, 8))]

    outcomes = acts.race(keyed)

    assert outcomes == ["done"] * 24
    assert acts.buckets(shop, "tea", "A") == {"available": 7, "reserved": 2}
    acts.assert_stock_sound(db)
