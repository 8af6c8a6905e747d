"""Stock limits: the list of them, and the form that sets one."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.limit_stock import set_stock_limits
from ordito.inventory.limits import SetStockLimits
from ordito.kernel.text import normal_code
from ordito.listings.places import read_names
from ordito.listings.stock_cover import WINDOW_DAYS
from ordito.listings.stock_limits import NamedLimit, list_limits
from ordito.platform.database import Tx
from ordito.platform.problems import Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.pages.cover_words import limit_words
from ordito.web.readers import seen_places
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

_URL = "/inventory/limits"
PAGE = 100
TOGETHER = "*"
"""In forms and addresses: all locations together. Location codes begin with a letter or digit."""


def show_limits(visit: Visit) -> Answer:
    """All limits in scope, or those of one item."""
    visit.require("inventory.read")
    sku = visit.asked("sku").strip()[:100]
    with visit.reading() as tx:
        rows = list_limits(tx, sku=sku or None, after=_cursor(visit), limit=PAGE + 1)
        places = {p.code: p.name for p in read_names(tx).locations.values()}
    may_write = "inventory.write" in visit.actor.permissions
    may_all = "settings.write" in visit.actor.permissions
    new = f"{_URL}/set" + (f"?{urlencode({'sku': sku})}" if sku else "")
    return visit.page(
        "inventory/limits.html",
        sku=sku,
        rows=[_row(row, places, may=may_write and (may_all or bool(row.sku))) for row in rows][
            :PAGE
        ],
        new_url=new if may_write else "",
        days=WINDOW_DAYS,
        older_url=visit.here(cursor=str(rows[PAGE - 1].id)) if len(rows) > PAGE else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _cursor(visit: Visit) -> UUID | None:
    try:
        return UUID(visit.asked("cursor"))
    except ValueError:
        return None


def _row(row: NamedLimit, places: dict[str, str], *, may: bool) -> dict[str, Any]:
    """See templates/inventory/limits.html."""
    if row.together:
        place = _("All locations together")
    else:
        place = places[row.location] if row.location else _("Each location")
    asked = {"sku": row.sku or "", "location": TOGETHER if row.together else row.location or ""}
    return {
        "sku": row.sku or "",
        "name": row.name,
        "place": place,
        "low": limit_words(row.low_by, row.low_at),
        "over": ngettext("%(num)s day", "%(num)s days", row.over_days) if row.over_days else "",
        "edit_url": f"{_URL}/set?{urlencode(asked)}" if may else "",
    }


def limit_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    sku, location = visit.asked("sku").strip()[:100], visit.asked("location")
    with visit.reading() as tx:
        return show_form(visit, _form(visit, tx, _find(tx, sku, location), sku, location))


def _find(tx: Tx, sku: str, location: str) -> NamedLimit | None:
    """The limit of exactly this item and location, as it is."""
    rows = list_limits(tx, sku=sku or None, limit=1000)
    for row in rows:
        here = TOGETHER if row.together else row.location or ""
        if normal_code(row.sku or "") == normal_code(sku) and here == location:
            return row
    return None


def set_limit(visit: Visit) -> Answer:
    """Set the limit, or show what is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        form = _form(visit, tx, None, visit.sent("sku"), visit.sent("location"))
    typed = read_form(visit, form)["limits"]["0"]
    typed["together"] = typed["location"] == TOGETHER
    typed["location"] = None if typed["together"] else typed["location"]
    if typed["low_by"] not in ("units", "days"):
        typed["low_at"] = None
    try:
        visit.act(set_stock_limits, convert(SetStockLimits, {"limits": [typed]}, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), _URL, go=True)


def _form(visit: Visit, tx: Tx, limit: NamedLimit | None, sku: str, location: str) -> Form:
    low_by = limit.low_by if limit else ""
    low_at = "" if limit is None or limit.low_at is None else str(limit.low_at)
    over = "" if limit is None or limit.over_days is None else str(limit.over_days)
    choices = [
        Choice("", _("As the more general limit says")),
        Choice("units", _("so many units or fewer")),
        Choice("days", _("enough for so many days or less")),
        Choice("off", _("Never low")),
    ]
    return Form(
        title=_("Set a limit"),
        url=f"{_URL}/set",
        back_url=_URL,
        submit=_("Save changes"),
        crumbs=[(_("Inventory"), "/inventory"), (_("Limits"), _URL)],
        sections=[
            Section(_("Of what"), _whose(visit, tx, sku, location)),
            Section(
                _("Low"),
                [
                    Field(name="low_by", label=_("Low is"), kind="select", choices=choices,
                          pointer="/limits/0/low_by", value=low_by or "", optional=True,
                          blank="none"),
                    Field(name="low_at", label=_("Units or days"), kind="number", minimum=0,
                          pointer="/limits/0/low_at", value=low_at, optional=True, blank="none"),
                ],
                hint=_("Days are counted as fast as the item sold there in the last %(days)s days.",
                       days=WINDOW_DAYS),
            ),
            Section(
                _("Too much"),
                [
                    Field(name="over_days", label=_("More than sells in"), kind="number",
                          minimum=1, maximum=3650, unit=_("days"), pointer="/limits/0/over_days",
                          value=over, optional=True, blank="none"),
                ],
                hint=_("What is left empty follows the more general limit."),
            ),
        ],
    )  # fmt: skip


def _whose(visit: Visit, tx: Tx, sku: str, location: str) -> list[Field]:
    names = read_names(tx)
    alone = [] if visit.actor.location_ids is not None else [
        Choice("", _("Each location")), Choice(TOGETHER, _("All locations together")),
    ]  # fmt: skip
    may_all = "settings.write" in visit.actor.permissions
    return [
        Field(name="sku", label=_("SKU"), pointer="/limits/0/sku", value=sku, optional=may_all,
              blank="none", hint=_("Left empty, it holds for all items.") if may_all else ""),
        Field(name="location", label=_("Location"), kind="select", pointer="/limits/0/location",
              choices=[*alone, *seen_places(names, visit.actor)], value=location, optional=True,
              blank="none"),
    ]  # fmt: skip


ROUTES = [
    Route("GET", _URL, show_limits),
    Route("GET", _URL + "/set", limit_form),
    Route("POST", _URL + "/set", set_limit),
]
