"""`ordito customers`: who buys."""

from typing import Any

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.manage_customers import (
    CreateCustomer,
    UpdateCustomer,
    create_customer,
    update_customer,
)
from ordito.kernel.money import format_minor
from ordito.listings.customers import list_buyers, read_customer_file
from ordito.platform.validation import convert

_NUMBER = click.argument("number", type=click.IntRange(1, 2**62))


@click.group()
def customers() -> None:
    """Customers: find, show, add, correct."""


@customers.command("list")
@click.argument("search", required=False, default="")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--before", type=int, help="`next` of the JSON before.")
@json_option
def list_(search: str, limit: int, before: int | None, as_json: bool) -> None:
    """Customers, newest first. SEARCH: e-mail, phone, number, or part of a name."""
    with reading() as tx:
        found = list_buyers(tx, search=search, before=before, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [[row.number, row.name, row.email, row.phone, row.orders] for row in found.items]
    print_table("Customers", ["number", "name", "e-mail", "phone", "orders"], rows)


@customers.command()
@_NUMBER
@json_option
def show(number: int, as_json: bool) -> None:
    """One customer, with what they bought."""
    with reading() as tx:
        found = read_customer_file(tx, number)
    if as_json:
        print_json(found)
        return
    rows = [
        [one.currency, one.orders, format_minor(one.total_minor, one.currency)]
        for one in found.spent
    ]
    contacts = ", ".join(filter(None, (found.name, found.email, found.phone)))
    print_table(f"{number}: {contacts}", ["currency", "orders", "total"], rows)


@customers.command()
@click.option("--name", default="")
@click.option("--email", default="")
@click.option("--phone", default="")
@click.option("--group", "groups", multiple=True, help="Such as vip; several.")
@json_option
def create(as_json: bool, **fields: Any) -> None:
    """Add a customer; an e-mail address or a phone number is needed."""
    kept = carry_out(create_customer, convert(CreateCustomer, fields))
    tell(kept, as_json, f"Customer {kept.number} was made")


@customers.command()
@_NUMBER
@click.option("--name")
@click.option("--email")
@click.option("--phone")
@click.option("--group", "groups", multiple=True, help="All groups from now on; several.")
@click.option("--no-groups", is_flag=True, help="Out of all groups.")
@json_option
def change(
    number: int, as_json: bool, groups: tuple[str, ...], no_groups: bool, **fields: Any
) -> None:
    """Correct a customer; what isn't named stays, "" takes away."""
    given = {name: value for name, value in fields.items() if value is not None}
    if groups or no_groups:
        given["groups"] = () if no_groups else groups
    kept = carry_out(update_customer, convert(UpdateCustomer, {"number": number} | given))
    tell(kept, as_json, f"Customer {number}: {', '.join(kept.changed) or 'nothing'} changed")
