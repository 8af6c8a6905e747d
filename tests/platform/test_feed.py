"""The feed: nothing lost, nothing doubled, one order for all."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from ordito.kernel.ids import new_id
from ordito.orders.events import NoteAdded, OrderHeld
from ordito.platform import feed
from ordito.platform.access import SYSTEM
from ordito.platform.advisory_locks import lock_id
from ordito.platform.database import Database
from ordito.platform.feed import FeedState, move_pending, newest_position, read_feed
from ordito.platform.feed import read_feed_state as state
from tests.platform.feed_events import append, commit, do, entries, in_feed, rows, sequence, streams


def test_an_event_that_is_committed_late_is_not_lost(db: Database) -> None:
    early, late = streams(2)
    with db.transaction(SYSTEM) as waiting:
        append(waiting, (early, 1))
        commit(db, (late, 1))
        assert sequence(db) == 1
        assert in_feed(db) == [(1, late, 1)]

    assert sequence(db) == 1
    assert in_feed(db) == [(1, late, 1), (2, early, 1)]


def test_positions_follow_the_transactions_and_the_order_inside_them(db: Database) -> None:
    a, b, c = streams(3)
    commit(db, (c, 1), (a, 1), (c, 2))
    commit(db, (b, 1))
    commit(db, (a, 2), (b, 2))

    assert sequence(db) == 6
    assert in_feed(db) == [(1, c, 1), (2, a, 1), (3, c, 2), (4, b, 1), (5, a, 2), (6, b, 2)]
    assert sequence(db) == 0


def test_what_is_rolled_back_is_not_fed_and_leaves_no_gap(db: Database) -> None:
    a, b, c = streams(3)
    commit(db, (a, 1))
    with db.connection() as conn, conn.transaction(force_rollback=True):
        append(db.tx(conn, SYSTEM), (b, 1))
    commit(db, (c, 1))
    with db.connection() as conn, conn.transaction(force_rollback=True):
        assert move_pending(db.tx(conn, SYSTEM)) == 2

    assert in_feed(db) == []
    assert sequence(db) == 2
    assert in_feed(db) == [(1, a, 1), (2, c, 1)]


def test_a_second_sequencer_leaves_it_to_the_first(db: Database) -> None:
    (stream,) = streams(1)
    commit(db, (stream, 1))
    with db.transaction(SYSTEM) as first:
        assert move_pending(first) == 1
        commit(db, (stream, 2))
        assert sequence(db) == 0

    assert sequence(db) == 1
    assert in_feed(db) == [(1, stream, 1), (2, stream, 2)]


def test_a_backlog_is_moved_in_batches_of_whole_transactions(db: Database) -> None:
    (stream,) = streams(1)
    size = 3 * feed.MOVE_MAX // 4
    for first in (1, size + 1, 2 * size + 1):
        commit(db, *((stream, seq) for seq in range(first, first + size)))

    assert [sequence(db), sequence(db), sequence(db)] == [2 * size, size, 0]
    assert in_feed(db) == [(seq, stream, seq) for seq in range(1, 3 * size + 1)]


def test_nothing_is_lost_or_doubled_by_writers_that_race_and_roll_back(db: Database) -> None:
    shared = streams(5)
    done = threading.Event()

    def write(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(60):
            chosen = sorted(dice.sample(shared, dice.randint(1, 3)))
            with db.connection() as conn, conn.transaction(force_rollback=dice.random() < 0.3):
                tx = db.tx(conn, SYSTEM)
                written = [(stream, lock_and_count(conn, stream) + 1) for stream in chosen]
                append(tx, *written, (new_id(), 1))
                if dice.random() < 0.2:
                    conn.execute("SELECT pg_sleep(0.01)")

    def move() -> None:
        while not done.is_set():
            sequence(db)
            done.wait(0.002)

    with ThreadPoolExecutor(10) as pool:
        sequencers = [pool.submit(move) for _ in range(2)]
        for writer in [pool.submit(write, seed) for seed in range(8)]:
            writer.result(timeout=120)
        done.set()
        for sequencer in sequencers:
            sequencer.result(timeout=30)
    while sequence(db):
        pass

    fed = in_feed(db)
    logged = rows(db, "SELECT stream_id, seq FROM platform.event")
    assert len(logged) > 700
    assert [position for position, _stream, _seq in fed] == list(range(1, len(logged) + 1))
    assert sorted((stream, seq) for _position, stream, seq in fed) == sorted(logged)
    for stream in shared:
        seqs = [seq for _position, id_, seq in fed if id_ == stream]
        assert seqs == list(range(1, len(seqs) + 1))
    assert rows(db, "SELECT count(*) FROM platform.pending") == [(0,)]


def lock_and_count(conn: object, stream: UUID) -> int:
    """How many events the stream has; nobody else appends to it before this one commits."""
    execute = conn.execute  # type: ignore[attr-defined]
    execute("SELECT pg_advisory_xact_lock(%s::int8)", (lock_id("stream", str(stream)),))
    row = execute("SELECT count(*) FROM platform.event WHERE stream_id = %s", (stream,)).fetchone()
    return int(row[0])


def test_entries_come_with_the_whole_event(db: Database) -> None:
    (stream,) = streams(1)
    commit(db, (stream, 1), event=OrderHeld(hold_no=3, reason="fraud"))
    sequence(db)

    (entry,) = entries(db)
    ((at,),) = rows(db, "SELECT at FROM platform.event")
    assert (entry.position, entry.stream_id, entry.seq) == (1, stream, 1)
    assert (entry.stream, entry.kind, entry.version) == ("order", "order.held", 1)
    assert (entry.actor_kind, entry.actor_id, entry.at) == ("system", SYSTEM.id, at)
    assert entry.body == {"hold_no": 3, "reason": "fraud"}


def test_reading_goes_on_after_a_position_and_takes_only_the_wanted_kinds(db: Database) -> None:
    (stream,) = streams(1)
    for seq in range(1, 7):
        held = OrderHeld(hold_no=seq, reason="fraud")
        commit(db, (stream, seq), event=held if seq % 2 else NoteAdded(note_no=seq))
    sequence(db)

    with db.reading(SYSTEM) as tx:
        assert [e.position for e in read_feed(tx, 2, 3)] == [3, 4, 5]
        assert [e.position for e in read_feed(tx, 2, 9, upto=4)] == [3, 4]
        assert [e.position for e in read_feed(tx, 1, 2, kinds={"order.held"})] == [3, 5]
        assert read_feed(tx, 0, 9, kinds=()) == []
        assert read_feed(tx, 6, 9) == []
        assert newest_position(tx) == 6


def test_the_lag_is_the_age_of_the_oldest_event_that_waits(db: Database) -> None:
    a, b = streams(2)
    with db.reading(SYSTEM) as tx:
        assert state(tx) == FeedState(newest=0, lag_s=0.0)
    commit(db, (a, 1))
    commit(db, (b, 1))
    do(db, "UPDATE platform.pending SET at = at - interval '90 s' WHERE id = 1")

    with db.reading(SYSTEM) as tx:
        assert 90 <= state(tx).lag_s < 120
    sequence(db)
    with db.reading(SYSTEM) as tx:
        assert state(tx) == FeedState(newest=2, lag_s=0.0)
