"""`ordito roles`: what people may do, by name."""

from typing import Any

import rich_click as click

from ordito.cli.opening import carry_out, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.manage_roles import (
    ChangeRole,
    CreateRole,
    RemoveRole,
    change_role,
    create_role,
    remove_role,
)
from ordito.platform.access import PERMISSIONS
from ordito.platform.problems import NotFound
from ordito.platform.roles import Role
from ordito.platform.roles import list_roles as read_roles
from ordito.platform.validation import convert


@click.group()
def roles() -> None:
    """Roles: named sets of permissions."""


@roles.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All roles, with what their holders may do."""
    with reading() as tx:
        found = read_roles(tx)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            role.code,
            role.name,
            "everything" if "*" in role.permissions else ", ".join(role.permissions),
            "needed" if role.second_factor else "",
        ]
        for role in found
    ]
    print_table("Roles", ["code", "name", "may", "second factor"], rows)


@roles.command()
@json_option
def permissions(as_json: bool) -> None:
    """What can be granted."""
    if as_json:
        print_json(PERMISSIONS)
    else:
        print_table("Permissions", ["permission", "allows"], list(PERMISSIONS.items()))


@roles.command()
@click.argument("code")
@click.option("--name", help="As people read it; the code without it.")
@click.option("--permission", "-p", "permissions", multiple=True, required=True, help="Several.")
@click.option("--second-factor", is_flag=True, help="Its holders must sign in with one.")
@json_option
def create(code: str, name: str | None, as_json: bool, **options: Any) -> None:
    """Make a role."""
    ask = convert(CreateRole, {"code": code, "name": name or code} | options)
    role = carry_out(create_role, ask)
    tell(role, as_json, f"{role.code} was made")


@roles.command()
@click.argument("code")
@click.option("--name", help="As people read it.")
@click.option("--permission", "-p", "permissions", multiple=True, help="All it shall have.")
@click.option("--second-factor/--no-second-factor", default=None, help="Whether one is needed.")
@json_option
def change(code: str, as_json: bool, **options: Any) -> None:
    """Change a role, for all who have it; what isn't named stays."""
    given = {name: value for name, value in options.items() if value not in (None, ())}
    role = carry_out(change_role, convert(ChangeRole, {"role_id": _find(code).id} | given))
    tell(role, as_json, f"{role.code} was changed")


@roles.command()
@click.argument("code")
@json_option
def remove(code: str, as_json: bool) -> None:
    """Remove a role that nobody has."""
    role = carry_out(remove_role, RemoveRole(role_id=_find(code).id))
    tell(role, as_json, f"{role.code} is gone")


def _find(code: str) -> Role:
    with reading() as tx:
        for role in read_roles(tx):
            if role.code == code:
                return role
    raise NotFound(f"There is no role {code}; `ordito roles list` shows all.")
