"""The event log: timeline, outbox and audit at once. Written in the transaction, never changed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ordito.platform.access import Actor
from ordito.platform.bulk import BulkQuery, bulk, bulk_query
from ordito.platform.database import Tx, query, statement


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """A past-tense fact. Bodies hold ids, codes, quantities and money: never names or addresses.

    Subclasses set `kind` ("order.placed") and, when a field's meaning changes, `version`.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    kinds: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "kind" in cls.__dict__:
            taken = Event.kinds.setdefault(cls.kind, cls)
            assert taken.__qualname__ == cls.__qualname__, f"{cls.kind} is taken"


class Stream(msgspec.Struct, frozen=True):
    """A kind of aggregate with a timeline. Its row's `version` is the number of its events.

    raise_versions: a bulk query over (id uuid, count int8) that adds and returns (id, version).
    """

    kind: str
    raise_versions: BulkQuery


class RaisedVersion(msgspec.Struct, frozen=True):
    id: UUID
    version: int


def stream_without_rows(kind: str) -> Stream:
    """A timeline of settings that no row carries a version of: whoever emits holds their lock."""
    return Stream(
        kind,
        bulk_query(
            RaisedVersion,
            """
            SELECT d.id, d.n + coalesce(
                       (SELECT max(e.seq) FROM platform.event AS e WHERE e.stream_id = d.id), 0
                   ) AS version
            FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
            """,
        ),
    )


class TimelineEntry(msgspec.Struct, frozen=True):
    """One event as the timeline and the feed show it."""

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


EventRow = tuple[str, int, str, str, int, datetime, str, UUID, str | None, msgspec.Raw]
"""stream id, seq, stream, kind, version, at, actor kind, actor id, request id, body as JSON."""


def write_events(tx: Tx) -> None:
    """Number and append what the command emitted; called once by the door before the commit."""
    if not tx.events:
        return
    per_stream: dict[Any, dict[UUID, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for stream, stream_id, event in tx.events:
        per_stream[stream][stream_id].append(event)
    rows: list[EventRow] = []
    for stream, by_id in per_stream.items():
        counts = [(id_, len(events)) for id_, events in sorted(by_id.items())]
        raised = {r.id: r.version for r in stream.raise_versions.all_rows(tx, counts)}
        for stream_id, events in by_id.items():
            first = raised[stream_id] - len(events) + 1
            rows += [
                event_row(tx, stream.kind, str(stream_id), first + i, event)
                for i, event in enumerate(events)
            ]
    send_events(tx, rows)
    tx.events.clear()


_encoder = msgspec.json.Encoder()


def event_row(
    tx: Tx,
    stream: str,
    stream_id: str,
    seq: int,
    event: Event,
    *,
    actor: Actor | None = None,
    request_id: str | None = None,
) -> EventRow:
    """An event as the row that stores it; a batch mixes actors, so they can be named."""
    actor = actor or tx.actor
    return (
        stream_id,
        seq,
        stream,
        event.kind,
        event.version,
        tx.now,
        actor.kind,
        actor.id,
        request_id or tx.request_id or None,
        msgspec.Raw(_encoder.encode(event)),
    )


def send_events(tx: Tx, rows: Sequence[EventRow]) -> None:
    """Append numbered events and announce them to the sequencer: two statements for any number."""
    assert rows, "caller has something to tell"
    _INSERT_EVENTS.send(tx, rows)
    columns = _PENDING_COLUMNS.columns([(row[0], row[1]) for row in rows])
    _INSERT_PENDING.send(tx, stream_ids=columns[0], seqs=columns[1])


_INSERT_EVENTS = bulk("""
    INSERT INTO platform.event
        (stream_id, seq, stream, kind, version, at, actor_kind, actor_id, request_id, body)
    SELECT *
    FROM unnest(%s::uuid[], %s::int8[], %s::text[], %s::text[], %s::int4[], %s::timestamptz[],
                %s::text[], %s::uuid[], %s::text[], %s::jsonb[])
""")

_PENDING_COLUMNS = bulk("SELECT unnest(%s::uuid[]), unnest(%s::int8[])")

_INSERT_PENDING = statement("""
    INSERT INTO platform.pending (stream_ids, seqs)
    VALUES (%(stream_ids)s::uuid[], %(seqs)s::int8[])
""")


def read_timeline(
    tx: Tx, stream_id: UUID, *, before: int | None = None, limit: int = 200
) -> list[TimelineEntry]:
    """The newest events of one aggregate, newest first."""
    return _TIMELINE.all(tx, stream_id=stream_id, before=before, limit=limit)


_TIMELINE = query(
    TimelineEntry,
    """
    SELECT stream_id, seq, stream, kind, version, at, actor_kind, actor_id, request_id, body
    FROM platform.event
    WHERE stream_id = %(stream_id)s
      AND (%(before)s::int8 IS NULL OR seq < %(before)s::int8)
    ORDER BY seq DESC
    LIMIT %(limit)s
    """,
)
