"""An item's ledger: every posting, newest first, with what caused it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.inventory.changes import Opened, Span, list_changes
from ordito.inventory.history import list_postings
from ordito.inventory.types import Posting
from ordito.kernel.moves import Bucket
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.places import Names, read_names
from ordito.listings.stock_list import scope_of
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query

SourceKind = Literal["order", "receipt", "hold", "transfer", "assembly"]


class LedgerRow(msgspec.Struct, frozen=True):
    """A posting: pieces from one bucket to another, and the balances after it.

    at: when it was booked; occurred_at: when it happened.
    source_*: what caused it: an order, transfer or assembly with its number, a receipt with its
    reference, a hold.
    """

    seq: int
    location: str
    location_name: str
    from_bucket: Bucket
    to_bucket: Bucket
    qty: int
    reason: str
    actor: str
    source_kind: SourceKind | None
    source_id: UUID | None
    source_name: str
    source_line: int | None
    at: datetime
    occurred_at: datetime
    on_hand_after: int
    available_after: int
    reserved_after: int
    picked_after: int


class LedgerPage(msgspec.Struct, frozen=True):
    """Postings, newest first. next: the cursor of what came before them."""

    items: tuple[LedgerRow, ...]
    next: str | None


class _PostingPlace(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    location_id: UUID
    seq: int


class _Source(msgspec.Struct, frozen=True):
    kind: SourceKind
    id: UUID
    name: str
    channel_id: UUID | None


class _Actor(msgspec.Struct, frozen=True):
    id: UUID
    name: str


def list_ledger(
    tx: Tx,
    item_id: UUID,
    *,
    location: str | None = None,
    bucket: Bucket | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> LedgerPage:
    """An item's postings; raises NotFound, InvalidInput for a foreign cursor.

    bucket: only what came into it or left it.
    """
    after = read_cursor(cursor, _PostingPlace) if cursor else None
    rows = list_postings(
        tx,
        item_id,
        location_ids=scope_of(tx, location),
        before=None if after is None else (after.at, after.location_id, after.seq),
        bucket=bucket,
        limit=limit + 1,
    )
    return ledger_page(tx, rows, limit)


def list_ledger_between(
    tx: Tx, span: Span, opened: Opened, *, cursor: str | None = None, limit: int = 50
) -> LedgerPage:
    """The postings that make up a difference; raises InvalidInput for a foreign cursor."""
    after = read_cursor(cursor, _PostingPlace) if cursor else None
    before = None if after is None else (after.at, after.location_id, after.seq)
    rows = list_changes(tx, span, opened, before=before, limit=limit + 1)
    return ledger_page(tx, rows, limit)


def ledger_page(tx: Tx, rows: list[Posting], limit: int) -> LedgerPage:
    """Postings with the names of what caused them. rows: one more than `limit` if there are."""
    names = read_names(tx)
    page = rows[:limit]
    source_ids = uuids({row.source_id for row in page if row.source_id})
    sources = {source.id: source for source in _SOURCES.all(tx, ids=source_ids)}
    actors = {a.id: a.name for a in _ACTORS.all(tx, ids=uuids({row.actor_id for row in page}))}
    items = tuple(_ledger_row(row, names, sources, actors, tx) for row in page)
    if len(rows) <= limit:
        return LedgerPage(items, None)
    last = page[-1]
    return LedgerPage(items, write_cursor(_PostingPlace(last.at, last.location_id, last.seq)))


def _ledger_row(
    row: Posting, names: Names, sources: dict[UUID, _Source], actors: dict[UUID, str], tx: Tx
) -> LedgerRow:
    source = sources.get(row.source_id) if row.source_id else None
    if source and source.channel_id and not tx.actor.sees_channel(source.channel_id):
        source = None
    location = names.locations[row.location_id]
    return LedgerRow(
        seq=row.seq,
        location=location.code,
        location_name=location.name,
        from_bucket=row.from_bucket,
        to_bucket=row.to_bucket,
        qty=row.qty,
        reason=row.reason,
        actor=actors.get(row.actor_id, "" if row.actor_id.int else "Ordito"),
        source_kind=source.kind if source else None,
        source_id=source.id if source else None,
        source_name=source.name if source else "",
        source_line=row.source_line if source else None,
        at=row.at,
        occurred_at=row.occurred_at,
        on_hand_after=row.on_hand_after,
        available_after=row.available_after,
        reserved_after=row.reserved_after,
        picked_after=row.picked_after,
    )


_SOURCES = query(
    _Source,
    """
    SELECT 'order' AS kind, id, number::text AS name, channel_id
    FROM orders.sales_order
    WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'receipt' AS kind, id, reference AS name, NULL::uuid AS channel_id
    FROM inventory.receipt
    WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'receipt' AS kind, id, reference AS name, NULL::uuid AS channel_id
    FROM inventory.expected_receipt
    WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'hold' AS kind, id, reason AS name, channel_id
    FROM inventory.stock_hold
    WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'transfer' AS kind, id, number::text AS name, NULL::uuid AS channel_id
    FROM inventory.transfer
    WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT 'assembly' AS kind, id, number::text AS name, NULL::uuid AS channel_id
    FROM inventory.assembly
    WHERE id = ANY(%(ids)s::uuid[])
    """,
)

_ACTORS = query(
    _Actor,
    """
    SELECT id, name
    FROM platform.app_user
    WHERE id = ANY(%(ids)s::uuid[])
    UNION ALL
    SELECT id, name
    FROM platform.api_key
    WHERE id = ANY(%(ids)s::uuid[])
    """,
)
