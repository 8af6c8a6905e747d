"""Settings → Markets and rates: groups of countries, and what currencies are worth."""

from collections.abc import Sequence
from typing import Any

from babel import Locale

from ordito.api.answers import Answer
from ordito.channels.channels import read_markets, read_rates
from ordito.channels.markets import MARKETS_ID, RATES_ID
from ordito.channels.types import ExchangeRate, Market, MarketKey, PutMarket, SetRates
from ordito.flows.manage_channels import set_rates
from ordito.flows.manage_markets import put_market, remove_market
from ordito.listings.histories import list_history
from ordito.listings.places import read_names
from ordito.platform.problems import Fault, InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, said, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.visits import Visit

HOME = "/settings/markets"
HISTORY = 20
RATES_SHOWN = 200


def show_markets(visit: Visit) -> Answer:
    """All markets with their countries, and the newest exchange rates."""
    visit.require("settings.read")
    with visit.reading() as tx:
        markets, rates, names = read_markets(tx), read_rates(tx), read_names(tx)
        history = [*list_history(tx, MARKETS_ID, limit=HISTORY),
                   *list_history(tx, RATES_ID, limit=HISTORY)]  # fmt: skip
    history.sort(key=lambda entry: entry.at, reverse=True)
    members: dict[str, list[str]] = {}
    for place in names.locations.values():
        if place.market and place.kind != "history" and visit.actor.sees_location(place.id):
            members.setdefault(place.market, []).append(place.name)
    newest = sorted(rates, key=lambda r: (r.base_currency, r.currency, -r.valid_on.toordinal()))
    return visit.page(
        "settings/markets.html",
        tabs=settings_tabs(visit, HOME),
        markets=[_row(visit, market, members.get(market.code, [])) for market in markets],
        rates=_rate_rows(newest[:RATES_SHOWN]),
        more_rates=max(0, len(newest) - RATES_SHOWN),
        history=tell_history(history[:HISTORY]),
        may_write="settings.write" in visit.actor.permissions,
    )


def _row(visit: Visit, market: Market, members: Sequence[str]) -> dict[str, Any]:
    territories = Locale.parse(visit.view().locale).territories
    return {
        "code": market.code,
        "name": market.name,
        "url": f"{HOME}/{market.code}",
        "countries": sorted(str(territories.get(code, code)) for code in market.countries),
        "locations": sorted(members),
    }


def _rate_rows(newest: Sequence[ExchangeRate]) -> list[dict[str, Any]]:
    """Rates by pair, the newest first; `now`: the first of its pair."""
    rows: list[dict[str, Any]] = []
    for rate in newest:
        pair = (rate.base_currency, rate.currency)
        first = not rows or rows[-1]["pair"] != pair
        text = format(rate.rate.normalize(), "f")
        rows.append({"pair": pair, "rate": text, "on": rate.valid_on, "newest": first})
    return rows


def new_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return show_form(visit, _market_form(None))


def edit_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return show_form(visit, _market_form(_find(visit)))


def create(visit: Visit) -> Answer:
    """Add a market, or show all that is wrong."""
    visit.require("settings.write")
    return _save(visit, None)


def edit(visit: Visit) -> Answer:
    """Change a market, or show all that is wrong."""
    visit.require("settings.write")
    return _save(visit, _find(visit))


def _find(visit: Visit) -> Market:
    with visit.reading() as tx:
        for market in read_markets(tx):
            if market.code == visit.params["market"]:
                return market
    raise NotFound("There is no such market.")


def _save(visit: Visit, market: Market | None) -> Answer:
    form = _market_form(market)
    try:
        ask = read_form(visit, form)
        if market is not None:
            ask["market"] = market.code
        else:
            _require_new(visit, str(ask["market"]))
        visit.act(put_market, convert(PutMarket, ask))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), HOME, go=True)


def _require_new(visit: Visit, code: str) -> None:
    """Nobody changes a market who thinks that they make one."""
    with visit.reading() as tx:
        if code in {market.code for market in read_markets(tx)}:
            words = _("There is a market with this code already.")
            raise InvalidInput(words, errors=[Fault("/market", "taken", words)])


def _market_form(market: Market | None) -> Form:
    title = _("Edit %(name)s", name=market.name) if market else _("New market")
    fields = [
        Field(name="market", label=_("Code"), value=market.code if market else "",
              fixed=market is not None, hint=_("Short, such as nordics. It is for ever.")),
        Field(name="name", label=_("Name"), value=market.name if market else ""),
        Field(name="countries", label=_("Countries"), read=_codes,
              value=" ".join(market.countries) if market else "",
              hint=_("Codes of two letters, such as DK FI NO SE.")),
    ]  # fmt: skip
    return Form(
        title=title,
        url=f"{HOME}/{market.code}/edit" if market else f"{HOME}/-new",
        back_url=HOME,
        submit=_("Save changes") if market else _("Create market"),
        sections=[Section(_("What it is"), fields)],
        crumbs=[(_("Settings"), "/settings"), (_("Markets and rates"), HOME)],
    )


def _codes(text: str) -> list[str]:
    return text.upper().replace(",", " ").replace(";", " ").split()


def remove(visit: Visit) -> Answer:
    """Take a market away that nothing is in."""
    try:
        visit.act(remove_market, convert(MarketKey, {"market": visit.params["market"]}))
    except NotFound:
        raise
    except Problem as problem:
        visit.require("settings.write")
        return visit.done(said(problem), HOME, tone="critical", go=True)
    return visit.done(_("The market is gone."), HOME, go=True)


def rate_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return show_form(visit, _rate_form(visit))


def save_rate(visit: Visit) -> Answer:
    """Set one exchange rate from a day on, or show all that is wrong."""
    visit.require("settings.write")
    form = _rate_form(visit)
    try:
        rate = read_form(visit, form)["rates"]["0"]
        visit.act(set_rates, convert(SetRates, {"rates": [rate]}))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved. It holds for orders placed from now on."), HOME, go=True)


def _rate_form(visit: Visit) -> Form:
    today = visit.now.astimezone(visit.view().zone).date().isoformat()
    fields = [
        Field(name="currency", label=_("One unit of"), pointer="/rates/0/currency",
              read=str.upper, hint=_("A currency that orders are in, such as PLN.")),
        Field(name="rate", label=_("is worth"), pointer="/rates/0/rate",
              hint=_("With a point, such as 0.2345; up to ten places.")),
        Field(name="base_currency", label=_("units of"), pointer="/rates/0/base_currency",
              read=str.upper, hint=_("The currency of your reports, such as EUR.")),
        Field(name="valid_on", label=_("From this day on"), pointer="/rates/0/valid_on",
              value=today, hint=_("A rate of the same day is replaced.")),
    ]  # fmt: skip
    return Form(
        title=_("New exchange rate"),
        url=f"{HOME}/-rate",
        back_url=HOME,
        submit=_("Set rate"),
        sections=[Section(_("The rate"), fields)],
        crumbs=[(_("Settings"), "/settings"), (_("Markets and rates"), HOME)],
        note=_("Orders keep the rate that they were placed with."),
    )


_MARKET = HOME + "/{market:str}"

ROUTES = [
    Route("GET", HOME, show_markets),
    Route("GET", HOME + "/-new", new_form),
    Route("POST", HOME + "/-new", create),
    Route("GET", HOME + "/-rate", rate_form),
    Route("POST", HOME + "/-rate", save_rate),
    Route("GET", _MARKET + "/edit", edit_form),
    Route("POST", _MARKET + "/edit", edit),
    Route("POST", _MARKET + "/remove", remove),
]
