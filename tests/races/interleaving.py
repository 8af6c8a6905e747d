"""Acts interleaved statement by statement, in an order that a seed decides.

Each act runs in a thread on a real connection and waits before every statement until it is its
turn. Who waits for a lock has no turn: the database says so. A seed that fails fails again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import psycopg

from ordito.platform.database import Database
from ordito.platform.problems import Problem

Act = Callable[[Database], Any]

HANGS_AFTER_S = 60
"""Far above any lock's time-out: an act that is this long in neither place is stuck."""


class _Turns:
    """Where each act is: before a statement, in one, or finished."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: set[int] = set()
        self.finished: set[int] = set()
        self.backends: dict[int, int] = {}
        self._granted: int | None = None

    def wait(self, n: int, backend: int) -> None:
        """Before a statement: until act number `n` may go on."""
        with self.changed:
            self.backends[n] = backend
            self.waiting.add(n)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self._granted == n, timeout=HANGS_AFTER_S)
            self._granted = None
            self.waiting.discard(n)
            self.changed.notify_all()

    def grant(self, n: int) -> None:
        with self.changed:
            self._granted = n
            self.changed.notify_all()
            self.changed.wait_for(lambda: self._granted is None, timeout=HANGS_AFTER_S)

    def end(self, n: int) -> None:
        with self.changed:
            self.finished.add(n)
            self.changed.notify_all()


_this = threading.local()


class _SteppedCursor(psycopg.Cursor[Any]):
    def execute(self, *args: Any, **kwargs: Any) -> Any:
        _take_turn(self.connection)
        return super().execute(*args, **kwargs)

    def executemany(self, *args: Any, **kwargs: Any) -> Any:
        _take_turn(self.connection)
        return super().executemany(*args, **kwargs)


class _SteppedConnection(psycopg.Connection[Any]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cursor_factory = _SteppedCursor


def _take_turn(conn: psycopg.Connection[Any]) -> None:
    turns: _Turns | None = getattr(_this, "turns", None)
    if turns is not None:
        turns.wait(_this.n, conn.info.backend_pid)


def interleave(dsn: str, acts: Sequence[Act], *, seed: int) -> list[Any]:
    """Carry out each act on a database of its own pool, one statement at a time.

    Returns what each gave, or its Problem; raises what else it raised.
    """
    dice, turns = Random(seed), _Turns()
    outcomes: list[Any] = [None] * len(acts)
    dbs = [_open(dsn) for _ in acts]

    def work(n: int) -> None:
        _this.turns, _this.n = turns, n
        try:
            outcomes[n] = acts[n](dbs[n])
        except BaseException as fault:
            outcomes[n] = fault
        finally:
            turns.end(n)

    threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    with psycopg.connect(dsn, autocommit=True) as watcher:
        while True:
            _let_settle(turns, len(acts), watcher)
            if not turns.waiting:
                break
            turns.grant(dice.choice(sorted(turns.waiting)))
    for thread, db in zip(threads, dbs, strict=True):
        thread.join(timeout=HANGS_AFTER_S)
        db.close()
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Problem):
            raise outcome
    return outcomes


def _open(dsn: str) -> Database:
    db = Database(dsn, size_max=2)
    db.pool.connection_class = _SteppedConnection
    return db.open()


def _let_settle(turns: _Turns, count: int, watcher: psycopg.Connection[Any]) -> None:
    """Until each act is finished, waits for its turn, or for a lock; not all of them for locks."""
    deadline = time.monotonic() + HANGS_AFTER_S
    while time.monotonic() < deadline:
        with turns.changed:
            turns.changed.wait_for(
                lambda: len(turns.waiting) + len(turns.finished) == count, timeout=0.001
            )
            ready, over = set(turns.waiting), set(turns.finished)
        busy = set(range(count)) - ready - over
        if not busy or (ready and busy <= _blocked(turns, busy, watcher)):
            return
    raise AssertionError("an act is neither waiting, nor finished, nor kept by a lock")


def _blocked(turns: _Turns, busy: set[int], watcher: psycopg.Connection[Any]) -> set[int]:
    """Those of the acts whose connection waits for another's lock."""
    by_backend = {turns.backends[n]: n for n in busy if n in turns.backends}
    rows = watcher.execute(
        "SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid = ANY(%s)", (list(by_backend),)
    )
    return {by_backend[pid] for (pid,) in rows}
