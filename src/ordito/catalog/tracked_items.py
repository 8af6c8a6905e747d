"""Tracked items: those whose stock is kept by lots or serial numbers, and how."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

import msgspec

from ordito.catalog.types import Tracking
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class TrackedItem(msgspec.Struct, frozen=True):
    """How an item's units are told apart; `tracking` is never none of those that are found."""

    id: str
    sku: str
    tracking: Tracking
    expires: bool
    sell_days: int

    @property
    def serial(self) -> bool:
        return self.tracking == "serial"

    def first_fit_day(self, today: date) -> date:
        """A lot whose last day is earlier is too old to be sold."""
        return today + timedelta(days=self.sell_days)


def read_tracked(tx: Tx, item_ids: Iterable[UUID | str]) -> dict[str, TrackedItem]:
    """Those of the items that are tracked, by id."""
    return {row.id: row for row in _TRACKED.all(tx, item_ids=uuids(item_ids))}


_TRACKED = query(
    TrackedItem,
    """
    SELECT i.id::text AS id, i.sku, i.tracking, i.expires, i.sell_days
    FROM catalog.item AS i
    WHERE i.id = ANY(%(item_ids)s::uuid[]) AND i.tracking <> 'none'
    """,
)


def lock_tracking(tx: Tx, item_ids: Iterable[UUID | str]) -> dict[str, TrackedItem]:
    """The same, and no item's tracking changes until the transaction ends.

    For what brings stock in: else units without a lot could come to an item that has just begun
    to have lots.
    """
    rows = _LOCK_TRACKED.all(tx, item_ids=uuids(item_ids))
    return {row.id: row for row in rows if row.tracking != "none"}


_LOCK_TRACKED = query(
    TrackedItem,
    """
    SELECT i.id::text AS id, i.sku, i.tracking, i.expires, i.sell_days
    FROM catalog.item AS i
    WHERE i.id = ANY(%(item_ids)s::uuid[])
    ORDER BY i.id
    FOR KEY SHARE
    """,
)


def lock_items(tx: Tx, item_ids: Iterable[UUID]) -> None:
    """Wait for whoever brings in stock of the items, and keep others from it for now."""
    _LOCK.all(tx, item_ids=uuids(item_ids))


_LOCK = query(
    UUID,
    """
    SELECT i.id
    FROM catalog.item AS i
    WHERE i.id = ANY(%(item_ids)s::uuid[])
    ORDER BY i.id
    FOR UPDATE
    """,
)
