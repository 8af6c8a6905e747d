"""Roles: named sets of permissions that users have; some come with Ordito and stay as they are."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ordito.platform.access import ALL, PERMISSIONS
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import Event, RaisedVersion, Stream


class Role(msgspec.Struct, frozen=True):
    """A named set of permissions. "*" among them is every one, those of later versions too.

    second_factor: whoever has the role must sign in with a second factor.
    """

    id: UUID
    code: str
    name: str
    permissions: list[str]
    built_in: bool
    second_factor: bool
    version: int
    created_at: datetime


class RoleCreated(Event, frozen=True):
    kind: ClassVar[str] = "role.created"
    code: str
    permissions: list[str]


class RoleChanged(Event, frozen=True):
    """Names of the fields that changed, and the permissions as they are now."""

    kind: ClassVar[str] = "role.changed"
    fields: list[str]
    permissions: list[str]
    second_factor: bool


class RoleRemoved(Event, frozen=True):
    kind: ClassVar[str] = "role.removed"
    code: str


def granted(roles: Iterable[Role], extra: Iterable[str]) -> list[str]:
    """What someone with these roles and extra permissions may do, sorted.

    "*" is spelled out as well: programs of an earlier version look for names.
    """
    found = set(extra).union(*(role.permissions for role in roles))
    return sorted(found | set(PERMISSIONS)) if ALL in found else sorted(found)


def list_roles(tx: Tx) -> list[Role]:
    """All roles, those that come with Ordito first; at most 500."""
    return _LIST.all(tx)


_LIST = query(
    Role,
    """
    SELECT id, code, name, permissions, built_in, second_factor, version, created_at
    FROM platform.role
    WHERE active
    ORDER BY built_in DESC, id
    LIMIT 500
    """,
)


def lock_roles(tx: Tx) -> list[Role]:
    """All roles, locked until the end: one at a time changes what people may do."""
    return _LOCK.all(tx)


_LOCK = query(
    Role,
    """
    SELECT id, code, name, permissions, built_in, second_factor, version, created_at
    FROM platform.role
    WHERE active
    ORDER BY id
    FOR NO KEY UPDATE
    """,
)


def insert_role(tx: Tx, role: Role) -> bool:
    """Write a new role; False when its code is taken. The first event makes its version 1."""
    return _INSERT.run(tx, **_values(role)) == 1


_INSERT = statement("""
    INSERT INTO platform.role
        (id, code, name, permissions, built_in, second_factor, version, created_at)
    VALUES (%(id)s, %(code)s, %(name)s, %(permissions)s::text[], %(built_in)s, %(second_factor)s,
            0, %(created_at)s)
    ON CONFLICT (code) WHERE active DO NOTHING
""")


def write_role(tx: Tx, role: Role) -> None:
    """Write a changed role; the caller holds the lock. The code stays."""
    _UPDATE.run(tx, **_values(role))


_UPDATE = statement("""
    UPDATE platform.role
    SET name = %(name)s, permissions = %(permissions)s::text[], second_factor = %(second_factor)s
    WHERE id = %(id)s
""")


def write_removed(tx: Tx, role_id: UUID) -> None:
    """The role is no more; its code is free, its timeline stays."""
    _REMOVE.run(tx, id=role_id)


_REMOVE = statement("UPDATE platform.role SET active = false WHERE id = %(id)s")


def _values(role: Role) -> dict[str, Any]:
    return {name: getattr(role, name) for name in role.__struct_fields__}


class Holder(msgspec.Struct, frozen=True):
    """A user with a certain role, and what they may do beside it."""

    id: UUID
    role_ids: list[UUID]
    extra_permissions: list[str]


def lock_holders(tx: Tx, role_id: UUID) -> list[Holder]:
    """The users who have the role, disabled ones too, locked."""
    return _HOLDERS.all(tx, role_ids=[role_id])


_HOLDERS = query(
    Holder,
    """
    SELECT id, role_ids, extra_permissions
    FROM platform.app_user
    WHERE role_ids @> %(role_ids)s::uuid[]
    ORDER BY id
    FOR NO KEY UPDATE
    """,
)


class HolderCount(msgspec.Struct, frozen=True):
    role_id: UUID
    people: int


def count_holders(tx: Tx) -> list[HolderCount]:
    """How many people have each role, disabled ones too; roles that nobody has are absent."""
    return _COUNT.all(tx)


_COUNT = query(
    HolderCount,
    """
    SELECT has.role_id, count(*) AS people
    FROM platform.app_user AS u, unnest(u.role_ids) AS has (role_id)
    GROUP BY has.role_id
    """,
)


def write_granted(tx: Tx, granted_to: Sequence[tuple[UUID, list[str]]]) -> None:
    """Write what users may do now, after one of their roles changed."""
    rows = [{"id": str(user_id), "permissions": permissions} for user_id, permissions in granted_to]
    _WRITE_GRANTED.run(tx, rows=msgspec.json.encode(rows).decode())


_WRITE_GRANTED = statement("""
    UPDATE platform.app_user AS u
    SET permissions = ARRAY(SELECT jsonb_array_elements_text(d.permissions))
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS d (id uuid, permissions jsonb)
    WHERE u.id = d.id
""")


ROLE = Stream(
    "role",
    bulk_query(
        RaisedVersion,
        """
        UPDATE platform.role AS r
        SET version = r.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE r.id = d.id
        RETURNING r.id, r.version
        """,
    ),
)
"""The timeline of a role."""
