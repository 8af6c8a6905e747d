"""Home: what needs someone, and how today goes."""

from collections.abc import Mapping, Sequence
from typing import Any

from ordito.api.answers import Answer
from ordito.listings.day_figures import DayFigures, Figure, Sales
from ordito.listings.home import LIVE_MAX, Home, HomeParams, LiveCounts, read_home
from ordito.listings.places import find_place, read_names
from ordito.platform.problems import NotFound, NotPermitted
from ordito.web.pages import home_needs
from ordito.web.pages.home_needs import orders_url, show_group
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import gettext as _
from ordito.web.rendering import money, ngettext, number
from ordito.web.routes import Route
from ordito.web.sparklines import sparkline
from ordito.web.statuses import N_
from ordito.web.visits import Visit, redirect

FIGURES: Mapping[str, tuple[str, str]] = {
    "placed": (N_("Placed"), N_("orders")),
    "assigned": (N_("Given to this location"), N_("orders")),
    "shipped": (N_("Shipped"), N_("parcels")),
    "delivered": (N_("Delivered or handed over"), N_("parcels")),
    "returned": (N_("Returned"), N_("returns")),
}


def front_door(visit: Visit) -> Answer:
    """To the home page."""
    return redirect("/home")


def show_home(visit: Visit) -> Answer:
    """The queue of what needs someone, then today's figures."""
    if not visit.actor.permissions:
        raise NotPermitted("Your account has no permission to see anything yet.")
    scope = visit.view().scope
    links = []
    if "orders.read" in visit.actor.permissions:
        links.append((_("Watch lists"), "/watch"))
    return _answer(
        visit, _("Home"), "/home", links=links, channel=scope.channel, location=scope.location
    )


def show_location_today(visit: Visit) -> Answer:
    """The same of one location: for whoever works there, or looks after it."""
    visit.require_any("orders.read", "fulfillment.read")
    code = visit.params["location"]
    with visit.reading() as tx:
        place = find_place(tx, read_names(tx), code)
    links = [(_("Board"), f"/fulfillment?location={code}")]
    if "settings.read" in visit.actor.permissions:
        links.append((_("About this location"), f"/locations/{code}"))
    url = f"/locations/{code}/today"
    return _answer(visit, place.name, url, links=links, location=code)


def show_channel_today(visit: Visit) -> Answer:
    """The same of one channel."""
    visit.require_any("orders.read", "fulfillment.read")
    code = visit.params["channel"]
    with visit.reading() as tx:
        channel = next((c for c in read_names(tx).channels.values() if c.code == code), None)
    if channel is None or not visit.actor.sees_channel(channel.id):
        raise NotFound("There is no such channel, or it is none of those you see.")
    links = [(_("Its orders"), f"/orders?channel={code}")]
    if "settings.read" in visit.actor.permissions:
        links.append((_("About this channel"), f"/settings/channels/{code}"))
    return _answer(visit, channel.name, f"/channels/{code}/today", links=links, channel=code)


def _answer(
    visit: Visit,
    heading: str,
    url: str,
    *,
    links: Sequence[tuple[str, str]] = (),
    **narrowed: str,
) -> Answer:
    """narrowed: the codes of one channel or location, or both; "" for all."""
    scope = {name: code for name, code in narrowed.items() if code}
    with visit.reading() as tx:
        found = read_home(tx, HomeParams(time_zone=visit.view().timezone, **scope))
    return visit.page(
        "home/show.html",
        heading=heading,
        parent=url != "/home",
        url=url,
        links=links,
        groups=[show_group(visit, group, scope) for group in found.needs],
        live=_live(found.live, scope) if found.live else [],
        today=_today(found, scope),
        me=str(visit.actor.id),
    )


def _live(live: LiveCounts, scope: Mapping[str, str]) -> list[dict[str, Any]]:
    shown = (
        (live.open, ngettext("open order", "open orders", live.open), "open", ""),
        (live.late, _("late"), "late", "critical"),
        (live.held, _("on hold"), "held", "attention"),
        (live.backordered, _("waiting for stock"), "backordered", "attention"),
    )
    return [
        {
            "count": count if count <= LIVE_MAX else LIVE_MAX,
            "more": count > LIVE_MAX,
            "words": words,
            "url": orders_url(scope, view=view),
            "tone": tone if count else "",
        }
        for count, words, view, tone in shown
    ]


def _today(found: Home, scope: Mapping[str, str]) -> dict[str, Any] | None:
    if found.figures is None:
        return None
    figures = found.figures
    return {
        "tiles": [*[_tile(figure) for figure in figures.figures], *map(_sales_tile, figures.sales)],
        "days": _days(figures),
        "channels": [
            {
                "name": share.channel.name,
                "url": f"/channels/{share.channel.code}/today",
                "orders": share.orders,
                "units": share.units,
                "minor": share.minor,
                "currency": share.currency,
                "part": share.orders,
            }
            for share in figures.channels
        ],
        "places": [
            {
                "name": share.location.name,
                "url": f"/locations/{share.location.code}/today",
                "assigned": share.assigned,
                "shipped": share.shipped,
                "shipped_units": share.shipped_units,
            }
            for share in figures.locations
        ],
        "shows_money": bool(figures.sales),
    }


def _tile(figure: Figure) -> dict[str, Any]:
    title, _unit = FIGURES[figure.what]
    units = figure.today.units
    return {
        "key": figure.what,
        "title": _(title),
        "value": number(figure.today.times),
        "note": ngettext("%(num)s unit", "%(num)s units", units),
        "change": _change(figure.today.times, figure.week_ago.times),
        "before": number(figure.week_ago.times),
        "spark": sparkline([day.times for day in figure.days]),
    }


def _sales_tile(sales: Sales) -> dict[str, Any]:
    note = ""
    if sales.unrated:
        note = ngettext(
            "%(num)s order without a rate is not in it",
            "%(num)s orders without a rate are not in it",
            sales.unrated,
        )
    return {
        "key": f"sales-{sales.currency}",
        "title": _("Value placed"),
        "value": money(sales.today_minor, sales.currency),
        "note": note,
        "change": _change(sales.today_minor, sales.week_ago_minor),
        "before": money(sales.week_ago_minor, sales.currency),
        "spark": sparkline([max(day.minor, 0) for day in sales.days]),
    }


def _change(now: int, before: int) -> str:
    """In percent with its sign; "" where there is nothing to compare with."""
    if before <= 0:
        return ""
    percent = round((now - before) * 100 / before)
    return f"+{number(percent)} %" if percent > 0 else f"{number(percent)} %"


def _days(figures: DayFigures) -> dict[str, Any]:
    """The table behind the sparklines, newest day first."""
    columns = [_(FIGURES[figure.what][0]) for figure in figures.figures]
    rows = []
    for n, day in enumerate(figures.figures[0].days):
        rows.append(
            {
                "at": midday(day.on),
                "counts": [figure.days[n].times for figure in figures.figures],
                "sales": [(sales.days[n].minor, sales.currency) for sales in figures.sales],
            }
        )
    return {
        "columns": columns,
        "rows": rows[::-1],
        "currencies": [s.currency for s in figures.sales],
    }


ROUTES = [
    Route("GET", "/", front_door),
    Route("GET", "/home", show_home),
    Route("GET", "/locations/{location:str}/today", show_location_today),
    Route("GET", "/channels/{channel:str}/today", show_channel_today),
    *home_needs.ROUTES,
]
