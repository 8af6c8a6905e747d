"""Users and API keys over HTTP."""

from uuid import UUID

import msgspec

from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.end_sessions import end_sessions
from ordito.flows.invite_people import Invitation, SendInvitation, invite
from ordito.flows.manage_access import (
    Password,
    SetPassword,
    change_user,
    create_user,
    give_password,
)
from ordito.flows.manage_keys import CreateKey, IssuedKey, issue_key, revoke_key
from ordito.flows.manage_roles import change_role, create_role, remove_role
from ordito.flows.second_factor import remove_second_factor
from ordito.kernel.asks import Ask, Instant
from ordito.listings.audit import AuditFilter, AuditRow, search_audit
from ordito.platform.access import PERMISSIONS, Actor
from ordito.platform.accounts import User, list_users, read_user
from ordito.platform.database import Database, Tx
from ordito.platform.keys import ApiKey, list_keys
from ordito.platform.problems import NotFound
from ordito.platform.roles import Role
from ordito.platform.roles import list_roles as read_roles
from ordito.platform.settings import OWN_ADDRESS

TAG = "Access"


class UserKey(Ask, frozen=True, kw_only=True):
    user_id: UUID


class NewPassword(Ask, frozen=True, kw_only=True):
    """At least 10 characters; common ones are refused."""

    user_id: UUID
    password: Password


class Nobody(Ask, frozen=True):
    """No parameters."""


class Me(msgspec.Struct, frozen=True):
    """Who the caller is and what they may do. null as a scope means all."""

    kind: str
    id: UUID
    name: str
    permissions: list[str]
    channel_ids: list[UUID] | None
    location_ids: list[UUID] | None


class PermissionName(msgspec.Struct, frozen=True):
    name: str
    description: str


class Permissions(msgspec.Struct, frozen=True):
    items: list[PermissionName]


def get_me(tx: Tx, params: Nobody) -> Me:
    """Who the key or session belongs to."""
    actor = tx.actor
    return Me(
        actor.kind,
        actor.id,
        actor.name,
        sorted(actor.permissions),
        None if actor.channel_ids is None else sorted(actor.channel_ids),
        None if actor.location_ids is None else sorted(actor.location_ids),
    )


def list_permissions(tx: Tx, params: Nobody) -> Permissions:
    """What can be granted."""
    return Permissions([PermissionName(name, words) for name, words in PERMISSIONS.items()])


class Roles(msgspec.Struct, frozen=True):
    items: list[Role]


class AuditParams(PageParams, frozen=True, kw_only=True):
    """Without a thing: what people did, and all about users, roles and keys.

    kind: of events, such as "order.placed", or of things, such as "order".
    """

    person: UUID | None = None
    kind: str | None = None
    thing_id: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None


def list_roles(tx: Tx, params: Nobody) -> Roles:
    """Roles with their permissions; "*" is every one, those of later versions too."""
    return Roles(read_roles(tx))


def list_audit(tx: Tx, params: AuditParams) -> Page[AuditRow]:
    """Who did what when to what, the newest first."""
    wanted = AuditFilter(
        person=params.person,
        kinds=(params.kind,) if params.kind else (),
        stream_id=params.thing_id,
        since=params.since,
        until=params.until,
    )
    found = search_audit(tx, wanted, cursor=params.cursor, limit=params.limit)
    return Page(found.items, found.next)


def list_accounts(tx: Tx, params: PageParams) -> Page[User]:
    """Users in the order in which they were made."""
    after = read_cursor(params.cursor, tuple[UUID])
    rows = list_users(tx, after=after[0] if after else None, limit=params.limit + 1)
    return page(rows, params, lambda row: (row.id,))


def get_account(tx: Tx, params: UserKey) -> User:
    user = read_user(tx, params.user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def put_password(
    db: Database, actor: Actor, ask: NewPassword, *, key: str | None, request_id: str
) -> User:
    """Set a user's password and end the user's sessions."""
    return give_password(db, actor, SetPassword(user_id=ask.user_id), ask.password, key=key)


def post_invitation(
    db: Database, actor: Actor, ask: SendInvitation, *, key: str | None, request_id: str
) -> Invitation:
    """Send a user a link to choose a password with, the first one or a new one; valid once, for
    72 hours. Any earlier link is worth nothing. The link is in this answer too, this once."""
    return invite(db, actor, ask, base_url=db.memory[OWN_ADDRESS], key=key)


def list_api_keys(tx: Tx, params: PageParams) -> Page[ApiKey]:
    """Keys in the order in which they were made, without their tokens."""
    after = read_cursor(params.cursor, tuple[UUID])
    rows = list_keys(tx, after=after[0] if after else None, limit=params.limit + 1)
    return page(rows, params, lambda row: (row.id,))


def post_key(
    db: Database, actor: Actor, ask: CreateKey, *, key: str | None, request_id: str
) -> IssuedKey:
    """Make a key; its token is in this answer and nowhere else."""
    return issue_key(db, actor, ask, key=key)


_WRITE = "access.write"

ENDPOINTS = [
    reading("/me", TAG, "Read who you are", get_me, ""),
    reading("/permissions", TAG, "List permissions", list_permissions, _WRITE),
    reading("/users", TAG, "List users", list_accounts, _WRITE),
    reading("/users/{user_id}", TAG, "Read a user", get_account, _WRITE),
    writing("POST", "/users", TAG, "Create a user", create_user, status=201,
            problems=("already-exists",),
            example={"email": "anna@example.com", "name": "Anna Nowak",
                     "roles": ["order-desk"]}),
    writing("PATCH", "/users/{user_id}", TAG, "Change a user", change_user,
            example={"active": False}, problems=("action-not-allowed",)),
    Endpoint(method="PUT", path="/users/{user_id}/password", tag=TAG, kind="story",
             summary="Set a user's password", permission=_WRITE, call=put_password,
             ask=NewPassword, answer=User, problems=("password-too-weak",),
             example={"password": "correct horse battery staple"}),
    Endpoint(method="POST", path="/users/{user_id}/invitation", tag=TAG, kind="story",
             summary="Invite a user to choose a password", permission=_WRITE,
             call=post_invitation, ask=SendInvitation, answer=Invitation, example={},
             problems=("action-not-allowed",)),
    writing("POST", "/users/{user_id}/sign-out", TAG, "Sign a user out everywhere",
            end_sessions, example={}),
    writing("POST", "/users/{user_id}/second-factor/remove", TAG,
            "Take away a user's second factor", remove_second_factor, example={}),
    reading("/roles", TAG, "List roles", list_roles, _WRITE),
    writing("POST", "/roles", TAG, "Create a role", create_role, status=201,
            problems=("already-exists",),
            example={"code": "returns-desk", "name": "Returns desk",
                     "permissions": ["orders.read", "fulfillment.read"]}),
    writing("PATCH", "/roles/{role_id}", TAG, "Change a role", change_role,
            example={"second_factor": True}, problems=("action-not-allowed",)),
    writing("POST", "/roles/{role_id}/remove", TAG, "Remove a role that nobody has", remove_role,
            example={}, problems=("action-not-allowed",)),
    reading("/audit", TAG, "Search the audit log", list_audit, "audit.read"),
    reading("/keys", TAG, "List API keys", list_api_keys, _WRITE),
    Endpoint(method="POST", path="/keys", tag=TAG, kind="story", status=201,
             summary="Create an API key", permission=_WRITE, call=post_key, ask=CreateKey,
             answer=IssuedKey, example={"name": "Web shop", "permissions": ["orders.write"]}),
    writing("POST", "/keys/{key_id}/revoke", TAG, "Revoke an API key", revoke_key, example={}),
]  # fmt: skip
