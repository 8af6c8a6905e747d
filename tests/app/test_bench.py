"""The benchmarks run, and what they compare is comparable."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ordito.app.bench import availability, joint, placing, scratch, sets, sourcing, statements
from ordito.app.bench.serving import bulk_run, http_run, serving
from ordito.platform.embedded import binaries
from ordito.platform.settings import Settings

ITEMS, LOCATIONS = 60, 3


@pytest.fixture
def shop(dsn: str) -> scratch.Scratch:
    key = scratch.fill(dsn, items=ITEMS, locations=LOCATIONS)
    return scratch.Scratch(dsn, str(binaries.find().folder), key, ITEMS, LOCATIONS)


@pytest.fixture
def no_scratch(shop: scratch.Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Benchmarks that make their own scratch database get the test's."""

    @contextmanager
    def given(_settings: Settings, *, items: int, locations: int) -> Iterator[scratch.Scratch]:
        yield shop

    for module in (availability, sourcing):
        monkeypatch.setattr(module, "scratch_database", given)
        monkeypatch.setattr(module, "ITEMS", ITEMS)


def test_references_write_the_rows_that_ordito_writes(shop: scratch.Scratch) -> None:
    counts: dict[str, dict[str, float]] = {}
    with placing._counting(shop, counts, "statement"):
        assert statements.run_pgbench(placing._pgbench(shop), clients=4, seconds=2) > 0
    batches = placing._set_batches(shop, 2)
    with placing._counting(shop, counts, "set"):
        assert sets.run_batches(shop.dsn, batches, seconds=2)[1] == 2 * sets.BATCH
    with serving(shop, 1) as port, placing._counting(shop, counts, "ordito"):
        run = http_run(shop, port, 8, 0.5, hot=True)
        assert run.refused == 0
        assert run.done > 0
    placing._require_same_rows(counts)
    assert counts["ordito"] == {
        "orders.sales_order": 1.0,
        "orders.external_id": 1.0,
        "orders.line": 3.0,
        "orders.party": 1.0,
        "payments.expectation": 1.0,
        "fulfillment.fulfillment_order": 1.0,
        "fulfillment.line": 3.0,
        "sourcing.decision": 1.0,
        "inventory.posting": 3.0,
        "inventory.reservation": 3.0,
        "platform.event": 2.0,
        "platform.idempotency": 1.0,
    }


def test_a_reference_with_other_rows_is_refused() -> None:
    with pytest.raises(placing.RowsDiffer):
        placing._require_same_rows({"ordito": {"orders.line": 3.0}, "set": {"orders.line": 2.0}})


def test_a_bulk_call_places_every_order(shop: scratch.Scratch) -> None:
    with serving(shop, 1) as port:
        before = placing._count(shop.dsn)["orders.sales_order"]
        run = bulk_run(shop, port, 1, 0.5)
        placed = placing._count(shop.dsn)["orders.sales_order"] - before
    assert placed == 1000 * run.done


@pytest.mark.usefixtures("no_scratch")
def test_sourcing_and_availability_are_timed(tmp_path: Path) -> None:
    settings = Settings.load({"ORDITO_DATA_DIR": str(tmp_path)})
    planned = sourcing.measure(settings, seconds=0.2, locations=LOCATIONS)
    assert planned.orders_per_s > 0
    assert 0 < planned.plan_p50_us <= planned.plan_p99_us
    assert [row.skus for row in availability.measure(settings, seconds=0.1)] == [1, 50, 1, 50]


def test_the_warm_up_is_left_out_of_the_rate() -> None:
    progress = (
        "progress: 2.0 s, 0.0 tps, lat 0.0 ms\nprogress: 3.0 s, 60.0 tps, lat 1.0 ms\n"
        "progress: 4.0 s, 300.0 tps, lat 1.0 ms\nprogress: 5.0 s, 400.0 tps, lat 1.0 ms\n"
        "progress: 7.0 s, 700.0 tps, lat 1.0 ms\n"
    )
    assert statements.warm_rate(progress) == pytest.approx((400 + 2 * 700) / 3)
    assert statements.warm_rate("") == 0.0


def test_the_scratch_shop_has_its_stock(shop: scratch.Scratch) -> None:
    with psycopg.connect(shop.dsn) as conn:
        row = conn.execute("SELECT count(*), min(available) FROM inventory.stock").fetchone()
    assert row == (ITEMS * LOCATIONS, scratch.UNITS)


def test_a_real_day_planned_together_is_never_dearer_and_has_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joint, "SECONDS", 3.0)
    made = joint.measure_day(1)
    assert (made.orders, made.locations) == (67, 50)
    assert made.units_joint >= made.units_greedy
    assert made.bound <= made.cost_joint <= made.cost_greedy
    assert made.gap == pytest.approx((made.cost_joint - made.bound) / made.cost_joint, abs=1e-6)
