"""Cancelling: units that were not shipped come back, and cost nothing any more."""

from typing import Any
from uuid import UUID

import pytest

from ordito.flows.cancel_order import cancel_order
from ordito.orders.asks import CancelOrder
from ordito.payments.expectations import read_expectation
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import (
    ActionNotAllowed,
    InvalidInput,
    NotFound,
    NotPermitted,
    VersionConflict,
)
from tests import make
from tests.flows import acts

PAID: dict[str, Any] = {"payment": {"method": "transfer"}}


def expected(shop: make.Shop, order_id: UUID) -> tuple[int, str]:
    with shop.db.reading(SYSTEM) as tx:
        found = read_expectation(tx, order_id)
    assert found is not None
    return found.amount_minor, found.state


def test_a_whole_order_cancelled_gives_everything_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    order_id = make.place(
        shop,
        {"tea": 2, "cup": 1},
        adjustments=[{"kind": "shipping", "amount_minor": 499}],
        **PAID,
    ).id
    assert expected(shop, order_id) == (3499, "expected")

    state = acts.cancel(shop, order_id)

    assert (state.life, state.money, state.allowed_actions) == (
        "cancelled",
        "voided",
        ("tag", "note", "mark"),
    )
    assert [acts.vector(state, no) for no in (1, 2)] == [{"cancelled": 2}, {"cancelled": 1}]
    assert acts.parts(state) == [("A", "cancelled")]
    assert acts.level(shop, "tea", "A") == {"on_hand": 5, "available": 5}
    assert expected(shop, order_id) == (0, "dropped")
    assert acts.timeline(shop, order_id) == ["placed", "sourced", "units_cancelled"]
    assert acts.last_event(shop, order_id) == {
        "lines": {"1": 2, "2": 1},
        "reason": "customer_request",
        "value_minor": 3499,
    }


def test_a_part_cancelled_shrinks_the_location_s_work(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    order_id = make.place(shop, {"tea": 3, "cup": 1}, **PAID).id

    state = acts.cancel(shop, order_id, {1: 2})

    assert acts.vector(state) == {"cancelled": 2, "reserved": 1}
    assert (state.life, state.version) == ("open", 3)
    assert acts.parts(state) == [("A", "open")]
    assert acts.level(shop, "tea", "A") == {"on_hand": 5, "available": 4, "reserved": 1}
    assert expected(shop, order_id) == (2000, "expected")


def test_what_has_least_work_done_is_cancelled_first(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})
    order_id = make.place(shop, {"tea": 5}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id, {1: 1})

    state = acts.cancel(shop, order_id, {1: 3})

    assert acts.vector(state) == {"cancelled": 3, "released": 1, "picked": 1}
    assert acts.open_tasks(shop) == []


def test_picked_units_cancelled_are_to_be_put_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id, {1: 1})

    state = acts.cancel(shop, order_id)

    assert acts.vector(state) == {"cancelled": 2}
    assert acts.level(shop, "tea", "A") == {"on_hand": 5, "available": 5}
    assert acts.open_tasks(shop) == [("put_back", 1, 1), ("put_back", 1, 1)]


def test_cancel_after_shipping_changes_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    state = acts.shipped(shop, {"tea": 2})

    problem = acts.refusal(shop, lambda: acts.cancel(shop, state.id))

    assert isinstance(problem, ActionNotAllowed)
    assert problem.detail.startswith("No unit is left: all were shipped")
    assert problem.extra == {"allowed_actions": ["hold", "tag", "note", "mark", "return"]}


def test_the_rest_of_a_partly_shipped_order_can_be_cancelled(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(
        shop, {"tea": 3}, adjustments=[{"kind": "shipping", "amount_minor": 499}], **PAID
    ).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.pack(shop, order_id, {1: 1})
    acts.ship(shop, order_id)

    state = acts.cancel(shop, order_id)

    assert acts.vector(state) == {"cancelled": 2, "shipped": 1}
    assert (state.life, state.fulfilment) == ("open", "fulfilled")
    assert acts.parts(state) == [("A", "shipped")]
    assert expected(shop, order_id) == (1499, "expected")
    assert acts.deliver(shop, order_id).life == "closed"


def test_more_than_is_left_is_refused_with_what_is_left(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.cancel(shop, order_id, {1: 1})

    problem = acts.refusal(shop, lambda: acts.cancel(shop, order_id, {1: 2}))

    assert isinstance(problem, ActionNotAllowed)
    assert "line 1: asked 2, left 1" in problem.detail


def test_a_line_that_is_not_there_is_named(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id

    problem = acts.refusal(shop, lambda: acts.cancel(shop, order_id, {7: 1}))

    assert isinstance(problem, InvalidInput)
    assert [(fault.pointer, fault.code) for fault in problem.errors] == [
        ("/lines/7", "unknown-line")
    ]


def test_an_older_version_is_refused_with_the_current_one(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.cancel(shop, order_id, {1: 1})
    ask = CancelOrder(order_id=order_id, version=2, reason="late")

    problem = acts.refusal(shop, lambda: acts.do(db, cancel_order, ask))

    assert isinstance(problem, VersionConflict)
    assert problem.extra == {"version": 3}


def test_a_kit_gives_all_its_parts_back(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10, "cup": 10}}, kits={"set": {"tea": 3, "cup": 2}})
    order_id = make.place(shop, {"set": 2, "tea": 1}).id
    assert acts.level(shop, "tea", "A") == {"on_hand": 10, "available": 3, "reserved": 7}

    acts.cancel(shop, order_id, {1: 1})

    assert acts.level(shop, "tea", "A") == {"on_hand": 10, "available": 6, "reserved": 4}
    assert acts.level(shop, "cup", "A") == {"on_hand": 10, "available": 8, "reserved": 2}


def test_an_order_of_another_channel_looks_as_if_it_did_not_exist(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 1}).id
    stranger = Actor("key", UUID(int=9), "Other", EVERYTHING, channel_ids=frozenset())
    ask = CancelOrder(order_id=order_id, reason="x")

    problem = acts.refusal(shop, lambda: acts.do(db, cancel_order, ask, stranger))

    assert isinstance(problem, NotFound)


def test_who_is_bound_to_a_location_cancels_only_what_lies_there(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}, "C": {"tea": 1}})
    order_id = make.place(shop, {"tea": 2}).id
    ask = CancelOrder(order_id=order_id, reason="x")

    def cancel_as(code: str) -> Any:
        return acts.do(db, cancel_order, ask, acts.clerk(shop, code))

    assert isinstance(acts.refusal(shop, lambda: cancel_as("A")), NotPermitted)
    assert isinstance(acts.refusal(shop, lambda: cancel_as("C")), NotFound)


def test_without_the_permission_nothing_is_cancelled(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 1}).id
    reader = Actor("key", UUID(int=9), "Reader", frozenset(("orders.read",)))
    ask = CancelOrder(order_id=order_id, reason="x")

    assert isinstance(
        acts.refusal(shop, lambda: acts.do(db, cancel_order, ask, reader)), NotPermitted
    )


@pytest.mark.parametrize("steps", [(1, 1, 1), (2, 1), (1, 2), (3,)])
def test_several_cancellations_cost_the_same_as_one(db: Database, steps: tuple[int, ...]) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(
        shop,
        {"tea": 3},
        adjustments=[
            {"kind": "discount", "amount_minor": 2000},
            {"kind": "fee", "amount_minor": 7},
        ],
        **PAID,
    ).id
    values = []
    for units in steps:
        acts.cancel(shop, order_id, {1: units})
        values.append(acts.last_event(shop, order_id)["value_minor"])

    assert sum(values) == 1007
    assert expected(shop, order_id) == (0, "dropped")


def test_the_same_key_cancels_once_and_gives_the_same_answer(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 3}).id
    ask = CancelOrder(order_id=order_id, reason="x", lines={"1": 1})

    first = run(db, make.BOSS, cancel_order, ask, key="k1")
    again = run(db, make.BOSS, cancel_order, ask, key="k1")

    assert again == first
    assert acts.vector(again) == {"cancelled": 1, "reserved": 2}
    assert acts.timeline(shop, order_id) == ["placed", "sourced", "units_cancelled"]
