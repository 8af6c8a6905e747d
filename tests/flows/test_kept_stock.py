"""What is kept for a channel or a group is found by every path of theirs, and by no other."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ordito.adapters.highs import solve
from ordito.flows.cancel_order import cancel_order
from ordito.flows.complete_cart import complete_cart
from ordito.flows.hold_stock import expire_holds, hold_stock, release_hold_of_stock
from ordito.flows.keep_for_channel import keep_for_channel, tell_kept
from ordito.flows.manage_customers import (
    CreateCustomer,
    UpdateCustomer,
    create_customer,
    update_customer,
)
from ordito.flows.preview_order import preview_order
from ordito.flows.publish_availability import read_availability
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.resource_jointly import ApplyJointPlan, PlanJointly, apply_plan, plan_open_orders
from ordito.flows.resource_order import source_order
from ordito.fulfillment.asks import RejectFulfillmentOrder
from ordito.inventory.asks import HoldState, HoldStock, KeepForChannel, ReleaseHold
from ordito.inventory.kept import Buyer, KeptPieces, KeptStock, KeptUnits, may_take
from ordito.inventory.problems import OutOfStock
from ordito.kernel.ids import new_id
from ordito.orders.asks import CancelOrder, CompleteCart, SourceOrder
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput, NotFound, Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import stock_acts as stock
from tests.flows.test_keep_for_channel import with_market
from tests.flows.test_reactions import let_reactions_happen

VIP = {"customer": {"email": "anna@example.com"}}


def keep(db: Database, quantity: int, **fields: Any) -> HoldState:
    body = {"sku": "tea", "quantity": quantity} | fields
    return run(db, make.BOSS, keep_for_channel, msgspec.convert(body, KeepForChannel))


def kept(db: Database) -> list[KeptStock]:
    with db.reading(SYSTEM) as tx:
        return tell_kept(tx, channel_ids=None, location_ids=None, limit=50)


def left(db: Database) -> int:
    return sum(row.qty for row in kept(db))


def fill_cart(db: Database, units: int, channel: str = "web", **fields: Any) -> HoldState:
    body = {"channel": channel, "lines": [{"sku": "tea", "quantity": units}]} | fields
    return run(db, make.BOSS, hold_stock, msgspec.convert(body, HoldStock))


def source(db: Database, order_id: UUID) -> None:
    run(db, make.BOSS, source_order, SourceOrder(order_id=order_id))


def reserved(shop: make.Shop, order_id: UUID) -> int:
    with shop.db.connection() as conn:
        row = conn.execute(
            "SELECT coalesce(sum(qty), 0)::int8 FROM inventory.reservation WHERE holder_id = %s",
            (order_id,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def add_vip(db: Database, email: str = "anna@example.com") -> int:
    ask = CreateCustomer(name="Anna", email=email, groups=("vip", "b2b", "vip"))
    return run(db, make.BOSS, create_customer, ask).number


def test_every_path_of_the_channel_finds_it_and_no_other_channel_does(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 4, "cup": 3}, "B": {"tea": 0, "cup": 3}})
    with_market(db)
    keep(db, 3, channel="web")
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 2}, channel="market")

    # A backorder is served of it when stock begins to be kept, or when asked for.
    waiting = make.place(shop, {"tea": 6}, external_id="W").id
    assert (reserved(shop, waiting), left(db)) == (4, 0)
    make.receive(shop, {"B": {"tea": 3}})
    hold = keep(db, 2, channel="web")
    let_reactions_happen(db)
    assert (reserved(shop, waiting), left(db)) == (6, 0)
    used = stock.timeline(db, hold.id)[-1]
    assert (used.kind, used.body["order_id"], used.body["left"]) == ("hold.used", str(waiting), 0)

    # A rejected part finds it elsewhere; another channel's order beside it doesn't.
    make.receive(shop, {"A": {"tea": 2}, "B": {"tea": 2}})
    theirs = make.place(shop, {"tea": 1}, channel="market").id
    mine = make.place(shop, {"tea": 1}).id
    keep(db, 3, channel="web")
    for order_id in (mine, theirs):
        reject = RejectFulfillmentOrder(order_id=order_id, fo_no=1, reason="too_busy")
        run(db, make.BOSS, reject_fulfillment_order, reject)
    assert (reserved(shop, mine), reserved(shop, theirs)) == (1, 0)
    assert left(db) == 2
    source(db, theirs)
    assert (reserved(shop, theirs), left(db)) == (0, 2), "its own place said no"
    assert_well_now(db)
    stock.assert_stock_sound(db)


def test_joint_plans_use_it_where_all_who_want_the_item_may(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 0, "cup": 0}})
    with_market(db)
    with db.connection() as conn:
        conn.execute("UPDATE channels.channel SET shortage = 'backorder'")
        conn.execute("UPDATE platform.revision SET n = n + 1")
    mine = make.place(shop, {"tea": 2})
    mixed = [make.place(shop, {"cup": 2}, channel=name).id for name in ("web", "market")]
    make.receive(shop, {"A": {"tea": 2, "cup": 2}})
    for sku in ("tea", "cup"):
        keep(db, 2, sku=sku, channel="web")

    made = plan_open_orders(db, make.BOSS, solve, PlanJointly(seconds=2))
    done = apply_plan(db, make.BOSS, ApplyJointPlan(plan_no=made.plan.plan_no))

    (moved,) = done.orders
    assert (moved.number, moved.state, moved.gained) == (mine.number, "applied", 2)
    assert [reserved(shop, id_) for id_ in (mine.id, *mixed)] == [2, 0, 0]
    assert [(row.sku, row.qty) for row in kept(db)] == [("cup", 2)]
    source(db, mixed[1])
    source(db, mixed[0])
    assert [reserved(shop, id_) for id_ in mixed] == [2, 0]
    assert_well_now(db)
    stock.assert_stock_sound(db)


def test_carts_take_it_and_give_it_back_unless_they_are_bought(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    with_market(db)
    hold = keep(db, 4, channel="web")
    with pytest.raises(OutOfStock):
        fill_cart(db, 2, "market")
    first, second = fill_cart(db, 3), fill_cart(db, 2)
    assert left(db) == 0
    assert stock.buckets(shop, "tea", "A") == {"reserved": 5}

    run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=first.id))
    assert left(db) == 3, "the hold that was used up goes on"
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 1}, channel="market")
    stock.let_time_pass(shop, second.id)
    assert expire_holds(db) == 1
    assert left(db) == 4
    make.place(shop, {"tea": 1}, channel="market")
    bought = fill_cart(db, 2)
    body = {"hold_id": str(bought.id), "ship_to": make.ask({})["ship_to"]}
    order = run(db, make.BOSS, complete_cart, msgspec.convert(body, CompleteCart))
    assert (reserved(shop, order.id), left(db)) == (2, 2)
    kinds = [entry.kind for entry in stock.timeline(db, hold.id)]
    assert kinds == ["hold.placed", "hold.used", "hold.used", "hold.refilled", "hold.refilled",
                     "hold.used"]  # fmt: skip
    late = fill_cart(db, 1)
    run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=hold.id))
    run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=late.id))
    assert kept(db) == []
    make.place(shop, {"tea": 2}, channel="market")
    assert_well_now(db)
    stock.assert_stock_sound(db)


def test_a_group_of_customers_gets_what_is_kept_for_it(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 6}}, shortage="refuse")
    with_market(db)
    number = add_vip(db)
    with pytest.raises(InvalidInput) as wrong:
        keep(db, 1, group="nobody")
    assert [fault.pointer for fault in wrong.value.errors] == ["/group"]
    with pytest.raises(InvalidInput):
        keep(db, 1)
    bound = Actor("user", make.BOSS.id, "B", make.BOSS.permissions,
                  channel_ids=frozenset(shop.channels.values()))  # fmt: skip
    ask = KeepForChannel(sku="tea", quantity=1, group="vip")
    with pytest.raises(InvalidInput, match="nothing is kept"):
        run(db, bound, keep_for_channel, ask)

    for_all = keep(db, 3, group="vip")
    both = keep(db, 2, group="b2b", channel="market")
    assert {(row.channel, row.group, row.qty) for row in kept(db)} == {
        ("", "vip", 3), ("market", "b2b", 2)}  # fmt: skip
    with pytest.raises(NotFound):
        run(db, bound, release_hold_of_stock, ReleaseHold(hold_id=for_all.id))
    with db.reading(SYSTEM) as tx:
        assert read_availability(tx, "web", skus=["tea"]).items[0].published == 1
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 2}, customer={"email": "bob@example.com"})
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 5}, **VIP)
    previewed = run(
        db, make.BOSS, preview_order, msgspec.convert(make.ask({"tea": 4}, **VIP), PlaceOrder)
    )
    assert not previewed.refused
    make.place(shop, {"tea": 2}, **VIP)
    assert [(row.group, row.qty) for row in kept(db)] == [("b2b", 2), ("vip", 1)]
    cart = fill_cart(db, 4, "market", contact="anna@example.com")
    assert left(db) == 0
    run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=cart.id))
    assert [(row.group, row.qty) for row in kept(db)] == [("b2b", 2), ("vip", 1)]
    make.place(shop, {"tea": 2}, channel="market", **VIP)
    assert [(row.group, row.qty) for row in kept(db)] == [("vip", 1)], "what fewest may have first"

    gone = run(db, make.BOSS, update_customer, UpdateCustomer(number=number, groups=()))
    assert gone.changed == ["groups"]
    with pytest.raises(OutOfStock):
        make.place(shop, {"tea": 2}, **VIP)
    assert stock.timeline(db, both.id)[-1].body["left"] == 0
    assert_well_now(db)
    stock.assert_stock_sound(db)


CHANNELS = ("web", "market")
STEPS = st.tuples(
    st.sampled_from(("keep", "place", "wait", "cart", "drop", "cancel", "receive", "source")),
    st.sampled_from(CHANNELS),
    st.integers(1, 4),
)


@settings(
    max_examples=5,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(STEPS, min_size=8, max_size=12))
def test_others_never_touch_it_and_the_channel_reaches_all_of_it(
    cluster: Callable[[str], str], template: str, steps: list[tuple[str, str, int]]
) -> None:
    with fresh_database(cluster, template) as db:
        walk_through(db, steps)


@contextmanager
def fresh_database(cluster: Callable[[str], str], template: str) -> Iterator[Database]:
    """A database of its own for every sequence."""
    name = f"kept_{os.getpid()}"
    with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        database = Database(cluster(name), size_max=4).open()
        try:
            yield database
        finally:
            database.close()
            conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def walk_through(db: Database, steps: list[tuple[str, str, int]]) -> None:
    """After every step of one channel, the other has what it had; in the end each takes its own."""
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 4}})
    with_market(db)
    orders: dict[str, list[UUID]] = {name: [] for name in CHANNELS}
    carts: dict[str, list[UUID]] = {name: [] for name in CHANNELS}
    for act, channel, units in steps:
        before = of_channels(db)
        with suppress(Problem):
            carry_out(shop, act, channel, units, orders[channel], carts[channel])
        after = of_channels(db)
        for other in set(CHANNELS) - {channel}:
            assert after.get(other, 0) >= before.get(other, 0), (act, channel, units)
    for channel, units in of_channels(db).items():
        free = sum(make.free(shop, "tea").values())
        placed = make.place(shop, {"tea": units + free}, channel=channel)
        assert not placed.backordered, "all that is kept and all that is free"
        assert of_channels(db).get(channel, 0) == 0
    assert_well_now(db)
    stock.assert_stock_sound(db)


def of_channels(db: Database) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in kept(db):
        found[row.channel] = found.get(row.channel, 0) + row.qty
    return found


def carry_out(
    shop: make.Shop, act: str, channel: str, units: int, orders: list[UUID], carts: list[UUID]
) -> None:
    db = shop.db
    if act == "keep":
        keep(db, units, channel=channel)
    elif act in ("place", "wait"):
        extra = 20 if act == "wait" else 0
        orders.append(make.place(shop, {"tea": units + extra}, channel=channel).id)
    elif act == "cart":
        carts.append(fill_cart(db, units, channel).id)
    elif act == "drop" and carts:
        run(db, make.BOSS, release_hold_of_stock, ReleaseHold(hold_id=carts.pop()))
    elif act == "cancel" and orders:
        cancel = CancelOrder(order_id=orders.pop(), reason="customer_request")
        run(db, make.BOSS, cancel_order, cancel)
    elif act == "receive":
        make.receive(shop, {"B": {"tea": units}})
    elif act == "source" and orders:
        source(db, orders[0])


def test_one_function_decides_who_may_take_what() -> None:
    web, market = new_id(), new_id()
    hold = KeptUnits(new_id(), web, "vip", "i", "l", 2, 1)
    wider = KeptUnits(new_id(), None, "vip", "i", "l", 3, 1)
    anybody = KeptUnits(new_id(), web, "", "i", "l", 4, 1)
    rows = [hold, wider, anybody]
    vip = frozenset({"vip"})

    assert [may_take(row, Buyer(web, vip)) for row in rows] == [True, True, True]
    assert [may_take(row, Buyer(web)) for row in rows] == [False, False, True]
    assert [may_take(row, Buyer(market, vip)) for row in rows] == [False, True, False]
    pieces, cell = KeptPieces(rows), ("i", "l")
    assert pieces.count(Buyer(web, vip), cell) == 9
    assert pieces.take(Buyer(web, vip), {cell: 6}) == [(hold, 2), (wider, 3), (anybody, 1)]
    assert pieces.count(Buyer(web), cell) == 3
    assert pieces.take(Buyer(market, vip), {cell: 1}) == []
