"""`ordito bench place` and `bulk`: orders over HTTP, beside PostgreSQL alone, in the same run."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import msgspec
import psycopg

from ordito.app.bench import load, sets, statements
from ordito.app.bench.scratch import Scratch, scratch_database
from ordito.app.bench.serving import bulk_run, http_run, serving
from ordito.flows.place_orders import place_orders
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.settings import Settings

ITEMS = 10_000
LOCATIONS = 10
CONNECTIONS = (1, 8, 64, 256)
ROUNDS = 3

Say = Callable[[str], None]

TABLES = (
    "orders.sales_order",
    "orders.external_id",
    "orders.line",
    "orders.party",
    "payments.expectation",
    "fulfillment.fulfillment_order",
    "fulfillment.line",
    "sourcing.decision",
    "inventory.posting",
    "inventory.reservation",
    "platform.event",
    "platform.idempotency",
)
"""Written per order or line by all three; `pending`, one per transaction, is not compared."""


class Row(msgspec.Struct, frozen=True):
    """One figure of the result; the references are medians of the same run."""

    connections: int
    hot: bool
    orders_per_s: float
    p50_ms: float
    p99_ms: float
    reference_statement_per_s: float
    reference_set_per_s: float
    ratio_statement: float
    ratio_set: float


class Result(msgspec.Struct, frozen=True):
    """The rows, and under what circumstances they were measured."""

    rows: list[Row]
    processes: int
    rows_per_order: dict[str, float]


class BulkResult(msgspec.Struct, frozen=True):
    """The better of one and two calls at a time, beside sets straight into PostgreSQL."""

    orders_per_call: int
    orders_per_s: float
    reference_set_per_s: float
    ratio_set: float


class RowsDiffer(Exception):
    """A reference doesn't write what Ordito writes: the comparison would be worth nothing."""


def measure(settings: Settings, *, seconds: float, processes: int, say: Say) -> Result:
    """Three interleaved rounds of everything; medians. Takes about 40 × `seconds`."""
    per_s: dict[tuple[int, bool], list[load.Measured]] = {}
    by_statement: dict[int, list[float]] = {8: [], 64: []}
    by_set: list[float] = []
    counts: dict[str, dict[str, float]] = {}
    with primed_database(settings, seconds=seconds) as scratch:
        pgbench = _pgbench(scratch)
        for round_ in range(1, ROUNDS + 1):
            say(f"round {round_} of {ROUNDS}: statement by statement")
            with _counting(scratch, counts, "statement"):
                for clients, found in by_statement.items():
                    found.append(statements.run_pgbench(pgbench, clients=clients, seconds=seconds))
            say(f"round {round_} of {ROUNDS}: sets of {sets.BATCH}")
            by_set.append(_set_run(scratch, seconds, counts))
            with serving(scratch, processes) as port, _counting(scratch, counts, "ordito"):
                for hot in (False, True):
                    for connections in CONNECTIONS:
                        say(f"round {round_} of {ROUNDS}: {connections} connections, hot={hot}")
                        run_ = http_run(scratch, port, connections, seconds, hot=hot)
                        per_s.setdefault((connections, hot), []).append(run_)
        _require_same_rows(counts)
    statement = max(median(found) for found in by_statement.values())
    rows = [_row(key, runs, statement, median(by_set)) for key, runs in per_s.items()]
    return Result(rows, processes, counts["ordito"])


def measure_bulk(settings: Settings, *, seconds: float, processes: int, say: Say) -> BulkResult:
    """The bulk endpoint with one and two calls at a time, beside sets; three rounds, medians."""
    per_s: dict[int, list[float]] = {1: [], 2: []}
    by_set: list[float] = []
    counts: dict[str, dict[str, float]] = {}
    with primed_database(settings, seconds=seconds) as scratch:
        for round_ in range(1, ROUNDS + 1):
            say(f"round {round_} of {ROUNDS}: sets of {sets.BATCH}")
            by_set.append(_set_run(scratch, seconds, counts))
            with serving(scratch, processes) as port, _counting(scratch, counts, "ordito"):
                for calls, found in per_s.items():
                    say(f"round {round_} of {ROUNDS}: {calls} bulk calls at a time")
                    before = _count(scratch.dsn)["orders.sales_order"]
                    run_ = bulk_run(scratch, port, calls, seconds)
                    placed = _count(scratch.dsn)["orders.sales_order"] - before
                    if placed != run_.done * load.BULK:
                        raise RowsDiffer(f"{run_.done} calls placed {placed} orders")
                    found.append(placed / run_.seconds)
        _require_same_rows(counts)
    set_, best = median(by_set), max(median(found) for found in per_s.values())
    return BulkResult(load.BULK, round(best, 1), round(set_, 1), round(best / set_, 3))


@contextmanager
def primed_database(settings: Settings, *, seconds: float) -> Iterator[Scratch]:
    """The scratch shop with some thousand orders in it, analysed.

    In empty tables PostgreSQL plans the checks of foreign keys as scans of the whole table, and
    each connection keeps those plans: everybody would be measured by them.
    """
    with scratch_database(settings, items=ITEMS, locations=LOCATIONS) as scratch:
        sets.run_batches(scratch.dsn, _set_batches(scratch, 50), seconds=60)
        with psycopg.connect(scratch.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
            conn.execute("CHECKPOINT")
        yield scratch


def _pgbench(scratch: Scratch) -> statements.Pgbench:
    script = statements.script(*_samples(scratch))
    return statements.Pgbench(
        scratch.bin_dir, scratch.dsn, script, scratch.items, scratch.locations
    )


def _set_run(scratch: Scratch, seconds: float, counts: dict[str, dict[str, float]]) -> float:
    """Orders a second; what is sent was recorded before, for the stock as it is now."""
    batches = _set_batches(scratch, 10 + int(10 * seconds))
    with _counting(scratch, counts, "set"):
        return sets.run_batches(scratch.dsn, batches, seconds=seconds)[0]


def _row(key: tuple[int, bool], runs: list[load.Measured], statement: float, set_: float) -> Row:
    per_s = median(run_.done / run_.seconds for run_ in runs)
    return Row(
        connections=key[0],
        hot=key[1],
        orders_per_s=round(per_s, 1),
        p50_ms=round(median(run_.p50_ms for run_ in runs), 2),
        p99_ms=round(median(run_.p99_ms for run_ in runs), 2),
        reference_statement_per_s=round(statement, 1),
        reference_set_per_s=round(set_, 1),
        ratio_statement=round(per_s / statement, 3),
        ratio_set=round(per_s / set_, 3),
    )


def _samples(scratch: Scratch) -> tuple[str, str]:
    """A real decision and a real answer, so that the reference's rows are as large."""
    db = Database(scratch.dsn, size_max=1).open()
    try:
        body = load.order_body(_rng(), scratch.items, run="sample", n=0)
        ask = msgspec.json.decode(body, type=PlaceOrder)
        placed = run(db, SYSTEM, place_orders, ask)
        with db.connection() as conn:
            row = conn.execute("SELECT body::text FROM sourcing.decision").fetchone()
        assert row is not None, "the sample was sourced"
        return str(row[0]), msgspec.json.encode(placed).decode()
    finally:
        db.close()


def _rng() -> random.Random:
    return random.Random(1)  # noqa: S311 (repeatable, no secret)


def _set_batches(scratch: Scratch, count: int) -> list[sets.Batch]:
    rng, name = _rng(), f"set-{time.time_ns()}"
    bodies = [
        msgspec.json.decode(load.order_body(rng, scratch.items, run=name, n=n), type=PlaceOrder)
        for n in range(sets.BATCH * count)
    ]
    db = Database(scratch.dsn, size_max=2).open()
    try:
        return sets.record_batches(db, bodies, place_orders)
    finally:
        db.close()


@contextmanager
def _counting(scratch: Scratch, counts: dict[str, dict[str, float]], who: str) -> Iterator[None]:
    """Rows per order and table that were written meanwhile."""
    before = _count(scratch.dsn)
    yield
    after = _count(scratch.dsn)
    orders = after["orders.sales_order"] - before["orders.sales_order"]
    counts[who] = {t: round((after[t] - before[t]) / max(1, orders), 3) for t in TABLES}


def _count(dsn: str) -> dict[str, int]:
    with psycopg.connect(dsn) as conn:
        found = {}
        for table in TABLES:
            row = conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()  # noqa: S608
            found[table] = int(row[0]) if row else 0
    return found


def _require_same_rows(counts: dict[str, dict[str, float]]) -> None:
    for who, found in counts.items():
        if found != counts["ordito"]:
            raise RowsDiffer(f"rows per order: ordito {counts['ordito']}, {who} {found}")
