"""`ordito stock transfers`: units on their way from one location to another."""

from collections.abc import Callable, Sequence
from typing import Any, get_args
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.cli.stock_lines import add_up
from ordito.flows.receive_transfer import close_transfer, receive_transfer
from ordito.flows.transfer_states import read_transfer_state, tell_transfers
from ordito.flows.transfer_stock import cancel_transfer, draft_transfer, ship_transfer
from ordito.inventory.transfer_asks import (
    CloseTransfer,
    DraftTransfer,
    ReceiveTransfer,
    ShipTransfer,
    StockTransfer,
    TransferAsk,
    TransferState,
)
from ordito.inventory.transfers import find_transfer, list_transfers
from ordito.locations.locations import read_locations
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.platform.validation import convert

_HEADS = ["sku", "name", "asked", "sent", "arrived", "damaged", "more", "missing", "on its way"]


@click.group()
def transfers() -> None:
    """Transfers: asked for, sent, received, and what was lost on the way."""


@transfers.command("list")
@click.option("--location", help="Only from or to this place, by code.")
@click.option("--state", "states", type=click.Choice(get_args(TransferState)), multiple=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_(location: str | None, states: Sequence[TransferState], limit: int, as_json: bool) -> None:
    """Transfers, newest first."""
    with reading() as tx:
        places = [place.id for place in read_locations(tx) if place.code == location]
        if location is not None and not places:
            raise NotFound(f"There is no location “{location}”.")
        rows = list_transfers(tx, location_ids=places or None, states=states or None, limit=limit)
        found = tell_transfers(tx, rows)
    if as_json:
        print_json(found)
        return
    heads = ["no", "from", "to", "state", "items", "on its way", "expected", "reference"]
    print_table(
        "Transfers",
        heads,
        [
            [one.number, one.from_location, one.to_location, one.state, len(one.lines),
             sum(line.open for line in one.lines), one.expected_on or "", one.reference]
            for one in found
        ],
    )  # fmt: skip


@transfers.command()
@click.argument("number", type=int)
@json_option
def show(number: int, as_json: bool) -> None:
    """One transfer with its items."""
    found = _read(number)
    if as_json:
        print_json(found)
        return
    rows = [
        [line.sku, line.name, line.requested, line.shipped, line.received, line.damaged,
         line.surplus, line.missing, line.open]
        for line in found.lines
    ]  # fmt: skip
    title = f"Transfer {found.number}, {found.from_location} → {found.to_location}: {found.state}"
    print_table(title, _HEADS, rows)


@transfers.command()
@click.argument("from_location")
@click.argument("to_location")
@click.option("--line", "lines", type=(str, int), multiple=True, required=True,
              help="SKU and quantity; several.")  # fmt: skip
@click.option("--reference", default="", help="What it is found by.")
@click.option("--note", default="", help="For who sends and who receives it.")
@click.option("--expected-on", help="The day on which it should arrive, as 2026-12-01.")
@json_option
def create(lines: tuple[tuple[str, int], ...], as_json: bool, **fields: Any) -> None:
    """Draft a transfer FROM_LOCATION TO_LOCATION; no stock moves yet."""
    body = fields | {"lines": [{"sku": sku, "quantity": units} for sku, units in lines]}
    made = carry_out(draft_transfer, convert(DraftTransfer, body))
    tell(made, as_json, f"Transfer {made.number} is drafted")


@transfers.command()
@click.argument("number", type=int)
@click.option("--line", "lines", type=(str, int), multiple=True,
              help="SKU and units that leave; several. Without one all of it.")  # fmt: skip
@json_option
def ship(number: int, lines: tuple[tuple[str, int], ...], as_json: bool) -> None:
    """The units leave the source."""
    asked = [{"sku": sku, "quantity": units} for sku, units in lines] or None
    sent = _act(ship_transfer, ShipTransfer, number, lines=asked)
    units = sum(line.shipped for line in sent.lines)
    tell(sent, as_json, f"Transfer {number}: {units} unit(s) are on their way")


@transfers.command()
@click.argument("number", type=int)
@click.option("--line", "quantity", type=(str, int), multiple=True, help="SKU and sound units.")
@click.option("--damaged", type=(str, int), multiple=True, help="SKU and units that came broken.")
@click.option("--surplus", type=(str, int), multiple=True, help="SKU and units more than sent.")
@json_option
def receive(number: int, as_json: bool, **columns: tuple[tuple[str, int], ...]) -> None:
    """Book what arrived; without options everything that is on its way arrived well."""
    asked = add_up(columns)
    if not asked:
        open_ = [line for line in _read(number).lines if line.open]
        asked = [{"sku": line.sku, "quantity": line.open} for line in open_]
    state = _act(receive_transfer, ReceiveTransfer, number, lines=asked)
    left = sum(line.open for line in state.lines)
    tell(state, as_json, f"Transfer {number}: {left} unit(s) are still on their way")


@transfers.command()
@click.argument("number", type=int)
@click.option("--note", default="", help="Why nothing more comes.")
@json_option
def close(number: int, note: str, as_json: bool) -> None:
    """Write off what is still on its way."""
    state = _act(close_transfer, CloseTransfer, number, note=note)
    missing = sum(line.missing for line in state.lines)
    tell(state, as_json, f"Transfer {number} is closed; {missing} unit(s) are missing")


@transfers.command()
@click.argument("number", type=int)
@json_option
def cancel(number: int, as_json: bool) -> None:
    """Give up a transfer of which nothing has left."""
    tell(_act(cancel_transfer, TransferAsk, number), as_json, f"Transfer {number} is cancelled")


def _act(
    command: Callable[..., StockTransfer], kind: type[Any], number: int, **fields: Any
) -> StockTransfer:
    with reading() as tx:
        transfer_id = _find(tx, number)
    return carry_out(command, convert(kind, {"transfer_id": str(transfer_id)} | fields))


def _read(number: int) -> StockTransfer:
    with reading() as tx:
        return read_transfer_state(tx, _find(tx, number))


def _find(tx: Tx, number: int) -> UUID:
    found = find_transfer(tx, number)
    if found is None:
        raise NotFound(f"There is no transfer {number}; `ordito stock transfers list` shows all.")
    return found
