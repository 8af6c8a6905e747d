"""`ordito channels`, `ordito locations`: where orders come from and where stock lies."""

import rich_click as click

from ordito.channels.channels import read_channels, read_markets, read_rates
from ordito.channels.types import UpdateChannel
from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.manage_channels import update_channel
from ordito.flows.manage_locations import update_location
from ordito.listings.location_figures import list_figures
from ordito.locations.locations import read_locations
from ordito.locations.types import UpdateLocation


@click.group()
def channels() -> None:
    """Channels: places that sell."""


@channels.command("list")
@json_option
def list_channels(as_json: bool) -> None:
    """All channels with their terms."""
    with reading() as tx:
        found = read_channels(tx)
    if as_json:
        print_json(found)
        return
    rows = [
        [one.code, one.name, one.kind, one.currency, one.shortage, "on" if one.active else "off"]
        for one in found
    ]
    print_table("Channels", ["code", "name", "kind", "currency", "shortage", "state"], rows)


@channels.command("switch")
@click.argument("code")
@click.argument("state", type=click.Choice(["on", "off"]))
@json_option
def switch_channel(code: str, state: str, as_json: bool) -> None:
    """Let a channel place orders, or don't."""
    channel = carry_out(update_channel, UpdateChannel(code=code, active=state == "on"))
    tell(channel, as_json, f"{channel.code} is {state}")


@channels.command()
@json_option
def markets(as_json: bool) -> None:
    """Markets with their countries."""
    with reading() as tx:
        found = read_markets(tx)
    if as_json:
        print_json(found)
    else:
        rows = [[one.code, one.name, " ".join(one.countries)] for one in found]
        print_table("Markets", ["code", "name", "countries"], rows)


@channels.command()
@json_option
def rates(as_json: bool) -> None:
    """Exchange rates, oldest first."""
    with reading() as tx:
        found = read_rates(tx)
    if as_json:
        print_json(found)
    else:
        rows = [[o.base_currency, o.currency, str(o.valid_on), str(o.rate)] for o in found]
        print_table("Exchange rates", ["base", "currency", "from", "rate"], rows)


@click.group()
def locations() -> None:
    """Locations: places with stock."""


@locations.command("list")
@json_option
def list_locations(as_json: bool) -> None:
    """All locations, with today's work."""
    with reading() as tx:
        found = [place for place in read_locations(tx) if place.kind != "history"]
        figures = list_figures(tx)
    if as_json:
        print_json([{"location": place, "figures": figures[place.id]} for place in found])
        return
    rows = [
        [place.code, place.name, place.kind, place.country, figures[place.id].open_work,
         figures[place.id].late, "on" if place.active else "off"]
        for place in found
    ]  # fmt: skip
    heads = ["code", "name", "kind", "country", "open work", "late", "state"]
    print_table("Locations", heads, rows)


@locations.command("switch")
@click.argument("code")
@click.argument("state", type=click.Choice(["on", "off"]))
@json_option
def switch_location(code: str, state: str, as_json: bool) -> None:
    """Give a location new work, or don't; what is open there goes on."""
    done = carry_out(update_location, UpdateLocation(code=code, active=state == "on"))
    tell(done, as_json, f"{code} is {state}")
