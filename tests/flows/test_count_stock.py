"""Counting: the record becomes what is there, and broken promises are told, never hidden."""

from functools import partial
from typing import Any

import pytest

from ordito.flows.order_states import order_state
from ordito.inventory.problems import CountOutdated, CountTooLow
from ordito.orders.states import OrderState
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput, Problem
from tests import make
from tests.flows import acts as order_acts
from tests.flows import stock_acts as acts
from tests.flows.invariants import assert_sound


def state_of(shop: make.Shop, placed: Any) -> OrderState:
    with shop.db.reading(make.BOSS) as tx:
        return order_state(tx, placed.id)


def test_more_than_the_record_becomes_free(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})

    counted = acts.count(shop, "A", {"tea": 7, "cup": 5}, {"tea": 5, "cup": 5})

    assert [(line.sku, line.on_hand, line.available) for line in counted.lines] == [
        ("tea", 7, 7),
        ("cup", 5, 5),
    ]
    tea, cup = str(shop.items["tea"]), str(shop.items["cup"])
    (entry,) = acts.timeline(db, counted.id)
    assert (entry.kind, entry.stream) == ("stock.counted", "count")
    assert entry.body["lines"] == [[tea, 5, 7], [cup, 5, 5]]
    assert entry.body["items"] == {tea: 2}


def test_a_count_of_what_has_moved_since_changes_nothing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    acts.adjust(shop, "A", {"tea": -1}, "lost")
    before = acts.postings(db)

    with pytest.raises(CountOutdated) as caught:
        acts.count(shop, "A", {"cup": 4, "tea": 5}, {"cup": 5, "tea": 5})

    assert caught.value.extra["lines"] == [{"sku": "tea", "expected": 5, "on_hand": 4}]
    assert acts.postings(db) == before


def test_reserving_is_no_movement_of_what_is_counted(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    make.place(shop, {"tea": 3})

    counted = acts.count(shop, "A", {"tea": 4}, {"tea": 5})

    assert acts.buckets(shop, "tea", "A") == {"available": 1, "reserved": 3}
    assert counted.shortened == []


def test_an_item_that_was_never_there_can_be_found(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 0}})

    acts.count(shop, "B", {"tea": 2}, {"tea": 0})

    assert make.free(shop, "tea") == {"A": 5, "B": 2}


def test_below_what_is_reserved_the_latest_promise_loses(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}})
    late = make.place(shop, {"tea": 3}, promised_on="2027-03-01")
    early = make.place(shop, {"tea": 3}, promised_on="2027-01-01")
    middle = make.place(shop, {"tea": 3}, promised_on="2027-02-01")

    counted = acts.count(shop, "A", {"tea": 4}, {"tea": 10})

    assert acts.buckets(shop, "tea", "A") == {"reserved": 4}
    assert [(row.number, row.lines) for row in counted.shortened] == [
        (late.number, {1: 3}),
        (middle.number, {1: 2}),
    ]
    assert order_acts.vector(state_of(shop, late)) == {"open": 3}
    assert order_acts.vector(state_of(shop, middle)) == {"open": 2, "reserved": 1}
    assert order_acts.vector(state_of(shop, early)) == {"reserved": 3}
    assert order_acts.parts(state_of(shop, late)) == [("A", "short")]
    assert order_acts.parts(state_of(shop, middle)) == [("A", "open")]
    assert sorted(order_acts.open_tasks(shop)) == [("shortage", 1, 2), ("shortage", 1, 3)]
    assert order_acts.event(shop, late.id, "units_short") == {
        "fo_no": 1,
        "location": "A",
        "lines": {"1": 3},
        "reason": "count",
    }
    assert_sound(db)


def test_safety_stock_goes_before_promises_and_set_aside_units_after(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10}})
    acts.move(shop, "A", "tea", 2, "available", "safety")
    acts.move(shop, "A", "tea", 2, "available", "damaged")
    placed = make.place(shop, {"tea": 4})

    acts.count(shop, "A", {"tea": 6})
    assert acts.buckets(shop, "tea", "A") == {"reserved": 4, "damaged": 2}
    acts.count(shop, "A", {"tea": 3})
    assert acts.buckets(shop, "tea", "A") == {"reserved": 1, "damaged": 2}
    assert order_acts.vector(state_of(shop, placed)) == {"open": 3, "reserved": 1}
    acts.count(shop, "A", {"tea": 0})
    assert acts.buckets(shop, "tea", "A") == {}
    assert_sound(db)


def test_what_is_picked_can_not_be_missing(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    placed = make.place(shop, {"tea": 3})
    order_acts.release(shop, placed.id)
    order_acts.pick(shop, placed.id, {1: 2})

    with pytest.raises(CountTooLow) as caught:
        acts.count(shop, "A", {"tea": 1})
    assert caught.value.extra == {"sku": "tea", "picked": 2, "counted": 1}

    acts.count(shop, "A", {"tea": 2})
    assert acts.buckets(shop, "tea", "A") == {"picked": 2}
    state = state_of(shop, placed)
    assert order_acts.vector(state) == {"open": 1, "picked": 2}
    assert order_acts.parts(state) == [("A", "picked")]
    assert_sound(db)


def test_released_units_lose_their_stock_too(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}})
    placed = make.place(shop, {"tea": 3})
    order_acts.release(shop, placed.id)

    acts.count(shop, "A", {"tea": 2})

    state = state_of(shop, placed)
    assert order_acts.vector(state) == {"open": 1, "released": 2}
    assert order_acts.parts(state) == [("A", "released")]
    assert_sound(db)


def test_a_kit_that_lacks_a_part_frees_its_other_parts(db: Database) -> None:
    shop = make.shop(
        db, stock={"A": {"screw": 8, "plate": 2}}, kits={"shelf": {"screw": 4, "plate": 1}}
    )
    placed = make.place(shop, {"shelf": 2})

    acts.count(shop, "A", {"screw": 7})

    assert acts.buckets(shop, "screw", "A") == {"available": 3, "reserved": 4}
    assert acts.buckets(shop, "plate", "A") == {"available": 1, "reserved": 1}
    assert order_acts.vector(state_of(shop, placed)) == {"open": 1, "reserved": 1}
    assert_sound(db)


def test_parts_of_one_kit_missing_together_cost_one_kit(db: Database) -> None:
    shop = make.shop(
        db, stock={"A": {"screw": 8, "plate": 2}}, kits={"shelf": {"screw": 4, "plate": 1}}
    )
    placed = make.place(shop, {"shelf": 2})

    counted = acts.count(shop, "A", {"screw": 7, "plate": 1}, {"screw": 8, "plate": 2})

    assert acts.buckets(shop, "screw", "A") == {"available": 3, "reserved": 4}
    assert acts.buckets(shop, "plate", "A") == {"reserved": 1}
    assert [row.lines for row in counted.shortened] == [{1: 1}]
    assert order_acts.vector(state_of(shop, placed)) == {"open": 1, "reserved": 1}
    assert_sound(db)


def test_a_cart_loses_before_an_order_and_ends_whole(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 5}})
    placed = make.place(shop, {"tea": 2})
    first = acts.hold(shop, {"tea": 1})
    second = acts.hold(shop, {"tea": 2, "cup": 1})

    counted = acts.count(shop, "A", {"tea": 4})

    assert counted.ended_holds == [second.id]
    assert acts.buckets(shop, "tea", "A") == {"available": 1, "reserved": 3}
    assert acts.buckets(shop, "cup", "A") == {"available": 5}
    tea, cup = str(shop.items["tea"]), str(shop.items["cup"])
    last = acts.timeline(db, second.id)[-1]
    assert (last.kind, last.body) == ("hold.ended", {"why": "counted", "items": {tea: 2, cup: 1}})
    assert [entry.kind for entry in acts.timeline(db, first.id)] == ["hold.placed"]
    assert order_acts.vector(state_of(shop, placed)) == {"reserved": 2}


def test_an_item_counted_twice_is_a_mistake(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})

    with pytest.raises(InvalidInput) as caught:
        acts.count(shop, "A", {"tea": 4, "TEA": 3})

    assert [(f.pointer, f.code) for f in caught.value.errors] == [("/lines/1/sku", "duplicate")]


def test_of_racing_counts_with_the_same_expectation_one_wins(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})

    outcomes = acts.race(
        [partial(acts.count, shop, "A", {"tea": 6 + n}, {"tea": 5}) for n in range(12)]
    )

    assert sorted(outcomes) == ["count-outdated"] * 11 + ["done"]


def test_counts_and_orders_for_the_same_stock_end_in_a_sound_state(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 40, "cup": 40}})
    placed = [make.place(shop, {"tea": 2, "cup": 1}) for _ in range(10)]
    problems: list[Problem] = []

    def place() -> None:
        make.place(shop, {"cup": 1, "tea": 1})

    def cancel(n: int) -> None:
        order_acts.cancel(shop, placed[n].id)

    def count(n: int) -> None:
        try:
            acts.count(shop, "A", {"tea": 3 + n, "cup": 2 + n})
        except Problem as problem:
            problems.append(problem)
            raise

    outcomes = acts.race(
        [place] * 8 + [partial(cancel, n) for n in range(6)] + [partial(count, n) for n in range(6)]
    )

    assert outcomes == ["done"] * 20, problems
    assert_sound(db)


def test_a_count_closes_the_task_that_asked_for_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 9, "cup": 9}})
    order_acts.reject(shop, make.place(shop, {"tea": 2}).id, reason="out_of_stock")
    assert ("count", 1, 2) in order_acts.open_tasks(shop)

    acts.count(shop, "A", {"cup": 9}, {"cup": 9})
    assert ("count", 1, 2) in order_acts.open_tasks(shop), "another item's count"
    acts.count(shop, "A", {"tea": 9}, {"tea": 9})

    assert [task[0] for task in order_acts.open_tasks(shop)] == ["shortage"]
