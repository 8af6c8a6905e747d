"""Limits say when stock is low or too much; lists of it are true, explained and close again."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.flows.limit_stock import set_stock_limits
from ordito.flows.sweep_watches import sweep_watches
from ordito.inventory.limits import LIMITS_ID, LimitsSet, SetStockLimits
from ordito.listings.overstock import Overstock, list_overstock
from ordito.listings.sold_days import SOLD_DAYS
from ordito.listings.stock_cover import (
    Cover,
    read_covers,
    read_item_covers,
    suggest_outlet,
    suggest_supply,
)
from ordito.listings.stock_limits import list_limits
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from ordito.platform.problems import InvalidInput, NotPermitted
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import acts
from tests.flows import stock_acts as stock
from tests.flows.test_sweep_watches import change, entries, user


def limit(db: Database, *lines: dict[str, Any], actor: Actor = make.BOSS) -> LimitsSet:
    ask = msgspec.convert({"limits": list(lines)}, SetStockLimits)
    answer: LimitsSet = run(db, actor, set_stock_limits, ask)
    return answer


def count_sold(db: Database) -> None:
    """The worker's round: feed, then follower."""
    with db.transaction(SYSTEM) as tx:
        while move_pending(tx):
            pass
    while follow(db, SOLD_DAYS):
        pass


def sold_shop(db: Database) -> make.Shop:
    """At A 14 of tea and a kit of 2 jars were sold, at B 7 of tea, at C nothing."""
    shop = make.shop(
        db,
        stock={"A": {"tea": 40, "jar": 9}, "B": {}, "C": {}},
        kits={"set": {"jar": 2}},
        locations={"B": {"can_ship": False}, "C": {"can_ship": False}},
    )
    acts.shipped(shop, {"tea": 14, "set": 1})
    _ships(db, "code = 'B'")
    make.receive(shop, {"B": {"tea": 11}, "C": {"tea": 30}})
    acts.shipped(shop, {"tea": 7})
    _ships(db, "true")
    count_sold(db)
    return shop


def _ships(db: Database, where: str) -> None:
    change(
        db,
        f"UPDATE locations.location SET can_ship = {where};UPDATE platform.revision SET n = n + 1",
    )


def covers(db: Database, item_id: UUID) -> dict[str, Cover]:
    with db.reading(make.BOSS) as tx:
        found = read_item_covers(tx, [item_id]).get(item_id, [])
        total = read_covers(tx, [(item_id, None)])[item_id, None]
        codes = {
            id_: code
            for code, id_ in tx.conn.execute("SELECT code, id FROM locations.location").fetchall()
        }
    return {codes[one.location_id]: one for one in found if one.location_id} | {"": total}


def lows(db: Database, kind: Any = "low") -> list[tuple[str, str, int | None]]:
    sweep_watches(db)
    return sorted(
        (one.sku, one.location.code if one.location else "", one.qty) for one in entries(db, kind)
    )


def too_much(db: Database, actor: Actor = make.BOSS, **asked: Any) -> list[Overstock]:
    with db.reading(actor) as tx:
        return list(list_overstock(tx, **asked).items)


def test_what_sells_is_counted_and_low_is_told_until_it_is_not(db: Database) -> None:
    shop = sold_shop(db)
    keeper = user(db, "keeper")
    tea, jar = shop.items["tea"], shop.items["jar"]

    # 14 in 28 days at A: half a unit a day. A kit sells its parts.
    here = covers(db, tea)
    assert [(here[p].available, here[p].sold, here[p].days_left) for p in ("A", "B", "C", "")] == [
        (26, 14, 52),
        (4, 7, 16),
        (30, 0, None),
        (60, 21, 80),
    ]
    assert (here["A"].low_by, here["A"].low_at, here["A"].over_days) == ("days", 3, 180)
    assert covers(db, jar)["A"].sold == 2
    count_sold(db)
    assert covers(db, jar)["A"].sold == 2, "each event counts once"
    assert lows(db) == []

    # By days at each, by units at one place, over all together; the most exact counts.
    limit(
        db,
        {"low_by": "days", "low_at": 16, "over_days": 60},
        {"sku": "tea", "location": "A", "low_by": "units", "low_at": 25},
        {"sku": "JAR", "location": "B", "low_by": "units", "low_at": 0},
        {"sku": "tea", "together": True, "low_by": "days", "low_at": 80},
    )
    assert lows(db) == [("jar", "B", 0), ("tea", "B", 4)]
    assert lows(db, "low_total") == [("tea", "", 60)]
    (entry,) = [one for one in entries(db, "low") if one.sku == "tea"]
    assert (entry.owner_id, entry.due_at - entry.raised_at) == (keeper.id, timedelta(hours=48))
    with db.reading(make.BOSS) as tx:
        found = suggest_supply(read_item_covers(tx, [tea])[tea], shop.locations["B"])
    assert found is not None
    assert (found.from_id, found.quantity) == (shop.locations["C"], 3)

    # What is on its way counts; a unit fewer at A is low too.
    stock.adjust(shop, "A", {"tea": -1}, "lost")
    change(
        db,
        "UPDATE inventory.stock SET incoming = 1 WHERE location_id ="
        f" '{shop.locations['B']}' AND item_id = '{tea}'",
    )
    assert lows(db) == [("jar", "B", 0), ("tea", "A", 25)]
    limit(
        db,
        {"sku": "tea", "location": "A", "low_by": "off"},
        {"sku": "jar", "location": "B"},
        {"sku": "tea", "together": True, "low_by": "units", "low_at": 59},
    )
    assert lows(db) == []
    assert lows(db, "low_total") == []
    told = [one.kind for one in stock.timeline(db, entry.id)]
    assert told == ["watch.raised", "watch.closed"]
    told = [one.kind for one in stock.timeline(db, LIMITS_ID)]
    assert told == ["stock_limits.set"] * 2
    change(db, "UPDATE inventory.stock SET incoming = 0")
    assert_well(db)


def test_limits_are_set_by_who_may_or_not_at_all(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1}, "B": {"tea": 1}}, kits={"set": {"tea": 1}})
    at_a = Actor("user", UUID(int=9), "A", EVERYTHING,
                 location_ids=frozenset((shop.locations["A"],)))  # fmt: skip
    packer = Actor("user", UUID(int=8), "P", frozenset(("inventory.write",)))
    for actor, line in (
        (at_a, {"sku": "tea", "low_by": "off"}),
        (at_a, {"low_by": "off"}),
        (packer, {"location": "A", "low_by": "off"}),
    ):
        with pytest.raises(NotPermitted):
            limit(db, line, actor=actor)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"sku": "set", "low_by": "off"}, "/limits/0/sku"),
        ({"sku": "no", "low_by": "off"}, "/limits/0/sku"),
        ({"location": "no", "low_by": "off"}, "/limits/0/location"),
        ({"low_by": "units"}, "/limits/0/low_at"),
        ({"low_at": 3}, "/limits/0/low_by"),
        ({"low_by": "off", "low_at": 3}, "/limits/0/low_by"),
        ({"together": True, "location": "A", "low_by": "off"}, "/limits/0/together"),
        ({"together": True, "over_days": 3}, "/limits/0/over_days"),
    ]
    for line, pointer in wrong:
        with pytest.raises(InvalidInput) as caught:
            limit(db, line)
        assert [fault.pointer for fault in caught.value.errors] == [pointer]
    with pytest.raises(InvalidInput, match="1 thing"):
        limit(db, {"sku": "tea", "low_by": "off"}, {"sku": "TEA", "low_by": "off"})
    with pytest.raises(InvalidInput):
        limit(db, {"sku": "tea", "location": "B", "low_by": "off"}, actor=at_a)
    assert stock.timeline(db, LIMITS_ID) == []

    mine = {"sku": "tea", "location": "A", "low_by": "units", "low_at": 3}
    assert limit(db, mine, actor=at_a).changed == 1
    assert limit(db, mine, actor=at_a).changed == 0
    limit(db, {"sku": "tea", "location": "B", "low_by": "off"})
    with db.reading(at_a) as tx:
        seen = [(one.sku, one.location, one.low_at) for one in list_limits(tx)]
        assert [one.location for one in list_limits(tx, sku="TEA")] == ["A"]
    assert seen == [(None, None, 3), ("tea", "A", 3)]
    acts_ = [partial(limit, db, mine | {"low_at": n}) for n in (4, 5, 6)]
    assert stock.race(acts_) == ["done"] * 3
    assert_well(db)


def test_what_lies_too_long_is_listed_with_its_worth_and_where_it_sells(db: Database) -> None:
    shop = sold_shop(db)
    assert too_much(db) == [], "it came a moment ago"
    with make.owner(db) as conn:
        conn.execute("UPDATE inventory.posting SET at = at - interval '40 days' WHERE seq = 1")
    names = [(one.sku, one.location.code, one.excess, one.value_minor) for one in too_much(db)]
    # Nothing sells at C; at A 26 of tea last 52 days, and 7 jars 98.
    assert names == [("tea", "C", 30, 30_000)]
    limit(db, {"over_days": 50}, {"sku": "jar", "over_days": 3650})
    rows = too_much(db)
    assert [(one.sku, one.location.code, one.excess) for one in rows] == [
        ("tea", "C", 30),
        ("tea", "A", 1),
    ]
    assert (rows[0].days_left, rows[0].last_sold_on, rows[0].currency) == (None, None, "EUR")
    assert (rows[1].days_left, rows[1].over_days, rows[1].value_minor) == (52, 50, 1_000)
    assert rows[1].last_sold_on is not None
    with db.reading(make.BOSS) as tx:
        tea = shop.items["tea"]
        found = suggest_outlet(read_item_covers(tx, [tea])[tea], shop.locations["C"], 30)
        first = list_overstock(tx, days=10, limit=1)
        second = list_overstock(tx, days=10, limit=9, cursor=first.next)
    assert found is not None
    assert (found.to_id, found.quantity) == (shop.locations["B"], 10)
    listed = [(one.sku, one.location.code) for one in (*first.items, *second.items)]
    assert listed == [("tea", "C"), ("tea", "A"), ("jar", "A"), ("tea", "B")]
    change(db, "UPDATE catalog.item SET prices = '{}' WHERE sku = 'tea'")
    assert [(one.sku, one.value_minor) for one in too_much(db, days=10)][:2] == [
        ("jar", 6_000),
        ("tea", None),
    ]
    at_a = Actor("user", UUID(int=9), "A", EVERYTHING,
                 location_ids=frozenset((shop.locations["A"],)))  # fmt: skip
    assert {one.location.code for one in too_much(db, at_a, days=10)} == {"A"}
    assert too_much(db, days=10, location="B")[0].location.code == "B"
