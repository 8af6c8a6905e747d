"""Lots and serial numbers: what came in as which is what is picked, shipped and found again."""

from typing import Any

import pytest

from ordito.flows.adjust_stock import adjust_stock, move_stock
from ordito.flows.fulfil_many import FulfilMany, FulfilOne, fulfil_many
from ordito.flows.reactions import REACTIONS
from ordito.flows.receive_transfer import close_transfer, receive_transfer
from ordito.flows.transfer_stock import ship_transfer
from ordito.inventory.asks import AdjustStock, MoveStock
from ordito.inventory.ledger import lock_cells
from ordito.inventory.problems import (
    CountTooLow,
    LotRequired,
    LotShort,
    LotUnfit,
    SerialInStock,
)
from ordito.inventory.transfer_asks import CloseTransfer, ReceiveTransfer, ShipTransfer
from ordito.listings.lot_traces import list_lot_movements, list_lot_uses
from ordito.listings.order_page import read_order_page
from ordito.listings.pick_list import read_pick_list
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from tests import make
from tests.flows import acts, stock_acts, transfer_acts
from tests.flows import lot_acts as lots
from tests.flows.lot_acts import LATER, LATEST, PAST, SOON, TODAY


def faults_of(caught: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in caught.value.errors]


def told(shop: make.Shop, order_id: Any) -> list[Any]:
    """What the order's timeline tells of lots: how, and (line, SKU, lot, pieces) each."""
    return [
        (entry.body["how"], [tuple(lot) for lot in entry.body["lots"]])
        for entry in stock_acts.timeline(shop.db, order_id)
        if entry.kind == "order.lots_moved"
    ]


def test_what_came_in_as_a_lot_is_picked_first_expired_first_and_found_again(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M2": (5, LATER)})
    lots.receive(shop, "milk", {"M1": (2, SOON), "M2": (1, LATER)})
    assert stock_acts.buckets(shop, "milk", "A") == {"available": 8}
    order_id = lots.order(shop, {"milk": 4, "tea": 1})

    with db.reading(SYSTEM) as tx:
        (line,) = read_pick_list(tx, order_id, 1).lots
    assert [(one.lot, one.quantity) for one in line.proposed] == [("M1", 2), ("M2", 2)]
    before = stock_acts.postings(db)
    with pytest.raises(LotRequired) as asked:
        lots.pick(shop, order_id)
    assert [(lot["lot"], lot["quantity"], lot["fit"]) for lot in asked.value.extra["lots"]] == [
        ("M1", 2, True),
        ("M2", 6, True),
    ]
    with pytest.raises(InvalidInput, match="Nothing"):
        lots.pick(shop, order_id, lots=[{"line": 1, "lot": "M2", "quantity": 3}])
    with pytest.raises(LotShort):
        lots.pick(shop, order_id, lots=[{"line": 1, "lot": "M1", "quantity": 4}])
    assert stock_acts.postings(db) == before

    lots.pick(shop, order_id, as_proposed=True)
    with pytest.raises(LotRequired):
        lots.unpick(shop, order_id, lines={"1": 1})
    lots.unpick(shop, order_id, lines={"1": 1}, lots=[{"line": 1, "lot": "M2"}])
    scanned = f"(01)09506000134352(17){LATER:%y%m%d}(10)M2"
    lots.pick(shop, order_id, lots=[{"line": 1, "lot": scanned}])
    acts.pack(shop, order_id)
    lots.ship(shop, order_id)

    assert told(shop, order_id) == [
        ("picked", [(1, "milk", "M1", 2), (1, "milk", "M2", 2)]),
        ("put_back", [(1, "milk", "M2", 1)]),
        ("picked", [(1, "milk", "M2", 1)]),
        ("shipped", [(1, "milk", "M1", 2), (1, "milk", "M2", 2)]),
    ]
    assert lots.places(shop, "M2") == {"A": {"shelf": 4}}
    with db.reading(make.BOSS) as tx:
        (use,) = list_lot_uses(tx, lots.find(shop, "M1").id).items
        moved = list_lot_movements(tx, lots.find(shop, "M1").id).items
        (work,) = read_order_page(tx, order_id).fulfillment_orders
    assert (use.order_id, use.picked, use.shipped, use.returned) == (order_id, 2, 2, 0)
    assert [(m.from_bucket, m.to_bucket, m.qty) for m in moved] == [
        ("picked", "customer", 2),
        ("reserved", "picked", 2),
        ("supplier", "available", 2),
    ]
    assert [(one.lot, one.quantity) for one in work.lots[0].shipped] == [("M1", 2), ("M2", 2)]

    with pytest.raises(LotRequired):
        lots.give_back(shop, order_id, 1)
    with pytest.raises(LotShort):
        lots.give_back(shop, order_id, 3, lots=[{"line": 1, "lot": "M1", "quantity": 3}])
    lots.give_back(shop, order_id, 1, lots=[{"line": 1, "lot": "M1"}])
    lots.give_back(shop, order_id, 3, disposition="damaged")
    assert lots.places(shop, "M1") == {"A": {"shelf": 1, "damaged": 1}}


def test_a_receipt_says_the_lots_of_what_has_them_and_of_nothing_else(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (2, SOON)})
    wrong: list[tuple[str, Any, dict[str, Any], str]] = [
        ("milk", {}, {"quantity": 3}, "/lines/0/lots required"),
        ("milk", {"M1": (2, None)}, {"quantity": 3}, "/lines/0/lots wrong-sum"),
        ("milk", {"M9": (2, None)}, {}, "/lines/0/lots/0/expires_on required"),
        ("milk", {"M1": (2, LATER)}, {}, "/lines/0/lots/0/expires_on differs"),
        ("milk", {"M9": (2, PAST)}, {}, "/lines/0/lots/0/lot lot-too-old"),
        ("lamp", {"L1": (2, None)}, {}, "/lines/0/lots/0/quantity serial"),
        ("tea", {"T": (2, None)}, {}, "/lines/0/lots not-tracked"),
    ]
    for sku, named, fields, fault in wrong:
        with pytest.raises(InvalidInput) as caught:
            lots.receive(shop, sku, named, **fields)
        assert [" ".join(one) for one in faults_of(caught)] == [fault]

    lots.receive(shop, "milk", {"M9": (2, PAST)}, bucket="quality_control")
    with pytest.raises(InvalidInput) as caught:
        lots.do(shop, move_stock, MoveStock, _move("M9", 2, "quality_control", "available"))
    assert faults_of(caught) == [("/lines/0/lots/0/lot", "lot-too-old")]
    assert lots.places(shop, "M9") == {"A": {"quality_control": 2}}
    with pytest.raises(ActionNotAllowed, match="There is stock"):
        lots.track(shop, "milk", tracking="none", expires=False, sell_days=0)


def _move(lot: str, qty: int, from_: str, to: str) -> dict[str, Any]:
    line = {"sku": "milk", "quantity": qty, "from_bucket": from_, "to_bucket": to}
    return {"location": "A", "lines": [line | {"lots": [{"lot": lot, "quantity": qty}]}]}


def test_adjustments_moves_and_counts_are_of_lots(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (5, SOON), "M2": (5, LATER)})
    line = {"sku": "milk", "quantity": -2}
    body = {"location": "A", "reason": "lost", "lines": [line]}

    with pytest.raises(InvalidInput) as caught:
        lots.do(shop, adjust_stock, AdjustStock, body)
    assert faults_of(caught) == [("/lines/0/lots", "required")]
    line["lots"] = [{"lot": "M1", "quantity": 2}]
    lots.do(shop, adjust_stock, AdjustStock, body)
    lots.do(shop, move_stock, MoveStock, _move("M2", 4, "available", "damaged"))
    with pytest.raises(LotShort):
        lots.do(shop, move_stock, MoveStock, _move("M2", 2, "available", "damaged"))
    assert lots.places(shop, "M1") == {"A": {"shelf": 3}}
    assert lots.places(shop, "M2") == {"A": {"shelf": 1, "damaged": 4}}

    order_id = lots.order(shop, {"milk": 4})
    lots.pick(shop, order_id, lines={"1": 1}, lots=[{"line": 1, "lot": "M2"}])
    with pytest.raises(LotRequired, match="M2"):
        lots.count(shop, "milk", {"M1": 3})
    with pytest.raises(CountTooLow):
        lots.count(shop, "milk", {"M1": 3, "M2": 0})
    with pytest.raises(LotRequired, match="Count each lot"):
        stock_acts.count(shop, "A", {"milk": 7})
    counted = lots.count(shop, "milk", {"M1": 1, "M2": 6})
    assert lots.places(shop, "M1") == {"A": {"shelf": 1}}
    assert lots.places(shop, "M2") == {"A": {"shelf": 1, "picked": 1, "damaged": 4}}
    assert [(one.order_id, one.lines) for one in counted.shortened] == [(order_id, {1: 1})]


def test_a_serial_number_is_one_unit_in_one_place(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "lamp", {"S1": (1, None), "S2": (1, None)})
    lots.receive(shop, "milk", {"M1": (6, SOON)})
    with pytest.raises(InvalidInput) as caught:
        lots.receive(shop, "lamp", {"s1": (1, None)}, location="B")
    assert faults_of(caught) == [("/lines/0/lots/0/lot", "serial-in-stock")]
    order_id = lots.order(shop, {"gift": 2})

    named = [{"line": 1, "lot": "S2", "sku": "lamp"}, {"line": 1, "lot": "M1", "sku": "milk",
                                                       "quantity": 2}]  # fmt: skip
    lots.pick(shop, order_id, lines={"1": 1}, lots=named)
    lots.pick(shop, order_id, as_proposed=True)
    acts.pack(shop, order_id)
    with pytest.raises(LotRequired, match="serial"):
        lots.ship(shop, order_id, lines={"1": 1})
    lots.ship(shop, order_id, lines={"1": 1}, lots=[{"line": 1, "lot": "S1", "sku": "lamp"}])
    lots.ship(shop, order_id)
    assert told(shop, order_id)[-1] == ("shipped", [(1, "lamp", "S2", 1), (1, "milk", "M1", 2)])

    lots.receive(shop, "lamp", {"S1": (1, None)}, location="B")
    with pytest.raises(SerialInStock):
        lots.give_back(shop, order_id, 2)
    assert stock_acts.buckets(shop, "lamp", "B") == {"available": 1}


def test_two_places_never_receive_the_same_serial_number(db: Database) -> None:
    shop = lots.shop(db)

    def receive(place: str) -> Any:
        return lambda: lots.receive(shop, "lamp", {"S1": (1, None)}, location=place)

    outcomes = stock_acts.race([receive("A"), receive("B"), receive("A"), receive("B")])

    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "serial-in-stock", "invalid-input"}
    assert len(lots.places(shop, "S1")) == 1


def test_a_blocked_lot_is_neither_picked_nor_shipped_and_comes_back_when_it_is_free(
    db: Database,
) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (3, SOON), "M2": (3, LATER)})
    lots.receive(shop, "milk", {"M3": (1, LATEST)}, bucket="quality_control")
    packed = lots.order(shop, {"milk": 1})
    lots.pick(shop, packed, as_proposed=True)
    acts.pack(shop, packed)
    waiting = lots.order(shop, {"milk": 4})

    lots.block(shop, "M1")
    with pytest.raises(ActionNotAllowed, match="blocked already"):
        lots.block(shop, "M1")
    with pytest.raises(LotUnfit, match="recalled"):
        lots.ship(shop, packed)
    with pytest.raises(LotUnfit):
        lots.pick(shop, waiting, lines={"1": 1}, lots=[{"line": 1, "lot": "M1"}])
    outcome = run(
        db, make.BOSS, fulfil_many,
        FulfilMany(asks=(FulfilOne(order_id=packed, fo_no=1, carrier="DHL"),
                         FulfilOne(order_id=waiting, fo_no=1, carrier="DHL"))),
    )  # fmt: skip
    types = [str(item.problem.body["type"]) for item in outcome.items if item.problem]
    assert [text.rsplit("/", 1)[-1] for text in types] == ["lot-unfit", "lot-required"]

    assert lots.settle(shop) == 1
    assert lots.settle(shop) == 0
    assert lots.places(shop, "M1") == {"A": {"picked": 1, "quality_control": 2, "held_back": 2}}
    assert stock_acts.buckets(shop, "milk", "A") == {
        "reserved": 3, "picked": 1, "quality_control": 3,
    }  # fmt: skip
    assert acts.vector(acts.look(shop, waiting))["open"] == 1
    entry = stock_acts.timeline(db, lots.find(shop, "M1").id)[-1]
    assert (entry.kind, entry.body["qty"], entry.body["orders"]) == ("lot.set_aside", 2, 1)

    lots.do(shop, move_stock, MoveStock, _move("M1", 1, "quality_control", "damaged"))
    lots.unblock(shop, "M1")
    assert lots.settle(shop) == 1
    assert lots.places(shop, "M1") == {"A": {"picked": 1, "shelf": 1, "damaged": 1}}
    assert stock_acts.buckets(shop, "milk", "A")["quality_control"] == 1
    lots.ship(shop, packed)
    assert {"lot.blocked", "lot.freed", "lot.changed", "lot.put_back"} <= REACTIONS.keys()


def test_what_is_too_old_to_be_sold_is_set_aside_by_itself(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (3, SOON), "M2": (2, LATER)})
    assert lots.settle(shop) == 0

    lots.change(shop, "M1", expires_on=TODAY.isoformat())
    with pytest.raises(InvalidInput) as caught:
        lots.change(shop, "M1", expires_on=None)
    assert faults_of(caught) == [("/expires_on", "required")]
    assert lots.settle(shop) == 1
    assert stock_acts.buckets(shop, "milk", "A") == {"available": 2, "quality_control": 3}
    lots.track(shop, "milk", sell_days=0)
    assert lots.settle(shop) == 1
    assert stock_acts.buckets(shop, "milk", "A") == {"available": 5}


def test_who_does_not_know_of_lots_moves_none_of_them(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (3, SOON)})
    key = (str(shop.items["milk"]), str(shop.locations["A"]))
    before = stock_acts.postings(db)

    with db.transaction(SYSTEM) as tx:
        ledger = lock_cells(tx, [key])
        ledger.post(key, "available", "scrapped", 1, reason="forgetful")
        with pytest.raises(LotRequired):
            ledger.send(tx)

    assert stock_acts.postings(db) == before


def test_a_transfer_takes_lots_along(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (3, SOON), "M2": (3, LATER)})
    lots.receive(shop, "lamp", {"S1": (1, None), "S2": (1, None)})
    made = transfer_acts.draft(shop, {"milk": 4, "lamp": 1, "tea": 1})
    ask = {"transfer_id": str(made.id)}
    milk: dict[str, Any] = {"sku": "milk", "quantity": 4}
    lines = [milk, {"sku": "lamp", "quantity": 1, "lots": [{"lot": "S2"}]},
             {"sku": "tea", "quantity": 1}]  # fmt: skip

    with pytest.raises(LotRequired):
        lots.do(shop, ship_transfer, ShipTransfer, ask | {"lines": lines})
    milk["lots"] = [{"lot": "M1", "quantity": 3}, {"lot": "m2", "quantity": 1}]
    lots.do(shop, ship_transfer, ShipTransfer, ask | {"lines": lines})
    assert lots.places(shop, "M1") == {"A": {"in_transit": 3}, "B": {}}

    arrived: dict[str, Any] = {"sku": "milk", "quantity": 1, "damaged": 1}
    with pytest.raises(LotRequired):
        lots.do(shop, receive_transfer, ReceiveTransfer, ask | {"lines": [arrived]})
    arrived |= {"lots": [{"lot": "M2"}], "damaged_lots": [{"lot": "M1"}]}
    all_lamps = {"sku": "lamp", "quantity": 1}
    lots.do(shop, receive_transfer, ReceiveTransfer, ask | {"lines": [arrived, all_lamps]})
    assert lots.places(shop, "S2") == {"B": {"shelf": 1}}
    assert lots.places(shop, "M1") == {"A": {"in_transit": 2}, "B": {"damaged": 1}}
    more = {"sku": "milk", "quantity": 2, "surplus": 1}
    with pytest.raises(InvalidInput, match="No stock was moved"):
        lots.do(shop, receive_transfer, ReceiveTransfer, ask | {"lines": [more]})

    lots.do(shop, close_transfer, CloseTransfer, ask)
    assert lots.places(shop, "M1") == {"B": {"damaged": 1}}
    assert stock_acts.buckets(shop, "milk", "B") == {"available": 1, "damaged": 1}


def test_of_picked_lots_a_cancelled_unit_gives_back_what_ends_last(db: Database) -> None:
    shop = lots.shop(db)
    lots.receive(shop, "milk", {"M1": (2, SOON), "M2": (2, LATER)})
    order_id = lots.order(shop, {"milk": 3})
    lots.pick(shop, order_id, as_proposed=True)

    acts.cancel(shop, order_id, {1: 1})

    lots.assert_lots_sound(shop)
    assert told(shop, order_id)[-1] == ("put_back", [(1, "milk", "M2", 1)])
    assert lots.places(shop, "M1") == {"A": {"picked": 2}}
