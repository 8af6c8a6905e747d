"""From an ask to the item as it would be, or everything that is wrong with the ask."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from ordito.catalog.types import Item, ItemFields, ItemKind, KitPartAsk, UpsertItem
from ordito.kernel.asks import given
from ordito.kernel.money import CURRENCIES
from ordito.kernel.text import normal_code
from ordito.platform.problems import Fault

PRICE_MAX = Decimal(1_000_000_000_000)
PRICE_PLACES_MAX = 6


class ItemDraft(msgspec.Struct, frozen=True):
    """An item as it would be. `item.parts` are the old ones; `parts` the asked ones, None when
    they stay."""

    before: Item | None
    item: Item
    sku_key: str
    parts: tuple[KitPartAsk, ...] | None

    @property
    def kind_changes(self) -> bool:
        return self.before is not None and self.before.kind != self.item.kind

    @property
    def tracking_changes(self) -> bool:
        """Whether stock that was kept so far would lack what is asked of each unit now."""
        before, item = self.before, self.item
        return before is not None and (
            before.tracking != item.tracking or (item.expires and not before.expires)
        )

    @property
    def new_barcodes(self) -> list[str]:
        """Barcodes that the item doesn't have yet."""
        known = {normal_code(code) for code in self.before.barcodes} if self.before else set()
        return [code for code in self.item.barcodes if normal_code(code) not in known]


def draft_item(
    ask: ItemFields, before: Item | None, *, id_: UUID, now: datetime
) -> tuple[ItemDraft, list[Fault]]:
    """The item as the ask would have it, with its faults; with any, the draft is of no use.

    before: the item as it is; None makes a new one with `id_`.
    """
    faults: list[Fault] = []
    fields: dict[str, Any] = given(ask, without=("parts", "prices", "barcodes", "item_id"))
    fields.pop("version", None)
    if before is not None and isinstance(ask, UpsertItem):
        # It was found by its SKU: another feed's spelling of it is no change.
        fields.pop("sku")
    base = before or _blank(id_, str(fields.get("sku", "")), now)
    fields["sku"] = str(fields.get("sku", base.sku)).strip()
    fields["name"] = str(fields.get("name", base.name)).strip() or base.name
    if not fields["sku"] or not fields["sku"].isprintable():
        faults.append(Fault("/sku", "pattern", "A SKU has at least one character, all printable."))
    if ask.prices is not UNSET:
        fields["prices"] = _merge_prices(base.prices, ask.prices, faults)
    if "tags" in fields:
        fields["tags"] = sorted(set(fields["tags"]))
    if ask.barcodes is not UNSET:
        fields["barcodes"] = _read_barcodes(ask.barcodes, faults)
    asked = None if ask.parts is UNSET else ask.parts
    kind: ItemKind = fields.get("kind", base.kind)
    if before is None and "kind" not in fields and asked:
        kind = "kit"
    fields["kind"] = kind
    faults += _find_part_faults(kind, asked, before)
    faults += _settle_tracking(fields, base, kind)
    if kind != "kit":
        fields["parts"] = []
    item = msgspec.structs.replace(base, **fields)
    parts = asked if kind == "kit" else None
    return ItemDraft(before, item, normal_code(item.sku), parts), faults


def _settle_tracking(fields: dict[str, Any], base: Item, kind: ItemKind) -> list[Fault]:
    """Put what follows from `tracking` into the fields; the faults of what was asked."""
    tracking = fields.get("tracking", base.tracking if kind == "stocked" else "none")
    expires = fields.get("expires", base.expires and tracking != "none")
    days = fields.get("sell_days", base.sell_days if expires else 0)
    fields |= {"tracking": tracking, "expires": expires, "sell_days": days}
    if tracking != "none" and kind != "stocked":
        detail = "Only stocked items have lots or serial numbers; a kit's parts may have them."
        return [Fault("/tracking", "no-stock", detail)]
    if expires and tracking == "none":
        detail = "A last day is kept per lot: set tracking to lot or serial, or leave it out."
        return [Fault("/expires", "not-tracked", detail)]
    if days and not expires:
        detail = "Nothing of it expires: set expires, or leave the days out."
        return [Fault("/sell_days", "not-expiring", detail)]
    return []


def _blank(id_: UUID, sku: str, now: datetime) -> Item:
    return Item(
        id=id_,
        sku=sku.strip(),
        name=sku.strip(),
        kind="stocked",
        weight_g=None,
        length_mm=None,
        width_mm=None,
        height_mm=None,
        prices={},
        active=True,
        version=0,
        created_at=now,
        barcodes=[],
        tags=[],
        parts=[],
    )


def _merge_prices(
    known: dict[str, Decimal], asked: dict[str, Decimal | None], faults: list[Fault]
) -> dict[str, Decimal]:
    prices = dict(known)
    for currency, price in asked.items():
        pointer = f"/prices/{currency}"
        if currency not in CURRENCIES:
            faults.append(
                Fault(pointer, "unknown-currency", f"“{currency}” is no ISO 4217 currency.")
            )
        elif price is None:
            prices.pop(currency, None)
        elif not price.is_finite() or not 0 <= price < PRICE_MAX:
            faults.append(Fault(pointer, "out-of-range", "A price is 0 or more, below 10¹²."))
        elif price != round(price, PRICE_PLACES_MAX):
            detail = f"A price has at most {PRICE_PLACES_MAX} decimal places."
            faults.append(Fault(pointer, "too-exact", detail))
        else:
            prices[currency] = price
    return prices


def _read_barcodes(codes: Sequence[str], faults: list[Fault]) -> list[str]:
    seen: set[str] = set()
    found = []
    for n, code in enumerate(codes):
        key = normal_code(code)
        if not key or not code.isprintable():
            detail = "A barcode has at least one character, all printable."
            faults.append(Fault(f"/barcodes/{n}", "pattern", detail))
        elif key in seen:
            faults.append(Fault(f"/barcodes/{n}", "duplicate", "The barcode is listed twice."))
        else:
            found.append(code.strip())
        seen.add(key)
    return sorted(found, key=normal_code)


def _find_part_faults(
    kind: ItemKind, asked: Sequence[KitPartAsk] | None, before: Item | None
) -> list[Fault]:
    if kind != "kit":
        detail = "Only a kit has parts: set its kind to kit, or leave the parts out."
        return [Fault("/parts", "not-a-kit", detail)] if asked else []
    if not asked:
        was_kit = before is not None and before.kind == "kit"
        detail = "Say what the kit is made of: at least one part."
        return [] if asked is None and was_kit else [Fault("/parts", "required", detail)]
    faults = []
    seen: set[str] = set()
    for n, part in enumerate(asked):
        key = normal_code(part.sku)
        if key in seen:
            detail = "The part is listed twice; add its quantities up."
            faults.append(Fault(f"/parts/{n}/sku", "duplicate", detail))
        seen.add(key)
    return faults
