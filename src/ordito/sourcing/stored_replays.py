"""Replays as they are stored: what was asked, how far it is, and what came of it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask, Code
from ordito.platform.database import Tx, query, statement
from ordito.sourcing.comparisons import Compared
from ordito.sourcing.policies import Policy

State = Literal["waiting", "running", "done", "failed"]


class PlaceChange(Ask, frozen=True, kw_only=True):
    """A location that is tried differently; what is not given stays as it is."""

    location: Code
    capacity_daily: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    active: bool | None = None


class TariffChange(Ask, frozen=True, kw_only=True):
    """A carrier tariff whose prices are tried at so many percent of what they are."""

    tariff: Code
    percent: Annotated[int, Meta(ge=1, le=1000)]


class StartReplay(Ask, frozen=True, kw_only=True):
    """Which orders to source again, and how.

    policy:      whose orders: those that it sourced when they were placed.
    since, until: days (UTC) on which they were placed, both included.
    try_policy:  code of the policy to try, by default the same; try_version: of that one, by
                 default the one in force. draft: a policy that is not saved, instead.
    places, tariffs: what else is tried differently.
    """

    policy: Code
    since: date
    until: date
    try_policy: Code | None = None
    try_version: Annotated[int, Meta(ge=1, le=2_147_483_647)] | None = None
    draft: Policy | None = None
    places: Annotated[tuple[PlaceChange, ...], Meta(max_length=50)] = ()
    tariffs: Annotated[tuple[TariffChange, ...], Meta(max_length=50)] = ()


class Tried(msgspec.Struct, frozen=True):
    """What was asked, with the policy that was tried as it was then. policy: the code and name of
    the one whose orders they are. label: what was tried: a code and version, "" for a draft."""

    ask: StartReplay
    code: str
    name: str
    version: int
    tried_code: str
    tried_version: int
    body: Policy


class LocationLoad(msgspec.Struct, frozen=True):
    """Parcels of one location."""

    location: str
    before: int
    after: int


class DayFigures(msgspec.Struct, frozen=True):
    """One day's orders; costs in thousandths."""

    day: date
    orders: int
    cost_before: int
    cost_after: int
    parcels_before: int
    parcels_after: int


class ChangedOrder(msgspec.Struct, frozen=True):
    """An order that would have been served otherwise: units by location code."""

    number: int
    before: dict[str, int]
    after: dict[str, int]
    cost_difference: int


class ReplayResult(msgspec.Struct, frozen=True):
    """What came of it.

    reproduced: orders for which sourcing anew, by the policy version of then, gave exactly what
                was decided then. changed: orders that would have been served otherwise.
    examples:   of those, the ones with the largest differences of cost.
    """

    orders: int
    reproduced: int
    changed: int
    figures: list[Compared]
    locations: list[LocationLoad]
    days: list[DayFigures]
    examples: list[ChangedOrder]
    seconds: float


class Replay(msgspec.Struct, frozen=True):
    """A replay. done of total orders are sourced again."""

    replay_no: int
    state: State
    policy_id: UUID
    asked_at: datetime
    asked_by_name: str
    ask: Tried
    done: int
    total: int
    finished_at: datetime | None
    failure: str
    result: ReplayResult | None


def insert_replay(tx: Tx, policy_id: UUID, tried: Tried) -> int:
    """Keep what was asked; returns its number."""
    return _INSERT.one(
        tx,
        policy_id=policy_id,
        asked_at=tx.now,
        asked_by=tx.actor.id,
        asked_by_name=tx.actor.name,
        ask=msgspec.json.encode(tried).decode(),
    )


_INSERT = query(
    int,
    """
    INSERT INTO sourcing.replay
        (replay_no, state, policy_id, asked_at, asked_by, asked_by_name, ask)
    VALUES (nextval('sourcing.replay_no')::int4, 'waiting', %(policy_id)s, %(asked_at)s,
            %(asked_by)s, %(asked_by_name)s, %(ask)s::jsonb)
    RETURNING replay_no
    """,
)


def list_replays(tx: Tx, *, before: int | None, limit: int) -> list[Replay]:
    """Replays, newest first, those with a smaller number than `before`."""
    return _LIST.all(tx, before=before, limit=limit)


_LIST = query(
    Replay,
    """
    SELECT replay_no, state, policy_id, asked_at, asked_by_name, ask, done, total, finished_at,
           failure, result
    FROM sourcing.replay
    WHERE replay_no < coalesce(%(before)s::int4, 2147483647)
    ORDER BY replay_no DESC
    LIMIT %(limit)s
    """,
)


def read_replay(tx: Tx, replay_no: int) -> Replay | None:
    return _READ.first(tx, replay_no=replay_no)


_READ = query(
    Replay,
    """
    SELECT replay_no, state, policy_id, asked_at, asked_by_name, ask, done, total, finished_at,
           failure, result
    FROM sourcing.replay
    WHERE replay_no = %(replay_no)s
    """,
)


def find_open_replay(tx: Tx) -> Replay | None:
    """The oldest that isn't finished; one that was cut off is begun again."""
    return _OPEN.first(tx)


_OPEN = query(
    Replay,
    """
    SELECT replay_no, state, policy_id, asked_at, asked_by_name, ask, done, total, finished_at,
           failure, result
    FROM sourcing.replay
    WHERE state IN ('waiting', 'running')
    ORDER BY replay_no
    LIMIT 1
    """,
)


def note_progress(tx: Tx, replay_no: int, done: int, total: int) -> None:
    _PROGRESS.run(tx, replay_no=replay_no, done=done, total=total, at=tx.now)


_PROGRESS = statement("""
    UPDATE sourcing.replay
    SET state = 'running', done = %(done)s, total = %(total)s, beat_at = %(at)s
    WHERE replay_no = %(replay_no)s AND state IN ('waiting', 'running')
""")


def finish_replay(tx: Tx, replay_no: int, result: ReplayResult) -> None:
    body = msgspec.json.encode(result).decode()
    _FINISH.run(tx, replay_no=replay_no, at=tx.now, orders=result.orders, result=body)


_FINISH = statement("""
    UPDATE sourcing.replay
    SET state = 'done', done = %(orders)s, total = %(orders)s, finished_at = %(at)s,
        result = %(result)s::jsonb
    WHERE replay_no = %(replay_no)s AND state IN ('waiting', 'running')
""")


def fail_replay(tx: Tx, replay_no: int, failure: str) -> None:
    _FAIL.run(tx, replay_no=replay_no, at=tx.now, failure=failure)


_FAIL = statement("""
    UPDATE sourcing.replay
    SET state = 'failed', finished_at = %(at)s, failure = %(failure)s
    WHERE replay_no = %(replay_no)s AND state IN ('waiting', 'running')
""")
