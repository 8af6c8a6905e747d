"""`ordito stock kept`: units that only orders of a channel, or of a group, may take."""

from typing import Any
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.hold_stock import release_hold_of_stock
from ordito.flows.keep_for_channel import keep_for_channel, tell_kept
from ordito.inventory.asks import KeepForChannel, ReleaseHold
from ordito.platform.validation import convert


@click.group()
def kept() -> None:
    """Stock kept for channels and groups of customers: listed, kept, given back."""


@kept.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(limit: int, as_json: bool) -> None:
    """What is kept, newest first."""
    with reading() as tx:
        found = tell_kept(tx, channel_ids=None, location_ids=None, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        [str(one.hold_id), one.channel, one.group, one.sku, one.location, one.qty,
         f"{one.until:%Y-%m-%d %H:%M}" if one.until else "", one.reason]
        for one in found
    ]  # fmt: skip
    heads = ["id", "channel", "group", "sku", "location", "units", "until (UTC)", "reason"]
    print_table("Kept stock", heads, rows)


@kept.command()
@click.argument("channel")
@click.argument("sku")
@click.argument("quantity", type=click.IntRange(min=1))
@click.option("--group", help="Only for customers in it.")
@click.option("--location", help="Only at this place, by code.")
@click.option("--until", help="Then it is free for all again, as 2026-12-01T00:00:00Z.")
@click.option("--reason", default="kept", show_default=True, help="Such as the campaign.")
@json_option
def keep(as_json: bool, channel: str, **fields: Any) -> None:
    """Keep QUANTITY units of SKU for CHANNEL; with - as CHANNEL, for a group on any channel."""
    fields["channel"] = None if channel == "-" else channel
    hold = carry_out(keep_for_channel, convert(KeepForChannel, fields))
    tell(hold, as_json, f"Kept as {hold.id}")


@kept.command("give-back")
@click.argument("hold_id", type=click.UUID)
@json_option
def give_back(hold_id: UUID, as_json: bool) -> None:
    """Free what is left of it for all."""
    hold = carry_out(release_hold_of_stock, ReleaseHold(hold_id=hold_id))
    tell(hold, as_json, "It is free for all again")
