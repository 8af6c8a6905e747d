"""Orders and their lines: written once when placed, read in many ways."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from ordito.orders.types import Line, Order
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query
from ordito.platform.events import RaisedVersion, Stream
from ordito.platform.problems import NotFound
from ordito.platform.versions import check_version

Rows = Sequence[tuple[Any, ...]]


class KnownOrder(msgspec.Struct, frozen=True):
    """An order that the channel has sent before."""

    channel_id: UUID
    external_key: str
    order_id: UUID
    number: int
    fingerprint: bytes


def send_find_external(tx: Tx, keys: Sequence[tuple[str, str]]) -> Any:
    """Ask for orders by (channel id, external key); rows are KnownOrders."""
    return _FIND_EXTERNAL.send_rows(tx, keys)


_FIND_EXTERNAL = bulk_query(
    KnownOrder,
    """
    SELECT e.channel_id, e.external_key, e.order_id, o.number, e.fingerprint
    FROM orders.external_id AS e
    JOIN unnest(%s::uuid[], %s::text[]) AS asked (channel_id, external_key)
      USING (channel_id, external_key)
    JOIN orders.sales_order AS o ON o.id = e.order_id
    """,
)

NUMBERS = query(int, "SELECT nextval('orders.number') FROM generate_series(1, %(n)s)")

INSERT_EXTERNAL = bulk("""
    INSERT INTO orders.external_id (channel_id, external_key, order_id, fingerprint)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::bytea[])
""")

INSERT_ORDERS = bulk("""
    INSERT INTO orders.sales_order
        (id, number, channel_id, external_id, customer_id, mode, kind, code, delivery,
         pickup_location_id, country, currency, tax_included, rounding, items_minor,
         discount_minor, shipping_minor, fees_minor, tax_minor, rounding_minor, total_minor,
         base_currency, rate, rate_on, base_total_minor, life, fulfilment, money, return_state,
         backordered, promised_on, placed_at, updated_at, version)
    SELECT * FROM unnest(
        %s::uuid[], %s::int8[], %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::bool[], %s::text[],
        %s::int8[], %s::int8[], %s::int8[], %s::int8[], %s::int8[], %s::int8[], %s::int8[],
        %s::text[], %s::numeric[], %s::date[], %s::int8[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::bool[], %s::date[], %s::timestamptz[], %s::timestamptz[], %s::int8[])
""")

INSERT_LINES = bulk("""
    INSERT INTO orders.line
        (order_id, line_no, item_id, sku, title, item_kind, unit_price, gross_minor,
         discount_minor, net_minor, tax_minor, taxes, pinned_location_id, ordered, open,
         backordered, reserved, shipped, delivered)
    SELECT * FROM unnest(
        %s::uuid[], %s::int4[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::numeric[],
        %s::int8[], %s::int8[], %s::int8[], %s::int8[], %s::jsonb[], %s::uuid[], %s::int8[],
        %s::int8[], %s::int8[], %s::int8[], %s::int8[], %s::int8[])
""")

INSERT_COMPONENTS = bulk("""
    INSERT INTO orders.line_component (order_id, line_no, item_id, per_kit)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int4[])
""")

INSERT_ADJUSTMENTS = bulk("""
    INSERT INTO orders.adjustment
        (order_id, adjustment_no, kind, title, amount_minor, tax_minor, taxes)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::text[], %s::text[], %s::int8[], %s::int8[],
                         %s::jsonb[])
""")

INSERT_PARTIES = bulk("""
    INSERT INTO orders.party (order_id, role, email, address)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::jsonb[])
""")

INSERT_HOLDS = bulk("""
    INSERT INTO orders.hold (order_id, hold_no, reason, note, owner_id, release_at, placed_at)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::text[], %s::text[], %s::uuid[],
                         %s::timestamptz[], %s::timestamptz[])
""")

INSERT_TAGS = bulk("""
    INSERT INTO orders.tag (order_id, tag)
    SELECT * FROM unnest(%s::uuid[], %s::text[])
    ON CONFLICT DO NOTHING
""")

INSERT_NOTES = bulk("""
    INSERT INTO orders.note (order_id, note_no, author_id, author, at, body)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::text[], %s::timestamptz[],
                         %s::text[])
""")


def _raise_versions() -> Stream:
    return Stream(
        "order",
        bulk_query(
            RaisedVersion,
            """
            UPDATE orders.sales_order AS o
            SET version = o.version + d.n
            FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
            WHERE o.id = d.id
            RETURNING o.id, o.version
            """,
        ),
    )


ORDER = _raise_versions()
"""The timeline of an order."""


_ORDER_COLUMNS = """
           id, number, channel_id, external_id, customer_id, mode, kind, code, delivery,
           pickup_location_id, country, currency, tax_included, rounding, items_minor,
           discount_minor, shipping_minor, fees_minor, tax_minor, rounding_minor, total_minor,
           base_currency, rate, rate_on, base_total_minor, life, fulfilment, money, return_state,
           backordered, promised_on, placed_at, updated_at, version"""


def lock_orders(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, Order]:
    """Lock orders, by id; the first lock every command on an order takes."""
    return {order.id: order for order in _LOCK.all(tx, order_ids=uuids(sorted(set(order_ids))))}


_LOCK = query(
    Order,
    f"""
    SELECT {_ORDER_COLUMNS}
    FROM orders.sales_order
    WHERE id = ANY(%(order_ids)s::uuid[])
    ORDER BY id
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def lock_order(tx: Tx, order_id: UUID, *, version: int | None = None) -> Order:
    """Lock one order the actor may see by channel; raises NotFound, VersionConflict.

    version: the one the caller read (If-Match); None takes whatever it is now.
    """
    order = lock_orders(tx, [order_id]).get(order_id)
    if order is None or not tx.actor.sees_channel(order.channel_id):
        raise NotFound("There is no such order, or it belongs to a channel you don't see.")
    check_version("order", order.version, version)
    return order


def read_orders(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, Order]:
    return {order.id: order for order in _READ.all(tx, order_ids=uuids(order_ids))}


_READ = query(
    Order,
    f"""
    SELECT {_ORDER_COLUMNS}
    FROM orders.sales_order
    WHERE id = ANY(%(order_ids)s::uuid[])
    """,  # noqa: S608 (a constant of this module)
)


def read_lines(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, list[Line]]:
    """Lines by order, in line order."""
    found: dict[UUID, list[Line]] = {}
    for line in _LINES.all(tx, order_ids=uuids(order_ids)):
        found.setdefault(line.order_id, []).append(line)
    return found


_LINES = query(
    Line,
    """
    SELECT order_id, line_no, item_id, sku, title, item_kind, unit_price, gross_minor,
           discount_minor, net_minor, tax_minor, taxes, pinned_location_id, ordered, cancelled,
           open, backordered, reserved, released, picked, packed, shipped, completed, delivered,
           return_requested, returned, restocked, written_off
    FROM orders.line
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, line_no
    """,
)


class Component(msgspec.Struct, frozen=True):
    """What one kit of a line is made of, frozen at placing."""

    order_id: UUID
    line_no: int
    item_id: UUID
    per_kit: int


def read_components(tx: Tx, order_ids: Iterable[UUID]) -> list[Component]:
    return _COMPONENTS.all(tx, order_ids=uuids(order_ids))


_COMPONENTS = query(
    Component,
    """
    SELECT order_id, line_no, item_id, per_kit
    FROM orders.line_component
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, line_no, item_id
    """,
)
