"""Settings → API keys: made, shown once, revoked."""

from datetime import timedelta
from typing import Any

from ordito.api.answers import Answer
from ordito.flows.manage_keys import CreateKey, RevokeKey, issue_key, revoke_key
from ordito.listings.places import read_names
from ordito.platform.keys import ApiKey, list_keys
from ordito.platform.problems import Problem
from ordito.platform.validation import convert
from ordito.web.form_faults import faults_of, id_of, permission_choices, scope_choices, sent_scope
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

HOME = "/settings/keys"
SHOWN = 500
_FIELDS = ("name", "permissions")
_DAYS = (30, 90, 365)


def show_keys(visit: Visit) -> Answer:
    """API keys, those that work first."""
    visit.require("access.write")
    with visit.reading() as tx:
        keys = list_keys(tx, limit=SHOWN)
    shown = [_row(visit, key) for key in reversed(keys)]
    return visit.page(
        "settings/keys.html",
        tabs=settings_tabs(visit, HOME),
        keys=sorted(shown, key=lambda row: not row["works"]),
    )


def _row(visit: Visit, key: ApiKey) -> dict[str, Any]:
    expired = key.expires_at is not None and key.expires_at <= visit.now
    state = _("Revoked") if not key.active else _("Expired") if expired else _("Valid")
    return {
        "url": f"{HOME}/{key.id}",
        "name": key.name,
        "permissions": ", ".join(key.permissions),
        "count": len(key.permissions),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "works": key.active and not expired,
        "state": state,
        "narrow": key.channel_ids is not None or key.location_ids is not None,
    }


def new_form(visit: Visit) -> Answer:
    visit.require("access.write")
    return _form(visit, {})


def make(visit: Visit) -> Answer:
    """Make a key, and show its token this once."""
    visit.require("access.write")
    days = visit.sent_number("days")
    ask: dict[str, Any] = {
        "name": visit.sent("name"),
        "permissions": visit.sent_all("permission"),
        "channels": sent_scope(visit, "channels"),
        "locations": sent_scope(visit, "locations"),
    }
    if days in _DAYS:
        ask["expires_at"] = visit.now + timedelta(days=days)
    if not ask["permissions"]:
        return _form(visit, {"": [_("Tick what the key may do.")]})
    try:
        issued = issue_key(
            visit.db, visit.actor, convert(CreateKey, ask), key=visit.sent("_key") or None
        )
    except Problem as problem:
        return _form(visit, faults_of(problem, _FIELDS))
    return visit.form_page("settings/_token.html", issued=issued, home=HOME)


def _form(visit: Visit, faults: dict[str, list[str]]) -> Answer:
    with visit.reading() as tx:
        names = read_names(tx)
    again = bool(visit.form)
    scopes: dict[str, Any] = {
        name: sent_scope(visit, name) if again else None for name in ("channels", "locations")
    }
    return visit.form_page(
        "settings/_key_form.html",
        faulty=bool(faults),
        url=visit.path,
        name=visit.sent("name"),
        days=visit.sent("days", "365"),
        lasts=[Choice(str(n), ngettext("%(num)s day", "%(num)s days", n)) for n in _DAYS]
        + [Choice("0", _("for ever"))],
        permissions=permission_choices(visit.actor, visit.sent_all("permission")),
        scopes=scope_choices(visit, names, scopes),
        faults=faults,
    )


def revoke(visit: Visit) -> Answer:
    """The key is worth nothing from now on."""
    key = visit.act(revoke_key, RevokeKey(key_id=id_of(visit, "key")))
    return visit.done(_("The key “%(name)s” was revoked.", name=key.name), HOME, go=True)


ROUTES = [
    Route("GET", HOME, show_keys),
    Route("GET", HOME + "/new", new_form),
    Route("POST", HOME + "/new", make),
    Route("POST", HOME + "/{key:str}/revoke", revoke),
]
