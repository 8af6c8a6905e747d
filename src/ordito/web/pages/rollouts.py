"""Roll-outs: a policy on a share of a channel's real orders, both sides compared, one step back."""

from typing import Any
from uuid import UUID

from ordito.api.answers import Answer
from ordito.flows.reference import Reference, reference
from ordito.flows.roll_out_policy import (
    RolloutReport,
    adopt_rollout,
    report_rollout,
    require_rollout,
    roll_back_rollout,
    set_rollout_share,
    start_rollout,
)
from ordito.listings.histories import list_history
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.rollouts import ArmsCompared
from ordito.sourcing.stored_rollouts import (
    EndRollout,
    Rollout,
    SetRolloutShare,
    StartRollout,
    list_rollouts,
)
from ordito.web.charts import whisker
from ordito.web.edit_forms import Field, Form, Section, read_form, show_form, tell_faults
from ordito.web.histories import tell_history
from ordito.web.pages.trial_figures import MEASURES, scaled, signed
from ordito.web.rendering import gettext as _
from ordito.web.rendering import percent as percent_words
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import word

SHOWN = 30
_PAGE = "/settings/rollouts"
_STEPS = (1, 5, 10, 25, 50, 75, 100)

STATES = {
    "running": N_("Running"),
    "rolled_back": N_("Rolled back"),
    "stopped": N_("Stopped by itself"),
    "adopted": N_("Adopted"),
}
_MEASURES = {
    **MEASURES,
    "unserved": N_("Not served whole, of 100 orders"),
    "rejected": N_("Rejected by a location, of 100 orders"),
}


def show_rollouts(visit: Visit) -> Answer:
    """Roll-outs on channels that the reader sees, newest first."""
    visit.require("settings.read")
    with visit.reading() as tx:
        known = reference(tx)
        rows = []
        if visit.actor.location_ids is None:
            rows = list_rollouts(
                tx,
                channel_ids=visit.actor.channel_ids,
                before=_uuid(visit.asked("before")),
                limit=SHOWN + 1,
            )
    older = f"{_PAGE}?before={rows[SHOWN - 1].id}" if len(rows) > SHOWN else ""
    return visit.page(
        "rollouts/list.html",
        tabs=settings_tabs(visit, _PAGE),
        rows=[_row(row, known) for row in rows[:SHOWN]],
        older_url=older,
        newer_url=_PAGE if visit.asked("before") else "",
        may_write=_may_write(visit),
    )


def _may_write(visit: Visit) -> bool:
    return "settings.write" in visit.actor.permissions and visit.actor.location_ids is None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _row(rollout: Rollout, known: Reference) -> dict[str, Any]:
    return {
        "url": f"{_PAGE}/{rollout.id}",
        "channel": known.channels_by_id[rollout.channel_id].name,
        "candidate": _version_words(known, rollout.candidate_id, rollout.candidate_version),
        "in_force": _version_words(known, rollout.policy_id, rollout.policy_version),
        "percent": percent_words(rollout.percent / 100),
        "state": word(STATES, rollout.state),
        "tone": {"stopped": "attention", "adopted": "success"}.get(rollout.state, ""),
        "started_at": rollout.started_at,
    }


def _version_words(known: Reference, policy_id: UUID, version: int) -> str:
    return _("%(name)s, version %(no)s", name=known.policies[policy_id].name, no=version)


def new_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        form = _form(visit, reference(tx))
    fields = {field.name: field for field in form.fields}
    fields["channel"].value = visit.asked("channel")
    fields["policy"].value = visit.asked("policy")
    fields["percent"].value = "5"
    return show_form(visit, form)


def _form(visit: Visit, known: Reference) -> Form:
    channels = [
        Choice(channel.code, channel.name)
        for channel in known.channels.values()
        if channel.active and visit.actor.sees_channel(channel.id)
    ]
    policies = [
        Choice(one.code, _version_words(known, one.id, one.version))
        for one in sorted(known.policies.values(), key=lambda one: one.name)
    ]
    return Form(
        title=_("Roll a policy out"),
        url=f"{_PAGE}/-new",
        back_url=_PAGE,
        submit=_("Begin"),
        sections=[
            Section(
                _("Where"),
                [
                    Field(name="channel", label=_("Channel"), kind="select", choices=channels),
                    Field(name="percent", label=_("Share of new orders"), kind="number",
                          minimum=1, maximum=100, unit="%",
                          hint=_("Which orders are in it is drawn by their number at the channel,"
                                 " so the same order always gets the same.")),
                ],
                _("Orders that are placed already stay as they are."),
            ),
            Section(
                _("What to try"),
                [
                    Field(name="policy", label=_("Policy"), kind="select", choices=policies),
                    Field(name="policy_version", label=_("Version"), kind="number", optional=True,
                          minimum=1, blank="omit", hint=_("Left empty, the one in force.")),
                ],
                _("It goes back by itself when it leaves more orders without stock than chance"
                  " explains."),
            ),
        ],
        crumbs=[(_("Settings"), "/settings"), (_("Roll-outs"), _PAGE)],
    )  # fmt: skip


def create(visit: Visit) -> Answer:
    """Begin, or show all that is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        form = _form(visit, reference(tx))
    try:
        made = visit.act(start_rollout, convert(StartRollout, read_form(visit, form), strict=False))
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("Begun: %(percent)s%% of new orders.", percent=made.percent)
    return visit.done(text, f"{_PAGE}/{made.id}", go=True)


def show(visit: Visit) -> Answer:
    """One roll-out: what both sides came to so far, the share, and the way back."""
    visit.require("settings.read")
    rollout_id = _id(visit)
    with visit.reading() as tx:
        report = report_rollout(tx, rollout_id)
        known = reference(tx)
        history = list_history(tx, rollout_id)
    told = report.rollout
    channel = known.channels[told.channel]
    policies = {one.code: one for one in known.policies.values()}
    return visit.page(
        "rollouts/show.html",
        url=f"{_PAGE}/{told.id}",
        told=told,
        channel=channel,
        candidate=policies[told.candidate],
        in_force=policies[told.policy],
        state=word(STATES, told.state),
        percent=percent_words(told.percent / 100),
        rows=[_compared(row) for row in report.compared],
        counts=_counts(report),
        few=not report.compared or not all(row.enough for row in report.compared),
        enough_from=report.enough_from,
        history=tell_history(history),
        steps=[
            Choice(str(step), percent_words(step / 100))
            for step in sorted({*_STEPS, told.percent} - {0})
        ],
        actions=told.allowed_actions if _may_write(visit) else [],
    )


def _id(visit: Visit) -> UUID:
    found = _uuid(visit.params["rollout"])
    if found is None:
        raise NotFound("There is no such roll-out.")
    return found


def _counts(report: RolloutReport) -> dict[str, int]:
    return {
        "in_force": report.in_force.orders,
        "candidate": report.candidate.orders,
        "refused_in_force": report.in_force.refused,
        "refused_candidate": report.candidate.refused,
    }


def _compared(row: ArmsCompared) -> dict[str, Any]:
    """A row: all of these are better when they are smaller."""
    known = row.low is not None and row.high is not None
    low, high = row.low or 0.0, row.high or 0.0
    tone, words = "", _("No clear difference")
    if not row.enough or not known:
        words = _("Too few orders to tell")
    elif high < 0:
        tone, words = "success", _("Better")
    elif low > 0:
        tone, words = "attention", _("Worse")
    elif row.difference == low == high == 0:
        words = _("The same")
    return {
        "label": word(_MEASURES, row.measure),
        "in_force": scaled(row.measure, row.in_force),
        "candidate": scaled(row.measure, row.candidate),
        "difference": signed(row.measure, row.difference),
        "low": signed(row.measure, low) if known else "",
        "high": signed(row.measure, high) if known else "",
        "picture": whisker(row.difference, low, high) if known else None,
        "orders": (row.orders_in_force, row.orders_candidate),
        "tone": tone,
        "words": words,
    }


def set_share(visit: Visit) -> Answer:
    """Raise or lower the share."""
    visit.require("settings.write")
    rollout_id = _id(visit)
    with visit.reading() as tx:
        require_rollout(tx, rollout_id)
    asked = {"rollout_id": str(rollout_id), "percent": visit.sent("percent")}
    ask = convert(SetRolloutShare, asked | _version(visit), strict=False)
    told = visit.act(set_rollout_share, ask)
    text = _("From now on %(percent)s%% of new orders.", percent=told.percent)
    return visit.done(text, f"{_PAGE}/{told.id}", go=True)


def roll_back(visit: Visit) -> Answer:
    """All new orders as before, at once; of a stopped one: somebody has seen it."""
    visit.require("settings.write")
    told = visit.act(roll_back_rollout, _end(visit))
    text = _("All new orders are sourced by the policy in force.")
    return visit.done(text, f"{_PAGE}/{told.id}", go=True)


def adopt(visit: Visit) -> Answer:
    """The candidate becomes the channel's policy."""
    visit.require("settings.write")
    told = visit.act(adopt_rollout, _end(visit))
    text = _("Adopted: all new orders are sourced by it.")
    return visit.done(text, f"{_PAGE}/{told.id}", go=True)


def _end(visit: Visit) -> EndRollout:
    asked = {"rollout_id": str(_id(visit))} | _version(visit)
    return convert(EndRollout, asked, strict=False)


def _version(visit: Visit) -> dict[str, Any]:
    version = visit.sent_number("version")
    return {} if version is None else {"version": version}


ROUTES = [
    Route("GET", _PAGE, show_rollouts),
    Route("GET", _PAGE + "/-new", new_form),
    Route("POST", _PAGE + "/-new", create),
    Route("GET", _PAGE + "/{rollout:str}", show),
    Route("POST", _PAGE + "/{rollout:str}/share", set_share),
    Route("POST", _PAGE + "/{rollout:str}/roll-back", roll_back),
    Route("POST", _PAGE + "/{rollout:str}/adopt", adopt),
]
