"""Exports: rows of orders, stock and postings as they stream from the database."""

from collections.abc import Iterator
from typing import Any

import msgspec

from ordito.listings.overstock import EXPORT_COLUMNS, EXPORT_SQL
from ordito.platform.database import Tx


class Export(msgspec.Struct, frozen=True):
    """What can be exported: its columns and the statement that streams it."""

    columns: tuple[str, ...]
    sql: str


def stream_rows(tx: Tx, export: Export) -> Iterator[tuple[Any, ...]]:
    """The rows of an export, a thousand at a time from the server: memory stays bounded."""
    scope = {
        "channels": None if tx.actor.channel_ids is None else sorted(tx.actor.channel_ids),
        "locations": None if tx.actor.location_ids is None else sorted(tx.actor.location_ids),
    }
    with tx.conn.cursor(name="export") as cursor:
        cursor.itersize = 1000
        cursor.execute(export.sql, scope)
        yield from cursor


ORDERS = Export(
    (
        "number",
        "external_id",
        "channel",
        "placed_at",
        "life",
        "fulfilment",
        "money",
        "return_state",
        "country",
        "currency",
        "total_minor",
        "line_no",
        "sku",
        "title",
        "ordered",
        "cancelled",
        "backordered",
        "reserved",
        "released",
        "picked",
        "packed",
        "shipped",
        "delivered",
        "returned",
        "unit_price",
        "net_minor",
        "tax_minor",
    ),
    """
    SELECT o.number, o.external_id, c.code, o.placed_at, o.life, o.fulfilment, o.money,
           o.return_state, o.country, o.currency, o.total_minor, l.line_no, l.sku, l.title,
           l.ordered, l.cancelled, l.backordered, l.reserved, l.released, l.picked, l.packed,
           l.shipped, l.delivered, l.returned, l.unit_price, l.net_minor, l.tax_minor
    FROM orders.sales_order AS o
    JOIN orders.line AS l ON l.order_id = o.id
    JOIN channels.channel AS c ON c.id = o.channel_id
    WHERE (%(channels)s::uuid[] IS NULL OR o.channel_id = ANY(%(channels)s::uuid[]))
      AND (%(locations)s::uuid[] IS NULL OR EXISTS (
          SELECT FROM fulfillment.fulfillment_order AS f
          WHERE f.order_id = o.id AND f.location_id = ANY(%(locations)s::uuid[])))
    ORDER BY o.placed_at, o.id, l.line_no
    """,
)
"""One row per order line."""

STOCK = Export(
    (
        "sku",
        "name",
        "location",
        "on_hand",
        "free",
        "reserved",
        "picked",
        "quality_control",
        "damaged",
        "safety",
        "incoming",
    ),
    """
    SELECT i.sku, i.name, l.code, s.on_hand, s.available, s.reserved, s.picked, s.quality_control,
           s.damaged, s.safety, s.incoming
    FROM inventory.stock AS s
    JOIN catalog.item AS i ON i.id = s.item_id
    JOIN locations.location AS l ON l.id = s.location_id
    WHERE %(locations)s::uuid[] IS NULL OR s.location_id = ANY(%(locations)s::uuid[])
    ORDER BY i.sku_key, l.code
    """,
)
"""One row per item and location."""

LEDGER = Export(
    (
        "sku",
        "location",
        "seq",
        "at",
        "occurred_at",
        "from",
        "to",
        "quantity",
        "reason",
        "order_number",
        "on_hand_after",
        "free_after",
    ),
    """
    SELECT i.sku, l.code, p.seq, p.at, p.occurred_at, p.from_bucket::text, p.to_bucket::text, p.qty,
           p.reason, o.number, p.on_hand_after, p.available_after
    FROM inventory.posting AS p
    JOIN catalog.item AS i ON i.id = p.item_id
    JOIN locations.location AS l ON l.id = p.location_id
    LEFT JOIN orders.sales_order AS o ON o.id = p.source_id
    WHERE %(locations)s::uuid[] IS NULL OR p.location_id = ANY(%(locations)s::uuid[])
    ORDER BY i.sku_key, l.code, p.seq
    """,
)
"""One row per posting: every movement of every unit."""

OVERSTOCK = Export(EXPORT_COLUMNS, EXPORT_SQL)
"""One row per item and location of which too much lies there."""

EXPORTS: dict[str, Export] = {
    "orders": ORDERS,
    "stock": STOCK,
    "ledger": LEDGER,
    "overstock": OVERSTOCK,
}

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets a ' before it; numbers stay numbers.

    A text that begins with ' gets another one, so that taking one away always gives the original.
    """
    if isinstance(value, str) and value.startswith((*_RISKY, "'")):
        return f"'{value}"
    return value
