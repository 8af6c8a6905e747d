"""Planning open orders together over HTTP, policies tried on orders of the past, what ifs."""

from typing import Annotated

from msgspec import Meta

from ordito.adapters import highs
from ordito.api.endpoints import Endpoint, reading, writing
from ordito.api.paging import Page, PageParams, page, read_cursor
from ordito.flows.replay_policy import (
    require_replay,
    restore_policy,
    start_replay,
    switch_policy,
)
from ordito.flows.resource_jointly import (
    ApplyJointPlan,
    JointPlanReport,
    PlanJointly,
    apply_plan,
    plan_open_orders,
    report_plan,
    require_whole_view,
    set_joint_schedule,
)
from ordito.flows.tell_whatifs import OrderWhatIfs, tell_whatifs
from ordito.kernel.asks import Ask
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.sourcing.joint.stored_plans import (
    JointSchedule,
    StoredJointPlan,
    list_plans,
    read_schedule,
)
from ordito.sourcing.stored_replays import Replay, list_replays

TAG = "Sourcing"
_READ, _WRITE = "orders.read", "orders.write"


class ByPlan(Ask, frozen=True, kw_only=True):
    plan_no: Annotated[int, Meta(ge=1, le=2_147_483_647)]


class NoParams(Ask, frozen=True):
    """No parameters."""


def list_joint_plans(tx: Tx, params: PageParams) -> Page[StoredJointPlan]:
    """Plans that were made, newest first, with the figures of their solve."""
    require_whole_view(tx.actor)
    before = read_cursor(params.cursor, tuple[int])
    rows = list_plans(tx, before=before[0] if before else None, limit=params.limit + 1)
    return page(rows, params, lambda row: (row.plan_no,))


def get_joint_plan(tx: Tx, params: ByPlan) -> JointPlanReport:
    """One plan: what it would move, and what of that was done or refused."""
    return report_plan(tx, params.plan_no)


def make_joint_plan(
    db: Database, actor: Actor, ask: PlanJointly, *, key: str | None, request_id: str
) -> JointPlanReport:
    """Plan all open orders that nobody works on yet together; nothing is moved.

    Never dearer than leaving everything where it is. `gap` is proved: no plan that serves as much
    from the places that were compared costs less by more than this part.
    """
    return plan_open_orders(db, actor, highs.solve, ask, key=key, request_id=request_id)


def apply_joint_plan(
    db: Database, actor: Actor, ask: ApplyJointPlan, *, key: str | None, request_id: str
) -> JointPlanReport:
    """Carry out a plan. Orders that exchange stock are moved together, or refused together.

    A group is refused when one of its orders, its policy or the stock has changed since.
    """
    return apply_plan(db, actor, ask, key=key, request_id=request_id)


def get_joint_schedule(tx: Tx, params: NoParams) -> JointSchedule:
    """How often the worker plans by itself."""
    return read_schedule(tx)


class ByReplay(Ask, frozen=True, kw_only=True):
    replay_no: Annotated[int, Meta(ge=1, le=2_147_483_647)]


class ByNumber(Ask, frozen=True, kw_only=True):
    number: Annotated[int, Meta(ge=1, le=999_999_999_999)]


def list_policy_replays(tx: Tx, params: PageParams) -> Page[Replay]:
    """Policies that were tried on orders of the past, newest first."""
    require_whole_view(tx.actor)
    before = read_cursor(params.cursor, tuple[int])
    rows = list_replays(tx, before=before[0] if before else None, limit=params.limit + 1)
    return page(rows, params, lambda row: (row.replay_no,))


def get_policy_replay(tx: Tx, params: ByReplay) -> Replay:
    """One replay: how far it is, and what came of it when it is done.

    Costs are counted on both sides as the policy in force counts them. `reproduced` says for how
    many orders sourcing anew by the policy of then gave exactly what was decided then.
    """
    return require_replay(tx, params.replay_no)


def get_order_what_ifs(tx: Tx, params: ByNumber) -> OrderWhatIfs:
    """What it would have taken for an order to ship from elsewhere, location by location.

    Every way is found by sourcing the order again on the stock and load of then, with the change
    made; with its last change one step smaller the location would still not ship.
    """
    return tell_whatifs(tx, params.number)


_PLANS = "/sourcing/joint-plans"
_REPLAYS = "/sourcing/replays"

ENDPOINTS = [
    reading(_PLANS, TAG, "List joint plans", list_joint_plans, _READ),
    reading(_PLANS + "/{plan_no}", TAG, "Read a joint plan", get_joint_plan, _READ),
    Endpoint(method="POST", path=_PLANS, tag=TAG, kind="story",
             summary="Plan open orders together", permission=_WRITE, call=make_joint_plan,
             ask=PlanJointly, answer=JointPlanReport, status=201,
             example={"orders_max": 500, "seconds": 10}, problems=("solver-missing",)),
    Endpoint(method="POST", path=_PLANS + "/{plan_no}/apply", tag=TAG, kind="story",
             summary="Carry out a joint plan", permission=_WRITE, call=apply_joint_plan,
             ask=ApplyJointPlan, answer=JointPlanReport),
    reading("/sourcing/joint-schedule", TAG, "Read the schedule of joint plans",
            get_joint_schedule, "settings.read"),
    writing("PUT", "/sourcing/joint-schedule", TAG, "Schedule joint plans", set_joint_schedule,
            example={"every_minutes": 60}),
    reading("/orders/by-number/{number}/what-ifs", TAG, "What it would take to ship from elsewhere",
            get_order_what_ifs, _READ),
    reading(_REPLAYS, TAG, "List replays of policies", list_policy_replays, "settings.read"),
    reading(_REPLAYS + "/{replay_no}", TAG, "Read a replay of a policy", get_policy_replay,
            "settings.read"),
    writing("POST", _REPLAYS, TAG, "Try a policy on orders of the past", start_replay, status=201,
            example={"policy": "default", "since": "2026-11-01", "until": "2026-11-14",
                     "try_policy": "fewest-parcels"}),
    writing("POST", _REPLAYS + "/{replay_no}/switch", TAG, "Put a tried policy in force",
            switch_policy),
    writing("POST", "/policies/{code}/restore", TAG, "Put an earlier version in force again",
            restore_policy, example={"restore": 3}),
]  # fmt: skip
