"""The feed: every event exactly once, in an order that never changes, numbered without gaps.

Transactions commit in another order than they took their ids, so whoever reads the log by id
misses what commits behind him. Instead each transaction leaves one row in platform.pending, and
one sequencer at a time moves what is committed to the feed. A stream's events are in order: who
writes the later one has waited for the aggregate's row, so its pending row has the higher id and
is never seen without the earlier one.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.advisory_locks import try_lock
from ordito.platform.database import Tx, query

MOVE_MAX = 4_000
"""Events moved at a time; the last transaction taken is moved whole, so a few more are possible."""

END = 2**63 - 1


class FeedEntry(msgspec.Struct, frozen=True):
    """An event with its place in the feed."""

    position: int
    stream_id: UUID
    seq: int
    stream: str
    kind: str
    version: int
    at: datetime
    actor_kind: str
    actor_id: UUID
    request_id: str | None
    body: dict[str, Any]


class FeedState(msgspec.Struct, frozen=True):
    """The newest position (0 for an empty feed) and the age of the oldest event not in it."""

    newest: int
    lag_s: float


def move_pending(tx: Tx) -> int:
    """Move what is committed to the end of the feed; returns the number of events moved.

    0 also when another process is at it. The lock is taken by a statement of its own: the next
    one must see everything that the former holder committed.
    """
    if not try_lock(tx, "sequencer", "feed"):
        return 0
    return _MOVE.one(tx, events=MOVE_MAX)


# The kind comes from a scalar subquery: one index probe per event, whatever the planner believes
# of the table's size. An event that isn't there would break NOT NULL instead of being lost.
_MOVE = query(
    int,
    """
    WITH oldest AS (
        SELECT id, sum(cardinality(seqs)) OVER (ORDER BY id) - cardinality(seqs) AS earlier
        FROM (
            SELECT id, seqs
            FROM platform.pending
            ORDER BY id
            LIMIT %(events)s::int8
        ) AS first_rows
    ),
    taken AS (
        DELETE FROM platform.pending
        WHERE id = ANY (ARRAY(SELECT id FROM oldest WHERE earlier < %(events)s::int8))
        RETURNING id, stream_ids, seqs
    ),
    numbered AS (
        SELECT row_number() OVER (ORDER BY t.id, e.place) AS place, e.stream_id, e.seq
        FROM taken AS t,
             unnest(t.stream_ids, t.seqs) WITH ORDINALITY AS e (stream_id, seq, place)
    ),
    added AS (
        INSERT INTO platform.feed (position, stream_id, seq, kind)
        SELECT (SELECT coalesce(max(position), 0) FROM platform.feed) + n.place,
               n.stream_id,
               n.seq,
               (SELECT kind
                FROM platform.event AS logged
                WHERE logged.stream_id = n.stream_id AND logged.seq = n.seq)
        FROM numbered AS n
        RETURNING 1
    )
    SELECT count(*)
    FROM added
    """,
)


def newest_position(tx: Tx) -> int:
    """The position of the newest entry, 0 when there is none."""
    return _NEWEST.one(tx)


_NEWEST = query(int, "SELECT coalesce(max(position), 0) FROM platform.feed")


def read_feed_state(tx: Tx) -> FeedState:
    """How far the feed is, and by how many seconds it lags behind what was committed."""
    return _STATE.one(tx)


_STATE = query(
    FeedState,
    """
    SELECT (SELECT coalesce(max(position), 0) FROM platform.feed) AS newest,
           coalesce(
               (SELECT greatest(extract(epoch FROM clock_timestamp() - at), 0)::float8
                FROM platform.pending
                ORDER BY id
                LIMIT 1),
               0
           ) AS lag_s
    """,
)


def read_feed(
    tx: Tx,
    after: int,
    limit: int,
    *,
    upto: int = END,
    kinds: Collection[str] | None = None,
) -> list[FeedEntry]:
    """The next entries after a position, oldest first; `kinds` leaves out all others."""
    wanted = None if kinds is None else sorted(kinds)
    return _READ.all(tx, after=after, upto=upto, limit=limit, kinds=wanted)


# LATERAL with LIMIT 1: one index probe per entry; as a plain join the planner may one day prefer
# to hash the whole log.
_READ = query(
    FeedEntry,
    """
    SELECT f.position, f.stream_id, f.seq, e.stream, f.kind, e.version, e.at, e.actor_kind,
           e.actor_id, e.request_id, e.body
    FROM (
        SELECT position, stream_id, seq, kind
        FROM platform.feed
        WHERE position > %(after)s::int8
          AND position <= %(upto)s::int8
          AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s::text[]))
        ORDER BY position
        LIMIT %(limit)s::int8
    ) AS f
    CROSS JOIN LATERAL (
        SELECT stream, version, at, actor_kind, actor_id, request_id, body
        FROM platform.event
        WHERE stream_id = f.stream_id AND seq = f.seq
        LIMIT 1
    ) AS e
    ORDER BY f.position
    """,
)


SEEN_SCAN_MAX = 2_000
"""Positions looked through at a time for a reader who sees a part."""

SEEN_STREAMS = (
    "order", "receipt", "adjustment", "count", "stock_move", "bin_stock", "hold", "location",
    "channel", "item",
)  # fmt: skip
"""Streams that are told to readers who see a part: those that belong to one, and items."""


def read_seen_feed(
    tx: Tx, after: int, limit: int, *, kinds: Collection[str] | None = None
) -> tuple[list[FeedEntry], int]:
    """The next entries that a scoped reader sees, and the position that was looked through.

    The reader is behind the wall: the database leaves out the events of what is elsewhere.
    """
    assert tx.came_from, "caller knows that the reader is behind the wall"
    upto = min(after + SEEN_SCAN_MAX, max(after, newest_position(tx)))
    wanted = None if kinds is None else sorted(kinds)
    streams = list(SEEN_STREAMS)
    found = _READ_SEEN.all(tx, after=after, upto=upto, limit=limit, kinds=wanted, streams=streams)
    return found, found[-1].position if len(found) == limit else upto


_READ_SEEN = query(
    FeedEntry,
    """
    SELECT f.position, f.stream_id, f.seq, e.stream, f.kind, e.version, e.at, e.actor_kind,
           e.actor_id, e.request_id, e.body
    FROM platform.feed AS f
    JOIN platform.event AS e ON e.stream_id = f.stream_id AND e.seq = f.seq
    WHERE f.position > %(after)s::int8
      AND f.position <= %(upto)s::int8
      AND (%(kinds)s::text[] IS NULL OR f.kind = ANY (%(kinds)s::text[]))
      AND e.stream = ANY (%(streams)s::text[])
    ORDER BY f.position
    LIMIT %(limit)s::int8
    """,
)


def read_entries(tx: Tx, positions: Collection[int]) -> list[FeedEntry]:
    """The entries at some positions, oldest first."""
    return _READ_ENTRIES.all(tx, positions=list(positions))


_READ_ENTRIES = query(
    FeedEntry,
    """
    SELECT f.position, f.stream_id, f.seq, e.stream, f.kind, e.version, e.at, e.actor_kind,
           e.actor_id, e.request_id, e.body
    FROM platform.feed AS f
    CROSS JOIN LATERAL (
        SELECT stream, version, at, actor_kind, actor_id, request_id, body
        FROM platform.event
        WHERE stream_id = f.stream_id AND seq = f.seq
        LIMIT 1
    ) AS e
    WHERE f.position = ANY (%(positions)s::int8[])
    ORDER BY f.position
    """,
)


def position_before(tx: Tx, moment: datetime) -> int:
    """A position before every event since the moment, near the last one before it.

    Found by halving, about 30 probes: positions follow the times of events but for the length of
    the longest transaction, for which a minute is allowed.
    """
    low, high = 0, newest_position(tx)
    while low < high:
        middle = (low + high + 1) // 2
        if _IS_EARLIER.one(tx, position=middle, moment=moment):
            low = middle
        else:
            high = middle - 1
    return low


_IS_EARLIER = query(
    bool,
    """
    SELECT coalesce(
        (SELECT e.at < %(moment)s::timestamptz - interval '1 minute'
         FROM platform.feed AS f
         JOIN platform.event AS e ON e.stream_id = f.stream_id AND e.seq = f.seq
         WHERE f.position = %(position)s::int8),
        true
    )
    """,
)
