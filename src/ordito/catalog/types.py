"""Items as the catalogue keeps them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.asks import Ask, Code, Currency, Name, Sku, Version

ItemKind = Literal["stocked", "kit", "service"]
Tracking = Literal["none", "lot", "serial"]
"""How units are told apart: not at all, by their lot, or each by a number of its own."""

PARTS_MAX = 200
"""Parts of a kit, also when kits in it are resolved."""
PER_KIT_MAX = 1_000_000
"""Pieces of one item in a kit, also when kits in it are resolved."""

Barcode = Annotated[str, Meta(min_length=1, max_length=100)]
Size = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class ItemFacts(msgspec.Struct, frozen=True):
    """What placing an order needs to know of an item; ids are text: it only passes them on."""

    id: str
    sku: str
    sku_key: str
    name: str
    kind: ItemKind
    prices: dict[str, str]
    parts: list[tuple[str, int]] | None
    """What one kit takes from stock, kits of kits resolved; None for what is no kit."""
    active: bool
    weight_g: int | None
    """Of one unit; of a kit without a weight of its own that of its parts, if all have one."""
    tags: list[str]
    """A kit has those of its parts too."""


class KitPart(msgspec.Struct, frozen=True):
    """So many of an item in one kit: what its maker put in, before kits of kits are resolved."""

    item_id: UUID
    sku: str
    quantity: int


class Item(msgspec.Struct, frozen=True):
    """An item. Prices are exact decimals per currency; sizes are of one packed unit."""

    id: UUID
    sku: str
    name: str
    kind: ItemKind
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    prices: dict[str, Decimal]
    active: bool
    version: int
    created_at: datetime
    tags: list[str]
    """Attributes that sourcing rules speak of, such as hazardous or bulky."""
    barcodes: list[str]
    parts: list[KitPart]
    """What a kit is made of, directly; empty for what is no kit."""
    tracking: Tracking = "none"
    expires: bool = False
    """Its lots have a last day."""
    sell_days: int = 0
    """Days that a unit must still keep to be sold."""


class KitPartAsk(Ask, frozen=True):
    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=PER_KIT_MAX)]


class ItemFields(Ask, frozen=True, kw_only=True):
    """What can be said of an item; what is left out stays as it is (or empty, when it is new)."""

    kind: ItemKind | UnsetType = UNSET
    barcodes: Annotated[tuple[Barcode, ...], Meta(max_length=50)] | UnsetType = UNSET
    """All barcodes of the item; each belongs to one item."""
    weight_g: Size | UnsetType | None = UNSET
    length_mm: Size | UnsetType | None = UNSET
    width_mm: Size | UnsetType | None = UNSET
    height_mm: Size | UnsetType | None = UNSET
    prices: dict[Currency, Decimal | None] | UnsetType = UNSET
    """Prices of the currencies named; null takes one away, others stay."""
    tags: Annotated[tuple[Code, ...], Meta(max_length=50)] | UnsetType = UNSET
    """All attributes for sourcing rules, such as hazardous."""
    parts: Annotated[tuple[KitPartAsk, ...], Meta(max_length=PARTS_MAX)] | UnsetType = UNSET
    """All parts of a kit, by SKU: stocked items and other kits."""
    active: bool | UnsetType = UNSET
    """False takes the item off sale; open orders go on."""
    tracking: Tracking | UnsetType = UNSET
    """Whether its stock is kept by lots or serial numbers; changed only while there is none."""
    expires: bool | UnsetType = UNSET
    """Whether its lots (or serial numbers) have a last day."""
    sell_days: Annotated[int, Meta(ge=0, le=3650)] | UnsetType = UNSET
    """Days that a unit must still keep to be sold and shipped."""


class CreateItem(ItemFields, frozen=True, kw_only=True):
    """A new item; without `kind` a stocked one."""

    sku: Sku
    name: Name


class UpdateItem(ItemFields, frozen=True, kw_only=True):
    """Changes to an item; `version` is the one that was read (If-Match)."""

    item_id: UUID
    version: Version | None = None
    sku: Sku | UnsetType = UNSET
    name: Name | UnsetType = UNSET


class UpsertItem(ItemFields, frozen=True, kw_only=True):
    """An item to be created, or changed when its SKU is known. Without a name: its SKU."""

    sku: Sku
    name: Name | UnsetType = UNSET


class UpsertItems(Ask, frozen=True, kw_only=True):
    """Many items; each succeeds or is refused alone."""

    items: Annotated[tuple[UpsertItem, ...], Meta(min_length=1, max_length=10_000)]


class UpsertedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item of many, in the order of the ask."""

    sku: str
    outcome: Literal["created", "changed", "unchanged", "refused"]
    id: UUID | None = None
    version: int | None = None
    problem: dict[str, Any] | None = None
    """The problem body of a refusal; pointers are relative to the item."""


class UpsertedItems(msgspec.Struct, frozen=True):
    results: list[UpsertedItem]
