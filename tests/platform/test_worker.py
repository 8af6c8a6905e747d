"""The worker: nothing stops it, and nobody stops the others."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from ordito.platform.database import Database, Tx
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import AnyFollower, Follower, OutsideFollower
from ordito.platform.lanes import Lane, LaneState
from ordito.platform.schedules import Job
from ordito.platform.wakeups import FED, WRITTEN, Listener, Notifier
from ordito.platform.worker import Worker
from tests.platform.feed_events import commit, database_away, do, rows, streams


class Seen:
    """A handler that tells when it has seen as many entries as are awaited."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.got: list[tuple[UUID, int]] = []
        self.all = threading.Event()

    def __call__(self, _where: Any, batch: Sequence[FeedEntry]) -> None:
        self.got += [(entry.stream_id, entry.seq) for entry in batch]
        if len(self.got) >= self.wanted:
            self.all.set()


@contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(timeout_s=2)


def test_a_committed_event_reaches_every_follower(db: Database) -> None:
    (a,) = streams(1)
    inside, outside = Seen(2), Seen(2)
    followers: list[AnyFollower] = [
        Follower(name="in", handle=inside),
        OutsideFollower(name="out", deliver=outside),
    ]
    with running(Worker(db, followers)):
        commit(db, (a, 1), (a, 2))
        assert inside.all.wait(20)
        assert outside.all.wait(20)

    assert inside.got == outside.got == [(a, 1), (a, 2)]


def test_a_poke_after_the_commit_is_enough_without_polling(db: Database) -> None:
    (a,) = streams(1)
    first, second = Seen(1), Seen(2)
    notifier = Notifier(db.dsn)
    notifier.start()
    followers = [Follower(name="first", handle=first), Follower(name="second", handle=second)]
    with running(Worker(db, followers, poll_s=600)):
        commit(db, (a, 1))
        notifier.poke()
        assert first.all.wait(20)
        commit(db, (a, 2))
        notifier.poke()
        assert second.all.wait(20)
    notifier.stop()


def test_another_process_is_woken_when_the_feed_grows(db: Database) -> None:
    (a,) = streams(1)
    newest, fed = [], threading.Event()

    def on_fed(payload: str) -> None:
        newest.append(payload)
        if payload == "3":
            fed.set()

    listener = Listener(db.dsn, {FED: on_fed})
    listener.start()
    with running(Worker(db)):
        commit(db, (a, 1), (a, 2), (a, 3))
        assert fed.wait(20)
    listener.stop()
    assert set(newest) == {"", "3"}


def test_a_hanging_follower_stops_no_other(db: Database) -> None:
    a, b = streams(2)
    go_on, hanging = threading.Event(), threading.Event()

    def hang(_db: Database, _batch: Sequence[FeedEntry]) -> None:
        hanging.set()
        go_on.wait(60)

    def run(_db: Database) -> int:
        ran.set()
        return 1

    seen, ran = Seen(2), threading.Event()
    worker = Worker(
        db,
        [OutsideFollower(name="hook", deliver=hang), Follower(name="stock", handle=seen)],
        [Job("sweep", timedelta(hours=1), run)],
    )
    worker.start()
    commit(db, (a, 1))
    assert hanging.wait(20)
    commit(db, (b, 1))

    assert seen.all.wait(20)
    assert ran.wait(20)
    busy = {state.name for state in worker.states() if state.busy_s is not None}
    assert "follower hook" in busy
    assert worker.stop(timeout_s=1) == ["follower hook"]
    go_on.set()


def test_the_worker_goes_on_when_the_database_is_back(
    db: Database, dsn: str, cluster: Callable[[str], str]
) -> None:
    a, b = streams(2)
    before, after = Seen(1), Seen(2)
    worker = Worker(
        db, [Follower(name="before", handle=before), Follower(name="after", handle=after)]
    )
    with running(worker):
        commit(db, (a, 1))
        assert before.all.wait(20)
        with database_away(cluster, dsn):
            wait_until(lambda: all(state.failures > 0 for state in worker.states()))
        commit_at_last(db, (b, 1))
        back_at = time.monotonic()
        assert after.all.wait(30)
        assert time.monotonic() - back_at < 10

    assert after.got == [(a, 1), (b, 1)]
    assert rows(db, "SELECT count(*) FROM platform.parked_event") == [(0,)]


def commit_at_last(db: Database, *events: tuple[UUID, int]) -> None:
    """Commit as soon as the pool has found the database again."""
    for attempt in range(30):
        try:
            commit(db, *events)
            return
        except Exception:
            if attempt == 29:
                raise
            threading.Event().wait(0.2)


def wait_until(true: Callable[[], bool], timeout_s: float = 40) -> None:
    tick, deadline = threading.Event(), time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        tick.wait(0.05)


def test_a_worker_starts_while_the_database_is_away(
    db: Database, dsn: str, cluster: Callable[[str], str]
) -> None:
    (a,) = streams(1)
    commit(db, (a, 1))
    seen = Seen(1)
    worker = Worker(db, [Follower(name="stock", handle=seen)])
    with database_away(cluster, dsn):
        worker.start()
        wait_until(lambda: all(state.failures > 0 for state in worker.states()))
    assert seen.all.wait(30)
    worker.stop()


def test_two_workers_share_the_work_and_do_nothing_twice(db: Database) -> None:
    do(
        db,
        "CREATE TABLE seen (n serial, stream_id uuid, seq bigint, UNIQUE (stream_id, seq));"
        " GRANT ALL ON seen, seen_n_seq TO ordito_app",
    )
    shared = streams(4)
    followers = [Follower(name="stock", handle=note, batch=7)]
    with running(Worker(db, followers)), running(Worker(db, followers)):
        for seq in range(1, 26):
            commit(db, *((stream, seq) for stream in shared))
        wait_until(lambda: rows(db, "SELECT count(*) FROM seen") == [(100,)])

    assert rows(db, "SELECT count(*) FROM platform.parked_event") == [(0,)]
    for stream in shared:
        seqs = rows(db, "SELECT seq FROM seen WHERE stream_id = %s ORDER BY n", stream)
        assert [seq for (seq,) in seqs] == list(range(1, 26))


def note(tx: Tx, batch: Sequence[FeedEntry]) -> None:
    for entry in batch:
        tx.conn.execute(
            "INSERT INTO seen (stream_id, seq) VALUES (%s, %s)", (entry.stream_id, entry.seq)
        )


LAST_SEQ = 10 * (1 + 2 + 3 + 4 + 5 + 6)


@pytest.mark.chaos
def test_killed_workers_lose_nothing_and_do_nothing_twice(db: Database) -> None:
    do(
        db,
        "CREATE TABLE seen (n serial, stream_id uuid, seq bigint, UNIQUE (stream_id, seq));"
        " GRANT ALL ON seen, seen_n_seq TO ordito_app",
    )
    shared = streams(6)
    environment = os.environ | {"ORDITO_TEST_DSN": db.dsn}
    seqs = iter(range(1, LAST_SEQ + 1))
    for rounds in range(1, 7):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.platform.worker_program"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdout
            assert program.stdout.readline() == "started\n"
            # Killed at another moment each round: the more is written first, the later.
            for seq in itertools.islice(seqs, 10 * rounds):
                commit(db, *((stream, seq) for stream in shared))
            if rounds == 6:
                wait_until(lambda: rows(db, "SELECT count(*) FROM seen") == [(6 * LAST_SEQ,)])
            program.send_signal(signal.SIGKILL)

    assert rows(db, "SELECT count(*) FROM platform.parked_event") == [(0,)]
    assert rows(db, "SELECT count(*) FROM platform.pending") == [(0,)]
    for stream in shared:
        seen = rows(db, "SELECT seq FROM seen WHERE stream_id = %s ORDER BY n", stream)
        assert [seq for (seq,) in seen] == list(range(1, LAST_SEQ + 1))


def test_a_thousand_pokes_make_few_notifications(db: Database) -> None:
    got, quiet = [], threading.Event()
    connected = threading.Event()

    def count(payload: str) -> None:
        if not payload:
            connected.set()
            return
        got.append(payload)
        if payload == "1000":
            quiet.set()

    listener = Listener(db.dsn, {WRITTEN: count})
    notifier = Notifier(db.dsn)
    listener.start()
    notifier.start()
    assert connected.wait(20)
    began = time.monotonic()
    for n in range(1, 1001):
        notifier.poke(str(n))
    assert quiet.wait(20)
    took_s = time.monotonic() - began
    notifier.stop()
    listener.stop()

    assert got[-1] == "1000"
    assert len(got) <= 2 + took_s / 0.02


def test_a_callback_that_fails_does_not_end_the_listener(db: Database) -> None:
    calls, twice = [], threading.Event()

    def fail(payload: str) -> None:
        calls.append(payload)
        if payload == "go":
            twice.set()
        raise ValueError("no")

    listener, notifier = Listener(db.dsn, {WRITTEN: fail}), Notifier(db.dsn)
    listener.start()
    notifier.start()
    wait_until(lambda: calls == [""])
    notifier.poke("go")
    assert twice.wait(20)
    notifier.stop()
    listener.stop()


def test_a_lane_repeats_what_failed_and_shows_the_failure() -> None:
    steps, third = [], threading.Event()
    seen_states: list[Any] = []

    def step() -> bool:
        steps.append(1)
        if len(steps) <= 2:
            raise ValueError("not yet")
        seen_states.append((lane.state().failures, lane.state().error))
        third.set()
        return False

    lane = Lane("test", step, poll_s=600)
    lane.start()
    assert third.wait(20)
    lane.ask_to_stop()
    assert lane.join(20)

    assert seen_states == [(2, "ValueError: not yet")]
    assert lane.state() == LaneState("test", None, 0, "")


def test_a_job_that_calls_outside_keeps_no_other_job_waiting(db: Database) -> None:
    other_ran = threading.Event()

    def ring(_db: Database) -> int:
        other_ran.set()
        return 1

    hour = timedelta(hours=1)
    calls = Job("a-calls", hour, lambda _db: int(other_ran.wait(30)), outside=True)
    with running(Worker(db, jobs=[calls, Job("b-other", hour, ring)], poll_s=0.05)):
        assert other_ran.wait(10)


def test_names_of_followers_and_jobs_are_unique(db: Database) -> None:
    twice = [Follower(name="stock", handle=note), Follower(name="stock", handle=note)]
    with pytest.raises(AssertionError, match="twice"):
        Worker(db, twice)
