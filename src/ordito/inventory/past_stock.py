"""What was free at past moments, out of the ledger: balances, and what changed them since."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class PastFree(msgspec.Struct, frozen=True):
    """Free pieces of a cell at a moment."""

    item_id: str
    location_id: str
    available: int


class FreeChange(msgspec.Struct, frozen=True):
    """A posting that changed what is free. taken: pieces it took; negative when it gave some."""

    item_id: str
    location_id: str
    at: datetime
    taken: int
    available_after: int
    order_id: UUID | None
    """Of what an order reserved."""


class Taking(msgspec.Struct, frozen=True):
    """When an order first took stock, by the ledger's clock."""

    order_id: UUID
    at: datetime


def read_takings(tx: Tx, order_ids: Iterable[UUID], item_ids: Iterable[str]) -> list[Taking]:
    """When orders took stock of the items; orders that took none are absent."""
    return _TAKINGS.all(tx, order_ids=uuids(order_ids), item_ids=uuids(item_ids))


_TAKINGS = query(
    Taking,
    """
    SELECT asked.order_id, min(p.at) AS at
    FROM inventory.posting AS p
    JOIN unnest(%(order_ids)s::uuid[]) AS asked (order_id) ON asked.order_id = p.source_id
    WHERE p.item_id = ANY(%(item_ids)s::uuid[])
      AND p.reason = 'order' AND p.from_bucket = 'available'
    GROUP BY asked.order_id
    """,
)


def read_free_before(tx: Tx, item_ids: Iterable[str], at: datetime) -> list[PastFree]:
    """Every cell of the items in which anything was free just before a moment."""
    return _BEFORE.all(tx, item_ids=uuids(item_ids), at=at)


_BEFORE = query(
    PastFree,
    """
    SELECT s.item_id::text AS item_id, s.location_id::text AS location_id,
           p.available_after AS available
    FROM inventory.stock AS s
    CROSS JOIN LATERAL (
        SELECT q.available_after
        FROM inventory.posting AS q
        WHERE q.item_id = s.item_id AND q.location_id = s.location_id AND q.at < %(at)s
        ORDER BY q.seq DESC
        LIMIT 1
    ) AS p
    WHERE s.item_id = ANY(%(item_ids)s::uuid[]) AND p.available_after > 0
    """,
)


def read_free_changes(
    tx: Tx, item_ids: Iterable[str], since: datetime, until: datetime
) -> Sequence[FreeChange]:
    """What changed the free pieces of the items, both moments included, in order of time."""
    return _CHANGES.all(tx, item_ids=uuids(item_ids), since=since, until=until)


_CHANGES = query(
    FreeChange,
    """
    SELECT item_id::text AS item_id, location_id::text AS location_id, at,
           CASE WHEN from_bucket = 'available' THEN qty ELSE -qty END AS taken,
           available_after,
           CASE WHEN reason = 'order' AND from_bucket = 'available' THEN source_id END AS order_id
    FROM inventory.posting
    WHERE item_id = ANY(%(item_ids)s::uuid[])
      AND at BETWEEN %(since)s AND %(until)s
      AND (from_bucket = 'available' OR to_bucket = 'available')
    ORDER BY at, item_id, location_id, seq
    """,
)
