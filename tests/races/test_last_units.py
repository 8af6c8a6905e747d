"""F2, F3, F4 and complaints 1 to 5: stock that many want at once is given out exactly once."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
import pytest

from ordito.flows.receive_stock import receive_stock
from ordito.inventory.asks import ReceiveStock
from ordito.platform.database import Database
from ordito.platform.door import run
from tests import make
from tests.doctor.wellness import assert_well
from tests.races.racing import ask, attempt, count, deadlocks, race, request, through_batchers

CLIENTS = 32


@contextmanager
def processes(db: Database, n: int) -> Iterator[list[Database]]:
    """As many pools as processes would have."""
    dbs = [Database(db.dsn).open() for _ in range(n)]
    try:
        yield dbs
    finally:
        for each in dbs:
            each.close()


@pytest.mark.parametrize("units", [1, 100])
def test_f2_clients_racing_get_as_many_orders_as_there_are_units(db: Database, units: int) -> None:
    shop = make.shop(db, stock={"A": {"tea": units}}, shortage="refuse")
    one = ask({"tea": 1})
    rounds = 1 if units == 1 else 8
    outcomes = race([lambda: [attempt(db, one) for _ in range(rounds)]] * CLIENTS)
    told = count([outcome for of_client in outcomes for outcome in of_client])
    assert told == {"placed": units, "out-of-stock": CLIENTS * rounds - units}
    assert make.free(shop, "tea") == {"A": 0}
    assert_well(db)


@pytest.mark.parametrize("units", [1, 100])
def test_f2_two_thousand_attempts_in_batches_of_two_processes(db: Database, units: int) -> None:
    shop = make.shop(db, stock={"A": {"tea": units}}, shortage="refuse")
    requests = [request(ask({"tea": 1})) for _ in range(2_000)]
    with processes(db, 2) as dbs:
        told = count(through_batchers(dbs, requests))
    assert told == {"placed": units, "out-of-stock": 2_000 - units}
    assert make.free(shop, "tea") == {"A": 0}
    assert_well(db)


def test_f2_a_hundred_racers_for_one_unit_leave_backorders_and_no_orphans(db: Database) -> None:
    """Complaint 3: the losers are whole orders that wait, not carts without a reservation."""
    make.shop(db, stock={"A": {"tea": 1}})
    with processes(db, 4) as dbs:
        outcomes = through_batchers(dbs, [request(ask({"tea": 1})) for _ in range(100)])
    assert count(outcomes) == {"placed": 100}
    assert sorted(order.backordered for order in outcomes) == [False] + [True] * 99
    assert_well(db)


def test_units_at_two_places_are_all_given_out_and_no_more(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 20}, "B": {"tea": 20}}, shortage="refuse")
    outcomes = race([lambda: [attempt(db, ask({"tea": 3})) for _ in range(3)]] * 8)
    told = count([outcome for of_client in outcomes for outcome in of_client])
    # 40 units are 13 orders of 3, some of them split over both places.
    assert told == {"placed": 13, "out-of-stock": 11}
    assert sum(make.free(shop, "tea").values()) == 1
    assert_well(db)


def test_f3_a_bundle_and_its_part_never_promise_the_same_unit(db: Database) -> None:
    """Complaint 1, by many at once: two units are two parts, or one bundle of two."""
    shop = make.shop(
        db,
        stock={"A": {"tea": 20, "cup": 99}},
        kits={"set": {"tea": 2, "cup": 1}},
        shortage="refuse",
    )
    asks = [ask({"set": 1}), ask({"tea": 1}), ask({"set": 1, "tea": 1}), ask({"tea": 2, "set": 2})]
    outcomes = race([partial(attempt, db, asks[n % 4]) for n in range(CLIENTS)])
    taken = sum(
        qty
        for n, outcome in enumerate(outcomes)
        if count([outcome]) == {"placed": 1}
        for qty in ({0: 2, 1: 1, 2: 3, 3: 6}[n % 4],)
    )
    assert taken + make.free(shop, "tea")["A"] == 20
    # Whoever was refused could not have been served: of a part, nothing at all was left.
    refused = {n % 4 for n, outcome in enumerate(outcomes) if count([outcome])["out-of-stock"]}
    left = make.free(shop, "tea")["A"]
    assert all({0: 2, 1: 1, 2: 3, 3: 6}[kind] > left for kind in refused)
    assert_well(db)


def test_f3_one_sku_on_two_lines_is_summed_before_anything_is_promised(db: Database) -> None:
    """Complaint 5: 20 and 5 of 24 are refused, whoever else is at it."""
    shop = make.shop(db, stock={"A": {"tea": 24}}, shortage="refuse")
    lines = ask({"tea": 20}).lines + ask({"tea": 5}).lines
    twice = msgspec.structs.replace(ask({"tea": 1}), lines=lines)
    outcomes = race([lambda: attempt(db, twice)] * 8)
    assert count(outcomes) == {"out-of-stock": 8}
    assert make.free(shop, "tea") == {"A": 24}
    make.receive(shop, {"A": {"tea": 2}})
    outcomes = race([lambda: attempt(db, twice)] * 8)
    assert count(outcomes) == {"placed": 1, "out-of-stock": 7}
    assert make.free(shop, "tea") == {"A": 1}
    assert_well(db)


def test_f4_orders_of_two_skus_in_opposite_order_never_show_a_deadlock(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50, "cup": 50}, "B": {"tea": 50, "cup": 50}})
    there, back = ask({"tea": 1, "cup": 1}), ask({"cup": 1, "tea": 1})

    def buy(what: Any) -> list[Any]:
        return [attempt(db, what) for _ in range(8)]

    def receive(skus: list[str]) -> list[Any]:
        lines = [{"sku": sku, "quantity": 1} for sku in skus]
        body = {"location": "A", "lines": lines}
        come = msgspec.convert(body, ReceiveStock)
        return [run(db, make.BOSS, receive_stock, come) for _ in range(8)]

    before = deadlocks(db)
    buyers = [partial(buy, there if n % 2 else back) for n in range(14)]
    outcomes = race([*buyers, lambda: receive(["tea", "cup"]), lambda: receive(["cup", "tea"])])
    told = count([outcome for of_client in outcomes for outcome in of_client])
    assert told == {"placed": 16 * 8}
    assert deadlocks(db) == before
    free = {sku: sum(make.free(shop, sku).values()) for sku in ("tea", "cup")}
    assert free == {"tea": 100 + 16 - 14 * 8, "cup": 100 + 16 - 14 * 8}
    assert_well(db)


def test_orders_alone_and_batches_see_the_same_stock(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 60}}, shortage="refuse")
    one = ask({"tea": 1})
    with processes(db, 2) as dbs:
        requests = [request(one) for _ in range(80)]
        batched, *alone = race(
            [lambda: through_batchers(dbs, requests)]
            + [lambda: [attempt(db, one) for _ in range(4)]] * 8
        )
    told = count([*batched, *(outcome for of_client in alone for outcome in of_client)])
    assert told == {"placed": 60, "out-of-stock": 80 + 32 - 60}
    assert make.free(shop, "tea") == {"A": 0}
    assert_well(db)
