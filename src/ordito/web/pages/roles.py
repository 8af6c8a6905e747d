"""Settings → Roles: what people with a role may do."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.manage_roles import (
    ChangeRole,
    CreateRole,
    RemoveRole,
    change_role,
    create_role,
    remove_role,
)
from ordito.platform.access import permission_set
from ordito.platform.problems import NotFound, Problem
from ordito.platform.roles import Role, count_holders, list_roles
from ordito.platform.validation import convert
from ordito.web.form_faults import faults_of, id_of, permission_choices
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.visits import Visit
from ordito.web.words import role_name

HOME = "/settings/roles"
_FIELDS = ("name", "code")


def show_roles(visit: Visit) -> Answer:
    """All roles with how many people have them."""
    visit.require("access.write")
    with visit.reading() as tx:
        roles = list_roles(tx)
        holders = {found.role_id: found.people for found in count_holders(tx)}
    return visit.page(
        "settings/roles.html",
        tabs=settings_tabs(visit, HOME),
        roles=[_row(role) | {"people": holders.get(role.id, 0)} for role in roles],
    )


def _row(role: Role) -> dict[str, Any]:
    return {
        "url": f"{HOME}/{role.id}",
        "name": role_name(role),
        "code": role.code,
        "built_in": role.built_in,
        "second_factor": role.second_factor,
        "permissions": len(permission_set(role.permissions)),
    }


def new_form(visit: Visit) -> Answer:
    visit.require("access.write")
    return _form(visit, None, {})


def make(visit: Visit) -> Answer:
    """A role of one's own."""
    ask = {
        "code": visit.sent("code"),
        "name": visit.sent("name"),
        "permissions": visit.sent_all("permission"),
        "second_factor": bool(visit.sent("second_factor")),
    }
    visit.require("access.write")
    try:
        role = visit.act(create_role, convert(CreateRole, ask))
    except Problem as problem:
        return _form(visit, None, faults_of(problem, _FIELDS))
    return visit.done(_("The role “%(name)s” was made.", name=role.name), HOME, go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("access.write")
    return _form(visit, _found(visit), {})


def edit(visit: Visit) -> Answer:
    """Change a role; of one that comes with Ordito only whether it demands a second factor."""
    visit.require("access.write")
    role = _found(visit)
    ask: dict[str, Any] = {
        "role_id": role.id,
        "second_factor": bool(visit.sent("second_factor")),
    }
    if not role.built_in:
        ask |= {"name": visit.sent("name"), "permissions": visit.sent_all("permission")}
    try:
        visit.act(change_role, convert(ChangeRole, ask))
    except Problem as problem:
        return _form(visit, role, faults_of(problem, _FIELDS))
    text = _("The role “%(name)s” was changed.", name=role_name(role))
    return visit.done(text, HOME, go=True)


def remove(visit: Visit) -> Answer:
    """Remove a role that nobody has."""
    role = visit.act(remove_role, RemoveRole(role_id=id_of(visit, "role")))
    return visit.done(_("The role “%(name)s” was removed.", name=role.name), HOME, go=True)


def _found(visit: Visit) -> Role:
    wanted = id_of(visit, "role")
    with visit.reading() as tx:
        for role in list_roles(tx):
            if role.id == wanted:
                return role
    raise NotFound("There is no such role.")


def _form(visit: Visit, role: Role | None, faults: dict[str, list[str]]) -> Answer:
    again = bool(visit.form)
    ticked = visit.sent_all("permission")
    if not again or (role and role.built_in):
        ticked = sorted(permission_set(role.permissions)) if role else []
    return visit.form_page(
        "settings/_role_form.html",
        faulty=bool(faults),
        url=visit.path,
        role=role,
        title=role_name(role) if role else "",
        name=visit.sent("name") if again else role.name if role else "",
        code=visit.sent("code"),
        permissions=permission_choices(visit.actor, ticked),
        second_factor=bool(visit.sent("second_factor"))
        if again
        else bool(role and role.second_factor),
        faults=faults,
    )


_ROLE = HOME + "/{role:str}"

ROUTES = [
    Route("GET", HOME, show_roles),
    Route("GET", HOME + "/new", new_form),
    Route("POST", HOME + "/new", make),
    Route("GET", _ROLE, edit_form),
    Route("POST", _ROLE, edit),
    Route("POST", _ROLE + "/remove", remove),
]
