"""`ordito stock`: what is where, what was, how it came about, and the work on it."""

from datetime import UTC, datetime

import rich_click as click

from ordito.cli.opening import reading
from ordito.cli.output import json_option, print_json, print_table
from ordito.cli.stock_assemblies import assemblies
from ordito.cli.stock_bins import bins
from ordito.cli.stock_counts import counts
from ordito.cli.stock_expected import expected
from ordito.cli.stock_kept import kept
from ordito.cli.stock_limits import cover, limits, losses, overstock, reasons
from ordito.cli.stock_lots import lots
from ordito.cli.stock_transfers import transfers
from ordito.cli.stock_watches import carts, watches
from ordito.listings.item_stock import find_item, read_item_stock
from ordito.listings.stock_ledger import list_ledger
from ordito.listings.stock_list import StockFilter, list_stock
from ordito.listings.stock_past import (
    COUNTERS,
    moment_of,
    read_item_changes,
    read_item_past,
    span_of,
)
from ordito.platform.validation import convert

_HEADS = ["on hand", "free", "reserved", "picked", "in control", "damaged", "safety", "incoming"]
_NAMES = ("on_hand", "available", "reserved", "picked", "quality_control", "damaged", "safety",
          "incoming")  # fmt: skip


def _instant(_ctx: click.Context, _param: click.Parameter, text: str | None) -> datetime | None:
    """An ISO 8601 moment; without a zone it is UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("Write a moment as 2026-03-01T14:30 or 2026-03-01.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_KNOWN = click.option(
    "--known-at",
    callback=_instant,
    help="With what was booked late until this moment, too.",
)
_LOCATION = click.option("--location", help="Only at this location, by its code.")


@click.group()
def stock() -> None:
    """Stock: of all items, of one, its ledger, of a past moment; and the work on it."""


stock.add_command(transfers)
stock.add_command(assemblies)
stock.add_command(counts)
stock.add_command(expected)
stock.add_command(kept)
stock.add_command(lots)
stock.add_command(watches)
stock.add_command(carts)
stock.add_command(limits)
stock.add_command(cover)
stock.add_command(overstock)
stock.add_command(reasons)
stock.add_command(losses)
stock.add_command(bins)


@stock.command("list")
@click.argument("text", required=False, default="")
@click.option("--location", help="Only the stock of this place, by code.")
@click.option("--shortage", type=click.Choice(["any", "low", "zero", "some"]), default="any")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--cursor", help="`next` of the JSON before.")
@json_option
def list_(
    text: str, location: str | None, shortage: str, limit: int, cursor: str | None, as_json: bool
) -> None:
    """Items with their stock. TEXT: part of SKU or name, or a barcode."""
    wanted = convert(StockFilter, {"text": text, "location": location, "shortage": shortage})
    with reading() as tx:
        found = list_stock(tx, wanted, cursor=cursor, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [[row.sku, row.name, *(getattr(row, name) for name in _NAMES)] for row in found.items]
    print_table("Stock", ["sku", "name", *_HEADS], rows)


@stock.command()
@click.argument("sku")
@json_option
def show(sku: str, as_json: bool) -> None:
    """One item's stock by location."""
    with reading() as tx:
        found = read_item_stock(tx, sku)
    if as_json:
        print_json(found)
        return
    cells = [("total", found.totals), *((cell.location.code, cell) for cell in found.cells)]
    rows = [[code, *(getattr(cell, name) for name in _NAMES)] for code, cell in cells]
    print_table(f"{found.item.sku} {found.item.name}", ["location", *_HEADS], rows)


@stock.command()
@click.argument("sku")
@click.option("--location", help="Only of this place, by code.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def ledger(sku: str, location: str | None, limit: int, as_json: bool) -> None:
    """Every movement of an item, the newest first."""
    with reading() as tx:
        item = find_item(tx, sku)
        found = list_ledger(tx, item.id, location=location, limit=limit).items
    if as_json:
        print_json(found)
        return
    rows = [
        [f"{row.at:%Y-%m-%d %H:%M:%S}", row.location, row.from_bucket, row.to_bucket, row.qty,
         row.reason, row.source_name, row.on_hand_after, row.available_after]
        for row in found
    ]  # fmt: skip
    heads = ["at (UTC)", "location", "from", "to", "units", "why", "source", "on hand", "free"]
    print_table(f"Ledger of {item.sku}", heads, rows)


@stock.command()
@click.argument("sku")
@click.argument("moment", callback=_instant)
@_KNOWN
@_LOCATION
@json_option
def at(
    sku: str, moment: datetime, known_at: datetime | None, location: str | None, as_json: bool
) -> None:
    """The stock of SKU by location as the books showed it at MOMENT (UTC unless it says else)."""
    with reading() as tx:
        meant = moment_of(moment, known_at, tx.now)
        found = read_item_past(tx, sku, meant, location=location)
    if as_json:
        cells = {cell.location.code: cell.then for cell in found.cells}
        print_json({"sku": found.item.sku, "totals": found.totals, "locations": cells})
        return
    rows = [(cell.location.code, cell.then) for cell in found.cells] + [("", found.totals)]
    print_table(
        f"{found.item.sku} at {moment.isoformat()}",
        ["location", *COUNTERS],
        [[code, *(getattr(then, name) for name in COUNTERS)] for code, then in rows],
    )


@stock.command()
@click.argument("sku")
@click.argument("since", callback=_instant)
@click.argument("until", callback=_instant, required=False)
@_KNOWN
@_LOCATION
@json_option
def changes(
    sku: str,
    since: datetime,
    until: datetime | None,
    known_at: datetime | None,
    location: str | None,
    as_json: bool,
) -> None:
    """What changed of SKU from SINCE to UNTIL (now when left out), and why."""
    with reading() as tx:
        item = find_item(tx, sku)
        span = span_of(tx, item.id, since, until or tx.now, known_at=known_at, location=location)
        found = read_item_changes(tx, span)
    if as_json:
        told = {name: getattr(found, name) for name in ("before", "after", "difference", "causes")}
        print_json({"sku": item.sku} | told)
        return
    print_table(
        item.sku,
        ["", *COUNTERS],
        [
            [name, *(getattr(getattr(found, name), counter) for counter in COUNTERS)]
            for name in ("before", "after", "difference")
        ],
    )
    print_table(
        "Why",
        ["reason", "from", "to", "pieces", "postings"],
        [[c.reason, c.from_bucket, c.to_bucket, c.qty, c.postings] for c in found.causes],
    )
