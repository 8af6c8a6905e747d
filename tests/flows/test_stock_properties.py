"""Whatever is done to stock, in whatever order: every counter equals the sum of its postings."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ordito.flows.hold_stock import expire_holds
from ordito.platform.problems import Problem
from tests import make
from tests.flows import stock_acts as acts

pieces = st.integers(1, 6)
place = st.sampled_from("AB")
sku = st.sampled_from(["tea", "cup"])
aside = st.sampled_from(["available", "damaged", "quality_control", "safety"])

steps = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), place, sku, pieces),
        st.tuples(st.just("adjust"), place, sku, st.integers(-6, 6)),
        st.tuples(st.just("move"), place, sku, pieces, aside, aside),
        st.tuples(st.just("count"), place, sku, st.integers(0, 12)),
        st.tuples(st.just("order"), st.integers(0, 4), st.integers(0, 4), st.integers(0, 2)),
        st.tuples(st.just("hold"), sku, pieces),
        st.tuples(st.just("release"), st.integers(0, 5)),
        st.tuples(st.just("expire"), st.integers(0, 5)),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def fresh(cluster: Any, template: str) -> Any:
    """Gives a shop in a database of its own, as often as it is called."""
    import psycopg

    from ordito.platform.database import Database

    made: list[Any] = []

    def build() -> make.Shop:
        name = f"{template}_p{len(made)}"
        with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        db = Database(cluster(name), size_max=4).open()
        made.append((name, db))
        return make.shop(
            db,
            stock={"A": {"tea": 6, "cup": 3}, "B": {"tea": 2, "cup": 5}},
            kits={"set": {"tea": 1, "cup": 2}},
        )

    yield build
    for name, db in made:
        db.close()
        with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
            conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_the_ledger_explains_every_unit(fresh: Callable[[], make.Shop], steps: list[Any]) -> None:
    shop = fresh()
    holds: list[Any] = []
    for step in steps:
        try:
            _carry_out(shop, step, holds)
        except Problem:
            continue
        acts.assert_stock_sound(shop.db)
    acts.assert_stock_sound(shop.db)


def _carry_out(shop: make.Shop, step: Any, holds: list[Any]) -> None:
    match step:
        case ("receive", location, item, qty):
            acts.receive(shop, location, {item: qty})
        case ("adjust", location, item, qty):
            acts.adjust(shop, location, {item: qty})
        case ("move", location, item, qty, from_, to):
            acts.move(shop, location, item, qty, from_, to)
        case ("count", location, item, counted):
            acts.count(shop, location, {item: counted})
        case ("order", tea, cup, kits):
            wanted = {"tea": tea, "cup": cup, "set": kits}
            make.place(shop, {item: qty for item, qty in wanted.items() if qty})
        case ("hold", item, qty):
            holds.append(acts.hold(shop, {item: qty}).id)
        case ("release", n) if n < len(holds):
            acts.release(shop, holds[n])
        case ("expire", n) if n < len(holds):
            acts.let_time_pass(shop, holds[n])
            expire_holds(shop.db)
        case _:
            pass
