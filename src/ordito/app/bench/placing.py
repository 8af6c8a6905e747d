"""`ordito bench place`: orders over real HTTP, beside PostgreSQL alone, in the same run."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import msgspec
import psycopg

from ordito.app.bench import load, sets, statements
from ordito.app.bench.scratch import Scratch, scratch_database
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


class RowsDiffer(Exception):
    """A reference doesn't write what Ordito writes: the comparison would be worth nothing."""


def measure(settings: Settings, *, seconds: float, processes: int, say: Say) -> Result:
    """Three interleaved rounds of everything; medians. Takes about 40 × `seconds`."""
    with scratch_database(settings, items=ITEMS, locations=LOCATIONS) as scratch:
        script = statements.script(*_samples(scratch))
        per_s: dict[tuple[int, bool], list[load.Measured]] = {}
        by_statement: dict[int, list[float]] = {8: [], 64: []}
        by_set: list[float] = []
        counts: dict[str, dict[str, float]] = {}
        for round_ in range(1, ROUNDS + 1):
            say(f"round {round_} of {ROUNDS}: statement by statement")
            with _counting(scratch, counts, "statement"):
                for clients, found in by_statement.items():
                    found.append(_statement_run(scratch, script, clients, seconds))
            say(f"round {round_} of {ROUNDS}: sets of {sets.BATCH}")
            batches = _set_batches(scratch, seconds)
            with _counting(scratch, counts, "set"):
                by_set.append(sets.run_batches(scratch.dsn, batches, seconds=seconds)[0])
            with (
                serving(scratch, processes) as port,
                _counting(scratch, counts, "ordito"),
            ):
                for hot in (False, True):
                    for connections in CONNECTIONS:
                        say(f"round {round_} of {ROUNDS}: {connections} connections, hot={hot}")
                        key = (connections, hot)
                        run_ = _http_run(scratch, port, connections, seconds, hot=hot)
                        per_s.setdefault(key, []).append(run_)
        _require_same_rows(counts)
    statement = max(median(found) for found in by_statement.values())
    set_ = median(by_set)
    rows = [_row(key, runs, statement, set_) for key, runs in per_s.items()]
    return Result(rows, processes, counts["ordito"])


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
        body = load.order_body(_rng(), ITEMS, hot=False, run="sample", n=0)
        ask = msgspec.json.decode(body, type=PlaceOrder)
        placed = run(db, SYSTEM, place_orders, ask)
        with db.connection() as conn:
            row = conn.execute("SELECT body::text FROM sourcing.decision").fetchone()
        assert row is not None, "the sample was sourced"
        return str(row[0]), msgspec.json.encode(placed).decode()
    finally:
        db.close()


def _rng() -> "load.random.Random":
    return load.random.Random(1)


def _statement_run(scratch: Scratch, script: str, clients: int, seconds: float) -> float:
    return statements.run_pgbench(
        scratch.bin_dir,
        scratch.dsn,
        script,
        clients=clients,
        seconds=seconds,
        items=ITEMS,
        locations=LOCATIONS,
    )


def _set_batches(scratch: Scratch, seconds: float) -> list[sets.Batch]:
    rng, name = _rng(), f"set-{time.time_ns()}"
    bodies = [
        msgspec.json.decode(load.order_body(rng, ITEMS, hot=False, run=name, n=n), type=PlaceOrder)
        for n in range(sets.BATCH * int(20 + 100 * seconds))
    ]
    db = Database(scratch.dsn, size_max=2).open()
    try:
        return sets.record_batches(db, bodies, place_orders)
    finally:
        db.close()


@contextmanager
def serving(scratch: Scratch, processes: int) -> Iterator[int]:
    """`ordito serve` on the scratch database, without the worker; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "ORDITO_DATABASE_URL": scratch.dsn,
        "ORDITO_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "ordito", "serve", "--no-worker", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--processes", str(processes)]
    server = subprocess.Popen(command, env=environment)  # noqa: S603 (our own program)
    try:
        _wait_for(port)
        _http_run(scratch, port, 8, 1.0, hot=False)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
                probe.sendall(b"GET /health HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
                if probe.recv(12).endswith(b"200"):
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not start")


def _http_run(
    scratch: Scratch, port: int, connections: int, seconds: float, *, hot: bool
) -> load.Measured:
    command = [sys.executable, "-m", "ordito.app.bench.load", "--port", str(port)]
    command += ["--items", str(ITEMS), "--connections", str(connections)]
    command += ["--count", str(int(2000 + 4000 * seconds)), "--seconds", str(seconds)]
    outcome = subprocess.run(  # noqa: S603 (our own program)
        [*command, *(["--hot"] if hot else [])],
        input=scratch.key,
        capture_output=True,
        text=True,
        check=True,
    )
    measured = msgspec.json.decode(outcome.stdout, type=load.Measured)
    if measured.refused:
        raise RuntimeError(f"{measured.refused} of {measured.done} orders were refused")
    return measured


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
    for who in ("statement", "set"):
        if counts[who] != counts["ordito"]:
            raise RowsDiffer(f"rows per order: ordito {counts['ordito']}, {who} {counts[who]}")
