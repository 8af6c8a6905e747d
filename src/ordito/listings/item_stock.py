"""One item's stock: where it lies, who holds it, and every posting that made it so."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.catalog.items import read_items, read_items_by_sku
from ordito.catalog.types import Item
from ordito.inventory.levels import Level, read_levels
from ordito.kernel.text import normal_code
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import PlaceName
from ordito.listings.places import Names, read_names
from ordito.listings.stock_list import StockRow, scope_of
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound


class CellView(msgspec.Struct, frozen=True):
    """An item's stock at one location, in pieces, and the bins where it usually lies.

    in_bins: where the location keeps bin stock, the units in each of the bins, in which it does
             lie; else empty.
    """

    location: PlaceName
    on_hand: int
    available: int
    reserved: int
    picked: int
    quality_control: int
    damaged: int
    safety: int
    incoming: int
    in_transit: int
    bins: tuple[str, ...]
    in_bins: tuple[int, ...] = ()


class ItemStock(msgspec.Struct, frozen=True):
    """An item, its totals over the locations in scope, and its cells by location code."""

    item: Item
    totals: StockRow
    cells: tuple[CellView, ...]


def read_item_stock(tx: Tx, key: UUID | str) -> ItemStock:
    """The stock of an item, by its id or SKU; raises NotFound."""
    item = find_item(tx, key)
    names, scope = read_names(tx), scope_of(tx, None)
    bins: dict[UUID, list[_BinRow]] = {}
    for row in _BINS.all(tx, item_id=item.id):
        bins.setdefault(row.location_id, []).append(row)
    cells = [
        _cell(level, names, bins.get(level.location_id, ()))
        for level in read_levels(tx, [item.id], location_ids=scope)
    ]
    cells.sort(key=lambda cell: cell.location.code)
    return ItemStock(item, _total(item, cells), tuple(cells))


def find_item(tx: Tx, key: UUID | str) -> Item:
    """An item by id or SKU; raises NotFound."""
    if isinstance(key, UUID):
        item = read_items(tx, [key]).get(key)
    else:
        item = read_items_by_sku(tx, [normal_code(key)]).get(normal_code(key))
    if item is None:
        raise NotFound("There is no such item.")
    return item


_COUNTERS = (
    "on_hand",
    "available",
    "reserved",
    "picked",
    "quality_control",
    "damaged",
    "safety",
    "incoming",
    "in_transit",
)


def _cell(level: Level, names: Names, bins: Iterable["_BinRow"]) -> CellView:
    counters = {name: getattr(level, name) for name in _COUNTERS}
    rows = tuple(bins)
    return CellView(
        location=names.place(level.location_id),
        bins=tuple(row.bin for row in rows),
        in_bins=tuple(row.units for row in rows if row.units is not None),
        **counters,
    )


def _total(item: Item, cells: list[CellView]) -> StockRow:
    sums = {name: sum(getattr(cell, name) for cell in cells) for name in _COUNTERS}
    return StockRow(
        item_id=item.id,
        sku=item.sku,
        name=item.name,
        active=item.active,
        locations=sum(cell.on_hand > 0 for cell in cells),
        **sums,
    )


class _BinRow(msgspec.Struct, frozen=True):
    location_id: UUID
    bin: str
    units: int | None


_BINS = query(
    _BinRow,
    """
    SELECT l.location_id, l.bin, l.units
    FROM (
        SELECT i.location_id, i.bin, NULL::int8 AS units
        FROM locations.bin_item AS i
        WHERE i.item_id = %(item_id)s
          AND NOT EXISTS (
              SELECT FROM inventory.binned AS k WHERE k.location_id = i.location_id
          )
        UNION ALL
        SELECT s.location_id, s.bin, s.qty
        FROM inventory.bin_stock AS s
        WHERE s.item_id = %(item_id)s AND s.qty > 0
    ) AS l
    LEFT JOIN locations.bin AS b ON b.location_id = l.location_id AND b.code = l.bin
    ORDER BY b.walk_order NULLS FIRST, l.bin
    """,
)


class HolderView(msgspec.Struct, frozen=True):
    """Who holds pieces of an item: an order (with its number), a hold that ends by itself, or
    what is kept for a channel or a group of customers.

    since: when the order was placed, or the hold was made. number, channel: None for a hold, and
    for an order of a channel that the reader doesn't see. reason: why a hold was made.
    group: of customers whom it is kept for.
    """

    kind: Literal["order", "hold", "kept"]
    id: UUID
    number: int | None
    channel: str | None
    line_no: int
    location: str
    qty: int
    since: datetime | None
    promised: str | None
    reason: str | None
    expires_at: datetime | None
    group: str = ""


class HolderPage(msgspec.Struct, frozen=True):
    """Holders by location, longest waiting first. next: the cursor of what follows."""

    items: tuple[HolderView, ...]
    next: str | None


class _HolderRow(msgspec.Struct, frozen=True):
    holder_id: UUID
    line_no: int
    location_id: UUID
    qty: int
    expires_at: datetime | None
    number: int | None
    channel_id: UUID | None
    since: datetime | None
    promised: str | None
    reason: str | None
    hold_kind: str | None
    customer_group: str | None


class _HolderPlace(msgspec.Struct, frozen=True, array_like=True):
    location_id: UUID
    holder_id: UUID
    line_no: int


def list_holders(
    tx: Tx,
    item_id: UUID,
    *,
    location: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> HolderPage:
    """Who holds an item's reserved stock; raises NotFound, InvalidInput for a foreign cursor.

    An order's id rises with the time it was taken, so that within a place the oldest come first.
    """
    names = read_names(tx)
    after = read_cursor(cursor, _HolderPlace) if cursor else _HolderPlace(_ZERO, _ZERO, 0)
    rows = _HOLDERS.all(
        tx,
        item_id=item_id,
        location_ids=scope_of(tx, location),
        location_id=after.location_id,
        holder_id=after.holder_id,
        line_no=after.line_no,
        limit=limit + 1,
    )
    items = tuple(_holder(row, names, tx) for row in rows[:limit])
    if len(rows) <= limit:
        return HolderPage(items, None)
    last = rows[limit - 1]
    place = _HolderPlace(last.location_id, last.holder_id, last.line_no)
    return HolderPage(items, write_cursor(place))


_ZERO = UUID(int=0)


def _holder(row: _HolderRow, names: Names, tx: Tx) -> HolderView:
    shown = row.channel_id is not None and tx.actor.sees_channel(row.channel_id)
    is_hold = row.expires_at is not None
    return HolderView(
        kind="kept" if row.hold_kind == "channel" else "hold" if is_hold else "order",
        id=row.holder_id,
        number=row.number if shown else None,
        channel=names.channels[row.channel_id].code if row.channel_id and shown else None,
        line_no=row.line_no,
        location=names.code(row.location_id),
        qty=row.qty,
        since=row.since,
        promised=row.promised,
        reason=row.reason if shown else None,
        expires_at=row.expires_at,
        group=row.customer_group or "",
    )


_HOLDERS = query(
    _HolderRow,
    """
    SELECT r.holder_id, r.line_no, r.location_id, r.qty, r.expires_at, o.number,
           coalesce(o.channel_id, h.channel_id) AS channel_id,
           coalesce(o.placed_at, h.created_at) AS since, o.promised_on::text AS promised, h.reason,
           h.kind AS hold_kind, h.customer_group
    FROM inventory.reservation AS r
    LEFT JOIN orders.sales_order AS o ON o.id = r.holder_id
    LEFT JOIN inventory.stock_hold AS h ON h.id = r.holder_id
    WHERE r.item_id = %(item_id)s
      AND (%(location_ids)s::uuid[] IS NULL OR r.location_id = ANY(%(location_ids)s::uuid[]))
      AND (r.location_id, r.holder_id, r.line_no)
          > (%(location_id)s::uuid, %(holder_id)s::uuid, %(line_no)s::int4)
    ORDER BY r.location_id, r.holder_id, r.line_no
    LIMIT %(limit)s
    """,
)
