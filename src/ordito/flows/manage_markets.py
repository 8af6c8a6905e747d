"""Markets one by one: add or change one, take one away; all at once is `set_markets`."""

from ordito.channels.channels import read_markets
from ordito.channels.types import Market, MarketKey, MarketsSet, PutMarket
from ordito.flows.manage_channels import write_markets
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotFound
from ordito.platform.revisions import raise_revision


@command(permission="settings.write")
def put_market(tx: Tx, ask: PutMarket) -> MarketsSet:
    """Add a market, or change the one with this code; a country is in one market at most."""
    raise_revision(tx, "reference")
    others = [market for market in read_markets(tx) if market.code != ask.market]
    market_of = {country: market.code for market in others for country in market.countries}
    faults = [
        Fault(
            f"/countries/{n}",
            "duplicate",
            f"{country} is in market “{market_of[country]}” already; a country is in one market.",
        )
        for n, country in enumerate(ask.countries)
        if country in market_of
    ]
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    return write_markets(tx, [*others, Market(ask.market, ask.name, sorted(set(ask.countries)))])


@command(permission="settings.write")
def remove_market(tx: Tx, ask: MarketKey) -> MarketsSet:
    """Take a market away; refused while channels or locations are in it."""
    raise_revision(tx, "reference")
    known = read_markets(tx)
    others = [market for market in known if market.code != ask.market]
    if len(others) == len(known):
        raise NotFound(f"There is no market “{ask.market}”.")
    return write_markets(tx, others)
