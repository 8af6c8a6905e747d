"""Customers: the list, one with contacts, orders and lifetime figures, and its form."""

from urllib.parse import urlencode

from ordito.api.answers import Answer
from ordito.flows.manage_customers import (
    CreateCustomer,
    UpdateCustomer,
    create_customer,
    update_customer,
)
from ordito.listings.customers import CustomerFile, list_buyers, read_customer_file
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import list_orders
from ordito.platform.problems import Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.rendering import gettext as _
from ordito.web.rendering import postal_lines
from ordito.web.routes import Route
from ordito.web.visits import Visit

PAGE = 50
ORDERS = 20


def show_customers(visit: Visit) -> Answer:
    """Customers, newest first."""
    visit.require("orders.read")
    search = visit.asked("q").strip()[:200]
    before = visit.asked("before")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    with visit.reading() as tx:
        found = list_buyers(tx, search=search, before=number, limit=PAGE)
    first = f"/customers?{urlencode({'q': search})}" if search else "/customers"
    return visit.page(
        "customers/list.html",
        search=search,
        may_write=_may_create(visit),
        rows=found.items,
        older_url=visit.here(before=str(found.next)) if found.next else "",
        newer_url=first if number else "",
    )


def show_customer(visit: Visit) -> Answer:
    """One customer, with the newest orders."""
    visit.require("orders.read")
    number = visit.number("number")
    with visit.reading() as tx:
        customer = read_customer_file(tx, number)
        orders = list_orders(tx, OrderFilter(customer_number=number), limit=ORDERS)
    return visit.page(
        "customers/show.html",
        customer=customer,
        addresses=[
            {"lines": postal_lines(known.address), "orders": known.orders, "at": known.last_at}
            for known in customer.addresses
        ],
        may_write="orders.write" in visit.actor.permissions,
        orders=orders.items,
        orders_url=f"/orders?customer={number}",
        more=orders.older is not None,
    )


def _may_create(visit: Visit) -> bool:
    """Who sees a part only would not see whom they just made."""
    whole = visit.actor.channel_ids is None and visit.actor.location_ids is None
    return whole and "orders.write" in visit.actor.permissions


def new_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    return show_form(visit, _form(None))


def create(visit: Visit) -> Answer:
    """Add a customer, or show all that is wrong."""
    visit.require("orders.write")
    form = _form(None)
    try:
        made = visit.act(create_customer, convert(CreateCustomer, read_form(visit, form)))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/customers/{made.number}", go=True)


def edit_form(visit: Visit) -> Answer:
    visit.require("orders.write")
    return show_form(visit, _form(_read(visit)))


def edit(visit: Visit) -> Answer:
    """Correct a customer, or show all that is wrong."""
    visit.require("orders.write")
    customer = _read(visit)
    form = _form(customer)
    try:
        ask = read_form(visit, form) | {"number": customer.number}
        visit.act(update_customer, convert(UpdateCustomer, ask))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    return visit.done(_("Saved."), f"/customers/{customer.number}", go=True)


def _read(visit: Visit) -> CustomerFile:
    with visit.reading() as tx:
        return read_customer_file(tx, visit.number("number"))


def _form(customer: CustomerFile | None) -> Form:
    url = f"/customers/{customer.number}" if customer else "/customers"
    name = customer.name or str(customer.number) if customer else ""
    fields = [
        Field(name="name", label=_("Name"), value=customer.name if customer else "",
              optional=True),
        Field(name="email", label=_("E-mail"), value=customer.email if customer else "",
              optional=True, hint=_("New orders with this address find the customer.")),
        Field(name="phone", label=_("Phone"), value=customer.phone if customer else "",
              optional=True, hint=_("With the country's number, such as +48 600 100 200.")),
        Field(name="groups", label=_("Groups"), optional=True, read=_codes,
              value=", ".join(customer.groups) if customer else "",
              hint=_("Such as vip, b2b: with commas between. Stock can be kept for a group.")),
    ]  # fmt: skip
    return Form(
        title=_("Edit %(name)s", name=name) if customer else _("New customer"),
        url=f"{url}/edit" if customer else f"{url}/-new",
        back_url=url,
        submit=_("Save changes") if customer else _("Create customer"),
        sections=[Section(_("Who it is"), fields)],
        crumbs=[(_("Customers"), "/customers"), *([(name, url)] if customer else [])],
        note=_("Orders keep the name and address that they were placed with.") if customer else "",
        version=customer.version if customer else None,
    )


def _codes(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


_ONE = "/customers/{number:str}"

ROUTES = [
    Route("GET", "/customers", show_customers),
    Route("GET", "/customers/-new", new_form),
    Route("POST", "/customers/-new", create),
    Route("GET", _ONE + "/edit", edit_form),
    Route("POST", _ONE + "/edit", edit),
    Route("GET", _ONE, show_customer),
]
