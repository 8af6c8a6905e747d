"""How long the stock of past moments takes, among ten million postings.

Makes a scratch database: one cell that moved a million times, one item at a thousand locations
that moved five thousand times at each, ten thousand items at ten locations with forty postings a
cell; every hundredth posting was booked a day late. Asks for random moments of three years.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from ordito.inventory.changes import Opened, list_changes, sum_causes
from ordito.inventory.history import Moment, read_cells_at, read_levels_at
from ordito.inventory.levels import list_levels
from ordito.listings.stock_past import span_of
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.migrations import upgrade

DATABASE = "ordito_bench_time_travel"
YEARS = timedelta(days=1095)
HOT, WIDE = UUID(int=1), UUID(int=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="conninfo, without a database")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--scale", type=int, default=100, help="percent of ten million postings")
    parser.add_argument("--keep", action="store_true", help="use and keep the database")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    dsn = f"{args.server} dbname={DATABASE}"
    with psycopg.connect(f"{args.server} dbname=postgres", autocommit=True) as conn:
        known = conn.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None or not args.keep:
            conn.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            conn.execute(f"CREATE DATABASE {DATABASE}")
            fill(dsn, args.scale)
    db = Database(dsn, size_max=2).open()
    rows = measure_all(db, args.rounds)
    db.close()
    if not args.keep:
        with psycopg.connect(f"{args.server} dbname=postgres", autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    if args.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print(f"{row['p50_ms']:8.1f} {row['p95_ms']:8.1f} {row['max_ms']:8.1f}  {row['name']}")


def fill(dsn: str, scale: int) -> None:
    began = time.monotonic()
    upgrade(dsn, kind="bench")
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("SET maintenance_work_mem = '512MB'")
        # As after a bulk load: the large indexes are built once, not entry by entry.
        conn.execute("ALTER TABLE inventory.posting DROP CONSTRAINT posting_pkey")
        conn.execute("DROP INDEX inventory.posting_late")
        conn.execute(_ITEMS)
        conn.execute(_CELLS, {"scale": scale})
        conn.execute(_POSTINGS)
        conn.execute("ALTER TABLE inventory.posting ADD PRIMARY KEY (item_id, location_id, seq)")
        conn.execute(
            "CREATE INDEX posting_late ON inventory.posting (item_id, location_id, at)"
            " WHERE at - occurred_at > interval '1 minute'"
        )
        conn.execute("VACUUM ANALYZE inventory.stock")
        conn.execute("VACUUM ANALYZE inventory.posting")
        count = conn.execute("SELECT count(*) FROM inventory.posting").fetchone()
    print(f"{time.monotonic() - began:7.1f} s  {count} postings made", file=sys.stderr, flush=True)


_UUID = "lpad(to_hex({}), 32, '0')::uuid"

_ITEMS = f"""
    INSERT INTO catalog.item (id, sku, sku_key, name, kind, prices)
    SELECT {_UUID.format("n")}, 'SKU-' || n, 'sku-' || n, 'Item ' || n, 'stocked', '{{}}'
    FROM generate_series(1, 10002) AS n
"""

# Each second posting takes one of the two pieces away that the one before it brought.
_CELLS = f"""
    INSERT INTO inventory.stock (item_id, location_id, on_hand, available, seq)
    SELECT {_UUID.format("c.item")}, {_UUID.format("c.place")}, n.kept, n.kept, n.seq
    FROM (
        SELECT 1 AS item, 1 AS place, 1000000 AS seq
        UNION ALL SELECT 2, place, 5000 FROM generate_series(1, 1000) AS place
        UNION ALL SELECT item, place, 40
        FROM generate_series(3, 10002) AS item, generate_series(1, 10) AS place
    ) AS c
    CROSS JOIN LATERAL (
        SELECT greatest(c.seq * %(scale)s::int / 100 / 2 * 2, 2) AS seq,
               greatest(c.seq * %(scale)s::int / 100 / 2 * 2, 2) / 2 AS kept
    ) AS n
"""

_POSTINGS = """
    INSERT INTO inventory.posting
        (item_id, location_id, seq, from_bucket, to_bucket, qty, reason, at, occurred_at,
         actor_id, on_hand_after, available_after, reserved_after, picked_after)
    SELECT s.item_id, s.location_id, n,
           CASE WHEN n % 2 = 1 THEN 'supplier' ELSE 'available' END::inventory.bucket,
           CASE WHEN n % 2 = 1 THEN 'available' ELSE 'customer' END::inventory.bucket,
           CASE WHEN n % 2 = 1 THEN 2 ELSE 1 END,
           CASE WHEN n % 2 = 1 THEN 'receipt' ELSE 'shipped' END,
           booked, booked - CASE WHEN n % 100 = 0 THEN interval '1 day' ELSE interval '0' END,
           '00000000-0000-0000-0000-000000000000', n / 2 + n % 2 * 2, n / 2 + n % 2 * 2, 0, 0
    FROM inventory.stock AS s
    CROSS JOIN LATERAL (
        SELECT n, now() - (s.seq - n + 1) * (interval '1095 days' / (s.seq + 1)) AS booked
        FROM generate_series(1, s.seq) AS n
    ) AS made
"""


def measure_all(db: Database, rounds: int) -> list[dict[str, Any]]:
    rng = random.Random(7)
    month = timedelta(days=30)

    def some(tx: Tx) -> datetime:
        return tx.now - YEARS * rng.random()

    def then(tx: Tx) -> Moment:
        moment = some(tx)
        return Moment(moment, moment)

    def today(tx: Tx) -> Moment:
        return Moment(some(tx), tx.now)

    def ordinary() -> UUID:
        return UUID(int=rng.randrange(3, 10003))

    def page(tx: Tx) -> None:
        cells = list_levels(tx, after=(ordinary(), UUID(int=0)), limit=100)
        read_cells_at(tx, [(cell.item_id, cell.location_id) for cell in cells], today(tx))

    def fifty(tx: Tx) -> None:
        read_levels_at(tx, [ordinary() for _ in range(50)], today(tx))

    def causes(item_id: UUID, span: timedelta) -> Callable[[Tx], Any]:
        def ask(tx: Tx) -> None:
            first = tx.now - span - (YEARS - span) * rng.random()
            sum_causes(tx, span_of(tx, item_id, first, first + span, known_at=tx.now))

        return ask

    def monthly(tx: Tx) -> None:
        causes(ordinary(), month)(tx)

    def opened(tx: Tx) -> None:
        first, second = sorted((some(tx), some(tx)))
        list_changes(tx, span_of(tx, HOT, first, second, known_at=tx.now), Opened(), limit=50)

    cases: dict[str, Callable[[Tx], Any]] = {
        "an item at ten locations": lambda tx: read_levels_at(tx, [ordinary()], then(tx)),
        "the same, with what was booked late": lambda tx: read_levels_at(
            tx, [ordinary()], today(tx)
        ),
        "a cell that moved a million times": lambda tx: read_levels_at(tx, [HOT], today(tx)),
        "an item at a thousand locations": lambda tx: read_levels_at(tx, [WIDE], then(tx)),
        "the same, with what was booked late, thousand": lambda tx: read_levels_at(
            tx, [WIDE], today(tx)
        ),
        "a page of a hundred cells": page,
        "a page of fifty items at ten locations": fifty,
        "a month's causes, an item at ten locations": monthly,
        "a month's causes, 28,000 postings of a cell": causes(HOT, month),
        "a month's causes, a thousand locations": causes(WIDE, month),
        "the last fifty postings of a span of a hot cell": opened,
    }
    return [measure(db, name, call, rounds) for name, call in cases.items()]


def measure(db: Database, name: str, call: Callable[[Tx], Any], rounds: int) -> dict[str, Any]:
    times = []
    with db.reading(SYSTEM) as tx:
        call(tx)
    for _ in range(rounds):
        with db.reading(SYSTEM) as tx:
            began = time.perf_counter()
            call(tx)
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    print(f"{times[-1]:8.1f} ms at most  {name}", file=sys.stderr, flush=True)
    return {
        "name": name,
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(0.95 * (len(times) - 1))], 2),
        "max_ms": round(times[-1], 2),
    }


if __name__ == "__main__":
    main()
