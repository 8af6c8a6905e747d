"""Overstock: the list, its file, and marking items that are to be sold off."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from ordito.api.answers import Answer
from ordito.catalog.types import UpdateItem
from ordito.flows.manage_items import update_item
from ordito.kernel.money import format_minor
from ordito.listings.item_stock import find_item
from ordito.listings.overstock import LIQUIDATION, Overstock, list_overstock
from ordito.listings.places import Names, read_names
from ordito.listings.stock_cover import WINDOW_DAYS, Cover, read_item_covers, suggest_outlet
from ordito.platform.problems import NotFound
from ordito.web.pages.cover_words import transfer_url
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import day_name
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.table_files import Table, answer_table
from ordito.web.visits import Visit

_URL = "/inventory/overstock"
PAGE = 50
EXPORT_MAX = 10_000
DAYS_MAX = 3650

FILE = Table(
    "overstock",
    [
        ("sku", "text"),
        ("name", "text"),
        ("location", "text"),
        ("free", "number"),
        ("sold_28_days", "number"),
        ("days_left", "number"),
        ("limit_days", "number"),
        ("excess", "number"),
        ("excess_value_at_price", "amount"),
        ("currency", "text"),
        ("here_since", "day"),
        ("last_sold_on", "day"),
        ("liquidation", "text"),
    ],
)


def show_overstock(visit: Visit) -> Answer:
    """What is too much, the most valuable on top."""
    visit.require("inventory.read")
    days = _days(visit)
    with visit.reading() as tx:
        page = list_overstock(
            tx,
            days=days,
            location=visit.view().scope.location or None,
            cursor=visit.asked("cursor") or None,
            limit=PAGE,
        )
        names = read_names(tx)
        covers = read_item_covers(tx, {row.item_id for row in page.items})
    asked = f"?{urlencode({'days': days})}" if days else ""
    return visit.page(
        "inventory/overstock.html",
        days=str(days or ""),
        days_max=DAYS_MAX,
        window=WINDOW_DAYS,
        rows=[_row(visit, row, names, covers) for row in page.items],
        csv_url=f"{_URL}.csv{asked}",
        xlsx_url=f"{_URL}.xlsx{asked}",
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _days(visit: Visit) -> int | None:
    """The days that were asked for instead of the limits; None for what is no number of days."""
    text = visit.asked("days").strip()
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= DAYS_MAX:
        return int(text)
    return None


def _row(
    visit: Visit, row: Overstock, names: Names, covers: Mapping[UUID, Sequence[Cover]]
) -> dict[str, Any]:
    """See templates/inventory/overstock.html."""
    move_words = move_url = ""
    if "inventory.write" in visit.actor.permissions:
        found = suggest_outlet(covers.get(row.item_id, ()), row.location.id, row.excess)
        if found is not None:
            place = names.locations[found.to_id].name
            move_words = _("Move %(n)s to %(place)s", n=found.quantity, place=place)
            ends = (found.from_id, found.to_id)
            move_url = transfer_url(names, ends, row.sku, found.quantity)
    may_mark = "catalog.write" in visit.actor.permissions
    return {
        "sku": row.sku,
        "name": row.name,
        "item_url": f"/inventory/{row.item_id}?{urlencode({'location': row.location.code})}",
        "place": row.location.name,
        "available": row.available,
        "sold": row.sold,
        "days_left": row.days_left,
        "over_days": row.over_days,
        "excess": row.excess,
        "value_minor": row.value_minor,
        "currency": row.currency,
        "here_since": day_name(midday(row.here_since), inside=False),
        "last_sold_on": midday(row.last_sold_on) if row.last_sold_on else None,
        "liquidated": row.liquidated,
        "move_words": move_words,
        "move_url": move_url,
        "mark_url": _mark_url(row.item_id, on=not row.liquidated) if may_mark else "",
    }


def _mark_url(item_id: UUID, *, on: bool) -> str:
    return f"{_URL}/{item_id}/mark?on={'1' if on else ''}"


def overstock_csv(visit: Visit) -> Answer:
    return _file(visit, "csv")


def overstock_xlsx(visit: Visit) -> Answer:
    return _file(visit, "xlsx")


def _file(visit: Visit, form: str) -> Answer:
    """The list as a file, up to EXPORT_MAX rows."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        place = visit.view().scope.location or None
        found = list_overstock(tx, days=_days(visit), location=place, limit=EXPORT_MAX).items
    return answer_table(FILE, [_cells(row) for row in found], form, visit.view().zone)


def _cells(row: Overstock) -> list[Any]:
    value = None if row.value_minor is None else format_minor(row.value_minor, row.currency)
    return [
        row.sku,
        row.name,
        row.location.code,
        row.available,
        row.sold,
        row.days_left,
        row.over_days,
        row.excess,
        value,
        row.currency,
        row.here_since.isoformat(),
        row.last_sold_on.isoformat() if row.last_sold_on else None,
        "yes" if row.liquidated else "no",
    ]


def mark(visit: Visit) -> Answer:
    """Tag an item to be sold off, or take the tag away."""
    visit.require("catalog.write")
    try:
        item_id = UUID(visit.params["item"])
    except ValueError:
        raise NotFound("There is no such item.") from None
    on = visit.asked("on") == "1"
    with visit.reading() as tx:
        item = find_item(tx, item_id)
    others = tuple(tag for tag in item.tags if tag != LIQUIDATION)
    tags = (*others, LIQUIDATION) if on else others
    visit.act(update_item, UpdateItem(item_id=item_id, tags=tags, version=item.version))
    said = (
        _("%(sku)s is to be sold off: it has the tag “%(tag)s”.", sku=item.sku, tag=LIQUIDATION)
        if on
        else _("%(sku)s isn't to be sold off any more.", sku=item.sku)
    )
    return visit.done(said, _URL, undo_url=_mark_url(item_id, on=not on), go=True)


ROUTES = [
    Route("GET", _URL, show_overstock),
    Route("GET", _URL + ".csv", overstock_csv),
    Route("GET", _URL + ".xlsx", overstock_xlsx),
    Route("POST", _URL + "/{item:str}/mark", mark),
]
