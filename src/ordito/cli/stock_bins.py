"""`ordito stock bins`: what lies in which bin, putting away, filling pick bins, space."""

from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.fill_pick_bins import raise_replenishments, replenish, set_pick_level
from ordito.flows.put_away import move_bin_stock, put_away
from ordito.flows.reference import reference
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.inventory.bin_types import (
    BinStockMoved,
    MoveBetweenBins,
    PutAway,
    RaiseReplenishments,
    Replenish,
    SetPickLevel,
    SwitchBinStock,
)
from ordito.listings.bin_contents import list_contents, list_moves
from ordito.listings.bin_needs import list_fills
from ordito.listings.item_stock import find_item
from ordito.listings.put_away_work import list_put_away_work
from ordito.listings.space import read_space
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.platform.validation import convert

_LIMIT = click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)


@click.group()
def bins() -> None:
    """Bins of a location: contents, put-away, pick bins to fill, moves, space."""


@bins.command()
@click.argument("location")
@click.option("--bin", "bin_", help="Only this one.")
@click.option("--find", "words", default="", help="A part of a bin, SKU or name.")
@_LIMIT
@json_option
def show(location: str, bin_: str | None, words: str, limit: int, as_json: bool) -> None:
    """What lies in which bin, as the bins are walked."""
    with reading() as tx:
        rows = list_contents(tx, _find(tx, location), words=words, bin_=bin_, limit=limit)
    if as_json:
        print_json(rows)
        return
    cells = [[row.bin, row.purpose or "", row.sku, row.name, row.qty] for row in rows]
    print_table(f"Bins at {location}", ["bin", "for", "sku", "name", "units"], cells)


@bins.command("to-put-away")
@click.argument("location")
@_LIMIT
@json_option
def to_put_away(location: str, limit: int, as_json: bool) -> None:
    """Items to be put away, with the bins proposed."""
    with reading() as tx:
        tasks, _more = list_put_away_work(tx, _find(tx, location), limit=limit)
    if as_json:
        print_json(tasks)
        return
    cells = [
        [task.sku, task.name, task.units,
         ", ".join(f"{one.bin} ({one.units})" for one in task.proposals) or "–"]
        for task in tasks
    ]  # fmt: skip
    print_table(f"To put away at {location}", ["sku", "name", "units", "put into"], cells)


@bins.command("put-away")
@click.argument("location")
@click.argument("sku")
@click.argument("to_bin")
@click.argument("quantity", type=click.IntRange(min=1))
@click.option("--from", "from_bin", help="Where they lie; else those that came in first.")
@json_option
def put(
    location: str, sku: str, to_bin: str, quantity: int, from_bin: str | None, as_json: bool
) -> None:
    """Put QUANTITY units of SKU that came in into TO_BIN."""
    fields = {"location": location, "sku": sku, "to_bin": to_bin, "quantity": quantity}
    ask = convert(PutAway, fields | {"from_bin": from_bin})
    _tell(carry_out(put_away, ask), as_json)


@bins.command()
@click.argument("location")
@click.argument("sku")
@click.argument("from_bin")
@click.argument("to_bin")
@click.argument("quantity", type=click.IntRange(min=1))
@json_option
def move(location: str, sku: str, from_bin: str, to_bin: str, quantity: int, as_json: bool) -> None:
    """Move QUANTITY units of SKU from one bin to another."""
    fields = {"location": location, "sku": sku, "from_bin": from_bin, "to_bin": to_bin}
    ask = convert(MoveBetweenBins, fields | {"quantity": quantity})
    _tell(carry_out(move_bin_stock, ask), as_json)


@bins.command()
@click.argument("location")
@click.option("--look", is_flag=True, help="Look now which are to be filled.")
@json_option
def fill(location: str, look: bool, as_json: bool) -> None:
    """Pick bins that are to be filled from reserve, the urgent first."""
    if look:
        carry_out(raise_replenishments, RaiseReplenishments(location=location))
    with reading() as tx:
        rows = list_fills(tx, _find(tx, location))
    if as_json:
        print_json(rows)
        return
    cells = [
        [row.bin, row.sku, row.name, row.in_bin, row.left, row.from_bin or "–",
         "urgent" if row.urgent else ""]
        for row in rows
    ]  # fmt: skip
    heads = ["pick bin", "sku", "name", "in it", "to bring", "from", ""]
    print_table(f"Pick bins to fill at {location}", heads, cells)


@bins.command()
@click.argument("location")
@click.argument("sku")
@click.argument("from_bin")
@click.argument("quantity", type=click.IntRange(min=1))
@json_option
def filled(location: str, sku: str, from_bin: str, quantity: int, as_json: bool) -> None:
    """QUANTITY units of SKU were brought from FROM_BIN to the pick bin that waits for them."""
    ask = convert(Replenish, {"location": location, "sku": sku, "from_bin": from_bin,
                              "quantity": quantity})  # fmt: skip
    _tell(carry_out(replenish, ask), as_json)


@bins.command()
@click.argument("location")
@click.argument("sku")
@click.argument("pick_bin")
@click.option("--min", "units_min", type=click.IntRange(min=0), required=True)
@click.option("--max", "units_max", type=click.IntRange(min=1), required=True)
@json_option
def level(
    location: str, sku: str, pick_bin: str, units_min: int, units_max: int, as_json: bool
) -> None:
    """Say from how few units on PICK_BIN is filled with SKU, and up to how many."""
    ask = convert(SetPickLevel, {"location": location, "sku": sku, "bin": pick_bin,
                                 "units_min": units_min, "units_max": units_max})  # fmt: skip
    found = carry_out(set_pick_level, ask)
    words = f"{found.sku}: {found.bin} is filled from {found.units_min} up to {found.units_max}"
    tell(found, as_json, words)


@bins.command()
@click.argument("location")
@click.option("--sku", help="Only of this item.")
@_LIMIT
@json_option
def moves(location: str, sku: str | None, limit: int, as_json: bool) -> None:
    """Who moved what from where to where, and why; the newest first."""
    with reading() as tx:
        item_id = None if sku is None else find_item(tx, sku).id
        rows = list_moves(tx, _find(tx, location), item_id=item_id, limit=limit)
    if as_json:
        print_json(rows)
        return
    cells = [
        [row.at.isoformat(timespec="seconds"), row.sku, row.from_bin or "–", row.to_bin or "–",
         row.qty, row.reason, row.actor]
        for row in rows
    ]  # fmt: skip
    print_table(f"Moves at {location}", ["at", "sku", "from", "to", "units", "why", "by"], cells)


@bins.command()
@click.argument("location")
@json_option
def space(location: str, as_json: bool) -> None:
    """What the bins can hold, what lies there, what the next weeks bring; in litres."""
    with reading() as tx:
        found = read_space(tx, _find(tx, location), location)
    if as_json:
        print_json(found)
        return
    rows = [
        [week.begins.isoformat(), week.units, round(week.volume_ml / 1000),
         round(week.fill_ml / 1000),
         f"{round(100 * week.fill_ml / found.capacity_ml)} %" if found.capacity_ml else "–"]
        for week in found.weeks
    ]  # fmt: skip
    title = (
        f"{location}: {round(found.used_ml / 1000)} of {round(found.capacity_ml / 1000)} litres,"
        f" {found.unmeasured} unit(s) without sizes"
    )
    print_table(title, ["week from", "units", "litres", "then there", "full"], rows)


@bins.command()
@click.argument("location")
@click.option("--on/--off", "on", required=True, help="Whether bin stock is kept.")
@click.option("--at-home", is_flag=True, help="All units lie where their items usually lie.")
@json_option
def keep(location: str, on: bool, at_home: bool, as_json: bool) -> None:
    """Keep a record of what lies in which bin at LOCATION, or end it."""
    ask = SwitchBinStock(location=location, on=on, at_home=at_home)
    done = carry_out(switch_bin_stock, ask)
    words = f"{location}: bin stock is off"
    if done.on:
        words = f"{location}: bin stock is kept; {done.units} unit(s) to put away"
    tell(done, as_json, words)


def _tell(moved: BinStockMoved, as_json: bool) -> None:
    words = f"{moved.quantity} of {moved.sku} lie in {moved.to_bin}"
    if moved.warnings:
        words += f" ({', '.join(moved.warnings)})"
    tell(moved, as_json, words)


def _find(tx: Tx, code: str) -> UUID:
    location = reference(tx).locations.get(code)
    if location is None:
        raise NotFound(f"There is no location “{code}”.")
    return location.id
