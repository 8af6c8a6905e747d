"""Acts on assemblies for tests: one short call each, through the door, checked afterwards."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ordito.flows.assemble import book_made, draft_assembly, start_assembly
from ordito.flows.set_recipe import set_recipe
from ordito.inventory.assembly_asks import (
    BookMade,
    DraftAssembly,
    Recipe,
    SetRecipe,
    StartAssembly,
    StockAssembly,
)
from tests import make
from tests.flows.stock_acts import do


def act(shop: make.Shop, command: Any, kind: Any, **body: Any) -> StockAssembly:
    made: StockAssembly = do(shop.db, command, msgspec.convert(body, kind))
    return made


def set_parts(shop: make.Shop, sku: str, parts: Mapping[str, int]) -> Recipe:
    lines = [{"sku": part, "quantity": qty} for part, qty in parts.items()]
    ask = msgspec.convert({"item_id": shop.items[sku], "parts": lines}, SetRecipe)
    recipe: Recipe = do(shop.db, set_recipe, ask)
    return recipe


def draft(
    shop: make.Shop, sku: str, parts: Mapping[str, int] | None, quantity: int, **fields: Any
) -> StockAssembly:
    body: dict[str, Any] = {"sku": sku, "location": "A", "quantity": quantity}
    if parts is not None:
        body["parts"] = [{"sku": part, "quantity": qty} for part, qty in parts.items()]
    return act(shop, draft_assembly, DraftAssembly, **(body | fields))


def start(shop: make.Shop, made: StockAssembly, **fields: Any) -> StockAssembly:
    return act(shop, start_assembly, StartAssembly, assembly_id=made.id, **fields)


def book(shop: make.Shop, made: StockAssembly, **fields: Any) -> StockAssembly:
    return act(shop, book_made, BookMade, assembly_id=made.id, **fields)
