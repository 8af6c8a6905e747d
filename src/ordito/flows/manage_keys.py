"""API keys: made, shown once, revoked. Nobody grants what they don't have."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.flows.granting import (
    Codes,
    channel_ids_of,
    covers,
    location_ids_of,
    require_grantable,
)
from ordito.kernel.asks import Ask, Instant, Name
from ordito.kernel.ids import new_id
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run, spec_of
from ordito.platform.keys import (
    KEY,
    ApiKey,
    KeyCreated,
    KeyRevoked,
    actor_of,
    insert_key,
    lock_key,
    new_key,
    write_revoked,
)
from ordito.platform.problems import Fault, InvalidInput, NotFound


class CreateKey(Ask, frozen=True, kw_only=True):
    """An API key. No channels or locations: all of them."""

    name: Name
    permissions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)]
    channels: Codes | None = None
    locations: Codes | None = None
    expires_at: Instant | None = None


class RevokeKey(Ask, frozen=True, kw_only=True):
    key_id: UUID


class IssuedKey(msgspec.Struct, frozen=True):
    """A key with its token: shown this once; null when the request was a repeated one."""

    id: UUID
    version: int
    key: ApiKey
    token: str | None


@command(permission="access.write")
def create_key(tx: Tx, ask: CreateKey, *, key_hash: bytes) -> ApiKey:
    """Store a key; see issue_key."""
    key = ApiKey(
        id=new_id(),
        name=ask.name,
        permissions=sorted(set(ask.permissions)),
        channel_ids=channel_ids_of(tx, ask.channels),
        location_ids=location_ids_of(tx, ask.locations),
        active=True,
        version=1,
        created_at=tx.now,
        expires_at=ask.expires_at,
    )
    require_grantable(tx.actor, key.permissions, actor_of(key))
    if key.expires_at is not None and key.expires_at <= tx.now:
        fault = Fault("/expires_at", "past", "Expected an instant in the future.")
        raise InvalidInput(fault.detail, errors=[fault])
    insert_key(tx, key, key_hash)
    tx.emit(KEY, key.id, KeyCreated(key.name, key.permissions))
    return key


def issue_key(db: Database, actor: Actor, ask: CreateKey, *, key: str | None = None) -> IssuedKey:
    """Make an API key. Its token is in this answer and nowhere else."""
    token, key_hash = new_key()
    used: list[bool] = []

    def create(tx: Tx, ask: CreateKey) -> ApiKey:
        used.append(True)
        return create_key(tx, ask, key_hash=key_hash)

    create.__dict__["__command__"] = spec_of(create_key)
    made = run(db, actor, create, ask, key=key)
    return IssuedKey(made.id, made.version, made, token if used else None)


@command(permission="access.write")
def revoke_key(tx: Tx, ask: RevokeKey) -> ApiKey:
    """Make a key worthless; what it did stays on the timelines."""
    key = lock_key(tx, ask.key_id)
    if key is None or not covers(tx.actor, actor_of(key)):
        raise NotFound("There is no such key, or it may do more than you.")
    if not key.active:
        return key
    write_revoked(tx, key.id)
    tx.emit(KEY, key.id, KeyRevoked(key.name))
    return msgspec.structs.replace(key, active=False, version=key.version + 1)
