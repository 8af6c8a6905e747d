"""Items as the catalogue keeps them."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

ItemKind = Literal["stocked", "kit", "service"]


class ItemFacts(msgspec.Struct, frozen=True):
    """What placing an order needs to know of an item."""

    id: UUID
    sku: str
    sku_key: str
    name: str
    kind: ItemKind
    prices: dict[str, str]
    parts: list[tuple[UUID, int]] | None
    """What one kit takes from stock, kits of kits resolved; None for what is no kit."""
    active: bool


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


class KitPart(msgspec.Struct, frozen=True):
    kit_id: UUID
    item_id: UUID
    qty: int
