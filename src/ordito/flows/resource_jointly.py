"""Plan open orders anew, all together, and carry out what of it still holds.

Read in one moment → solved outside any transaction → kept as a preview → carried out group by
group, each in one transaction that refuses when anything it was planned on has changed.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.flows.apply_joint_group import ApplyJointGroup, apply_joint_group
from ordito.flows.joint_snapshots import ReadSnapshot, movable_fos, read_snapshot
from ordito.flows.reference import Reference, reference
from ordito.kernel.asks import Ask
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run, spec_of
from ordito.platform.problems import NotFound, NotPermitted
from ordito.sourcing.events import JointScheduleChanged
from ordito.sourcing.joint.exchanges import Exchange, Group, Shift
from ordito.sourcing.joint.plans import plan_jointly
from ordito.sourcing.joint.stored_plans import (
    JOINT_SCHEDULE,
    SCHEDULE_ID,
    GroupState,
    JointSchedule,
    PlanCause,
    PlannedShift,
    StoredGroup,
    StoredJointPlan,
    insert_groups,
    insert_plan,
    lock_plan,
    next_plan_no,
    note_applied,
    note_run,
    read_groups,
    read_plan,
    read_schedule,
    write_schedule,
)
from ordito.sourcing.joint.types import JointFigures, Solver

ORDERS_MAX = 1000
SCHEDULED_SECONDS = 20.0


class PlanJointly(Ask, frozen=True, kw_only=True):
    """What to plan: the open orders with the oldest promises. seconds: for the solver, at most."""

    orders_max: Annotated[int, Meta(ge=1, le=ORDERS_MAX)] = ORDERS_MAX
    seconds: Annotated[float, Meta(ge=0.5, le=60)] = 10.0


class ApplyJointPlan(Ask, frozen=True, kw_only=True):
    """Carry out what a plan shows."""

    plan_no: Annotated[int, Meta(ge=1, le=2_147_483_647)]


class SetJointSchedule(Ask, frozen=True, kw_only=True):
    """How often the worker plans open orders anew and carries it out; null is never."""

    every_minutes: Annotated[int, Meta(ge=5, le=1440)] | None


class MovedOrder(msgspec.Struct, frozen=True):
    """One order's part of a plan: units by location code.

    saving:  thousandths of the policy's money. gained: units that had no stock before.
    refusal: why its group was not carried out: `changed`, `policy`, `rules`, `capacity`,
    `days`, `stock`.
    """

    number: int
    group_no: int
    state: GroupState
    refusal: str
    gives: dict[str, int]
    takes: dict[str, int]
    saving: int
    gained: int


class JointPlanReport(msgspec.Struct, frozen=True):
    """A plan, what it would do, and what of it was done.

    planned_saving, applied_saving: of the groups, in thousandths of the policy's money. Units that
    get stock cost parcels, so either may be negative.
    """

    plan: StoredJointPlan
    planned_saving: int
    applied_saving: int
    planned_units: int
    applied_units: int
    orders: list[MovedOrder]


def require_whole_view(actor: Actor) -> None:
    """Raises NotPermitted: stock is exchanged between any channels and locations."""
    if actor.channel_ids is not None or actor.location_ids is not None:
        raise NotPermitted(
            "Planning together moves stock between all channels and locations, and you see some"
            " of them only. Ask someone who sees all."
        )


def plan_open_orders(
    db: Database,
    actor: Actor,
    solve: Solver,
    ask: PlanJointly,
    *,
    key: str | None = None,
    request_id: str = "",
    cause: PlanCause = "asked",
) -> JointPlanReport:
    """Plan open orders together and keep the plan as a preview; nothing is moved."""
    actor.require("orders.write")
    require_whole_view(actor)
    with db.reading(actor) as tx:
        read = read_snapshot(tx, orders_max=ask.orders_max)
    plan = plan_jointly(read.snapshot, solve, seconds=ask.seconds, clock=time.monotonic)
    groups = [_as_planned(group, read) for group in Exchange(read.snapshot, plan).groups()]

    # The plan itself is no part of what was asked: sent again, the answer is the first one.
    def record(tx: Tx, asked: PlanJointly) -> JointPlanReport:
        return record_joint_plan(tx, asked, figures=plan.figures, groups=groups, cause=cause)

    record.__dict__["__command__"] = spec_of(record_joint_plan)
    return run(db, actor, record, ask, key=key, request_id=request_id)


def _as_planned(group: Group, read: ReadSnapshot) -> tuple[PlannedShift, ...]:
    found = []
    for shift in group:
        opened = read.opened[UUID(shift.order_id)]
        found.append(
            PlannedShift(
                number=opened.order.number,
                version=opened.order.version,
                fos=[(fo.fo_no, fo.version) for fo in movable_fos(opened)],
                policy_version=read.policy_versions[opened.order.id],
                shift=shift,
            )
        )
    return tuple(found)


@command(permission="orders.write")
def record_joint_plan(
    tx: Tx,
    ask: PlanJointly,
    *,
    figures: JointFigures,
    groups: Sequence[tuple[PlannedShift, ...]],
    cause: PlanCause,
) -> JointPlanReport:
    """Keep a plan that was made, to be looked at and carried out."""
    plan_no = next_plan_no(tx)
    insert_plan(tx, plan_no, cause, figures)
    insert_groups(tx, plan_no, groups)
    return report_plan(tx, plan_no)


def apply_plan(
    db: Database,
    actor: Actor,
    ask: ApplyJointPlan,
    *,
    key: str | None = None,
    request_id: str = "",
) -> JointPlanReport:
    """Carry out a plan group by group; a group of which anything has changed is refused alone.

    What was carried out already isn't touched again, so that it may be called until it is done.
    """
    actor.require("orders.write")
    with db.reading(actor) as tx:
        waiting = [one.group_no for one in _require(tx, ask.plan_no) if one.state == "waiting"]
    for group_no in waiting:
        step = ApplyJointGroup(ask.plan_no, group_no)
        run(db, actor, apply_joint_group, step, request_id=request_id)
    return run(db, actor, finish_joint_plan, ask, key=key, request_id=request_id)


def _require(tx: Tx, plan_no: int) -> list[StoredGroup]:
    sees_all = tx.actor.channel_ids is None and tx.actor.location_ids is None
    if not sees_all or read_plan(tx, plan_no) is None:
        raise NotFound(f"There is no joint plan {plan_no}, or it is none you see.")
    return read_groups(tx, plan_no)


@command(permission="orders.write")
def finish_joint_plan(tx: Tx, ask: ApplyJointPlan) -> JointPlanReport:
    """Note that a plan was carried out, as far as it could be."""
    if lock_plan(tx, ask.plan_no) is None:
        raise NotFound(f"There is no joint plan {ask.plan_no}.")
    note_applied(tx, ask.plan_no)
    return report_plan(tx, ask.plan_no)


def report_plan(tx: Tx, plan_no: int) -> JointPlanReport:
    """A plan with its orders, most valuable groups first; raises NotFound."""
    groups = _require(tx, plan_no)
    plan = read_plan(tx, plan_no)
    assert plan is not None, "just found"
    known = reference(tx)
    done = [group for group in groups if group.state == "applied"]
    return JointPlanReport(
        plan=plan,
        planned_saving=sum(group.saving for group in groups),
        applied_saving=sum(group.saving for group in done),
        planned_units=sum(group.gained for group in groups),
        applied_units=sum(group.gained for group in done),
        orders=[_moved(group, planned, known) for group in groups for planned in group.body],
    )


def _moved(group: StoredGroup, planned: PlannedShift, known: Reference) -> MovedOrder:
    return MovedOrder(
        number=planned.number,
        group_no=group.group_no,
        state=group.state,
        refusal=group.refusal,
        gives=_by_code(planned.shift.gives, known),
        takes=_by_code(planned.shift.takes, known),
        saving=planned.shift.saving,
        gained=planned.shift.gained,
    )


def _by_code(shifts: Sequence[Shift], known: Reference) -> dict[str, int]:
    units: Counter[str] = Counter()
    for _, place, qty in shifts:
        units[known.locations_by_no[place].code] += qty
    return dict(units)


@command(permission="settings.write")
def set_joint_schedule(tx: Tx, ask: SetJointSchedule) -> JointSchedule:
    """Say how often the worker plans open orders anew by itself."""
    require_whole_view(tx.actor)
    before = read_schedule(tx).every_minutes
    write_schedule(tx, ask.every_minutes)
    if before != ask.every_minutes:
        tx.emit(JOINT_SCHEDULE, SCHEDULE_ID, JointScheduleChanged(before, ask.every_minutes))
    return read_schedule(tx)


def replan_when_due(solve: Solver, db: Database) -> int:
    """Plan and carry out, if the merchant wants it and it is time; returns the orders moved."""
    with db.reading(SYSTEM) as tx:
        schedule, now = read_schedule(tx), tx.now
    if schedule.every_minutes is None:
        return 0
    pause = timedelta(minutes=schedule.every_minutes)
    if schedule.ran_at is not None and now < schedule.ran_at + pause:
        return 0
    with db.transaction(SYSTEM) as tx:
        note_run(tx)
    ask = PlanJointly(seconds=SCHEDULED_SECONDS)
    made = plan_open_orders(db, SYSTEM, solve, ask, cause="schedule")
    done = apply_plan(db, SYSTEM, ApplyJointPlan(plan_no=made.plan.plan_no))
    return sum(one.state == "applied" for one in done.orders)
