"""How long lists of orders take in the server: every named filter, common pairs, and searches.

Makes a scratch database with many orders, files them for the search as the follower does, and
asks for the first pages of each list, and for pages before random moments.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from list_orders_data import fill

from ordito.listings.follower import rebuild
from ordito.listings.order_entries import refresh_entries
from ordito.listings.orders_list import OrderFilter, count_capped, list_orders
from ordito.platform.access import EVERYTHING, SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.migrations import upgrade

DATABASE = "ordito_bench_list"

NAMED: dict[str, dict[str, Any]] = {
    "all": {},
    "open": {"life": ("open",)},
    "closed": {"life": ("closed",)},
    "cancelled": {"life": ("cancelled",)},
    "on hold": {"held": True},
    "hold reason": {"hold_reasons": ("fraud",)},
    "backordered": {"backordered": True},
    "late": {"late": True},
    "unpaid": {"money": ("pending",)},
    "refunded": {"money": ("refunded", "partially_refunded")},
    "returned": {"return_state": ("returned",)},
    "in progress": {"fulfilment": ("in_progress",)},
    "channel": {"channels": ("ch-2",)},
    "channel, closed": {"channels": ("ch-6",)},
    "channel, new": {"channels": ("ch-5",)},
    "country": {"countries": ("PT",)},
    "location": {"locations": ("loc-3",)},
    "location, closed": {"locations": ("loc-12",)},
    "SKU, hot": {"sku": "SKU-00001"},
    "SKU, rare": {"sku": "SKU-09000"},
    "tag": {"tags": ("vip",)},
    "tag of one week": {"tags": ("black-friday",)},
    "special code": {"code": "VIP3"},
    "kind": {"kind": "wholesale"},
    "pick-up": {"delivery": "pickup"},
    "history": {"mode": "history"},
    "customer": {"customer_number": 1234},
    "total over 400": {"currency": "EUR", "total_min_minor": 40_000},
    "total 10 to 12": {"currency": "GBP", "total_min_minor": 1000, "total_max_minor": 1200},
}
PAIRS = (
    ("open", "location"),
    ("open", "country"),
    ("open", "channel, closed"),
    ("open", "location, closed"),
    ("open", "SKU, hot"),
    ("open", "SKU, rare"),
    ("open", "tag"),
    ("open", "total over 400"),
    ("on hold", "channel"),
    ("on hold", "late"),
    ("late", "location"),
    ("late", "backordered"),
    ("backordered", "SKU, hot"),
    ("unpaid", "country"),
    ("unpaid", "total over 400"),
    ("refunded", "channel, closed"),
    ("refunded", "channel, new"),
    ("returned", "country"),
    ("returned", "SKU, hot"),
    ("closed", "channel, new"),
    ("closed", "tag of one week"),
    ("cancelled", "location"),
    ("channel", "country"),
    ("channel, closed", "location, closed"),
    ("channel, closed", "tag"),
    ("location", "tag of one week"),
    ("pick-up", "kind"),
    ("history", "country"),
    ("kind", "returned"),
    ("tag", "special code"),
)
SEARCHES = (
    "kowalska",
    "łukasz zak",
    "london",
    "lodz",
    "buyer12345",
    "anna 77",
    "501234",
    "12345",
    "1000777",
    "JD000001",
    "SKU-00001",
    "sku-09",
    "05-031",
    "example3",
    "w7000021-9",
    "soren angstrom",
    "vip3",
    "nothinglikethis",
    "com",
    "smith london",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="conninfo, without a database")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="use and keep the database")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="rows whose name has this in it")
    args = parser.parse_args()
    dsn = f"{args.server} dbname={DATABASE}"
    with psycopg.connect(f"{args.server} dbname=postgres", autocommit=True) as conn:
        known = conn.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None or not args.keep:
            conn.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            conn.execute(f"CREATE DATABASE {DATABASE}")
            make(dsn, args.orders)
    db = Database(dsn, size_max=2).open()
    rows = measure_all(db, args.rounds, args.only)
    rates = {} if args.only else measure_follower(db)
    db.close()
    if not args.keep:
        with psycopg.connect(f"{args.server} dbname=postgres", autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    if args.json:
        print(json.dumps({"lists": rows, "follower": rates}, indent=1))
        return
    for row in rows:
        print(f"{row['p50_ms']:8.1f} {row['p95_ms']:8.1f} {row['max_ms']:8.1f}  {row['name']}")
    print(rates)


def make(dsn: str, orders: int) -> None:
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {what}", file=sys.stderr, flush=True)

    upgrade(dsn, kind="bench")
    with psycopg.connect(dsn, autocommit=True) as conn:
        fill(conn, orders)
        tell("orders made")
        # As after a bulk load: the large index is built once, not entry by entry.
        conn.execute("DROP INDEX listings.order_entry_doc")
        db = Database(dsn, size_max=2).open()
        rebuild(db)
        db.close()
        tell("entries made")
        conn.execute("SET maintenance_work_mem = '512MB'")
        conn.execute(
            "CREATE INDEX order_entry_doc ON listings.order_entry USING gin (doc)"
            " WITH (fastupdate = off)"
        )
        tell("index made")
        conn.execute("VACUUM ANALYZE")
        tell("analyzed")


def measure_all(db: Database, rounds: int, only: str) -> list[dict[str, Any]]:
    cases: dict[str, dict[str, Any]] = dict(NAMED)
    cases |= {f"{a} + {b}": NAMED[a] | NAMED[b] for a, b in PAIRS}
    cases |= {f"search “{text}”": {"text": text} for text in SEARCHES}
    cases |= {f"search “{text}” + open": {"text": text, "life": ("open",)} for text in SEARCHES}
    rows = [
        measure(db, name, OrderFilter(**asked), rounds)
        for name, asked in cases.items()
        if only in name
    ]
    for sort in ("promised_on", "number", "total"):
        for name in ("open", "late", "channel, closed", "SKU, rare"):
            asked = OrderFilter(**NAMED[name], currency="EUR")
            label = f"{name}, by {sort}"
            if only in label:
                rows.append(measure(db, label, asked, rounds, sort=sort))
    for name in ("all", "open", "channel", "location", "SKU, hot", "tag", "in progress"):
        if only in f"{name}, before a moment":
            rows.append(measure_jumps(db, name, OrderFilter(**NAMED[name]), rounds))
    for name in ("open", "closed", "late", "location, closed", "channel"):
        asked = OrderFilter(**NAMED[name])
        if only in f"count {name}":
            rows.append(timed(db, f"count {name}", 5, lambda tx, a=asked: count_capped(tx, a)))
    scoped = Actor("user", SYSTEM.id, "scoped", EVERYTHING, None, _some_locations(db))
    if only in "scoped to two locations":
        rows.append(measure(db, "scoped to two locations", OrderFilter(), rounds, actor=scoped))
    return rows


def _some_locations(db: Database) -> frozenset[Any]:
    with db.connection() as conn:
        found = conn.execute(
            "SELECT id FROM locations.location WHERE code IN ('loc-3', 'loc-12')"
        ).fetchall()
    return frozenset(row[0] for row in found)


def measure(
    db: Database,
    name: str,
    asked: OrderFilter,
    rounds: int,
    *,
    sort: Any = "placed_at",
    actor: Actor = SYSTEM,
) -> dict[str, Any]:
    """The first page, and a few further on and back from there."""
    times, found = [], 0
    with db.reading(actor) as tx:
        list_orders(tx, asked, sort=sort)
    for _ in range(rounds):
        cursor: str | None = None
        for step in range(4):
            with db.reading(actor) as tx:
                began = time.perf_counter()
                page = list_orders(tx, asked, sort=sort, cursor=cursor)
                times.append(time.perf_counter() - began)
            found += len(page.items)
            cursor = page.newer if step == 2 else page.older
            if cursor is None:
                break
    return _summary(name, times) | {"rows": round(found / len(times), 1)}


def measure_jumps(db: Database, name: str, asked: OrderFilter, rounds: int) -> dict[str, Any]:
    """The page before a random moment of the three years."""
    times = []
    rng = random.Random(7)
    for _ in range(rounds):
        with db.reading(SYSTEM) as tx:
            before = tx.now - timedelta(days=1095 * rng.random() ** 2)
            wanted = msgspec.structs.replace(asked, placed_before=before)
            began = time.perf_counter()
            list_orders(tx, wanted)
            times.append(time.perf_counter() - began)
    return _summary(f"{name}, before a moment", times)


def timed(db: Database, name: str, rounds: int, call: Callable[[Tx], Any]) -> dict[str, Any]:
    times = []
    for _ in range(rounds):
        with db.reading(SYSTEM) as tx:
            began = time.perf_counter()
            call(tx)
            times.append(time.perf_counter() - began)
    return _summary(name, times)


def _summary(name: str, times: list[float]) -> dict[str, Any]:
    ms = sorted(t * 1000 for t in times)
    print(f"{ms[-1]:8.1f} ms at most  {name}", file=sys.stderr, flush=True)
    return {
        "name": name,
        "p50_ms": round(statistics.median(ms), 2),
        "p95_ms": round(ms[int(0.95 * (len(ms) - 1))], 2),
        "max_ms": round(ms[-1], 2),
    }


def measure_follower(db: Database) -> dict[str, float]:
    """Orders a second that the follower keeps up with: entries made, and changed."""
    rates = {}
    with db.connection() as conn:
        ids = [
            row[0]
            for row in conn.execute(
                "SELECT order_id FROM listings.order_entry ORDER BY placed_at DESC LIMIT 20000"
            ).fetchall()
        ]
        conn.execute("DELETE FROM listings.order_entry WHERE order_id = ANY(%s)", (ids,))
    for name in ("new", "unchanged", "changed"):
        if name == "changed":
            with db.connection() as conn:
                conn.execute(
                    "UPDATE orders.sales_order SET money = CASE money WHEN 'paid' THEN 'overpaid'"
                    " ELSE 'paid' END WHERE id = ANY(%s)",
                    (ids,),
                )
        began = time.perf_counter()
        for at in range(0, len(ids), 1000):
            with db.transaction(SYSTEM) as tx:
                refresh_entries(tx, ids[at : at + 1000])
        rates[f"{name}_per_s"] = round(len(ids) / (time.perf_counter() - began))
    return rates


if __name__ == "__main__":
    main()
