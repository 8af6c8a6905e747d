"""Customers: what the pages show, and to whom."""

from uuid import UUID

import pytest

from ordito.listings.customers import list_buyers, read_customer_file
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.problems import NotFound, NotPermitted
from ordito.web.pages import customers
from tests import make
from tests.listings.test_follower import catch_up
from tests.web.acts import get

ANNA = {"customer": {"name": "Anna Kowalska", "email": "anna@example.com"}}


def test_a_customer_has_orders_addresses_and_lifetime_figures(db: Database) -> None:
    shop = make.shop(db)
    first = make.place(shop, {"tea": 2}, **ANNA)
    second = make.place(shop, {"tea": 1}, **ANNA)
    catch_up(db)

    listed = get(customers.show_customers, db, "/customers?q=kowal")
    shown = get(customers.show_customer, db, "/customers/1", number="1")

    assert "Anna Kowalska 1 anna@example.com" in listed
    assert f"#{first.number}" in shown
    assert f"#{second.number}" in shown
    assert "in 2 orders" in shown
    assert "3 units" in shown
    assert "00-950 Warszawa" in shown
    assert "2 orders, the last" in shown


def test_who_is_bound_to_a_channel_or_location_sees_who_bought_there(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}, "B": {"cup": 10}})
    make.place(shop, {"tea": 1}, **ANNA)
    elsewhere = Actor("user", UUID(int=8), "B", EVERYTHING, None,
                      frozenset([shop.locations["B"]]))  # fmt: skip
    here = Actor("user", UUID(int=9), "A", EVERYTHING, frozenset([shop.channels["web"]]),
                 frozenset([shop.locations["A"]]))  # fmt: skip

    with db.reading(elsewhere) as tx:
        assert list_buyers(tx).items == ()
        with pytest.raises(NotFound):
            read_customer_file(tx, 1)
    with db.reading(here) as tx:
        assert [row.orders for row in list_buyers(tx).items] == [1]
        assert read_customer_file(tx, 1).units == 1


def test_a_page_goes_on_where_the_last_one_ended(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}})
    for n in range(5):
        make.place(shop, {"tea": 1}, customer={"name": f"No {n}", "email": f"{n}@example.com"})
    bound = Actor("user", UUID(int=9), "A", EVERYTHING, None, frozenset([shop.locations["A"]]))

    for actor in (make.BOSS, bound):
        with db.reading(actor) as tx:
            first = list_buyers(tx, limit=3)
            rest = list_buyers(tx, before=first.next, limit=3)
        assert [row.number for row in (*first.items, *rest.items)] == [5, 4, 3, 2, 1]
        assert rest.next is None


def test_customers_are_for_those_who_may_see_orders(db: Database) -> None:
    make.shop(db)

    with pytest.raises(NotPermitted):
        get(customers.show_customers, db, "/customers", permissions={"catalog.read"})
