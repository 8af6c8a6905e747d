"""Many clients at once, on real connections, let loose at the same moment."""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from ordito.flows.place_orders import place_orders
from ordito.orders.types import PlaceOrder
from ordito.platform.batches import BATCH_MAX
from ordito.platform.database import Database
from ordito.platform.door import Request, prepare, run, run_many
from ordito.platform.problems import Problem
from tests import make


def race(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do each in a thread of its own, all at once; what each gave, or its Problem, in order."""
    outcomes: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def attempt(n: int) -> None:
        barrier.wait(timeout=30)
        try:
            outcomes[n] = acts[n]()
        except Problem as problem:
            outcomes[n] = problem

    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "a client hangs"
    return outcomes


def ask(lines: dict[str, int], **fields: Any) -> PlaceOrder:
    return msgspec.convert(make.ask(lines, **fields), PlaceOrder)


def place(db: Database, what: PlaceOrder, key: str | None = None) -> Any:
    """Place alone; raises the Problem."""
    return run(db, make.BOSS, place_orders, what, key=key)


def attempt(db: Database, what: PlaceOrder) -> Any:
    """Place alone; the Problem where it is refused."""
    try:
        return place(db, what)
    except Problem as problem:
        return problem


def request(what: PlaceOrder, key: str | None = None) -> Request:
    return prepare(make.BOSS, place_orders, what, key=key)


def through_batchers(dbs: Sequence[Database], requests: Sequence[Request]) -> list[Any]:
    """Carry out requests as that many processes would: each takes what waits as one batch."""
    waiting: queue.SimpleQueue[tuple[int, Request]] = queue.SimpleQueue()
    for numbered in enumerate(requests):
        waiting.put(numbered)
    outcomes: list[Any] = [None] * len(requests)

    def work(db: Database) -> None:
        while batch := _take(waiting):
            answers = run_many(db, place_orders, [asked for _, asked in batch])
            for (n, _), answer in zip(batch, answers, strict=True):
                outcomes[n] = answer

    race([partial(work, db) for db in dbs])
    return outcomes


def _take(waiting: "queue.SimpleQueue[tuple[int, Request]]") -> list[tuple[int, Request]]:
    batch: list[tuple[int, Request]] = []
    while len(batch) < BATCH_MAX:
        try:
            batch.append(waiting.get_nowait())
        except queue.Empty:
            break
    return batch


def count(outcomes: Sequence[Any]) -> Counter[str]:
    """How many were placed, and how many refused, by the problem's slug."""
    return Counter(o.slug if isinstance(o, Problem) else "placed" for o in outcomes)


def deadlocks(db: Database) -> int:
    with db.connection() as conn:
        row = conn.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])
