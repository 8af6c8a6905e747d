"""Acts on lots for tests: a shop with items that have them, and short calls each."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from ordito.catalog.types import UpdateItem
from ordito.flows.count_stock import count_stock
from ordito.flows.manage_items import update_item
from ordito.flows.manage_lots import block_lot, change_lot, settle_lots, unblock_lot
from ordito.flows.pick_units import pick_units, unpick_units
from ordito.flows.receive_stock import receive_stock
from ordito.flows.return_units import return_units
from ordito.flows.ship_units import ship_units
from ordito.fulfillment.asks import PickUnits, ShipUnits, UnpickUnits
from ordito.inventory.asks import CountStock, ReceiveStock
from ordito.inventory.lot_asks import BlockLot, ChangeLot, UnblockLot
from ordito.listings.doctor.examination import examine
from ordito.listings.doctor.lot_checks import CHECKS
from ordito.listings.lots import LotFilter, LotView, list_lots
from ordito.orders.asks import ReturnUnits
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.flows import acts

TODAY = datetime.now(UTC).date()
SOON, LATER, LATEST = (TODAY + timedelta(days=n) for n in (30, 60, 90))
PAST = TODAY - timedelta(days=2)

LOT_CHECKS = [check for check in CHECKS if check.id != "LT6"]
"""LT6 warns until what may not be sold is set aside, which is a moment later."""


def shop(db: Database) -> make.Shop:
    """“milk” has lots with a last day and must keep 10 days, “lamp” serial numbers, “tea” none;
    “gift” is a kit of a lamp and two milks, “shake” and “crate” are items without lots."""
    made = make.shop(
        db,
        stock={"A": {"tea": 20, "milk": 0, "lamp": 0, "shake": 0, "crate": 0}, "B": {"tea": 20}},
        kits={"gift": {"lamp": 1, "milk": 2}},
    )
    track(made, "milk", tracking="lot", expires=True, sell_days=10, barcodes=["9506000134352"])
    track(made, "lamp", tracking="serial")
    return made


def do(shop: make.Shop, command: Any, kind: Any, body: Mapping[str, Any]) -> Any:
    """Carry out a command; whatever comes of it, orders, stock and lots are sound."""
    try:
        return acts.do(shop.db, command, msgspec.convert(body, kind))
    finally:
        assert_lots_sound(shop)


def assert_lots_sound(shop: make.Shop) -> None:
    assert examine(shop.db, checks=LOT_CHECKS).findings == []


def track(shop: make.Shop, sku: str, **fields: Any) -> None:
    body = {"item_id": str(shop.items[sku])} | fields
    run(shop.db, make.BOSS, update_item, msgspec.convert(body, UpdateItem))


def receive(
    shop: make.Shop, sku: str, lots: Mapping[str, tuple[int, date | None]], location: str = "A",
    **fields: Any,
) -> Any:  # fmt: skip
    """Receive lots: code → units and last day."""
    named = [
        {"lot": code, "quantity": qty} | ({"expires_on": day.isoformat()} if day else {})
        for code, (qty, day) in lots.items()
    ]
    units = sum(qty for qty, _ in lots.values())
    line = {"sku": sku, "quantity": units, "lots": named} | fields
    return do(shop, receive_stock, ReceiveStock, {"location": location, "lines": [line]})


def order(shop: make.Shop, units: Mapping[str, int]) -> UUID:
    """Place an order and release it to picking."""
    order_id: UUID = make.place(shop, units).id
    acts.release(shop, order_id)
    return order_id


def pick(shop: make.Shop, order_id: UUID, **fields: Any) -> Any:
    body = {"order_id": str(order_id), "fo_no": 1} | fields
    return do(shop, pick_units, PickUnits, body)


def unpick(shop: make.Shop, order_id: UUID, **fields: Any) -> Any:
    return do(shop, unpick_units, UnpickUnits, {"order_id": str(order_id), "fo_no": 1} | fields)


def ship(shop: make.Shop, order_id: UUID, **fields: Any) -> Any:
    body = {"order_id": str(order_id), "fo_no": 1, "carrier": "DHL"} | fields
    return do(shop, ship_units, ShipUnits, body)


def give_back(shop: make.Shop, order_id: UUID, units: int, **fields: Any) -> Any:
    body = {"order_id": str(order_id), "lines": {"1": units}, "reason": "other"} | fields
    return do(shop, return_units, ReturnUnits, body)


def count(shop: make.Shop, sku: str, lots: Mapping[str, int], location: str = "A") -> Any:
    named = [{"lot": code, "counted": qty} for code, qty in lots.items()]
    counted = sum(lots.values())
    line = {"sku": sku, "counted": counted, "expected": None, "lots": named}
    return do(shop, count_stock, CountStock, {"location": location, "lines": [line]})


def block(shop: make.Shop, code: str) -> LotView:
    body = {"lot_id": str(find(shop, code).id), "reason": "recalled"}
    lot: LotView = do(shop, block_lot, BlockLot, body)
    return lot


def unblock(shop: make.Shop, code: str) -> LotView:
    lot: LotView = do(shop, unblock_lot, UnblockLot, {"lot_id": str(find(shop, code).id)})
    return lot


def change(shop: make.Shop, code: str, **fields: Any) -> LotView:
    body = {"lot_id": str(find(shop, code).id)} | fields
    lot: LotView = do(shop, change_lot, ChangeLot, body)
    return lot


def settle(shop: make.Shop) -> int:
    """Run the job that sets aside and puts back."""
    try:
        return settle_lots(shop.db)
    finally:
        assert examine(shop.db, checks=CHECKS).findings == []


def find(shop: make.Shop, code: str) -> LotView:
    with shop.db.reading(SYSTEM) as tx:
        (lot,) = (lot for lot in list_lots(tx, LotFilter(code=code)).items if lot.lot == code)
    return lot


def places(shop: make.Shop, code: str) -> dict[str, dict[str, int]]:
    """What a lot has in each layer, by location code; empty ones are left out."""
    layers = ("shelf", "picked", "quality_control", "damaged", "in_transit", "held_back")
    return {
        place.location.code: {name: qty for name in layers if (qty := getattr(place, name))}
        for place in find(shop, code).places
    }
