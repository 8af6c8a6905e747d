"""Levels of pick bins, and switching the record of bins on and off."""

from ordito.api.answers import Answer
from ordito.flows.fill_pick_bins import set_pick_level
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.inventory.bin_types import (
    SetPickLevel,
    SwitchBinStock,
)
from ordito.listings.bin_contents import (
    keeps_bin_stock,
)
from ordito.listings.bin_needs import list_levels
from ordito.listings.location_figures import read_stock_there
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.pages.bins import LIST_URL, bins_url, find_place, frame
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.visits import Visit


def show_levels(visit: Visit) -> Answer:
    """From how few units on pick bins are filled, and up to how many."""
    visit.require("inventory.read")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        rows = list_levels(tx, place.id)
        context = frame(visit, tx, place, "levels")
    return visit.page("bins/levels.html", **context, rows=rows)


def level_form(visit: Visit) -> Answer:
    visit.require("inventory.write")
    with visit.reading() as tx:
        return show_form(visit, _level_form(visit, tx, find_place(visit, tx)))


def set_level(visit: Visit) -> Answer:
    """Set the level of an item's pick bin, or drop it, or show what is wrong."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        form = _level_form(visit, tx, place)
    try:
        ask = read_form(visit, form) | {"location": place.code}
        level = visit.act(set_pick_level, convert(SetPickLevel, ask, strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("Saved.") if level.bin else _("The level was dropped.")
    return visit.done(text, f"{bins_url(place.code)}/levels", go=True)


def _level_form(visit: Visit, tx: Tx, place: Location) -> Form:
    asked = visit.asked("sku")
    found = {row.sku: row for row in list_levels(tx, place.id)} if asked else {}
    row = found.get(asked)
    url = f"{bins_url(place.code)}/levels"
    return Form(
        title=_("Level of a pick bin"),
        url=f"{url}/set",
        back_url=url,
        submit=_("Save"),
        crumbs=[(_("Inventory"), "/inventory"), (place.name, bins_url(place.code)),
                (_("Levels"), url)],
        sections=[
            Section(
                _("Item and bin"),
                [
                    Field(name="sku", label=_("SKU"), value=asked),
                    Field(name="bin", label=_("Pick bin"), value=row.bin if row else "",
                          optional=True, blank="none",
                          hint=_("Without a bin the item has no level any more.")),
                ],
            ),
            Section(
                _("Level"),
                [
                    Field(name="units_min", label=_("Fill it when fewer are there than"),
                          kind="number", minimum=0, value=str(row.units_min) if row else "",
                          blank="omit", optional=True),
                    Field(name="units_max", label=_("Fill it up to"), kind="number", minimum=0,
                          value=str(row.units_max) if row else "", blank="omit", optional=True),
                ],
                hint=_("Bins for reserve are where the units come from."),
            ),
        ],
    )  # fmt: skip


def switch_form(visit: Visit) -> Answer:
    """What switching bin stock on or off does, before it is done."""
    visit.require("settings.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
        on = keeps_bin_stock(tx, place.id)
        stock = read_stock_there(tx, place.id)
    return visit.form_page(
        "bins/_switch_form.html",
        url=f"{bins_url(place.code)}/switch",
        place=place,
        on=on,
        units=stock.on_hand,
    )


def switch(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        place = find_place(visit, tx)
    on = visit.sent("on") == "yes"
    at_home = visit.sent("at_home") == "yes"
    ask = SwitchBinStock(location=place.code, on=on, at_home=at_home)
    done = visit.act(switch_bin_stock, ask)
    text = _("No record of bins is kept at %(name)s any more.", name=place.name)
    if done.on:
        text = ngettext(
            "Bin stock is kept. %(num)s unit is to be put away.",
            "Bin stock is kept. %(num)s units are to be put away.",
            done.units,
        )
    return visit.done(text, bins_url(place.code), go=True)


_ONE = LIST_URL + "/{code:str}"

ROUTES = [
    Route("GET", _ONE + "/levels", show_levels),
    Route("GET", _ONE + "/levels/set", level_form),
    Route("POST", _ONE + "/levels/set", set_level),
    Route("GET", _ONE + "/switch", switch_form),
    Route("POST", _ONE + "/switch", switch),
]
