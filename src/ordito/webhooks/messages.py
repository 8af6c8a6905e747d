"""Messages: events that are to be sent to an endpoint, in order per stream, and what came of it.

Of each stream the first waiting message has a due_at; those behind it get theirs when it was
taken or given up.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement
from ordito.webhooks.events import PING
from ordito.webhooks.types import MessageState

KEPT_DAYS = 30
"""How long messages and their log are kept; the event log itself is kept for ever."""

_PRUNED_MAX = 2_000


class Wanted(msgspec.Struct, frozen=True):
    """An entry of the feed whose kind an endpoint wants."""

    position: int
    stream_id: UUID
    stream: str
    kind: str


class DueMessage(msgspec.Struct, frozen=True):
    """A message to send now. attempts: tries that failed before."""

    position: int
    stream_id: UUID
    attempts: int


class SentMessage(msgspec.Struct, frozen=True):
    """What became of a message. pause_s: until the next try; 0 unless it still waits."""

    position: int
    stream_id: UUID
    state: MessageState
    pause_s: float


def read_wanted(
    tx: Tx, endpoint_id: UUID, regex: str, *, after: int, upto: int, limit: int
) -> list[Wanted]:
    """Feed entries of wanted kinds, oldest first; of pings only the endpoint's own."""
    return _WANTED.all(
        tx, id=endpoint_id, regex=regex, after=after, upto=upto, limit=limit, ping=PING
    )


_WANTED = query(
    Wanted,
    """
    SELECT f.position, f.stream_id, e.stream, f.kind
    FROM (
        SELECT position, stream_id, seq, kind
        FROM platform.feed
        WHERE position > %(after)s::int8
          AND position <= %(upto)s::int8
          AND CASE WHEN kind = %(ping)s THEN stream_id = %(id)s::uuid
                   ELSE kind ~ %(regex)s END
        ORDER BY position
        LIMIT %(limit)s::int8
    ) AS f
    CROSS JOIN LATERAL (
        SELECT stream
        FROM platform.event
        WHERE stream_id = f.stream_id AND seq = f.seq
        LIMIT 1
    ) AS e
    ORDER BY f.position
    """,
)


def count_waiting(tx: Tx, endpoint_id: UUID) -> int:
    return _COUNT_WAITING.one(tx, id=endpoint_id)


_COUNT_WAITING = query(
    int,
    """
    SELECT count(*)
    FROM webhooks.message
    WHERE endpoint_id = %(id)s AND state = 'waiting'
    """,
)


def add_messages(tx: Tx, endpoint_id: UUID, wanted: Sequence[Wanted]) -> None:
    """Have entries sent, also those that were sent before; what waits already goes on waiting."""
    id_ = str(endpoint_id)
    _ADD.send(tx, [(id_, w.position, str(w.stream_id), w.kind) for w in wanted])
    _WAKE_HEADS.send(tx, [(id_, str(stream)) for stream in {w.stream_id for w in wanted}])


_ADD = bulk("""
    INSERT INTO webhooks.message AS m (endpoint_id, position, stream_id, kind, state)
    SELECT d.endpoint_id, d.position, d.stream_id, d.kind, 'waiting'
    FROM unnest(%s::uuid[], %s::int8[], %s::uuid[], %s::text[])
         AS d (endpoint_id, position, stream_id, kind)
    ON CONFLICT (endpoint_id, position) DO UPDATE
    SET state = 'waiting', attempts = 0, due_at = NULL
    WHERE m.state <> 'waiting'
""")

# Streams that have a message with a time already keep it: its pause isn't over.
_WAKE_HEADS = bulk("""
    UPDATE webhooks.message AS m
    SET due_at = now()
    FROM (
        SELECT w.endpoint_id, min(w.position) AS position
        FROM unnest(%s::uuid[], %s::uuid[]) AS d (endpoint_id, stream_id)
        JOIN webhooks.message AS w
          ON w.endpoint_id = d.endpoint_id AND w.stream_id = d.stream_id AND w.state = 'waiting'
        GROUP BY w.endpoint_id, w.stream_id
        HAVING count(w.due_at) = 0
    ) AS head
    WHERE m.endpoint_id = head.endpoint_id AND m.position = head.position
""")


def due_messages(tx: Tx, endpoint_id: UUID, limit: int) -> list[DueMessage]:
    """The first messages of their streams whose time has come, at most one of each stream."""
    return _DUE.all(tx, id=endpoint_id, limit=limit)


_DUE = query(
    DueMessage,
    """
    SELECT position, stream_id, attempts
    FROM webhooks.message
    WHERE endpoint_id = %(id)s AND due_at <= now()
    ORDER BY position
    LIMIT %(limit)s
    """,
)


def settle(tx: Tx, endpoint_id: UUID, sent: Sequence[SentMessage]) -> None:
    """Note what became of messages; the next one of each stream that is done is due now."""
    id_ = str(endpoint_id)
    _SETTLE.send(tx, [(id_, m.position, m.state, f"{m.pause_s:.3f}") for m in sent])
    done = [(id_, str(m.stream_id)) for m in sent if m.state != "waiting"]
    _WAKE_HEADS.send(tx, done)


_SETTLE = bulk("""
    UPDATE webhooks.message AS m
    SET state = d.state,
        attempts = m.attempts + 1,
        due_at = CASE WHEN d.state = 'waiting'
                      THEN clock_timestamp() + make_interval(secs => d.pause_s::float8) END
    FROM unnest(%s::uuid[], %s::int8[], %s::text[], %s::text[])
         AS d (endpoint_id, position, state, pause_s)
    WHERE m.endpoint_id = d.endpoint_id
      AND m.position = d.position
      AND m.state = 'waiting'
""")


def find_message(tx: Tx, endpoint_id: UUID, position: int) -> Wanted | None:
    """A message of the endpoint's log."""
    return _FIND.first(tx, id=endpoint_id, position=position)


_FIND = query(
    Wanted,
    """
    SELECT position, stream_id, '' AS stream, kind
    FROM webhooks.message
    WHERE endpoint_id = %(id)s AND position = %(position)s
    """,
)


def try_now(tx: Tx, endpoint_id: UUID) -> int:
    """Make all messages that have a time due now, with all their pauses before them."""
    return _TRY_NOW.run(tx, id=endpoint_id)


_TRY_NOW = statement("""
    UPDATE webhooks.message
    SET due_at = now(), attempts = 0
    WHERE endpoint_id = %(id)s AND due_at IS NOT NULL
""")


def pull_forward(tx: Tx, endpoint_id: UUID) -> int:
    """A receiver that was down is back: try now what failed because of it."""
    return _PULL_FORWARD.run(tx, id=endpoint_id)


_PULL_FORWARD = statement("""
    UPDATE webhooks.message
    SET due_at = now()
    WHERE endpoint_id = %(id)s AND due_at > now() AND attempts > 0
""")


def prune(tx: Tx) -> int:
    """Forget old messages, and those of endpoints that are no more; at most a few thousand."""
    gone = _PRUNE_ATTEMPTS.run(tx, days=KEPT_DAYS, limit=_PRUNED_MAX)
    return gone + _PRUNE.run(tx, days=KEPT_DAYS, limit=_PRUNED_MAX)


_PRUNE_ATTEMPTS = statement("""
    DELETE FROM webhooks.attempt
    WHERE ctid = ANY (ARRAY(
        SELECT a.ctid
        FROM webhooks.attempt AS a
        JOIN webhooks.endpoint AS e ON e.id = a.endpoint_id
        WHERE a.at < now() - make_interval(days => %(days)s::int4) OR e.deleted_at IS NOT NULL
        LIMIT %(limit)s
    ))
""")

_PRUNE = statement("""
    DELETE FROM webhooks.message
    WHERE ctid = ANY (ARRAY(
        SELECT m.ctid
        FROM webhooks.message AS m
        JOIN webhooks.endpoint AS e ON e.id = m.endpoint_id
        WHERE (m.taken_at < now() - make_interval(days => %(days)s::int4) AND m.state <> 'waiting')
           OR e.deleted_at IS NOT NULL
        LIMIT %(limit)s
    ))
""")
