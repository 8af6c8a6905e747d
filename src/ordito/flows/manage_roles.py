"""Roles: what their holders may do changes with them, at the next request."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.flows.granting import require_known
from ordito.kernel.asks import Ask, Code, Name, Version
from ordito.kernel.ids import new_id
from ordito.platform.access import Actor, permission_set
from ordito.platform.accounts import count_administrators
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import (
    ActionNotAllowed,
    AlreadyExists,
    NotFound,
    NotPermitted,
)
from ordito.platform.roles import (
    ROLE,
    Role,
    RoleChanged,
    RoleCreated,
    RoleRemoved,
    granted,
    insert_role,
    lock_holders,
    lock_roles,
    write_granted,
    write_removed,
    write_role,
)
from ordito.platform.versions import check_version

Permissions = Annotated[tuple[str, ...], Meta(max_length=100)]


class CreateRole(Ask, frozen=True, kw_only=True):
    """A role of one's own. second_factor: its holders must sign in with one."""

    code: Code
    name: Name
    permissions: Permissions
    second_factor: bool = False


class ChangeRole(Ask, frozen=True, kw_only=True):
    """What is left out stays. Of a role that comes with Ordito only `second_factor` changes."""

    role_id: UUID
    version: Version | None = None
    name: Name | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET
    second_factor: bool | UnsetType = UNSET


class RemoveRole(Ask, frozen=True, kw_only=True):
    role_id: UUID


@command(permission="access.write")
def create_role(tx: Tx, ask: CreateRole) -> Role:
    """Make a role; nobody has it yet."""
    require_known(ask.permissions)
    role = Role(
        id=new_id(),
        code=ask.code,
        name=ask.name,
        permissions=sorted(set(ask.permissions)),
        built_in=False,
        second_factor=ask.second_factor,
        version=1,
        created_at=tx.now,
    )
    _require_mighty(tx.actor, role)
    if not insert_role(tx, role):
        raise AlreadyExists(f"There is a role “{ask.code}” already.")
    tx.emit(ROLE, role.id, RoleCreated(role.code, role.permissions))
    return role


@command(permission="access.write")
def change_role(tx: Tx, ask: ChangeRole) -> Role:
    """Change a role; its holders may do what it says now from their next request on."""
    roles = lock_roles(tx)
    before = _found(roles, ask.role_id)
    check_version("role", before.version, ask.version)
    after = _changed(ask, before)
    names = [n for n in Role.__struct_fields__ if getattr(before, n) != getattr(after, n)]
    if not names:
        return before
    _require_mighty(tx.actor, before)
    _require_mighty(tx.actor, after)
    write_role(tx, after)
    if "permissions" in names:
        _grant_anew(tx, [after if role.id == after.id else role for role in roles], after.id)
    tx.emit(ROLE, after.id, RoleChanged(names, after.permissions, after.second_factor))
    return msgspec.structs.replace(after, version=before.version + 1)


def _changed(ask: ChangeRole, before: Role) -> Role:
    if before.built_in and (ask.name is not UNSET or ask.permissions is not UNSET):
        raise ActionNotAllowed(
            f"The role “{before.code}” comes with Ordito and stays as it is."
            " Make a role of your own with what you need."
        )
    after = before
    if ask.name is not UNSET:
        after = msgspec.structs.replace(after, name=ask.name)
    if ask.permissions is not UNSET:
        require_known(ask.permissions)
        after = msgspec.structs.replace(after, permissions=sorted(set(ask.permissions)))
    if ask.second_factor is not UNSET:
        after = msgspec.structs.replace(after, second_factor=ask.second_factor)
    return after


def _grant_anew(tx: Tx, roles: list[Role], changed_id: UUID) -> None:
    """Write for every holder what the roles give together."""
    known = {role.id: role for role in roles}
    changes = [
        (
            holder.id,
            granted(
                (known[id_] for id_ in holder.role_ids if id_ in known), holder.extra_permissions
            ),
        )
        for holder in lock_holders(tx, changed_id)
    ]
    if not changes:
        return
    write_granted(tx, changes)
    if tx.actor.kind != "system" and count_administrators(tx) == 0:
        raise ActionNotAllowed(
            "Nobody would be left who may manage access. Give that right to someone else first."
        )


@command(permission="access.write")
def remove_role(tx: Tx, ask: RemoveRole) -> Role:
    """Remove a role that nobody has; its timeline stays."""
    role = _found(lock_roles(tx), ask.role_id)
    if role.built_in:
        raise ActionNotAllowed(f"The role “{role.code}” comes with Ordito and stays.")
    _require_mighty(tx.actor, role)
    holders = lock_holders(tx, role.id)
    if holders:
        raise ActionNotAllowed(
            f"{len(holders)} people have this role. Take it from them first.",
            extra={"holders": len(holders)},
        )
    write_removed(tx, role.id)
    tx.emit(ROLE, role.id, RoleRemoved(role.code))
    return msgspec.structs.replace(role, version=role.version + 1)


def _found(roles: list[Role], role_id: UUID) -> Role:
    for role in roles:
        if role.id == role_id:
            return role
    raise NotFound("There is no such role.")


def _require_mighty(actor: Actor, role: Role) -> None:
    """Raises NotPermitted: a role reaches everyone who has it, in whatever scope."""
    missing = sorted(permission_set(role.permissions) - actor.permissions)
    if missing or actor.channel_ids is not None or actor.location_ids is not None:
        raise NotPermitted(
            "Only someone with all permissions of a role, in every channel and location,"
            " makes or changes it.",
            extra={"missing": missing},
        )
