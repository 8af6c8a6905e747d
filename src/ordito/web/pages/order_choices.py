"""What becomes of a pick-up that its shop can't serve: asked, or chosen for its customer."""

from typing import Any

from ordito.api.answers import Answer
from ordito.flows.choose_delivery import choose_delivery, offer_choice, read_choice
from ordito.listings.order_types import OrderPage
from ordito.orders.asks import ChooseDelivery, OfferChoice
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from ordito.platform.validation import convert
from ordito.web.pages.offered_choices import option_label
from ordito.web.pages.order_page import order_url, read_page, said
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

_ORDER = "/orders/{number:str}"


def choice_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    page, _reader = read_page(visit)
    return _choice_form(visit, page, [])


def _choice_form(visit: Visit, page: OrderPage, faults: list[str]) -> Answer:
    with visit.reading() as tx:
        found = read_choice(tx, page.id)
    return visit.form_page(
        "orders/_choice_form.html",
        faulty=bool(faults),
        url=f"{order_url(visit)}/choice",
        number=page.number,
        faults=faults,
        options=[
            Choice(f"{option.choice}:{option.location or ''}", option_label(option))
            for option in found.options
        ],
        chosen=visit.sent("choice"),
    )


def choose(visit: Visit) -> Answer:
    """What the customer said is done."""
    page, _reader = read_page(visit)
    choice, _sign, location = visit.sent("choice").partition(":")
    if not choice:
        return _choice_form(visit, page, [_("Choose what the customer wants.")])
    fields: dict[str, Any] = {"order_id": page.id, "choice": choice, "location": location or None}
    try:
        visit.act(choose_delivery, convert(ChooseDelivery, fields))
    except (ActionNotAllowed, InvalidInput) as problem:
        return _choice_form(visit, page, said(problem))
    return visit.done(_("Done, as the customer wants."), order_url(visit))


def offer(visit: Visit) -> Answer:
    """The customer is asked, by mail and on the order's page."""
    page, _reader = read_page(visit)
    visit.act(offer_choice, OfferChoice(order_id=page.id))
    return visit.done(_("The customer is asked to choose."), order_url(visit))


ROUTES = [
    Route("GET", _ORDER + "/choice", choice_form),
    Route("POST", _ORDER + "/choice", choose),
    Route("POST", _ORDER + "/choice/offer", offer),
]
