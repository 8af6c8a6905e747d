"""Prints how long a plan takes: microseconds of processor time per 3-line order.

    python bench/bench_plan.py [--orders N]

Cases per network: `one` – one place has everything; `all` – every place has; `split` – no place has
more than one of the three items; `scarce` – each item at a few places; `short` – not enough
anywhere; `kit` – a kit and one of its parts. Destinations are all different (nothing kept) or 50
in turn (rankings kept).
"""

import argparse
import gc
import random
import time
from collections.abc import Callable
from itertools import product
from uuid import UUID

from ordito.sourcing.plans import compile_policy, plan
from ordito.sourcing.policies import DEFAULT_POLICY
from ordito.sourcing.types import Destination, FreeStock, Part, Place, SourcingRequest, Want

ITEMS = [str(UUID(int=number)) for number in range(1, 4)]
Free = dict[str, dict[int, int]]


def make_places(count: int, dice: random.Random) -> list[Place]:
    return [
        Place(
            no=no,
            code=f"L{no:04}",
            name=f"Location {no}",
            kind="store" if no % 10 else "warehouse",
            country="PL",
            market="eu",
            owner="us",
            latitude=dice.uniform(36, 60),
            longitude=dice.uniform(-8, 28),
            can_ship=True,
            can_pickup=True,
            priority=1 + no % 3,
            capacity_daily=1000,
            active=True,
        )
        for no in range(1, count + 1)
    ]


def stock_one(places: list[Place], dice: random.Random) -> Free:
    free: Free = {item: {} for item in ITEMS}
    whole = dice.choice(places).no
    for place in places:
        for item in ITEMS[: dice.randint(0, 2)] if place.no != whole else ITEMS:
            free[item][place.no] = 50
    return free


def stock_all(places: list[Place], dice: random.Random) -> Free:
    return {item: {place.no: dice.randint(5, 50) for place in places} for item in ITEMS}


def stock_split(places: list[Place], dice: random.Random) -> Free:
    free: Free = {item: {} for item in ITEMS}
    for place in places:
        free[dice.choice(ITEMS)][place.no] = dice.randint(1, 5)
    return free


def stock_scarce(places: list[Place], dice: random.Random) -> Free:
    few = max(2, len(places) // 50)
    return {
        item: {place.no: dice.randint(1, 4) for place in dice.sample(places, few)} for item in ITEMS
    }


def stock_short(places: list[Place], dice: random.Random) -> Free:
    return {item: {place.no: 1 for place in dice.sample(places, 2)} for item in ITEMS}


PLAIN = tuple(Want(no, no, (Part(item, 1),)) for no, item in enumerate(ITEMS, 1))
KIT = (
    Want(1, 2, (Part(ITEMS[0], 1), Part(ITEMS[1], 2))),
    Want(2, 3, (Part(ITEMS[1], 1),)),
    Want(3, 1, (Part(ITEMS[2], 1),)),
)
STOCKS: dict[str, tuple[Callable[[list[Place], random.Random], Free], tuple[Want, ...]]] = {
    "one": (stock_one, PLAIN),
    "all": (stock_all, PLAIN),
    "split": (stock_split, PLAIN),
    "scarce": (stock_scarce, PLAIN),
    "short": (stock_short, PLAIN),
    "kit": (stock_split, KIT),
}


def make_request(wants: tuple[Want, ...], latitude: float, longitude: float) -> SourcingRequest:
    return SourcingRequest(
        channel="web",
        market="eu",
        places_allowed=None,
        delivery="ship",
        pickup_place=None,
        destination=Destination("PL", latitude, longitude, exact=True),
        wants=wants,
        weekday=2,
        date="2026-11-25",
    )


def measure(count: int, case: str, destinations: int, orders: int) -> list[float]:
    dice = random.Random(f"{count} {case}")
    places = make_places(count, dice)
    stock, wants = STOCKS[case]
    stocks: list[FreeStock] = [stock(places, dice) for _ in range(20)]
    load = {place.no: dice.randint(0, 600) for place in places}
    network = compile_policy(DEFAULT_POLICY, places)
    spots = [(dice.uniform(36, 60), dice.uniform(-8, 28)) for _ in range(destinations)]
    taken = []
    gc.collect()
    for number in range(orders + destinations if destinations < orders else orders):
        request = make_request(wants, *spots[number % len(spots)])
        free = stocks[number % len(stocks)]
        start = time.thread_time_ns()
        plan(request, network, free, load)
        taken.append((time.thread_time_ns() - start) / 1000)
    return sorted(taken[-orders:] if destinations < orders else taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    orders = parser.parse_args().orders
    print(f"{'places':>6} {'case':>7} {'rankings':>8} {'p50 µs':>9} {'p99 µs':>9} {'orders/s':>9}")
    for count, case, kept in product((10, 100, 1000), STOCKS, (True, False)):
        taken = measure(count, case, 50 if kept else orders, orders)
        middle, late = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
        rate = 1e6 * len(taken) / sum(taken)
        words = "kept" if kept else "new"
        print(f"{count:>6} {case:>7} {words:>8} {middle:>9.1f} {late:>9.1f} {rate:>9.0f}")


if __name__ == "__main__":
    main()
