"""Stock kept for a channel: nobody else gets it, its orders use it up, none is sold twice."""

from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from ordito.channels.types import CreateChannel
from ordito.flows.hold_stock import expire_holds, extend_hold, release_hold_of_stock
from ordito.flows.keep_for_channel import keep_for_channel, tell_kept
from ordito.flows.manage_channels import create_channel
from ordito.flows.publish_availability import read_availability
from ordito.inventory.asks import ExtendHold, HoldState, KeepForChannel, ReleaseHold
from ordito.inventory.kept import KeptStock
from ordito.inventory.problems import OutOfStock
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, InvalidInput, NotPermitted, Problem
from tests import make
from tests.flows import stock_acts as acts


def with_market(db: Database) -> None:
    """A second channel beside “web”, called “market”."""
    ask = CreateChannel(code="market", name="Market", kind="marketplace", currency="EUR",
                        policy="default", time_zone="UTC", shortage="refuse")  # fmt: skip
    run(db, make.BOSS, create_channel, ask)


def keep(db: Database, quantity: int, **fields: Any) -> HoldState:
    body = {"channel": "web", "sku": "tea", "quantity": quantity} | fields
    return run(db, make.BOSS, keep_for_channel, msgspec.convert(body, KeepForChannel))


def sells(db: Database, channel: str) -> int:
    with db.reading(SYSTEM) as tx:
        return read_availability(tx, channel, skus=["tea"]).items[0].published


def kept(db: Database) -> list[KeptStock]:
    with db.reading(SYSTEM) as tx:
        return tell_kept(tx, channel_ids=None, location_ids=None, limit=10)


def test_the_channel_uses_up_what_others_do_not_get(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}, "B": {"tea": 4}}, shortage="refuse")
    with_market(db)

    made = keep(db, 5, reason="Campaign")

    assert acts.buckets(shop, "tea", "A") == {"reserved": 3}
    assert acts.buckets(shop, "tea", "B") == {"available": 2, "reserved": 2}
    assert (sells(db, "web"), sells(db, "market")) == (7, 2)
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 3}, channel="market")
    assert not make.place(shop, {"tea": 2}, channel="market").backordered
    assert (sells(db, "web"), sells(db, "market")) == (5, 0)
    with pytest.raises(ActionNotAllowed):
        run(db, make.BOSS, extend_hold, ExtendHold(hold_id=made.id))

    first = make.place(shop, {"tea": 4})

    assert not first.backordered
    assert [(row.location, row.qty, row.reason, row.until) for row in kept(db)] in (
        [("A", 1, "Campaign", None)], [("B", 1, "Campaign", None)])  # fmt: skip
    last = make.place(shop, {"tea": 1})
    assert kept(db) == []
    told = acts.timeline(db, made.id)
    assert [entry.kind for entry in told] == ["hold.placed", "hold.used", "hold.used"]
    tea = str(shop.items["tea"])
    assert [(e.body["order_number"], e.body["taken"], e.body["left"]) for e in told[1:]] == [
        (first.number, {tea: 4}, 1), (last.number, {tea: 1}, 0)]  # fmt: skip
    with pytest.raises(Problem):
        run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=made.id))
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 1})
    acts.assert_stock_sound(db)


def test_it_is_given_back_when_released_and_when_its_time_is_over(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}, "B": {"tea": 4}}, shortage="refuse")
    with_market(db)
    with db.reading(SYSTEM) as tx:
        now = tx.now
    made = keep(db, 2, location="B")
    soon = keep(db, 1, until=now + timedelta(hours=1))

    assert [(row.location, row.qty) for row in kept(db)] == [("A", 1), ("B", 2)]
    here = frozenset({shop.locations["A"]})
    keeper = Actor("user", make.BOSS.id, "K", frozenset({"inventory.write"}), location_ids=here)
    with pytest.raises(ActionNotAllowed):
        run(db, keeper, release_hold_of_stock, ReleaseHold(hold_id=made.id))
    run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=made.id))
    acts.let_time_pass(shop, soon.id)
    assert sells(db, "web") == 6, "its time is over: nobody finds it until the job frees it"
    assert expire_holds(db) == 1
    assert (sells(db, "market"), kept(db)) == (7, [])
    acts.assert_stock_sound(db)


def test_nothing_is_kept_that_is_not_there_or_not_named_well(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 3}}, kits={"set": {"tea": 1}})
    before = acts.postings(db)
    reader = Actor("user", make.BOSS.id, "R", frozenset({"inventory.read"}))

    with pytest.raises(OutOfStock) as short:
        keep(db, 4)
    with pytest.raises(InvalidInput) as wrong:
        keep(db, 1, channel="moon", sku="set", location="Z")
    ask = KeepForChannel(channel="web", sku="tea", quantity=1)
    with pytest.raises(NotPermitted):
        run(db, reader, keep_for_channel, ask)

    assert short.value.extra["shortages"] == [{"sku": "tea", "asked": 4, "free": 3}]
    assert [fault.pointer for fault in wrong.value.errors] == ["/channel", "/sku"]
    assert acts.postings(db) == before
    assert shop.items


def test_orders_of_both_channels_and_a_release_never_sell_a_unit_twice(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 12}}, shortage="refuse")
    with_market(db)
    holds = [keep(db, 4), keep(db, 4)]
    placed: list[int] = []

    def buy(channel: str) -> None:
        for _turn in range(5):
            make.place(shop, {"tea": 1}, channel=channel)
            placed.append(1)

    def release() -> None:
        run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=holds[0].id))

    acts.race([*(partial(buy, name) for name in ("web", "web", "market", "market")), release])

    left = sum(row.qty for row in kept(db))
    cell = acts.buckets(shop, "tea", "A")
    assert cell.get("available", 0) + cell.get("reserved", 0) == 12
    assert cell.get("reserved", 0) == len(placed) + left
    acts.assert_stock_sound(db)
