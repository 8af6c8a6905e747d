"""`ordito stock expected`: what suppliers are to bring, and by when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.cli.stock_lines import LOT_HELP, read_lots
from ordito.flows.expect_stock import (
    change_expected,
    close_expected,
    expect_stock,
    receive_expected,
    tell_expected,
)
from ordito.inventory.expected import list_expected
from ordito.inventory.expected_asks import (
    ChangeExpected,
    CloseExpected,
    ExpectReceipt,
    ReceiveExpected,
)
from ordito.platform.validation import convert

_DAY = click.DateTime(["%Y-%m-%d"])
_UNITS = click.IntRange(min=1)


@click.group()
def expected() -> None:
    """Expected receipts: listed, announced, changed, received."""


@expected.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(limit: int, as_json: bool) -> None:
    """What is still to come, soonest first."""
    with reading() as tx:
        found = tell_expected(tx, list_expected(tx, limit=limit))
    if as_json:
        print_json(found)
        return
    rows = [
        [str(one.id), one.expected_on.isoformat(), one.sku, one.location, one.open, one.received,
         one.reference]
        for one in found
    ]  # fmt: skip
    heads = ["id", "expected on", "sku", "location", "to come", "received", "reference"]
    print_table("Expected receipts", heads, rows)


@expected.command()
@click.argument("location")
@click.argument("sku")
@click.argument("quantity", type=_UNITS)
@click.argument("expected_on", type=_DAY)
@click.option("--reference", default="", help="What the supplier calls it.")
@json_option
def add(as_json: bool, expected_on: datetime, **fields: Any) -> None:
    """Say that QUANTITY units of SKU will be at LOCATION on a day (2026-12-01)."""
    ask = convert(ExpectReceipt, fields | {"expected_on": expected_on.date().isoformat()})
    made = carry_out(expect_stock, ask)
    tell(made, as_json, f"Expected as {made.id}")


@expected.command()
@click.argument("expected_id", type=click.UUID)
@click.option("--quantity", type=_UNITS, help="All of it, with what has come already.")
@click.option("--on", "expected_on", type=_DAY, help="Another day, as 2026-12-01.")
@click.option("--reference", help="What the supplier calls it.")
@json_option
def change(expected_id: UUID, as_json: bool, expected_on: datetime | None, **fields: Any) -> None:
    """Change the day, the quantity or the reference; what is left out stays."""
    given = {name: value for name, value in fields.items() if value is not None}
    if expected_on is not None:
        given["expected_on"] = expected_on.date().isoformat()
    now = carry_out(change_expected, convert(ChangeExpected, {"expected_id": expected_id} | given))
    tell(now, as_json, f"{now.open} of {now.sku} expected on {now.expected_on}")


@expected.command()
@click.argument("expected_id", type=click.UUID)
@click.argument("quantity", type=click.IntRange(min=0))
@click.option("--damaged", type=click.IntRange(min=0), default=0, help="Not fit for sale.")
@click.option("--last", is_flag=True, help="Nothing more of it comes.")
@click.option("--reference", default="", help="The delivery note's number.")
@click.option("--lot", "lots", multiple=True, help=LOT_HELP)
@click.option("--damaged-lot", "damaged_lots", multiple=True, help="The same of damaged units.")
@json_option
def receive(as_json: bool, lots: Sequence[str], damaged_lots: Sequence[str], **fields: Any) -> None:
    """Book QUANTITY units that came of it; more than announced is taken too."""
    fields |= {
        "lots": read_lots(lots, whole=fields["quantity"]),
        "damaged_lots": read_lots(damaged_lots, whole=fields["damaged"]),
    }
    now = carry_out(receive_expected, convert(ReceiveExpected, fields))
    tell(now, as_json, f"{now.received} of {now.sku} received, {now.open} still to come")


@expected.command()
@click.argument("expected_id", type=click.UUID)
@click.option("--note", default="", help="Why nothing more comes.")
@json_option
def close(as_json: bool, **fields: Any) -> None:
    """Nothing more of it comes."""
    now = carry_out(close_expected, convert(CloseExpected, fields))
    tell(now, as_json, f"{now.qty - now.received} of {now.sku} are not expected any more")
