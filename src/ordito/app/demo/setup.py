"""Builds the demo's network: places, channels, items with prices, bins, an opening count."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import ceil
from typing import Any

import msgspec

from ordito.app.demo.orders import EUR_IN_GBP, demand_of, dice
from ordito.app.demo.world import CHANNELS, LOCATIONS, MARKETS, POLICY, RATES, STOCK_SHARE
from ordito.catalog.types import UpsertItems
from ordito.channels.types import CreateChannel, SetMarkets, SetRates
from ordito.flows.manage_channels import create_channel, set_markets, set_rates
from ordito.flows.manage_items import upsert_items
from ordito.flows.manage_locations import (
    create_location,
    load_postal_codes,
    set_bins,
    set_item_bins,
)
from ordito.flows.manage_policies import create_policy
from ordito.flows.receive_stock import receive_stock
from ordito.intake.catalogue import Catalogue, ImpliedItem
from ordito.intake.types import OrderEntry
from ordito.inventory.asks import LINES_MAX, ReceiveStock
from ordito.locations.types import CreateLocation, SetBins, SetItemBins
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.sourcing.stored_policies import CreatePolicy

ITEMS_AT_ONCE = 1000
SCARCE_PERCENT = 2
"""Share of items of which the opening count was too small: what makes backorders."""

Asked = Callable[..., Any]


def ask(db: Database, command: Asked, kind: type[Any], body: dict[str, Any]) -> Any:
    """Run a command as the system; the body as its API would take it."""
    return run(db, SYSTEM, command, msgspec.json.decode(msgspec.json.encode(body), type=kind))


def build_network(db: Database) -> None:
    """Markets, rates, policy, locations with bins, channels, postal codes."""
    with db.transaction(SYSTEM) as tx:
        load_postal_codes(tx)
    ask(db, set_markets, SetMarkets, {"markets": MARKETS})
    rates = [
        {"base_currency": base, "currency": other, "valid_on": "2020-01-01", "rate": rate}
        for base, other, rate in RATES
    ]
    ask(db, set_rates, SetRates, {"rates": rates})
    policy = {"code": "nearest", "name": "Fewest parcels, then nearest", "policy": POLICY}
    ask(db, create_policy, CreatePolicy, policy)
    for location in LOCATIONS:
        ask(db, create_location, CreateLocation, location)
        bins = [{"code": code, "walk_order": n} for n, code in enumerate(bin_codes())]
        ask(db, set_bins, SetBins, {"location": location["code"], "bins": bins})
    for channel in CHANNELS:
        ask(db, create_channel, CreateChannel, channel)


def bin_codes() -> list[str]:
    """Aisle, rack and level of a small warehouse: A-01-1 … F-20-3."""
    return [f"{aisle}-{rack:02d}-{level}" for aisle in "ABCDEF" for rack in range(1, 21)
            for level in (1, 2, 3)]  # fmt: skip


def build_items(db: Database, entries: Sequence[OrderEntry]) -> list[ImpliedItem]:
    """The catalogue that the month implies, with made-up weights and barcodes."""
    catalogue = Catalogue()
    for entry in entries:
        catalogue.add(entry)
    items = catalogue.items()
    for start in range(0, len(items), ITEMS_AT_ONCE):
        rows = [_item(item) for item in items[start : start + ITEMS_AT_ONCE]]
        ask(db, upsert_items, UpsertItems, {"items": rows})
    return items


def _item(item: ImpliedItem) -> dict[str, Any]:
    price = item.unit_price or Decimal("1.00")
    return {
        "sku": item.sku,
        "name": (item.title or item.sku).strip().capitalize(),
        "kind": "stocked",
        "weight_g": 40 + dice("w", item.sku) % 900,
        **{f"{side}_mm": 30 + dice(side, item.sku) % 60 for side in ("length", "width", "height")},
        "barcodes": [barcode(item.sku)],
        "prices": {
            "GBP": str(price),
            "EUR": str((price / EUR_IN_GBP).quantize(Decimal("0.01"))),
        },
    }


def barcode(sku: str) -> str:
    """An EAN-13 of the range for use inside a company (prefix 20), always the same for a SKU."""
    digits = f"20{dice('ean', sku) % 10**10:010d}"
    weighted = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(digits))
    return digits + str(-weighted % 10)


def opening_count(entries: Sequence[OrderEntry]) -> dict[str, Counter[str]]:
    """Units per location and SKU before the month began: a little more than was sold of most."""
    stock: dict[str, Counter[str]] = {code: Counter() for code in STOCK_SHARE}
    for sku, sold in demand_of(entries).items():
        scarce = dice("scarce", sku) % 100 < SCARCE_PERCENT
        total = ceil(sold * 0.8) if scarce else ceil(sold * 1.7) + 12
        for code, share in STOCK_SHARE.items():
            stock[code][sku] = total * share // 100
        stock["LON"][sku] += total - sum(of_place[sku] for of_place in stock.values())
    return stock


def receive_opening(db: Database, entries: Sequence[OrderEntry]) -> None:
    """Book the opening count in and give every item a bin where it lies."""
    codes = bin_codes()
    for location, levels in opening_count(entries).items():
        lines = [{"sku": sku, "quantity": units} for sku, units in levels.items() if units]
        for start in range(0, len(lines), LINES_MAX):
            chunk = lines[start : start + LINES_MAX]
            body = {"location": location, "reference": "Opening count", "lines": chunk}
            ask(db, receive_stock, ReceiveStock, body)
        items = [
            {"sku": line["sku"], "bins": [codes[dice(location, line["sku"]) % len(codes)]]}
            for line in lines
        ]
        ask(db, set_item_bins, SetItemBins, {"location": location, "items": items})
