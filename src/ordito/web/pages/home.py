"""Home: what needs someone, and how today goes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ordito.listings.day_figures import DayFigures, Figure, Sales
from ordito.listings.home import LIVE_MAX, Home, HomeParams, LiveCounts, read_home
from ordito.listings.needs import COUNT_MAX, Need, NeedGroup, NeedKind
from ordito.platform.problems import NotPermitted
from ordito.web.actions import Action
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import gettext as _
from ordito.web.rendering import money, ngettext, number
from ordito.web.routes import Route
from ordito.web.serving import Answer
from ordito.web.sparklines import sparkline
from ordito.web.statuses import N_
from ordito.web.visits import Visit, redirect
from ordito.web.words import HOLD_REASONS, word

FIGURES: Mapping[str, tuple[str, str]] = {
    "placed": (N_("Placed"), N_("orders")),
    "assigned": (N_("Given to this location"), N_("orders")),
    "shipped": (N_("Shipped"), N_("parcels")),
    "delivered": (N_("Delivered or handed over"), N_("parcels")),
    "returned": (N_("Returned"), N_("returns")),
}

NEEDS: Mapping[NeedKind, tuple[str, str, str]] = {
    "mention": (N_("Notes that name you"), "message-square", "attention"),
    "late": (N_("Late, and stock is there"), "clock", "critical"),
    "unsourced": (N_("Orders without a place to ship from"), "route", "critical"),
    "shortage": (N_("Short picks to supply"), "package-x", "critical"),
    "message": (N_("Messages that could not be read"), "mail", "attention"),
    "hold": (N_("Orders on hold"), "pause", "attention"),
    "backorder": (N_("Orders waiting for stock"), "hourglass", "attention"),
    "count": (N_("Stock to count"), "clipboard-check", "attention"),
    "put_back": (N_("Goods to put back"), "undo-2", "neutral"),
    "pickup": (N_("Pick-ups nobody came for"), "shopping-bag", "neutral"),
}
"""Title, icon and tone of each kind of need."""


def front_door(visit: Visit) -> Answer:
    """To the home page."""
    return redirect("/home")


def show_home(visit: Visit) -> Answer:
    """The queue of what needs someone, then today's figures."""
    if not visit.actor.permissions:
        raise NotPermitted("Your account has no permission to see anything yet.")
    view = visit.view()
    params = HomeParams(
        channel=view.scope.channel or None,
        location=view.scope.location or None,
        time_zone=view.timezone,
    )
    with visit.reading() as tx:
        found = read_home(tx, params)
    scope = {
        name: value
        for name, value in (("channel", params.channel), ("location", params.location))
        if value
    }
    return visit.page(
        "home/show.html",
        groups=[_group(visit, group, scope) for group in found.needs],
        live=_live(found.live, scope) if found.live else [],
        today=_today(found, scope),
        needs_max=COUNT_MAX,
    )


def _orders_url(scope: Mapping[str, str], **asked: str) -> str:
    return "/orders?" + urlencode({**asked, **scope})


def _live(live: LiveCounts, scope: Mapping[str, str]) -> list[dict[str, Any]]:
    shown = (
        (live.open, _("open"), "open", ""),
        (live.late, _("late"), "late", "critical"),
        (live.held, _("on hold"), "held", "attention"),
        (live.backordered, _("waiting for stock"), "backordered", "attention"),
    )
    return [
        {
            "count": count if count <= LIVE_MAX else LIVE_MAX,
            "more": count > LIVE_MAX,
            "words": words,
            "url": _orders_url(scope, view=view),
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
                "url": _orders_url({**scope, "channel": share.channel.code}),
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
                "url": f"/fulfillment?location={share.location.code}",
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


def _group(visit: Visit, group: NeedGroup, scope: Mapping[str, str]) -> dict[str, Any]:
    title, icon, tone = NEEDS[group.kind]
    return {
        "kind": group.kind,
        "title": _(title),
        "icon": icon,
        "tone": tone,
        "count": min(group.count, COUNT_MAX),
        "more": group.count > COUNT_MAX,
        "all_url": _all_url(group.kind, scope) if group.count > len(group.items) else "",
        "rows": [_row(visit, group.kind, need) for need in group.items],
    }


def _all_url(kind: NeedKind, scope: Mapping[str, str]) -> str:
    views = {"late": "late", "hold": "held", "backorder": "backordered", "unsourced": "open"}
    if kind in views:
        return _orders_url(scope, view=views[kind])
    if kind == "message":
        return "/inbox"
    page = "/fulfillment/pickups" if kind == "pickup" else "/fulfillment/tasks"
    location = scope.get("location")
    return f"{page}?location={location}" if location else page


def _row(visit: Visit, kind: NeedKind, need: Need) -> dict[str, Any]:
    url = f"/orders/{need.number}" if need.number else ""
    if kind == "message":
        url = f"/inbox/{need.id}"
    return {
        "id": f"{kind}-{need.id}-{need.part or 0}",
        "label": f"#{need.number}" if need.number else (need.title or _("Message")),
        "url": url,
        "words": _words(kind, need),
        "sku": need.sku,
        "item_url": f"/inventory/{need.item_id}" if need.item_id else "",
        "item": need.title if need.sku else "",
        "promise_at": midday(need.promised_on) if need.promised_on else None,
        "promise_state": _promise(visit, need),
        "where": need.location.name if need.location else "",
        "channel": need.channel.name if need.channel else "",
        "owner": need.owner if need.owner and kind != "mention" else "",
        "author": need.owner if kind == "mention" else "",
        "since": need.since,
        "action": _action(visit, kind, need),
    }


def _promise(visit: Visit, need: Need) -> str:
    today = visit.now.date()
    if need.promised_on is None or need.promised_on > today:
        return "on_time"
    return "due" if need.promised_on == today else "late"


def _words(kind: NeedKind, need: Need) -> str:
    """What is the matter, beyond the heading of its group."""
    if kind == "mention":
        return f"“{need.title}”"
    if kind == "hold":
        return word(HOLD_REASONS, need.detail)
    if kind == "message":
        return need.detail.replace("-", " ")
    if need.qty is None:
        return ""
    if kind in ("count", "put_back"):
        return ngettext("%(num)s piece", "%(num)s pieces", need.qty)
    return ngettext("%(num)s unit to go", "%(num)s units to go", need.qty)


def _action(visit: Visit, kind: NeedKind, need: Need) -> Action | None:
    """The one thing to do; for those who may only look, where to look."""
    if kind == "message":
        return Action("read", _("Look at it"), f"/inbox/{need.id}", opens="page")
    if kind == "mention":
        return Action("seen", _("Seen"), f"/orders/{need.number}/mentions/seen", "check")
    permissions = visit.actor.permissions
    found = None
    if "fulfillment.write" in permissions:
        found = _floor_action(kind, need)
    if found is None and need.number and "orders.write" in permissions:
        found = _order_action(kind, need)
    if found is None and need.number and "orders.read" in permissions:
        found = Action("open", _("Open"), f"/orders/{need.number}", opens="page")
    return found


def _floor_action(kind: NeedKind, need: Need) -> Action | None:
    if kind in ("count", "put_back"):
        return Action("close", _("Done"), f"/fulfillment/tasks/{need.id}/close", "check")
    if kind == "pickup":
        url = f"/orders/{need.number}/work/{need.part}/not-collected"
        return Action("not_collected", _("Not collected"), url, opens="dialog")
    return None


def _order_action(kind: NeedKind, need: Need) -> Action | None:
    order = f"/orders/{need.number}"
    if kind == "hold":
        return Action("release", _("Release hold"), f"{order}/release-hold?hold={need.part}")
    if kind in ("backorder", "unsourced", "shortage"):
        return Action("source", _("Look for stock"), f"{order}/source")
    return None


ROUTES = [
    Route("GET", "/", front_door),
    Route("GET", "/home", show_home),
]
