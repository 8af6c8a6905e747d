"""Carts: stock kept for shoppers; staff complete one as an order, or give its stock back."""

from typing import Any, get_args
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.complete_cart import complete_cart
from ordito.flows.hold_stock import release_hold_of_stock
from ordito.inventory.asks import ReleaseHold
from ordito.listings.carts import Cart, CartState, list_carts, read_cart
from ordito.orders.asks import CompleteCart
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.visits import Visit

PAGE = 50
STATES: dict[CartState, str] = {
    "open": N_("Open"),
    "abandoned": N_("Abandoned"),
    "completed": N_("Became orders"),
    "released": N_("Given back"),
}


def show_carts(visit: Visit) -> Answer:
    """Carts of a state, newest first."""
    visit.require("orders.read")
    asked = visit.asked("state")
    state: CartState = asked if asked in get_args(CartState) else "open"  # type: ignore[assignment]
    with visit.reading() as tx:
        page = list_carts(tx, state, cursor=visit.asked("cursor") or None, limit=PAGE)
    return visit.page(
        "carts/list.html",
        views=[
            {
                "label": _(label),
                "url": "/carts" if key == "open" else f"/carts?state={key}",
                "current": key == state,
                "count": None,
                "act": False,
            }
            for key, label in STATES.items()
        ],
        state=state,
        carts=[_row(visit, cart) for cart in page.items],
        older_url=visit.here(cursor=page.next) if page.next else "",
        newer_url=visit.here(cursor=None) if visit.asked("cursor") else "",
    )


def _row(visit: Visit, cart: Cart) -> dict[str, Any]:
    """See templates/carts/list.html."""
    is_open = cart.state == "open"
    return {
        "id": str(cart.id),
        "channel": cart.channel.name,
        "lines": [{"sku": line.sku, "quantity": line.quantity} for line in cart.lines],
        "units": cart.units,
        "reason": "" if cart.reason == "cart" else cart.reason,
        "contact": cart.contact,
        "created_at": cart.created_at,
        "expires_at": cart.expires_at if is_open else None,
        "ended_at": cart.ended_at,
        "order_number": cart.order_number,
        "mailed_at": cart.mailed_at,
        "complete_url": f"/carts/{cart.id}/complete"
        if is_open and cart.lines and "orders.write" in visit.actor.permissions
        else "",
        "release_url": f"/carts/{cart.id}/release"
        if is_open and "inventory.write" in visit.actor.permissions
        else "",
    }


def complete_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    return show_form(visit, _form(_read(visit)))


def complete(visit: Visit) -> Answer:
    """Make an order of the cart, or show what is wrong."""
    visit.require("orders.write")
    cart = _read(visit)
    form = _form(cart)
    asked = read_form(visit, form)
    asked["customer"]["name"] = asked["ship_to"]["name"]
    try:
        ask = convert(CompleteCart, asked | {"hold_id": str(cart.id)})
        placed = visit.act(complete_cart, ask)
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("The cart is order #%(number)s now.", number=placed.number)
    return visit.done(text, f"/orders/{placed.number}", go=True)


def release(visit: Visit) -> Answer:
    """Give the cart's stock back."""
    visit.require("inventory.write")
    cart = _read(visit)
    visit.act(release_hold_of_stock, ReleaseHold(hold_id=cart.id))
    return visit.done(_("Its stock is free to sell again."), "/carts", go=True)


def _read(visit: Visit) -> Cart:
    try:
        cart_id = UUID(visit.params["cart"])
    except ValueError:
        raise NotFound("There is no such cart.") from None
    with visit.reading() as tx:
        return read_cart(tx, cart_id)


def _form(cart: Cart) -> Form:
    told = ", ".join(f"{line.quantity} × {line.sku}" for line in cart.lines)
    return Form(
        title=_("Complete the cart as an order"),
        url=f"/carts/{cart.id}/complete",
        back_url="/carts",
        submit=_("Place the order"),
        note=_("In the cart: %(lines)s. Its stock stays reserved where it is.", lines=told),
        sections=[
            Section(_("Customer"), _customer(cart)),
            Section(_("Ship to"), _address()),
            Section(
                _("More"),
                [Field(name="note", label=_("Note"), kind="area", optional=True)],
            ),
        ],
        crumbs=[(_("Carts"), "/carts")],
    )


def _customer(cart: Cart) -> list[Field]:
    contact = cart.contact if "@" in cart.contact else ""
    return [
        Field(name="name", label=_("Name"), pointer="/ship_to/name"),
        Field(name="email", label=_("E-mail"), pointer="/customer/email", value=contact,
              optional=True),
        Field(name="phone", label=_("Phone"), pointer="/customer/phone", optional=True,
              value="" if contact else cart.contact),
    ]  # fmt: skip


def _address() -> list[Field]:
    return [
        Field(name="line1", label=_("Street"), pointer="/ship_to/line1"),
        Field(name="postal_code", label=_("Postal code"), pointer="/ship_to/postal_code",
              optional=True),
        Field(name="city", label=_("City"), pointer="/ship_to/city"),
        Field(name="country", label=_("Country"), pointer="/ship_to/country", read=str.upper,
              hint=_("Two letters, such as PL.")),
    ]  # fmt: skip


ROUTES = [
    Route("GET", "/carts", show_carts),
    Route("GET", "/carts/{cart:str}/complete", complete_form),
    Route("POST", "/carts/{cart:str}/complete", complete),
    Route("POST", "/carts/{cart:str}/release", release),
]
