"""Followers: once inside the database, at least once outside, in order per stream."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from ordito.orders.events import NoteAdded, OrderHeld
from ordito.orders.orders import ORDER
from ordito.platform.access import SYSTEM
from ordito.platform.advisory_locks import holding
from ordito.platform.database import Database, Tx
from ordito.platform.feed import FeedEntry
from ordito.platform.follower_positions import SCAN_MAX, FollowerState, read_followers
from ordito.platform.followers import Follower, OutsideFollower, follow
from ordito.platform.parking import list_parked, retry_parked
from ordito.platform.problems import DatabaseUnavailable, NotFound
from tests import make
from tests.platform.feed_events import commit, do, entries, feed, rows, sequence, streams


@pytest.fixture(autouse=True)
def seen_table(db: Database) -> None:
    do(
        db,
        "CREATE TABLE seen (n serial, stream_id uuid, seq bigint, UNIQUE (stream_id, seq));"
        " GRANT ALL ON seen, seen_n_seq TO ordito_app",
    )


def note(tx: Tx, batch: Sequence[FeedEntry]) -> None:
    """Write entries down inside the follower's transaction; twice would be refused."""
    for entry in batch:
        tx.conn.execute(
            "INSERT INTO seen (stream_id, seq) VALUES (%s, %s)", (entry.stream_id, entry.seq)
        )


def noted(db: Database) -> list[tuple[Any, ...]]:
    return rows(db, "SELECT stream_id, seq FROM seen ORDER BY n")


class Picky:
    """Handles everything but the events in `bad`."""

    def __init__(self, *bad: tuple[UUID, int]) -> None:
        self.bad = set(bad)
        self.sizes: list[int] = []

    def __call__(self, tx: Tx, batch: Sequence[FeedEntry]) -> None:
        self.sizes.append(len(batch))
        note(tx, batch)
        for entry in batch:
            if (entry.stream_id, entry.seq) in self.bad:
                raise ValueError(f"can't stand number {entry.seq}")


def parked(db: Database, name: str = "stock") -> list[tuple[int, int, int, bool]]:
    """Parked streams as (position, waiting, attempts, gave up)."""
    with db.reading(SYSTEM) as tx:
        return [
            (p.position, p.waiting, p.attempts, p.gave_up) for p in list_parked(tx, follower=name)
        ]


def make_due(db: Database) -> None:
    do(db, "UPDATE platform.parked_event SET retry_at = now() WHERE retry_at IS NOT NULL")


def position(db: Database, name: str = "stock") -> int:
    ((at,),) = rows(db, "SELECT position FROM platform.follower WHERE name = %s", name)
    return int(at)


def test_entries_are_handed_over_in_batches_in_the_order_of_the_feed(db: Database) -> None:
    a, b = streams(2)
    feed(db, (a, 1), (b, 1), (a, 2), (b, 2), (a, 3))
    picky = Picky()
    follower = Follower(name="stock", handle=picky, batch=2)

    assert [follow(db, follower) for _ in range(4)] == [2, 2, 1, 0]
    assert picky.sizes == [2, 2, 1]
    assert noted(db) == [(a, 1), (b, 1), (a, 2), (b, 2), (a, 3)]


def test_what_is_not_in_the_feed_yet_is_not_seen(db: Database) -> None:
    (a,) = streams(1)
    commit(db, (a, 1))
    follower = Follower(name="stock", handle=note)

    assert follow(db, follower) == 0
    sequence(db)
    assert follow(db, follower) == 1
    assert noted(db) == [(a, 1)]


def test_each_follower_has_its_own_position(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1), (a, 2))
    follow(db, Follower(name="first", handle=note))
    do(db, "DELETE FROM seen")
    feed(db, (a, 3))
    follow(db, Follower(name="second", handle=note, batch=2))

    with db.reading(SYSTEM) as tx:
        assert read_followers(tx) == [
            FollowerState("first", position=2, behind=1, parked=0),
            FollowerState("second", position=2, behind=1, parked=0),
        ]
    assert noted(db) == [(a, 1), (a, 2)]


def test_only_wanted_kinds_are_handed_over_and_the_rest_is_passed(db: Database) -> None:
    (a,) = streams(1)
    last = SCAN_MAX + 10
    notes = [(a, seq) for seq in range(1, last + 1) if seq not in (3, 9, last)]
    commit(db, (a, 3), (a, 9), event=OrderHeld(hold_no=1, reason="fraud"))
    commit(db, *notes)
    commit(db, (a, last), event=OrderHeld(hold_no=1, reason="fraud"))
    while sequence(db):
        pass
    follower = Follower(name="stock", handle=note, kinds=frozenset({"order.held"}), batch=2)

    assert [follow(db, follower) for _ in range(4)] == [2, SCAN_MAX, 8, 0]
    assert noted(db) == [(a, 3), (a, 9), (a, last)]


def test_a_new_follower_can_start_with_the_next_event(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1), (a, 2))
    follower = Follower(name="stock", handle=note, starts="next")

    assert follow(db, follower) == 0
    feed(db, (a, 3))
    assert follow(db, follower) == 1
    assert noted(db) == [(a, 3)]


def test_events_that_a_follower_emits_are_written_with_its_position(db: Database) -> None:
    shop = make.shop(db)
    order_id = make.place(shop, {"tea": 1}).id
    sequence(db)
    before = len(entries(db))

    def answer(tx: Tx, batch: Sequence[FeedEntry]) -> None:
        tx.emit(ORDER, order_id, NoteAdded(note_no=len(batch)))

    follow(db, Follower(name="stock", handle=answer))
    sequence(db)

    added = entries(db)[before:]
    assert [(e.stream_id, e.kind, e.body) for e in added] == [
        (order_id, "order.note_added", {"note_no": before})
    ]
    assert added[0].request_id == "follower stock"


def test_an_entry_that_fails_parks_its_stream_and_all_others_flow(db: Database) -> None:
    a, b, c = streams(3)
    feed(db, (a, 1), (b, 1), (a, 2), (c, 1), (b, 2), (a, 3))
    picky = Picky((a, 2))

    assert follow(db, Follower(name="stock", handle=picky)) == 6

    assert noted(db) == [(a, 1), (b, 1), (c, 1), (b, 2)]
    assert position(db) == 6
    assert parked(db) == [(3, 2, 1, False)]


def test_later_events_of_a_parked_stream_wait_behind_it(db: Database) -> None:
    a, b = streams(2)
    feed(db, (a, 1))
    picky = Picky((a, 1))
    follower = Follower(name="stock", handle=picky)
    follow(db, follower)

    feed(db, (a, 2), (b, 1))
    assert follow(db, follower) == 2

    assert noted(db) == [(b, 1)]
    assert parked(db) == [(1, 2, 1, False)]
    with db.reading(SYSTEM) as tx:
        (stream,) = list_parked(tx)
    assert (stream.follower, stream.stream_id, stream.stream) == ("stock", a, "order")
    assert (stream.kind, stream.error) == (
        "order.note_added",
        "ValueError: can't stand number 1",
    )


def test_a_parked_stream_catches_up_in_order_once_it_works(db: Database) -> None:
    a, b = streams(2)
    feed(db, (a, 1), (b, 1), (a, 2), (a, 3))
    picky = Picky((a, 1), (b, 1))
    follower = Follower(name="stock", handle=picky)
    follow(db, follower)
    assert noted(db) == []

    picky.bad = {(b, 1)}
    make_due(db)
    assert follow(db, follower) == 4

    assert noted(db) == [(a, 1), (a, 2), (a, 3)]
    assert parked(db) == [(2, 1, 2, False)]
    feed(db, (a, 4))
    follow(db, follower)
    assert noted(db)[3:] == [(a, 4)]


def test_a_later_event_that_fails_in_its_turn_parks_the_rest_anew(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1), (a, 2), (a, 3))
    picky = Picky((a, 1))
    follower = Follower(name="stock", handle=picky)
    follow(db, follower)

    picky.bad = {(a, 2)}
    make_due(db)
    follow(db, follower)

    assert noted(db) == [(a, 1)]
    assert parked(db) == [(2, 2, 1, False)]


def test_retries_come_after_growing_pauses_and_are_given_up_in_the_end(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1))
    follower = Follower(name="stock", handle=Picky((a, 1)))
    follow(db, follower)
    pauses = []
    while not parked(db)[0][3]:
        pause = "SELECT round(extract(epoch FROM retry_at - now())) FROM platform.parked_event"
        pauses += [int(row[0]) for row in rows(db, pause)]
        make_due(db)
        assert follow(db, follower) == 1

    schedule = [5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200]
    assert all(0 <= want - got <= 2 for want, got in zip(schedule, pauses, strict=True))
    assert parked(db) == [(1, 1, 9, True)]
    make_due(db)
    assert follow(db, follower) == 0


def test_what_is_not_due_yet_is_not_retried(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1))
    picky = Picky((a, 1))
    follower = Follower(name="stock", handle=picky)
    follow(db, follower)

    assert follow(db, follower) == 0
    assert picky.sizes == [1]


def test_staff_can_retry_a_stream_that_was_given_up(db: Database) -> None:
    a, b = streams(2)
    feed(db, (a, 1), (a, 2), (b, 1))
    picky = Picky((a, 1), (b, 1))
    follower = Follower(name="stock", handle=picky)
    follow(db, follower)
    do(
        db,
        "UPDATE platform.parked_event SET gave_up = true, retry_at = NULL, attempts = 9"
        " WHERE attempts > 0",
    )

    picky.bad = set()
    with db.transaction(SYSTEM) as tx:
        assert retry_parked(tx, "stock", a) == 1
    assert parked(db) == [(1, 2, 0, False), (3, 1, 9, True)]
    follow(db, follower)
    assert noted(db) == [(a, 1), (a, 2)]

    with db.transaction(SYSTEM) as tx:
        assert retry_parked(tx, "stock") == 1
    follow(db, follower)
    assert noted(db) == [(a, 1), (a, 2), (b, 1)]
    assert parked(db) == []


def test_retrying_what_is_not_parked_is_refused(db: Database) -> None:
    (a,) = streams(1)
    with pytest.raises(NotFound), db.transaction(SYSTEM) as tx:
        retry_parked(tx, "stock", a)


def test_the_list_of_parked_streams_has_pages(db: Database) -> None:
    a, b, c = streams(3)
    feed(db, (a, 1), (b, 1), (c, 1))
    for name in ("mail", "stock"):
        follow(db, Follower(name=name, handle=Picky((a, 1), (c, 1))))
        do(db, "DELETE FROM seen")

    with db.reading(SYSTEM) as tx:
        first = list_parked(tx, limit=3)
        rest = list_parked(tx, after=(first[-1].position, first[-1].follower), limit=3)
    assert [(p.position, p.follower) for p in first] == [(1, "mail"), (1, "stock"), (3, "mail")]
    assert [(p.position, p.follower) for p in rest] == [(3, "stock")]


def test_what_staff_see_of_a_failure_names_nobody(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1))

    def fail(_tx: Tx, _batch: Sequence[FeedEntry]) -> None:
        raise ValueError("no such person: ada@example.com")

    follow(db, Follower(name="stock", handle=fail))

    assert rows(db, "SELECT error FROM platform.parked_event") == [
        ("ValueError: no such person: ***",)
    ]


def test_nothing_is_parked_while_the_database_is_away(db: Database) -> None:
    a, b = streams(2)
    feed(db, (a, 1), (b, 1))

    def fail(tx: Tx, _batch: Sequence[FeedEntry]) -> None:
        tx.conn.execute("RESET ROLE")
        tx.conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(DatabaseUnavailable):
        follow(db, Follower(name="stock", handle=fail))

    assert (position(db), parked(db)) == (0, [])


def test_a_statement_that_takes_too_long_parks_the_stream(db: Database) -> None:
    a, b = streams(2)
    feed(db, (a, 1), (b, 1))

    def hang(tx: Tx, batch: Sequence[FeedEntry]) -> None:
        note(tx, batch)
        if batch[0].stream_id == a:
            tx.conn.execute("SELECT pg_sleep(30)")

    assert follow(db, Follower(name="stock", handle=hang, timeout_s=0.3)) == 2

    assert noted(db) == [(b, 1)]
    assert parked(db) == [(1, 1, 1, False)]


def test_python_that_takes_too_long_parks_the_stream_and_frees_the_lock(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1))
    lock_was_free: list[bool] = []

    def hang(tx: Tx, batch: Sequence[FeedEntry]) -> None:
        wait_for_end_of_session(db, tx)
        with holding(db, "follower", "stock") as conn:
            lock_was_free.append(conn is not None)
        note(tx, batch)

    assert follow(db, Follower(name="stock", handle=hang, timeout_s=0.3)) == 1

    assert lock_was_free == [True]
    assert noted(db) == []
    assert parked(db) == [(1, 1, 1, False)]


def wait_for_end_of_session(db: Database, tx: Tx) -> None:
    pid, tick = tx.conn.info.backend_pid, threading.Event()
    for _ in range(500):
        if not rows(db, "SELECT FROM pg_stat_activity WHERE pid = %s", pid):
            return
        tick.wait(0.02)
    pytest.fail("the database let the session go on")


@pytest.mark.parametrize("outside", [False, True])
def test_one_process_at_a_time_runs_a_follower(db: Database, outside: bool) -> None:
    (a,) = streams(1)
    feed(db, (a, 1), (a, 2))
    at_work, go_on = threading.Event(), threading.Event()
    calls: list[int] = []

    def wait(_where: Any, batch: Sequence[FeedEntry]) -> None:
        calls.append(len(batch))
        at_work.set()
        assert go_on.wait(20)

    follower: Follower | OutsideFollower = (
        OutsideFollower(name="stock", deliver=wait)
        if outside
        else Follower(name="stock", handle=wait)
    )
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(follow, db, follower)
        assert at_work.wait(20)
        assert follow(db, follower) == 0
        go_on.set()
        assert first.result(timeout=20) == 2
    assert calls == [2]
    assert follow(db, follower) == 0


class Sink:
    """The world outside: remembers what it got, and refuses the events in `bad`."""

    def __init__(self, *bad: tuple[UUID, int]) -> None:
        self.bad = set(bad)
        self.got: list[tuple[UUID, int]] = []

    def __call__(self, _db: Database, batch: Sequence[FeedEntry]) -> None:
        for entry in batch:
            if (entry.stream_id, entry.seq) in self.bad:
                raise ConnectionRefusedError
            self.got.append((entry.stream_id, entry.seq))


def test_outside_calls_happen_in_no_transaction(db: Database) -> None:
    (a,) = streams(1)
    feed(db, (a, 1))
    states: list[Any] = []

    def look(inner: Database, _batch: Sequence[FeedEntry]) -> None:
        found = "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
        with inner.connection() as conn:
            assert conn.info.transaction_status == TransactionStatus.IDLE
        with make.owner(inner) as conn:
            states.extend(conn.execute(f"{found} AND pid <> pg_backend_pid()").fetchall())

    assert follow(db, OutsideFollower(name="hook", deliver=look)) == 1
    assert ("idle",) in states
    assert ("idle in transaction",) not in states
    assert position(db, "hook") == 1


def test_outside_a_refused_event_parks_its_stream_and_order_per_stream_is_kept(
    db: Database,
) -> None:
    a, b = streams(2)
    feed(db, (a, 1), (b, 1), (a, 2), (b, 2), (a, 3))
    sink = Sink((a, 2))
    follower = OutsideFollower(name="hook", deliver=sink)

    assert follow(db, follower) == 5
    sink.bad = set()
    make_due(db)
    assert follow(db, follower) == 2

    firsts = list(dict.fromkeys(sink.got))
    assert [event for event in firsts if event[0] == a] == [(a, 1), (a, 2), (a, 3)]
    assert [event for event in firsts if event[0] == b] == [(b, 1), (b, 2)]
    assert firsts.index((b, 2)) < firsts.index((a, 2))
    assert parked(db, "hook") == []


def test_outside_events_come_again_when_the_position_could_not_be_kept(
    db: Database, cluster: Callable[[str], str]
) -> None:
    (a,) = streams(1)
    feed(db, (a, 1), (a, 2))
    sink = Sink()

    def deliver_and_lose_the_database(inner: Database, batch: Sequence[FeedEntry]) -> None:
        sink(inner, batch)
        with psycopg.connect(cluster("postgres"), autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (conninfo_to_dict(inner.dsn)["dbname"],),
            )

    with pytest.raises(DatabaseUnavailable):
        follow(db, OutsideFollower(name="hook", deliver=deliver_and_lose_the_database))
    assert (position(db, "hook"), parked(db, "hook")) == (0, [])

    assert follow(db, OutsideFollower(name="hook", deliver=sink)) == 2
    assert sink.got == [(a, 1), (a, 2), (a, 1), (a, 2)]
