"""Limits of stock, and how long it lasts, over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.catalog.items import read_items_by_sku
from ordito.flows.limit_stock import set_stock_limits
from ordito.inventory.limits import LowBy
from ordito.kernel.asks import Ask, Code, Sku
from ordito.kernel.text import normal_code
from ordito.listings.overstock import Overstock, list_overstock
from ordito.listings.places import read_names
from ordito.listings.stock_cover import Cover, read_covers, read_item_covers
from ordito.listings.stock_limits import NamedLimit, list_limits
from ordito.platform.database import Tx

TAG = "Inventory"


class LimitParams(PageParams, frozen=True, kw_only=True):
    """sku: only limits that name this item."""

    sku: Sku | None = None


class OverstockParams(PageParams, frozen=True, kw_only=True):
    """days: more than sells in so many days, in place of the limits that are set."""

    days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    location: Code | None = None


class CoverParams(Ask, frozen=True, kw_only=True):
    """Items by SKU."""

    sku: Annotated[tuple[Sku, ...], Meta(min_length=1, max_length=100)]


class ItemCover(msgspec.Struct, frozen=True):
    """What there is of an item at a location (null: at all together), and how long it lasts.

    sold: units that left to customers in the last 28 days. days_left: available and coming, at a
    28th of that a day; null where nothing sells. low_by, low_at: the limit that holds.
    """

    sku: str
    item_id: UUID
    location: str | None
    available: int
    coming: int
    sold: int
    last_sold_on: date | None
    days_left: int | None
    runs_out_on: date | None
    low_by: LowBy | None
    low_at: int | None
    low: bool
    over_days: int | None


class Covers(msgspec.Struct, frozen=True):
    items: list[ItemCover]


def list_stock_limits(tx: Tx, params: LimitParams) -> Page[NamedLimit]:
    """From when on items are low, or too much of them lies somewhere; the most exact counts."""
    after = read_cursor(params.cursor, tuple[UUID])
    rows = list_limits(
        tx, sku=params.sku, after=after[0] if after else None, limit=params.limit + 1
    )
    return page(rows, params, lambda row: (row.id,))


def list_stock_overstock(tx: Tx, params: OverstockParams) -> Page[Overstock]:
    """What lies at locations beyond what sells there in the days of their limits, the most
    valuable on top: at today's price, in the currency of reports."""
    found = list_overstock(
        tx,
        days=params.days,
        location=params.location,
        cursor=params.cursor,
        limit=params.limit,
    )
    return Page(list(found.items), found.next)


def get_stock_cover(tx: Tx, params: CoverParams) -> Covers:
    """For how many days items last, at each location and over all that the caller sees; what has
    no stock kept of it is absent."""
    found = read_items_by_sku(tx, [normal_code(sku) for sku in params.sku]).values()
    items = {item.id: item for item in found if item.kind == "stocked"}
    names = read_names(tx)
    here = read_item_covers(tx, items)
    total = read_covers(tx, [(item_id, None) for item_id in items])
    return Covers(
        [
            _tell(tx, cover, item.sku, names.code(cover.location_id) if cover.location_id else None)
            for item in items.values()
            for cover in [*here.get(item.id, []), total[item.id, None]]
        ]
    )


def _tell(tx: Tx, cover: Cover, sku: str, location: str | None) -> ItemCover:
    return ItemCover(
        sku=sku,
        item_id=cover.item_id,
        location=location,
        available=cover.available,
        coming=cover.coming,
        sold=cover.sold,
        last_sold_on=cover.last_sold_on,
        days_left=cover.days_left,
        runs_out_on=cover.runs_out_on(tx.now.date()),
        low_by=cover.low_by,
        low_at=cover.low_at,
        low=cover.is_low,
        over_days=cover.over_days,
    )


ENDPOINTS = [
    reading("/stock/limits", TAG, "List limits of stock", list_stock_limits, "inventory.read"),
    writing("POST", "/stock/limits", TAG, "Set limits of stock", set_stock_limits,
            example={"limits": [{"sku": "TEA-100", "location": "LODZ", "low_by": "units",
                                 "low_at": 12, "over_days": 90}]}),
    reading("/stock/overstock", TAG, "List overstock", list_stock_overstock, "inventory.read"),
    reading("/stock/cover", TAG, "Read how long items last", get_stock_cover, "inventory.read"),
]  # fmt: skip
