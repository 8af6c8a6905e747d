"""`ordito bench sourcing`: many orders planned together, beside one by one, with the proved gap."""

import csv
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files

import msgspec

from ordito.adapters.highs import solve
from ordito.app.demo.orders import demand_of, read_month
from ordito.intake.types import OrderEntry
from ordito.locations.distances import locate, read_postal_codes
from ordito.sourcing.joint.plans import plan_jointly
from ordito.sourcing.joint.types import JointOrder, Snapshot
from ordito.sourcing.plans import compile_policy
from ordito.sourcing.policies import DEFAULT_POLICY
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.types import Destination, Part, Place, SourcingRequest, Want

DAY_LOCATIONS = 50
DAY_RUNS = 3
WAREHOUSES = 5
LARGE_ORDERS = 1000
LARGE_LOCATIONS = 1000
SECONDS = 20.0
"""For each plan."""


class JointResult(msgspec.Struct, frozen=True):
    """One plan. Costs in thousandths of the policy's money; `bound` holds for the pruned problem.

    set: “uci-day” is one real day of orders over invented stock; “large” is invented throughout.
    """

    set: str
    orders: int
    locations: int
    lines: int
    cost_greedy: int
    cost_joint: int
    bound: int
    gap: float
    seconds: float
    parcels_greedy: int
    parcels_joint: int
    units_greedy: int
    units_joint: int


def measure_joint() -> Iterator[JointResult]:
    """The real day, over stock laid out three ways, and a thousand orders at a thousand places."""
    for run in range(1, DAY_RUNS + 1):
        yield measure_day(run)
    yield _measure("large", _large_snapshot(random.Random(11)))  # noqa: S311 (repeatable)


def measure_day(run: int) -> JointResult:
    """The busiest day of the demo's month; `run` lays out stock and places."""
    return _measure("uci-day", day_snapshot(read_month(), run))


def _measure(name: str, snapshot: Snapshot) -> JointResult:
    made = plan_jointly(snapshot, solve, seconds=SECONDS, clock=time.perf_counter).figures
    return JointResult(
        set=name,
        orders=made.orders,
        locations=len(snapshot.orders[0].network.places),
        lines=sum(len(order.request.wants) for order in snapshot.orders),
        cost_greedy=made.cost_before,
        cost_joint=made.cost_after,
        bound=made.bound,
        gap=made.gap,
        seconds=made.seconds,
        parcels_greedy=made.parcels_before,
        parcels_joint=made.parcels_after,
        units_greedy=made.units_before,
        units_joint=made.units_after,
    )


def _busiest_day(entries: Sequence[OrderEntry]) -> list[OrderEntry]:
    days = Counter(entry.placed_at.date() for entry in entries if entry.placed_at)
    busiest: date = max(days, key=lambda day: (days[day], day))
    return [e for e in entries if e.placed_at and e.placed_at.date() == busiest]


def day_snapshot(month: Sequence[OrderEntry], run: int) -> Snapshot:
    """The day's orders to cities of their countries, and stock that was invented."""
    dice = random.Random(run)  # noqa: S311 (repeatable, no secret)
    cities = _located_cities()
    at_home = [spot for country, spot in cities if country in ("GB", "IE", "DE", "FR", "NL")]
    places = [_place(no, dice.choice(at_home), dice) for no in range(1, DAY_LOCATIONS + 1)]
    network = compile_policy(DEFAULT_POLICY, places)
    orders = []
    for n, entry in enumerate(_busiest_day(month)):
        spots = [spot for country, spot in cities if country == entry.country]
        wanted: Counter[str] = Counter()
        for line in entry.lines:
            wanted[line.sku] += line.quantity
        spot = dice.choice(spots) if spots else dice.choice(at_home)
        orders.append(_order(n, entry.country, spot, wanted, network))
    return Snapshot(orders, _lay_out(demand_of(month), places, dice), {})


def _lay_out(
    month: Counter[str], places: Sequence[Place], dice: random.Random
) -> dict[str, dict[int, int]]:
    """A fortnight's stock: warehouses have most items and most of it, stores a part of them."""
    free: dict[str, dict[int, int]] = {}
    for item, units in sorted(month.items()):
        shares = {
            place.no: (10 if place.kind == "warehouse" else 1) * dice.uniform(0.5, 1.5)
            for place in places
            if dice.random() < (0.85 if place.kind == "warehouse" else 0.4)
        }
        total = sum(shares.values())
        free[item] = {no: max(1, round(units * part / total / 2)) for no, part in shares.items()}
    return free


def _large_snapshot(dice: random.Random) -> Snapshot:
    """Orders of one to four lines; each of 400 items lies at 30 of the places, a few units each."""
    spots = [(dice.uniform(36, 60), dice.uniform(-9, 24)) for _ in range(LARGE_LOCATIONS)]
    places = [_place(no, spot, dice) for no, spot in enumerate(spots, start=1)]
    network = compile_policy(DEFAULT_POLICY, places)
    items = [f"item-{n}" for n in range(400)]
    free = {
        item: {place.no: dice.randint(1, 3) for place in dice.sample(places, 30)} for item in items
    }
    orders = []
    for n in range(LARGE_ORDERS):
        spot = (dice.uniform(36, 60), dice.uniform(-9, 24))
        # A few items sell much better than the others.
        chosen = {items[int(400 * dice.random() ** 2)] for _ in range(dice.randint(1, 4))}
        wanted = {item: dice.randint(1, 2) for item in sorted(chosen)}
        orders.append(_order(n, "DE", spot, wanted, network))
    return Snapshot(orders, free, {})


def _order(
    n: int,
    country: str,
    spot: tuple[float, float],
    wanted: Mapping[str, int],
    network: CompiledPolicy,
) -> JointOrder:
    request = SourcingRequest(
        channel="bench",
        market="",
        places_allowed=None,
        delivery="ship",
        pickup_place=None,
        destination=Destination(country, *spot, exact=True),
        wants=tuple(
            Want(line_no, qty, (Part(item, 1),))
            for line_no, (item, qty) in enumerate(wanted.items(), start=1)
        ),
        weekday=2,
        date="2026-01-07",
    )
    return JointOrder(f"order-{n}", request, network)


def _place(no: int, spot: tuple[float, float], dice: random.Random) -> Place:
    # No two places on the same spot, or a town's two shops would be one choice.
    latitude, longitude = spot[0] + dice.uniform(-0.3, 0.3), spot[1] + dice.uniform(-0.3, 0.3)
    return Place(
        no=no,
        code=f"L{no}",
        name=f"Location {no}",
        kind="warehouse" if no <= WAREHOUSES else "store",
        country="GB",
        market="",
        owner="",
        latitude=latitude,
        longitude=longitude,
        can_ship=True,
        can_pickup=False,
        priority=1,
        capacity_daily=None,
        active=True,
    )


def _located_cities() -> list[tuple[str, tuple[float, float]]]:
    """The demo's cities: (country, (latitude, longitude))."""
    centroids = {(c, key): (lat, lon) for c, key, lat, lon in read_postal_codes()}
    found = []
    with (files("ordito") / "data" / "demo" / "cities.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            spot = locate(row["country"], row["postal_code"], centroids)
            if spot is not None:
                found.append((row["country"], (spot.latitude, spot.longitude)))
    return found
