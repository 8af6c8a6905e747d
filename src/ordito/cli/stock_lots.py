"""`ordito stock lots`: lots and serial numbers, where they are and where they went."""

from datetime import date, datetime
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.manage_lots import block_lot, unblock_lot
from ordito.inventory.lot_asks import BlockLot, UnblockLot
from ordito.listings.item_stock import find_item
from ordito.listings.lot_traces import list_lot_uses
from ordito.listings.lots import LotFilter, LotView, list_lots, read_lot
from ordito.platform.validation import convert


@click.group()
def lots() -> None:
    """Lots and serial numbers: listed, followed to the orders that took them, blocked, freed."""


def _day(when: date | None) -> str:
    return when.isoformat() if when else ""


def _where(lot: LotView) -> str:
    return ", ".join(
        f"{place.location.code} {place.on_hand}" for place in lot.places if place.on_hand
    )


@lots.command("list")
@click.option("--sku", help="Only of this item.")
@click.option("--location", help="Only what lies at this place, by code.")
@click.option("--state", type=click.Choice(["free", "blocked"]))
@click.option("--code", default="", help="The beginning of a lot's code or a serial number.")
@click.option("--ends-before", type=click.DateTime(["%Y-%m-%d"]), help="As 2026-12-31.")
@click.option("--all", "everything", is_flag=True, help="Also those of which nothing is left.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(  # noqa: PLR0913, PLR0917 (options of the command)
    sku: str | None,
    location: str | None,
    state: str | None,
    code: str,
    ends_before: datetime | None,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Lots, those that end first at the top."""
    with reading() as tx:
        wanted = LotFilter(
            item_id=find_item(tx, sku).id if sku else None,
            location=location,
            state=convert(LotFilter, {"state": state}).state,
            code=code,
            ends_before=ends_before.date() if ends_before else None,
            in_stock=not everything,
        )
        found = list_lots(tx, wanted, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        [str(lot.id), lot.sku, lot.lot, _day(lot.expires_on), lot.state, lot.on_hand, _where(lot)]
        for lot in found.items
    ]
    print_table("Lots", ["id", "sku", "lot", "ends on", "state", "on hand", "where"], rows)


@lots.command()
@click.argument("lot_id", type=click.UUID)
@click.option("--limit", type=click.IntRange(1, 1000), default=200, show_default=True)
@json_option
def uses(lot_id: UUID, limit: int, as_json: bool) -> None:
    """The orders that took of a lot, or of what was made of it: whom a recall concerns."""
    with reading() as tx:
        lot = read_lot(tx, lot_id)
        found = list_lot_uses(tx, lot_id, limit=limit)
    if as_json:
        print_json({"lot": lot, "uses": found})
        return
    rows = [
        [use.number, f"{use.sku} {use.lot}", use.location.code, use.picked, use.shipped,
         use.returned, use.customer or "", use.email or ""]
        for use in found.items
    ]  # fmt: skip
    heads = ["order", "lot", "location", "picked", "shipped", "came back", "customer", "email"]
    print_table(f"{lot.sku} {lot.lot}, on hand: {_where(lot) or 'nothing'}", heads, rows)


@lots.command()
@click.argument("lot_id", type=click.UUID)
@click.argument("reason")
@json_option
def block(lot_id: UUID, reason: str, as_json: bool) -> None:
    """Let nobody pick or ship a lot any more; what lies on shelves is set aside."""
    lot = carry_out(block_lot, convert(BlockLot, {"lot_id": lot_id, "reason": reason}))
    tell(lot, as_json, f"{lot.lot} of {lot.sku} is blocked")


@lots.command()
@click.argument("lot_id", type=click.UUID)
@json_option
def unblock(lot_id: UUID, as_json: bool) -> None:
    """Let a blocked lot be sold again."""
    lot = carry_out(unblock_lot, UnblockLot(lot_id=lot_id))
    tell(lot, as_json, f"{lot.lot} of {lot.sku} is free")
