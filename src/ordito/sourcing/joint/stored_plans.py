"""Joint plans as they are stored: figures, and groups of orders with what became of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement
from ordito.platform.events import stream_without_rows
from ordito.sourcing.joint.exchanges import OrderShift
from ordito.sourcing.joint.types import JointFigures

PlanState = Literal["preview", "applied"]
GroupState = Literal["waiting", "applied", "refused"]
PlanCause = Literal["asked", "schedule"]


class PlannedShift(msgspec.Struct, frozen=True):
    """What is to become of an order, and what it was planned on.

    number: the order's, for people. version: the order's. fos: versions of its fulfillment orders.
    """

    number: int
    version: int
    fos: Sequence[tuple[int, int]]
    policy_version: int
    shift: OrderShift


class StoredJointPlan(msgspec.Struct, frozen=True):
    """A plan as it was made. Its figures are those of the solve."""

    plan_no: int
    cause: PlanCause
    state: PlanState
    made_at: datetime
    made_by_name: str
    applied_at: datetime | None
    figures: JointFigures


class StoredGroup(msgspec.Struct, frozen=True):
    """Orders that exchange stock. saving: thousandths; gained: units that get stock.

    refusal: a code that says why nothing of it was done.
    """

    plan_no: int
    group_no: int
    state: GroupState
    refusal: str
    saving: int
    gained: int
    orders: int
    body: tuple[PlannedShift, ...]


def next_plan_no(tx: Tx) -> int:
    return _NEXT.one(tx)


_NEXT = query(int, "SELECT nextval('sourcing.joint_plan_no')::int4")


def insert_plan(tx: Tx, plan_no: int, cause: PlanCause, figures: JointFigures) -> None:
    _INSERT.run(
        tx,
        plan_no=plan_no,
        cause=cause,
        made_at=tx.now,
        made_by=tx.actor.id,
        made_by_name=tx.actor.name,
        figures=msgspec.json.encode(figures).decode(),
    )


_INSERT = statement("""
    INSERT INTO sourcing.joint_plan
        (plan_no, cause, state, made_at, made_by, made_by_name, figures)
    VALUES (%(plan_no)s, %(cause)s, 'preview', %(made_at)s, %(made_by)s, %(made_by_name)s,
            %(figures)s::jsonb)
""")


def insert_groups(tx: Tx, plan_no: int, groups: Sequence[tuple[PlannedShift, ...]]) -> None:
    _INSERT_GROUPS.run(
        tx,
        [
            (
                plan_no,
                group_no,
                sum(one.shift.saving for one in group),
                sum(one.shift.gained for one in group),
                len(group),
                msgspec.Raw(msgspec.json.encode(group)),
            )
            for group_no, group in enumerate(groups, start=1)
        ],
    )


_INSERT_GROUPS = bulk("""
    INSERT INTO sourcing.joint_group (plan_no, group_no, state, saving, gained, orders, body)
    SELECT d.plan_no, d.group_no, 'waiting', d.saving, d.gained, d.orders, d.body
    FROM unnest(%s::int4[], %s::int4[], %s::int8[], %s::int8[], %s::int4[], %s::jsonb[])
        AS d (plan_no, group_no, saving, gained, orders, body)
""")


def list_plans(tx: Tx, *, before: int | None, limit: int) -> list[StoredJointPlan]:
    """Plans, newest first, those with a smaller number than `before`."""
    return _LIST.all(tx, before=before, limit=limit)


_LIST = query(
    StoredJointPlan,
    """
    SELECT plan_no, cause, state, made_at, made_by_name, applied_at, figures
    FROM sourcing.joint_plan
    WHERE plan_no < coalesce(%(before)s::int4, 2147483647)
    ORDER BY plan_no DESC
    LIMIT %(limit)s
    """,
)


def read_plan(tx: Tx, plan_no: int) -> StoredJointPlan | None:
    return _READ.first(tx, plan_no=plan_no)


_READ = query(
    StoredJointPlan,
    """
    SELECT plan_no, cause, state, made_at, made_by_name, applied_at, figures
    FROM sourcing.joint_plan
    WHERE plan_no = %(plan_no)s
    """,
)


def lock_plan(tx: Tx, plan_no: int) -> StoredJointPlan | None:
    return _LOCK.first(tx, plan_no=plan_no)


_LOCK = query(
    StoredJointPlan,
    """
    SELECT plan_no, cause, state, made_at, made_by_name, applied_at, figures
    FROM sourcing.joint_plan
    WHERE plan_no = %(plan_no)s
    FOR NO KEY UPDATE
    """,
)


def read_groups(tx: Tx, plan_no: int) -> list[StoredGroup]:
    """The groups of a plan, most valuable first; at most 1,000 orders were planned."""
    return _GROUPS.all(tx, plan_no=plan_no)


_GROUPS = query(
    StoredGroup,
    """
    SELECT plan_no, group_no, state, refusal, saving, gained, orders, body
    FROM sourcing.joint_group
    WHERE plan_no = %(plan_no)s
    ORDER BY group_no
    LIMIT 5000
    """,
)


def lock_group(tx: Tx, plan_no: int, group_no: int) -> StoredGroup | None:
    """Taken before the orders' locks, by nobody who holds any."""
    return _LOCK_GROUP.first(tx, plan_no=plan_no, group_no=group_no)


_LOCK_GROUP = query(
    StoredGroup,
    """
    SELECT plan_no, group_no, state, refusal, saving, gained, orders, body
    FROM sourcing.joint_group
    WHERE plan_no = %(plan_no)s AND group_no = %(group_no)s
    FOR NO KEY UPDATE
    """,
)


def write_group_state(
    tx: Tx, plan_no: int, group_no: int, state: GroupState, refusal: str = ""
) -> None:
    _WRITE_GROUP.run(tx, plan_no=plan_no, group_no=group_no, state=state, refusal=refusal)


_WRITE_GROUP = statement("""
    UPDATE sourcing.joint_group
    SET state = %(state)s, refusal = %(refusal)s
    WHERE plan_no = %(plan_no)s AND group_no = %(group_no)s AND state = 'waiting'
""")


def note_applied(tx: Tx, plan_no: int) -> None:
    """From now on the plan can't be applied again."""
    _APPLIED.run(tx, plan_no=plan_no, applied_at=tx.now)


_APPLIED = statement("""
    UPDATE sourcing.joint_plan
    SET state = 'applied', applied_at = %(applied_at)s
    WHERE plan_no = %(plan_no)s AND state = 'preview'
""")


class JointSchedule(msgspec.Struct, frozen=True):
    """How often the worker plans by itself, and when it did last. None is never."""

    every_minutes: int | None
    ran_at: datetime | None


def read_schedule(tx: Tx) -> JointSchedule:
    return _SCHEDULE.first(tx) or JointSchedule(None, None)


_SCHEDULE = query(
    JointSchedule, "SELECT every_minutes, ran_at FROM sourcing.joint_schedule LIMIT 1"
)


def write_schedule(tx: Tx, every_minutes: int | None) -> None:
    _WRITE_SCHEDULE.run(tx, every_minutes=every_minutes, changed_at=tx.now)


_WRITE_SCHEDULE = statement("""
    INSERT INTO sourcing.joint_schedule AS s (every_minutes, changed_at)
    VALUES (%(every_minutes)s, %(changed_at)s)
    ON CONFLICT (only_one) DO UPDATE
    SET every_minutes = excluded.every_minutes, changed_at = excluded.changed_at
""")


SCHEDULE_ID = UUID("7265706c-616e-8073-8000-000000000001")
JOINT_SCHEDULE = stream_without_rows("joint_schedule")
"""The timeline of the schedule; its row, once written, is the lock."""


def note_run(tx: Tx) -> None:
    _NOTE_RUN.run(tx, ran_at=tx.now)


_NOTE_RUN = statement("UPDATE sourcing.joint_schedule SET ran_at = %(ran_at)s")
