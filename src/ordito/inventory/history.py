"""The past of stock: postings newest first, balances at any moment, and what lay between two.

A posting is booked at `at`, and happened at `occurred_at`. The two are one moment for nearly all:
only what was booked more than a minute late is looked for apart, by an index that holds just that.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.inventory.types import Posting
from ordito.kernel.moves import Bucket
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
    bucket: Bucket | None = None,
    limit: int = 50,
) -> list[Posting]:
    """The ledger of an item, newest first. location_ids: only there; None is all.

    bucket: only what came into it or left it.
    """
    at, location_id, seq = before or (None, None, None)
    return _POSTINGS.all(
        tx,
        item_id=item_id,
        location_ids=None if location_ids is None else uuids(location_ids),
        at=at,
        location_id=location_id,
        seq=seq,
        bucket=bucket,
        limit=limit,
    )


_OF_POSTING = """
               n.item_id, n.location_id, n.seq, n.from_bucket, n.to_bucket, n.qty, n.reason,
               n.source_id, n.source_line, n.at, n.occurred_at, n.actor_id, n.on_hand_after,
               n.available_after, n.reserved_after, n.picked_after"""

# The newest of each cell by its key, merged: no index over time is needed on the hot table.
_POSTINGS = query(
    Posting,
    f"""
    SELECT p.item_id, p.location_id, p.seq, p.from_bucket, p.to_bucket, p.qty, p.reason,
           p.source_id, p.source_line, p.at, p.occurred_at, p.actor_id, p.on_hand_after,
           p.available_after, p.reserved_after, p.picked_after
    FROM inventory.stock AS s
    CROSS JOIN LATERAL (
        SELECT {_OF_POSTING}
        FROM inventory.posting AS n
        WHERE n.item_id = s.item_id AND n.location_id = s.location_id
          AND (%(at)s::timestamptz IS NULL
               OR (n.at, n.location_id, n.seq)
                  < (%(at)s::timestamptz, %(location_id)s::uuid, %(seq)s::int8))
          AND (%(bucket)s::inventory.bucket IS NULL
               OR %(bucket)s::inventory.bucket IN (n.from_bucket, n.to_bucket))
        ORDER BY n.seq DESC
        LIMIT %(limit)s
    ) AS p
    WHERE s.item_id = %(item_id)s
      AND (%(location_ids)s::uuid[] IS NULL OR s.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY p.at DESC, p.location_id DESC, p.seq DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


class Moment(msgspec.Struct, frozen=True):
    """When is meant: how things stood at `at`, with what had been booked until `known_at`.

    With both the same it is what was known then; with `known_at` now, what is known of it today.
    """

    at: datetime
    known_at: datetime

    @property
    def booked(self) -> datetime:
        """Until when everything booked counts, whenever it happened."""
        return min(self.at, self.known_at)


class PastLevel(msgspec.Struct, frozen=True):
    """A cell as it was. seq, at: of its last posting booked until then; 0 and None without one."""

    item_id: UUID
    location_id: UUID
    seq: int
    at: datetime | None
    on_hand: int
    available: int
    reserved: int
    picked: int
    quality_control: int
    damaged: int
    safety: int
    incoming: int
    in_transit: int


def read_levels_at(
    tx: Tx,
    item_ids: Iterable[UUID],
    moment: Moment,
    *,
    location_ids: Iterable[UUID] | None = None,
) -> list[PastLevel]:
    """Stock of items as it was at a moment; cells that weren't yet are absent."""
    return _AT.all(
        tx,
        item_ids=uuids(item_ids),
        location_ids=None if location_ids is None else uuids(location_ids),
        moment=moment.at,
        booked=moment.booked,
        known_at=moment.known_at,
    )


def _late(bucket: str) -> str:
    return (
        f"coalesce(sum(CASE '{bucket}' WHEN n.to_bucket::text THEN n.qty"
        f" WHEN n.from_bucket::text THEN -n.qty END), 0)::int8 AS {bucket}"
    )


_ON_HAND = "('available', 'reserved', 'picked', 'quality_control', 'damaged', 'safety')"

# Booked after the moment, though it had happened by then.
_LATE = f"""
        SELECT count(*) AS n,
               coalesce(sum(n.qty * ((n.to_bucket IN {_ON_HAND})::int
                                     - (n.from_bucket IN {_ON_HAND})::int)), 0)::int8 AS on_hand,
               {_late("available")},
               {_late("reserved")},
               {_late("picked")},
               {_late("quality_control")},
               {_late("damaged")},
               {_late("safety")},
               {_late("incoming")},
               {_late("in_transit")}
        FROM inventory.posting AS n
        WHERE n.item_id = s.item_id AND n.location_id = s.location_id
          AND n.at - n.occurred_at > interval '1 minute'
          AND n.at > %(booked)s::timestamptz AND n.at <= %(known_at)s::timestamptz
          AND n.occurred_at <= %(moment)s::timestamptz"""  # noqa: S608 (a constant of this module)

_BALANCES = """
           coalesce(p.on_hand_after, 0) + l.on_hand AS on_hand,
           coalesce(p.available_after, 0) + l.available AS available,
           coalesce(p.reserved_after, 0) + l.reserved AS reserved,
           coalesce(p.picked_after, 0) + l.picked AS picked,
           coalesce(p.others_after[1], 0) + l.quality_control AS quality_control,
           coalesce(p.others_after[2], 0) + l.damaged AS damaged,
           coalesce(p.others_after[3], 0) + l.safety AS safety,
           coalesce(p.others_after[4], 0) + l.incoming AS incoming,
           coalesce(p.others_after[5], 0) + l.in_transit AS in_transit"""

# A cell's postings have no gaps and their times never run backwards, so the last one until a
# moment is found by halving, for all cells at once: 20 probes of the primary key for a million
# postings, and no index over time on the hot table.
HALVE = """
    halved (item_id, location_id, moment, low, high) AS (
        SELECT c.item_id, c.location_id, m.moment, 0::int8, c.seq
        FROM cell AS c
        CROSS JOIN moment AS m
        UNION ALL
        SELECT h.item_id, h.location_id, h.moment,
               CASE WHEN n.at <= h.moment THEN n.seq ELSE h.low END,
               CASE WHEN n.at <= h.moment THEN h.high ELSE n.seq - 1 END
        FROM halved AS h
        JOIN inventory.posting AS n
          ON n.item_id = h.item_id AND n.location_id = h.location_id
         AND n.seq = (h.low + h.high + 1) / 2
        WHERE h.low < h.high
    )"""
"""For a WITH RECURSIVE after `cell` (item_id, location_id, seq of the last posting) and `moment`;
rows with low = high tell the number of the last posting until the moment, 0 for none."""

_THEN = f"""
    SELECT s.item_id, s.location_id, s.low AS seq, p.at, {_BALANCES}
    FROM halved AS s
    LEFT JOIN inventory.posting AS p
      ON p.item_id = s.item_id AND p.location_id = s.location_id AND p.seq = s.low
    CROSS JOIN LATERAL ({_LATE}
    ) AS l"""  # noqa: S608 (constants of this module)

_AT = query(
    PastLevel,
    f"""
    WITH RECURSIVE cell AS (
        SELECT c.item_id, c.location_id, c.seq
        FROM inventory.stock AS c
        WHERE c.item_id = ANY(%(item_ids)s::uuid[])
          AND (%(location_ids)s::uuid[] IS NULL OR c.location_id = ANY(%(location_ids)s::uuid[]))
    ),
    moment AS (SELECT %(booked)s::timestamptz AS moment), {HALVE} {_THEN}
    WHERE s.low = s.high AND (p.seq IS NOT NULL OR l.n > 0)
    ORDER BY s.item_id, s.location_id
    """,  # noqa: S608 (a constant of this module)
)


def read_cells_at(tx: Tx, keys: Iterable[tuple[UUID, UUID]], moment: Moment) -> list[PastLevel]:
    """Cells (item, location), sorted, as they were; with zeros before the first posting."""
    wanted = list(keys)
    return _CELLS_AT.all(
        tx,
        item_ids=uuids(item_id for item_id, _ in wanted),
        location_ids=uuids(location_id for _, location_id in wanted),
        moment=moment.at,
        booked=moment.booked,
        known_at=moment.known_at,
    )


_CELLS_AT = query(
    PastLevel,
    f"""
    WITH RECURSIVE cell AS (
        SELECT c.item_id, c.location_id, c.seq
        FROM unnest(%(item_ids)s::uuid[], %(location_ids)s::uuid[]) AS w (item_id, location_id)
        JOIN inventory.stock AS c ON c.item_id = w.item_id AND c.location_id = w.location_id
    ),
    moment AS (SELECT %(booked)s::timestamptz AS moment), {HALVE} {_THEN}
    WHERE s.low = s.high
    ORDER BY s.item_id, s.location_id
    """,  # noqa: S608 (constants of this module)
)
