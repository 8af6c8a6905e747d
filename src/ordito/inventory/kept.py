"""Kept for a channel or a group of customers: units that only their orders may take.

They are a hold of kind `channel`, whose pieces are reserved: nobody else finds them free.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Cursor

from ordito.inventory.types import CellKey
from ordito.platform.arrays import texts, uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of what is kept until somebody releases it."""


class Buyer(NamedTuple):
    """Who wants stock: on which channel, and the groups that the customer is in."""

    channel_id: UUID
    groups: frozenset[str] = frozenset()


class Keeping(msgspec.Struct, frozen=True):
    """For whom anything is kept, or was lately. everywhere: for a group, on any channel."""

    channels: frozenset[UUID] = frozenset()
    groups: frozenset[str] = frozenset()
    everywhere: bool = False

    def concerns(self, buyer: Buyer) -> bool:
        """Whether something may be kept for the buyer: else nobody looks for it."""
        if buyer.channel_id in self.channels:
            return True
        return self.everywhere and not self.groups.isdisjoint(buyer.groups)


class _ForWhom(msgspec.Struct, frozen=True):
    channel_id: UUID | None
    customer_group: str


def read_keeping(tx: Tx) -> Keeping:
    """For whom anything is kept; at most 10,000 channels and groups."""
    rows = _FOR_WHOM.all(tx)
    return Keeping(
        frozenset(row.channel_id for row in rows if row.channel_id is not None),
        frozenset(row.customer_group for row in rows if row.customer_group),
        any(row.channel_id is None for row in rows),
    )


_FOR_WHOM = query(
    _ForWhom,
    """
    SELECT DISTINCT channel_id, customer_group
    FROM inventory.stock_hold
    WHERE kind = 'channel' AND ended_at IS NULL
    LIMIT 10000
    """,
)


class KeptUnits(msgspec.Struct, frozen=True):
    """Pieces of an item that a hold keeps at a location. version: the hold's.

    channel_id: None is any channel. customer_group: "" is any customer.
    """

    hold_id: UUID
    channel_id: UUID | None
    customer_group: str
    item_id: str
    location_id: str
    qty: int
    version: int


def may_take(kept: KeptUnits, buyer: Buyer) -> bool:
    """Whether a buyer may have what is kept: the one place where that is decided."""
    return kept.channel_id in (None, buyer.channel_id) and (
        not kept.customer_group or kept.customer_group in buyer.groups
    )


def send_kept(tx: Tx, buyers: Iterable[Buyer], item_ids: Iterable[str]) -> Cursor[KeptUnits]:
    """Ask what is kept of items now for any of the buyers; nothing is locked.

    What fewest may take comes first, of that the oldest hold: it is used up first.
    """
    asked = list(buyers)
    return _KEPT.send(
        tx,
        channel_ids=uuids({buyer.channel_id for buyer in asked}),
        groups=texts({group for buyer in asked for group in buyer.groups}),
        item_ids=uuids(item_ids),
    )


_KEPT = query(
    KeptUnits,
    """
    SELECT h.id AS hold_id, h.channel_id, h.customer_group, r.item_id::text AS item_id,
           r.location_id::text AS location_id, r.qty, h.version
    FROM inventory.stock_hold AS h
    JOIN inventory.reservation AS r ON r.holder_id = h.id
    WHERE h.kind = 'channel' AND h.ended_at IS NULL
      AND (h.channel_id = ANY(%(channel_ids)s::uuid[]) OR h.channel_id IS NULL)
      AND (h.customer_group = '' OR h.customer_group = ANY(%(groups)s::text[]))
      AND h.expires_at > clock_timestamp() AND r.item_id = ANY(%(item_ids)s::uuid[])
    ORDER BY (h.channel_id IS NOT NULL)::int4 + (h.customer_group <> '')::int4 DESC, h.id,
             r.location_id
    """,
)


def is_anything_kept(tx: Tx, item_ids: Iterable[str]) -> bool:
    """Whether pieces of one of the items are kept for anybody."""
    return _ANY.one(tx, item_ids=uuids(item_ids))


_ANY = query(
    bool,
    """
    SELECT EXISTS (
        SELECT
        FROM inventory.stock_hold AS h
        JOIN inventory.reservation AS r ON r.holder_id = h.id
        WHERE h.kind = 'channel' AND h.ended_at IS NULL
          AND r.item_id = ANY(%(item_ids)s::uuid[]))
    """,
)


def send_lock(tx: Tx, hold_ids: Iterable[UUID]) -> Cursor[UUID]:
    """Lock holds by id; the lock comes before those of cells."""
    return _LOCK.send(tx, ids=uuids(sorted(set(hold_ids))))


_LOCK = query(
    UUID,
    """
    SELECT id
    FROM inventory.stock_hold
    WHERE id = ANY(%(ids)s::uuid[])
    ORDER BY id
    FOR NO KEY UPDATE
    """,
)


class KeptPieces:
    """What is kept, while orders and carts take from it, in memory."""

    def __init__(self, rows: Iterable[KeptUnits]) -> None:
        self._rows: dict[CellKey, list[KeptUnits]] = {}
        self._left: dict[tuple[UUID, CellKey], int] = {}
        for row in rows:
            cell = (row.item_id, row.location_id)
            self._rows.setdefault(cell, []).append(row)
            self._left[row.hold_id, cell] = row.qty

    def count(self, buyer: Buyer, cell: CellKey) -> int:
        """Pieces of a cell that are left for the buyer."""
        return sum(
            self._left[row.hold_id, cell]
            for row in self._rows.get(cell, ())
            if may_take(row, buyer)
        )

    def cells(self) -> Iterable[CellKey]:
        """Cells in which something is, or was, kept."""
        return self._rows.keys()

    def take(self, buyer: Buyer, demand: Mapping[CellKey, int]) -> list[tuple[KeptUnits, int]]:
        """Take up to so many pieces of each cell: (hold's row, pieces) each."""
        parts = []
        for cell, pieces in demand.items():
            wanted = pieces
            for row in self._rows.get(cell, ()):
                part = min(wanted, self._left[row.hold_id, cell])
                if part and may_take(row, buyer):
                    self._left[row.hold_id, cell] -= part
                    wanted -= part
                    parts.append((row, part))
        return parts


def send_write(tx: Tx, changes: Sequence[tuple[Any, ...]]) -> None:
    """Write locked holds whose events were numbered: (id, version, ended at or None) each."""
    _WRITE.send(tx, changes)


_WRITE = bulk("""
    UPDATE inventory.stock_hold AS h
    SET version = d.version, ended_at = d.ended_at
    FROM unnest(%s::uuid[], %s::int8[], %s::timestamptz[]) AS d (id, version, ended_at)
    WHERE h.id = d.id
""")


def send_take(tx: Tx, taken: Mapping[tuple[UUID, CellKey], tuple[int, int]]) -> None:
    """Lower locked holds' reservations: (hold, cell) → (pieces that were there, pieces taken)."""
    rows = [(str(id_), *cell, *pieces) for (id_, cell), pieces in sorted(taken.items())]
    _DELETE.send(tx, [row[:3] for row in rows if row[3] == row[4]])
    _LOWER.send(tx, [(*row[:3], row[4]) for row in rows if row[3] != row[4]])


_DELETE = bulk("""
    DELETE FROM inventory.reservation AS r
    USING unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS d (holder_id, item_id, location_id)
    WHERE r.holder_id = d.holder_id AND r.line_no = 1 AND r.item_id = d.item_id
      AND r.location_id = d.location_id
""")

_LOWER = bulk("""
    UPDATE inventory.reservation AS r
    SET qty = r.qty - d.qty
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int8[])
        AS d (holder_id, item_id, location_id, qty)
    WHERE r.holder_id = d.holder_id AND r.line_no = 1 AND r.item_id = d.item_id
      AND r.location_id = d.location_id
""")


class KeptStock(msgspec.Struct, frozen=True):
    """Pieces of an item kept at a location. until: null is until released.

    channel: "" is any channel. group: of customers; "" is any customer.
    """

    hold_id: UUID
    channel: str
    group: str
    item_id: UUID
    sku: str
    name: str
    location: str
    qty: int
    reason: str
    created_at: datetime
    until: datetime | None


class KeptRow(msgspec.Struct, frozen=True):
    """The same with ids, as it is stored."""

    hold_id: UUID
    channel_id: UUID | None
    customer_group: str
    item_id: UUID
    location_id: UUID
    qty: int
    reason: str
    created_at: datetime
    expires_at: datetime


KeptCursor = tuple[UUID, UUID]
"""Hold and location of the last row of a page."""


def list_kept_rows(
    tx: Tx,
    *,
    channel_ids: Iterable[UUID] | None = None,
    location_ids: Iterable[UUID] | None = None,
    before: KeptCursor | None = None,
    limit: int = 50,
) -> list[KeptRow]:
    """What is kept for channels, newest first; None is all channels, all locations."""
    hold_id, location_id = before or (UUID(int=2**128 - 1), UUID(int=0))
    return _LIST.all(
        tx,
        channel_ids=None if channel_ids is None else uuids(channel_ids),
        location_ids=None if location_ids is None else uuids(location_ids),
        hold_id=hold_id,
        location_id=location_id,
        limit=limit,
    )


_LIST = query(
    KeptRow,
    """
    SELECT h.id AS hold_id, h.channel_id, h.customer_group, r.item_id, r.location_id, r.qty,
           h.reason, h.created_at, h.expires_at
    FROM inventory.stock_hold AS h
    JOIN inventory.reservation AS r ON r.holder_id = h.id
    WHERE h.kind = 'channel' AND h.ended_at IS NULL
      AND (%(channel_ids)s::uuid[] IS NULL OR h.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR r.location_id = ANY(%(location_ids)s::uuid[]))
      AND (h.id < %(hold_id)s OR (h.id = %(hold_id)s AND r.location_id > %(location_id)s))
    ORDER BY h.id DESC, r.location_id
    LIMIT %(limit)s
    """,
)
