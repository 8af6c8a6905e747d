"""Orders of shops and ours: which is which, line by line, and what the shop has told so far."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
import psycopg.types.json

from ordito.platform.arrays import texts, uuids
from ordito.platform.database import Tx, query, statement


class OrderLink(msgspec.Struct, frozen=True):
    """What is known of an order of a shop. order_id is None when it was not placed here.

    lines:   its line id → our line number.
    removed: its line id → units taken off by edits.
    refunds: ids of refunds that were booked.
    """

    channel_id: UUID
    shop_order: str
    order_id: UUID | None
    changed_at: datetime
    lines: dict[str, int]
    removed: dict[str, int]
    refunds: list[str]
    tags: list[str]
    address_key: str
    note_key: str


_COLUMNS = """
           channel_id, shop_order, order_id, changed_at, lines, removed, refunds, tags,
           address_key, note_key"""


def find_link(tx: Tx, channel_id: UUID, shop_order: str) -> OrderLink | None:
    return _FIND.first(tx, channel_id=channel_id, shop_order=shop_order)


_FIND = query(
    OrderLink,
    f"""
    SELECT {_COLUMNS}
    FROM channels.order_link
    WHERE channel_id = %(channel_id)s AND shop_order = %(shop_order)s
    """,  # noqa: S608 (a constant of this module)
)


def find_link_by_lines(tx: Tx, channel_id: UUID, lines: Sequence[str]) -> OrderLink | None:
    """The order that has all these lines."""
    return _BY_LINES.first(tx, channel_id=channel_id, lines=texts(lines)) if lines else None


_BY_LINES = query(
    OrderLink,
    f"""
    SELECT {_COLUMNS}
    FROM channels.order_link
    WHERE channel_id = %(channel_id)s AND lines ?& %(lines)s::text[]
    ORDER BY shop_order
    LIMIT 1
    """,  # noqa: S608 (a constant of this module)
)


def find_links_of(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, OrderLink]:
    """Links by our order's id; orders of no shop are absent."""
    rows = _OF_ORDERS.all(tx, order_ids=uuids(order_ids))
    return {row.order_id: row for row in rows if row.order_id is not None}


_OF_ORDERS = query(
    OrderLink,
    f"""
    SELECT {_COLUMNS}
    FROM channels.order_link
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    """,  # noqa: S608 (a constant of this module)
)


class KnownChange(msgspec.Struct, frozen=True):
    shop_order: str
    changed_at: datetime


def find_known_changes(tx: Tx, channel_id: UUID, orders: Sequence[str]) -> dict[str, datetime]:
    """When each order was last changed at the shop, as far as was told."""
    rows = _CHANGES.all(tx, channel_id=channel_id, orders=texts(orders))
    return {row.shop_order: row.changed_at for row in rows}


_CHANGES = query(
    KnownChange,
    """
    SELECT shop_order, changed_at
    FROM channels.order_link
    WHERE channel_id = %(channel_id)s AND shop_order = ANY(%(orders)s::text[])
    """,
)


def write_link(tx: Tx, link: OrderLink) -> None:
    """Write what is known of an order now."""
    values = {name: getattr(link, name) for name in link.__struct_fields__}
    values |= {
        "lines": psycopg.types.json.Jsonb(link.lines),
        "removed": psycopg.types.json.Jsonb(link.removed),
        "refunds": texts(link.refunds),
        "tags": texts(link.tags),
    }
    _WRITE.run(tx, **values)


_WRITE = statement("""
    INSERT INTO channels.order_link AS l
        (channel_id, shop_order, order_id, changed_at, lines, removed, refunds, tags, address_key,
         note_key)
    VALUES (%(channel_id)s, %(shop_order)s, %(order_id)s, %(changed_at)s, %(lines)s, %(removed)s,
            %(refunds)s::text[], %(tags)s::text[], %(address_key)s, %(note_key)s)
    ON CONFLICT (channel_id, shop_order) DO UPDATE
    SET order_id = excluded.order_id, lines = excluded.lines, removed = excluded.removed,
        changed_at = greatest(l.changed_at, excluded.changed_at), refunds = excluded.refunds,
        tags = excluded.tags, address_key = excluded.address_key, note_key = excluded.note_key
""")
