"""Customers by hand: found by their contacts, never two with one contact, nothing personal kept."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ordito.flows.manage_customers import (
    CreateCustomer,
    UpdateCustomer,
    create_customer,
    update_customer,
)
from ordito.listings.customers import CustomerFile, list_buyers, read_customer_file
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import list_orders
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    NotPermitted,
    Problem,
    VersionConflict,
)
from tests import make
from tests.doctor.wellness import assert_well
from tests.listings.test_follower import catch_up

ANNA = {"customer": {"name": "Anna Kowalska", "email": "anna@example.com"}}


def act(db: Database, ask: Any, actor: Actor = make.BOSS) -> Any:
    command: Any = create_customer if isinstance(ask, CreateCustomer) else update_customer
    return run(db, actor, command, ask)


def read(db: Database, number: int) -> CustomerFile:
    with db.reading(make.BOSS) as tx:
        return read_customer_file(tx, number)


def test_a_customer_made_by_hand_is_found_by_their_order(db: Database) -> None:
    shop = make.shop(db)
    made = act(db, CreateCustomer(name="Anna", email="Anna@Example.com ", phone="+48 600-100-200"))

    make.place(shop, {"tea": 1}, customer={"name": "A. Nowak", "phone": "+48600100200"})

    file = read(db, made.number)
    assert (file.name, file.email, file.spent[0].orders) == ("Anna", "Anna@Example.com", 1)
    assert_well(db)


def test_a_correction_moves_the_contact_and_the_search_follows(db: Database) -> None:
    shop = make.shop(db)
    make.place(shop, {"tea": 1}, **ANNA)
    catch_up(db)

    kept = act(db, UpdateCustomer(number=1, name="Anna Zielińska", email="new@example.com"))
    make.place(shop, {"tea": 1}, **ANNA)
    make.place(shop, {"tea": 1}, customer={"email": "NEW@example.com"})
    catch_up(db)

    assert (kept.version, kept.changed) == (2, ["name", "email"])
    assert read(db, 1).spent[0].orders == 2, "the first order, and the one with the new address"
    with db.reading(make.BOSS) as tx:
        assert len(list_buyers(tx, search="anna@example.com").items) == 1, "somebody new by now"
        found = list_orders(tx, OrderFilter(text="zielińska"), limit=10)
        bodies = tx.conn.execute(
            "SELECT string_agg(body::text, '') FROM platform.event WHERE stream = 'customer'"
        ).fetchone()
        stored = tx.conn.execute(
            "SELECT string_agg(answer, '') FROM platform.idempotency"
        ).fetchone()
    assert len(found.items) == 2
    assert "example.com" not in str(bodies)
    assert "Zieli" not in str(stored)
    assert_well(db)


def test_nothing_said_is_nothing_done(db: Database) -> None:
    make.place(make.shop(db), {"tea": 1}, **ANNA)
    kept = act(db, UpdateCustomer(number=1, name="Anna Kowalska"))
    assert (kept.version, kept.changed) == (1, [])


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (CreateCustomer(name="Nobody"), InvalidInput),
        (CreateCustomer(phone="none"), InvalidInput),
        (CreateCustomer(email="ANNA@example.com"), AlreadyExists),
        (UpdateCustomer(number=2, email="anna@example.com"), AlreadyExists),
        (UpdateCustomer(number=1, email=""), InvalidInput),
        (UpdateCustomer(number=1, name="A", version=7), VersionConflict),
        (UpdateCustomer(number=99, name="A"), NotFound),
    ],
)
def test_a_refusal_writes_nothing(db: Database, ask: Any, problem: type[Problem]) -> None:
    make.place(make.shop(db), {"tea": 1}, **ANNA)
    act(db, CreateCustomer(phone="600"))
    before = (read(db, 1), read(db, 2))

    with pytest.raises(problem):
        act(db, ask)

    assert (read(db, 1), read(db, 2)) == before
    with pytest.raises(NotFound):
        read(db, 3)


def test_who_sees_a_part_corrects_whom_they_see_and_makes_nobody(db: Database) -> None:
    shop = make.shop(db)
    make.place(shop, {"tea": 1}, **ANNA)
    here = Actor("user", make.BOSS.id, "H", EVERYTHING, frozenset([shop.channels["web"]]), None)
    elsewhere = Actor("user", make.BOSS.id, "E", EVERYTHING, frozenset(), None)

    assert act(db, UpdateCustomer(number=1, phone="601"), here).changed == ["phone"]
    with pytest.raises(NotFound):
        act(db, UpdateCustomer(number=1, phone="602"), elsewhere)
    with pytest.raises(NotPermitted):
        act(db, CreateCustomer(phone="603"), here)
    assert read(db, 1).phone == "601"


def test_two_never_make_one_customer_twice(db: Database) -> None:
    make.shop(db)

    def attempt(n: int) -> str:
        try:
            act(db, CreateCustomer(name=f"Anna {n}", email="anna@example.com"))
        except AlreadyExists:
            return "refused"
        return "made"

    with ThreadPoolExecutor(4) as threads:
        outcomes = sorted(threads.map(attempt, range(4)))

    assert outcomes == ["made", "refused", "refused", "refused"]
    assert_well(db)
