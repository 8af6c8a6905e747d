"""Bins follow whatever moves stock: lots, assemblies, what suppliers announced."""

from datetime import timedelta
from functools import partial
from typing import Any

from ordito.flows.assemble import close_assembly
from ordito.flows.expect_stock import expect_stock, receive_expected
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.inventory.assembly_asks import CloseAssembly
from ordito.inventory.bin_types import SwitchBinStock
from ordito.inventory.expected_asks import ExpectReceipt, ReceiveExpected
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts, assembly_acts, bin_acts, lot_acts
from tests.flows.transfer_acts import cell


def test_lots_lie_in_bins_and_are_picked_and_counted_there(db: Database) -> None:
    shop = lot_acts.shop(db)
    bin_acts.lay_out(shop)
    bin_acts.do(db, switch_bin_stock, SwitchBinStock, location="A", on=True)
    lot_acts.receive(shop, "milk", {"M1": (4, lot_acts.LATER), "M2": (4, lot_acts.LATEST)})
    assert bin_acts.contents(shop, "milk") == {"@receiving": 8}
    bin_acts.put(shop, "milk", "P-1", 5)

    order_id = lot_acts.order(shop, {"milk": 3})
    taken = [{"line": 1, "lot": "M2", "quantity": 2}]
    lot_acts.pick(shop, order_id, lines={"1": 2}, lots=taken, bin="@receiving")
    lot_acts.pick(shop, order_id, as_proposed=True, bin="P-1")
    assert bin_acts.contents(shop, "milk") == {"@receiving": 1, "P-1": 4}
    back = [{"line": 1, "lot": "M2", "quantity": 1}]
    lot_acts.unpick(shop, order_id, lines={"1": 1}, lots=back, bin="P-2")
    assert bin_acts.contents(shop, "milk") == {"@receiving": 1, "P-1": 4, "P-2": 1}
    assert lot_acts.places(shop, "M2") == {"A": {"shelf": 3, "picked": 1}}

    # Counted by lots, those in hand too, one is short: the loss is taken along the walk.
    lot_acts.count(shop, "milk", {"M1": 3, "M2": 4})
    assert bin_acts.contents(shop, "milk") == {"@receiving": 1, "P-1": 3, "P-2": 1}
    # Set aside, it lies where it lay.
    lot_acts.block(shop, "M1")
    assert lot_acts.settle(shop) == 1
    assert bin_acts.contents(shop, "milk") == {"@receiving": 1, "P-1": 3, "P-2": 1}
    bin_acts.assert_bins_sound(db)
    lot_acts.assert_lots_sound(shop)


def test_parts_leave_bins_and_what_is_made_of_them_is_put_away(db: Database) -> None:
    shop = bin_acts.binned(db, {"A": {"tea": 10, "tin": 5, "gift": 1}})
    bin_acts.put(shop, "tea", "P-1", 6)
    made = assembly_acts.draft(shop, "gift", {"tea": 2, "tin": 1}, 4)
    assembly_acts.start(shop, made)
    assert bin_acts.contents(shop) == {"@unplaced": 2}
    assembly_acts.book(shop, made, quantity=2, spoiled=1)
    assert bin_acts.contents(shop, "gift") == {"@receiving": 2, "@unplaced": 1}
    assembly_acts.act(shop, close_assembly, CloseAssembly, assembly_id=made.id)
    assert bin_acts.contents(shop) == {"@unplaced": 4}
    assert bin_acts.contents(shop, "tin") == {"@unplaced": 2}
    bin_acts.assert_bins_sound(db)
    assert_well_now(db)


def test_what_was_announced_lies_in_no_bin_until_it_comes(db: Database) -> None:
    shop = bin_acts.binned(db)
    day = (lot_acts.TODAY + timedelta(days=9)).isoformat()
    ask: dict[str, Any] = {"location": "A", "sku": "cup", "quantity": 6, "expected_on": day}
    one = bin_acts.do(db, expect_stock, ExpectReceipt, **ask)
    assert bin_acts.contents(shop, "cup") == {}
    arrived: dict[str, Any] = {"expected_id": str(one.id), "quantity": 4}
    bin_acts.do(db, receive_expected, ReceiveExpected, **arrived)
    assert bin_acts.contents(shop, "cup") == {"@receiving": 4}
    assert cell(shop, "cup", "A") == {"available": 4, "incoming": 2}


def test_a_supplier_keeps_no_bin_stock(db: Database) -> None:
    supplier = {"S": {"kind": "supplier", "answer_hours": 8}}
    shop = make.shop(db, locations=supplier)
    ask = SwitchBinStock(location="S", on=True)
    refused = acts.refusal(shop, partial(run, db, make.BOSS, switch_bin_stock, ask))
    assert isinstance(refused, ActionNotAllowed)
    assert refused.detail.startswith("What lies at a supplier")
