"""Kept for a channel: units of an item that only the channel's orders may take.

They are a hold of kind `channel`, whose pieces are reserved: nobody else finds them free.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Cursor

from ordito.inventory.types import CellKey
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of what is kept until somebody releases it."""


def read_keeping_channels(tx: Tx) -> list[UUID]:
    """Channels for which anything is kept; at most 10,000."""
    return _CHANNELS.all(tx)


_CHANNELS = query(
    UUID,
    """
    SELECT DISTINCT channel_id
    FROM inventory.stock_hold
    WHERE kind = 'channel' AND ended_at IS NULL
    LIMIT 10000
    """,
)


class KeptUnits(msgspec.Struct, frozen=True):
    """Pieces of an item that a hold keeps at a location for a channel. version: the hold's."""

    hold_id: UUID
    channel_id: UUID
    item_id: str
    location_id: str
    qty: int
    version: int


def send_kept(tx: Tx, channel_ids: Iterable[UUID], item_ids: Iterable[str]) -> Cursor[KeptUnits]:
    """Ask what is kept for channels of items now, oldest hold first; nothing is locked."""
    return _KEPT.send(tx, channel_ids=uuids(channel_ids), item_ids=uuids(item_ids))


_KEPT = query(
    KeptUnits,
    """
    SELECT h.id AS hold_id, h.channel_id, r.item_id::text AS item_id,
           r.location_id::text AS location_id, r.qty, h.version
    FROM inventory.stock_hold AS h
    JOIN inventory.reservation AS r ON r.holder_id = h.id
    WHERE h.kind = 'channel' AND h.ended_at IS NULL AND h.channel_id = ANY(%(channel_ids)s::uuid[])
      AND h.expires_at > clock_timestamp() AND r.item_id = ANY(%(item_ids)s::uuid[])
    ORDER BY h.id, r.location_id
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
    """What is kept for channels, while orders take from it: by channel and cell, in memory."""

    def __init__(self, rows: Iterable[KeptUnits]) -> None:
        self._rows: dict[tuple[UUID, CellKey], list[KeptUnits]] = {}
        self._left: dict[tuple[UUID, CellKey], int] = {}
        self._all: dict[UUID, list[KeptUnits]] = {}
        for row in rows:
            key = (row.channel_id, (row.item_id, row.location_id))
            self._rows.setdefault(key, []).append(row)
            self._left[key] = self._left.get(key, 0) + row.qty
            self._all.setdefault(row.channel_id, []).append(row)

    def count(self, channel_id: UUID, cell: CellKey) -> int:
        """Pieces left for the channel in a cell."""
        return self._left.get((channel_id, cell), 0)

    def cells(self, channel_id: UUID) -> Iterable[CellKey]:
        """Cells in which something is, or was, kept for the channel."""
        return {(row.item_id, row.location_id) for row in self._all.get(channel_id, ())}

    def holds(self, channel_id: UUID, cells: Iterable[CellKey]) -> set[UUID]:
        """Holds that keep something for the channel in these cells."""
        return {row.hold_id for cell in cells for row in self._rows.get((channel_id, cell), ())}

    def take(self, channel_id: UUID, demand: Mapping[CellKey, int]) -> dict[CellKey, int]:
        """Take up to so many pieces of each cell; how many were taken, cells without any absent."""
        taken = {}
        for cell, pieces in demand.items():
            part = min(pieces, self.count(channel_id, cell))
            if part:
                self._left[channel_id, cell] -= part
                taken[cell] = part
        return taken

    def split(self, channel_id: UUID, cell: CellKey, pieces: int) -> list[tuple[KeptUnits, int]]:
        """Take pieces of a cell from its holds, the oldest first: (hold's row, pieces) each."""
        parts = []
        rows = self._rows.get((channel_id, cell), [])
        while pieces:
            row = rows.pop(0)
            part = min(pieces, row.qty)
            parts.append((row, part))
            pieces -= part
            if part < row.qty:
                rows.insert(0, msgspec.structs.replace(row, qty=row.qty - part))
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
    """Pieces of an item kept for a channel at a location. until: null is until released."""

    hold_id: UUID
    channel: str
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
    channel_id: UUID
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
    SELECT h.id AS hold_id, h.channel_id, r.item_id, r.location_id, r.qty, h.reason, h.created_at,
           h.expires_at
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
