"""Space: what fits in, what lies there, and what transfers and suppliers bring in which week."""

from datetime import timedelta

import msgspec

from ordito.flows.expect_stock import expect_stock
from ordito.inventory.expected_asks import ExpectReceipt
from ordito.listings.space import read_space
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from tests.flows import bin_acts, stock_acts
from tests.flows import transfer_acts as goods


def test_space_is_volume_by_purpose_and_week(db: Database) -> None:
    shop = bin_acts.binned(db, {"A": {"tea": 10, "cup": 3}, "B": {"tea": 50, "cup": 9}})
    bin_acts.sizes(shop, "tea", 100, 100, 200)
    bin_acts.lay_out(shop, P_1={"capacity_ml": 40_000}, R_1={"capacity_ml": 60_000})
    bin_acts.put(shop, "tea", "P-1", 4)
    with db.reading(SYSTEM) as tx:
        today = tx.now.date()
    monday = today - timedelta(days=today.weekday())
    for units, weeks in ((5, 1), (2, -3)):
        day = (monday + timedelta(weeks=weeks, days=2)).isoformat()
        made = goods.draft(
            shop, {"tea": units, "cup": 1}, from_location="B", to_location="A", expected_on=day
        )
        goods.ship(shop, made) if weeks < 0 else goods.request(shop, made)
    day = (monday + timedelta(weeks=2)).isoformat()
    expected = {"location": "A", "sku": "tea", "quantity": 3, "expected_on": day}
    stock_acts.do(db, expect_stock, msgspec.convert(expected, ExpectReceipt))
    with db.reading(SYSTEM) as tx:
        space = read_space(tx, shop.locations["A"], "A", weeks=3)
    assert (space.capacity_ml, space.used_ml, space.units, space.unmeasured) == (
        100_000, 20_000, 13, 3,
    )  # fmt: skip
    parts = {part.purpose: (part.bins, part.unlimited, part.used_ml) for part in space.parts}
    assert parts == {
        "pick": (2, 1, 8_000), "reserve": (2, 1, 0), "receiving": (1, 1, 0), "quality": (1, 1, 0),
    }  # fmt: skip
    told = [(week.begins, week.units, week.volume_ml, week.fill_ml) for week in space.weeks]
    assert told == [
        (monday, 3, 4_000, 24_000),
        (monday + timedelta(weeks=1), 6, 10_000, 34_000),
        (monday + timedelta(weeks=2), 3, 6_000, 40_000),
    ]
    assert space.weeks[0].unmeasured == 1
