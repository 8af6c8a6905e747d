"""Settings → People: who may sign in, with which roles, where."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.end_sessions import EndSessions, end_sessions
from ordito.flows.invite_people import SendInvitation, invite
from ordito.flows.manage_access import ChangeUser, CreateUser, change_user, create_user
from ordito.flows.second_factor import RemoveFactor, remove_second_factor
from ordito.kernel.asks import is_time_zone
from ordito.listings.places import Names, read_names
from ordito.platform.accounts import User, list_users, read_user
from ordito.platform.problems import NotFound, Problem
from ordito.platform.roles import Role, list_roles
from ordito.platform.second_factors import users_with_factor
from ordito.platform.validation import convert
from ordito.web.form_faults import (
    codes_of,
    faults_of,
    id_of,
    permission_choices,
    scope_choices,
    sent_scope,
)
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.visits import Visit
from ordito.web.words import role_name

PAGE = 100
HOME = "/settings/people"
_FIELDS = ("email", "name")


def show_people(visit: Visit) -> Answer:
    """Everybody who may sign in."""
    visit.require("access.write")
    after = visit.asked("after")
    with visit.reading() as tx:
        users = list_users(tx, after=_uuid(after) if after else None, limit=PAGE + 1)
        page = users[:PAGE]
        roles = {role.id: role for role in list_roles(tx)}
        names = read_names(tx)
        secured = users_with_factor(tx, [user.id for user in page])
    return visit.page(
        "settings/people.html",
        tabs=settings_tabs(visit, HOME),
        people=[_row(user, roles, names) | {"secured": user.id in secured} for user in page],
        older_url=visit.here(after=str(page[-1].id)) if len(users) > PAGE else "",
    )


def _uuid(text: str) -> Any:
    return convert(SendInvitation, {"user_id": text}).user_id


def _row(user: User, roles: dict[Any, Role], names: Names) -> dict[str, Any]:
    words = [role_name(roles[id_]) for id_ in user.role_ids if id_ in roles]
    if user.extra_permissions:
        words.append(_("%(n)s extra permissions", n=len(user.extra_permissions)))
    scope = [
        ", ".join(sorted(known[id_].name for id_ in ids if id_ in known)) or _("none")
        for known, ids in ((names.channels, user.channel_ids), (names.locations, user.location_ids))
        if ids is not None
    ]
    return {
        "id": user.id,
        "url": f"{HOME}/{user.id}",
        "name": user.name,
        "email": user.email,
        "roles": ", ".join(words) or _("may do nothing"),
        "scope": " · ".join(scope) or _("everywhere"),
        "active": user.active,
        "created_at": user.created_at,
    }


def invite_form(visit: Visit) -> Answer:
    visit.require("access.write")
    return _form(visit, None, {})


def send_invite(visit: Visit) -> Answer:
    """Add a person, and show the link with which they choose a password."""
    visit.require("access.write")
    ask = _sent(visit) | {"email": visit.sent("email")}
    reader = visit.session.user
    ask |= {"locale": reader.locale}
    if is_time_zone(reader.time_zone):
        ask |= {"time_zone": reader.time_zone}
    try:
        user = visit.act(create_user, convert(CreateUser, ask))
    except Problem as problem:
        return _form(visit, None, faults_of(problem, _FIELDS))
    return _link(visit, user)


def _sent(visit: Visit) -> dict[str, Any]:
    return {
        "name": visit.sent("name"),
        "roles": visit.sent_all("role"),
        "permissions": visit.sent_all("permission"),
        "channels": sent_scope(visit, "channels"),
        "locations": sent_scope(visit, "locations"),
    }


def edit_form(visit: Visit) -> Answer:
    visit.require("access.write")
    return _form(visit, _found(visit), {})


def edit(visit: Visit) -> Answer:
    """Change a person's name, roles and scopes."""
    visit.require("access.write")
    user = _found(visit)
    try:
        changed = visit.act(change_user, convert(ChangeUser, _sent(visit) | {"user_id": user.id}))
    except Problem as problem:
        return _form(visit, user, faults_of(problem, _FIELDS))
    return visit.done(_("%(name)s was changed.", name=changed.name), HOME, go=True)


def _found(visit: Visit) -> User:
    with visit.reading() as tx:
        user = read_user(tx, id_of(visit, "user"))
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _form(visit: Visit, user: User | None, faults: dict[str, list[str]]) -> Answer:
    with visit.reading() as tx:
        roles, names = list_roles(tx), read_names(tx)
    again = bool(visit.form)
    ticked = set(visit.sent_all("role"))
    scopes: dict[str, Any] = {}
    for name, ids in (
        ("channels", user.channel_ids if user else None),
        ("locations", user.location_ids if user else None),
    ):
        scopes[name] = sent_scope(visit, name) if again else codes_of(names, name, ids)
    has = [] if user is None else user.role_ids
    extra = visit.sent_all("permission") if again else user.extra_permissions if user else []
    return visit.form_page(
        "settings/_person_form.html",
        faulty=bool(faults),
        url=visit.path,
        person=user,
        email=visit.sent("email"),
        name=visit.sent("name") if again else user.name if user else "",
        roles=[
            {
                "value": role.code,
                "label": role_name(role),
                "on": role.code in ticked if again else role.id in has,
            }
            for role in roles
        ],
        permissions=permission_choices(visit.actor, extra),
        extra=len(extra),
        scopes=scope_choices(visit, names, scopes),
        faults=faults,
    )


def invitation_form(visit: Visit) -> Answer:
    visit.require("access.write")
    return visit.form_page("settings/_invitation_form.html", url=visit.path, person=_found(visit))


def send_again(visit: Visit) -> Answer:
    """A new link to choose a password with; the one before is worth nothing."""
    visit.require("access.write")
    return _link(visit, _found(visit))


def _link(visit: Visit, user: User) -> Answer:
    key = visit.sent("_key")
    invitation = invite(
        visit.db,
        visit.actor,
        SendInvitation(user_id=user.id),
        base_url=base_url(visit),
        key=f"{key}-link" if key else None,
    )
    return visit.form_page(
        "settings/_link.html",
        person=user,
        invitation=invitation,
        mailed=bool(visit.settings.smtp_url),
        home=HOME,
    )


def base_url(visit: Visit) -> str:
    """By which address people reach Ordito: the one set, else the one that this reader used."""
    if visit.settings.public_url:
        return visit.settings.public_url
    host = visit.headers.get(b"host", b"localhost").decode("latin-1")
    return f"{'https' if visit.secure else 'http'}://{host}"


def switch(visit: Visit) -> Answer:
    """Disable or enable a person."""
    on = visit.sent("active") == "yes"
    user = visit.act(change_user, ChangeUser(user_id=id_of(visit, "user"), active=on))
    words = _("%(name)s may sign in again.") if on else _("%(name)s can't sign in any more.")
    return visit.done(words % {"name": user.name}, HOME, go=True)


def remove_factor(visit: Visit) -> Answer:
    """Take away a second factor that someone lost."""
    user = visit.act(remove_second_factor, RemoveFactor(user_id=id_of(visit, "user")))
    text = _("%(name)s signs in with the password alone until a new factor is set up.")
    return visit.done(text % {"name": user.name}, HOME, go=True)


def sign_out(visit: Visit) -> Answer:
    """End all sessions of a person."""
    done = visit.act(end_sessions, EndSessions(user_id=id_of(visit, "user")))
    text = ngettext("%(num)s session ended.", "%(num)s sessions ended.", done.ended)
    return visit.done(text, HOME, go=True)


_PERSON = HOME + "/{user:str}"

ROUTES = [
    Route("GET", HOME, show_people),
    Route("GET", HOME + "/invite", invite_form),
    Route("POST", HOME + "/invite", send_invite),
    Route("GET", _PERSON, edit_form),
    Route("POST", _PERSON, edit),
    Route("GET", _PERSON + "/invitation", invitation_form),
    Route("POST", _PERSON + "/invitation", send_again),
    Route("POST", _PERSON + "/active", switch),
    Route("POST", _PERSON + "/sign-out", sign_out),
    Route("POST", _PERSON + "/remove-factor", remove_factor),
]
