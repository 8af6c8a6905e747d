"""Customers over HTTP."""

from typing import Annotated

from msgspec import Meta

from ordito.api.endpoints import reading, writing
from ordito.api.paging import Page, PageParams, make_cursor, read_cursor
from ordito.flows.manage_customers import create_customer, update_customer
from ordito.kernel.asks import Ask
from ordito.listings.customers import (
    CustomerFile,
    CustomerRow,
    list_buyers,
    read_customer_file,
)
from ordito.platform.database import Tx

TAG = "Customers"


class CustomerParams(PageParams, frozen=True, kw_only=True):
    """search: a whole e-mail address or phone number, a customer number, or part of a name."""

    search: Annotated[str, Meta(max_length=200)] = ""


class CustomerNumber(Ask, frozen=True, kw_only=True):
    number: int


def list_of_customers(tx: Tx, params: CustomerParams) -> Page[CustomerRow]:
    """Customers, newest first. Who is bound to channels or locations sees those who bought there;
    such a page may be short, or even empty, and still have a next one."""
    before = read_cursor(params.cursor, tuple[Annotated[int, Meta(ge=1, le=2**62)]])
    found = list_buyers(
        tx, search=params.search, before=before[0] if before else None, limit=params.limit
    )
    following = None if found.next is None else make_cursor((found.next,))
    return Page(list(found.items), following)


def get_customer(tx: Tx, params: CustomerNumber) -> CustomerFile:
    """One customer with lifetime figures per currency and the addresses of their orders; the ETag
    is the version for If-Match."""
    return read_customer_file(tx, params.number)


_ONE = "/customers/{number}"
_TAKEN = ("already-exists",)

ENDPOINTS = [
    reading("/customers", TAG, "List customers", list_of_customers, "orders.read"),
    reading(_ONE, TAG, "Read a customer", get_customer, "orders.read"),
    writing("POST", "/customers", TAG, "Create a customer", create_customer, status=201,
            description="Orders find their customer by e-mail address, then phone number; making"
            " one beforehand is needed only for a customer who hasn't ordered.",
            example={"name": "Anna Nowak", "email": "anna@example.com"}, problems=_TAKEN),
    writing("PATCH", _ONE, TAG, "Correct a customer", update_customer,
            example={"phone": "+48 600 100 200"}, problems=_TAKEN),
]  # fmt: skip
