"""Carrier tariffs: one as a table, its form, and the table as a file."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.manage_tariffs import create_tariff, update_tariff
from ordito.flows.tariff_tables import read_tariff, write_tariff
from ordito.listings.histories import list_history
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.sentences import plain_money
from ordito.sourcing.stored_tariffs import (
    CreateTariff,
    StoredTariff,
    UpdateTariff,
    read_services,
    read_tariffs,
)
from ordito.sourcing.tariffs import Zone
from ordito.sourcing.weekdays import bits_of
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.histories import day_words, tell_history
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.visits import Visit

EXAMPLE = (
    "carrier,service,zone,countries,postal_prefixes,max_km,transit_days,delivery_days,up_to_g,"
    "price,per_kg\nDPD,Classic,pl,PL,,,1,mon-fri,1000,3.20,0\n"
    "DPD,Classic,pl,PL,,,1,mon-fri,30000,3.90,0.15\n"
)
HISTORY = 20


def _find(visit: Visit, tx: Tx) -> StoredTariff:
    code = visit.params["code"]
    for tariff in read_tariffs(tx):
        if tariff.code == code:
            return tariff
    raise NotFound("There is no such carrier tariff.")


def show_tariff(visit: Visit) -> Answer:
    """One tariff as a table of zones and weights, and which locations offer it."""
    visit.require("settings.read")
    with visit.reading() as tx:
        tariff = _find(visit, tx)
        names = read_names(tx).locations
        offered = [
            {"code": names[service.location_id].code, "name": names[service.location_id].name,
             "pickups": ", ".join(service.pickups)}
            for service in read_services(tx)
            if service.tariff == tariff.code and visit.actor.sees_location(service.location_id)
        ]  # fmt: skip
        history = list_history(tx, tariff.id, limit=HISTORY)
    return visit.page(
        "tariffs/show.html",
        tariff=tariff,
        zones=[_zone(zone) for zone in tariff.body.zones],
        offered=offered,
        history=tell_history(history),
        may_write="settings.write" in visit.actor.permissions,
    )


def _zone(zone: Zone) -> dict[str, Any]:
    prefixes = zone.postal_prefixes
    return {
        "code": zone.code,
        "countries": ", ".join(zone.countries) or _("every country"),
        "prefixes": ", ".join(prefixes[:12]) + (" …" if len(prefixes) > 12 else ""),
        "max_km": zone.max_km,
        "days": zone.transit_days,
        "weekdays": day_words(bits_of(zone.delivery_days)),
        "rates": [
            {"kg": f"{rate.up_to_g / 1000:g}", "price": plain_money(rate.price),
             "per_kg": plain_money(rate.per_kg) if rate.per_kg else ""}
            for rate in zone.rates
        ],
    }  # fmt: skip


def _form(stored: StoredTariff | None) -> Form:
    url = f"/settings/tariffs/{stored.code}" if stored else "/settings"
    return Form(
        title=_("Edit %(name)s", name=stored.name) if stored else _("New carrier tariff"),
        url=f"{url}/edit" if stored else "/settings/tariffs/-new",
        back_url=url,
        submit=_("Save as a new version") if stored else _("Create tariff"),
        sections=[
            Section(
                _("Name"),
                [
                    Field(name="code", label=_("Code"), value=stored.code if stored else "",
                          fixed=stored is not None,
                          hint=_("Short, such as dpd-classic. It is for ever.")),
                    Field(name="name", label=_("Name"), value=stored.name if stored else ""),
                ],
            ),
            Section(
                _("Prices"),
                [
                    Field(name="tariff", label=_("Table"), kind="area",
                          value=write_tariff(stored.body) if stored else EXAMPLE,
                          hint=_("A line for each zone and weight, from a spreadsheet as it is"
                                 " copied or saved as CSV. Prices are in the policies' money;"
                                 " per_kg is for each kilogram begun above the weight of the line"
                                 " before. The first zone that fits a destination counts;"
                                 " delivery_days are weekdays such as mon-fri, or mon wed fri.")),
                ],
            ),
        ],
        crumbs=[(_("Settings"), "/settings"), *([(stored.name, url)] if stored else [])],
        note=_("Orders placed before keep what was decided."),
        version=stored.version if stored else None,
    )  # fmt: skip


def new_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return show_form(visit, _form(None))


def edit_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        return show_form(visit, _form(_find(visit, tx)))


def create(visit: Visit) -> Answer:
    """Add a tariff, or show all that is wrong."""
    visit.require("settings.write")
    return _receive(visit, None)


def edit(visit: Visit) -> Answer:
    """Make a new version of a tariff, or show all that is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        stored = _find(visit, tx)
    return _receive(visit, stored)


def _receive(visit: Visit, stored: StoredTariff | None) -> Answer:
    form = _form(stored)
    try:
        ask = read_form(visit, form)
        # Cells copied from a spreadsheet have tabs between.
        ask["tariff"] = read_tariff(str(ask["tariff"]).replace("\t", ";"))
        if stored is None:
            saved = visit.act(create_tariff, convert(CreateTariff, ask, strict=False))
        else:
            changed = convert(UpdateTariff, ask | {"code": stored.code}, strict=False)
            saved = visit.act(update_tariff, changed)
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("Saved as version %(no)s.", no=saved.version)
    return visit.done(text, f"/settings/tariffs/{saved.code}", go=True)


def download(visit: Visit) -> Answer:
    """The tariff as CSV."""
    visit.require("settings.read")
    with visit.reading() as tx:
        tariff = _find(visit, tx)
    headers = [
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", b'attachment; filename="tariff.csv"'),
        (b"cache-control", b"private, no-store"),
    ]
    return Answer(200, headers, write_tariff(tariff.body).encode())


_TARIFF = "/settings/tariffs/{code:str}"

ROUTES = [
    Route("GET", "/settings/tariffs/-new", new_form),
    Route("POST", "/settings/tariffs/-new", create),
    Route("GET", _TARIFF, show_tariff),
    Route("GET", _TARIFF + "/edit", edit_form),
    Route("POST", _TARIFF + "/edit", edit),
    Route("GET", _TARIFF + "/table", download),
]
"""No code begins with a dash, so that "-new" is none."""
