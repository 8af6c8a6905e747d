"""Tags: short words on orders, for lists and rules."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from ordito.orders.orders import INSERT_TAGS
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class _Tagged(msgspec.Struct, frozen=True):
    order_id: UUID
    tag: str


def read_tags(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Tags by order, sorted; orders without any are absent."""
    found: dict[UUID, list[str]] = {}
    for row in _READ.all(tx, order_ids=uuids(order_ids)):
        found.setdefault(row.order_id, []).append(row.tag)
    return found


_READ = query(
    _Tagged,
    """
    SELECT order_id, tag
    FROM orders.tag
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, tag
    """,
)


def insert_tags(tx: Tx, rows: Sequence[tuple[UUID, str]]) -> None:
    """Add tags (order id, tag); one that is there already stays."""
    INSERT_TAGS.run(tx, rows)


def delete_tags(tx: Tx, rows: Sequence[tuple[UUID, str]]) -> None:
    """Take tags (order id, tag) away; one that isn't there is no fault."""
    _DELETE.run(tx, rows)


_DELETE = bulk("""
    DELETE FROM orders.tag AS t
    USING unnest(%s::uuid[], %s::text[]) AS d (order_id, tag)
    WHERE t.order_id = d.order_id AND t.tag = d.tag
""")
