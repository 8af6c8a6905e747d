"""Pick bins are filled from reserve: by levels, and at once where open picks need it."""

from functools import partial

import pytest

from ordito.flows.fill_pick_bins import raise_all_replenishments
from ordito.inventory.problems import NotInBin
from ordito.listings.bin_needs import list_fills
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, InvalidInput
from tests import make
from tests.flows import acts, bin_acts


def work(shop: make.Shop) -> list[tuple[str, str, int, bool, str | None]]:
    """SKU, pick bin, units left, urgent, and the reserve bin of each open work."""
    with shop.db.reading(SYSTEM) as tx:
        rows = list_fills(tx, shop.locations["A"])
    return [(row.sku, row.bin, row.left, row.urgent, row.from_bin) for row in rows]


def test_a_bin_below_its_level_is_filled_up_from_reserve(db: Database) -> None:
    shop = bin_acts.binned(db, {"A": {"tea": 40, "cup": 9}})
    bin_acts.level(shop, "tea", "P-1", 10, 25)
    bin_acts.put(shop, "tea", "P-1", 12)
    assert (bin_acts.look(shop).raised, work(shop)) == (0, []), "reserve holds none"
    bin_acts.put(shop, "tea", "R-1", 10)
    bin_acts.put(shop, "tea", "R-2", 18)
    assert bin_acts.look(shop).raised == 0, "12 is not below 10"
    bin_acts.move(shop, "tea", "P-1", "P-2", 4)
    assert raise_all_replenishments(db) == 1
    assert work(shop) == [("tea", "P-1", 17, False, "R-1")]
    again = bin_acts.look(shop)
    assert (again.raised, again.ended, again.open) == (0, 0, 1)

    assert isinstance(acts.refusal(shop, partial(bin_acts.fill, shop, "tea", "R-1", 11)), NotInBin)
    same = acts.refusal(shop, partial(bin_acts.fill, shop, "tea", "P-1", 1))
    assert isinstance(same, InvalidInput)
    bin_acts.fill(shop, "tea", "R-1", 10)
    assert work(shop) == [("tea", "P-1", 7, False, "R-2")]
    assert bin_acts.look(shop).open == 1, "what was begun goes on until the bin is full"
    last = bin_acts.fill(shop, "tea", "R-2", 7)
    assert (work(shop), bin_acts.contents(shop)["P-1"]) == ([], 25)
    none = acts.refusal(shop, partial(bin_acts.fill, shop, "tea", "R-2", 1))
    assert isinstance(none, ActionNotAllowed)
    bin_acts.undo(shop, last)
    assert bin_acts.contents(shop) == {"P-1": 18, "P-2": 4, "R-2": 18}


def test_open_picks_make_it_urgent_and_work_that_nobody_needs_ends(db: Database) -> None:
    shop = bin_acts.binned(db, {"A": {"tea": 30}})
    bin_acts.put(shop, "tea", "P-1", 3)
    bin_acts.put(shop, "tea", "R-1", 27)
    order_id = make.place(shop, {"tea": 8}).id
    assert bin_acts.look(shop).open == 0, "nobody was told to pick it yet"
    acts.release(shop, order_id)
    bin_acts.look(shop)
    # Without a level: the bin where it is at home, and as many as the picks lack.
    assert work(shop) == [("tea", "P-1", 5, True, "R-1")]
    bin_acts.level(shop, "tea", "P-1", 4, 20)
    bin_acts.look(shop)
    assert work(shop) == [("tea", "P-1", 17, True, "R-1")]
    bin_acts.level(shop, "tea", None)
    acts.pick(shop, order_id)
    assert bin_acts.contents(shop) == {"R-1": 22}
    ended = bin_acts.look(shop)
    assert (ended.ended, ended.open, work(shop)) == (1, 0, [])
    for bin_, low, high in (("R-1", 1, 2), ("P-1", 3, 2), ("no", 1, 2)):
        with pytest.raises(InvalidInput):
            bin_acts.level(shop, "tea", bin_, low, high)
