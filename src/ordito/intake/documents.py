"""Documents in the inbox: what a shop sent or was asked for, kept as it came until it is taken.

A document is a message whose one row has two cells: its topic and its text.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.intake.envelopes import storable
from ordito.intake.inbox import MessageKind, MessageState
from ordito.kernel.ids import new_id
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query, statement

COLUMNS = ["topic", "document"]
ATTEMPTS_MAX = 6
WORDS_CHARS_MAX = 2_000


class Document(msgspec.Struct, frozen=True):
    """A document. `preset` is the kind of shop. Personal data: not for logs."""

    id: UUID
    channel_id: UUID
    preset: str
    topic: str
    text: str
    state: MessageState
    attempts: int
    received_at: datetime


class NewDocument(msgspec.Struct, frozen=True):
    """identity: what makes it the same when it comes again. key: the order it is about, or ""."""

    channel_id: UUID
    preset: str
    topic: str
    text: str
    kind: MessageKind
    key: str
    identity: str
    source: str


def keep_document(tx: Tx, new: NewDocument) -> UUID | None:
    """Write a document; None when it is there already."""
    text = storable(new.text)
    body = {"columns": COLUMNS, "rows": [[1, [new.topic, text]]], "row_keys": []}
    return _KEEP.first(
        tx,
        id=new_id(),
        channel_id=new.channel_id,
        kind=new.kind,
        external_key=storable(new.key)[:200] or None,
        content_hash=hashlib.blake2b(new.identity.encode(), digest_size=16).digest(),
        preset=new.preset,
        body=msgspec.json.encode(body).decode(),
        source=storable(new.source)[:200],
        now=tx.now,
    )


_KEEP = query(
    UUID,
    """
    INSERT INTO intake.message
        (id, channel_id, kind, external_key, content_hash, preset, mode, body, state, source,
         received_at)
    VALUES (%(id)s, %(channel_id)s, %(kind)s, %(external_key)s, %(content_hash)s, %(preset)s,
            'live', %(body)s::jsonb, 'received', %(source)s, %(now)s)
    ON CONFLICT (channel_id, content_hash) DO NOTHING
    RETURNING id
    """,
)

_COLUMNS = """
           id, channel_id, preset, body->'rows'->0->1->>0 AS topic,
           body->'rows'->0->1->>1 AS text, state, attempts, received_at"""


def read_document(tx: Tx, message_id: UUID) -> Document | None:
    return _READ.first(tx, id=message_id)


_READ = query(
    Document,
    f"""
    SELECT {_COLUMNS}
    FROM intake.message
    WHERE id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def lock_document(tx: Tx, message_id: UUID) -> Document | None:
    """Lock a document that was not taken yet, or is parked; None when it was settled."""
    return _LOCK.first(tx, id=message_id)


_LOCK = query(
    Document,
    f"""
    SELECT {_COLUMNS}
    FROM intake.message
    WHERE id = %(id)s AND state IN ('received', 'parked')
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def find_waiting(tx: Tx, presets: Sequence[str], *, limit: int = 100) -> list[UUID]:
    """Documents to be taken now, oldest first; those that failed wait longer each time."""
    return _WAITING.all(tx, presets=texts(presets), limit=limit)


_WAITING = query(
    UUID,
    """
    SELECT id
    FROM intake.message
    WHERE state = 'received' AND preset = ANY(%(presets)s::text[])
      AND (handled_at IS NULL OR handled_at < now() - make_interval(secs => 2 ^ attempts))
    ORDER BY id
    LIMIT %(limit)s
    """,
)


class DocumentCounts(msgspec.Struct, frozen=True):
    """Of a channel: documents that wait for the worker, and for someone; up to 1,000 each."""

    received: int
    parked: int


def count_documents(tx: Tx, channel_id: UUID, preset: str) -> DocumentCounts:
    return _COUNTS.one(tx, channel_id=channel_id, preset=preset)


_COUNTS = query(
    DocumentCounts,
    """
    SELECT (SELECT count(*) FROM (
                SELECT FROM intake.message
                WHERE state = 'received' AND channel_id = %(channel_id)s AND preset = %(preset)s
                LIMIT 1000) AS r) AS received,
           (SELECT count(*) FROM (
                SELECT FROM intake.message
                WHERE state = 'parked' AND channel_id = %(channel_id)s AND preset = %(preset)s
                LIMIT 1000) AS p) AS parked
    """,
)


class Settled(msgspec.Struct, frozen=True):
    """What became of a document. reason: a code where it is parked; words are for people."""

    state: MessageState
    reason: str = ""
    words: str = ""
    results: dict[str, list[str]] = {}


def settle_document(tx: Tx, document: Document, settled: Settled) -> None:
    """Write what became of a document; the caller holds its lock."""
    _SETTLE.run(
        tx,
        id=document.id,
        state=settled.state,
        reason=settled.reason[:60],
        words=storable(settled.words[:WORDS_CHARS_MAX]),
        results=msgspec.json.encode(settled.results).decode(),
        now=tx.now,
    )


_SETTLE = statement("""
    UPDATE intake.message
    SET state = %(state)s, reason = %(reason)s, words = %(words)s, handled_at = %(now)s,
        results = results || %(results)s::jsonb, version = version + 1,
        attempts = attempts + CASE WHEN state = 'parked' THEN 1 ELSE 0 END
    WHERE id = %(id)s
""")


def note_failure(tx: Tx, message_id: UUID, words: str) -> None:
    """Taking it failed in a way nobody foresaw: it waits, and is parked after some tries."""
    _FAILURE.run(tx, id=message_id, words=words, attempts_max=ATTEMPTS_MAX, now=tx.now)


_FAILURE = statement("""
    UPDATE intake.message
    SET attempts = attempts + 1, handled_at = %(now)s, words = %(words)s, version = version + 1,
        state = CASE WHEN attempts >= %(attempts_max)s THEN 'parked' ELSE state END,
        reason = CASE WHEN attempts >= %(attempts_max)s THEN 'failed' ELSE reason END
    WHERE id = %(id)s AND state = 'received'
""")
