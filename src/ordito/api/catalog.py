"""Items over HTTP."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.api.bulk import upsert_many
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.catalog.items import find_items, list_items, read_items
from ordito.catalog.releases import ItemRelease
from ordito.catalog.types import Item, ItemKind, UpsertedItems, UpsertItem
from ordito.flows.manage_items import create_item, update_item
from ordito.flows.release_items import read_item_release, set_release
from ordito.kernel.asks import Ask
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound

TAG = "Catalog"


class ItemParams(PageParams, frozen=True, kw_only=True):
    """search: part of the SKU or the name, or a whole barcode."""

    search: Annotated[str, Meta(max_length=100)] = ""
    kind: ItemKind | None = None


class ItemKey(Ask, frozen=True, kw_only=True):
    item_id: UUID


class ItemCode(Ask, frozen=True, kw_only=True):
    """A SKU or a barcode, as a scanner reads it."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]


class FoundItems(msgspec.Struct, frozen=True):
    """Items with this SKU or barcode, the one with the SKU first: two at most."""

    items: list[Item]


def list_catalog(tx: Tx, params: ItemParams) -> Page[Item]:
    """Items in the order of their SKUs."""
    after = read_cursor(params.cursor, tuple[str])
    rows = list_items(
        tx,
        search=params.search,
        kind=params.kind,
        after=after[0] if after else "",
        limit=params.limit + 1,
    )
    return page(rows, params, lambda row: (row.sku,))


def get_item(tx: Tx, params: ItemKey) -> Item:
    """One item; its ETag is the version for If-Match."""
    item = read_items(tx, [params.item_id]).get(params.item_id)
    if item is None:
        raise NotFound("There is no such item.")
    return item


def get_release(tx: Tx, params: ItemKey) -> ItemRelease:
    """An item's day of release, and what was ordered before; its ETag is the item's version."""
    return read_item_release(tx, params.item_id)


def find_item(tx: Tx, params: ItemCode) -> FoundItems:
    """Items by SKU or barcode."""
    return FoundItems(find_items(tx, params.code))


_EXAMPLE = {
    "sku": "TEA-100",
    "name": "Green tea, 100 g",
    "barcodes": ["5901234123457"],
    "weight_g": 120,
    "prices": {"EUR": "6.90"},
}

ENDPOINTS = [
    writing("POST", "/items", TAG, "Create an item", create_item, status=201, example=_EXAMPLE,
            problems=("already-exists",)),
    writing("PATCH", "/items/{item_id}", TAG, "Change an item", update_item,
            example={"name": "Green tea, loose, 100 g"}, problems=("already-exists",)),
    Endpoint(method="POST", path="/items/bulk", tag=TAG, kind="story", bulk=True,
             summary="Create or change many items", permission="catalog.write",
             call=upsert_many, ask=UpsertItem, answer=UpsertedItems, example=[_EXAMPLE]),
    reading("/items", TAG, "List items", list_catalog, "catalog.read"),
    reading("/items/find", TAG, "Find an item by SKU or barcode", find_item, "catalog.read"),
    reading("/items/{item_id}", TAG, "Read an item", get_item, "catalog.read"),
    reading("/items/{item_id}/release", TAG, "Read from when on an item is sold", get_release,
            "catalog.read"),
    writing("PATCH", "/items/{item_id}/release", TAG, "Say from when on an item is sold",
            set_release,
            example={"released_on": "2099-11-20", "preorder_max": 200,
                     "channels": {"web": "2099-11-22"}}),
]  # fmt: skip
