"""Locations: today's figures of each, one with its calendar, capacity and bins, and its forms."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.catalog.items import read_items
from ordito.flows.manage_locations import create_location, set_bins, update_location
from ordito.flows.manage_tariffs import set_services
from ordito.flows.move_open_work import move_open_work
from ordito.listings.histories import HistoryEntry, list_history
from ordito.listings.location_figures import LocationFigures, list_figures, read_stock_there
from ordito.listings.places import read_names
from ordito.locations.bins import read_bins
from ordito.locations.types import (
    CreateLocation,
    Location,
    SetBins,
    UpdateLocation,
)
from ordito.orders.asks import MoveOpenWork
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.stored_tariffs import LocationService, SetServices, read_services, read_tariffs
from ordito.web.actions import Action
from ordito.web.edit_forms import read_form, show_form, tell_faults
from ordito.web.histories import day_words, tell_history
from ordito.web.pages.local_areas import tell_areas
from ordito.web.pages.location_forms import (
    bins_form,
    location_ask,
    location_form,
    read_bin_lines,
    services_ask,
    services_form,
)
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.visits import Visit
from ordito.web.words import CAPACITY_UNITS, LOCATION_KINDS, word

HISTORY = 30
BINS_SHOWN = 60
ROUNDS_MAX = 40
"""So many times 50 orders are moved while somebody waits; the worker moves the others."""


def show_locations(visit: Visit) -> Answer:
    """Every location that the reader sees, those with something late first."""
    visit.require("settings.read")
    with visit.reading() as tx:
        names = read_names(tx)
        figures = list_figures(tx)
    places = [
        place
        for place in names.locations.values()
        if place.kind != "history" and visit.actor.sees_location(place.id)
    ]
    places.sort(key=lambda place: (not place.active, -figures[place.id].late, place.name))
    return visit.page(
        "locations/list.html",
        rows=[_row(place, figures[place.id]) for place in places],
        late=sum(figures[place.id].late for place in places),
        may_write="settings.write" in visit.actor.permissions,
        may_work="fulfillment.read" in visit.actor.permissions,
    )


def _row(place: Location, now: LocationFigures) -> dict[str, Any]:
    return {
        "url": f"/locations/{place.code}",
        "board_url": f"/fulfillment?location={place.code}",
        "late_url": f"/orders?view=late&location={place.code}",
        "code": place.code,
        "name": place.name,
        "kind": word(LOCATION_KINDS, place.kind),
        "country": place.country,
        "active": place.active,
        "priority": place.priority,
        "open_work": now.open_work,
        "late": now.late,
        "accepted": now.accepted,
        "capacity": place.capacity_daily,
        "counts": word(CAPACITY_UNITS, place.capacity_unit),
        "queued": now.queued,
        "units_hourly": now.units_hourly,
    }


def _find(visit: Visit, tx: Tx) -> Location:
    code = visit.params["code"]
    for place in read_names(tx).locations.values():
        if place.code == code and place.kind != "history" and visit.actor.sees_location(place.id):
            return place
    raise NotFound("There is no such location, or you don't see it.")


def show_location(visit: Visit) -> Answer:
    """One location: how it stands today, what it does, its bins and its history."""
    visit.require("settings.read")
    with visit.reading() as tx:
        place = _find(visit, tx)
        now = list_figures(tx)[place.id]
        bins = read_bins(tx, place.id)
        history = list_history(tx, place.id, limit=HISTORY)
        stock = None
        if "inventory.read" in visit.actor.permissions:
            stock = read_stock_there(tx, place.id)
        channels = [
            channel
            for channel in read_names(tx).channels.values()
            if channel.active
            and visit.actor.sees_channel(channel.id)
            and (channel.location_ids is None or place.id in channel.location_ids)
        ]
        services = _services(tx, place)
        local = tell_areas(tx, place)
        skus = _skus(tx, history)
        names_of = {tariff.code: tariff.name for tariff in read_tariffs(tx)}
    address = place.address
    town = f"{address.postal_code} {address.city}".strip()
    parts = (address.company, address.line1, address.line2, town, address.region, address.country)
    return visit.page(
        "locations/show.html",
        place=place,
        row=_row(place, now),
        stock=stock,
        address=[line for line in parts if line],
        days=day_words(place.working_days),
        holidays=[day for day in place.holidays if day >= visit.now.date()][:20],
        bins=[bin_.code for bin_ in bins[:BINS_SHOWN]],
        bins_count=len(bins),
        services=[
            {
                "tariff": names_of.get(service.tariff, service.tariff),
                "pickups": ", ".join(service.pickups),
                "days": day_words(service.weekdays),
            }
            for service in services
        ],
        local=local,
        may_write="settings.write" in visit.actor.permissions,
        channels=channels,
        history=tell_history(history, skus),
        actions=_actions(visit, place),
        may_work="fulfillment.read" in visit.actor.permissions,
    )


def _skus(tx: Tx, history: Sequence[HistoryEntry]) -> dict[str, str]:
    """SKUs of the items whose pick bins got a level, by id."""
    ids = {UUID(h.body["item_id"]) for h in history if h.kind == "location.pick_level_set"}
    return {str(id_): item.sku for id_, item in read_items(tx, ids).items()}


def _actions(visit: Visit, place: Location) -> list[Action]:
    if "settings.write" not in visit.actor.permissions:
        return []
    url = f"/locations/{place.code}"
    found = [
        Action("edit", _("Edit"), f"{url}/edit", "pencil", "page"),
        Action("bins", _("Bins"), f"{url}/bins", "boxes", "page"),
        Action("bin-stock", _("Bin stock"), f"/inventory/bins/{place.code}", "layers", "page"),
        Action("limit", _("Approval of counts"), f"{url}/count-limit", "scale", "page"),
        Action("services", _("Carriers"), f"{url}/services", "truck", "page"),
    ]
    if place.kind == "supplier" and "inventory.write" in visit.actor.permissions:
        found.append(Action("endless", _("Never runs out"), f"{url}/endless", "boxes", "page"))
    if place.active:
        return [*found, Action("off", _("Switch off"), f"{url}/switch-off", "ban", "dialog")]
    found = [*found, Action("on", _("Switch on"), f"{url}/switch-on", "play")]
    if visit.actor.location_ids is None and "orders.write" in visit.actor.permissions:
        move = Action("move", _("Move its open work"), f"{url}/move-open-work", "route")
        found.append(move)
    return found


def switch_off_form(visit: Visit) -> Answer:
    """What switching the location off would do, before it is done."""
    visit.require("settings.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
        now = list_figures(tx)[place.id]
        stock = read_stock_there(tx, place.id)
        alone = [
            channel.name
            for channel in read_names(tx).channels.values()
            if channel.location_ids == [place.id] and visit.actor.sees_channel(channel.id)
        ]
    return visit.form_page(
        "locations/_switch_off.html",
        url=f"/locations/{place.code}/switch-off",
        place=place,
        now=now,
        stock=stock,
        alone=alone,
    )


def switch_off(visit: Visit) -> Answer:
    """No new work goes there; what is open goes on."""
    return _switch(visit, on=False)


def switch_on(visit: Visit) -> Answer:
    return _switch(visit, on=True)


def _switch(visit: Visit, *, on: bool) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
    state = visit.act(update_location, UpdateLocation(code=place.code, active=on))
    if on:
        said = _("%(name)s is open for new work.", name=place.name)
    elif state.open_work.reserved or state.open_work.picked:
        said = _(
            "%(name)s is off. Of %(n)s pieces promised there, others serve what is not begun.",
            name=place.name,
            n=state.open_work.reserved + state.open_work.picked,
        )
    else:
        said = _("%(name)s is off.", name=place.name)
    undo = "" if on else f"/locations/{place.code}/switch-on"
    return visit.done(said, f"/locations/{place.code}", undo_url=undo, go=True)


def move_work(visit: Visit) -> Answer:
    """Have others serve what a closed location has not begun."""
    with visit.reading() as tx:
        place = _find(visit, tx)
    moved = waiting = 0
    after: UUID | None = None
    for turn in range(ROUNDS_MAX):
        done = visit.act(
            move_open_work, MoveOpenWork(location=place.code, after=after), part=str(turn)
        )
        moved, waiting, after = moved + done.moved, waiting + done.waiting, done.after
        if after is None:
            break
    text = ngettext("%(num)s unit was moved.", "%(num)s units were moved.", moved)
    tone = "success"
    if waiting:
        text = ngettext(
            "%(moved)s %(num)s unit waits for stock.",
            "%(moved)s %(num)s units wait for stock.",
            waiting,
            moved=text,
        )
        tone = "attention"
    return visit.done(text, f"/locations/{place.code}", tone=tone, go=True)


def new_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        return show_form(visit, location_form(tx, None))


def create(visit: Visit) -> Answer:
    """Add a location, or show all that is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        form = location_form(tx, None)
    try:
        ask = convert(CreateLocation, location_ask(visit, form, None), strict=False)
        made = visit.act(create_location, ask)
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("%(name)s was created.", name=made.location.name)
    return visit.done(text, f"/locations/{made.location.code}", go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        return show_form(visit, location_form(tx, _find(visit, tx)))


def edit(visit: Visit) -> Answer:
    """Change a location, or show all that is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
        form = location_form(tx, place)
    try:
        ask = location_ask(visit, form, place) | {"code": place.code}
        visit.act(update_location, convert(UpdateLocation, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/locations/{place.code}", go=True)


def show_bins_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
        return show_form(visit, bins_form(place, read_bins(tx, place.id)))


def edit_bins(visit: Visit) -> Answer:
    """Say which bins there are; those in which items lie can't be left out."""
    visit.require("settings.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
    form = bins_form(place, [])
    try:
        typed = read_form(visit, form)
        ask = {"location": place.code, "bins": read_bin_lines(str(typed["bins"]))}
        ask |= {"version": typed["version"]} if "version" in typed else {}
        visit.act(set_bins, convert(SetBins, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/locations/{place.code}", go=True)


def show_services_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
        return show_form(visit, services_form(place, _services(tx, place), read_tariffs(tx)))


def _services(tx: Tx, place: Location) -> list[LocationService]:
    return [service for service in read_services(tx) if service.location_id == place.id]


def edit_services(visit: Visit) -> Answer:
    """Say which carriers collect there, and when."""
    visit.require("settings.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
        tariffs = read_tariffs(tx)
        form = services_form(place, _services(tx, place), tariffs)
    try:
        ask = services_ask(visit, form, tariffs) | {"location": place.code}
        visit.act(set_services, convert(SetServices, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/locations/{place.code}", go=True)


_PLACE = "/locations/{code:str}"

ROUTES = [
    Route("GET", "/locations", show_locations),
    Route("GET", "/locations/-new", new_form),
    Route("POST", "/locations/-new", create),
    Route("GET", _PLACE, show_location),
    Route("GET", _PLACE + "/edit", edit_form),
    Route("POST", _PLACE + "/edit", edit),
    Route("GET", _PLACE + "/bins", show_bins_form),
    Route("POST", _PLACE + "/bins", edit_bins),
    Route("GET", _PLACE + "/services", show_services_form),
    Route("POST", _PLACE + "/services", edit_services),
    Route("GET", _PLACE + "/switch-off", switch_off_form),
    Route("POST", _PLACE + "/switch-off", switch_off),
    Route("POST", _PLACE + "/switch-on", switch_on),
    Route("POST", _PLACE + "/move-open-work", move_work),
]
"""No code begins with a dash, so that "-new" is none."""
