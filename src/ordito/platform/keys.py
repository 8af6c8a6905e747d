"""API keys: random, shown once, stored as a hash; what they may do is read at most a second old."""

import hashlib
import time
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ordito.kernel.ids import new_token
from ordito.platform.access import Actor, permission_set
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Database, Tx, query, statement
from ordito.platform.events import Event, RaisedVersion, Stream
from ordito.platform.problems import NotAuthenticated

PREFIX = "ordito_"
TRUSTED_FOR_S = 1.0
"""A process believes what it read of a key for so long: a revoked key dies within it."""


class ApiKey(msgspec.Struct, frozen=True):
    """What a key may do. None as a scope means all."""

    id: UUID
    name: str
    permissions: list[str]
    channel_ids: list[UUID] | None
    location_ids: list[UUID] | None
    active: bool
    version: int
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None


class KeyCreated(Event, frozen=True):
    kind: ClassVar[str] = "key.created"
    name: str
    permissions: list[str]


class KeyRevoked(Event, frozen=True):
    kind: ClassVar[str] = "key.revoked"
    name: str


def new_key() -> tuple[str, bytes]:
    """A fresh key and the hash under which it is stored."""
    token = PREFIX + new_token()
    return token, hash_token(token)


def hash_token(token: str) -> bytes:
    """SHA-256: the token has 160 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).digest()


class KeyRing:
    """The keys a process has verified lately."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[str, tuple[float, Actor]] = {}

    def find(self, token: str) -> Actor | None:
        """The key's actor when it was verified within the last second; no database."""
        known = self._known.get(token)
        return known[1] if known and time.monotonic() - known[0] < TRUSTED_FOR_S else None

    def verify(self, token: str) -> Actor:
        """The key's actor, read anew; raises NotAuthenticated. Runs in a worker thread."""
        # The clock before the look: what it says is never believed for longer than a second.
        asked_at = time.monotonic()
        with self._db.connection() as conn:
            tx = Tx(conn, _NOBODY, now=_NO_CLOCK, memory=self._db.memory)
            row = _FIND.first(tx, key_hash=hash_token(token))
            if row is not None:
                _USED.run(tx, id=row.id)
        if row is None:
            self._known.pop(token, None)
            raise NotAuthenticated("The API key is unknown, revoked or expired.")
        actor = actor_of(row)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[token] = (asked_at, actor)
        return actor

    def forget(self) -> None:
        """Believe nothing any more: a key was changed by this process."""
        self._known.clear()


_NO_CLOCK = datetime.min.replace(tzinfo=UTC)
"""Expiry is compared with the database's own clock."""

_NOBODY = Actor("system", UUID(int=0), "sign-in", frozenset())


def actor_of(key: ApiKey) -> Actor:
    return Actor(
        kind="key",
        id=key.id,
        name=key.name,
        permissions=permission_set(key.permissions),
        channel_ids=None if key.channel_ids is None else frozenset(key.channel_ids),
        location_ids=None if key.location_ids is None else frozenset(key.location_ids),
    )


_FIND = query(
    ApiKey,
    """
    SELECT k.id, k.name, k.permissions, k.channel_ids, k.location_ids, k.active, k.version,
           k.created_at, k.expires_at, k.last_used_at
    FROM platform.api_key_secret AS s
    JOIN platform.api_key AS k ON k.id = s.key_id
    WHERE s.key_hash = %(key_hash)s AND k.active
      AND (k.expires_at IS NULL OR k.expires_at > now())
    """,
)


# To the minute is enough, and spares a write per second.
_USED = statement("""
    UPDATE platform.api_key
    SET last_used_at = now()
    WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at < now() - interval '60 seconds')
""")


def insert_key(tx: Tx, key: ApiKey, key_hash: bytes) -> None:
    """Store a key and, apart from it, its hash. The first event makes its version 1."""
    _INSERT.run(tx, **_values(key))
    _INSERT_SECRET.run(tx, key_hash=key_hash, key_id=key.id)


def _values(key: ApiKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in key.__struct_fields__}


_INSERT = statement("""
    INSERT INTO platform.api_key
        (id, name, permissions, channel_ids, location_ids, active, version, created_at, expires_at)
    VALUES (%(id)s, %(name)s, %(permissions)s::text[], %(channel_ids)s::uuid[],
            %(location_ids)s::uuid[], %(active)s, 0, %(created_at)s, %(expires_at)s)
""")

_INSERT_SECRET = statement("""
    INSERT INTO platform.api_key_secret (key_hash, key_id) VALUES (%(key_hash)s, %(key_id)s)
""")


def lock_key(tx: Tx, key_id: UUID) -> ApiKey | None:
    return _LOCK.first(tx, id=key_id)


_LOCK = query(
    ApiKey,
    """
    SELECT id, name, permissions, channel_ids, location_ids, active, version, created_at,
           expires_at, last_used_at
    FROM platform.api_key
    WHERE id = %(id)s
    FOR NO KEY UPDATE
    """,
)


def list_keys(tx: Tx, *, after: UUID | None = None, limit: int = 200) -> list[ApiKey]:
    """Keys in the order in which they were made, revoked ones too, `after` the one named."""
    return _LIST.all(tx, after=after, limit=limit)


_LIST = query(
    ApiKey,
    """
    SELECT id, name, permissions, channel_ids, location_ids, active, version, created_at,
           expires_at, last_used_at
    FROM platform.api_key
    WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
    ORDER BY id
    LIMIT %(limit)s
    """,
)


def write_revoked(tx: Tx, key_id: UUID) -> None:
    """The key is worth nothing from the commit on; its hash goes as well."""
    _REVOKE.run(tx, id=key_id)
    _DROP_SECRET.run(tx, id=key_id)


_REVOKE = statement("UPDATE platform.api_key SET active = false WHERE id = %(id)s")

_DROP_SECRET = statement("DELETE FROM platform.api_key_secret WHERE key_id = %(id)s")


KEY = Stream(
    "key",
    bulk_query(
        RaisedVersion,
        """
        UPDATE platform.api_key AS k
        SET version = k.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE k.id = d.id
        RETURNING k.id, k.version
        """,
    ),
)
"""The timeline of an API key."""
