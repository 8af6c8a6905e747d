"""`ordito stock`: what is where, how it came about, and the work on it."""

import rich_click as click

from ordito.cli.opening import reading
from ordito.cli.output import json_option, print_json, print_table
from ordito.cli.stock_counts import counts
from ordito.cli.stock_kept import kept
from ordito.cli.stock_transfers import transfers
from ordito.listings.item_stock import find_item, read_item_stock
from ordito.listings.stock_ledger import list_ledger
from ordito.listings.stock_list import StockFilter, list_stock
from ordito.platform.validation import convert

_HEADS = ["on hand", "free", "reserved", "picked", "in control", "damaged", "safety", "incoming"]
_NAMES = ("on_hand", "available", "reserved", "picked", "quality_control", "damaged", "safety",
          "incoming")  # fmt: skip


@click.group()
def stock() -> None:
    """Stock: of all items, of one, its ledger, transfers and counts."""


stock.add_command(transfers)
stock.add_command(counts)
stock.add_command(kept)


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
