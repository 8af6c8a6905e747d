"""`ordito stock assemblies`: units of an item, made of others."""

from collections.abc import Callable, Sequence
from typing import Any, get_args
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.cli.stock_lines import LOT_HELP, read_lots
from ordito.flows.assemble import (
    book_made,
    cancel_assembly,
    change_assembly,
    close_assembly,
    draft_assembly,
    start_assembly,
)
from ordito.flows.assembly_states import read_assembly_state, tell_assemblies, tell_recipe
from ordito.flows.set_recipe import set_recipe
from ordito.inventory.assemblies import find_assembly, list_assemblies
from ordito.inventory.assembly_asks import (
    AssemblyAsk,
    AssemblyState,
    BookMade,
    ChangeAssembly,
    CloseAssembly,
    DraftAssembly,
    SetRecipe,
    StartAssembly,
    StockAssembly,
)
from ordito.listings.item_stock import find_item
from ordito.locations.locations import read_locations
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.platform.validation import convert

_PARTS = click.option("--part", "parts", type=(str, int), multiple=True,
                      help="SKU and pieces for one unit; several.")  # fmt: skip
_PART_LOTS = click.option("--lot", "lots", type=(str, str), multiple=True,
                          help="A part's SKU, and its lot as \"A17,24\"; several.")  # fmt: skip


@click.group()
def assemblies() -> None:
    """Assemblies: parts are taken, and units of an item are made of them."""


@assemblies.command("list")
@click.option("--location", help="Only at this place, by code.")
@click.option("--state", "states", type=click.Choice(get_args(AssemblyState)), multiple=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(location: str | None, states: Sequence[AssemblyState], limit: int, as_json: bool) -> None:
    """Assemblies, newest first."""
    with reading() as tx:
        places = [place.id for place in read_locations(tx) if place.code == location]
        if location is not None and not places:
            raise NotFound(f"There is no location “{location}”.")
        rows = list_assemblies(tx, location_ids=places or None, states=states or None, limit=limit)
        found = tell_assemblies(tx, rows)
    if as_json:
        print_json(found)
        return
    heads = ["no", "location", "sku", "state", "planned", "made", "spoiled", "step", "due"]
    print_table(
        "Assemblies",
        heads,
        [
            [one.number, one.location, one.sku, one.state, one.planned, one.made, one.spoiled,
             one.step, one.due_on or ""]
            for one in found
        ],
    )  # fmt: skip


@assemblies.command()
@click.argument("number", type=int)
@json_option
def show(number: int, as_json: bool) -> None:
    """One assembly with its parts."""
    with reading() as tx:
        found = read_assembly_state(tx, _find(tx, number))
    if as_json:
        print_json(found)
        return
    title = f"Assembly {number} at {found.location}: {found.made} of {found.planned} {found.sku}"
    heads = ["sku", "name", "in one", "needed", "taken", "not used", "given back", "thrown away"]
    rows = [
        [part.sku, part.name, part.per_unit, part.needed, part.taken, part.open, part.returned,
         part.scrapped]
        for part in found.parts
    ]  # fmt: skip
    print_table(f"{title}, {found.state}", heads, rows)


@assemblies.command()
@click.argument("sku")
@click.argument("location")
@click.argument("quantity", type=int)
@_PARTS
@click.option("--due-on", help="The day on which it should be done, as 2026-12-01.")
@click.option("--step", default="", help="Where the work stands.")
@click.option("--partner", default="", help="Who does the work, when it isn't you.")
@click.option("--reference", default="", help="What it is found by.")
@click.option("--note", default="", help="For who does it.")
@json_option
def create(parts: tuple[tuple[str, int], ...], as_json: bool, **fields: Any) -> None:
    """Draft an assembly of QUANTITY units of SKU; without parts by its recipe."""
    body = fields | {"parts": _lines(parts) or None}
    made = carry_out(draft_assembly, convert(DraftAssembly, body))
    tell(made, as_json, f"Assembly {made.number} is drafted")


@assemblies.command()
@click.argument("number", type=int)
@click.option("--step", help="Where the work stands.")
@click.option("--due-on", help="The day on which it should be done, as 2026-12-01.")
@click.option("--quantity", type=int, help="Units to make; before it is started.")
@json_option
def change(number: int, as_json: bool, **fields: Any) -> None:
    """Say where the work stands, or when it is due."""
    given = {name: value for name, value in fields.items() if value is not None}
    tell(_act(change_assembly, ChangeAssembly, number, **given), as_json, "Changed")


@assemblies.command()
@click.argument("number", type=int)
@_PART_LOTS
@json_option
def start(number: int, lots: tuple[tuple[str, str], ...], as_json: bool) -> None:
    """Take the parts; of those that are kept by lots the ones named, or what ends first."""
    state = _act(start_assembly, StartAssembly, number, lots=_lots_by_part(lots))
    tell(state, as_json, f"Assembly {number} is started; {state.open} unit(s) are to be made")


@assemblies.command()
@click.argument("number", type=int)
@click.argument("quantity", type=int)
@click.option("--spoiled", type=int, default=0, help="Units that are no good; parts are lost.")
@click.option("--lot", "lots", multiple=True, help=LOT_HELP)
@json_option
def book(number: int, quantity: int, spoiled: int, lots: tuple[str, ...], as_json: bool) -> None:
    """QUANTITY units are done and fit for sale."""
    named = read_lots(lots, whole=quantity)
    state = _act(book_made, BookMade, number, quantity=quantity, spoiled=spoiled, lots=named)
    tell(state, as_json, f"Assembly {number}: {state.open} unit(s) are still to be made")


@assemblies.command()
@click.argument("number", type=int)
@click.option("--lost", type=(str, int), multiple=True, help="SKU and pieces thrown away.")
@click.option("--note", default="", help="Why no more is made.")
@_PART_LOTS
@json_option
def close(
    number: int,
    lost: tuple[tuple[str, int], ...],
    note: str,
    lots: tuple[tuple[str, str], ...],
    as_json: bool,
) -> None:
    """Make no more; parts that are left go back on the shelf."""
    state = _act(
        close_assembly,
        CloseAssembly,
        number,
        lost=_lines(lost),
        note=note,
        lots=_lots_by_part(lots),
    )
    tell(state, as_json, f"Assembly {number} is closed; {state.made} unit(s) were made")


@assemblies.command()
@click.argument("number", type=int)
@json_option
def cancel(number: int, as_json: bool) -> None:
    """Give up an assembly that was not started."""
    tell(_act(cancel_assembly, AssemblyAsk, number), as_json, f"Assembly {number} is cancelled")


@assemblies.command()
@click.argument("item")
@_PARTS
@click.option("--none", "clear", is_flag=True, help="It isn't made of parts any more.")
@json_option
def recipe(item: str, parts: tuple[tuple[str, int], ...], clear: bool, as_json: bool) -> None:
    """What ITEM (its SKU) is made of; with parts or --none: set it."""
    with reading() as tx:
        found = tell_recipe(tx, find_item(tx, item).id)
    if parts or clear:
        ask = {"item_id": str(found.item_id), "version": found.version, "parts": _lines(parts)}
        found = carry_out(set_recipe, convert(SetRecipe, ask))
    if as_json:
        print_json(found)
        return
    rows = [[part.sku, part.name, part.quantity] for part in found.parts]
    print_table(f"{found.sku} is made of", ["sku", "name", "in one"], rows)


def _lines(pairs: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": units} for sku, units in pairs]


def _lots_by_part(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Lots of each part; without units one of each."""
    texts: dict[str, list[str]] = {}
    for sku, text in pairs:
        texts.setdefault(sku, []).append(text)
    return [{"sku": sku, "lots": read_lots(of, whole=None)} for sku, of in texts.items()]


def _act(
    command: Callable[..., StockAssembly], kind: type[Any], number: int, **fields: Any
) -> StockAssembly:
    with reading() as tx:
        assembly_id = _find(tx, number)
    return carry_out(command, convert(kind, {"assembly_id": str(assembly_id)} | fields))


def _find(tx: Tx, number: int) -> UUID:
    found = find_assembly(tx, number)
    if found is None:
        raise NotFound(f"There is no assembly {number}; `ordito stock assemblies list` shows all.")
    return found
