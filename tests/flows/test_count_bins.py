"""Counting bin by bin: stock becomes what was counted, and so does each bin."""

import pytest

from ordito.flows.cycle_count import enter_cycle_count
from ordito.inventory.cycle_count_asks import CycleCount, EnterCycleCount
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts, bin_acts
from tests.flows import cycle_count_acts as counting


def count(shop: make.Shop, made: CycleCount, **bins: int) -> CycleCount:
    """Enter what was counted of tea, by bin; "_" in a name stands for "-"."""
    named = {code.replace("_", "-"): units for code, units in bins.items()}
    ask = EnterCycleCount(count_id=made.id, sku="tea", bins=named)
    entered: CycleCount = run(shop.db, counting.COUNTER, enter_cycle_count, ask)
    bin_acts.assert_bins_sound(shop.db)
    return entered


def test_a_count_by_bin_moves_what_lies_elsewhere_and_books_the_rest(db: Database) -> None:
    shop = bin_acts.binned(db, {"A": {"tea": 20}, "B": {"tea": 4}})
    bin_acts.put(shop, "tea", "P-1", 8)
    bin_acts.put(shop, "tea", "R-1", 7)
    made = counting.start(shop, bins=["R-1"], blind=False)
    assert [line.bins for line in made.lines] == [["P-1", "@unplaced", "R-1"]]
    # Two fewer here, one more there: one is missing in all; what wasn't looked at stays.
    counted = count(shop, made, P_1=6, P_2=1)
    assert [(line.counted, line.difference) for line in counted.lines] == [(7, -1)]
    assert bin_acts.contents(shop) == {"@unplaced": 5, "P-1": 6, "P-2": 1, "R-1": 7}
    assert acts.level(shop, "tea", "A") == {"on_hand": 19, "available": 19}
    count(shop, counting.start(shop, skus=["tea"]), R_1=9)
    assert bin_acts.contents(shop) == {"@unplaced": 5, "P-1": 6, "P-2": 1, "R-1": 9}

    made = counting.start(shop, skus=["tea"])
    ask = EnterCycleCount(count_id=made.id, sku="tea", bins={"P-1": 1}, counted=1)
    for wrong in (
        ask,
        EnterCycleCount(count_id=made.id, sku="tea"),
        EnterCycleCount(count_id=made.id, sku="tea", bins={"X": 1}),
        EnterCycleCount(count_id=counting.start(shop, "B", skus=["tea"]).id, sku="tea",
                        bins={"P-1": 1}),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            run(db, make.BOSS, enter_cycle_count, wrong)
    assert_well_now(db)


def test_a_difference_that_waits_is_booked_in_its_bins_when_it_is_approved(db: Database) -> None:
    shop = bin_acts.binned(db, {"A": {"tea": 20}})
    bin_acts.put(shop, "tea", "P-1", 12)
    bin_acts.put(shop, "tea", "R-1", 8)
    counting.limit(shop, units=2)
    made = counting.start(shop, skus=["tea"])
    count(shop, made, P_1=4, R_1=10)
    assert bin_acts.contents(shop) == {"P-1": 12, "R-1": 8}, "it waits"
    order_id = make.place(shop, {"tea": 9}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    # Of eight that P-1 was short of three are still in its record; R-1 has two more than it says.
    counting.approve(shop, made, "tea")
    bin_acts.assert_bins_sound(db)
    assert acts.level(shop, "tea", "A") == {"on_hand": 14, "available": 5, "picked": 9}
    assert sum(bin_acts.contents(shop).values()) == 5
    # A count of all of it takes what is missing from where nobody had put any.
    bin_acts.not_found(shop, "tea", "R-1", 3)
    counting.enter(shop, counting.start(shop, skus=["tea"]), "tea", 4)
    bin_acts.assert_bins_sound(db)
    assert bin_acts.contents(shop) == {"@unplaced": 1, "R-1": 3}
    assert_well_now(db)
