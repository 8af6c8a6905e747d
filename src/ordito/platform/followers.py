"""Followers: what happens later. Each reads the feed at its own pace and keeps its own position.

An entry that a follower can't handle parks its stream for that follower (see parking); all other
streams go on. While the database is away nothing is parked: the follower waits.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import msgspec
import structlog

from ordito.platform import parking
from ordito.platform.access import SYSTEM
from ordito.platform.advisory_locks import holding, try_lock
from ordito.platform.database import Database, Tx, query, statement
from ordito.platform.events import write_events
from ordito.platform.feed import END, FeedEntry, newest_position, read_feed
from ordito.platform.retries import is_outage, tell

log = structlog.get_logger(__name__)

SCAN_MAX = 10_000
"""Feed positions looked through at a time by a follower of rare kinds."""

RETRIES_MAX = 50
"""Parked entries retried before new ones get their turn again."""


class FeedReader(msgspec.Struct, frozen=True, kw_only=True):
    """What both sorts of followers have.

    kinds:     the kinds of events it wants; None for all.
    batch:     entries handed over at a time.
    timeout_s: how long one batch, or one entry on its own, may take.
    starts:    where it starts when it is new: with the first event ever, or with the next one.
    """

    name: str
    kinds: frozenset[str] | None = None
    batch: int = 500
    timeout_s: float = 20
    starts: Literal["beginning", "next"] = "beginning"

    def __post_init__(self) -> None:
        assert self.name, "a follower has a name"
        assert self.batch > 0, "a batch has entries"
        assert 0 < self.timeout_s, "a follower needs time"


class Follower(FeedReader, frozen=True, kw_only=True):
    """Works inside the database: what `handle` writes commits together with the position.

    So each entry takes effect exactly once. Events that it emits are written too. It must not
    call outside. The database ends what takes longer than `timeout_s`.
    """

    handle: Callable[[Tx, Sequence[FeedEntry]], None]


class OutsideFollower(FeedReader, frozen=True, kw_only=True):
    """Calls outside, or through the door: `deliver` runs in no transaction.

    So each entry takes effect at least once: after a crash, or when a batch failed, entries come
    again. `deliver` must keep to `timeout_s` by the time-outs of its own calls.
    """

    deliver: Callable[[Database, Sequence[FeedEntry]], None]


AnyFollower = Follower | OutsideFollower


class FollowerState(msgspec.Struct, frozen=True):
    """How far a follower is. behind: feed entries it has not seen; parked: entries put aside."""

    name: str
    position: int
    behind: int
    parked: int


class PositionMoved(Exception):
    """Another process went on with this follower meanwhile: the lock on it was lost."""


class Turn(msgspec.Struct, frozen=True):
    """What a follower does next. `finish` and `fail` write the outcome in a given transaction.

    upto: the feed position that the follower is at afterwards.
    """

    entries: list[FeedEntry]
    upto: int
    finish: Callable[[Tx], None]
    fail: Callable[[Tx, str], None]


class TurnFailed(Exception):
    """The follower could not handle the entries of a turn; nothing of it was written."""

    def __init__(self, turn: Turn, fault: BaseException) -> None:
        super().__init__(tell(fault))
        self.turn = turn
        self.fault = fault


def follow(db: Database, follower: AnyFollower) -> int:
    """Go on from the follower's position; returns how many feed positions were passed.

    0 when there is nothing new or another process is at it. Retries due parked entries first.
    Raises only what no entry is to blame for, such as DatabaseUnavailable.
    """
    outlook = _look(db, follower)
    if outlook.due:
        _retry_parked(db, follower)
    if outlook.position >= outlook.newest:
        return 0
    try:
        upto = _take_turn(db, follower, partial(_next_in_feed, limit=follower.batch))
    except TurnFailed as failed:
        log.warning("batch_failed", follower=follower.name, error=tell(failed.fault))
        upto = _pass_one_by_one(db, follower, failed.turn.upto)
    return max(upto - outlook.position, 0) if upto else 0


def _pass_one_by_one(db: Database, follower: AnyFollower, last: int) -> int:
    """Pass the entries of a failed batch each on its own, parking those that fail again."""
    reached = 0
    while reached < last:
        try:
            upto = _take_turn(db, follower, partial(_next_in_feed, limit=1))
        except TurnFailed as failed:
            upto = _settle(db, follower, failed)
        if not upto:
            break
        reached = upto
    return reached


def _retry_parked(db: Database, follower: AnyFollower) -> None:
    for _ in range(RETRIES_MAX):
        try:
            if not _take_turn(db, follower, _next_parked):
                return
        except TurnFailed as failed:
            _settle(db, follower, failed)


def _settle(db: Database, follower: AnyFollower, failed: TurnFailed) -> int:
    """Park the one entry of a failed turn, or put its next retry off."""
    entry = failed.turn.entries[0]
    error = tell(failed.fault)
    log.error(
        "entry_parked",
        follower=follower.name,
        position=entry.position,
        kind=entry.kind,
        error=error,
        exc_info=failed.fault,
    )
    with db.transaction(SYSTEM) as tx:
        failed.turn.fail(tx, error)
    return failed.turn.upto


class _Outlook(msgspec.Struct, frozen=True):
    position: int
    newest: int
    due: bool


def _look(db: Database, follower: AnyFollower) -> _Outlook:
    """Whether there is anything to do; registers a new follower."""
    with db.connection() as conn:
        tx = db.tx(conn, SYSTEM)
        outlook = _LOOK.first(tx, name=follower.name)
        if outlook is None:
            start = 0 if follower.starts == "beginning" else newest_position(tx)
            _REGISTER.run(tx, name=follower.name, position=start)
            outlook = _LOOK.one(tx, name=follower.name)
        return outlook


_LOOK = query(
    _Outlook,
    """
    SELECT position,
           (SELECT coalesce(max(position), 0) FROM platform.feed) AS newest,
           EXISTS (SELECT 1
                   FROM platform.parked_event
                   WHERE follower = %(name)s AND retry_at <= now()) AS due
    FROM platform.follower
    WHERE name = %(name)s
    """,
)

_REGISTER = statement("""
    INSERT INTO platform.follower (name, position)
    VALUES (%(name)s, %(position)s)
    ON CONFLICT (name) DO NOTHING
""")

Take = Callable[[Tx, FeedReader], Turn | None]


def _take_turn(db: Database, follower: AnyFollower, take: Take) -> int:
    """Find and carry out one turn. Returns the position it led to, 0 when there was none."""
    if isinstance(follower, Follower):
        return _take_turn_inside(db, follower, take)
    return _take_turn_outside(db, follower, take)


def _take_turn_inside(db: Database, follower: Follower, take: Take) -> int:
    turn: Turn | None = None
    began = time.monotonic()
    try:
        with db.transaction(SYSTEM, request_id=f"follower {follower.name}") as tx:
            if not try_lock(tx, "follower", follower.name):
                return 0
            turn = take(tx, follower)
            if turn is None:
                return 0
            if turn.entries:
                _LIMIT_TIME.one(tx, ms=int(follower.timeout_s * 1000))
                follower.handle(tx, turn.entries)
                write_events(tx)
            turn.finish(tx)
    except Exception as fault:
        # A connection that was ended for taking too long can look like one that was lost.
        in_time = time.monotonic() - began < follower.timeout_s
        if turn is None or isinstance(fault, PositionMoved) or (is_outage(fault) and in_time):
            raise
        raise TurnFailed(turn, fault) from fault
    return turn.upto


# From here to the end of the transaction: also its statements, and what Python does in between.
_LIMIT_TIME = query(
    str,
    """
    SELECT concat(set_config('transaction_timeout', %(ms)s::text, true),
                  set_config('statement_timeout', '0', true),
                  set_config('idle_in_transaction_session_timeout', '0', true))
    """,
)


def _take_turn_outside(db: Database, follower: OutsideFollower, take: Take) -> int:
    with holding(db, "follower", follower.name) as conn:
        if conn is None:
            return 0
        with conn.transaction():
            turn = take(db.tx(conn, SYSTEM), follower)
        if turn is None:
            return 0
        if turn.entries:
            _deliver(db, follower, turn)
        with conn.transaction():
            turn.finish(db.tx(conn, SYSTEM))
        return turn.upto


def _deliver(db: Database, follower: OutsideFollower, turn: Turn) -> None:
    began = time.monotonic()
    try:
        follower.deliver(db, turn.entries)
    except Exception as fault:
        if is_outage(fault):
            raise
        raise TurnFailed(turn, fault) from fault
    finally:
        took_s = time.monotonic() - began
        if took_s > follower.timeout_s:
            log.warning("follower_slow", follower=follower.name, took_s=round(took_s, 1))


def _next_in_feed(tx: Tx, follower: FeedReader, *, limit: int) -> Turn | None:
    """The entries after the position that the follower wants, less those of parked streams."""
    after, newest = _POSITION.one(tx, name=follower.name), newest_position(tx)
    if after >= newest:
        return None
    # Positions have no gaps, and all of them up to the newest one are committed.
    end = min(newest, after + max(limit, SCAN_MAX))
    wanted = read_feed(tx, after, limit, upto=end, kinds=follower.kinds)
    upto = wanted[-1].position if len(wanted) == limit else end
    parked = parking.parked_among(tx, follower.name, [entry.stream_id for entry in wanted])
    behind = [entry for entry in wanted if entry.stream_id in parked]

    def finish(tx: Tx) -> None:
        parking.park_behind(tx, follower.name, behind)
        _move(tx, follower.name, after, upto)

    def fail(tx: Tx, error: str) -> None:
        parking.park(tx, follower.name, wanted[0], error)
        _move(tx, follower.name, after, upto)

    entries = [entry for entry in wanted if entry.stream_id not in parked]
    return Turn(entries, upto, finish, fail)


_POSITION = query(int, "SELECT position FROM platform.follower WHERE name = %(name)s")


def _move(tx: Tx, name: str, after: int, upto: int) -> None:
    if not _MOVE.run(tx, name=name, after=after, upto=upto):
        raise PositionMoved(f"“{name}” is no longer at {after}")


_MOVE = statement("""
    UPDATE platform.follower
    SET position = %(upto)s, updated_at = now()
    WHERE name = %(name)s AND position = %(after)s
""")


def _next_parked(tx: Tx, follower: FeedReader) -> Turn | None:
    """The parked entry that is due, alone."""
    found = parking.due_head(tx, follower.name)
    if found is None:
        return None
    head, entry = found

    def finish(tx: Tx) -> None:
        if not parking.release(tx, follower.name, entry):
            raise PositionMoved(f"entry {entry.position} of “{follower.name}” is parked no more")

    def fail(tx: Tx, error: str) -> None:
        parking.put_off(tx, follower.name, head, error)

    return Turn([entry], entry.position, finish, fail)


def read_followers(tx: Tx) -> list[FollowerState]:
    """How far each follower is, by name."""
    return _STATES.all(tx)


_STATES = query(
    FollowerState,
    """
    SELECT f.name,
           f.position,
           (SELECT coalesce(max(position), 0) FROM platform.feed) - f.position AS behind,
           (SELECT count(*) FROM platform.parked_event WHERE follower = f.name) AS parked
    FROM platform.follower AS f
    ORDER BY f.name
    LIMIT 1000
    """,
)
