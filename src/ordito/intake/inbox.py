"""The inbox: every message as it came, what became of it, and why it waits if it does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from ordito.intake.types import Mode
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query

MessageState = Literal["received", "done", "duplicate", "parked", "refused"]
MessageKind = Literal["order", "cancellation", "adjustment", "charge", "unreadable"]


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
    """Rows of a file as they came: headings, and (line number, cells) each. Personal data."""

    columns: list[str]
    rows: list[tuple[int, list[str]]]


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
run id, source, source lines as an array literal, results, received at, handled at."""


def insert_messages(tx: Tx, rows: Sequence[MessageRow]) -> None:
    """Write new messages with what became of them."""
    _INSERT.run(tx, rows)


_INSERT = bulk("""
    INSERT INTO intake.message
        (id, channel_id, kind, external_key, content_hash, preset, mode, body, state, reason,
         words, run_id, source, source_lines, results, received_at, handled_at)
    SELECT id, channel_id, kind, external_key, content_hash, preset, mode, body, state, reason,
           words, run_id, source, source_lines::int4[], results, received_at, handled_at
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::text[],
                %s::text[], %s::jsonb[], %s::text[], %s::text[], %s::text[], %s::uuid[],
                %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::timestamptz[])
        AS new (id, channel_id, kind, external_key, content_hash, preset, mode, body, state,
                reason, words, run_id, source, source_lines, results, received_at, handled_at)
""")

HandledRow = tuple[UUID, MessageState, str, str, dict[str, list[str]], datetime]
"""id, state, reason, words, results, handled at"""


def write_handled(tx: Tx, rows: Sequence[HandledRow]) -> None:
    """Write what became of messages that were tried once more."""
    _HANDLED.run(tx, rows)


_HANDLED = bulk("""
    UPDATE intake.message AS m
    SET state = d.state, reason = d.reason, words = d.words, results = d.results,
        handled_at = d.handled_at, attempts = m.attempts + 1, version = m.version + 1
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[])
        AS d (id, state, reason, words, results, handled_at)
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


def read_body(tx: Tx, message_id: UUID) -> RawBody:
    """The rows of a message as they came. Personal data: not for logs."""
    return _BODY.one(tx, id=message_id).body


class _Body(msgspec.Struct, frozen=True):
    body: RawBody


_BODY = query(_Body, "SELECT body FROM intake.message WHERE id = %(id)s")


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
