"""API keys: random, shown once, stored as a hash; what they may do is read at most a second old."""

import hashlib
import time
from uuid import UUID

import msgspec

from ordito.kernel.ids import new_token
from ordito.platform.access import Actor, permission_set
from ordito.platform.database import Database, Tx, query, statement
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
        with self._db.connection() as conn:
            tx = self._db.tx(conn, _NOBODY)
            row = _FIND.first(tx, key_hash=hash_token(token))
        if row is None:
            self._known.pop(token, None)
            raise NotAuthenticated("The API key is unknown, revoked or expired.")
        actor = actor_of(row)
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[token] = (time.monotonic(), actor)
        return actor


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
    SELECT k.id, k.name, k.permissions, k.channel_ids, k.location_ids
    FROM platform.api_key_secret AS s
    JOIN platform.api_key AS k ON k.id = s.key_id
    WHERE s.key_hash = %(key_hash)s AND k.active
      AND (k.expires_at IS NULL OR k.expires_at > now())
    """,
)


def insert_key(tx: Tx, key: ApiKey, key_hash: bytes) -> None:
    """Store a key and, apart from it, its hash."""
    _INSERT.run(
        tx,
        id=key.id,
        name=key.name,
        permissions=key.permissions,
        channel_ids=key.channel_ids,
        location_ids=key.location_ids,
    )
    _INSERT_SECRET.run(tx, key_hash=key_hash, key_id=key.id)


_INSERT = statement("""
    INSERT INTO platform.api_key (id, name, permissions, channel_ids, location_ids)
    VALUES (%(id)s, %(name)s, %(permissions)s, %(channel_ids)s, %(location_ids)s)
""")

_INSERT_SECRET = statement("""
    INSERT INTO platform.api_key_secret (key_hash, key_id) VALUES (%(key_hash)s, %(key_id)s)
""")
