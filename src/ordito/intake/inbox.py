"""The inbox: every message as it came, what became of it, and why it waits if it does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from ordito.intake.tallies import KindTally
from ordito.intake.types import Mode
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query

MessageState = Literal["received", "done", "duplicate", "parked", "refused"]
MessageKind = Literal[
    "order",
    "cancellation",
    "adjustment",
    "charge",
    "unreadable",
    "refund",
    "product",
    "stock",
    "other",
]


class Message(msgspec.Struct, frozen=True):
    """A message without its body.

    reason:  a code, when it is parked or refused; `words` say it for people (may name people).
    results: what was made of it: kind ("order", …) → ids.
    """

    id: UUID
    channel_id: UUID
    kind: MessageKind
    external_key: str | None
    preset: str
    mode: Mode
    state: MessageState
    reason: str
    words: str
    attempts: int
    run_id: UUID | None
    source: str
    source_lines: list[int]
    results: dict[str, list[str]]
    received_at: datetime
    handled_at: datetime | None
    version: int


class RawBody(msgspec.Struct, frozen=True):
    """Rows of a file as they came: headings, and (line number, cells) each. Personal data.

    row_keys: the keys (hex) of rows that are booked one by one, in their order.
    """

    columns: list[str]
    rows: list[tuple[int, list[str]]]
    row_keys: list[str] = []


class KnownMessage(msgspec.Struct, frozen=True):
    """A message that was received before, found by its content."""

    id: UUID
    content_hash: bytes
    state: MessageState
    results: dict[str, list[str]]


def find_known(tx: Tx, keys: Sequence[tuple[UUID, bytes]]) -> dict[bytes, KnownMessage]:
    """Messages by (channel id, content hash) that are in the inbox already, by hash."""
    return {row.content_hash: row for row in _KNOWN.all_rows(tx, keys)}


_KNOWN = bulk_query(
    KnownMessage,
    """
    SELECT m.id, m.content_hash, m.state, m.results
    FROM intake.message AS m
    JOIN unnest(%s::uuid[], %s::bytea[]) AS asked (channel_id, content_hash)
      USING (channel_id, content_hash)
    """,
)

MessageRow = tuple[Any, ...]
"""id, channel id, kind, external key, content hash, preset, mode, body, state, reason, words,
run id, source, source lines as an array literal, results, tally, received at, handled at."""


def insert_messages(tx: Tx, rows: Sequence[MessageRow]) -> None:
    """Write new messages with what became of them."""
    _INSERT.run(tx, rows)


_INSERT = bulk("""
    INSERT INTO intake.message
        (id, channel_id, kind, external_key, content_hash, preset, mode, body, state, reason,
         words, run_id, source, source_lines, results, tally, received_at, handled_at)
    SELECT id, channel_id, kind, external_key, content_hash, preset, mode, body, state, reason,
           words, run_id, source, source_lines::int4[], results, tally, received_at, handled_at
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::text[],
                %s::text[], %s::jsonb[], %s::text[], %s::text[], %s::text[], %s::uuid[],
                %s::text[], %s::text[], %s::jsonb[], %s::jsonb[], %s::timestamptz[],
                %s::timestamptz[])
        AS new (id, channel_id, kind, external_key, content_hash, preset, mode, body, state,
                reason, words, run_id, source, source_lines, results, tally, received_at,
                handled_at)
""")

HandledRow = tuple[Any, ...]
"""id, state, reason, words, results, tally, handled at"""


def write_handled(tx: Tx, rows: Sequence[HandledRow]) -> None:
    """Write what became of messages that were tried once more."""
    _HANDLED.run(tx, rows)


_HANDLED = bulk("""
    UPDATE intake.message AS m
    SET state = d.state, reason = d.reason, words = d.words, results = d.results,
        tally = d.tally, handled_at = d.handled_at, attempts = m.attempts + 1,
        version = m.version + 1
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::jsonb[],
                %s::timestamptz[])
        AS d (id, state, reason, words, results, tally, handled_at)
    WHERE m.id = d.id
""")

_COLUMNS = """
           id, channel_id, kind, external_key, preset, mode, state, reason, words, attempts, run_id,
           source, source_lines, results, received_at, handled_at, version"""


def read_message(tx: Tx, message_id: UUID) -> Message | None:
    """One message; None when there is none or the actor doesn't see its channel."""
    message = _READ.first(tx, id=message_id)
    return message if message and tx.actor.sees_channel(message.channel_id) else None


_READ = query(
    Message,
    f"""
    SELECT {_COLUMNS}
    FROM intake.message
    WHERE id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def lock_message(tx: Tx, message_id: UUID) -> Message | None:
    """Lock one message, to try it again; None as in read_message."""
    message = _LOCK.first(tx, id=message_id)
    return message if message and tx.actor.sees_channel(message.channel_id) else None


_LOCK = query(
    Message,
    f"""
    SELECT {_COLUMNS}
    FROM intake.message
    WHERE id = %(id)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


class Kept(msgspec.Struct, frozen=True):
    """What else is kept of a message: its rows, its content's hash, and how its rows count."""

    body: RawBody
    content_hash: bytes
    tally: dict[str, KindTally]


def read_kept(tx: Tx, message_id: UUID) -> Kept:
    """The rows of a message as they came; the caller has found it. Personal data: not for logs."""
    return _KEPT.one(tx, id=message_id)


_KEPT = query(Kept, "SELECT body, content_hash, tally FROM intake.message WHERE id = %(id)s")


def list_messages(
    tx: Tx,
    *,
    state: MessageState = "parked",
    run_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Message]:
    """Messages of a state, newest first; the next page is `before` the last one's id."""
    scope = tx.actor.channel_ids
    return _LIST.all(
        tx,
        state=state,
        run_id=run_id,
        before=before,
        channels=None if scope is None else uuids(sorted(scope)),
        limit=limit,
    )


_LIST = query(
    Message,
    f"""
    SELECT {_COLUMNS}
    FROM intake.message
    WHERE state = %(state)s
      AND (%(run_id)s::uuid IS NULL OR run_id = %(run_id)s::uuid)
      AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
      AND (%(channels)s::uuid[] IS NULL OR channel_id = ANY(%(channels)s::uuid[]))
    ORDER BY id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def first_parked(tx: Tx, run_id: UUID, *, limit: int = 10) -> list[Message]:
    """The first messages of an import that wait, in the order of its files."""
    return _FIRST_PARKED.all(tx, run_id=run_id, limit=limit)


_FIRST_PARKED = query(
    Message,
    f"""
    SELECT {_COLUMNS}
    FROM intake.message
    WHERE run_id = %(run_id)s AND state = 'parked'
    ORDER BY id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def count_parked(tx: Tx, *, at_most: int = 1000) -> int:
    """How many messages wait for someone, counted up to a limit."""
    scope = tx.actor.channel_ids
    return _PARKED.one(
        tx, at_most=at_most, channels=None if scope is None else uuids(sorted(scope))
    )


_PARKED = query(
    int,
    """
    SELECT count(*)
    FROM (
        SELECT FROM intake.message
        WHERE state = 'parked'
          AND (%(channels)s::uuid[] IS NULL OR channel_id = ANY(%(channels)s::uuid[]))
        LIMIT %(at_most)s
    ) AS parked
    """,
)
