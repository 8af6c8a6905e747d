"""`ordito stock counts`: cycle counts, item by item, while work goes on."""

from collections.abc import Callable, Sequence
from typing import Any, get_args
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.cli.stock_lines import LOT_HELP, read_lots
from ordito.flows.cycle_count import (
    approve_difference,
    ask_recount,
    end_cycle_count,
    enter_cycle_count,
)
from ordito.flows.cycle_count_states import read_cycle_count
from ordito.flows.reference import reference
from ordito.flows.start_cycle_count import start_cycle_count
from ordito.inventory.cycle_count_asks import (
    ApproveDifference,
    AskRecount,
    CycleCount,
    CycleCountState,
    EndCycleCount,
    EnterCycleCount,
    StartCycleCount,
)
from ordito.inventory.cycle_counts import find_sheet, list_sheets
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.platform.validation import convert


@click.group()
def counts() -> None:
    """Cycle counts: started, counted, and differences that wait for approval."""


@counts.command("list")
@click.option("--location", help="Only of this place, by code.")
@click.option("--state", type=click.Choice(get_args(CycleCountState)))
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(location: str | None, state: CycleCountState | None, limit: int, as_json: bool) -> None:
    """Counts, newest first, with what became of their lines."""
    with reading() as tx:
        known = reference(tx)
        if location is not None and location not in known.locations:
            raise NotFound(f"There is no location “{location}”.")
        places = None if location is None else [known.locations[location].id]
        found = list_sheets(tx, location_ids=places, state=state, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        [one.number, known.locations_by_id[one.location_id].code, one.name, one.state, one.lines,
         one.done, one.waiting, one.different]
        for one in found
    ]  # fmt: skip
    heads = ["no", "location", "name", "state", "items", "done", "waiting", "different"]
    print_table("Cycle counts", heads, rows)


@counts.command()
@click.argument("number", type=int)
@json_option
def show(number: int, as_json: bool) -> None:
    """One count with its items, in the order in which the bins are walked."""
    with reading() as tx:
        found = read_cycle_count(tx, _find(tx, number))
    if as_json:
        print_json(found)
        return
    rows = [
        [line.sku, line.name, " ".join(line.bins), line.state, _or_dash(line.counted),
         _or_dash(line.difference)]
        for line in found.lines
    ]  # fmt: skip
    title = f"Count {found.number} at {found.location}: {found.state}"
    print_table(title, ["sku", "name", "bins", "state", "counted", "difference"], rows)


@counts.command()
@click.argument("location")
@click.option("--sku", "skus", multiple=True, help="An item to count; several.")
@click.option("--bin", "bins", multiple=True, help="Everything in a bin; several.")
@click.option("--asked", is_flag=True, help="Also what somebody was asked to count.")
@click.option("--open", "seen", is_flag=True, help="Who counts is told what the record says.")
@click.option("--name", default="", help="What people call it.")
@json_option
def start(seen: bool, as_json: bool, **fields: Any) -> None:
    """Start a count at LOCATION; without items, bins and --asked all that is kept there."""
    made = carry_out(start_cycle_count, convert(StartCycleCount, fields | {"blind": not seen}))
    tell(made, as_json, f"Count {made.number}: {len(made.lines)} item(s) to count")


@counts.command()
@click.argument("number", type=int)
@click.argument("sku")
@click.argument("counted", type=click.IntRange(min=0), required=False)
@click.option("--lot", "lots", multiple=True, help=LOT_HELP)
@json_option
def enter(number: int, sku: str, counted: int | None, lots: Sequence[str], as_json: bool) -> None:
    """Enter how many units of an item lie on the shelf, in all or lot by lot."""
    of_lots = read_lots(lots, whole=counted, units="counted")
    count = _act(enter_cycle_count, EnterCycleCount, number, sku=sku, counted=counted, lots=of_lots)
    state = next(line.state for line in count.lines if line.sku.casefold() == sku.casefold())
    words = {
        "done": "the record has what was counted",
        "waiting": "the difference waits for approval",
    }
    tell(count, as_json, f"{sku}: {words[state]}")


@counts.command()
@click.argument("number", type=int)
@click.argument("sku")
@json_option
def approve(number: int, sku: str, as_json: bool) -> None:
    """Book a difference that waits; not by who counted it."""
    count = _act(approve_difference, ApproveDifference, number, sku=sku)
    tell(count, as_json, f"{sku}: the difference is booked")


@counts.command()
@click.argument("number", type=int)
@click.argument("sku")
@click.option("--note", default="", help="What to look at.")
@json_option
def recount(number: int, sku: str, note: str, as_json: bool) -> None:
    """Have an item counted again instead of booking its difference."""
    count = _act(ask_recount, AskRecount, number, sku=sku, note=note)
    tell(count, as_json, f"{sku}: to be counted again")


@counts.command()
@click.argument("number", type=int)
@json_option
def end(number: int, as_json: bool) -> None:
    """Leave out what has not been counted."""
    count = _act(end_cycle_count, EndCycleCount, number)
    skipped = sum(line.state == "skipped" for line in count.lines)
    tell(count, as_json, f"Count {number} is {count.state}; {skipped} item(s) were left out")


def _act(
    command: Callable[..., CycleCount], kind: type[Any], number: int, **fields: Any
) -> CycleCount:
    with reading() as tx:
        count_id = _find(tx, number)
    return carry_out(command, convert(kind, {"count_id": str(count_id)} | fields))


def _find(tx: Tx, number: int) -> UUID:
    found = find_sheet(tx, number)
    if found is None:
        raise NotFound(f"There is no count {number}; `ordito stock counts list` shows all.")
    return found


def _or_dash(units: int | None) -> str:
    return "–" if units is None else str(units)
