"""Who may do what: users, passwords and API keys. Nobody grants what they don't have."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.flows.reference import reference
from ordito.kernel.addresses import normal_email
from ordito.kernel.asks import Ask, Code, Instant, Name, Version, is_time_zone
from ordito.kernel.ids import new_id
from ordito.platform import passwords
from ordito.platform.access import PERMISSIONS, Actor
from ordito.platform.accounts import (
    USER,
    PasswordChanged,
    User,
    UserChanged,
    UserCreated,
    actor_of_user,
    count_administrators,
    insert_user,
    lock_user,
    read_password_hash,
    read_user,
    write_password_hash,
    write_user,
)
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run, spec_of
from ordito.platform.events import write_events
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
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
    VersionConflict,
)
from ordito.platform.sessions import end_sessions_of

Email = Annotated[str, Meta(pattern=r"^[^@\s]{1,64}@[^@\s]{1,189}$", max_length=254)]
Permissions = Annotated[tuple[str, ...], Meta(max_length=100)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=1000)]
Password = Annotated[str, Meta(max_length=1000)]


class CreateUser(Ask, frozen=True, kw_only=True):
    """A person who may sign in once a password is set. No channels or locations: all of them."""

    email: Email
    name: Name
    permissions: Permissions
    channels: Codes | None = None
    locations: Codes | None = None
    locale: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    time_zone: Annotated[str, Meta(max_length=60)] = "UTC"


class ChangeUser(Ask, frozen=True, kw_only=True):
    """What is left out stays. Other rights, or active = false, end the user's sessions."""

    user_id: UUID
    version: Version | None = None
    name: Name | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET
    channels: Codes | UnsetType | None = UNSET
    locations: Codes | UnsetType | None = UNSET
    locale: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | UnsetType = UNSET
    time_zone: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class SetPassword(Ask, frozen=True, kw_only=True):
    """Whose password; the password itself goes another way, so that no log or table has it."""

    user_id: UUID


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
def create_user(tx: Tx, ask: CreateUser) -> User:
    """Add a person; they sign in once a password is set."""
    user = User(
        id=new_id(),
        email=normal_email(ask.email),
        name=ask.name,
        permissions=sorted(set(ask.permissions)),
        channel_ids=_channel_ids(tx, ask.channels),
        location_ids=_location_ids(tx, ask.locations),
        locale=ask.locale,
        time_zone=_time_zone(ask.time_zone),
        active=True,
        version=1,
        created_at=tx.now,
    )
    _require_grantable(tx.actor, user.permissions, actor_of_user(user))
    if not insert_user(tx, user):
        raise AlreadyExists("There is a user with this e-mail address already.")
    tx.emit(USER, user.id, UserCreated(user.permissions))
    return user


@command(permission="access.write")
def change_user(tx: Tx, ask: ChangeUser) -> User:
    """Change a person's name, rights or settings, or disable them."""
    before = _locked_user(tx, ask.user_id)
    if ask.version is not None and ask.version != before.version:
        raise VersionConflict(
            f"You read version {ask.version}, the user is at version {before.version} now."
            " Read it again and decide anew.",
            extra={"version": before.version},
        )
    after = _changed(tx, ask, before)
    names = [n for n in User.__struct_fields__ if getattr(before, n) != getattr(after, n)]
    if not names:
        return before
    rights = {"permissions", "channel_ids", "location_ids", "active"} & set(names)
    if rights:
        _require_grantable(tx.actor, after.permissions, actor_of_user(after))
        _require_someone_left(tx, before, after)
        end_sessions_of(tx, after.id)
    write_user(tx, after)
    tx.emit(USER, after.id, UserChanged(names, after.permissions, after.active))
    return msgspec.structs.replace(after, version=before.version + 1)


def _changed(tx: Tx, ask: ChangeUser, before: User) -> User:
    fields: dict[str, Any] = {
        name: getattr(ask, name)
        for name in ("name", "locale", "active")
        if getattr(ask, name) is not UNSET
    }
    if ask.time_zone is not UNSET:
        fields["time_zone"] = _time_zone(ask.time_zone)
    if ask.permissions is not UNSET:
        fields["permissions"] = sorted(set(ask.permissions))
    if ask.channels is not UNSET:
        fields["channel_ids"] = _channel_ids(tx, ask.channels)
    if ask.locations is not UNSET:
        fields["location_ids"] = _location_ids(tx, ask.locations)
    return msgspec.structs.replace(before, **fields)


def _require_someone_left(tx: Tx, before: User, after: User) -> None:
    if not _manages(before) or _manages(after):
        return
    if tx.actor.kind != "system" and count_administrators(tx, besides=after.id) == 0:
        raise ActionNotAllowed(
            "This is the last user who may manage access. Give that right to someone else first."
        )


def _manages(user: User) -> bool:
    return user.active and "access.write" in user.permissions


@command(permission="access.write")
def set_password(tx: Tx, ask: SetPassword, *, password_hash: str) -> User:
    """Give a user a new password; whoever is signed in as this user is signed out."""
    user = _locked_user(tx, ask.user_id)
    write_password_hash(tx, user.id, password_hash)
    end_sessions_of(tx, user.id)
    tx.emit(USER, user.id, PasswordChanged())
    return msgspec.structs.replace(user, version=user.version + 1)


Answer = TypeVar("Answer")


def _with_secret(function: Callable[..., Answer], **secret: Any) -> Callable[..., Answer]:
    """The command with a secret at hand that is no part of the ask, which is kept."""
    bound = partial(function, **secret)
    bound.__dict__["__command__"] = spec_of(function)
    return bound


def give_password(
    db: Database, actor: Actor, ask: SetPassword, password: str, *, key: str | None = None
) -> User:
    """Check the strength, hash outside of any transaction, set. Raises PasswordTooWeak."""
    actor.require("access.write")
    with db.reading(actor) as tx:
        user = read_user(tx, ask.user_id)
    passwords.check_strength(password, email=user.email if user else "")
    encoded = passwords.hash_password(password)
    return run(db, actor, _with_secret(set_password, password_hash=encoded), ask, key=key)


def change_own_password(db: Database, actor: Actor, current: str, new: str) -> None:
    """A user changes their own password; every session ends, this one as well.

    Raises InvalidInput when the current one is wrong, PasswordTooWeak.
    """
    assert actor.kind == "user", "keys have no password"
    with db.reading(actor) as tx:
        user, encoded = read_user(tx, actor.id), read_password_hash(tx, actor.id)
    if user is None or not passwords.verify(encoded, current):
        fault = Fault("/current", "wrong", "This is not your current password.")
        raise InvalidInput(fault.detail, errors=[fault])
    passwords.check_strength(new, email=user.email, pointer="/new")
    fresh = passwords.hash_password(new)
    # No command: it needs no permission, only the password.
    with db.transaction(actor) as tx:
        lock_user(tx, user.id)
        write_password_hash(tx, user.id, fresh)
        end_sessions_of(tx, user.id)
        tx.emit(USER, user.id, PasswordChanged())
        write_events(tx)
    db.after_commit()


@command(permission="access.write")
def create_key(tx: Tx, ask: CreateKey, *, key_hash: bytes) -> ApiKey:
    """Store a key; see issue_key."""
    key = ApiKey(
        id=new_id(),
        name=ask.name,
        permissions=sorted(set(ask.permissions)),
        channel_ids=_channel_ids(tx, ask.channels),
        location_ids=_location_ids(tx, ask.locations),
        active=True,
        version=1,
        created_at=tx.now,
        expires_at=ask.expires_at,
    )
    _require_grantable(tx.actor, key.permissions, actor_of(key))
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
    if key is None or not _covers(tx.actor, actor_of(key)):
        raise NotFound("There is no such key, or it may do more than you.")
    if not key.active:
        return key
    write_revoked(tx, key.id)
    tx.emit(KEY, key.id, KeyRevoked(key.name))
    return msgspec.structs.replace(key, active=False, version=key.version + 1)


def _locked_user(tx: Tx, user_id: UUID) -> User:
    """A user the actor may change: one who may do more would be a ladder to climb."""
    user = lock_user(tx, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    if user.id != tx.actor.id and not _covers(tx.actor, actor_of_user(user)):
        raise NotPermitted("This user may do more than you; someone with all rights must do it.")
    return user


def _require_grantable(actor: Actor, names: Sequence[str], grantee: Actor) -> None:
    """Raises InvalidInput for unknown permissions, NotPermitted for what the actor lacks."""
    faults = [
        Fault("/permissions", "not-a-choice", f"There is no permission “{name[:40]}”.")
        for name in names
        if name not in PERMISSIONS
    ]
    if faults:
        known = ", ".join(PERMISSIONS)
        raise InvalidInput(f"{faults[0].detail} There are: {known}.", errors=faults)
    missing = sorted(grantee.permissions - actor.permissions)
    if missing:
        raise NotPermitted(
            f"You can't grant what you don't have: {', '.join(missing)}.",
            extra={"permission": missing[0]},
        )
    if not _covers(actor, grantee):
        raise NotPermitted("You can't grant channels or locations that you don't see yourself.")


def _covers(actor: Actor, other: Actor) -> bool:
    """Whether the actor may do, and sees, all that the other one does."""
    return (
        other.permissions <= actor.permissions
        and _within(other.channel_ids, actor.channel_ids)
        and _within(other.location_ids, actor.location_ids)
    )


def _within(inner: frozenset[UUID] | None, outer: frozenset[UUID] | None) -> bool:
    return outer is None or (inner is not None and inner <= outer)


def _channel_ids(tx: Tx, codes: Codes | None) -> list[UUID] | None:
    if codes is None:
        return None
    known = {code: channel.id for code, channel in reference(tx).channels.items()}
    return _ids_of("channels", "channel", codes, known)


def _location_ids(tx: Tx, codes: Codes | None) -> list[UUID] | None:
    if codes is None:
        return None
    known = {code: location.id for code, location in reference(tx).locations.items()}
    return _ids_of("locations", "location", codes, known)


def _ids_of(field: str, noun: str, codes: Sequence[str], known: dict[str, UUID]) -> list[UUID]:
    faults = [
        Fault(f"/{field}/{i}", f"unknown-{noun}", f"There is no {noun} “{code}”.")
        for i, code in enumerate(codes)
        if code not in known
    ]
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    return sorted({known[code] for code in codes})


def _time_zone(name: str) -> str:
    if not is_time_zone(name):
        fault = Fault("/time_zone", "time-zone", f"There is no time zone “{name}”.")
        raise InvalidInput(fault.detail, errors=[fault])
    return name
