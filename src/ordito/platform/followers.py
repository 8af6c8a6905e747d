"""Followers: what happens later. Each reads the feed at its own pace and keeps its own position.

An entry that a follower can't handle parks its stream for that follower (see parking); all other
streams go on. While the database is away nothing is parked: the follower waits.
"""

import time
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
import structlog

from ordito.platform import follower_positions, metrics
from ordito.platform.access import SYSTEM
from ordito.platform.advisory_locks import holding, try_lock
from ordito.platform.database import Database, Tx, query
from ordito.platform.events import write_events
from ordito.platform.feed import FeedEntry
from ordito.platform.follower_positions import PositionMoved, Turn, next_in_feed, next_parked
from ordito.platform.retries import is_outage, tell

log = structlog.get_logger(__name__)

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
        assert self.timeout_s > 0, "a follower needs time"


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


class TurnFailed(Exception):
    """A follower could not handle the entries of a turn; nothing of it was written."""

    def __init__(self, turn: Turn, fault: BaseException) -> None:
        super().__init__(tell(fault))
        self.turn = turn
        self.fault = fault


def follow(db: Database, follower: AnyFollower) -> int:
    """One round: due parked entries, then one batch of the feed, or each of it when it fails.

    Returns how many parked entries were tried and feed positions passed; 0 when there is nothing
    to do or another process is at it. Raises only what no entry is to blame for, such as
    DatabaseUnavailable.
    """
    with db.connection() as conn:
        tx = db.tx(conn, SYSTEM)
        outlook = follower_positions.look(tx, follower.name, starts=follower.starts)
    metrics.follower_lag.labels(follower.name).set(max(0, outlook.newest - outlook.position))
    tried = _retry_parked(db, follower) if outlook.due else 0
    if outlook.position >= outlook.newest:
        return tried
    upto = _pass_batch(db, follower)
    return tried + max(upto - outlook.position, 0)


def _pass_batch(db: Database, follower: AnyFollower) -> int:
    """Hand the next entries over. Returns the position reached, 0 when none was passed."""

    def take(tx: Tx) -> Turn | None:
        return next_in_feed(tx, follower.name, kinds=follower.kinds, limit=follower.batch)

    try:
        return _carry_out(db, follower, take)
    except TurnFailed as failed:
        log.error("batch_failed", follower=follower.name, exc_info=failed.fault)
        if len(failed.turn.entries) == 1:
            return _settle(db, follower, failed)
        return _pass_one_by_one(db, follower, failed.turn.upto)


def _pass_one_by_one(db: Database, follower: AnyFollower, last: int) -> int:
    """Pass the entries of a failed batch each on its own, parking those that fail again."""

    def take(tx: Tx) -> Turn | None:
        return next_in_feed(tx, follower.name, kinds=follower.kinds, limit=1)

    reached = 0
    while reached < last:
        try:
            upto = _carry_out(db, follower, take)
        except TurnFailed as failed:
            upto = _settle(db, follower, failed)
        if not upto:
            break
        reached = upto
    return reached


def _retry_parked(db: Database, follower: AnyFollower) -> int:
    """Try due parked entries again, for about `timeout_s` in all; returns how many."""

    def take(tx: Tx) -> Turn | None:
        return next_parked(tx, follower.name)

    tried, began = 0, time.monotonic()
    while tried < RETRIES_MAX and time.monotonic() - began < follower.timeout_s:
        try:
            if not _carry_out(db, follower, take):
                break
        except TurnFailed as failed:
            _settle(db, follower, failed)
        tried += 1
    return tried


def _settle(db: Database, follower: AnyFollower, failed: TurnFailed) -> int:
    """Park the one entry of a failed turn, or put its next retry off; returns its `upto`."""
    (entry,) = failed.turn.entries
    log.error(
        "entry_parked",
        follower=follower.name,
        position=entry.position,
        kind=entry.kind,
        error=str(failed),
    )
    with db.transaction(SYSTEM) as tx:
        failed.turn.fail(tx, str(failed))
    return failed.turn.upto


def _carry_out(db: Database, follower: AnyFollower, take: Callable[[Tx], Turn | None]) -> int:
    """Find one turn and do it. Returns the position it led to, 0 when there was none to do."""
    if isinstance(follower, Follower):
        return _carry_out_inside(db, follower, take)
    return _carry_out_outside(db, follower, take)


def _carry_out_inside(db: Database, follower: Follower, take: Callable[[Tx], Turn | None]) -> int:
    turn: Turn | None = None
    began = time.monotonic()
    try:
        with db.transaction(SYSTEM, request_id=f"follower {follower.name}") as tx:
            if not try_lock(tx, "follower", follower.name):
                return 0
            turn = take(tx)
            if turn is None:
                return 0
            if turn.entries:
                _LIMIT_TIME.one(tx, ms=max(1, round(follower.timeout_s * 1000)))
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


# From here to the end of the transaction, what Python does between the statements included.
_LIMIT_TIME = query(
    str,
    """
    SELECT concat(set_config('transaction_timeout', %(ms)s::text, true),
                  set_config('statement_timeout', '0', true),
                  set_config('idle_in_transaction_session_timeout', '0', true))
    """,
)


def _carry_out_outside(
    db: Database, follower: OutsideFollower, take: Callable[[Tx], Turn | None]
) -> int:
    with holding(db, "follower", follower.name) as conn:
        if conn is None:
            return 0
        with conn.transaction():
            turn = take(db.tx(conn, SYSTEM))
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
