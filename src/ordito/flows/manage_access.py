"""Who may do what: users, passwords and API keys. Nobody grants what they don't have."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.flows.granting import (
    Codes,
    channel_ids_of,
    covers,
    location_ids_of,
    require_grantable,
    require_known,
    roles_of,
)
from ordito.kernel.addresses import normal_email
from ordito.kernel.asks import Ask, Name, Version, is_time_zone
from ordito.kernel.ids import new_id
from ordito.platform import passwords
from ordito.platform.access import Actor
from ordito.platform.account_links import end_steps_of, forget_links
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
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    Fault,
    InvalidInput,
    NotFound,
    NotPermitted,
)
from ordito.platform.roles import Role, granted, lock_roles
from ordito.platform.sessions import end_sessions_of
from ordito.platform.versions import check_version

Email = Annotated[str, Meta(pattern=r"^[^@\s]{1,64}@[^@\s]{1,189}$", max_length=254)]
Permissions = Annotated[tuple[str, ...], Meta(max_length=100)]
Password = Annotated[str, Meta(max_length=1000)]


class CreateUser(Ask, frozen=True, kw_only=True):
    """A person who may sign in once a password is set. No channels or locations: all of them.

    permissions: extra ones, beside those of the roles.
    """

    email: Email
    name: Name
    roles: Codes = ()
    permissions: Permissions = ()
    channels: Codes | None = None
    locations: Codes | None = None
    locale: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    time_zone: Annotated[str, Meta(max_length=60)] = "UTC"


class ChangeUser(Ask, frozen=True, kw_only=True):
    """What is left out stays. Other rights, or active = false, end the user's sessions."""

    user_id: UUID
    version: Version | None = None
    name: Name | UnsetType = UNSET
    roles: Codes | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET
    channels: Codes | UnsetType | None = UNSET
    locations: Codes | UnsetType | None = UNSET
    locale: Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | UnsetType = UNSET
    time_zone: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class SetPassword(Ask, frozen=True, kw_only=True):
    """Whose password; the password itself goes another way, so that no log or table has it."""

    user_id: UUID


@command(permission="access.write")
def create_user(tx: Tx, ask: CreateUser) -> User:
    """Add a person; they sign in once a password is set."""
    roles = roles_of(ask.roles, lock_roles(tx))
    require_known(ask.permissions)
    user = User(
        id=new_id(),
        email=normal_email(ask.email),
        name=ask.name,
        permissions=granted(roles, ask.permissions),
        role_ids=[role.id for role in roles],
        extra_permissions=sorted(set(ask.permissions)),
        channel_ids=channel_ids_of(tx, ask.channels),
        location_ids=location_ids_of(tx, ask.locations),
        locale=ask.locale,
        time_zone=time_zone_of(ask.time_zone),
        active=True,
        version=1,
        created_at=tx.now,
    )
    require_grantable(tx.actor, user.extra_permissions, actor_of_user(user))
    if not insert_user(tx, user):
        raise AlreadyExists("There is a user with this e-mail address already.")
    tx.emit(USER, user.id, UserCreated(user.permissions))
    return user


@command(permission="access.write")
def change_user(tx: Tx, ask: ChangeUser) -> User:
    """Change a person's name, rights or settings, or disable them."""
    roles = lock_roles(tx)
    before = locked_user(tx, ask.user_id)
    check_version("user", before.version, ask.version)
    after = _changed(tx, ask, before, roles)
    names = [n for n in User.__struct_fields__ if getattr(before, n) != getattr(after, n)]
    if not names:
        return before
    rights = {"permissions", "channel_ids", "location_ids", "active"} & set(names)
    if rights:
        require_grantable(tx.actor, after.extra_permissions, actor_of_user(after))
        _require_someone_left(tx, before, after)
        end_sessions_of(tx, after.id)
        end_steps_of(tx, after.id)
    if not after.active:
        forget_links(tx, after.id)
    write_user(tx, after)
    tx.emit(USER, after.id, UserChanged(names, after.permissions, after.active))
    return msgspec.structs.replace(after, version=before.version + 1)


def _changed(tx: Tx, ask: ChangeUser, before: User, roles: Sequence[Role]) -> User:
    fields: dict[str, Any] = {
        name: getattr(ask, name)
        for name in ("name", "locale", "active")
        if getattr(ask, name) is not UNSET
    }
    if ask.time_zone is not UNSET:
        fields["time_zone"] = time_zone_of(ask.time_zone)
    has = [role for role in roles if role.id in before.role_ids]
    extra: Sequence[str] = before.extra_permissions
    if ask.roles is not UNSET:
        has = roles_of(ask.roles, roles)
        fields["role_ids"] = [role.id for role in has]
    if ask.permissions is not UNSET:
        require_known(ask.permissions)
        extra = fields["extra_permissions"] = sorted(set(ask.permissions))
    if ask.roles is not UNSET or ask.permissions is not UNSET:
        fields["permissions"] = granted(has, extra)
    if ask.channels is not UNSET:
        fields["channel_ids"] = channel_ids_of(tx, ask.channels)
    if ask.locations is not UNSET:
        fields["location_ids"] = location_ids_of(tx, ask.locations)
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
    user = locked_user(tx, ask.user_id)
    replace_password(tx, user.id, password_hash)
    tx.emit(USER, user.id, PasswordChanged())
    return msgspec.structs.replace(user, version=user.version + 1)


def replace_password(tx: Tx, user_id: UUID, password_hash: str) -> None:
    """A new password; whatever the old one opened is closed. The caller has the user locked."""
    write_password_hash(tx, user_id, password_hash)
    end_sessions_of(tx, user_id)
    end_steps_of(tx, user_id)
    forget_links(tx, user_id)


Answer = TypeVar("Answer")


def with_secret(function: Callable[..., Answer], **secret: Any) -> Callable[..., Answer]:
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
    return run(db, actor, with_secret(set_password, password_hash=encoded), ask, key=key)


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
        replace_password(tx, user.id, fresh)
        tx.emit(USER, user.id, PasswordChanged())
        write_events(tx)
    db.after_commit()


def locked_user(tx: Tx, user_id: UUID) -> User:
    """A user the actor may change: one who may do more would be a ladder to climb."""
    user = lock_user(tx, user_id)
    if user is None:
        raise NotFound("There is no such user.")
    if user.id != tx.actor.id and not covers(tx.actor, actor_of_user(user)):
        raise NotPermitted("This user may do more than you; someone with all rights must do it.")
    return user


def time_zone_of(name: str) -> str:
    if not is_time_zone(name):
        fault = Fault("/time_zone", "time-zone", f"There is no time zone “{name}”.")
        raise InvalidInput(fault.detail, errors=[fault])
    return name
