"""People who sign in: who they are, what they may do; the hash of their password is kept apart."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ordito.platform.access import Actor, permission_set
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import Event, RaisedVersion, Stream


class User(msgspec.Struct, frozen=True):
    """A person who may sign in. None as a scope means all.

    permissions: all that the person may do: those of the roles and the extra ones.
    """

    id: UUID
    email: str
    name: str
    permissions: list[str]
    role_ids: list[UUID]
    extra_permissions: list[str]
    channel_ids: list[UUID] | None
    location_ids: list[UUID] | None
    locale: str
    time_zone: str
    active: bool
    version: int
    created_at: datetime


class UserCreated(Event, frozen=True):
    kind: ClassVar[str] = "user.created"
    permissions: list[str]


class UserChanged(Event, frozen=True):
    """Names of the fields that changed, and the permissions as they are now."""

    kind: ClassVar[str] = "user.changed"
    fields: list[str]
    permissions: list[str]
    active: bool


class PasswordChanged(Event, frozen=True):
    kind: ClassVar[str] = "user.password_changed"


class UserInvited(Event, frozen=True):
    """A link to choose a password was made."""

    kind: ClassVar[str] = "user.invited"


class PasswordResetAsked(Event, frozen=True):
    kind: ClassVar[str] = "user.password_reset_asked"


class SignedIn(Event, frozen=True):
    kind: ClassVar[str] = "user.signed_in"
    second_factor: bool = False


class SignInFailed(Event, frozen=True):
    """step: what was wrong, the password or the second factor's code."""

    kind: ClassVar[str] = "user.sign_in_failed"
    step: str


class SignedOut(Event, frozen=True):
    """Somebody who manages access ended this many of the user's sessions."""

    kind: ClassVar[str] = "user.signed_out"
    sessions: int


class SecondFactorSet(Event, frozen=True):
    kind: ClassVar[str] = "user.second_factor_set"


class SecondFactorRemoved(Event, frozen=True):
    kind: ClassVar[str] = "user.second_factor_removed"


class RecoveryCodeUsed(Event, frozen=True):
    """left: how many codes the person still has."""

    kind: ClassVar[str] = "user.recovery_code_used"
    left: int


def actor_of_user(user: User) -> Actor:
    """The user as who acts."""
    return Actor(
        kind="user",
        id=user.id,
        name=user.name,
        permissions=permission_set(user.permissions),
        channel_ids=None if user.channel_ids is None else frozenset(user.channel_ids),
        location_ids=None if user.location_ids is None else frozenset(user.location_ids),
    )


_COLUMNS = """
           id, email, name, permissions, role_ids, extra_permissions, channel_ids, location_ids,
           locale, time_zone, active, version, created_at"""


def read_user(tx: Tx, user_id: UUID) -> User | None:
    return _READ.first(tx, id=user_id)


_READ = query(User, f"SELECT {_COLUMNS} FROM platform.app_user WHERE id = %(id)s")  # noqa: S608


def find_user(tx: Tx, email: str) -> User | None:
    """The user with this e-mail address, in the form that `normal_email` gives."""
    return _FIND.first(tx, email=email)


_FIND = query(User, f"SELECT {_COLUMNS} FROM platform.app_user WHERE email = %(email)s")  # noqa: S608


def lock_user(tx: Tx, user_id: UUID) -> User | None:
    return _LOCK.first(tx, id=user_id)


_LOCK = query(
    User,
    f"""
    SELECT {_COLUMNS}
    FROM platform.app_user
    WHERE id = %(id)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def list_users(tx: Tx, *, after: UUID | None = None, limit: int = 200) -> list[User]:
    """Users in the order in which they were made, `after` the one named."""
    return _LIST.all(tx, after=after, limit=limit)


_LIST = query(
    User,
    f"""
    SELECT {_COLUMNS}
    FROM platform.app_user
    WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
    ORDER BY id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def list_assignable(tx: Tx, *, limit: int = 200) -> list[User]:
    """Active users who see orders, by name."""
    return _ASSIGNABLE.all(tx, limit=limit)


_ASSIGNABLE = query(
    User,
    f"""
    SELECT {_COLUMNS}
    FROM platform.app_user
    WHERE active AND 'orders.read' = ANY(permissions)
    ORDER BY name, id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def insert_user(tx: Tx, user: User) -> bool:
    """Write a new user; False when the address is taken. The first event makes its version 1."""
    return _INSERT.run(tx, **_values(user)) == 1


_INSERT = statement("""
    INSERT INTO platform.app_user
        (id, email, name, permissions, role_ids, extra_permissions, channel_ids, location_ids,
         locale, time_zone, active, version, created_at)
    VALUES (%(id)s, %(email)s, %(name)s, %(permissions)s::text[], %(role_ids)s::uuid[],
            %(extra_permissions)s::text[], %(channel_ids)s::uuid[], %(location_ids)s::uuid[],
            %(locale)s, %(time_zone)s, %(active)s, 0, %(created_at)s)
    ON CONFLICT (email) DO NOTHING
""")


def write_user(tx: Tx, user: User) -> None:
    """Write a changed user; the caller holds the lock. The address stays."""
    _UPDATE.run(tx, **_values(user))


_UPDATE = statement("""
    UPDATE platform.app_user
    SET name = %(name)s, permissions = %(permissions)s::text[],
        role_ids = %(role_ids)s::uuid[], extra_permissions = %(extra_permissions)s::text[],
        channel_ids = %(channel_ids)s::uuid[], location_ids = %(location_ids)s::uuid[],
        locale = %(locale)s, time_zone = %(time_zone)s, active = %(active)s
    WHERE id = %(id)s
""")


def _values(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in user.__struct_fields__}


def count_administrators(tx: Tx, *, besides: UUID | None = None) -> int:
    """Active users who may manage access, all of them locked; `besides` one.

    Locked, so that two who remove each other at the same moment don't both succeed.
    """
    return sum(1 for id_ in _ADMINISTRATORS.all(tx) if id_ != besides)


_ADMINISTRATORS = query(
    UUID,
    """
    SELECT id
    FROM platform.app_user
    WHERE active AND 'access.write' = ANY(permissions)
    ORDER BY id
    FOR NO KEY UPDATE
    """,
)


USER = Stream(
    "user",
    bulk_query(
        RaisedVersion,
        """
        UPDATE platform.app_user AS u
        SET version = u.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE u.id = d.id
        RETURNING u.id, u.version
        """,
    ),
)
"""The timeline of a user."""


def write_password_hash(tx: Tx, user_id: UUID, encoded: str) -> None:
    """Store the hash of a user's password in place of the one before."""
    _SET_HASH.run(tx, user_id=user_id, password_hash=encoded)


_SET_HASH = statement("""
    INSERT INTO platform.user_secret (user_id, password_hash)
    VALUES (%(user_id)s, %(password_hash)s)
    ON CONFLICT (user_id)
    DO UPDATE SET password_hash = excluded.password_hash, changed_at = now()
""")


def read_password_hash(tx: Tx, user_id: UUID) -> str | None:
    """The stored hash; None when the user has no password yet."""
    return _HASH.first(tx, user_id=user_id)


_HASH = query(str, "SELECT password_hash FROM platform.user_secret WHERE user_id = %(user_id)s")
