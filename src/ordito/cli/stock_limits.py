"""`ordito stock limits`, `cover`, `overstock`, `reasons` and `losses`."""

from typing import get_args
from uuid import UUID

import rich_click as click

from ordito.catalog.items import read_items_by_sku
from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.limit_stock import set_stock_limits
from ordito.inventory.limits import LowBy, SetStockLimits
from ordito.inventory.reasons import read_reasons
from ordito.kernel.text import normal_code
from ordito.listings.losses import later, list_losses, month_of
from ordito.listings.overstock import list_overstock
from ordito.listings.places import read_names
from ordito.listings.stock_cover import read_covers, read_item_covers
from ordito.listings.stock_limits import NamedLimit, list_limits
from ordito.platform.problems import NotFound
from ordito.platform.validation import convert


@click.group()
def limits() -> None:
    """From when on stock is low, or lies too long."""


@limits.command("list")
@click.argument("sku", required=False)
@click.option("--after", type=click.UUID, help="The last id of the JSON before.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@json_option
def list_(sku: str | None, after: UUID | None, limit: int, as_json: bool) -> None:
    """The limits that are set; with SKU only those that name it."""
    with reading() as tx:
        found = list_limits(tx, sku=sku, after=after, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        [one.sku or "all", _place(one), one.low_by or "", _text(one.low_at), _text(one.over_days)]
        for one in found
    ]
    heads = ["sku", "location", "low by", "low at", "too much in days"]
    print_table("Limits of stock", heads, rows)


def _place(limit: NamedLimit) -> str:
    return "together" if limit.together else limit.location or "each"


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


@limits.command("set")
@click.option("--sku", help="Without it: of all items.")
@click.option("--location", help="Only there, by its code; without it at each location.")
@click.option("--together", is_flag=True, help="Of the stock at all locations together.")
@click.option("--low-by", type=click.Choice(get_args(LowBy)))
@click.option("--low-at", type=click.IntRange(min=0), help="Units or days, as --low-by says.")
@click.option("--over-days", type=click.IntRange(1, 3650))
@json_option
def set_(as_json: bool, **fields: object) -> None:
    """Set a limit; with neither side said it is taken away."""
    done = carry_out(set_stock_limits, convert(SetStockLimits, {"limits": [fields]}))
    tell(done, as_json, "Set" if done.changed else "It was so before")


@click.command()
@click.argument("sku")
@json_option
def cover(sku: str, as_json: bool) -> None:
    """How long SKU lasts, at each location and over all."""
    with reading() as tx:
        item = read_items_by_sku(tx, [normal_code(sku)]).get(normal_code(sku))
        if item is None:
            raise NotFound("There is no such item.")
        found = [*read_item_covers(tx, [item.id]).get(item.id, [])]
        found += read_covers(tx, [(item.id, None)]).values()
        names = read_names(tx)
    codes = [names.code(one.location_id) if one.location_id else "together" for one in found]
    if as_json:
        told = [
            {"location": code, "days_left": one.days_left, "low": one.is_low, "cover": one}
            for code, one in zip(codes, found, strict=True)
        ]
        print_json(told)
        return
    rows = [
        [code, one.available, one.coming, one.sold, _text(one.days_left), one.low_by or "",
         _text(one.low_at), "low" if one.is_low else ""]
        for code, one in zip(codes, found, strict=True)
    ]  # fmt: skip
    heads = ["location", "free", "coming", "sold in 28 days", "days left", "low by", "low at", ""]
    print_table(f"Cover of {item.sku}", heads, rows)


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), help="In place of the limits that are set.")
@click.option("--location", help="Only there, by its code.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--cursor", help="`next` of the JSON before.")
@json_option
def overstock(
    days: int | None, location: str | None, limit: int, cursor: str | None, as_json: bool
) -> None:
    """What lies too long, the most valuable first. All of it: `ordito export overstock FILE`."""
    with reading() as tx:
        found = list_overstock(tx, days=days, location=location, cursor=cursor, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        [one.sku, one.location.code, one.available, one.sold, _text(one.days_left), one.over_days,
         one.excess, _text(one.value_minor), one.currency, str(one.last_sold_on or "")]
        for one in found.items
    ]  # fmt: skip
    heads = ["sku", "location", "free", "sold in 28 days", "days left", "limit", "too many",
             "worth (minor)", "currency", "last sold"]  # fmt: skip
    print_table("Overstock", heads, rows)


@click.command()
@json_option
def reasons(as_json: bool) -> None:
    """What can be given when stock differs, is written off or is set aside."""
    with reading() as tx:
        found = list(read_reasons(tx).values())
    if as_json:
        print_json(found)
        return
    rows = [
        [one.code, one.words, one.more_from or "", one.fewer_to or "", "yes" if one.moves else "",
         "yes" if one.active else "no"]
        for one in found
    ]  # fmt: skip
    heads = ["code", "name", "more from", "fewer to", "setting aside", "in use"]
    print_table("Reasons of stock", heads, rows)


@click.command()
@click.option("--since", help="The first month, as 2026-03; two before the last when left out.")
@click.option("--until", help="The last month; this one when left out.")
@click.option("--location", help="Only there, by its code.")
@json_option
def losses(since: str | None, until: str | None, location: str | None, as_json: bool) -> None:
    """What was lost and found by month, reason and location, at today's prices."""
    with reading() as tx:
        last = month_of(until, "/until") if until else tx.now.date().replace(day=1)
        first = month_of(since, "/since") if since else later(last, -2)
        found = list_losses(tx, since=first, until=last, location=location)
    if as_json:
        print_json(found)
        return
    rows = [
        [f"{one.month:%Y-%m}", one.reason, one.location.code, one.lost, one.found,
         one.value_minor, one.currency]
        for one in found
    ]  # fmt: skip
    heads = ["month", "reason", "location", "lost", "found", "value lost (minor)", "currency"]
    print_table("Losses by reason", heads, rows)
