"""Acts on transfers for tests: one short call each, through the door, checked afterwards."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ordito.flows.receive_transfer import close_transfer, receive_transfer
from ordito.flows.transfer_stock import (
    cancel_transfer,
    change_transfer,
    draft_transfer,
    request_transfer,
    ship_transfer,
)
from ordito.inventory.levels import read_levels
from ordito.inventory.transfer_asks import (
    ChangeTransfer,
    CloseTransfer,
    DraftTransfer,
    ReceiveTransfer,
    ShipTransfer,
    StockTransfer,
    TransferAsk,
)
from ordito.platform.access import SYSTEM
from tests import make
from tests.flows.stock_acts import BUCKETS, do

Made = StockTransfer


def lines(units: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": qty} for sku, qty in units.items()]


def draft(shop: make.Shop, units: Mapping[str, int], **fields: Any) -> Made:
    body = {"from_location": "A", "to_location": "B", "lines": lines(units)} | fields
    made: Made = do(shop.db, draft_transfer, msgspec.convert(body, DraftTransfer))
    return made


def change(shop: make.Shop, made: Made, **fields: Any) -> Made:
    ask = msgspec.convert({"transfer_id": made.id} | fields, ChangeTransfer)
    changed: Made = do(shop.db, change_transfer, ask)
    return changed


def request(shop: make.Shop, made: Made) -> Made:
    asked: Made = do(shop.db, request_transfer, TransferAsk(transfer_id=made.id))
    return asked


def cancel(shop: make.Shop, made: Made) -> Made:
    cancelled: Made = do(shop.db, cancel_transfer, TransferAsk(transfer_id=made.id))
    return cancelled


def ship(shop: make.Shop, made: Made, units: Mapping[str, int] | None = None) -> Made:
    body: dict[str, Any] = {"transfer_id": made.id}
    if units is not None:
        body["lines"] = lines(units)
    shipped: Made = do(shop.db, ship_transfer, msgspec.convert(body, ShipTransfer))
    return shipped


def receive(shop: make.Shop, made: Made, sku: str, quantity: int = 0, **more: int) -> Made:
    line = {"sku": sku, "quantity": quantity} | more
    ask = msgspec.convert({"transfer_id": made.id, "lines": [line]}, ReceiveTransfer)
    received: Made = do(shop.db, receive_transfer, ask)
    return received


def close(shop: make.Shop, made: Made, note: str = "") -> Made:
    closed: Made = do(shop.db, close_transfer, CloseTransfer(transfer_id=made.id, note=note))
    return closed


def cell(shop: make.Shop, sku: str, location: str) -> dict[str, int]:
    """Every counter of a cell that isn't zero, what is under way too."""
    with shop.db.reading(SYSTEM) as tx:
        for level in read_levels(tx, [shop.items[sku]]):
            if level.location_id == shop.locations[location]:
                names = (*BUCKETS, "incoming", "in_transit")
                return {name: qty for name in names if (qty := getattr(level, name))}
    return {}
