"""`ordito bench sourcing`: planning and placing with 1,000 locations to choose from."""

import random
import time
from collections.abc import Iterator

import msgspec
import psycopg

from ordito.app.bench import load
from ordito.app.bench.scratch import Scratch, scratch_database, sku
from ordito.catalog.items import send_find_facts
from ordito.flows.order_drafts import Draft, Known, draft_order
from ordito.flows.place_orders import place_orders
from ordito.flows.reference import reference
from ordito.orders.types import PlaceOrder
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import prepare, run_many
from ordito.platform.problems import Problem
from ordito.platform.settings import Settings
from ordito.sourcing.plans import plan

LOCATIONS = 1000
ITEMS = 200
POSTAL_CODES = 5000
"""Destinations: more than a process keeps rankings for, so that most are ranked anew."""

BATCH = 64
PLANS_MIN = 300


class Result(msgspec.Struct, frozen=True):
    """Microseconds of processor time per plan of a 3-line order; orders through place_orders."""

    locations: int
    plan_p50_us: float
    plan_p99_us: float
    orders_per_s: float


def measure(settings: Settings, *, seconds: float, locations: int = LOCATIONS) -> Result:
    """Plan alone, then everything an order needs but HTTP, in this one process."""
    with scratch_database(settings, items=ITEMS, locations=locations) as scratch:
        centres = _fill_postal_codes(scratch)
        db = Database(scratch.dsn, size_max=2).open()
        try:
            taken = _time_plans(db, centres, seconds)
            per_s = _place(db, seconds)
        finally:
            db.close()
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    return Result(locations, round(p50, 1), round(p99, 1), round(per_s, 1))


def _fill_postal_codes(scratch: Scratch) -> dict[tuple[str, str], tuple[float, float]]:
    dice = random.Random(3)  # noqa: S311 (repeatable, no secret)
    centres = {
        ("DE", f"{n:05d}"): (dice.uniform(47.3, 55), dice.uniform(6, 15))
        for n in range(POSTAL_CODES)
    }
    with (
        psycopg.connect(scratch.dsn) as conn,
        conn.cursor().copy(
            "COPY locations.postal_code (country, code, latitude, longitude) FROM STDIN"
        ) as copy,
    ):
        for key, position in centres.items():
            copy.write_row((*key, *position))
    return centres


def _asks() -> Iterator[PlaceOrder]:
    dice, run, n = random.Random(5), f"sourcing-{time.time_ns()}", 0  # noqa: S311 (no secret)
    while True:
        code = f"{dice.randrange(POSTAL_CODES):05d}"
        body = load.order_body(dice, ITEMS, run=run, n=n, postal_code=code)
        yield msgspec.json.decode(body, type=PlaceOrder)
        n += 1


def _time_plans(
    db: Database, centres: dict[tuple[str, str], tuple[float, float]], seconds: float
) -> list[float]:
    """Sorted microseconds; every place has every item, most destinations are new."""
    asks = _asks()
    taken: list[float] = []
    with db.reading(SYSTEM) as tx:
        skus = {sku(n).lower() for n in range(ITEMS)}
        items = {item.sku_key: item for item in send_find_facts(tx, skus)}
        known = Known(reference=reference(tx), items=items, centroids=centres, now=tx.now)
    places = range(1, len(known.reference.locations_by_no) + 1)
    free = {str(item.id): dict.fromkeys(places, 100) for item in items.values()}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < PLANS_MIN:
        draft = draft_order(SYSTEM, next(asks), known)
        taken.append(_time_plan(draft, known, free))
    return sorted(taken)


def _time_plan(draft: Draft, known: Known, free: dict[str, dict[int, int]]) -> float:
    network = known.reference.networks[draft.channel.policy_id]
    started = time.thread_time_ns()
    plan(draft.sourcing, network, free, {})
    return (time.thread_time_ns() - started) / 1000


def _place(db: Database, seconds: float) -> float:
    """Orders a second through the door in batches, all else included but HTTP."""
    asks, done, took = _asks(), 0, 0.0
    while took < seconds:
        requests = [prepare(SYSTEM, place_orders, next(asks)) for _ in range(BATCH)]
        started = time.perf_counter()
        answers = run_many(db, place_orders, requests)
        took += time.perf_counter() - started
        refused = next((a for a in answers if isinstance(a, Problem)), None)
        if refused is not None:
            raise refused
        done += len(answers)
    return done / took
