"""What comes in is put away, picked from its bin and shipped; bins always hold what cells hold."""

import random
from functools import partial
from typing import Any

import msgspec
import pytest

from ordito.flows.manage_locations import set_bins
from ordito.flows.pick_units import pick_units, unpick_units
from ordito.flows.put_away import put_away
from ordito.flows.switch_bin_stock import switch_bin_stock
from ordito.fulfillment.asks import PickUnits, UnpickUnits
from ordito.inventory.bin_types import PutAway, SwitchBinStock
from ordito.inventory.problems import BinRefused, NoBinStock, NotInBin
from ordito.listings.bin_contents import list_moves
from ordito.listings.pick_list import read_pick_list
from ordito.listings.put_away_work import list_put_away_work
from ordito.locations.types import SetBins
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotFound, Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts, bin_acts, stock_acts
from tests.flows import transfer_acts as goods


def tasks(shop: make.Shop) -> dict[str, tuple[int, list[tuple[str, int, str]]]]:
    """SKU → units to be put away, and the bins proposed."""
    with shop.db.reading(SYSTEM) as tx:
        found, _more = list_put_away_work(tx, shop.locations["A"])
    return {
        task.sku: (task.units, [(one.bin, one.units, one.why) for one in task.proposals])
        for task in found
    }


def test_a_receipt_is_put_away_picked_from_its_bin_and_shipped(db: Database) -> None:
    shop = bin_acts.binned(db)
    assert bin_acts.contents(shop) == {"@unplaced": 10}
    stock_acts.receive(shop, "A", {"tea": 30})
    assert bin_acts.contents(shop) == {"@receiving": 30, "@unplaced": 10}
    assert tasks(shop) == {"tea": (40, [("P-1", 40, "home")])}

    moved = bin_acts.put(shop, "tea", "P-1", 12)
    assert (moved.from_bins, moved.to_put_away, moved.warnings) == (["@receiving"], 28, [])
    # Both places, goods in first; reserve was not proposed.
    moved = bin_acts.put(shop, "tea", "R-1", 20)
    assert (moved.from_bins, moved.to_put_away) == (["@receiving", "@unplaced"], 8)
    assert moved.warnings == ["other-bin"]
    bin_acts.put(shop, "tea", "P-1", 8)
    assert tasks(shop) == {}
    assert bin_acts.contents(shop) == {"P-1": 20, "R-1": 20}
    back = bin_acts.undo(shop, moved)
    assert back.to_put_away == 20
    assert bin_acts.contents(shop) == {"@receiving": 18, "@unplaced": 2, "P-1": 20}
    assert isinstance(acts.refusal(shop, partial(bin_acts.undo, shop, moved)), ActionNotAllowed)
    bin_acts.put(shop, "tea", "R-1", 20)

    order_id = make.place(shop, {"tea": 25}).id
    acts.release(shop, order_id)
    with db.reading(SYSTEM) as tx:
        line = read_pick_list(tx, order_id, 1).lines[0]
    assert (line.bins, line.in_bins) == (["P-1", "R-1"], [20, 20])
    pick = partial(run, db, make.BOSS, pick_units)
    pick(PickUnits(order_id=order_id, fo_no=1, lines={"1": 4}, bin="R-1"))
    assert bin_acts.contents(shop) == {"P-1": 20, "R-1": 16}
    # Nobody says from where: as the bins are walked, on to the next.
    pick(PickUnits(order_id=order_id, fo_no=1))
    assert bin_acts.contents(shop) == {"R-1": 15}
    run(db, make.BOSS, unpick_units, UnpickUnits(order_id=order_id, fo_no=1, lines={"1": 1}))
    back_ask = UnpickUnits(order_id=order_id, fo_no=1, lines={"1": 2}, bin="P-2")
    run(db, make.BOSS, unpick_units, back_ask)
    assert bin_acts.contents(shop) == {"@unplaced": 1, "P-2": 2, "R-1": 15}
    pick(PickUnits(order_id=order_id, fo_no=1))
    acts.pack(shop, order_id)
    acts.ship(shop, order_id)
    acts.take_back(shop, order_id, {1: 3})
    assert bin_acts.contents(shop) == {"@receiving": 3, "R-1": 15}
    with db.reading(SYSTEM) as tx:
        told = [(m.from_bin, m.to_bin, m.qty, m.reason) for m in
                list_moves(tx, shop.locations["A"], limit=3)]  # fmt: skip
    assert told == [
        (None, "@receiving", 3, "return"),
        ("@unplaced", None, 1, "picked"),
        ("P-2", None, 2, "picked"),
    ]
    bin_acts.assert_bins_sound(db)
    assert_well_now(db)


def test_what_can_not_be_put_away_is_refused_and_nothing_is_written(db: Database) -> None:
    shop = bin_acts.binned(db)
    ask: dict[str, Any] = {"location": "A", "sku": "tea", "to_bin": "P-1", "quantity": 3}

    def refused(**fields: Any) -> Problem:
        with pytest.raises(Problem) as raised:
            run(db, make.BOSS, put_away, msgspec.convert(ask | fields, PutAway))
        return raised.value

    everything = partial(bin_acts.do, db, put_away, PutAway, **(ask | {"quantity": 11}))
    assert isinstance(acts.refusal(shop, everything), NotInBin)
    assert isinstance(refused(location="B"), NoBinStock)
    assert isinstance(refused(location="C"), NotFound)
    assert isinstance(refused(to_bin="DOCK"), BinRefused), "it would have to be put away again"
    assert isinstance(refused(to_bin="Q-1"), BinRefused), "none of them is set aside"
    assert isinstance(refused(to_bin="@unplaced"), InvalidInput)
    assert [f.pointer for f in refused(to_bin="X", sku="no").errors] == ["/sku", "/to_bin"]
    with pytest.raises(NotInBin) as raised:
        bin_acts.move(shop, "tea", "P-1", "P-2", 1)
    assert raised.value.extra["there"] == 0
    with pytest.raises(NotFound):
        run(db, acts.clerk(shop, "B"), put_away, msgspec.convert(ask, PutAway))
    assert bin_acts.contents(shop) == {"@unplaced": 10}

    stock_acts.move(shop, "A", "tea", 2, "available", "damaged")
    bin_acts.put(shop, "tea", "Q-1", 2)
    with pytest.raises(BinRefused):
        bin_acts.put(shop, "tea", "Q-1", 1)
    # Fit for sale after all: to be brought back to a shelf.
    stock_acts.move(shop, "A", "tea", 1, "damaged", "available")
    assert tasks(shop)["tea"][0] == 9
    bin_acts.put(shop, "tea", "P-1", 9)
    assert bin_acts.contents(shop) == {"P-1": 9, "Q-1": 1}
    order_id = make.place(shop, {"tea": 1}).id
    acts.release(shop, order_id)
    with pytest.raises(InvalidInput):
        run(db, make.BOSS, pick_units, PickUnits(order_id=order_id, fo_no=1, bin="Q-1"))
    fewer = [{"code": "P-2"}]
    with pytest.raises(ActionNotAllowed, match="P-1, Q-1"):
        bin_acts.do(db, set_bins, SetBins, location="A", bins=fewer)
    with pytest.raises(InvalidInput, match="1 thing"):
        bin_acts.do(db, set_bins, SetBins, location="A", bins=[{"code": "@receiving"}])


def test_room_and_levels_say_where_units_go(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 50, "cup": 9}})
    bin_acts.sizes(shop, "tea", 100, 100, 100)
    bin_acts.lay_out(
        shop, P_1={"capacity_units": 30}, R_1={"capacity_ml": 15_000}, R_2={"capacity_units": 99}
    )
    bin_acts.do(db, switch_bin_stock, SwitchBinStock, location="A", on=True)
    bin_acts.level(shop, "tea", "P-1", 5, 20)
    # Up to its level, then to an empty reserve bin that takes all of the rest.
    assert tasks(shop)["tea"] == (50, [("P-1", 20, "home"), ("R-2", 30, "empty")])
    assert tasks(shop)["cup"] == (9, [("R-1", 9, "empty")])
    moved = bin_acts.put(shop, "tea", "R-1", 16)
    assert moved.warnings == ["other-bin", "over-capacity"]
    assert bin_acts.put(shop, "cup", "R-1", 1).warnings == ["other-bin", "mixed"]


def test_short_in_one_bin_offers_the_next(db: Database) -> None:
    shop = bin_acts.binned(db)
    bin_acts.put(shop, "tea", "P-1", 6)
    bin_acts.put(shop, "tea", "P-2", 4)
    order_id = make.place(shop, {"tea": 5}).id
    acts.release(shop, order_id)
    moved = bin_acts.not_found(shop, "tea", "P-1", 1)
    assert (moved.quantity, moved.to_put_away) == (5, 5)
    with db.reading(SYSTEM) as tx:
        line = read_pick_list(tx, order_id, 1).lines[0]
    assert (line.bins, line.in_bins) == (["P-1", "P-2", "@unplaced"], [1, 4, 5])
    assert acts.open_tasks(shop) == [("count", None, 5)]
    acts.pick(shop, order_id)
    assert bin_acts.contents(shop) == {"@unplaced": 5}
    # What nobody finds at all is taken from where nobody had put it.
    other = make.place(shop, {"tea": 2}, ship_to={"country": "PL"}).id
    acts.release(shop, other)
    with pytest.raises(NotInBin):
        bin_acts.not_found(shop, "tea", "@unplaced", 0)
    acts.short(shop, other, {1: 2})
    assert bin_acts.contents(shop) == {"@unplaced": 3}


def test_two_people_can_not_put_the_same_units_away(db: Database) -> None:
    shop = bin_acts.binned(db)
    ask = PutAway(location="A", sku="tea", to_bin="P-1", quantity=6)
    order = partial(make.place, shop, {"tea": 1})
    outcomes = stock_acts.race(
        [partial(run, db, make.BOSS, put_away, ask)] * 2
        + [order] * 2
        + [partial(run, db, make.BOSS, switch_bin_stock, SwitchBinStock(location="B", on=True))] * 2
    )
    assert sorted(outcomes) == ["done"] * 5 + ["not-in-bin"]
    assert bin_acts.contents(shop) == {"@unplaced": 4, "P-1": 6}
    assert bin_acts.contents(shop, location="B") == {"@unplaced": 10}
    bin_acts.assert_bins_sound(db)
    bin_acts.do(db, switch_bin_stock, SwitchBinStock, location="A", on=False)
    assert bin_acts.contents(shop) == {}
    with pytest.raises(NoBinStock):
        bin_acts.put(shop, "tea", "P-1", 1)
    assert_well_now(db)


def test_whatever_happens_to_stock_bins_hold_what_is_on_the_shelf(db: Database) -> None:
    shop = bin_acts.binned(db, {"A": {"tea": 40, "cup": 30}, "B": {"tea": 10, "cup": 10}},
                           kits={"set": {"tea": 1, "cup": 2}})  # fmt: skip
    dice = random.Random(7)
    bins = ["P-1", "P-2", "R-1", "R-2", "@unplaced"]

    def any_act() -> None:
        sku, n = dice.choice(("tea", "cup")), dice.randint(1, 4)
        match dice.randint(0, 11):
            case 0:
                stock_acts.receive(shop, "A", {sku: n})
            case 1:
                bin_ = dice.choice([None, "P-1", "R-1"])
                line = {"sku": sku, "quantity": -n, "bin": bin_}
                stock_acts.adjust(shop, "A", {}, "lost", lines=[line])
            case 2:
                stock_acts.adjust(shop, "A", {sku: n}, "found")
            case 3 | 4:
                bin_acts.put(shop, sku, dice.choice(bins[:4]), n)
            case 5:
                bin_acts.move(shop, sku, dice.choice(bins), dice.choice(bins), n)
            case 6 | 7:
                order_id = make.place(shop, {"set": 1, sku: n}, delivery="pickup",
                                      pickup_location="A").id  # fmt: skip
                acts.release(shop, order_id)
                acts.pick(shop, order_id, {1: 1})
                acts.unpick(shop, order_id, {1: 1})
                acts.pick(shop, order_id)
            case 8:
                stock_acts.move(shop, "A", sku, n, "available", "damaged")
            case 9:
                sent = goods.ship(shop, goods.draft(shop, {sku: n}))
                goods.receive(shop, sent, sku, n)
                back = goods.draft(shop, {sku: n}, from_location="B", to_location="A")
                goods.receive(shop, goods.ship(shop, back), sku, n)
            case 10:
                there = acts.level(shop, sku, "A")
                stock_acts.count(shop, "A", {sku: there["on_hand"] + dice.randint(-2, 2)})
            case _:
                code = dice.choice(list(bin_acts.contents(shop, sku)))
                bin_acts.not_found(shop, sku, code, 0)

    outcomes: set[str] = set()
    for _ in range(20):
        try:
            any_act()
            outcomes.add("done")
        except Problem as problem:
            outcomes.add(problem.slug)
        bin_acts.assert_bins_sound(db)
    assert outcomes >= {"done", "not-in-bin"}
    assert_well_now(db)
