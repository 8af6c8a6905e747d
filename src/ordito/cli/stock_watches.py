"""`ordito stock watches` and `ordito stock carts`: what waits for somebody, and what is kept."""

from typing import get_args
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.desk.watch_types import GiveWatch, SweepWatches, WatchKind
from ordito.flows.hold_stock import release_hold_of_stock
from ordito.flows.sweep_watches import give_watch, sweep_watch_list
from ordito.inventory.asks import ReleaseHold
from ordito.kernel.addresses import normal_email
from ordito.listings.carts import Cart, CartState, list_carts, read_cart
from ordito.listings.watches import WatchView, list_watches, read_watch
from ordito.platform.accounts import find_user
from ordito.platform.database import Tx
from ordito.platform.problems import ActionNotAllowed, NotFound

_LIMIT = click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
_CURSOR = click.option("--cursor", help="`next` of the JSON before.")


@click.group()
def watches() -> None:
    """What is wrong with stock and routing, and whose it is."""


def _rows(found: tuple[WatchView, ...]) -> list[list[object]]:
    return [
        [str(one.id), one.kind, f"#{one.number}" if one.number else "", one.sku,
         one.location.code if one.location else "", "" if one.qty is None else one.qty,
         f"{one.due_at:%Y-%m-%d %H:%M}", "yes" if one.overdue else "", one.owner or ""]
        for one in found
    ]  # fmt: skip


_HEADS = ["id", "list", "order", "sku", "location", "units", "due (UTC)", "overdue", "owner"]


@watches.command("list")
@click.option("--kind", type=click.Choice(get_args(WatchKind)), help="Only one list.")
@click.option("--owner", help="Only what the user with this e-mail address looks after.")
@_LIMIT
@_CURSOR
@json_option
def list_(
    kind: WatchKind | None, owner: str | None, limit: int, cursor: str | None, as_json: bool
) -> None:
    """Open entries, those due first on top."""
    with reading() as tx:
        owner_id = _find_user(tx, owner) if owner else None
        found = list_watches(tx, kind, owner_id=owner_id, cursor=cursor, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table("Watch lists", _HEADS, _rows(found.items))


def _find_user(tx: Tx, email: str) -> UUID:
    user = find_user(tx, normal_email(email))
    if user is None:
        raise NotFound(f"Nobody has the address “{email[:100]}”.")
    return user.id


@watches.command("show")
@click.argument("watch_id", type=click.UUID)
@json_option
def show_watch(watch_id: UUID, as_json: bool) -> None:
    """One open entry."""
    with reading() as tx:
        found = read_watch(tx, watch_id)
    if as_json:
        print_json(found)
        return
    print_table("Entry", _HEADS, _rows((found,)))


@watches.command()
@click.argument("watch_id", type=click.UUID)
@click.argument("email")
@json_option
def give(watch_id: UUID, email: str, as_json: bool) -> None:
    """The user with this address looks after it from now on."""
    with reading() as tx:
        user_id = _find_user(tx, email)
    entry = carry_out(give_watch, GiveWatch(watch_id=watch_id, user_id=user_id))
    tell(entry, as_json, f"{email} looks after it now")


@watches.command()
@click.argument("watch_id", type=click.UUID)
@json_option
def close(watch_id: UUID, as_json: bool) -> None:
    """Look again now: it closes if its cause is gone, else this says so and ends with 1."""
    with reading() as tx:
        entry = read_watch(tx, watch_id)
    swept = carry_out(sweep_watch_list, SweepWatches(kind=entry.kind))
    with reading() as tx:
        try:
            read_watch(tx, watch_id)
        except NotFound:
            tell(swept, as_json, "Its cause is gone: it is closed")
            return
    raise ActionNotAllowed(
        "Its cause is still there. An entry closes by itself once that is mended.",
        extra={"allowed_actions": ["give"]},
    )


@click.group()
def carts() -> None:
    """Stock that is kept for shoppers: listed, shown, given back."""


@carts.command("list")
@click.option("--state", type=click.Choice(get_args(CartState)), default="open", show_default=True)
@_LIMIT
@_CURSOR
@json_option
def list_of_carts(state: CartState, limit: int, cursor: str | None, as_json: bool) -> None:
    """Carts of a state, newest first."""
    with reading() as tx:
        found = list_carts(tx, state, cursor=cursor, limit=limit)
    if as_json:
        print_json(found)
        return
    _print_carts(found.items)


def _print_carts(found: tuple[Cart, ...]) -> None:
    rows = [
        [str(one.id), one.state, one.channel.code, one.units,
         ", ".join(f"{line.quantity} × {line.sku}" for line in one.lines), one.contact,
         f"{one.expires_at:%Y-%m-%d %H:%M}",
         f"{one.mailed_at:%Y-%m-%d %H:%M}" if one.mailed_at else ""]
        for one in found
    ]  # fmt: skip
    heads = ["id", "state", "channel", "units", "lines", "contact", "until (UTC)", "mail (UTC)"]
    print_table("Carts", heads, rows)


@carts.command("show")
@click.argument("cart_id", type=click.UUID)
@json_option
def show_cart(cart_id: UUID, as_json: bool) -> None:
    """One cart."""
    with reading() as tx:
        found = read_cart(tx, cart_id)
    if as_json:
        print_json(found)
        return
    _print_carts((found,))


@carts.command("give-back")
@click.argument("cart_id", type=click.UUID)
@json_option
def give_back(cart_id: UUID, as_json: bool) -> None:
    """End a cart: its stock is free for others at once."""
    hold = carry_out(release_hold_of_stock, ReleaseHold(hold_id=cart_id))
    tell(hold, as_json, "Its stock is free to sell again")
