"""Pre-orders: taken up to a limit before the release, kept, and not sent before it."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ordito.catalog.releases import ItemRelease, SetRelease
from ordito.flows.complete_cart import complete_cart
from ordito.flows.hold_stock import hold_stock
from ordito.flows.open_scheduled import open_all_scheduled, open_early
from ordito.flows.reactions import FOLLOWER as REACTIONS
from ordito.flows.release_items import set_release
from ordito.fulfillment.asks import OpenEarly
from ordito.inventory.asks import HoldStock
from ordito.listings.follower import ORDER_LISTINGS
from ordito.listings.order_filter import OrderFilter
from ordito.listings.orders_list import list_orders
from ordito.orders.asks import CompleteCart
from ordito.orders.problems import PreorderFull
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.feed import move_pending
from ordito.platform.followers import follow
from ordito.platform.problems import ActionNotAllowed, InvalidInput, VersionConflict
from tests import make
from tests.doctor.wellness import assert_well
from tests.flows import acts, stock_acts
from tests.flows.test_order_dates import page, pass_time, works
from tests.flows.test_races import at_once

TODAY = datetime.now(UTC).date()


def day(n: int) -> str:
    return (TODAY + timedelta(days=n)).isoformat()


def release(shop: make.Shop, sku: str = "tea", **fields: Any) -> ItemRelease:
    body = {"item_id": str(shop.items[sku])} | fields
    return run(shop.db, make.BOSS, set_release, msgspec.convert(body, SetRelease))


def go_on(db: Database) -> None:
    """The worker's round."""
    with db.transaction(SYSTEM) as tx:
        move_pending(tx)
    follow(db, REACTIONS)
    follow(db, ORDER_LISTINGS)


def preordered(db: Database) -> list[int]:
    with db.reading(make.BOSS) as tx:
        return [row.number for row in list_orders(tx, OrderFilter(preorder=True)).items]


def released_on(db: Database, order_id: UUID) -> list[str]:
    return [str(line.released_on) for line in page(db, order_id).lines]


def test_a_preorder_waits_for_its_release_and_follows_it(db: Database) -> None:
    shop = make.shop(
        db,
        stock={"A": {"tea": 3, "cup": 9}},
        kits={"set": {"tea": 1, "cup": 2}},
        shortage="refuse",
    )
    release(shop, released_on=day(10))
    plain = make.place(shop, {"cup": 1})
    order = make.place(shop, {"tea": 5, "cup": 1})
    kit = make.place(shop, {"set": 1})
    assert [(line.reserved, line.backordered, line.released_on) for line in order.lines] == [
        (3, 2, TODAY + timedelta(days=10)),
        (1, 0, None),
    ], "the channel takes no backorders, but pre-orders"
    assert (kit.backordered, kit.lines[0].released_on) == (True, TODAY + timedelta(days=10))
    parts = works(db, order.id)
    assert [(state, lines) for state, _day, lines in parts] == [("scheduled", [1]), ("open", [2])]
    assert str(page(db, order.id).promised_on) >= day(10)
    with pytest.raises(ActionNotAllowed, match="sold from"):
        acts.do(db, open_early, OpenEarly(order_id=order.id, fo_no=1))

    go_on(db)
    assert preordered(db) == [kit.number, order.number]
    assert plain.number not in preordered(db)
    assert release(shop, released_on=day(20)).preordered == 6
    go_on(db)
    assert released_on(db, order.id) == [day(20), "None"]
    (first, _second) = works(db, order.id)
    assert first[0] == "scheduled"
    assert str(first[1]) >= day(19)

    # What comes in before the release is kept for who ordered, and still not sent.
    stock_acts.receive(shop, "A", {"tea": 3})
    go_on(db)
    assert [state for state, _day, _lines in works(db, order.id)] == [
        "scheduled",
        "open",
        "scheduled",
    ]
    release(shop, released_on=None)
    go_on(db)
    assert released_on(db, order.id)[0] <= day(0)
    assert open_all_scheduled(db) == 3
    assert not make.place(shop, {"cup": 1}).lines[0].released_on
    acts.cancel(shop, order.id)
    acts.cancel(shop, kit.id)
    go_on(db)
    assert preordered(db) == []
    assert_well(db)


def test_no_more_is_ordered_before_the_release_than_its_limit(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 1, "cup": 9}}, kits={"set": {"tea": 2, "cup": 1}})
    release(shop, released_on=day(10), preorder_max=10)
    first = make.place(shop, {"tea": 2, "set": 2})
    with pytest.raises(PreorderFull) as refused:
        make.place(shop, {"set": 1, "tea": 3})
    assert refused.value.extra["items"] == [{"sku": "set", "left": 4}]
    outcome = at_once([partial(make.place, shop, {"tea": 1}) for _ in range(7)])
    taken = [one for one in outcome if not isinstance(one, PreorderFull)]
    assert len(taken) == 4
    acts.cancel(shop, first.id, {1: 1})
    cart = run(
        db,
        make.BOSS,
        hold_stock,
        msgspec.convert({"channel": "web", "lines": [{"sku": "cup", "quantity": 1}]}, HoldStock),
    )
    assert make.place(shop, {"tea": 1}).lines[0].ordered == 1
    with pytest.raises(PreorderFull):
        make.place(shop, {"tea": 1})
    done = run(db, make.BOSS, complete_cart, msgspec.convert(
        {"hold_id": str(cart.id), "ship_to": {"country": "PL"}}, CompleteCart))  # fmt: skip
    assert done.lines[0].released_on is None
    assert release(shop, preorder_max=None).preordered == 10
    pass_time(db)
    open_all_scheduled(db)
    assert_well(db)


def test_channels_may_have_another_day_and_carts_wait_too(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5, "cup": 1}})
    with pytest.raises(InvalidInput):
        release(shop, channels={"web": day(3)})
    with pytest.raises(InvalidInput):
        release(shop, released_on=day(9), channels={"nope": day(3)})
    told = release(shop, released_on=day(9), channels={"web": day(-1)}, version=1)
    assert (told.channels, told.version) == ({"web": TODAY - timedelta(days=1)}, 2)
    assert make.place(shop, {"tea": 1}).lines[0].released_on is None, "on sale here already"
    with pytest.raises(VersionConflict):
        release(shop, channels={}, version=1)
    assert release(shop, channels={}).channels == {}
    hold = {"channel": "web", "lines": [{"sku": "tea", "quantity": 2}]}
    cart = run(db, make.BOSS, hold_stock, msgspec.convert(hold, HoldStock))
    done = run(db, make.BOSS, complete_cart, msgspec.convert(
        {"hold_id": str(cart.id), "ship_to": {"country": "PL"}}, CompleteCart))  # fmt: skip
    assert str(done.lines[0].released_on) == day(9)
    assert [state for state, _day, _lines in works(db, done.id)] == ["scheduled"]
    assert_well(db)
