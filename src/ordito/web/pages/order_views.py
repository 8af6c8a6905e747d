"""Saved views: tabs with counts, and the forms that save, rename, delete and arrange them."""

from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec

from ordito.api.answers import Answer
from ordito.desk.types import SavedView
from ordito.desk.views import list_views, read_arrangement, read_view
from ordito.flows.manage_views import (
    ArrangeViews,
    CreateView,
    DeleteView,
    UpdateView,
    ViewFilter,
    arrange_views,
    create_view,
    remove_view,
    update_view,
)
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import recall_count
from ordito.platform.database import Tx
from ordito.platform.problems import InvalidInput, NotFound, NotPermitted
from ordito.platform.validation import convert
from ordito.web.pages.order_filters import read_filter
from ordito.web.pages.order_list_asks import (
    COLUMNS_COOKIE,
    SHOWN,
    USUAL,
    VIEWS,
    ListAsk,
    as_uuid,
    read_list_ask,
    sort_fields,
    view_pairs,
)
from ordito.web.problem_pages import fault_words, problem_words
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.visits import Visit, redirect, write_cookie

COUNTED_VIEWS_MAX = 12
YEAR_S = 365 * 24 * 3600


def show_tabs(visit: Visit, tx: Tx, asked: ListAsk) -> list[dict[str, Any]]:
    """All views in the reader's order. Those that somebody must act on, and saved ones, count."""
    shown: list[dict[str, Any]] = []
    counted = 0
    for key, saved in _in_order(asked.saved_views, asked.arrangement.tabs):
        view = VIEWS.get(key)
        wanted = (saved is not None or (view is not None and view.act)) and (
            counted < COUNTED_VIEWS_MAX
        )
        count = _count(visit, tx, key, saved) if wanted else None
        counted += count is not None
        shown.append(
            {
                "label": saved.name if saved else _(VIEWS[key].name),
                "url": f"/orders?view={key}",
                "current": key == asked.view,
                "count": count,
                "act": view is not None and view.act,
                "shared": saved is not None and saved.shared,
            }
        )
    return shown


def _in_order(saved_views: list[SavedView], tabs: list[str]) -> list[tuple[str, SavedView | None]]:
    every: dict[str, SavedView | None] = dict.fromkeys(VIEWS)
    every |= {str(view.id): view for view in saved_views}
    keys = [key for key in tabs if key in every] + [key for key in every if key not in tabs]
    return [(key, every[key]) for key in keys]


def _count(visit: Visit, tx: Tx, key: str, saved: SavedView | None) -> int | None:
    """How many orders are in a view, up to one more than COUNT_MAX; None where that is dear."""
    asked = read_filter(view_pairs(visit, key, saved), visit.view().zone)
    dear = (
        asked.placed_from, asked.placed_before, asked.placed_within_days,
        asked.total_min_minor, asked.total_max_minor,
    )  # fmt: skip
    if any(value is not None for value in dear):
        return None
    return recall_count(tx, asked)


def new_form(visit: Visit) -> Answer:
    """Ask for the name of a new view."""
    visit.require("orders.read")
    return _form(visit, _("Save as a new view"), "/orders/views/new", query=urlencode(visit.query))


def _form(
    visit: Visit, title: str, url: str, *, query: str = "", faults: list[str] | None = None,
    view: SavedView | None = None,
) -> Answer:  # fmt: skip
    return visit.form_page(
        "orders/_view_form.html",
        faulty=bool(faults),
        title=title,
        url=url,
        query=query,
        name=visit.sent("name") or (view.name if view else ""),
        shared=view.shared if view else False,
        can_share="views.share" in visit.actor.permissions,
        faults=faults or [],
    )


def create(visit: Visit) -> Answer:
    """Save what the list shows as a view."""
    name = visit.sent("name")
    if not name:
        return _form(
            visit, _("Save as a new view"), "/orders/views/new",
            query=visit.sent("query"), faults=[_("Give the view a name.")],
        )  # fmt: skip
    fields = _look(visit, visit.sent("query"))
    ask = CreateView(name=name[:60], shared=visit.sent("shared") == "yes", **fields)
    saved = visit.act(create_view, ask)
    return visit.done(_("The view was saved."), f"/orders?view={saved.id}", go=True)


def _look(visit: Visit, query: str) -> dict[str, Any]:
    """What a list shows, as asks about views have it."""
    with visit.reading() as tx:
        asked = read_list_ask(visit, tx, parse_qsl(query))
    found = read_filter(asked.pairs, visit.view().zone)
    return {"filter": as_view_filter(found), "columns": asked.columns, **sort_fields(asked)}


def as_view_filter(asked: OrderFilter) -> ViewFilter:
    return ViewFilter(**{name: getattr(asked, name) for name in asked.__struct_fields__})


def change_look(visit: Visit) -> Answer:
    """Let the view show what the list shows now."""
    fields = _look(visit, urlencode(visit.query))
    view_id = _view_id(visit)
    visit.act(update_view, UpdateView(view_id=view_id, **fields))
    return visit.done(_("The view was changed."), f"/orders?view={view_id}", go=True)


def _view_id(visit: Visit) -> UUID:
    found = as_uuid(visit.params["view"])
    if found is None:
        raise NotFound(_("There is no such view."))
    return found


def edit_form(visit: Visit) -> Answer:
    with visit.reading() as tx:
        view = read_view(tx, _view_id(visit))
    if view is None:
        raise NotFound(_("There is no such view."))
    return _form(visit, _("Rename or share the view"), visit.path, view=view)


def edit(visit: Visit) -> Answer:
    """Another name; shared with everybody, or not any more."""
    visit.require("orders.read")
    view_id, shared = _view_id(visit), visit.sent("shared") == "yes"
    try:
        ask = convert(UpdateView, {"view_id": view_id, "name": visit.sent("name")})
        visit.act(update_view, msgspec.structs.replace(ask, shared=shared))
    except (InvalidInput, NotPermitted) as problem:
        said = fault_words(problem) or [problem_words(problem)]
        return _form(visit, _("Rename or share the view"), visit.path, faults=said)
    return visit.done(_("The view was changed."), f"/orders?view={view_id}", go=True)


def delete(visit: Visit) -> Answer:
    """The view goes; its orders stay."""
    visit.act(remove_view, DeleteView(view_id=_view_id(visit)))
    return visit.done(_("The view was deleted."), "/orders?view=all", go=True)


def arrange_form(visit: Visit) -> Answer:
    """The tabs with a place for each, and the one that opens first."""
    visit.require("orders.read")
    with visit.reading() as tx:
        arrangement = read_arrangement(tx)
        ordered = _in_order(list_views(tx), arrangement.tabs)
    return visit.form_page(
        "orders/_arrange_form.html",
        url=visit.path,
        tabs=[
            {"key": key, "label": saved.name if saved else _(VIEWS[key].name), "place": place}
            for place, (key, saved) in enumerate(ordered, start=1)
        ],
        first_tab=arrangement.first_tab or "all",
    )


def arrange(visit: Visit) -> Answer:
    """Keep the order of the tabs: by the number given to each, equal ones as they stood."""
    keys = visit.sent_all("key")
    places = {key: visit.sent_number(f"place-{key}") or 999 for key in keys}
    tabs = tuple(sorted(keys, key=lambda key: places[key]))
    ask = convert(ArrangeViews, {"tabs": list(tabs), "first_tab": visit.sent("first_tab")})
    visit.act(arrange_views, ask)
    return visit.done(_("The tabs were arranged."), "/orders", go=True)


def choose_columns(visit: Visit) -> Answer:
    """Columns of one's own saved view, or else of all lists in this browser."""
    chosen = tuple(name for name in SHOWN if name in visit.sent_all("column")) or USUAL
    query = parse_qsl(visit.sent("query"))
    url = f"/orders?{urlencode(query)}"
    with visit.reading() as tx:
        saved = read_list_ask(visit, tx, query).saved
    if saved is not None and saved.owner_id == visit.actor.id:
        visit.act(update_view, UpdateView(view_id=saved.id, columns=chosen))
        return redirect(url)
    kept = write_cookie(COLUMNS_COOKIE, ".".join(chosen), secure=visit.secure, age_s=YEAR_S)
    return redirect(url, kept)


_VIEW = "/orders/views/{view:str}"

ROUTES = [
    Route("GET", "/orders/views/new", new_form),
    Route("POST", "/orders/views/new", create),
    Route("GET", "/orders/views/arrange", arrange_form),
    Route("POST", "/orders/views/arrange", arrange),
    Route("POST", "/orders/columns", choose_columns),
    Route("POST", f"{_VIEW}/look", change_look),
    Route("GET", f"{_VIEW}/edit", edit_form),
    Route("POST", f"{_VIEW}/edit", edit),
    Route("POST", f"{_VIEW}/delete", delete),
]
