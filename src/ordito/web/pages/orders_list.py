"""The orders list: tabs, filters, search, sort, columns, keyset pages, files, changed rows."""

from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from ordito.api.answers import Answer
from ordito.fulfillment.tasks import read_open_tasks
from ordito.intake.inbox import count_parked
from ordito.listings.order_columns import cells_of
from ordito.listings.orders_list import list_order_ids, list_orders, read_rows
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.web.actions import Action
from ordito.web.pages.order_files import answer_file
from ordito.web.pages.order_filters import CHIPS, read_choices, show_chips
from ordito.web.pages.order_list_asks import (
    SHOWN,
    SORTS,
    ListAsk,
    as_uuid,
    file_columns,
    read_list_ask,
    sort_fields,
)
from ordito.web.pages.order_rows import show_row
from ordito.web.pages.order_views import show_tabs
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.visits import Visit, redirect

PAGE = 50
DIRECT_MAX = 5_000
"""Orders in a file that is made while one waits; larger ones are made by the worker."""


def show_orders(visit: Visit) -> Answer:
    """The list."""
    visit.require("orders.read")
    with visit.reading() as tx:
        asked = read_list_ask(visit, tx, visit.query)
        found = list_orders(
            tx,
            asked.read(visit),
            cursor=visit.asked("cursor") or None,
            limit=PAGE,
            **sort_fields(asked),
        )
        known = read_choices(tx, read_names(tx), visit.actor)
        views = show_tabs(visit, tx, asked)
        needs = _needs(visit, tx)
        today = tx.now.date()
    adding = visit.asked("add")
    on = [pair for pair in asked.pairs if pair[0] != "q"]
    filters = show_chips(
        on, known, lambda rest: asked.url([*rest, *_search(asked)]), visit.view(), adding=adding
    )
    shown = {chip["key"] for chip in filters}
    return visit.page(
        "orders/list.html",
        view_name=asked.name,
        views=views,
        saving=_saving(visit, asked),
        needs=needs,
        search=dict(asked.pairs).get("q", ""),
        filters=filters,
        clear_url=asked.url([]) if asked.pairs else "",
        addable=[
            {"name": _(chip.name), "url": asked.url(add=key)}
            for key, chip in CHIPS.items()
            if key not in shown
        ],
        kept=asked.query(on),
        sort=_sort_heads(asked),
        sorts=[
            {"label": _(name), "url": asked.url(sort=key or "newest"), "current": key == asked.sort}
            for key, (_sort, _down, name) in SORTS.items()
            if not key.endswith("total") or dict(asked.pairs).get("currency")
        ],
        columns=[
            {"value": name, "label": _(label), "on": name in asked.columns}
            for name, label in SHOWN.items()
        ],
        shown=set(asked.columns),
        query=urlencode(asked.query()),
        orders=[show_row(row, today, asked.kept) for row in found.items],
        bulk=_bulk(visit),
        older_url=asked.url(cursor=found.older) if found.older else "",
        newer_url=asked.url(cursor=found.newer) if found.newer else "",
        export_url=f"/orders.csv?{urlencode(asked.query())}",
        workbook_url=f"/orders.xlsx?{urlencode(asked.query())}",
        rows_url="/orders/rows?" + urlencode({"view": asked.view, "list": asked.kept}),
    )


def _search(asked: ListAsk) -> list[tuple[str, str]]:
    return [pair for pair in asked.pairs if pair[0] == "q"]


def _saving(visit: Visit, asked: ListAsk) -> dict[str, Any]:
    """What can be done with the view that is shown."""
    may_share = "views.share" in visit.actor.permissions
    saved = asked.saved
    own = saved is not None and (may_share if saved.shared else saved.owner_id == visit.actor.id)
    query = urlencode(asked.query())
    base = f"/orders/views/{asked.view}"
    return {
        "edited": asked.edited,
        "new_url": f"/orders/views/new?{query}",
        "change_url": f"{base}/look?{query}" if own and asked.edited else "",
        "rename_url": f"{base}/edit" if own else "",
        "delete_url": f"{base}/delete" if own else "",
        "arrange_url": "/orders/views/arrange",
        "reset_url": f"/orders?view={asked.view}" if asked.edited else "",
    }


def show_changed_rows(visit: Visit) -> Answer:
    """Rows by id, as they are now; those that are out of reach are left out."""
    visit.require("orders.read")
    ids = [as_uuid(text) for text in visit.asked_all("id")[:200]]
    with visit.reading() as tx:
        asked = read_list_ask(visit, tx, [("view", visit.asked("view"))])
        rows = read_rows(tx, [id_ for id_ in ids if id_ is not None])
        today = tx.now.date()
    return visit.fragment(
        "orders/_rows.html",
        orders=[show_row(row, today, visit.asked("list")) for row in rows],
        shown=set(asked.columns),
    )


def export_csv(visit: Visit) -> Answer:
    """What the list shows, as CSV; a large one is left to the worker."""
    return _export(visit, "csv")


def export_xlsx(visit: Visit) -> Answer:
    """What the list shows, as a workbook."""
    return _export(visit, "xlsx")


def _export(visit: Visit, form: str) -> Answer:
    visit.require("orders.read")
    with visit.reading() as tx:
        asked = read_list_ask(visit, tx, visit.query)
        ids = list_order_ids(tx, asked.read(visit), most=DIRECT_MAX + 1, **sort_fields(asked))
        if len(ids) > DIRECT_MAX:
            return redirect(f"/orders/bulk/export?{urlencode(asked.query())}")
        columns = file_columns(asked)
        cells = [row for part in _parts(ids) for row in cells_of(read_rows(tx, part), columns)]
    return answer_file(columns, cells, form, visit.view().zone)


def _parts(ids: list[UUID], size: int = 500) -> list[list[UUID]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


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


def _sort_heads(asked: ListAsk) -> dict[str, Any]:
    def head(name: str, *, down_first: bool) -> dict[str, Any]:
        down, up = f"-{name}", name
        if name == "placed":
            down = ""
        now: Literal["", "ascending", "descending"] = ""
        if asked.sort == down:
            now = "descending"
        elif asked.sort == up:
            now = "ascending"
        following = up if now == "descending" or (not now and not down_first) else down
        return {"url": asked.url(sort=following or "newest"), "sorted": now}

    total = head("total", down_first=True)
    if not dict(asked.pairs).get("currency"):
        # Amounts of several currencies can't be sorted together: first name one.
        total["url"] = asked.url(add="value")
    return {
        "placed": head("placed", down_first=True),
        "promise": head("promise", down_first=False),
        "total": total,
    }


def _bulk(visit: Visit) -> list[Action]:
    """What can be done with a selection; each opens a page that asks for what is missing."""
    known = (
        ("tag", _("Tag"), "tag", "orders.write"),
        ("assign", _("Assign"), "user", "orders.write"),
        ("hold", _("Hold"), "pause", "orders.write"),
        ("release_hold", _("Release holds"), "play", "orders.write"),
        ("release_to_pick", _("Release to picking"), "package", "fulfillment.write"),
        ("export", _("Export"), "download", "orders.read"),
        ("untag", _("Take a tag away"), "tag", "orders.write"),
        ("cancel", _("Cancel"), "ban", "orders.write"),
    )
    actions = [
        Action(code, label, f"/orders/bulk/{code}", icon, danger=code == "cancel")
        for code, label, icon, permission in known
        if permission in visit.actor.permissions
    ]
    slips = Action("print", _("Print packing slips"), "/orders/papers", "printer", "page")
    return [*actions[:4], slips, *actions[4:]] if "orders.read" in visit.actor.permissions else []


ROUTES = [
    Route("GET", "/orders", show_orders),
    Route("GET", "/orders.csv", export_csv),
    Route("GET", "/orders.xlsx", export_xlsx),
    Route("GET", "/orders/rows", show_changed_rows),
]
