"""Set a recipe: what an item is made of, so that nothing is ever made of itself."""

import msgspec

from ordito.catalog import items
from ordito.catalog.items import ITEM
from ordito.flows.assemble import StockProduct, find_parts
from ordito.flows.assembly_states import tell_recipe
from ordito.flows.stock_documents import StockNames, raise_faults
from ordito.inventory.assemblies import RecipeLine, find_makers, read_recipe, write_recipe
from ordito.inventory.assembly_asks import PartAsk, Recipe, SetRecipe
from ordito.inventory.assembly_events import RecipeSet
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, NotFound
from ordito.platform.versions import check_version


class _Named(msgspec.Struct, frozen=True):
    location: str
    lines: tuple[PartAsk, ...]


@command(permission="catalog.write")
def set_recipe(tx: Tx, ask: SetRecipe) -> Recipe:
    """Say what one unit of an item is made of. What is under way keeps the parts it has."""
    items.lock_catalog(tx)
    item = items.read_items(tx, [ask.item_id]).get(ask.item_id)
    if item is None:
        raise NotFound("There is no such item.")
    check_version("item", item.version, ask.version)
    faults: list[Fault] = []
    if item.kind != "stocked" and ask.parts:
        detail = f"No stock is kept of “{item.sku}”, so it can't be made to stock."
        faults.append(Fault("/item_id", "not-stocked", detail))
    names = StockNames(tx, [_Named("", ask.parts)])
    parts = find_parts(names, ask.parts, StockProduct(str(item.id)), faults)
    makers = find_makers(tx, [item.id])
    for part in parts:
        if part.item_id in makers:
            sku = ask.parts[part.line_no - 1].sku
            detail = f"“{sku}” is itself made of “{item.sku}”, so it can't be a part of it."
            faults.append(Fault(f"/parts/{part.line_no - 1}/sku", "itself", detail))
    raise_faults(faults)
    lines = [RecipeLine(part.item_id, part.per_unit) for part in parts]
    if lines == read_recipe(tx, item.id):
        return tell_recipe(tx, item.id)
    write_recipe(tx, item.id, lines)
    tx.emit(ITEM, item.id, RecipeSet({str(line.part_item_id): line.per_unit for line in lines}))
    return msgspec.structs.replace(tell_recipe(tx, item.id), version=item.version + 1)
