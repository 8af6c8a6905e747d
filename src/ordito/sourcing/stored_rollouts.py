"""Roll-outs as they are stored: which policy is tried on which share, and the orders drawn."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask, Code, Version
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import RaisedVersion, Stream

RolloutState = Literal["running", "rolled_back", "stopped", "adopted"]
Percent = Annotated[int, Meta(ge=1, le=100)]


class Rollout(msgspec.Struct, frozen=True):
    """A candidate policy on a share of a channel's new orders.

    policy:  in force when it began. candidate: what is tried.
    percent: of new orders; 0 once it is over, but for an adopted one.
    state:   running; rolled_back: by somebody; stopped: by the guard, and nobody has dealt with
             it yet; adopted: the candidate is the channel's policy.
    """

    id: UUID
    channel_id: UUID
    policy_id: UUID
    policy_version: int
    candidate_id: UUID
    candidate_version: int
    percent: int
    state: RolloutState
    started_at: datetime
    ended_at: datetime | None
    version: int


class StartRollout(Ask, frozen=True, kw_only=True):
    """Source a share of a channel's new orders by another policy.

    policy: what is tried. policy_version: one that was kept; without it the one in force.
    """

    channel: Code
    policy: Code
    policy_version: Version | None = None
    percent: Percent


class SetRolloutShare(Ask, frozen=True, kw_only=True):
    """Another share of new orders. Orders placed before stay with what sourced them."""

    rollout_id: UUID
    version: Version | None = None
    percent: Percent


class EndRollout(Ask, frozen=True, kw_only=True):
    """Which roll-out; version: the one that was read."""

    rollout_id: UUID
    version: Version | None = None


class StopRollout(Ask, frozen=True, kw_only=True):
    """The guard looks at one roll-out."""

    rollout_id: UUID


_COLUMNS = """id, channel_id, policy_id, policy_version, candidate_id, candidate_version, percent,
           state, started_at, ended_at, version"""


def read_running(tx: Tx) -> list[Rollout]:
    """All that run now: one for a channel at most."""
    return _RUNNING.all(tx)


_RUNNING = query(
    Rollout,
    f"""
    SELECT {_COLUMNS}
    FROM sourcing.rollout
    WHERE state = 'running'
    ORDER BY id
    LIMIT 10000
    """,  # noqa: S608 (a constant of this module)
)


def read_rollout(tx: Tx, rollout_id: UUID) -> Rollout | None:
    return _READ.first(tx, id=rollout_id)


_READ = query(
    Rollout,
    f"""
    SELECT {_COLUMNS}
    FROM sourcing.rollout
    WHERE id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def lock_rollout(tx: Tx, rollout_id: UUID) -> Rollout | None:
    return _LOCK.first(tx, id=rollout_id)


_LOCK = query(
    Rollout,
    f"""
    SELECT {_COLUMNS}
    FROM sourcing.rollout
    WHERE id = %(id)s
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def lock_stopped(tx: Tx, channel_id: UUID) -> list[Rollout]:
    """Those of a channel that the guard stopped and nobody has dealt with."""
    return _LOCK_STOPPED.all(tx, channel_id=channel_id)


_LOCK_STOPPED = query(
    Rollout,
    f"""
    SELECT {_COLUMNS}
    FROM sourcing.rollout
    WHERE channel_id = %(channel_id)s AND state = 'stopped'
    ORDER BY id
    LIMIT 1000
    FOR NO KEY UPDATE
    """,  # noqa: S608 (a constant of this module)
)


def list_rollouts(
    tx: Tx,
    *,
    channel_ids: Iterable[UUID] | None,
    policy_id: UUID | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Rollout]:
    """Roll-outs, newest first. channel_ids: only of these; policy_id: only those it is part of."""
    return _LIST.all(
        tx,
        channel_ids=None if channel_ids is None else uuids(channel_ids),
        policy_id=policy_id,
        before=before,
        limit=limit,
    )


_LIST = query(
    Rollout,
    f"""
    SELECT {_COLUMNS}
    FROM sourcing.rollout
    WHERE (%(channel_ids)s::uuid[] IS NULL OR channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(policy_id)s::uuid IS NULL OR policy_id = %(policy_id)s::uuid
           OR candidate_id = %(policy_id)s::uuid)
      AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
    ORDER BY id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def insert_rollout(tx: Tx, rollout: Rollout) -> bool:
    """Write a new one, whose first event makes it version 1; False when the channel has one."""
    values = {name: getattr(rollout, name) for name in rollout.__struct_fields__}
    return _INSERT.run(tx, **values) == 1


_INSERT = statement("""
    INSERT INTO sourcing.rollout
        (id, channel_id, policy_id, policy_version, candidate_id, candidate_version, percent,
         state, started_at, ended_at, version)
    VALUES (%(id)s, %(channel_id)s, %(policy_id)s, %(policy_version)s, %(candidate_id)s,
            %(candidate_version)s, %(percent)s, %(state)s, %(started_at)s, %(ended_at)s, 0)
    ON CONFLICT (channel_id) WHERE state = 'running' DO NOTHING
""")


def write_rollout(tx: Tx, rollout: Rollout) -> None:
    """Write share, state and end of a locked one."""
    _WRITE.run(
        tx,
        id=rollout.id,
        percent=rollout.percent,
        state=rollout.state,
        ended_at=rollout.ended_at,
    )


_WRITE = statement("""
    UPDATE sourcing.rollout
    SET percent = %(percent)s, state = %(state)s, ended_at = %(ended_at)s
    WHERE id = %(id)s
""")

RolloutOrderRow = tuple[Any, ...]
"""order id, roll-out id, candidate, at, cost, parcels, km, missing, days, late"""


def send_orders(tx: Tx, rows: Sequence[RolloutOrderRow]) -> None:
    """Keep by which way orders were sourced; without any, no statement."""
    _INSERT_ORDERS.send(tx, rows)


_INSERT_ORDERS = bulk("""
    INSERT INTO sourcing.rollout_order
        (order_id, rollout_id, candidate, at, cost, parcels, km, missing, days, late)
    SELECT n.order_id, n.rollout_id, n.candidate, n.at, n.cost, n.parcels, n.km, n.missing,
           n.days, n.late
    FROM unnest(%s::uuid[], %s::uuid[], %s::bool[], %s::timestamptz[], %s::int8[], %s::int4[],
                %s::int4[], %s::int8[], %s::int4[], %s::int4[])
        AS n (order_id, rollout_id, candidate, at, cost, parcels, km, missing, days, late)
""")

RefusalRow = tuple[UUID, UUID, str, bool, datetime]
"""roll-out id, channel id, drawn by, candidate, at"""


def insert_refusals(tx: Tx, rows: Sequence[RefusalRow]) -> None:
    """Count orders that were refused; one that is asked for again is counted once."""
    _INSERT_REFUSALS.run(tx, sorted(rows, key=lambda row: (str(row[0]), row[2])))


_INSERT_REFUSALS = bulk("""
    INSERT INTO sourcing.rollout_refusal (rollout_id, channel_id, drawn_by, candidate, at)
    SELECT n.rollout_id, n.channel_id, n.drawn_by, n.candidate, n.at
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bool[], %s::timestamptz[])
        AS n (rollout_id, channel_id, drawn_by, candidate, at)
    ON CONFLICT DO NOTHING
""")


def read_drawn(tx: Tx, order_ids: Iterable[UUID], rollout_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Of the orders, those that were sourced by the candidate of one of the roll-outs."""
    return frozenset(_DRAWN.all(tx, ids=uuids(order_ids), rollout_ids=uuids(rollout_ids)))


_DRAWN = query(
    UUID,
    """
    SELECT order_id
    FROM sourcing.rollout_order
    WHERE order_id = ANY(%(ids)s::uuid[]) AND rollout_id = ANY(%(rollout_ids)s::uuid[])
      AND candidate
    """,
)

ROLLOUT = Stream(
    "rollout",
    bulk_query(
        RaisedVersion,
        """
        UPDATE sourcing.rollout AS r
        SET version = r.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE r.id = d.id
        RETURNING r.id, r.version
        """,
    ),
)
"""The timeline of a roll-out."""
