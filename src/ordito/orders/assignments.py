"""Who looks after an order: one user, or nobody."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement


class _Assigned(msgspec.Struct, frozen=True):
    order_id: UUID
    user_id: UUID


def read_assignees(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """User ids by order; orders that nobody looks after are absent."""
    return {row.order_id: row.user_id for row in _READ.all(tx, order_ids=uuids(order_ids))}


_READ = query(
    _Assigned,
    """
    SELECT order_id, user_id
    FROM orders.assignment
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    """,
)


def write_assignees(tx: Tx, rows: Sequence[tuple[UUID, UUID, datetime]]) -> None:
    """Give orders (order id, user id, at) to users; the caller holds the orders' locks."""
    _WRITE.run(tx, rows)


_WRITE = bulk("""
    INSERT INTO orders.assignment AS a (order_id, user_id, assigned_at)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[])
    ON CONFLICT (order_id) DO UPDATE
    SET user_id = excluded.user_id, assigned_at = excluded.assigned_at
""")


def delete_assignees(tx: Tx, order_ids: Iterable[UUID]) -> None:
    """From now on nobody looks after these orders."""
    _DELETE.run(tx, order_ids=uuids(order_ids))


_DELETE = statement("DELETE FROM orders.assignment WHERE order_id = ANY(%(order_ids)s::uuid[])")
