"""`ordito users`: people who sign in."""

import secrets
import sys
from collections.abc import Callable
from typing import Any

import rich_click as click

from ordito.cli.opening import installation, own_settings
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.end_sessions import EndSessions, end_sessions
from ordito.flows.invite_people import SendInvitation, invite
from ordito.flows.manage_access import (
    ChangeUser,
    CreateUser,
    SetPassword,
    change_user,
    create_user,
    give_password,
)
from ordito.flows.second_factor import RemoveFactor, remove_second_factor
from ordito.kernel.addresses import normal_email
from ordito.platform import passwords
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.accounts import User, find_user, list_users
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput, NotFound
from ordito.platform.settings import own_address
from ordito.platform.validation import convert

_RIGHTS = (
    click.option("--role", "-r", "roles", multiple=True, help="By code; see `ordito roles list`."),
    click.option("--permission", "-p", "permissions", multiple=True, help="Beside those of roles."),
    click.option("--channel", "channels", multiple=True, help="Only these channels, by code."),
    click.option("--location", "locations", multiple=True, help="Only these locations, by code."),
)


def _rights(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what a person may do, and where; each may be given several times."""
    for option in reversed(_RIGHTS):
        command = option(command)
    return command


@click.group()
def users() -> None:
    """People who sign in: add, invite, change, lock out."""


@users.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All users, with what they may do."""
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
@_rights
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
def create(
    email: str, name: str | None, password_stdin: bool, as_json: bool, **rights: Any
) -> None:
    """Add a person, as an administrator unless roles or permissions are named.

    Without --password-stdin a random password is made and printed once.
    """
    password = _password(password_stdin)
    passwords.check_strength(password, email=email)
    asked = {"email": email, "name": name or email} | _asked(rights)
    with installation() as db:
        user = run(db, SYSTEM, create_user, convert(CreateUser, asked))
        give_password(db, SYSTEM, SetPassword(user_id=user.id), password)
    _tell(user, None if password_stdin else password, as_json)


def _asked(rights: dict[str, Any]) -> dict[str, Any]:
    """The rights of somebody new: an administrator's unless some are named."""
    return {
        "roles": rights["roles"] or (() if rights["permissions"] else ("admin",)),
        "permissions": rights["permissions"],
        "channels": rights["channels"] or None,
        "locations": rights["locations"] or None,
    }


@users.command("invite")
@click.argument("email")
@click.option("--name", help="Name as others see it; the e-mail address without it.")
@_rights
@json_option
def invite_(email: str, name: str | None, as_json: bool, **rights: Any) -> None:
    """Send a link to choose a password with, and print it, this once; it is good for 72 hours.

    Somebody who isn't there yet is added, as an administrator unless roles or permissions are
    named; whoever is there keeps their rights, and any earlier link is worth nothing.
    """
    with installation() as db:
        user = _look_for(db, email)
        if user is None:
            asked = {"email": email, "name": name or email} | _asked(rights)
            user = run(db, SYSTEM, create_user, convert(CreateUser, asked))
        elif name or any(rights.values()):
            raise InvalidInput("This user is there already: `ordito users change` changes rights.")
        base_url = own_address(own_settings())
        invitation = invite(db, SYSTEM, SendInvitation(user_id=user.id), base_url=base_url)
    words = f"{user.email}\nlink (shown once, good for 72 hours): {invitation.link}"
    tell({"id": user.id, "email": user.email, "link": invitation.link}, as_json, words)


@users.command()
@click.argument("email")
@click.option("--name", help="Name as others see it.")
@_rights
@click.option("--no-role", is_flag=True, help="Take all roles away.")
@click.option("--no-permission", is_flag=True, help="Take all extra permissions away.")
@click.option("--everywhere", is_flag=True, help="In all channels and locations.")
@json_option
def change(email: str, as_json: bool, **options: Any) -> None:
    """Change a person's name, roles, extra permissions or scopes; what isn't named stays.

    What is named replaces what there was. With other rights the person is signed out.
    """
    names = ("name", "roles", "permissions", "channels", "locations")
    asked = {name: options[name] for name in names if options[name]}
    if options["no_role"]:
        asked["roles"] = ()
    if options["no_permission"]:
        asked["permissions"] = ()
    if options["everywhere"]:
        asked |= {"channels": None, "locations": None}
    with installation() as db:
        asked["user_id"] = _find(db, email).id
        user = run(db, SYSTEM, change_user, convert(ChangeUser, asked))
    tell(user, as_json, f"{user.email} was changed")


@users.command("set-password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
def set_password(email: str, password_stdin: bool, as_json: bool) -> None:
    """Give a person a new password; their sessions end."""
    password = _password(password_stdin)
    with installation() as db:
        user = _find(db, email)
        give_password(db, SYSTEM, SetPassword(user_id=user.id), password)
    _tell(user, None if password_stdin else password, as_json)


@users.command()
@click.argument("email")
@json_option
def disable(email: str, as_json: bool) -> None:
    """Lock a person out at once; what they did stays on the timelines."""
    user = _switch(email, on=False)
    tell(user, as_json, f"{user.email} can't sign in any more")


@users.command()
@click.argument("email")
@json_option
def enable(email: str, as_json: bool) -> None:
    """Let a person in again, with the rights they had."""
    user = _switch(email, on=True)
    tell(user, as_json, f"{user.email} may sign in again")


def _switch(email: str, *, on: bool) -> User:
    with installation() as db:
        return run(db, SYSTEM, change_user, ChangeUser(user_id=_find(db, email).id, active=on))


@users.command("sign-out")
@click.argument("email")
@json_option
def sign_out(email: str, as_json: bool) -> None:
    """End all sessions of a person; the password stays good."""
    with installation() as db:
        done = run(db, SYSTEM, end_sessions, EndSessions(user_id=_find(db, email).id))
    tell(done, as_json, f"{email}: {done.ended} sessions ended")


@users.command("remove-factor")
@click.argument("email")
@json_option
def remove_factor(email: str, as_json: bool) -> None:
    """Take away a second factor that somebody lost; they are signed out."""
    with installation() as db:
        ask = RemoveFactor(user_id=_find(db, email).id)
        user = run(db, SYSTEM, remove_second_factor, ask)
    tell(user, as_json, f"{user.email} signs in with the password alone")


def _find(db: Database, email: str) -> User:
    user = _look_for(db, email)
    if user is None:
        raise NotFound(f"There is no user {email}; `ordito users list` shows all.")
    return user


def _look_for(db: Database, email: str) -> User | None:
    with db.reading(SYSTEM) as tx:
        return find_user(tx, normal_email(email))


def _password(from_stdin: bool) -> str:
    """The password of standard input's first line, else a random one."""
    if not from_stdin:
        return secrets.token_urlsafe(15)
    return sys.stdin.readline().rstrip("\r\n")


def _tell(user: User, password: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"id": user.id, "email": user.email, "password": password})
    elif password is None:
        click.echo(f"{user.email}: done")
    else:
        click.echo(f"{user.email}\npassword (shown once): {password}")
