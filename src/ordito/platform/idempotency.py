"""A retried request has one effect: the answer is stored in the transaction of its effect."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, statement
from ordito.platform.problems import IdempotencyKeyInvalid, IdempotencyKeyReused

KEPT_FOR = timedelta(days=14)
KEY_LENGTH_MAX = 255


class StoredAnswer(msgspec.Struct, frozen=True):
    actor_id: UUID
    key: str
    fingerprint: bytes
    answer: str


_encoder = msgspec.json.Encoder(order="sorted")


def fingerprint(command: str, ask: Any) -> bytes:
    """16 bytes that are equal for equal asks of the same command, however they were spelled."""
    return hashlib.blake2b(_encoder.encode(ask), digest_size=16, key=command.encode()[:64]).digest()


def check_key(key: str) -> str:
    """A client's Idempotency-Key; raises IdempotencyKeyInvalid."""
    if not key or len(key) > KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyInvalid(
            f"Send 1 to {KEY_LENGTH_MAX} printable ASCII characters, best a fresh UUID per request."
        )
    return key


def send_find(tx: Tx, keys: list[tuple[UUID, str]]) -> Any:
    """Ask for the stored answers of (actor, key) pairs; rows are StoredAnswer."""
    return _FIND.send_rows(tx, keys)


_FIND = bulk_query(
    StoredAnswer,
    """
    SELECT actor_id, key, fingerprint, answer
    FROM platform.idempotency
    JOIN unnest(%s::uuid[], %s::text[]) AS asked (actor_id, key) USING (actor_id, key)
    """,
)


def find(tx: Tx, key: str, print_: bytes) -> str | None:
    """The stored answer of this actor's key, as JSON; raises IdempotencyKeyReused."""
    rows = _FIND.all_rows(tx, [(tx.actor.id, key)])
    if not rows:
        return None
    stored: StoredAnswer = rows[0]
    if stored.fingerprint != print_:
        raise key_reused(key)
    return stored.answer


def key_reused(key: str) -> IdempotencyKeyReused:
    return IdempotencyKeyReused(
        f"The key “{key[:60]}” was used before with another body; use a new key for a new request."
    )


AnswerRow = tuple[UUID | str, str, bytes, int, str]
"""actor id, key, fingerprint, HTTP status, answer as JSON."""


def send_store(tx: Tx, rows: list[AnswerRow]) -> None:
    """Store complete answers; written last, so a row means that the effect is there too."""
    _STORE.send(tx, rows)


_STORE = bulk("""
    INSERT INTO platform.idempotency (actor_id, key, fingerprint, status, answer)
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::bytea[], %s::int4[], %s::text[])
""")


def prune(tx: Tx) -> int:
    """Forget a thousand of the answers that are past their time; returns how many."""
    return _PRUNE.run(tx, kept_for=KEPT_FOR)


_PRUNE = statement("""
    DELETE FROM platform.idempotency
    WHERE (actor_id, key) IN (
        SELECT actor_id, key
        FROM platform.idempotency
        WHERE at < now() - %(kept_for)s::interval
        LIMIT 1000
    )
""")
