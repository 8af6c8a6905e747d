"""F7 and F18: what is sent many times at once has one effect."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from ordito.flows.place_orders import place_orders
from ordito.orders.types import PlaceOrder
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import Problem
from tests import make
from tests.doctor.wellness import assert_well
from tests.races.racing import ask, attempt, count, place, race, request, through_batchers
from tests.races.test_last_units import processes


def orders(db: Database) -> int:
    with db.connection() as conn:
        row = conn.execute("SELECT count(*) FROM orders.sales_order").fetchone()
    assert row is not None
    return int(row[0])


def _attempt_all(db: Database, asks: Sequence[PlaceOrder]) -> list[Any]:
    return [attempt(db, each) for each in asks]


def test_f7_one_key_sixteen_times_in_batches_of_four_processes(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 99}})
    same = [request(ask({"tea": 1}), "the-key") for _ in range(16)]
    with processes(db, 4) as dbs:
        outcomes = race([partial(through_batchers, [dbs[k]], same[k::4]) for k in range(4)])
    answers = [answer for of_process in outcomes for answer in of_process]
    assert count(answers) == {"placed": 16}
    assert len({answer.id for answer in answers}) == 1
    assert orders(db) == 1
    assert_well(db)


def test_f7_a_key_with_other_bodies_at_once_belongs_to_one_of_them(db: Database) -> None:
    make.shop(db, stock={"A": {"tea": 99}})
    outcomes = race([partial(place, db, ask({"tea": 1 + n % 4}), "the-key") for n in range(16)])
    told = count(outcomes)
    assert told == {"placed": 4, "idempotency-key-reused": 12}
    assert len({o.id for o in outcomes if not isinstance(o, Problem)}) == 1
    assert orders(db) == 1
    assert_well(db)


def test_f7_a_key_of_another_actor_is_another_key(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 99}, "B": {"tea": 1}})
    from tests.flows.acts import clerk

    other = clerk(shop, "A", "B")
    outcomes = race(
        [lambda: place(db, ask({"tea": 1}), "the-key")] * 4
        + [lambda: run(db, other, place_orders, ask({"tea": 1}), key="the-key")] * 4
    )
    assert count(outcomes) == {"placed": 8}
    assert len({outcome.id for outcome in outcomes}) == 2
    assert orders(db) == 2


@pytest.mark.parametrize("batched", [False, True])
def test_f18_one_external_id_from_eight_workers_three_times_is_one_order(
    db: Database, batched: bool
) -> None:
    make.shop(db, stock={"A": {"tea": 99}})
    spellings = ["Shop-7", " shop-7", "SHOP-7 ", "shop-7", "\tShop-7", "sHOP-7"]
    asks = [ask({"tea": 1}, external_id=spellings[n % 6]) for n in range(24)]
    if batched:
        with processes(db, 8) as dbs:
            requests = [request(each) for each in asks]
            outcomes = race([partial(through_batchers, [dbs[k]], requests[k::8]) for k in range(8)])
    else:
        outcomes = race([partial(_attempt_all, db, asks[k::8]) for k in range(8)])
    answers = [answer for of_worker in outcomes for answer in of_worker]
    assert count(answers) == {"placed": 1, "already-exists": 23}
    # All others are told which order it is.
    (placed,) = [answer for answer in answers if not isinstance(answer, Problem)]
    known = {"id": str(placed.id), "number": placed.number}
    assert [a.extra["existing"] for a in answers if isinstance(a, Problem)] == [known] * 23
    assert orders(db) == 1
    assert_well(db)
