"""The policy laboratory: a policy tried on orders of the past, compared, put in force."""

from datetime import timedelta
from typing import Any

from ordito.api.answers import Answer
from ordito.flows.replay_policy import (
    RestorePolicy,
    SwitchPolicy,
    require_replay,
    restore_policy,
    start_replay,
    switch_policy,
)
from ordito.flows.resource_jointly import require_whole_view
from ordito.flows.tell_whatifs import tell_whatifs
from ordito.listings.places import Names, read_names
from ordito.platform.problems import Fault, NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.sentences import plain_money
from ordito.sourcing.stored_policies import StoredPolicy, read_current
from ordito.sourcing.stored_replays import Replay, StartReplay, Tried, list_replays
from ordito.sourcing.stored_tariffs import StoredTariff, read_tariffs
from ordito.web.edit_forms import (
    Field,
    Form,
    Section,
    pairs_of,
    read_form,
    show_form,
    tell_faults,
)
from ordito.web.pages.order_rows import midday
from ordito.web.pages.trial_figures import (
    cost_lines,
    example_orders,
    figure_words,
    find_figure,
    load_bars,
    verdict_words,
)
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext, reader_words
from ordito.web.routes import Route
from ordito.web.settings_tabs import settings_tabs
from ordito.web.statuses import N_
from ordito.web.view_context import Choice
from ordito.web.visits import Visit
from ordito.web.words import word

SHOWN = 30
_PAGE = "/settings/laboratory"

STATES = {
    "waiting": N_("Waiting"),
    "running": N_("Running"),
    "done": N_("Done"),
    "failed": N_("Came to nothing"),
}
FAILURES = {
    "none": N_("No order of that period was sourced by this policy."),
    "too_many": N_("There are more than 20,000 orders. Take a shorter period."),
}


def list_trials(visit: Visit) -> Answer:
    """What was tried, newest first."""
    visit.require("settings.read")
    require_whole_view(visit.actor)
    before = visit.asked("before")
    older_than = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    with visit.reading() as tx:
        replays = list_replays(tx, before=older_than, limit=SHOWN + 1)
    return visit.page(
        "laboratory/list.html",
        tabs=settings_tabs(visit, _PAGE),
        trials=[_row(replay) for replay in replays[:SHOWN]],
        older_url=f"{_PAGE}?before={replays[SHOWN - 1].replay_no}" if len(replays) > SHOWN else "",
        newer_url=_PAGE if older_than is not None else "",
        may_write="settings.write" in visit.actor.permissions,
    )


def _row(replay: Replay) -> dict[str, Any]:
    cost = find_figure(replay.result, "cost")
    return {
        "no": replay.replay_no,
        "url": f"{_PAGE}/{replay.replay_no}",
        "asked_at": replay.asked_at,
        "by": replay.asked_by_name,
        "tried": tried_words(replay.ask),
        "policy": replay.ask.name,
        "since": midday(replay.ask.ask.since),
        "until": midday(replay.ask.ask.until),
        "state": word(STATES, replay.state),
        "orders": replay.result.orders if replay.result else None,
        "cost": plain_money(round(cost.difference)) if cost else "",
    }


def tried_words(tried: Tried) -> str:
    """What was tried, in one text."""
    if not tried.tried_code:
        return _("a policy that is not saved")
    return _("%(code)s, version %(no)s", code=tried.tried_code, no=tried.tried_version)


def new_trial(visit: Visit) -> Answer:
    visit.require("settings.write")
    require_whole_view(visit.actor)
    with visit.reading() as tx:
        policies, names, tariffs = read_current(tx), read_names(tx), read_tariffs(tx)
        today = tx.now.date()
    form = _form(policies, names, tariffs)
    chosen = visit.asked("policy")
    fields = {field.name: field for field in form.fields}
    fields["policy"].value = chosen or (policies[0].code if policies else "")
    fields["try"].value = fields["policy"].value
    fields["since"].value = (today - timedelta(days=14)).isoformat()
    fields["until"].value = (today - timedelta(days=1)).isoformat()
    return show_form(visit, form)


def _form(policies: list[StoredPolicy], names: Names, tariffs: list[StoredTariff]) -> Form:
    of_orders = [Choice(policy.code, policy.name) for policy in policies]
    to_try = [
        Choice(
            policy.code,
            _("%(name)s, version %(no)s", name=policy.name, no=policy.version),
        )
        for policy in policies
    ]
    places = [
        Choice(place.code, place.name)
        for place in names.locations.values()
        if place.kind != "history" and place.active
    ]
    return Form(
        title=_("Try a policy on past orders"),
        url=f"{_PAGE}/-new",
        back_url=_PAGE,
        submit=_("Try it"),
        sections=[
            Section(
                _("Which orders"),
                [
                    Field(name="policy", label=_("Sourced by"), kind="select", choices=of_orders),
                    Field(name="since", label=_("Placed from"), kind="date"),
                    Field(name="until", label=_("Placed until"), kind="date"),
                ],
                _("They are sourced again on the stock as it was. Nothing is moved."),
            ),
            Section(
                _("What to try"),
                [
                    Field(name="try", pointer="/try_policy", label=_("Policy"), kind="select",
                          choices=to_try),
                    Field(name="version", pointer="/try_version", label=_("Version"),
                          kind="number", optional=True, minimum=1, blank="omit",
                          hint=_("Left empty, the one in force.")),
                    Field(name="without", label=_("Switched off"), kind="checks", optional=True,
                          choices=places),
                    Field(name="capacities", label=_("Orders a day"), kind="area", optional=True,
                          hint=_("A line for each location: its code and a number.")),
                    Field(name="tariffs", label=_("Carrier prices in percent"), kind="area",
                          optional=True,
                          hint=_("A line for each tariff: its code and a number, 110 is a tenth"
                                 " dearer. Known: %(codes)s.",
                                 codes=", ".join(tariff.code for tariff in tariffs) or "–")),
                ],
            ),
        ],
        crumbs=[(_("Settings"), "/settings"), (_("Laboratory"), _PAGE)],
        note=_("A week of a few thousand orders takes about a minute."),
    )  # fmt: skip


def create_trial(visit: Visit) -> Answer:
    """Ask for it, or show all that is wrong."""
    visit.require("settings.write")
    with visit.reading() as tx:
        form = _form(read_current(tx), read_names(tx), read_tariffs(tx))
    ask = read_form(visit, form)
    # The field named version is the tried policy's, not the form's.
    form.version = None
    ask.pop("version", None)
    without = ask.pop("without")
    changes = {code: {"location": code, "active": False} for code in without}
    for code, most in pairs_of(ask.pop("capacities")):
        changes.setdefault(code, {"location": code})["capacity_daily"] = most
    tariffs = [{"tariff": code, "percent": most} for code, most in pairs_of(ask.pop("tariffs"))]
    ask |= {"places": list(changes.values()), "tariffs": tariffs}
    try:
        made = visit.act(start_replay, convert(StartReplay, ask, strict=False))
    except Problem as problem:
        _rename(problem, len(without))
        tell_faults(form, problem)
        return show_form(visit, form)
    text = _("It is being tried. Nothing is moved.")
    return visit.done(text, f"{_PAGE}/{made.replay_no}", go=True)


def _rename(problem: Problem, before: int) -> None:
    """Faults of places are told at the field where capacities are typed, by their line.

    before: places that were ticked; they come first.
    """
    for n, fault in enumerate(problem.errors):
        if fault.pointer.startswith("/places"):
            index, _sign, _rest = fault.pointer.removeprefix("/places/").partition("/")
            line = max(0, int(index) - before)
            problem.errors[n] = Fault(f"/capacities/{line}", fault.code, fault.detail)


def show_trial(visit: Visit) -> Answer:
    """One trial: how far it is, or what came of it."""
    visit.require("settings.read")
    no = _replay_no(visit)
    with visit.reading() as tx:
        replay = require_replay(tx, no)
        names = {place.code: place.name for place in read_names(tx).locations.values()}
        current = {policy.code: policy for policy in read_current(tx)}
    policy = current.get(replay.ask.code)
    result = replay.result
    in_force = policy is not None and policy.body == replay.ask.body
    context: dict[str, Any] = {
        "replay": replay,
        "url": f"{_PAGE}/{no}",
        "tried": tried_words(replay.ask),
        "since": midday(replay.ask.ask.since),
        "until": midday(replay.ask.ask.until),
        "changes": _changes(replay.ask, names),
        "failure": word(FAILURES, replay.failure) if replay.failure else "",
        "open": replay.state in ("waiting", "running"),
        "state": word(STATES, replay.state),
        "rows": [figure_words(one) for one in result.figures] if result else [],
        "verdict": verdict_words(result) if result else "",
        "lines": cost_lines(result) if result else None,
        "loads": load_bars(result, names) if result else [],
        "examples": example_orders(result, names) if result else [],
        "in_force": in_force,
        "version": policy.version if policy else None,
        "may_switch": (
            result is not None and not in_force and "settings.write" in visit.actor.permissions
        ),
    }
    if visit.by_script:
        return visit.fragment("laboratory/_trial.html", **context)
    return visit.page("laboratory/show.html", **context)


def _replay_no(visit: Visit) -> int:
    no = visit.number("replay")
    if not 1 <= no < 2**31:
        raise NotFound("There is no replay with this number.")
    return no


def _changes(tried: Tried, names: dict[str, str]) -> list[str]:
    said = []
    for one in tried.ask.places:
        name = names.get(one.location, one.location)
        if one.active is False:
            said.append(_("%(name)s switched off", name=name))
        if one.capacity_daily is not None:
            said.append(_("%(name)s takes %(num)s a day", name=name, num=one.capacity_daily))
    for tariff in tried.ask.tariffs:
        said.append(_("%(code)s at %(num)s%%", code=tariff.tariff, num=tariff.percent))
    return said


def switch(visit: Visit) -> Answer:
    """Put what was tried in force."""
    ask = SwitchPolicy(replay_no=_replay_no(visit), version=visit.sent_number("version"))
    saved = visit.act(switch_policy, ask)
    text = _("In force as version %(no)s of %(name)s.", no=saved.version, name=saved.name)
    return visit.done(text, f"/settings/policies/{saved.code}", go=True)


def restore(visit: Visit) -> Answer:
    """Put an earlier version of a policy in force again."""
    ask = RestorePolicy(
        code=visit.params["code"],
        restore=visit.sent_number("restore") or 0,
        version=visit.sent_number("version"),
    )
    saved = visit.act(restore_policy, ask)
    text = _("In force again, as version %(no)s.", no=saved.version)
    return visit.done(text, f"/settings/policies/{saved.code}", go=True)


def show_whatifs(visit: Visit) -> Answer:
    """What it would have taken for an order to ship from elsewhere."""
    visit.require("orders.read")
    with visit.reading() as tx:
        told = tell_whatifs(tx, visit.number("number"), reader_words())
    ways = sum(len(place.ways) for place in told.places)
    return visit.page(
        "orders/what_ifs.html",
        told=told,
        summary=ngettext(
            "%(num)s way for it to ship from elsewhere",
            "%(num)s ways for it to ship from elsewhere",
            ways,
        ),
    )


ROUTES = [
    Route("GET", _PAGE, list_trials),
    Route("GET", _PAGE + "/-new", new_trial),
    Route("POST", _PAGE + "/-new", create_trial),
    Route("GET", _PAGE + "/{replay:str}", show_trial),
    Route("POST", _PAGE + "/{replay:str}/switch", switch),
    Route("POST", "/settings/policies/{code:str}/restore", restore),
    Route("GET", "/orders/{number:str}/what-ifs", show_whatifs),
]
