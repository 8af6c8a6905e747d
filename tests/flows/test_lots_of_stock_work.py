"""Lots in the rest of the stock work: announced, counted by lists, made of others, from files."""

from datetime import timedelta
from typing import Any

import pytest

from ordito.flows.expect_stock import (
    change_expected,
    close_expected,
    expect_stock,
    receive_expected,
)
from ordito.flows.transfer_stock import ship_transfer
from ordito.inventory.expected_asks import (
    ChangeExpected,
    CloseExpected,
    ExpectedStock,
    ExpectReceipt,
    ReceiveExpected,
)
from ordito.inventory.transfer_asks import ShipTransfer
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput
from tests import make
from tests.flows import acts, stock_acts, transfer_acts
from tests.flows import lot_acts as lots
from tests.flows.lot_acts import LATER, SOON, TODAY


def faults_of(caught: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in caught.value.errors]


def expect(shop: make.Shop, sku: str, quantity: int, location: str = "A") -> ExpectedStock:
    day = (TODAY + timedelta(days=9)).isoformat()
    body = {"location": location, "sku": sku, "quantity": quantity, "expected_on": day}
    one: ExpectedStock = lots.do(shop, expect_stock, ExpectReceipt, body)
    return one


def arrive(shop: make.Shop, one: ExpectedStock, **fields: Any) -> ExpectedStock:
    body = {"expected_id": str(one.id)} | fields
    came: ExpectedStock = lots.do(shop, receive_expected, ReceiveExpected, body)
    return came


def named(code: str, quantity: int, **fields: Any) -> dict[str, Any]:
    return {"lot": code, "quantity": quantity} | fields


def test_what_was_announced_gets_its_lots_when_it_comes(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (2, SOON)})
    one = expect(shop, "milk", 10)
    body = {"expected_id": str(one.id), "quantity": 12}
    lots.do(shop, change_expected, ChangeExpected, body)
    transfer = transfer_acts.draft(shop, {"milk": 1})
    lots.do(shop, ship_transfer, ShipTransfer, {"transfer_id": str(transfer.id)})
    assert [(p.location.code, p.incoming) for p in lots.find(shop, "M1").places] == [
        ("A", 0),
        ("B", 1),
    ]

    before = stock_acts.postings(db)
    for fields, fault in (
        ({"quantity": 3}, ("/lots", "required")),
        ({"quantity": 3, "lots": [named("M2", 2, expires_on=str(LATER))]}, ("/lots", "wrong-sum")),
        ({"quantity": 3, "lots": [named("M2", 3)]}, ("/lots/0/expires_on", "required")),
        ({"damaged": 1, "damaged_lots": [named("M1", 1, expires_on=str(LATER))]},
         ("/damaged_lots/0/expires_on", "differs")),
        ({"quantity": 0, "damaged": 1, "lots": [named("M1", 1)]}, ("/lots", "wrong-sum")),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as caught:
            arrive(shop, one, **fields)
        assert faults_of(caught) == [fault]
    assert stock_acts.postings(db) == before

    came = arrive(
        shop, one, quantity=8, damaged=1,
        lots=[named("M1", 2), named("M2", 6, expires_on=str(LATER))],
        damaged_lots=[named("M2", 1, expires_on=str(LATER))],
    )  # fmt: skip
    assert (came.received, came.open) == (9, 3)
    assert stock_acts.buckets(shop, "milk", "A") == {"available": 9, "damaged": 1}
    assert lots.places(shop, "M2") == {"A": {"shelf": 6, "damaged": 1}}

    # Five come though three were still expected: what is more comes from the supplier.
    assert arrive(shop, one, quantity=5, lots=[named("M2", 5)]).over == 2
    lamps = expect(shop, "lamp", 3)
    arrive(shop, lamps, quantity=1, lots=[{"lot": "L1"}])
    with pytest.raises(InvalidInput) as caught:
        arrive(shop, lamps, quantity=1, damaged=1, lots=[{"lot": "L2"}],
               damaged_lots=[{"lot": "L2"}])  # fmt: skip
    assert faults_of(caught) == [("/damaged_lots/0/lot", "duplicate")]
    lots.do(shop, close_expected, CloseExpected, {"expected_id": str(lamps.id)})
    assert stock_acts.buckets(shop, "lamp", "A") == {"available": 1}
    order_id = lots.order(shop, {"lamp": 1, "milk": 1})
    lots.pick(shop, order_id, as_proposed=True)
    assert acts.look(shop, order_id).lines[0].picked == 1
    assert lots.places(shop, "M1") == {"A": {"shelf": 2, "picked": 1, "in_transit": 1}, "B": {}}
