"""From which difference on counts at a location wait for approval: the form of it."""

from ordito.api.answers import Answer
from ordito.flows.start_cycle_count import set_count_limit
from ordito.inventory.cycle_count_asks import SetCountLimit
from ordito.inventory.cycle_counts import read_limit
from ordito.kernel.money import exponent
from ordito.listings.places import find_place, read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

_PATH = "/locations/{code:str}/count-limit"


def show_limit_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx))


def set_limit(visit: Visit) -> Answer:
    """Set the limit, or show what is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        form = _form(visit, tx)
    try:
        typed = read_form(visit, form)
        if typed["value_minor"] is None:
            typed["currency"] = None
        else:
            # The form asks for whole units of the currency: a limit needs no cents.
            whole = int(typed["value_minor"]) if str(typed["value_minor"]).isdigit() else -1
            typed["value_minor"] = whole * 10 ** exponent(typed["currency"] or "EUR")
        ask = typed | {"location": visit.params["code"]}
        visit.act(set_count_limit, convert(SetCountLimit, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/locations/{visit.params['code']}", go=True)


def _form(visit: Visit, tx: Tx) -> Form:
    names = read_names(tx)
    place = find_place(tx, names, visit.params["code"])
    if place.kind == "history":
        raise NotFound("There is no such location, or you don't see it.")
    limit = read_limit(tx, place.id)
    currencies = sorted({channel.base_currency for channel in names.channels.values()} | {"EUR"})
    value = ""
    if limit is not None and limit.value_minor is not None:
        value = str(limit.value_minor // 10 ** exponent(limit.currency))
    units = "" if limit is None or limit.units is None else str(limit.units)
    url = f"/locations/{place.code}"
    return Form(
        title=_("Approval of counts"),
        url=f"{url}/count-limit",
        back_url=url,
        submit=_("Save changes"),
        crumbs=[(_("Locations"), "/locations"), (place.name, url)],
        sections=[
            Section(
                _("A difference waits for somebody else when it is"),
                [
                    Field(name="units", label=_("More units than"), kind="number", value=units,
                          minimum=0, optional=True, blank="none"),
                    Field(name="value_minor", label=_("Or worth more than"), kind="number",
                          value=value, minimum=0, optional=True, blank="none",
                          hint=_("At the item's price.")),
                    Field(name="currency", label=_("Currency"), kind="select", optional=True,
                          value=limit.currency if limit and limit.currency else currencies[0],
                          choices=[Choice(code, code) for code in currencies]),
                ],
                hint=_("Both empty: every difference is booked at once."),
            )
        ],
    )  # fmt: skip


ROUTES = [Route("GET", _PATH, show_limit_form), Route("POST", _PATH, set_limit)]
