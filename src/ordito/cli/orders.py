"""`ordito orders`: orders as they are, and why."""

from typing import Any

import rich_click as click

from ordito.cli.opening import reading
from ordito.cli.output import json_option, print_json, print_table
from ordito.kernel.money import format_minor
from ordito.listings.order_filter import OrderFilter
from ordito.listings.order_page import read_order_page
from ordito.listings.order_types import LineView, OrderPage
from ordito.listings.orders_list import list_orders
from ordito.platform.validation import convert

_UNITS = ("backordered", "reserved", "released", "picked", "packed", "shipped", "delivered",
          "returned", "cancelled")  # fmt: skip


@click.group()
def orders() -> None:
    """Orders: find them, look at one."""


@orders.command("list")
@click.argument("text", required=False, default="")
@click.option("--channel", "channels", multiple=True, help="By code; several.")
@click.option("--location", "locations", multiple=True, help="By code; several.")
@click.option("--tag", "tags", multiple=True, help="Several: any of them.")
@click.option("--life", type=click.Choice(["open", "completed", "cancelled"]), multiple=True)
@click.option("--late", is_flag=True, help="Promised before today and not shipped.")
@click.option("--held", is_flag=True, default=None, help="With an open hold.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--cursor", help="`older` of the JSON before.")
@json_option
def list_(text: str, limit: int, cursor: str | None, as_json: bool, **asked: Any) -> None:
    """Orders that match, newest first. TEXT: words of number, name, e-mail, SKU, city, …"""
    wanted = convert(OrderFilter, asked | {"text": text})
    with reading() as tx:
        found = list_orders(tx, wanted, limit=limit, cursor=cursor)
    if as_json:
        print_json(found)
        return
    rows = [
        [row.number, f"{row.placed_at:%Y-%m-%d %H:%M}", row.channel.code, row.customer or "",
         row.units - row.units_cancelled, _amount(row.total_minor, row.currency), row.life,
         row.fulfilment]
        for row in found.items
    ]  # fmt: skip
    heads = ["number", "placed (UTC)", "channel", "customer", "units", "total", "life", "state"]
    print_table("Orders", heads, rows)


@orders.command()
@click.argument("number", type=click.IntRange(1, 2**62))
@json_option
def show(number: int, as_json: bool) -> None:
    """One order whole: lines, quantities by state, who ships what, and why."""
    with reading() as tx:
        order = read_order_page(tx, number)
    if as_json:
        print_json(order)
        return
    total = _amount(order.totals.total_minor, order.totals.currency)
    title = f"#{order.number} {order.channel.name}, {order.life}, {order.fulfilment}, {total}"
    rows = [
        [line.line_no, line.sku, line.title, line.ordered, _where(line)] for line in order.lines
    ]
    print_table(title, ["line", "sku", "what", "ordered", "of these"], rows)
    _tell_work(order)


def _where(line: LineView) -> str:
    """The units by state, without those that are nowhere."""
    found = ((name, getattr(line, name)) for name in _UNITS)
    return ", ".join(f"{count} {name}" for name, count in found if count)


def _tell_work(order: OrderPage) -> None:
    for work in order.fulfillment_orders:
        click.echo(f"{work.location.code}: {work.state}. {work.why}")
    for hold in order.holds:
        click.echo(f"held: {hold.reason}")
    if order.allowed_actions:
        click.echo(f"may be done: {', '.join(order.allowed_actions)}")


def _amount(minor: int, currency: str) -> str:
    return f"{format_minor(minor, currency)} {currency}"
