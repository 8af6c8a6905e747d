"""The inventory list: items with their stock, summed over the locations that the reader sees."""

from typing import Literal
from uuid import UUID

import msgspec

from ordito.kernel.text import normal_code
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.places import find_place, read_names
from ordito.platform.database import Tx, query

Shortness = Literal["any", "low", "zero", "some"]


class StockFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list shows.

    text:     part of the SKU or the name in any case, or a whole barcode.
    location: only the stock of that place, by its code.
    shortage: low: `low_max` pieces free or fewer; zero: none free; some: at least one free.
    kept:     only items of which stock has ever been kept (in scope).
    """

    text: str = ""
    location: str | None = None
    shortage: Shortness = "any"
    low_max: int = 5
    kept: bool = False


class StockRow(msgspec.Struct, frozen=True):
    """An item's stock in pieces; on_hand is the sum of available … safety, free = available.

    locations: how many places have some on hand.
    """

    item_id: UUID
    sku: str
    name: str
    active: bool
    on_hand: int
    available: int
    reserved: int
    picked: int
    quality_control: int
    damaged: int
    safety: int
    incoming: int
    in_transit: int
    locations: int


class StockPage(msgspec.Struct, frozen=True):
    """Items by SKU. next: the cursor of what follows, None at the end."""

    items: tuple[StockRow, ...]
    next: str | None


class _Place(msgspec.Struct, frozen=True, array_like=True):
    sku_key: str


class _Row(StockRow, frozen=True):
    sku_key: str


def list_stock(
    tx: Tx, filter_: StockFilter, *, cursor: str | None = None, limit: int = 50
) -> StockPage:
    """A page of stocked items; raises NotFound for a location out of scope, InvalidInput for a
    foreign cursor."""
    text = normal_code(filter_.text)
    place = read_cursor(cursor, _Place) if cursor else _Place("")
    rows = _LIST.all(
        tx,
        after=place.sku_key,
        text=text or None,
        pattern=f"%{_escape(text)}%",
        location_ids=scope_of(tx, filter_.location),
        free_min=1 if filter_.shortage == "some" else None,
        free_max={"low": filter_.low_max, "zero": 0}.get(filter_.shortage),
        kept=filter_.kept,
        limit=limit + 1,
    )
    fields = StockRow.__struct_fields__
    items = tuple(StockRow(*(getattr(row, name) for name in fields)) for row in rows[:limit])
    more = len(rows) > limit
    return StockPage(items, write_cursor(_Place(rows[limit - 1].sku_key)) if more else None)


def scope_of(tx: Tx, location: str | None) -> list[UUID] | None:
    """The locations whose stock is meant; None is all. Raises NotFound for one out of scope."""
    if location is not None:
        return [find_place(tx, read_names(tx), location).id]
    return None if tx.actor.location_ids is None else sorted(tx.actor.location_ids)


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


_LIST = query(
    _Row,
    """
    SELECT i.id AS item_id, i.sku, i.name, i.active, s.on_hand, s.available, s.reserved, s.picked,
           s.quality_control, s.damaged, s.safety, s.incoming, s.in_transit, s.locations, i.sku_key
    FROM catalog.item AS i
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.on_hand), 0)::int8 AS on_hand,
               coalesce(sum(c.available), 0)::int8 AS available,
               coalesce(sum(c.reserved), 0)::int8 AS reserved,
               coalesce(sum(c.picked), 0)::int8 AS picked,
               coalesce(sum(c.quality_control), 0)::int8 AS quality_control,
               coalesce(sum(c.damaged), 0)::int8 AS damaged,
               coalesce(sum(c.safety), 0)::int8 AS safety,
               coalesce(sum(c.incoming), 0)::int8 AS incoming,
               coalesce(sum(c.in_transit), 0)::int8 AS in_transit,
               count(*) FILTER (WHERE c.on_hand > 0) AS locations,
               count(*) AS cells
        FROM inventory.stock AS c
        WHERE c.item_id = i.id
          AND (%(location_ids)s::uuid[] IS NULL OR c.location_id = ANY(%(location_ids)s::uuid[]))
    ) AS s
    WHERE i.kind = 'stocked' AND i.sku_key > %(after)s::text COLLATE "C"
      AND (%(text)s::text IS NULL
           OR i.sku_key LIKE %(pattern)s::text
           OR lower(i.name) LIKE %(pattern)s::text
           OR i.id = (SELECT b.item_id FROM catalog.barcode AS b
                      WHERE b.code_key = %(text)s::text COLLATE "C"))
      AND (%(free_min)s::int8 IS NULL OR s.available >= %(free_min)s::int8)
      AND (%(free_max)s::int8 IS NULL OR s.available <= %(free_max)s::int8)
      AND (NOT %(kept)s::bool OR s.cells > 0)
    ORDER BY i.sku_key
    LIMIT %(limit)s
    """,
)
