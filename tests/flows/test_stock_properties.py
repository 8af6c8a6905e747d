"""Whatever is done to stock, in whatever order: every counter equals the sum of its postings."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ordito.flows.hold_stock import expire_holds
from ordito.flows.pick_units import pick_units
from ordito.flows.release_to_pick import release_to_pick
from ordito.fulfillment.asks import PickUnits, ReleaseToPick
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import cycle_count_acts as counting
from tests.flows import stock_acts as acts
from tests.flows import transfer_acts as goods
from tests.flows.invariants import assert_sound

pieces = st.integers(1, 6)
place = st.sampled_from("AB")
sku = st.sampled_from(["tea", "cup"])
aside = st.sampled_from(["available", "damaged", "quality_control", "safety"])

steps = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), place, sku, pieces),
        st.tuples(st.just("adjust"), place, sku, st.integers(-6, 6)),
        st.tuples(st.just("move"), place, sku, pieces, aside, aside),
        st.tuples(st.just("count"), place, st.dictionaries(sku, st.integers(0, 12), min_size=1)),
        st.tuples(st.just("order"), st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)),
        st.tuples(st.just("pick"), st.integers(0, 3)),
        st.tuples(st.just("release_order"), st.integers(0, 3)),
        st.tuples(st.just("hold"), st.sampled_from(["tea", "cup", "set"]), pieces),
        st.tuples(st.just("release_hold"), st.integers(0, 5)),
        st.tuples(st.just("expire"), st.integers(0, 5)),
        st.tuples(st.just("transfer"), place, sku, pieces),
        st.tuples(st.just("arrive"), st.integers(0, 3), *[st.integers(0, 3)] * 3),
        st.tuples(st.just("nothing_more"), st.integers(0, 3)),
        st.tuples(st.just("cycle"), place, sku, st.integers(0, 8)),
        st.tuples(st.just("approve"), st.integers(0, 3)),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def new_shop(
    cluster: Callable[[str], str], template: str
) -> Callable[[], AbstractContextManager[make.Shop]]:
    """Opens a shop in a database of its own, as often as it is called."""

    @contextmanager
    def build() -> Iterator[make.Shop]:
        name = f"{template}_properties"
        with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            db = Database(cluster(name), size_max=4).open()
            try:
                yield make.shop(
                    db,
                    stock={"A": {"tea": 6, "cup": 3}, "B": {"tea": 2, "cup": 5}},
                    kits={"set": {"tea": 1, "cup": 2}},
                )
            finally:
                db.close()
                conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    return build


@settings(max_examples=15, deadline=None)
@given(steps)
def test_the_ledger_explains_every_unit(
    new_shop: Callable[[], AbstractContextManager[make.Shop]], steps: list[Any]
) -> None:
    with new_shop() as shop:
        holds: list[UUID] = []
        orders: list[UUID] = []
        moving: list[Any] = []
        counts: list[Any] = []
        counting.limit(shop, units=2)
        for step in steps:
            try:
                if not _do_stockwork(shop, step, moving, counts):
                    _carry_out(shop, step, orders, holds)
            except Problem:
                continue
            acts.assert_stock_sound(shop.db)
        for hold_id in holds:
            acts.let_time_pass(shop, hold_id)
        expire_holds(shop.db)
        assert_sound(shop.db)
        assert_well_now(shop.db)


def _do_stockwork(shop: make.Shop, step: Any, moving: list[Any], counts: list[Any]) -> bool:
    """Transfers and cycle counts; whether the step was one of them."""
    match step:
        case ("transfer", source, item, qty):
            to = "B" if source == "A" else "A"
            made = goods.draft(shop, {item: qty}, from_location=source, to_location=to)
            moving.append(goods.ship(shop, made))
        case ("arrive", n, good, damaged, surplus) if n < len(moving):
            sku_ = moving[n].lines[0].sku
            goods.receive(shop, moving[n], sku_, good, damaged=damaged, surplus=surplus)
        case ("nothing_more", n) if n < len(moving):
            goods.close(shop, moving[n])
        case ("cycle", location, item, counted):
            sheet = counting.start(shop, location, skus=[item])
            counts.append(sheet)
            counting.enter(shop, sheet, item, counted)
        case ("approve", n) if n < len(counts):
            counting.approve(shop, counts[n], counts[n].lines[0].sku)
        case _:
            return False
    return True


def _carry_out(shop: make.Shop, step: Any, orders: list[UUID], holds: list[UUID]) -> None:
    match step:
        case ("receive", location, item, qty):
            acts.receive(shop, location, {item: qty})
        case ("adjust", location, item, qty):
            acts.adjust(shop, location, {item: qty})
        case ("move", location, item, qty, from_, to):
            acts.move(shop, location, item, qty, from_, to)
        case ("count", location, counted):
            acts.count(shop, location, counted)
        case ("order", tea, cup, kits) if tea + cup + kits:
            wanted = {"tea": tea, "cup": cup, "set": kits}
            placed = make.place(shop, {item: qty for item, qty in wanted.items() if qty})
            orders.append(placed.id)
        case ("pick", n) if n < len(orders):
            ask = ReleaseToPick(order_id=orders[n], fo_no=1)
            run(shop.db, make.BOSS, release_to_pick, ask)
            run(shop.db, make.BOSS, pick_units, PickUnits(order_id=orders[n], fo_no=1))
        case ("release_order", n) if n < len(orders):
            ask = ReleaseToPick(order_id=orders[n], fo_no=1)
            run(shop.db, make.BOSS, release_to_pick, ask)
        case ("hold", item, qty):
            holds.append(acts.hold(shop, {item: qty}).id)
        case ("release_hold", n) if n < len(holds):
            acts.release(shop, holds[n])
        case ("expire", n) if n < len(holds):
            acts.let_time_pass(shop, holds[n])
            expire_holds(shop.db)
        case _:
            pass
