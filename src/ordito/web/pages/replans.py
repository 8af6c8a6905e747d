"""Re-planning open orders: a preview of what would move, carrying it out, and the schedule."""

from typing import Any

from ordito.adapters.highs import solve
from ordito.api.answers import Answer
from ordito.flows.resource_jointly import (
    ApplyJointPlan,
    JointPlanReport,
    PlanJointly,
    SetJointSchedule,
    apply_plan,
    plan_open_orders,
    report_plan,
    require_whole_view,
    set_joint_schedule,
)
from ordito.listings.places import read_names
from ordito.platform.problems import NotFound
from ordito.platform.validation import convert
from ordito.sourcing.joint.stored_plans import (
    StoredJointPlan,
    list_plans,
    read_schedule,
)
from ordito.sourcing.sentences import plain_money
from ordito.web.formats import percent_at_most
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import word

SHOWN = 30
_PAGE = "/fulfillment/replans"
PLAN_NO_MAX = 2**31 - 1

REFUSALS = {
    "changed": N_("An order of it was changed or released in the meantime."),
    "policy": N_("Its sourcing policy was changed in the meantime."),
    "rules": N_("A location may not serve it any more."),
    "capacity": N_("A location has no room left today."),
    "days": N_("Days that an order is wanted on would not be kept any more."),
    "stock": N_("The stock is not there any more."),
}
CAUSES = {"asked": N_("asked for"), "schedule": N_("on schedule")}
STATES = {
    "waiting": N_("Not moved yet"),
    "applied": N_("Moved"),
    "refused": N_("Not moved"),
}


def show_replans(visit: Visit) -> Answer:
    """The plans that were made, newest first, and how often the worker makes one."""
    visit.require("orders.read")
    require_whole_view(visit.actor)
    before = visit.asked("before")
    older_than = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    with visit.reading() as tx:
        plans = list_plans(tx, before=older_than, limit=SHOWN + 1)
        schedule = read_schedule(tx)
    every = schedule.every_minutes
    choices = [Choice("", _("Never"))] + [
        Choice(str(minutes), ngettext("Every %(num)s minute", "Every %(num)s minutes", minutes))
        for minutes in sorted({15, 60, 240, 1440, *([every] if every else [])})
    ]
    return visit.page(
        "replans/list.html",
        plans=[_row(plan, visit.view().locale) for plan in plans[:SHOWN]],
        older_url=f"{_PAGE}?before={plans[SHOWN - 1].plan_no}" if len(plans) > SHOWN else "",
        newer_url=_PAGE if older_than is not None else "",
        every=str(every or ""),
        choices=choices,
        ran_at=schedule.ran_at,
        may_plan="orders.write" in visit.actor.permissions,
        may_schedule="settings.write" in visit.actor.permissions,
    )


def _row(plan: StoredJointPlan, locale: str) -> dict[str, Any]:
    figures = plan.figures
    return {
        "no": plan.plan_no,
        "url": f"{_PAGE}/{plan.plan_no}",
        "made_at": plan.made_at,
        "by": plan.made_by_name,
        "cause": word(CAUSES, plan.cause),
        "applied": plan.state == "applied",
        "orders": figures.orders,
        "saving": plain_money(figures.cost_before - figures.cost_after),
        "gained": figures.units_after - figures.units_before,
        "gap": percent_at_most(figures.gap, locale),
    }


def make_replan(visit: Visit) -> Answer:
    """Plan now; the preview is a page of its own."""
    key = visit.sent("_key") or None
    report = plan_open_orders(
        visit.db, visit.actor, solve, PlanJointly(), key=key, request_id=visit.request_id
    )
    text = _("Plan %(no)s is made. Nothing was moved yet.", no=report.plan.plan_no)
    return visit.done(text, f"{_PAGE}/{report.plan.plan_no}", go=True)


def show_replan(visit: Visit) -> Answer:
    """One plan: what it saves, what it would move, what was moved or refused and why."""
    visit.require("orders.read")
    no = _plan_no(visit)
    with visit.reading() as tx:
        report = report_plan(tx, no)
        names = {place.code: place.name for place in read_names(tx).locations.values()}
    figures = report.plan.figures
    waiting = report.plan.state == "preview" and bool(report.orders)
    return visit.page(
        "replans/show.html",
        plan=report.plan,
        figures=figures,
        gap=percent_at_most(figures.gap, visit.view().locale),
        cause=word(CAUSES, report.plan.cause),
        saved=plain_money(report.applied_saving),
        planned=plain_money(report.planned_saving),
        tiles=_tiles(report),
        orders=[
            {
                "number": one.number,
                "group": one.group_no,
                "gives": _places(one.gives, names),
                "takes": _places(one.takes, names),
                "saving": plain_money(one.saving),
                "gained": one.gained,
                "state": word(STATES, one.state),
                "tone": {"applied": "success", "refused": "attention"}.get(one.state, ""),
                "why": word(REFUSALS, one.refusal) if one.refusal else "",
            }
            for one in report.orders
        ],
        moved=sum(one.state == "applied" for one in report.orders),
        refused=sum(one.state == "refused" for one in report.orders),
        may_apply=waiting and "orders.write" in visit.actor.permissions,
    )


def _plan_no(visit: Visit) -> int:
    no = visit.number("plan")
    if not 1 <= no <= PLAN_NO_MAX:
        raise NotFound("There is no joint plan with this number.")
    return no


def _places(units: dict[str, int], names: dict[str, str]) -> list[tuple[str, int]]:
    return [(names.get(code, code), qty) for code, qty in units.items()]


def _tiles(report: JointPlanReport) -> list[dict[str, Any]]:
    figures = report.plan.figures
    return [
        {
            "title": _("Cost"),
            "value": plain_money(figures.cost_after),
            "before": plain_money(figures.cost_before),
        },
        {
            "title": _("Parcels"),
            "value": figures.parcels_after,
            "before": figures.parcels_before,
        },
        {"title": _("Kilometres"), "value": figures.km_after, "before": figures.km_before},
        {
            "title": _("Units with stock"),
            "value": figures.units_after,
            "before": figures.units_before,
        },
    ]


def apply_replan(visit: Visit) -> Answer:
    """Carry a plan out, as far as it still holds."""
    ask = ApplyJointPlan(plan_no=_plan_no(visit))
    key = visit.sent("_key") or None
    report = apply_plan(visit.db, visit.actor, ask, key=key, request_id=visit.request_id)
    moved = sum(one.state == "applied" for one in report.orders)
    refused = sum(one.state == "refused" for one in report.orders)
    text = ngettext("%(num)s order was moved.", "%(num)s orders were moved.", moved)
    if refused:
        text = ngettext(
            "%(moved)s %(num)s was not, see why below.",
            "%(moved)s %(num)s were not, see why below.",
            refused,
            moved=text,
        )
    return visit.done(
        text, f"{_PAGE}/{ask.plan_no}", tone="attention" if refused else "success", go=True
    )


def set_schedule(visit: Visit) -> Answer:
    """Say how often the worker plans and moves by itself."""
    every = visit.sent("every_minutes")
    ask = convert(SetJointSchedule, {"every_minutes": every or None}, strict=False)
    made = visit.act(set_joint_schedule, ask)
    if made.every_minutes is None:
        text = _("Open orders are re-planned only when someone asks for it.")
    else:
        text = ngettext(
            "Open orders are re-planned every %(num)s minute.",
            "Open orders are re-planned every %(num)s minutes.",
            made.every_minutes,
        )
    return visit.done(text, _PAGE, go=True)


ROUTES = [
    Route("GET", _PAGE, show_replans),
    Route("POST", _PAGE, make_replan),
    Route("POST", _PAGE + "/schedule", set_schedule),
    Route("GET", _PAGE + "/{plan:str}", show_replan),
    Route("POST", _PAGE + "/{plan:str}/apply", apply_replan),
]
