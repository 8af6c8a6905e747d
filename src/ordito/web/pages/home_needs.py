"""Home's queue: what needs someone, in words, with the one thing to do about it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from ordito.api.answers import Answer
from ordito.flows.retry_parked import RetryParked, retry_parked
from ordito.listings.need_types import COUNT_MAX, Need, NeedGroup, NeedKind
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.visits import Visit
from ordito.web.words import HOLD_REASONS, word

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
    "mail": (N_("Mails that could not be sent"), "mail", "attention"),
    "webhook": (N_("Webhooks that fail"), "webhook", "attention"),
    "shop": (N_("Shops that don't answer"), "plug", "attention"),
    "parked": (N_("Work that the system gave up on"), "bot", "critical"),
    "pickup": (N_("Pick-ups nobody came for"), "shopping-bag", "neutral"),
}
"""Title, icon and tone of each kind of need."""


def orders_url(scope: Mapping[str, str], **asked: str) -> str:
    return "/orders?" + urlencode({**asked, **scope})


def show_group(visit: Visit, group: NeedGroup, scope: Mapping[str, str]) -> dict[str, Any]:
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


_PAGES: Mapping[NeedKind, str] = {
    "message": "/inbox",
    "webhook": "/settings/webhooks",
    "shop": "/settings/channels",
    "mail": "",
    "parked": "",
}
"""Where all of a kind are; "" where there is no such page."""


def _all_url(kind: NeedKind, scope: Mapping[str, str]) -> str:
    views = {"late": "late", "hold": "held", "backorder": "backordered", "unsourced": "unserved"}
    if kind in views:
        return orders_url(scope, view=views[kind])
    if kind in _PAGES:
        return _PAGES[kind]
    page = "/fulfillment/pickups" if kind == "pickup" else "/fulfillment/tasks"
    location = scope.get("location")
    return f"{page}?location={location}" if location else page


def _row(visit: Visit, kind: NeedKind, need: Need) -> dict[str, Any]:
    return {
        "id": f"{kind}-{need.id}-{need.part or 0}",
        "label": _label(kind, need),
        "url": _url(kind, need),
        "take_url": _take_url(visit, kind, need),
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


def _label(kind: NeedKind, need: Need) -> str:
    if need.number:
        return f"#{need.number}"
    if kind == "shop" and need.channel:
        return need.channel.name
    if kind == "parked":
        return need.detail
    if need.sku:
        return ""  # Work that belongs to no order: the item is its name.
    return need.title or _("Message")


def _url(kind: NeedKind, need: Need) -> str:
    urls = {"message": f"/inbox/{need.id}", "webhook": f"/settings/webhooks/{need.id}"}
    if kind == "shop" and need.channel:
        return f"/settings/channels/{need.channel.code}/shop"
    return f"/orders/{need.number}" if need.number else urls.get(kind, "")


def _take_url(visit: Visit, kind: NeedKind, need: Need) -> str:
    """Where one takes it upon oneself; "" when somebody has, or it belongs to no order."""
    may = "orders.write" in visit.actor.permissions and "orders.read" in visit.actor.permissions
    if not may or need.owner or not need.number or kind in ("mention", "mail"):
        return ""
    return f"/orders/{need.number}/assign?back=/home"


def _promise(visit: Visit, need: Need) -> str:
    today = visit.now.date()
    if need.promised_on is None or need.promised_on > today:
        return "on_time"
    return "due" if need.promised_on == today else "late"


def _words(kind: NeedKind, need: Need) -> str:
    """What is the matter, beyond the heading of its group."""
    if kind in _TOLD:
        return _TOLD[kind](need)
    if need.qty is None:
        return ""
    if kind in ("count", "put_back"):
        return ngettext("%(num)s piece", "%(num)s pieces", need.qty)
    return ngettext("%(num)s unit to go", "%(num)s units to go", need.qty)


def _tell_webhook(need: Need) -> str:
    if need.detail == "off":
        return _("switched off, since it failed for too long")
    return ngettext("%(num)s failure in a row", "%(num)s failures in a row", need.qty or 0)


def _tell_shop(need: Need) -> str:
    if need.detail == "told":
        return ngettext(
            "%(num)s thing could not be told", "%(num)s things could not be told", need.qty or 0
        )
    return need.title


_TOLD: Mapping[NeedKind, Callable[[Need], str]] = {
    "mention": lambda need: f"“{need.title}”",
    "hold": lambda need: word(HOLD_REASONS, need.detail),
    "message": lambda need: need.detail.replace("-", " "),
    "mail": lambda need: need.title,
    "webhook": _tell_webhook,
    "shop": _tell_shop,
    "parked": lambda need: need.title,
}


def _action(visit: Visit, kind: NeedKind, need: Need) -> Action | None:
    """The one thing to do; for those who may only look, where to look."""
    if kind == "message":
        return Action("read", _("Look at it"), f"/inbox/{need.id}", opens="page")
    if kind in ("webhook", "shop"):
        return Action("read", _("Look at it"), _url(kind, need), opens="page")
    if kind == "parked":
        return Action("retry", _("Try again"), f"/system/parked/{need.detail}/{need.id}/retry")
    if kind == "mail" and "orders.write" in visit.actor.permissions:
        return Action("again", _("Send again"), f"/mails/{need.id}/again?back=/home")
    if kind == "mention":
        return Action("seen", _("Seen"), f"/orders/{need.number}/mentions/seen", "check")
    permissions = visit.actor.permissions
    found = None
    if "fulfillment.write" in permissions:
        found = _floor_action(kind, need)
    if found is None and need.number and "orders.write" in permissions:
        found = _order_action(kind, need)
    if found is None and need.number and "orders.read" in permissions:
        found = Action("open", _("Look at it"), f"/orders/{need.number}", opens="page")
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


def try_again(visit: Visit) -> Answer:
    """Let a part of the system try what it gave up on."""
    visit.require("settings.write")
    asked = {"follower": visit.params["follower"], "stream_id": visit.params["stream"]}
    visit.act(retry_parked, convert(RetryParked, asked))
    return visit.done(_("It is tried again now."), "/home", go=True)


ROUTES = [Route("POST", "/system/parked/{follower:str}/{stream:str}/retry", try_again)]
