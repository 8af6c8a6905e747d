"""`ordito users`: people who sign in."""

import secrets
import sys
from typing import TYPE_CHECKING

import rich_click as click

from ordito.cli.output import print_json, print_table

if TYPE_CHECKING:
    from ordito.platform.accounts import User
    from ordito.platform.database import Database


@click.group()
def users() -> None:
    """People who sign in: list, create, set a password, disable."""


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """All users, with what they may do."""
    from ordito.cli.opening import installation
    from ordito.platform.access import EVERYTHING, SYSTEM
    from ordito.platform.accounts import list_users

    with installation() as db, db.reading(SYSTEM) as tx:
        found = list_users(tx, limit=10_000)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            user.email,
            user.name,
            "everything" if set(user.permissions) >= EVERYTHING else ", ".join(user.permissions),
            "active" if user.active else "disabled",
        ]
        for user in found
    ]
    print_table("Users", ["e-mail", "name", "may", "state"], rows)


@users.command()
@click.argument("email")
@click.option("--name", help="Name as others see it; the e-mail address without it.")
@click.option("--role", "-r", "roles", multiple=True, help="By code, several; see the settings.")
@click.option("--permission", "-p", "permissions", multiple=True, help="Beside those of roles.")
@click.option("--channel", "channels", multiple=True, help="Only these channels, by code.")
@click.option("--location", "locations", multiple=True, help="Only these locations, by code.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(  # noqa: PLR0913, PLR0917 (one per option)
    email: str,
    name: str | None,
    roles: tuple[str, ...],
    permissions: tuple[str, ...],
    channels: tuple[str, ...],
    locations: tuple[str, ...],
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Add a person, as an administrator unless roles or permissions are named.

    Without --password-stdin a random password is made and printed once.
    """
    from ordito.cli.opening import installation
    from ordito.flows.manage_access import CreateUser, SetPassword, create_user, give_password
    from ordito.platform import passwords
    from ordito.platform.access import SYSTEM
    from ordito.platform.door import run
    from ordito.platform.validation import convert

    password = _password(password_stdin)
    passwords.check_strength(password, email=email)
    asked = {
        "email": email,
        "name": name or email,
        "roles": roles or (() if permissions else ("admin",)),
        "permissions": permissions,
        "channels": channels or None,
        "locations": locations or None,
    }
    with installation() as db:
        user = run(db, SYSTEM, create_user, convert(CreateUser, asked))
        give_password(db, SYSTEM, SetPassword(user_id=user.id), password)
    _tell(user, None if password_stdin else password, as_json)


@users.command("set-password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def set_password(email: str, password_stdin: bool, as_json: bool) -> None:
    """Give a person a new password; their sessions end."""
    from ordito.cli.opening import installation
    from ordito.flows.manage_access import SetPassword, give_password
    from ordito.platform.access import SYSTEM

    password = _password(password_stdin)
    with installation() as db:
        user = _find(db, email)
        give_password(db, SYSTEM, SetPassword(user_id=user.id), password)
    _tell(user, None if password_stdin else password, as_json)


@users.command()
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def disable(email: str, as_json: bool) -> None:
    """Lock a person out at once; what they did stays on the timelines."""
    from ordito.cli.opening import installation
    from ordito.flows.manage_access import ChangeUser, change_user
    from ordito.platform.access import SYSTEM
    from ordito.platform.door import run

    with installation() as db:
        user = run(db, SYSTEM, change_user, ChangeUser(user_id=_find(db, email).id, active=False))
    if as_json:
        print_json(user)
    else:
        click.echo(f"{user.email} can't sign in any more")


def _find(db: "Database", email: str) -> "User":
    from ordito.kernel.addresses import normal_email
    from ordito.platform.access import SYSTEM
    from ordito.platform.accounts import find_user
    from ordito.platform.problems import NotFound

    with db.reading(SYSTEM) as tx:
        user = find_user(tx, normal_email(email))
    if user is None:
        raise NotFound(f"There is no user {email}; `ordito users list` shows all.")
    return user


def _password(from_stdin: bool) -> str:
    """The password of standard input's first line, else a random one."""
    if not from_stdin:
        return secrets.token_urlsafe(15)
    return sys.stdin.readline().rstrip("\r\n")


def _tell(user: "User", password: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"id": user.id, "email": user.email, "password": password})
    elif password is None:
        click.echo(f"{user.email}: done")
    else:
        click.echo(f"{user.email}\npassword (shown once): {password}")
