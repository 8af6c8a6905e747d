"""The past of stock: postings newest first, and balances at any moment."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.inventory.types import Posting
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query

PostingCursor = tuple[datetime, UUID, int]
"""`at`, location and seq of the last posting of a page."""


def list_postings(
    tx: Tx,
    item_id: UUID,
    *,
    location_ids: Iterable[UUID] | None = None,
    before: PostingCursor | None = None,
    limit: int = 50,
) -> list[Posting]:
    """The ledger of an item, newest first. location_ids: only there; None is all."""
    at, location_id, seq = before or (None, None, None)
    return _POSTINGS.all(
        tx,
        item_id=item_id,
        location_ids=None if location_ids is None else uuids(location_ids),
        at=at,
        location_id=location_id,
        seq=seq,
        limit=limit,
    )


# The newest of each cell by its key, merged: no index over time is needed on the hot table.
_POSTINGS = query(
    Posting,
    """
    SELECT p.item_id, p.location_id, p.seq, p.from_bucket, p.to_bucket, p.qty, p.reason,
           p.source_id, p.source_line, p.at, p.occurred_at, p.actor_id, p.on_hand_after,
           p.available_after, p.reserved_after, p.picked_after
    FROM inventory.stock AS s
    CROSS JOIN LATERAL (
        SELECT n.item_id, n.location_id, n.seq, n.from_bucket, n.to_bucket, n.qty, n.reason,
               n.source_id, n.source_line, n.at, n.occurred_at, n.actor_id, n.on_hand_after,
               n.available_after, n.reserved_after, n.picked_after
        FROM inventory.posting AS n
        WHERE n.item_id = s.item_id AND n.location_id = s.location_id
          AND (%(at)s::timestamptz IS NULL
               OR (n.at, n.location_id, n.seq)
                  < (%(at)s::timestamptz, %(location_id)s::uuid, %(seq)s::int8))
        ORDER BY n.seq DESC
        LIMIT %(limit)s
    ) AS p
    WHERE s.item_id = %(item_id)s
      AND (%(location_ids)s::uuid[] IS NULL OR s.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY p.at DESC, p.location_id DESC, p.seq DESC
    LIMIT %(limit)s
    """,
)


class PastLevel(msgspec.Struct, frozen=True):
    """A cell as it was: the balances after its last posting until then."""

    item_id: UUID
    location_id: UUID
    seq: int
    at: datetime
    on_hand: int
    available: int
    reserved: int
    picked: int


def read_levels_at(
    tx: Tx,
    item_ids: Iterable[UUID],
    moment: datetime,
    *,
    location_ids: Iterable[UUID] | None = None,
) -> list[PastLevel]:
    """Stock of items as it was known at a moment; cells that weren't yet are absent.

    A cell's postings are numbered without gaps and their times never run backwards, so the last
    one until the moment is found by halving: about 20 index probes for a million postings.
    """
    return _AT.all(
        tx,
        item_ids=uuids(item_ids),
        location_ids=None if location_ids is None else uuids(location_ids),
        moment=moment,
    )


_AT = query(
    PastLevel,
    """
    SELECT p.item_id, p.location_id, p.seq, p.at, p.on_hand_after AS on_hand,
           p.available_after AS available, p.reserved_after AS reserved, p.picked_after AS picked
    FROM inventory.stock AS s
    CROSS JOIN LATERAL (
        WITH RECURSIVE halved (low, high) AS (
            SELECT 0::int8, s.seq
            UNION ALL
            SELECT CASE WHEN m.at <= %(moment)s THEN m.seq ELSE h.low END,
                   CASE WHEN m.at <= %(moment)s THEN h.high ELSE m.seq - 1 END
            FROM halved AS h
            JOIN inventory.posting AS m
              ON m.item_id = s.item_id AND m.location_id = s.location_id
             AND m.seq = (h.low + h.high + 1) / 2
            WHERE h.low < h.high
        )
        SELECT low AS seq FROM halved WHERE low = high
    ) AS last
    JOIN inventory.posting AS p
      ON p.item_id = s.item_id AND p.location_id = s.location_id AND p.seq = last.seq
    WHERE s.item_id = ANY(%(item_ids)s::uuid[])
      AND (%(location_ids)s::uuid[] IS NULL OR s.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY p.item_id, p.location_id
    """,
)
