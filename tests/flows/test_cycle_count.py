"""Cycle counts: blind, while work goes on, and what differs by much is somebody else's to book."""

from collections import Counter
from functools import partial
from uuid import UUID

import msgspec
import pytest

from ordito.flows.cycle_count import enter_cycle_count
from ordito.flows.manage_locations import set_bins, set_item_bins
from ordito.flows.place_orders import place_orders
from ordito.inventory.cycle_count_asks import CountLimit, CycleCount, EnterCycleCount
from ordito.inventory.cycle_counts import exceeds
from ordito.inventory.problems import CountTooLow
from ordito.locations.types import BinAsk, ItemBinsAsk, SetBins, SetItemBins
from ordito.orders.types import PlaceOrder
from ordito.platform.access import EVERYTHING, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotPermitted
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts as order_acts
from tests.flows import cycle_count_acts as counting
from tests.flows import stock_acts as acts


def states(made: CycleCount) -> dict[str, str]:
    return {line.sku: line.state for line in made.lines}


def test_what_is_picked_or_set_aside_is_not_on_the_shelf(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10, "cup": 5}})
    placed = make.place(shop, {"tea": 4})
    order_acts.release(shop, placed.id)
    order_acts.pick(shop, placed.id, {1: 3})
    acts.move(shop, "A", "tea", 2, "available", "damaged")
    made = counting.start(shop)
    assert (made.number, made.allowed_actions) == (1, ["enter", "end"])

    counting.enter(shop, made, "tea", 5)
    order_acts.pick(shop, placed.id, {1: 1})
    done = counting.enter(shop, made, "CUP", 4)

    assert acts.buckets(shop, "tea", "A") == {"available": 4, "picked": 4, "damaged": 2}
    assert acts.buckets(shop, "cup", "A") == {"available": 4}
    assert (done.state, done.allowed_actions) == ("finished", [])
    assert [line.difference for line in done.lines] == [None, None], "who counts blindly isn't told"
    told = [(e.kind, e.body.get("outcome")) for e in acts.timeline(db, made.id)]
    assert told == [
        ("cycle_count.started", None),
        ("cycle_count.item_counted", "matched"),
        ("cycle_count.item_counted", "booked"),
    ]
    assert_well_now(db)


def test_a_large_difference_waits_for_somebody_else(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 20, "cup": 9}})
    counting.limit(shop, units=3)
    made = counting.start(shop, skus=["tea", "cup"])
    before = acts.postings(db)

    waiting = counting.enter(shop, made, "tea", 12, make.BOSS)
    assert states(waiting) == {"tea": "waiting", "cup": "open"}
    assert acts.postings(db) == before
    with pytest.raises(ActionNotAllowed, match="Somebody else"):
        counting.approve(shop, made, "tea")
    with pytest.raises(NotPermitted):
        counting.approve(shop, made, "tea", counting.COUNTER)
    again = counting.recount(shop, made, "tea")
    assert [line.round for line in again.lines if line.sku == "tea"] == [2]
    assert states(counting.enter(shop, made, "tea", 13))["tea"] == "waiting"

    # Six leave between the count and its approval: the difference is still seven.
    acts.adjust(shop, "A", {"tea": -6}, "sample")
    approved = counting.approve(shop, made, "tea")

    assert acts.buckets(shop, "tea", "A") == {"available": 7}
    assert {x.sku: x.difference for x in approved.lines} == {"tea": -7, "cup": None}
    assert counting.enter(shop, made, "cup", 12).state == "finished"
    assert_well_now(db)


def test_what_is_no_longer_there_to_be_missing_is_counted_again(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 8}})
    counting.limit(shop, units=1)
    made = counting.start(shop)
    counting.enter(shop, made, "tea", 2)
    acts.adjust(shop, "A", {"tea": -7}, "sample")
    before = acts.postings(db)
    with pytest.raises(CountTooLow):
        counting.approve(shop, made, "tea")
    assert acts.postings(db) == before


def test_the_latest_promise_loses_what_a_count_does_not_find(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 6}})
    early = make.place(shop, {"tea": 3}, promised_on="2027-01-01")
    late = make.place(shop, {"tea": 3}, promised_on="2027-02-01")
    counting.enter(shop, counting.start(shop), "tea", 4)
    assert acts.buckets(shop, "tea", "A") == {"reserved": 4}
    short = [order_acts.event(shop, placed.id, "units_short") for placed in (late,)]
    assert (short[0]["lines"], early.number) == ({"1": 2}, early.number)
    assert_well_now(db)


def test_the_list_is_walked_bin_by_bin_and_only_what_was_chosen(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 2, "cup": 2, "pot": 2}})
    bins = tuple(BinAsk(code, n) for n, code in enumerate(("Z1", "A1"), start=1))
    run(db, make.BOSS, set_bins, SetBins(location="A", bins=bins))
    lie = (ItemBinsAsk("tea", ("A1",)), ItemBinsAsk("cup", ("A1", "Z1")))
    run(db, make.BOSS, set_item_bins, SetItemBins(location="A", items=lie))
    whole = counting.start(shop)
    assert [(line.sku, line.bins) for line in whole.lines] == [
        ("cup", ["Z1", "A1"]), ("tea", ["A1"]), ("pot", []),
    ]  # fmt: skip
    assert [line.sku for line in counting.start(shop, bins=["Z1"]).lines] == ["cup"]
    ended = counting.end(shop, whole)
    assert (ended.state, set(states(ended).values())) == ("finished", {"skipped"})
    for fields in ({"skus": ["no"]}, {"bins": ["Q9"]}, {"asked": True}):
        with pytest.raises(InvalidInput):
            counting.start(shop, **fields)
    with pytest.raises(ActionNotAllowed):
        counting.enter(shop, whole, "tea", 2)
    assert_well_now(db)


def test_two_who_count_the_same_book_it_once_while_orders_come_in(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 30}}, shortage="refuse")
    made = counting.start(shop)
    someone = Actor("user", UUID(int=12), "Sam", EVERYTHING)
    entry = EnterCycleCount(count_id=made.id, sku="tea", counted=28)
    order = msgspec.convert(make.ask({"tea": 2}), PlaceOrder)
    outcomes = acts.race(
        [partial(run, db, actor, enter_cycle_count, entry) for actor in (counting.COUNTER, someone)]
        + [partial(run, db, make.BOSS, place_orders, order)] * 8
    )
    assert Counter(outcomes) == {"done": 9, "action-not-allowed": 1}
    assert acts.buckets(shop, "tea", "A") == {"available": 12, "reserved": 16}
    assert_well_now(db)


def test_a_limit_is_of_units_or_of_value(db: Database) -> None:
    limit = CountLimit(5, 2000, "EUR")
    asked = [(5, 100), (6, 100), (2, 1000), (3, 1000), (5, None), (-6, None), (0, 10**9)]
    assert [exceeds(limit, *pair) for pair in asked] == [
        False, True, False, True, False, True, False,
    ]  # fmt: skip
    assert not exceeds(None, 1000, 1000)
    shop = make.shop(db)
    counting.limit(shop, value_minor=2500, currency="EUR")
    made = counting.start(shop, skus=["tea", "cup"])
    counting.enter(shop, made, "tea", 8)
    assert states(counting.enter(shop, made, "cup", 7)) == {"tea": "done", "cup": "waiting"}
    with pytest.raises(InvalidInput):
        counting.limit(shop, value_minor=3)
