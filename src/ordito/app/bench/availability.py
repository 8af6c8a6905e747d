"""`ordito bench availability`: what a channel may sell, read at 100,000 cells of stock."""

import random
import time

import msgspec

from ordito.app.bench.scratch import scratch_database, sku
from ordito.flows.publish_availability import read_availability
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.settings import Settings

ITEMS = 10_000
LOCATIONS = 10
READS_MIN = 100


class Row(msgspec.Struct, frozen=True):
    """Milliseconds of reading so many SKUs in one snapshot, in the server, without HTTP."""

    cells: int
    skus: int
    p50_ms: float
    p99_ms: float


def measure(settings: Settings, *, seconds: float) -> list[Row]:
    """One SKU and fifty at a time, chosen at random."""
    with scratch_database(settings, items=ITEMS, locations=LOCATIONS) as scratch:
        db = Database(scratch.dsn, size_max=1).open()
        try:
            return [_time_reads(db, skus, seconds) for skus in (1, 50)]
        finally:
            db.close()


def _time_reads(db: Database, skus: int, seconds: float) -> Row:
    dice = random.Random(11)  # noqa: S311 (repeatable, no secret)
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < READS_MIN:
        chosen = [sku(n) for n in dice.sample(range(ITEMS), skus)]
        started = time.perf_counter()
        with db.reading(SYSTEM) as tx:
            found = read_availability(tx, "bench", skus=chosen)
        taken.append(1000 * (time.perf_counter() - started))
        assert len(found.items) == skus, "every SKU is in the shop"
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    return Row(ITEMS * LOCATIONS, skus, round(p50, 2), round(p99, 2))
