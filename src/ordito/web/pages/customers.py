"""Customers: the list, and one with contacts, addresses, orders and lifetime figures."""

from urllib.parse import urlencode

from ordito.kernel.addresses import address_lines
from ordito.listings.customers import list_buyers, read_customer_file
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import list_orders
from ordito.web.routes import Route
from ordito.web.serving import Answer
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
            {"lines": address_lines(known.address), "orders": known.orders, "at": known.last_at}
            for known in customer.addresses
        ],
        orders=orders.items,
        orders_url=f"/orders?customer={number}",
        more=orders.older is not None,
    )


ROUTES = [
    Route("GET", "/customers", show_customers),
    Route("GET", "/customers/{number:str}", show_customer),
]
