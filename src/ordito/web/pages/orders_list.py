"""The orders list: saved views, filters, search, sort, keyset pages, export, changed rows."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from ordito.flows.hold_order import hold_orders
from ordito.flows.tag_order import tag_orders
from ordito.fulfillment.tasks import read_open_tasks
from ordito.intake.inbox import count_parked
from ordito.kernel.money import format_minor
from ordito.listings.order_filter import OrderFilter
from ordito.listings.order_walks import Sort
from ordito.listings.orders_list import OrderRow, count_capped, list_orders, read_rows
from ordito.listings.places import read_names
from ordito.orders.asks import HoldOrders, OwnedHold, TagOrders
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput
from ordito.platform.validation import convert
from ordito.web.actions import Action
from ordito.web.pages.order_rows import show_row
from ordito.web.readers import seen_channels, seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.serving import Answer
from ordito.web.statuses import FULFILMENT, LIFE, MONEY, N_, RETURN, Status
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import HOLD_REASONS, choices

PAGE = 50
EXPORT_MAX = 10_000
COUNTED_TO = 99

SORTS: Mapping[str, tuple[Sort, bool]] = {
    "": ("placed_at", True),
    "placed": ("placed_at", False),
    "promise": ("promised_on", False),
    "-promise": ("promised_on", True),
    "total": ("total", False),
    "-total": ("total", True),
}

NAMES: Mapping[str, str] = {
    "life": N_("Order"),
    "fulfilment": N_("Fulfillment"),
    "money": N_("Payment"),
    "return_state": N_("Return"),
    "channel": N_("Channel"),
    "location": N_("Location"),
    "country": N_("Country"),
    "delivery": N_("Delivery"),
    "hold": N_("Hold"),
    "currency": N_("Currency"),
    "tag": N_("Tag"),
}

VIEWS: Mapping[str, tuple[str, dict[str, Any], bool]] = {
    "": (N_("All"), {}, False),
    "open": (N_("Open"), {"life": ("open",)}, False),
    "late": (N_("Late"), {"late": True}, True),
    "held": (N_("On hold"), {"held": True}, True),
    "backordered": (N_("Backordered"), {"backordered": True, "life": ("open",)}, True),
    "unpaid": (N_("Payment pending"), {"money": ("pending",), "life": ("open",)}, False),
    "returns": (N_("Returns"), {"return_state": ("requested", "in_progress", "returned")}, False),
}
"""Saved views: name, filter, and whether somebody must act on what is in it."""


def show_orders(visit: Visit) -> Answer:
    """The list."""
    visit.require("orders.read")
    asked = asked_filter(visit)
    sort_key = visit.asked("sort")
    sort, descending = SORTS.get(sort_key, SORTS[""])
    if sort == "total" and asked.currency is None:
        sort_key, (sort, descending) = "", SORTS[""]
    with visit.reading() as tx:
        found = list_orders(
            tx,
            asked,
            sort=sort,
            descending=descending,
            cursor=visit.asked("cursor") or None,
            limit=PAGE,
        )
        filters, addable = _filters(visit, tx)
        views = _views(visit, tx)
        needs = _needs(visit, tx)
        today = tx.now.date()
    return visit.page(
        "orders/list.html",
        views=views,
        needs=needs,
        search=visit.asked("q"),
        filters=filters,
        addable=addable,
        kept=_kept(visit, "q"),
        sort=_sort_heads(visit, sort_key, asked.currency),
        orders=[show_row(row, today) for row in found.items],
        bulk=_bulk(visit),
        older_url=visit.here(cursor=found.older) if found.older else "",
        newer_url=visit.here(cursor=found.newer) if found.newer else "",
        export_url=_moved(visit, "/orders.csv"),
        rows_url="/orders/rows",
    )


def show_changed_rows(visit: Visit) -> Answer:
    """Rows by id, as they are now; those that are out of reach are left out."""
    visit.require("orders.read")
    ids = [_uuid(text) for text in visit.asked_all("id")[:200]]
    with visit.reading() as tx:
        rows = read_rows(tx, [id_ for id_ in ids if id_ is not None])
        today = tx.now.date()
    return visit.fragment("orders/_rows.html", orders=[show_row(row, today) for row in rows])


def export_orders(visit: Visit) -> Answer:
    """What the list shows, as CSV; at most EXPORT_MAX rows."""
    visit.require("orders.read")
    asked = asked_filter(visit)
    rows: list[OrderRow] = []
    cursor: str | None = None
    with visit.reading() as tx:
        while len(rows) < EXPORT_MAX:
            found = list_orders(tx, asked, cursor=cursor, limit=200)
            rows += found.items
            cursor = found.older
            if cursor is None or not found.items:
                break
    headers = [
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", b'attachment; filename="orders.csv"'),
        (b"cache-control", b"no-store"),
    ]
    return Answer(200, headers, write_csv(rows).encode("utf-8-sig"))


COLUMNS = (
    "number", "channel", "external_id", "placed_at", "customer", "country", "life", "fulfilment",
    "money", "return", "units", "units_done", "total", "currency", "promised_on", "holds", "tags",
)  # fmt: skip


def write_csv(rows: Iterable[OrderRow]) -> str:
    """Orders as CSV. What a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            row.number, row.channel.code, row.external_id or "", row.placed_at.isoformat(),
            row.customer or "", row.country, row.life, row.fulfilment, row.money, row.return_state,
            row.units, row.units_done, format_minor(row.total_minor, row.currency), row.currency,
            row.promised_on or "", " ".join(row.holds), " ".join(row.tags),
        )  # fmt: skip
        writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def safe_cell(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + cell
    return cell


def hold_selected(visit: Visit) -> Answer:
    """Put the chosen orders on hold."""
    ids = _chosen(visit)
    reason = visit.sent("reason", "other") or "other"
    outcome = visit.act(hold_orders, HoldOrders(order_ids=ids, holds=(OwnedHold(reason=reason),)))
    return _tell_bulk(
        visit, outcome, N_("%(num)s order put on hold"), N_("%(num)s orders put on hold")
    )


def tag_selected(visit: Visit) -> Answer:
    """Mark the chosen orders for a second look."""
    ids = _chosen(visit)
    tag = visit.sent("tag") or "look-again"
    outcome = visit.act(tag_orders, TagOrders(order_ids=ids, add=(tag,)))
    return _tell_bulk(visit, outcome, N_("%(num)s order tagged"), N_("%(num)s orders tagged"))


def _tell_bulk(visit: Visit, outcome: Any, one: str, many: str) -> Answer:
    done = sum(1 for item in outcome.items if item.problem is None)
    refused = len(outcome.items) - done
    text = ngettext(one, many, done)
    if refused:
        text += ". " + ngettext("%(num)s was refused", "%(num)s were refused", refused)
    return visit.done(text, own_list(visit), tone="attention" if refused else "success", go=True)


def own_list(visit: Visit) -> str:
    """The list that the form was on."""
    referer = visit.headers.get(b"referer", b"").decode("latin-1")
    _before, found, query = referer.partition("/orders?")
    return f"/orders?{query}" if found else "/orders"


def _chosen(visit: Visit) -> tuple[UUID, ...]:
    ids = [_uuid(text) for text in visit.sent_all("id")]
    chosen = tuple(id_ for id_ in ids if id_ is not None)
    if not chosen:
        raise InvalidInput(_("Choose at least one order first. Nothing was changed."))
    return chosen


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def asked_filter(visit: Visit) -> OrderFilter:
    """The filter that the address and the scope of the top bar make; raises InvalidInput."""
    view = VIEWS.get(visit.asked("view"), VIEWS[""])[1]
    several = {
        "life": visit.asked_all("life"),
        "fulfilment": visit.asked_all("fulfilment"),
        "money": visit.asked_all("money"),
        "return_state": visit.asked_all("return_state"),
        "channels": visit.asked_all("channel"),
        "locations": visit.asked_all("location"),
        "countries": visit.asked_all("country"),
        "hold_reasons": visit.asked_all("hold"),
        "tags": visit.asked_all("tag"),
    }
    values: dict[str, Any] = dict(view) | {name: tuple(v) for name, v in several.items() if v}
    scope = visit.view().scope
    if scope.channel:
        values.setdefault("channels", (scope.channel,))
    if scope.location:
        values.setdefault("locations", (scope.location,))
    for name in ("delivery", "currency", "sku"):
        if visit.asked(name):
            values[name] = visit.asked(name)
    if visit.asked("customer").isdigit():
        values["customer_number"] = int(visit.asked("customer")[:15])
    values["text"] = visit.asked("q").strip().removeprefix("#")[:200]
    return convert(OrderFilter, values)


def _views(visit: Visit, tx: Tx) -> list[Any]:
    current = visit.asked("view") if visit.asked("view") in VIEWS else ""
    shown = []
    for key, (label, fields, act) in VIEWS.items():
        count = None
        if act:
            count = min(count_capped(tx, OrderFilter(**fields), cap=COUNTED_TO), COUNTED_TO)
        shown.append(
            {
                "label": _(label),
                "url": f"/orders?view={key}" if key else "/orders",
                "current": key == current,
                "count": count,
                "act": act,
            }
        )
    return shown


def _needs(visit: Visit, tx: Tx) -> list[dict[str, Any]]:
    """What waits for somebody beside orders: tasks on the floor, messages that were parked."""
    needs = []
    if "fulfillment.read" in visit.actor.permissions:
        tasks = [t for t in read_open_tasks(tx) if _sees(visit, t.location_id)]
        if tasks:
            text = ngettext("%(num)s open task", "%(num)s open tasks", len(tasks))
            needs.append({"text": text, "url": "/fulfillment/tasks", "icon": "list-checks"})
    if "intake.read" in visit.actor.permissions:
        parked = count_parked(tx)
        if parked:
            text = ngettext(
                "%(num)s message could not be booked",
                "%(num)s messages could not be booked",
                parked,
            )
            needs.append({"text": text, "url": "/inbox", "icon": "mail"})
    return needs


def _sees(visit: Visit, location_id: UUID | None) -> bool:
    return location_id is None or visit.actor.sees_location(location_id)


def _status_choices(statuses: Mapping[str, Status]) -> list[Choice]:
    return [Choice(code, _(status.label)) for code, status in statuses.items()]


def _filters(visit: Visit, tx: Tx) -> tuple[list[Any], list[Any]]:
    """Filters that are on, and those that could be put on."""
    names = read_names(tx)
    known: dict[str, Sequence[Choice]] = {
        "life": _status_choices(LIFE),
        "fulfilment": _status_choices(FULFILMENT),
        "money": _status_choices(MONEY),
        "return_state": _status_choices(RETURN),
        "channel": seen_channels(names, visit.actor),
        "location": seen_places(names, visit.actor),
        "delivery": [Choice("ship", _("Shipped")), Choice("pickup", _("Picked up"))],
        "hold": choices(HOLD_REASONS),
        "currency": [
            Choice(code, code)
            for code in sorted({channel.currency for channel in names.channels.values()})
        ],
        "country": [],
        "tag": [],
    }
    on, addable = [], []
    adding = visit.asked("add")
    for key, options in known.items():
        values = visit.asked_all(key)
        if values or key == adding:
            on.append(_filter(visit, key, options, values))
        elif options:
            addable.append({"name": _(NAMES[key]), "url": visit.here(add=key, cursor=None)})
    return on, addable


def _filter(visit: Visit, key: str, options: Sequence[Choice], values: list[str]) -> dict[str, Any]:
    listed = {choice.value for choice in options}
    choices_ = [*options, *(Choice(value, value) for value in values if value not in listed)]
    chosen = [choice.label for choice in choices_ if choice.value in values]
    return {
        "key": key,
        "name": _(NAMES[key]),
        "words": ", ".join(chosen) or _("any"),
        "off_url": visit.here(**{key: None, "add": None, "cursor": None}),
        "choices": [
            {"value": choice.value, "label": choice.label, "on": choice.value in values}
            for choice in choices_
        ],
        "kept": _kept(visit, key),
        "open": not values,
    }


def _kept(visit: Visit, *without: str) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, value in visit.query
        if name not in (*without, "cursor", "add") and value
    ]


def _moved(visit: Visit, path: str) -> str:
    kept = _kept(visit)
    return f"{path}?{urlencode(kept)}" if kept else path


def _sort_heads(visit: Visit, key: str, currency: str | None) -> dict[str, Any]:
    def head(name: str, *, down_first: bool) -> dict[str, Any]:
        down, up = f"-{name}", name
        if name == "placed":
            down = ""
        now: Literal["", "ascending", "descending"] = ""
        if key == down:
            now = "descending"
        elif key == up:
            now = "ascending"
        following = up if now == "descending" or (not now and not down_first) else down
        return {"url": visit.here(sort=following or None, cursor=None), "sorted": now}

    total = head("total", down_first=True)
    if currency is None:
        # Amounts of several currencies can't be sorted together: first name one.
        total["url"] = visit.here(add="currency", cursor=None)
    return {
        "placed": head("placed", down_first=True),
        "promise": head("promise", down_first=False),
        "total": total,
    }


def _bulk(visit: Visit) -> list[Action]:
    if "orders.write" not in visit.actor.permissions:
        return []
    return [
        Action("print", _("Print packing slips"), "/orders/papers", "printer", "page"),
        Action("hold", _("Put on hold"), "/orders/hold", "pause"),
        Action("tag", _("Tag “look-again”"), "/orders/tag", "tag"),
    ]
