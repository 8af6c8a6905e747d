"""Holds: each with its reason; an order is ready only when none is open."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from ordito.orders.orders import INSERT_HOLDS
from ordito.orders.types import Hold
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

HoldRow = tuple[UUID, int, str, str, UUID | None, datetime | None, datetime]
"""order id, hold no, reason, note, owner id, release at, placed at"""


def read_holds(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, list[Hold]]:
    """All holds by order, open and released, first to last."""
    found: dict[UUID, list[Hold]] = {}
    for hold in _READ.all(tx, order_ids=uuids(order_ids)):
        found.setdefault(hold.order_id, []).append(hold)
    return found


_READ = query(
    Hold,
    """
    SELECT order_id, hold_no, reason, note, owner_id, release_at, placed_at, released_at
    FROM orders.hold
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, hold_no
    """,
)


def insert_holds(tx: Tx, rows: Sequence[HoldRow]) -> None:
    """Write new holds; the caller holds the orders' locks and numbers them."""
    INSERT_HOLDS.run(tx, rows)


def release_holds(tx: Tx, keys: Sequence[tuple[UUID, int]]) -> None:
    """Mark open holds (order id, hold no) as released now."""
    touched = _RELEASE.run(tx, [(*key, tx.now) for key in keys])
    assert touched == len(keys), "caller names open holds"


_RELEASE = bulk("""
    UPDATE orders.hold AS h
    SET released_at = d.released_at
    FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[]) AS d (order_id, hold_no, released_at)
    WHERE h.order_id = d.order_id AND h.hold_no = d.hold_no AND h.released_at IS NULL
""")


def find_due(tx: Tx, *, limit: int) -> list[UUID]:
    """Orders with an open hold whose time has come by the database's clock; nothing is locked."""
    return _DUE.all(tx, now=tx.now, limit=limit)


_DUE = query(
    UUID,
    """
    SELECT DISTINCT order_id
    FROM orders.hold
    WHERE released_at IS NULL AND release_at <= %(now)s
    LIMIT %(limit)s
    """,
)
