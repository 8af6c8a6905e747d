"""Inventory: the list, an item's stock with who holds it and its ledger, and changes to it."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from ordito.api.answers import Answer
from ordito.inventory.types import COUNTED
from ordito.listings.exports import safe_cell
from ordito.listings.item_stock import (
    CellView,
    HolderView,
    ItemStock,
    list_holders,
    read_item_stock,
)
from ordito.listings.lots import LotFilter, LotPage, list_lots
from ordito.listings.places import read_names
from ordito.listings.stock_cover import read_item_covers
from ordito.listings.stock_ledger import LedgerRow, list_ledger
from ordito.listings.stock_list import Shortness, StockFilter, StockRow, list_stock
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.web.actions import Action
from ordito.web.pages.cover_words import cover_rows
from ordito.web.pages.lot_rows import show_lot_row
from ordito.web.pages.order_rows import midday
from ordito.web.readers import seen_places
from ordito.web.reason_words import own_words
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.statuses import N_
from ordito.web.visits import Visit
from ordito.web.words import (
    BUCKETS,
    ITEM_KINDS,
    LEDGER_REASONS,
    STOCK_REASONS,
    bin_word,
    word,
)

PAGE = 50
HOLDERS = 20
LOTS = 12
LEDGER = 30
EXPORT_MAX = 10_000
LOW = 5

VIEWS: dict[str, tuple[str, Shortness]] = {
    "": (N_("All items"), "any"),
    "low": (N_("Low"), "low"),
    "out": (N_("Out of stock"), "zero"),
    "free": (N_("Free to sell"), "some"),
}


def show_inventory(visit: Visit) -> Answer:
    """Stock of all items in scope."""
    visit.require("inventory.read")
    view = visit.asked("view") if visit.asked("view") in VIEWS else ""
    scope = visit.view().scope
    with visit.reading() as tx:
        page = list_stock(tx, _filter(visit), cursor=visit.asked("cursor") or None, limit=PAGE)
        places = {c.value: c.label for c in seen_places(read_names(tx), visit.actor)}
    words = places.get(scope.location) or ngettext(
        "%(num)s location", "All %(num)s locations", len(places)
    )
    kept = [(k, v) for k, v in visit.query if k not in ("q", "cursor") and v]
    export = [(k, v) for k, v in visit.query if k != "cursor" and v]
    return visit.page(
        "inventory/list.html",
        views=[
            {
                "label": _(label),
                "url": f"/inventory?view={key}" if key else "/inventory",
                "current": key == view,
                "count": None,
                "act": False,
            }
            for key, (label, _shortage) in VIEWS.items()
        ],
        scope_words=words,
        search=visit.asked("q"),
        kept=kept,
        rows=[show_row(row) for row in page.items],
        rows_url="/inventory/rows",
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
        export_url="/inventory.csv" + (f"?{urlencode(export)}" if export else ""),
    )


def _filter(visit: Visit) -> StockFilter:
    shortage = VIEWS.get(visit.asked("view"), VIEWS[""])[1]
    return StockFilter(
        text=visit.asked("q").strip()[:200],
        location=visit.view().scope.location or None,
        shortage=shortage,
        low_max=LOW,
        kept=shortage in ("low", "zero"),
    )


def show_row(row: StockRow) -> dict[str, Any]:
    """See templates/inventory/_row.html."""
    state = ""
    if row.available < 0:
        state = "oversold"
    elif row.available == 0:
        state = "out"
    elif row.available <= LOW:
        state = "low"
    return {
        "item_id": str(row.item_id),
        "url": f"/inventory/{row.item_id}",
        "sku": row.sku,
        "title": row.name,
        "stock": row,
        "locations": row.locations,
        "state": state,
    }


def show_changed_rows(visit: Visit) -> Answer:
    """Rows by item id, as they are now."""
    visit.require("inventory.read")
    rows = []
    with visit.reading() as tx:
        for text in visit.asked_all("id")[:PAGE]:
            try:
                rows.append(show_row(read_item_stock(tx, UUID(text)).totals))
            except (ValueError, NotFound):
                continue
    return visit.fragment("inventory/_rows.html", rows=rows)


def export_inventory(visit: Visit) -> Answer:
    """The list as CSV."""
    visit.require("inventory.read")
    rows: list[StockRow] = []
    cursor: str | None = None
    with visit.reading() as tx:
        while len(rows) < EXPORT_MAX:
            page = list_stock(tx, _filter(visit), cursor=cursor, limit=500)
            rows += page.items
            cursor = page.next
            if cursor is None:
                break
    out = io.StringIO()
    writer = csv.writer(out)
    names = [name for name in StockRow.__struct_fields__ if name != "item_id"]
    writer.writerow(names)
    for row in rows:
        writer.writerow([safe_cell(getattr(row, name)) for name in names])
    headers = [
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", b'attachment; filename="inventory.csv"'),
        (b"cache-control", b"no-store"),
    ]
    return Answer(200, headers, out.getvalue().encode("utf-8-sig"))


def item_id_of(visit: Visit) -> UUID:
    try:
        return UUID(visit.params["item"])
    except ValueError:
        raise NotFound("There is no such item.") from None


def show_item(visit: Visit) -> Answer:
    """One item's stock, its holders and its ledger."""
    visit.require("inventory.read")
    item_id = item_id_of(visit)
    location = visit.asked("location") or None
    bucket = visit.asked("bucket")
    with visit.reading() as tx:
        stock = read_item_stock(tx, item_id)
        holders = list_holders(tx, item_id, limit=HOLDERS)
        ledger = list_ledger(
            tx,
            item_id,
            location=location,
            bucket=bucket if bucket in COUNTED else None,
            cursor=visit.asked("cursor") or None,
            limit=LEDGER,
        )
        names = read_names(tx)
        places = {p.code: p.name for p in names.locations.values()}
        own = own_words(tx)
        covers = read_item_covers(tx, [item_id]).get(item_id, [])
        lots = _read_lots(tx, stock, location)
        today = tx.now.date()
    context = _item_context(visit, stock, location or "")
    context |= {
        "holders": [_holder(holder, places) for holder in holders.items],
        "lots": None if lots is None else [show_lot_row(lot, today) for lot in lots.items],
        "lots_url": f"/inventory/lots?item={item_id}",
        "lots_more": lots is not None and lots.next is not None,
        "holders_more": 1 if holders.next else 0,
        "covers": cover_rows(
            names,
            covers,
            stock.item.sku,
            visit.now.date(),
            may="inventory.write" in visit.actor.permissions,
        ),
        "bucket_words": word(BUCKETS, bucket) if bucket in COUNTED else "",
        "ledger": [show_posting(row, own) for row in ledger.items],
        "older_url": visit.here(cursor=ledger.next) if ledger.next else "",
        "newer_url": visit.here(cursor=None) if visit.asked("cursor") else "",
    }
    if visit.by_script:
        return visit.fragment("inventory/_item.html", **context)
    return visit.page("inventory/item.html", **context)


def _read_lots(tx: Tx, stock: ItemStock, location: str | None) -> LotPage | None:
    """The lots in stock that end first; None for an item that has none."""
    if stock.item.tracking == "none":
        return None
    wanted = LotFilter(item_id=stock.item.id, location=location, in_stock=True)
    return list_lots(tx, wanted, limit=LOTS)


def _item_context(visit: Visit, stock: ItemStock, location: str) -> dict[str, Any]:
    item = stock.item
    url = f"/inventory/{item.id}"
    views = [{"label": _("All"), "url": url, "current": not location}]
    views += [
        {
            "label": cell.location.code,
            "url": f"{url}?location={cell.location.code}",
            "current": cell.location.code == location,
        }
        for cell in stock.cells
        if cell.location.kind != "history"
    ]
    return {
        "item": {
            "id": str(item.id),
            "url": visit.here(),
            "own_url": url,
            "sku": item.sku,
            "title": item.name,
            "barcodes": list(getattr(item, "barcodes", ())),
            "picture_url": "",
            "kind": word(ITEM_KINDS, item.kind),
        },
        "stock": Shown.of(stock.totals),
        "cells": [
            {
                "location_name": cell.location.name,
                "url": f"{url}?location={cell.location.code}",
                "stock": Shown.of(cell),
                "bins": _bin_words(cell),
            }
            for cell in stock.cells
        ],
        "actions": _actions(visit, url, item.sku) if item.kind == "stocked" else [],
        "ledger_views": views if len(views) > 2 else views[:1],
    }


class Shown(msgspec.Struct, frozen=True):
    """Stock as templates read it, also by name in brackets."""

    available: int
    reserved: int
    picked: int
    quality_control: int
    damaged: int
    safety: int
    on_hand: int
    incoming: int

    @classmethod
    def of(cls, stock: Any) -> "Shown":
        return cls(**{name: getattr(stock, name) for name in cls.__struct_fields__})


def _actions(visit: Visit, url: str, sku: str) -> list[Action]:
    past = Action("past", _("In the past"), f"{url}/past", "history", "page")
    if "inventory.write" not in visit.actor.permissions:
        return [past]
    return [
        Action("receive", _("Receive"), f"{url}/receive", "package-plus", "dialog"),
        Action("count", _("Count"), f"{url}/count", "clipboard-check", "dialog"),
        Action("adjust", _("Adjust"), f"{url}/adjust", "scale", "dialog"),
        Action("move", _("Set aside"), f"{url}/move", "split", "dialog"),
        past,
        Action("keep", _("Keep for some orders"), f"/inventory/kept/new?sku={quote(sku)}", "lock",
               "page"),
    ]  # fmt: skip


def _holder(holder: HolderView, places: dict[str, str]) -> dict[str, Any]:
    others = {"order": _("order of another channel"), "hold": _("kept for a cart")}
    kept = _("kept for %(channel)s", channel=holder.channel or _("another channel"))
    if holder.group:
        kept = _("kept for customers in %(group)s", group=holder.group)
    return {
        "order_number": holder.number,
        "url": f"/orders/{holder.number}" if holder.number else "",
        "words": others.get(holder.kind, kept),
        "since": holder.since,
        "location_name": places.get(holder.location, holder.location),
        "quantity": holder.qty,
        "promise_at": midday(date.fromisoformat(holder.promised)) if holder.promised else None,
        "expires_at": holder.expires_at,
    }


def _bin_words(cell: CellView) -> str:
    """Where an item lies, with the units in each bin where these are known."""
    if not cell.in_bins:
        return ", ".join(cell.bins)
    pairs = zip(cell.bins, cell.in_bins, strict=True)
    return ", ".join(_("%(bin)s: %(n)s", bin=bin_word(code), n=units) for code, units in pairs)


WORK_URLS = {"transfer": "/inventory/transfers", "assembly": "/inventory/assemblies"}
"""Pages of what moves stock, by kind."""


def show_posting(row: LedgerRow, own: Mapping[str, str]) -> dict[str, Any]:
    """See templates/inventory/_ledger.html. own: words that the shop gave reasons."""
    source = None
    if row.source_kind == "order" and row.source_name:
        source = {"words": f"#{row.source_name}", "url": f"/orders/{row.source_name}"}
    reason = word(LEDGER_REASONS, row.reason)
    if row.source_kind in ("transfer", "assembly"):
        url = f"{WORK_URLS[row.source_kind]}/{row.source_name}"
        source = {"words": row.source_name, "url": url}
    if row.source_kind in ("receipt", "hold") and row.source_name:
        reason = f"{reason} {row.source_name}"
    elif row.reason in own:
        reason = own[row.reason]
    elif row.reason in STOCK_REASONS and row.reason not in LEDGER_REASONS:
        reason = word(STOCK_REASONS, row.reason)
    return {
        "at": row.occurred_at,
        "location_name": row.location_name,
        "from_bucket": word(BUCKETS, row.from_bucket),
        "to_bucket": word(BUCKETS, row.to_bucket),
        "quantity": row.qty,
        "reason": reason,
        "source": source,
        "by": row.actor,
        "free_after": row.available_after,
        "on_hand_after": row.on_hand_after,
    }
