"""What a supplier never runs out of: its items and their lead days, a line each."""

from ordito.api.answers import Answer
from ordito.flows.endless_stock import EndlessState, read_endless_state, set_endless
from ordito.inventory.asks import EndlessAsk, SetEndless
from ordito.listings.places import find_place, read_names
from ordito.locations.types import Location
from ordito.platform.database import Tx
from ordito.platform.problems import Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, pairs_of, read_form, show_form, tell_faults
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.visits import Visit

_URL = "/locations/{code:str}/endless"


def _find(visit: Visit, tx: Tx) -> Location:
    names = read_names(tx)
    return names.locations[find_place(tx, names, visit.params["code"]).id]


def endless_form(visit: Visit) -> Answer:
    """The items that a supplier never runs out of."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
        return show_form(visit, _form(place, read_endless_state(tx, place)))


def set_items(visit: Visit) -> Answer:
    """All of them; what is left out keeps what it has until it is counted."""
    visit.require("inventory.write")
    with visit.reading() as tx:
        place = _find(visit, tx)
        form = _form(place, read_endless_state(tx, place))
    try:
        typed = read_form(visit, form)
        items = tuple(
            convert(EndlessAsk, {"sku": sku, "lead_days": days or 0}, strict=False)
            for sku, days in pairs_of(str(typed["items"]))
        )
        ask = SetEndless(location=place.code, items=items, version=typed.get("version"))
        visit.act(set_endless, ask)
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/locations/{place.code}", go=True)


def _form(place: Location, state: EndlessState) -> Form:
    url = f"/locations/{place.code}"
    field = Field(
        name="items",
        label=_("Items"),
        kind="area",
        optional=True,
        value="\n".join(f"{sku} {days}" for sku, days in state.items.items()),
        hint=_(
            "One on each line: its SKU, and after how many days the supplier begins with an order,"
            " such as “TEA-100 3”. What is left out keeps what it has until it is counted."
        ),
    )
    return Form(
        title=_("Never runs out"),
        url=f"{url}/endless",
        back_url=url,
        submit=_("Save items"),
        sections=[Section(_("What %(name)s never runs out of", name=place.name), [field])],
        crumbs=[(_("Locations"), "/locations"), (place.name, url)],
        version=place.version,
    )


ROUTES = [Route("GET", _URL, endless_form), Route("POST", _URL, set_items)]
