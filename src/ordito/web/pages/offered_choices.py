"""On the order page: what the customer of a pick-up is asked, because its shop can't serve it."""

from typing import Any

from ordito.flows.choose_delivery import DeliveryChoice, read_choice
from ordito.flows.delivery_options import DeliveryOption
from ordito.listings.order_types import OrderPage
from ordito.web.actions import Action
from ordito.web.partner_words import CHOICES
from ordito.web.rendering import gettext as _
from ordito.web.rendering import when_name
from ordito.web.visits import Visit
from ordito.web.words import word


def add_choice(visit: Visit, page: OrderPage, context: dict[str, Any]) -> None:
    """Add what is to be chosen to what needs somebody, the first of all."""
    lacks = any(
        line.open + line.backordered for line in page.lines if line.item_kind in ("stocked", "kit")
    )
    if page.delivery != "pickup" or page.life != "open" or not lacks:
        return
    if "orders.read" not in visit.actor.permissions:
        return
    with visit.reading() as tx:
        choice = read_choice(tx, page.id)
    if not choice.options:
        return
    url = f"/orders/{page.number}/choice"
    actions = []
    if "orders.write" in visit.actor.permissions:
        over = choice.expires_at is None or choice.expires_at <= visit.now
        if choice.expires_at is not None:
            actions.append(Action("choose", _("Choose for them"), url, "shopping-bag", "dialog"))
        if over:
            actions.append(Action("offer", _("Ask the customer"), f"{url}/offer", "mail"))
    context["needs"].insert(
        0,
        {
            "title": _("The shop can’t serve this pick-up."),
            "tone": "attention",
            "detail": _detail(visit, choice),
            "actions": actions,
        },
    )


def _detail(visit: Visit, choice: DeliveryChoice) -> str:
    if choice.expires_at is None:
        return _("Nobody has asked the customer yet. Nothing goes elsewhere by itself.")
    by = when_name(choice.expires_at)
    if choice.expires_at <= visit.now:
        return _("The customer could choose until %(by)s and did not. Call them.", by=by)
    return _("The customer is asked and can choose until %(by)s.", by=by)


def option_label(option: DeliveryOption) -> str:
    """An option in a few words, for staff."""
    if option.choice == "pickup" and option.km is not None:
        return _("Collected at %(place)s, %(km)s km away", place=option.name, km=option.km)
    if option.choice == "pickup":
        return _("Collected at %(place)s", place=option.name)
    return word(CHOICES, option.choice)
