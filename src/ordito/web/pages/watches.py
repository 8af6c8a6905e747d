"""Watch lists: what is wrong with stock and routing, whose it is, until when, what to do."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from ordito.api.answers import Answer
from ordito.desk.watch_types import GiveWatch, SetWatchRule, WatchKind
from ordito.desk.watches import read_rules
from ordito.flows.sweep_watches import give_watch, set_watch_rule
from ordito.listings.places import Names, read_names
from ordito.listings.stock_cover import Cover, read_covers, read_item_covers
from ordito.listings.watches import COUNT_MAX, WatchView, count_watches, list_watches
from ordito.platform.accounts import list_assignable
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.pages.cover_words import (
    lasts_words,
    limit_words,
    sold_words,
    stock_words,
    supply_acts,
)
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

PAGE = 50
LISTS: dict[WatchKind, tuple[str, str]] = {
    "promise": (
        N_("About to miss the promise"),
        N_("Promised for tomorrow or earlier, and not shipped."),
    ),
    "unservable": (N_("Unservable"), N_("No location can serve these lines.")),
    "oversold": (
        N_("Oversold, free elsewhere"),
        N_("Waiting for stock that lies at a location the channel or its policy doesn't use."),
    ),
    "short": (N_("Short"), N_("Sold, and not in stock anywhere.")),
    "low_total": (
        N_("Low over all locations"),
        N_("Of these little is left anywhere: buy, or sell less."),
    ),
    "low": (
        N_("Low at a location"),
        N_("These run out at a location soon: move some there, or count."),
    ),
    "unanswered": (
        N_("Not answered by partners"),
        N_("Asked of a partner, past its time. It is taken back when it is due."),
    ),
    "undecided": (
        N_("Not chosen by customers"),
        N_("Pick-ups that their shop can’t serve; the time to choose is over. Call the customer."),
    ),
    "stop": (
        N_("Not delivered by us"),
        N_("Nobody took these at the door. Bring them in another slot, or take them back."),
    ),
    "capacity": (N_("Capacity full"), N_("Locations that have accepted all they can today.")),
    "rollout": (
        N_("Roll-out stopped"),
        N_("A policy on trial left more orders without stock, and was rolled back by itself."),
    ),
    "cart": (N_("Large idle carts"), N_("Much is kept for a shopper who has not bought.")),
}
"""Title and meaning of each list, what loses a customer first on top."""


def show_watches(visit: Visit) -> Answer:
    """Open entries, those due first on top."""
    visit.require("orders.read")
    asked = visit.asked("list")
    kind: WatchKind | None = asked if asked in get_args(WatchKind) else None  # type: ignore[assignment]
    mine = visit.asked("mine") == "yes"
    with visit.reading() as tx:
        counts = count_watches(tx)
        page = list_watches(
            tx,
            kind,
            owner_id=visit.actor.id if mine else None,
            cursor=visit.asked("cursor") or None,
            limit=PAGE,
        )
        people = _people(tx)
        lows = _read_lows(tx, page.items)
    may_write = "orders.write" in visit.actor.permissions
    return visit.page(
        "watches/list.html",
        views=_views(kind, counts, mine=mine),
        meaning=_(LISTS[kind][1]) if kind else "",
        mine=mine,
        mine_url=visit.here(mine=None if mine else "yes", cursor=None),
        rule_url=f"/watch/{kind}/rule"
        if kind and "settings.write" in visit.actor.permissions
        else "",
        rows=[_row(visit, entry, lows) for entry in page.items],
        people=people if may_write else [],
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _views(kind: WatchKind | None, counts: Any, *, mine: bool) -> list[dict[str, Any]]:
    more = {"mine": "yes"} if mine else {}
    views: list[dict[str, Any]] = []
    for key, title in [("", N_("All")), *((k, words) for k, (words, _m) in LISTS.items())]:
        asked = ({"list": key} if key else {}) | more
        count = counts.get(key)
        views.append(
            {
                "label": _(title),
                "url": "/watch" + (f"?{urlencode(asked)}" if asked else ""),
                "current": key == (kind or ""),
                "count": min(count.count, COUNT_MAX) if count else None,
                "act": bool(count and count.overdue),
            }
        )
    return views


def _people(tx: Tx) -> list[Choice]:
    return [Choice(str(user.id), user.name) for user in list_assignable(tx)]


class _Lows(msgspec.Struct, frozen=True):
    """What is known now of the items that run low on this page. covers: at each location."""

    names: Names
    of: dict[tuple[UUID, UUID | None], Cover]
    covers: Mapping[UUID, Sequence[Cover]]


def _read_lows(tx: Tx, entries: Sequence[WatchView]) -> _Lows:
    keys = [
        (entry.subject_id, entry.location.id if entry.location else None)
        for entry in entries
        if entry.kind in ("low", "low_total")
    ]
    covers = read_item_covers(tx, {item_id for item_id, place in keys if place})
    return _Lows(read_names(tx), read_covers(tx, keys), covers)


def _row(visit: Visit, entry: WatchView, lows: _Lows) -> dict[str, Any]:
    """See templates/watches/list.html."""
    low = entry.kind in ("low", "low_total")
    label, url, acts = _about_low(visit, entry, lows) if low else _about(visit, entry)
    words, more = _low_words(visit, entry, lows) if low else (_words(entry), "")
    return {
        "id": str(entry.id),
        "list": _(LISTS[entry.kind][0]),
        "label": label,
        "url": url,
        "sku": entry.sku,
        "item": entry.title,
        "item_url": f"/inventory/{entry.item_id}" if entry.item_id else "",
        "words": words,
        "more": more,
        "place": _place_words(entry) if low else "",
        "limit_url": f"/inventory/limits?sku={quote(entry.sku)}" if low else "",
        "channel": entry.channel.name if entry.channel else "",
        "raised_at": entry.raised_at,
        "due_at": entry.due_at,
        "is_due": entry.overdue or entry.due_at <= visit.now,
        "owner_id": str(entry.owner_id or ""),
        "owner": entry.owner or "",
        "acts": [{"label": label, "url": url} for label, url in acts],
        "give_url": f"/watch/{entry.id}/owner",
    }


Acts = list[tuple[str, str]]
"""Words and address of what can be done, the likeliest first."""


def _about(visit: Visit, entry: WatchView) -> tuple[str, str, Acts]:
    """What it is of and where that is, and what to do and where."""
    if entry.kind == "capacity" and entry.location:
        url = f"/locations/{entry.location.code}"
        may = "settings.write" in visit.actor.permissions
        return entry.location.name, url, [(_("Change capacity"), f"{url}/edit")] if may else []
    if entry.kind == "cart":
        return _("Cart"), "/carts", [(_("Go to carts"), "/carts")]
    if entry.kind == "rollout":
        url = f"/settings/rollouts/{entry.subject_id}"
        return _("Roll-out"), url, [(_("Look at it"), url)]
    url = f"/orders/{entry.number}"
    words = {
        "oversold": _("Find stock"),
        "unservable": _("Find stock"),
        "short": _("Go to stock"),
        "promise": _("Open order"),
        "unanswered": _("Go to requests"),
        "undecided": _("Choose for them"),
        "stop": _("Open stop"),
    }[entry.kind]
    if entry.kind == "stop":
        return f"#{entry.number}", url, [(words, f"/fulfillment/stops/{entry.number}")]
    if entry.kind == "unanswered" and entry.location:
        requests = f"/fulfillment/requests?location={entry.location.code}"
        return f"#{entry.number}", url, [(words, requests)]
    to = f"/inventory/{entry.item_id}" if entry.kind == "short" and entry.item_id else url
    return f"#{entry.number}", url, [(words, to)]


def _about_low(visit: Visit, entry: WatchView, lows: _Lows) -> tuple[str, str, Acts]:
    """The same of an item that runs low somewhere, or everywhere."""
    url = f"/inventory/{entry.subject_id}"
    may = "inventory.write" in visit.actor.permissions
    if entry.location is None:
        acts = [(_("Receive"), f"{url}/receive")] if may else []
        return entry.sku, url, acts
    place = (entry.subject_id, entry.location.id)
    acts = supply_acts(lows.names, place, entry.sku, lows.covers) if may else []
    return entry.sku, f"{url}?location={quote(entry.location.code)}", acts


def _place_words(entry: WatchView) -> str:
    return entry.location.name if entry.location else _("All locations")


def _low_words(visit: Visit, entry: WatchView, lows: _Lows) -> tuple[str, str]:
    """How much there is now and until when it lasts; and how that is known. Who may not see stock
    reads what the entry was raised with."""
    if "inventory.read" not in visit.actor.permissions:
        return _words(entry), ""
    cover = lows.of[entry.subject_id, entry.location.id if entry.location else None]
    lasts = lasts_words(cover, visit.now.date())
    stock = stock_words(cover)
    said = _("%(stock)s, %(lasts)s", stock=stock, lasts=lasts) if lasts else stock
    sold = sold_words(cover)
    if cover.low_by is None:
        return said, sold
    limit = limit_words(cover.low_by, cover.low_at)
    return said, _("%(sold)s. Low is: %(limit)s", sold=sold, limit=limit)


def _words(entry: WatchView) -> str:
    if entry.qty is None:
        return ""
    if entry.kind == "capacity":
        return ngettext("%(num)s order accepted", "%(num)s orders accepted", entry.qty)
    return ngettext("%(num)s unit", "%(num)s units", entry.qty)


def give(visit: Visit) -> Answer:
    """Somebody else looks after an entry."""
    visit.require("orders.write")
    try:
        watch_id = UUID(visit.params["watch"])
    except ValueError:
        raise NotFound("There is no such entry.") from None
    visit.act(give_watch, GiveWatch(watch_id=watch_id, user_id=_user_of(visit)))
    return visit.done(_("Given."), "/watch", go=True)


def _user_of(visit: Visit) -> UUID:
    """Who was chosen; a user that there never is when nobody was."""
    try:
        return UUID(visit.sent("user_id"))
    except ValueError:
        return UUID(int=0)


def rule_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return show_form(visit, _rule_form(visit))


def set_rule(visit: Visit) -> Answer:
    """Whose the entries of a list are, and when they are due."""
    visit.require("settings.write")
    form = _rule_form(visit)
    asked = read_form(visit, form) | {"kind": visit.params["list"]}
    try:
        visit.act(set_watch_rule, convert(SetWatchRule, asked, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/watch?list={visit.params['list']}", go=True)


def _rule_form(visit: Visit) -> Form:
    kind = visit.params["list"]
    if kind not in get_args(WatchKind):
        raise NotFound("There is no such list.")
    with visit.reading() as tx:
        rule = read_rules(tx)[kind]  # type: ignore[index]
        people = _people(tx)
    first = Choice("", _("The first administrator"))
    assigned = Choice("", _("Who the order is assigned to, else the first administrator"))
    return Form(
        title=_(LISTS[rule.kind][0]),
        url=f"/watch/{kind}/rule",
        back_url=f"/watch?list={kind}",
        submit=_("Save changes"),
        sections=[
            Section(
                _("Who looks after it"),
                [
                    Field(name="owner_id", label=_("Owner of new entries"), kind="select",
                          choices=[assigned, *people], value=str(rule.owner_id or ""),
                          optional=True, blank="none"),
                    Field(name="due_hours", label=_("Due within"), kind="number", minimum=1,
                          maximum=720, unit=_("hours"), value=str(rule.due_hours)),
                    Field(name="escalate_to", label=_("Owner once overdue"), kind="select",
                          choices=[first, *people], value=str(rule.escalate_to or ""),
                          optional=True, blank="none"),
                ],
            )
        ],
        crumbs=[(_("Watch lists"), f"/watch?list={kind}")],
    )  # fmt: skip


ROUTES = [
    Route("GET", "/watch", show_watches),
    Route("POST", "/watch/{watch:str}/owner", give),
    Route("GET", "/watch/{list:str}/rule", rule_form),
    Route("POST", "/watch/{list:str}/rule", set_rule),
]
