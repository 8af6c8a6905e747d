"""The palette, and the scope of the top bar."""

from typing import Any

from ordito.api.answers import Answer
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import list_orders
from ordito.listings.stock_list import StockFilter, list_stock
from ordito.platform.database import Tx
from ordito.platform.problems import Problem
from ordito.web.navigation import entries
from ordito.web.pages.order_actions import next_action, order_actions
from ordito.web.pages.order_page import read_page
from ordito.web.readers import CHANNEL_COOKIE, LOCATION_COOKIE
from ordito.web.rendering import gettext as _
from ordito.web.statuses import FULFILMENT
from ordito.web.visits import Visit, own_path, redirect, write_cookie

FOUND_MAX = 6
YEAR_S = 31_536_000


def keep_scope(visit: Visit) -> Answer:
    """Remember the location and channel that pages are narrowed to, and go back."""
    cookies = []
    for name, cookie in (("location", LOCATION_COOKIE), ("channel", CHANNEL_COOKIE)):
        if any(key == name for key, _value in visit.query):
            value = visit.asked(name)
            known = (
                value if value.replace("-", "").replace("_", "").replace(".", "").isalnum() else ""
            )
            known = known if known.isascii() else ""
            cookies.append(write_cookie(cookie, known, secure=visit.secure, age_s=YEAR_S))
    return redirect(_came_from(visit), *cookies)


def _came_from(visit: Visit) -> str:
    referer = visit.headers.get(b"referer", b"").decode("latin-1")
    host = visit.headers.get(b"host", b"").decode("latin-1")
    _before, found, rest = referer.partition(f"://{host}/")
    url = own_path("/" + rest) if found else "/"
    # What was asked of one location by the address would win over the new scope.
    return url.partition("?")[0] if "location=" in url or "cursor=" in url else url


def show_palette(visit: Visit) -> Answer:
    """What fits the words typed: the page's actions, orders, items, pages."""
    words = visit.asked("q").strip()
    groups = [_actions(visit, words)]
    with visit.reading() as tx:
        if len(words) >= 2:
            groups += [_orders(visit, tx, words), _items(visit, tx, words)]
    groups.append(_pages(visit, words))
    found = [group for group in groups if group["entries"]]
    return visit.fragment("palette/_results.html", groups=found, query=words)


def _fits(label: str, words: str) -> bool:
    return all(word in label.casefold() for word in words.casefold().split())


def _entry(label: str, hint: str, url: str, icon: str, *, post: bool = False) -> dict[str, Any]:
    return {"label": label, "hint": hint, "url": url, "icon": icon or "zap", "post": post}


def _actions(visit: Visit, words: str) -> dict[str, Any]:
    """What may be done with the order on the page from which the palette was opened."""
    came_from = visit.asked("from")
    number = came_from.removeprefix("/orders/")
    found: list[dict[str, Any]] = []
    if came_from.startswith("/orders/") and number.isdigit() and len(number) < 13:
        visit.params = {"number": number}
        try:
            page, reader = read_page(visit)
        except Problem:
            page = None
        if page is not None:
            following = next_action(page, reader)
            actions = [*([following] if following else []), *order_actions(page, reader)]
            found = [
                _entry(a.label, f"#{number}", a.url, a.icon, post=a.opens == "post")
                for a in {a.code: a for a in actions}.values()
                if _fits(a.label, words)
            ]
    return {"title": _("This order"), "entries": found}


def _orders(visit: Visit, tx: Tx, words: str) -> dict[str, Any]:
    found = []
    if "orders.read" in visit.actor.permissions:
        asked = OrderFilter(text=words.removeprefix("#")[:200])
        found = [
            _entry(
                f"#{row.number} {row.customer or _('Guest')}",
                _(FULFILMENT[row.fulfilment].label),
                f"/orders/{row.number}",
                "inbox",
            )
            for row in list_orders(tx, asked, limit=FOUND_MAX).items
        ]
    return {"title": _("Orders"), "entries": found}


def _items(visit: Visit, tx: Tx, words: str) -> dict[str, Any]:
    found = []
    if "inventory.read" in visit.actor.permissions:
        found = [
            _entry(
                f"{row.sku} {row.name}",
                _("%(n)s free", n=row.available),
                f"/inventory/{row.item_id}",
                "boxes",
            )
            for row in list_stock(tx, StockFilter(text=words[:200]), limit=FOUND_MAX).items
        ]
    return {"title": _("Items"), "entries": found}


def _pages(visit: Visit, words: str) -> dict[str, Any]:
    found = [
        _entry(_(entry.place.label), f"g {entry.place.jump}", entry.place.url, entry.place.icon)
        for entry in entries(visit.view())
        if _fits(_(entry.place.label), words)
    ]
    return {"title": _("Go to"), "entries": found}
