"""Reasons of stock: the list, and the form of one."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.manage_reasons import create_reason, update_reason
from ordito.inventory.reasons import CreateReason, Reason, UpdateReason, read_reasons
from ordito.listings.histories import list_history
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.reason_words import call
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import BUCKETS, word

_URL = "/settings/stock-reasons"
HISTORY = 30


def show_reasons(visit: Visit) -> Answer:
    """All reasons, those that are in use on top."""
    visit.require("settings.read")
    with visit.reading() as tx:
        reasons = sorted(read_reasons(tx).values(), key=lambda reason: not reason.active)
    may_write = "settings.write" in visit.actor.permissions
    return visit.page(
        "settings/stock_reasons.html",
        tabs=settings_tabs(visit, _URL),
        rows=[_row(reason) for reason in reasons],
        may_write=may_write,
    )


def _row(reason: Reason) -> dict[str, Any]:
    """See templates/settings/stock_reasons.html."""
    return {
        "url": f"{_URL}/{reason.code}",
        "name": call(reason),
        "code": reason.code,
        "more": word(BUCKETS, reason.more_from) if reason.more_from else "",
        "fewer": word(BUCKETS, reason.fewer_to) if reason.fewer_to else "",
        "moves": reason.moves,
        "note_required": reason.note_required,
        "active": reason.active,
        "built_in": reason.built_in,
    }


def new_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return show_form(visit, _form(None))


def create(visit: Visit) -> Answer:
    """Add a reason, or show what is wrong."""
    visit.require("settings.write")
    form = _form(None)
    try:
        visit.act(create_reason, convert(CreateReason, read_form(visit, form)))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("The reason can be given from now on."), _URL, go=True)


def _read(visit: Visit) -> Reason:
    with visit.reading() as tx:
        reason = read_reasons(tx).get(visit.params["code"])
    if reason is None:
        raise NotFound("There is no such reason.")
    return reason


def show_reason(visit: Visit) -> Answer:
    """One reason and what changed of it."""
    visit.require("settings.read")
    reason = _read(visit)
    with visit.reading() as tx:
        history = list_history(tx, reason.id, limit=HISTORY)
    return visit.page(
        "settings/stock_reason.html",
        reason=_row(reason),
        history=tell_history(history),
        may_write="settings.write" in visit.actor.permissions,
    )


def edit_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return show_form(visit, _form(_read(visit)))


def edit(visit: Visit) -> Answer:
    """Change a reason, or show what is wrong."""
    visit.require("settings.write")
    reason = _read(visit)
    form = _form(reason)
    try:
        ask = read_form(visit, form) | {"code": reason.code}
        visit.act(update_reason, convert(UpdateReason, ask))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"{_URL}/{reason.code}", go=True)


def _form(reason: Reason | None) -> Form:
    url = f"{_URL}/{reason.code}" if reason else _URL
    more = [
        Choice("", _("Not for more")),
        Choice("adjustment", _("The record was wrong")),
        Choice("supplier", _("From a supplier")),
        Choice("customer", _("From a customer")),
    ]
    fewer = [
        Choice("", _("Not for fewer")),
        Choice("scrapped", _("Written off: thrown away or used up")),
        Choice("adjustment", _("Missing: the record was wrong")),
        Choice("supplier", _("To a supplier")),
        Choice("customer", _("To a customer")),
    ]
    in_use = [] if reason is None else [
        Field(name="active", label=_("In use"), kind="check", value="yes" if reason.active else "",
              hint=_("Out of use nobody can give it; what was booked keeps it.")),
    ]  # fmt: skip
    code = Field(
        name="code",
        label=_("Code"),
        value=reason.code if reason else "",
        fixed=reason is not None,
        hint=_("Small letters, digits and dashes; it stands in the ledger for ever."),
    )
    return Form(
        title=_("Change “%(reason)s”", reason=call(reason)) if reason else _("New reason"),
        url=f"{url}/edit" if reason else f"{_URL}/-new",
        back_url=url,
        submit=_("Save changes") if reason else _("Create reason"),
        crumbs=[(_("Settings"), "/settings"), (_("Stock reasons"), _URL)],
        version=reason.version if reason else None,
        sections=[
            Section(
                _("Name and code"),
                [
                    Field(name="words", label=_("Name"), value=reason.words if reason else "",
                          optional=bool(reason and reason.built_in),
                          hint=_("Left empty, its name is the one that came with Ordito.")
                          if reason and reason.built_in else ""),
                    code,
                    *in_use,
                ],
            ),
            Section(
                _("What it can be given for"),
                [
                    Field(name="more_from", label=_("When there are more"), kind="select",
                          choices=more, optional=True, blank="none",
                          value=(reason.more_from or "") if reason else ""),
                    Field(name="fewer_to", label=_("When there are fewer"), kind="select",
                          choices=fewer, optional=True, blank="none",
                          value=(reason.fewer_to or "") if reason else ""),
                    Field(name="moves", label=_("When units are set aside or released"),
                          kind="check", value="yes" if reason and reason.moves else ""),
                    Field(name="note_required", label=_("Ask for a note"), kind="check",
                          value="yes" if reason and reason.note_required else ""),
                ],
            ),
        ],
    )  # fmt: skip


ROUTES = [
    Route("GET", _URL, show_reasons),
    Route("GET", _URL + "/-new", new_form),
    Route("POST", _URL + "/-new", create),
    Route("GET", _URL + "/{code:str}", show_reason),
    Route("GET", _URL + "/{code:str}/edit", edit_form),
    Route("POST", _URL + "/{code:str}/edit", edit),
]
