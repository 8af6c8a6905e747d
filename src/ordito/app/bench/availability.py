"""`ordito bench availability`: what a channel may sell, read at 100,000 cells of stock.

And how many a destination can have by when, with carriers, a pace and learned delays everywhere.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

import msgspec

from ordito.app.bench.scratch import scratch_database, sku
from ordito.flows.manage_tariffs import create_tariff, set_services
from ordito.flows.publish_availability import read_availability
from ordito.flows.tell_availability import AskDelivery, get_delivery_availability
from ordito.fulfillment.queues import count_backlogs
from ordito.locations.locations import read_locations
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import run
from ordito.platform.revisions import raise_revision
from ordito.platform.settings import Settings
from ordito.sourcing.delays import GroupKey
from ordito.sourcing.learning import Group
from ordito.sourcing.stored_delays import DelayModel, insert_model
from ordito.sourcing.stored_tariffs import CreateTariff, ServiceAsk, SetServices
from ordito.sourcing.tariffs import Rate, Tariff, Zone

ITEMS = 10_000
LOCATIONS = 10
READS_MIN = 100
SKUS = (1, 50)
CARRIERS = {"fast": 1, "slow": 3}
"""Tariffs by code, and their days to everywhere."""

Asked = Literal["channel", "delivery"]


class Row(msgspec.Struct, frozen=True):
    """Milliseconds of reading so many SKUs in one snapshot, in the server, without HTTP.

    asked: what the channel may sell, or what a destination can have by when.
    """

    asked: Asked
    cells: int
    skus: int
    p50_ms: float
    p99_ms: float


def measure(settings: Settings, *, seconds: float) -> list[Row]:
    """One SKU and fifty at a time, chosen at random."""
    with scratch_database(settings, items=ITEMS, locations=LOCATIONS) as scratch:
        db = Database(scratch.dsn, size_max=1).open()
        try:
            rows = [_time_reads(db, "channel", read_channel, skus, seconds) for skus in SKUS]
            add_promises(db)
            return rows + [
                _time_reads(db, "delivery", read_delivery, skus, seconds) for skus in SKUS
            ]
        finally:
            db.close()


def read_channel(tx: Tx, skus: Sequence[str], dice: random.Random) -> int:
    """What the channel may sell; the number of items told."""
    return len(read_availability(tx, "bench", skus=skus).items)


def read_delivery(tx: Tx, skus: Sequence[str], dice: random.Random) -> int:
    """What one of 90,000 German postal codes can have and when; the number of items with a day."""
    ask = AskDelivery(
        channel="bench",
        country="DE",
        postal_code=str(dice.randrange(10_000, 100_000)),
        sku=tuple(skus),
    )
    told = get_delivery_availability(tx, ask).items
    return sum(item.probability is not None for item in told)


def _time_reads(
    db: Database,
    asked: Asked,
    read: Callable[[Tx, Sequence[str], random.Random], int],
    skus: int,
    seconds: float,
) -> Row:
    dice = random.Random(11)  # noqa: S311 (repeatable, no secret)
    with db.reading(SYSTEM) as tx:
        # A process reads what changes rarely once, and keeps it.
        read(tx, [sku(n) for n in range(skus)], dice)
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < READS_MIN:
        chosen = [sku(n) for n in dice.sample(range(ITEMS), skus)]
        started = time.perf_counter()
        with db.reading(SYSTEM) as tx:
            found = read(tx, chosen, dice)
        taken.append(1000 * (time.perf_counter() - started))
        assert found == skus, "every SKU is in the shop, and has a day"
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    return Row(asked, ITEMS * LOCATIONS, skus, round(p50, 2), round(p99, 2))


def add_promises(db: Database) -> None:
    """Two carriers at every location, a pace, and delays learned for each of them."""
    for code, days in CARRIERS.items():
        zone = Zone(code="all", transit_days=days, rates=(Rate(up_to_g=30_000, price=4000),))
        tariff = Tariff(carrier=code, zones=(zone,))
        run(db, SYSTEM, create_tariff, CreateTariff(code=code, name=code, tariff=tariff))
    with db.transaction(SYSTEM) as tx:
        places = read_locations(tx)
        offered = tuple(ServiceAsk(tariff=code, pickups=("11:00", "17:30")) for code in CARRIERS)
        groups: dict[GroupKey, Group] = {}
        for place in places:
            set_services(tx, SetServices(location=place.code, services=offered))
            for code in CARRIERS:
                sent = Group(0, (700, 200, 60, 20, 10), 1000)
                groups["dispatch", place.no, code, None] = sent
                arrived = Group(-1, (100, 600, 200, 50, 30, 10), 1000)
                groups["transit", place.no, code, "DE"] = arrived
        tx.conn.execute("UPDATE locations.location SET units_hourly = 100, opens_at = '08:00'")
        count_backlogs(tx, [place.id for place in places])
        today = tx.now.date()
        model = DelayModel(1, tx.now, today - timedelta(days=182), today, 10_000)
        insert_model(tx, model, groups, {place.no: place.id for place in places})
        raise_revision(tx, "reference")
