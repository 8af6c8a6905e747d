"""Create the items that messages name and the catalogue doesn't know."""

from collections.abc import Container, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from ordito.catalog.items import send_find_facts
from ordito.catalog.types import UpsertItem, UpsertItems
from ordito.flows.manage_items import upsert_items
from ordito.intake.catalogue import Catalogue, ImpliedItem
from ordito.intake.types import CancellationEntry, Entry, OrderEntry, StockAdjustmentEntry
from ordito.kernel.asks import Ask
from ordito.kernel.text import normal_code
from ordito.platform.database import Tx
from ordito.platform.door import command

CALL_MAX = 10_000


class CreateImplied(Ask, frozen=True, kw_only=True):
    """Entries whose items are to be there."""

    entries: tuple[Entry, ...]


class ImpliedCreated(msgspec.Struct, frozen=True):
    created: int


@command(permission="intake.write")
def create_missing_items(tx: Tx, ask: CreateImplied) -> ImpliedCreated:
    """Make the items of orders that are about to be placed, where nobody knows them."""
    keys = {normal_code(sku) for entry in ask.entries for sku in skus_of(entry)}
    known = {item.sku_key for item in send_find_facts(tx, keys)}
    if len(known) == len(keys):
        return ImpliedCreated(0)
    return ImpliedCreated(create_implied(tx, ask.entries, known=known))


def skus_of(entry: Entry) -> Sequence[str]:
    """The SKUs of goods that an entry names."""
    match entry:
        case OrderEntry(lines=lines):
            return [line.sku for line in lines]
        case CancellationEntry(lines=back):
            return [line.sku for line in back]
        case StockAdjustmentEntry(sku=sku):
            return [sku]
        case _:
            return []


def create_implied(tx: Tx, entries: Iterable[Entry], *, known: Container[str]) -> int:
    """Make items as the entries describe them; `known` are SKU keys. Returns how many were made."""
    tx.actor.require("catalog.write")
    catalogue = Catalogue()
    for entry in entries:
        catalogue.add(entry)
    wanted = [item for item in catalogue.items() if normal_code(item.sku) not in known]
    made = 0
    for start in range(0, len(wanted), CALL_MAX):
        made += _upsert(tx, wanted[start : start + CALL_MAX])
    return made


def _upsert(tx: Tx, wanted: list[ImpliedItem]) -> int:
    made, refused = _try(tx, wanted, barcodes=True)
    if refused:
        # A barcode that another item has must not keep an order from being booked.
        again, _ = _try(tx, refused, barcodes=False)
        made += again
    return made


def _try(tx: Tx, wanted: list[ImpliedItem], *, barcodes: bool) -> tuple[int, list[ImpliedItem]]:
    asks = tuple(_ask(item, barcodes=barcodes) for item in wanted)
    results = upsert_items(tx, UpsertItems(items=asks)).results
    pairs = list(zip(wanted, results, strict=True))
    refused = [item for item, result in pairs if result.outcome == "refused"]
    return sum(result.outcome == "created" for _, result in pairs), refused


def _ask(item: ImpliedItem, *, barcodes: bool) -> UpsertItem:
    fields: dict[str, Any] = {}
    if item.unit_price is not None:
        fields["prices"] = {item.currency: item.unit_price}
    if barcodes and item.barcode:
        fields["barcodes"] = (item.barcode,)
    return UpsertItem(
        sku=item.sku,
        name=item.title or UNSET,
        kind="stocked" if item.requires_shipping else "service",
        **fields,
    )
