"""Sourcing policies: one with its versions, its editor, and a trial of what is not saved yet."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ordito.api.answers import Answer
from ordito.flows.lint_policies import ToldFinding, tell_findings
from ordito.flows.manage_policies import create_policy, update_policy
from ordito.flows.try_policies import (
    Question,
    TriedPlan,
    TryOrder,
    ask_about_lines,
    ask_about_order,
    try_policies,
)
from ordito.listings.histories import list_history
from ordito.listings.places import read_names
from ordito.listings.rollouts import list_policy_rollouts
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput, NotFound, Problem
from ordito.platform.validation import convert
from ordito.sourcing.policies import DEFAULT_POLICY, Policy
from ordito.sourcing.policy_faults import find_faults
from ordito.sourcing.promises import Promise
from ordito.sourcing.stored_policies import (
    CreatePolicy,
    StoredPolicy,
    UpdatePolicy,
    read_current,
    read_versions,
)
from ordito.sourcing.stored_tariffs import read_tariffs
from ordito.web.edit_forms import tell_faults
from ordito.web.histories import tell_history
from ordito.web.pages.policy_forms import (
    PolicyForm,
    change_rows,
    policy_form,
    read_policy,
    rows_of,
    sent_rows,
)
from ordito.web.policy_words import RULES, aims, compare, cost_words, rule_words
from ordito.web.rendering import date_name, reader_words
from ordito.web.rendering import gettext as _
from ordito.web.routes import Route
from ordito.web.view_context import Choice
from ordito.web.visits import Visit

VERSIONS = 20


def _find(visit: Visit, tx: Tx) -> StoredPolicy:
    code = visit.params["code"]
    for policy in read_current(tx):
        if policy.code == code:
            return policy
    raise NotFound("There is no such sourcing policy.")


def show_policy(visit: Visit) -> Answer:
    """One policy in words, and what each version changed."""
    visit.require("settings.read")
    with visit.reading() as tx:
        policy = _find(visit, tx)
        findings = tell_findings(tx, policy.body, reader_words())
        versions = read_versions(tx, policy.code, limit=VERSIONS + 1)
        authors = {event.seq: event.actor for event in list_history(tx, policy.id, limit=VERSIONS)}
        rollouts = []
        if visit.actor.location_ids is None:
            rollouts = tell_history(list_policy_rollouts(tx, policy.id, limit=VERSIONS))
        channels = [
            channel
            for channel in read_names(tx).channels.values()
            if channel.policy_id == policy.id and visit.actor.sees_channel(channel.id)
        ]
    older = [*versions[1:], None]
    return visit.page(
        "policies/show.html",
        policy=policy,
        rules=[rule_words(rule) for rule in policy.body.rules],
        aims=aims(policy.body),
        findings=findings,
        channels=channels,
        rollouts=rollouts,
        versions=[
            {"version": now.version, "at": now.at, "by": authors.get(now.version, ""),
             "changes": compare(before.body, now.body) if before else None}
            for now, before in zip(versions[:VERSIONS], older, strict=False)
        ],
        may_write="settings.write" in visit.actor.permissions,
    )  # fmt: skip


def new_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    return _show(visit, _shown(visit, None))


def edit_form(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        stored = _find(visit, tx)
        findings = tell_findings(tx, stored.body, reader_words())
        return _show(visit, _shown(visit, stored), findings=findings or None)


def _shown(visit: Visit, stored: StoredPolicy | None) -> PolicyForm:
    policy = stored.body if stored else DEFAULT_POLICY
    with visit.reading() as tx:
        return policy_form(read_names(tx), stored, policy, rows_of(policy), read_tariffs(tx))


def _show(
    visit: Visit,
    shown: PolicyForm,
    trial: Any = None,
    findings: Sequence[ToldFinding] | None = None,
) -> Answer:
    faulty = bool(shown.form.faults) or any(field.faults for field in shown.form.fields)
    context = {
        "form": shown.form,
        "shown": shown,
        "trial": trial,
        "findings": findings,
        "kinds": [Choice(kind, _(label)) for kind, label in RULES.items()],
    }
    status = 422 if faulty else 200
    if visit.by_script and visit.method == "POST":
        return visit.fragment("policies/_form.html", status=status, **context)
    return visit.page("policies/form.html", status=status, **context)


def create(visit: Visit) -> Answer:
    """Add a policy, change the form's rules, or try it."""
    return _receive(visit, None)


def edit(visit: Visit) -> Answer:
    """Make a new version of a policy, change the form's rules, or try it."""
    visit.require("settings.write")
    with visit.reading() as tx:
        return _receive(visit, _find(visit, tx))


def _receive(visit: Visit, stored: StoredPolicy | None) -> Answer:
    visit.require("settings.write")
    act = visit.sent("act", "save")
    before = sent_rows(visit.sent("rules"))
    rows = change_rows(before, act, visit.sent("add_kind"))
    with visit.reading() as tx:
        policy = stored.body if stored else DEFAULT_POLICY
        shown = policy_form(read_names(tx), stored, policy, rows, read_tariffs(tx))
    fresh = rows[-1] if len(rows) > len(before) else None
    ask = read_policy(visit, shown, fresh)
    asked = ask.pop("try")
    if act == "check":
        return _check(visit, shown, ask["policy"])
    if act == "try":
        return _try(visit, shown, stored, ask["policy"], asked)
    if act != "save":
        return _show(visit, shown)
    try:
        saved = _save(visit, stored, ask)
    except Problem as problem:
        tell_faults(shown.form, problem)
        return _show(visit, shown)
    text = _("Saved as version %(no)s.", no=saved.version)
    return visit.done(text, f"/settings/policies/{saved.code}", go=True)


def _check(visit: Visit, shown: PolicyForm, typed: dict[str, Any]) -> Answer:
    """What is odd about the policy as typed: rules that do nothing, orders that none may serve."""
    try:
        with visit.reading() as tx:
            words = reader_words()
            findings = tell_findings(tx, _convert(tx, typed), words)
    except Problem as problem:
        tell_faults(shown.form, problem)
        return _show(visit, shown)
    return _show(visit, shown, findings=findings)


def _save(visit: Visit, stored: StoredPolicy | None, ask: dict[str, Any]) -> StoredPolicy:
    if stored is None:
        return visit.act(create_policy, convert(CreatePolicy, ask, strict=False))
    return visit.act(update_policy, convert(UpdatePolicy, ask | {"code": stored.code},
                                            strict=False))  # fmt: skip


def _try(
    visit: Visit,
    shown: PolicyForm,
    stored: StoredPolicy | None,
    typed: dict[str, Any],
    asked: dict[str, Any],
) -> Answer:
    """What the policy as typed would do with an order, beside the one in force."""
    try:
        with visit.reading() as tx:
            edited = _convert(tx, typed)
            number = str(asked.pop("number")).removeprefix("#")
            if number:
                if not (number.isascii() and number.isdigit() and len(number) <= 12):
                    raise _about("number", _("This is no order number."))
                try:
                    question = ask_about_order(tx, int(number))
                except NotFound:
                    raise _about("number", _("There is no order with this number.")) from None
            else:
                question = _ask_about_lines(tx, _made_up(asked))
            policies = [edited, stored.body] if stored else [edited]
            words = reader_words()
            plans = try_policies(tx, question, policies, words)
            findings = tell_findings(tx, edited, words) or None
    except Problem as problem:
        tell_faults(shown.form, problem)
        return _show(visit, shown)
    return _show(visit, shown, _trial(plans), findings)


class _Typed(msgspec.Struct, frozen=True):
    policy: Policy


class _Asked(msgspec.Struct, frozen=True):
    # Named as the form's fields are, so that faults find them.
    try_: TryOrder = msgspec.field(name="try")


def _convert(tx: Tx, typed: dict[str, Any]) -> Policy:
    policy = convert(_Typed, {"policy": typed}, strict=False).policy
    faults = [
        Fault(f"/policy{fault.pointer}", fault.code, fault.detail)
        for fault in find_faults(
            policy, read_names(tx).places, {tariff.code for tariff in read_tariffs(tx)}
        )
    ]
    if faults:
        raise InvalidInput("The policy can't be tried as it is.", errors=faults)
    return policy


def _made_up(asked: dict[str, Any]) -> TryOrder:
    if not asked["lines"]:
        raise _about("lines", _("Give an order number, or at least one item."))
    return convert(_Asked, {"try": asked}, strict=False).try_


def _ask_about_lines(tx: Tx, ask: TryOrder) -> Question:
    try:
        return ask_about_lines(tx, ask)
    except InvalidInput as problem:
        # The form has these fields beside the policy's.
        faults = [Fault(f"/try{f.pointer}", f.code, f.detail) for f in problem.errors]
        raise InvalidInput(problem.detail, errors=faults) from None


def _about(name: str, words: str) -> InvalidInput:
    return InvalidInput(words, errors=[Fault(f"/try/{name}", "invalid", words)])


def _trial(plans: list[TriedPlan]) -> dict[str, Any]:
    """Two plans side by side, place by place; those that differ are marked."""
    edited, current = plans[0], plans[1] if len(plans) > 1 else None
    of_current = {place.location: place for place in current.places} if current else {}
    rows = []
    for then in edited.places:
        now = of_current.get(then.location)
        differs = current is not None and _told(then) != _told(now)
        rows.append({"name": then.name, "now": now, "then": then, "differs": differs,
                     "promise": _promise_words(then.promise)})  # fmt: skip
    return {
        "edited": _plan(edited),
        "current": _plan(current) if current else None,
        "rows": rows,
    }


def _promise_words(promise: Promise | None) -> str:
    if promise is None:
        return ""
    days = {"sent": date_name(promise.ships_on), "there": date_name(promise.delivers_on)}
    if not promise.tariff:
        return _("Ready on %(there)s.", there=days["there"])
    return _("Leaves on %(sent)s by %(tariff)s, arrives on %(there)s.",
             tariff=promise.tariff, **days)  # fmt: skip


def _told(place: Any) -> Any:
    return None if place is None else (place.units, place.words)


def _plan(plan: TriedPlan) -> dict[str, Any]:
    return {
        "served": plan.served,
        "wanted": plan.wanted,
        "parcels": plan.parcels,
        "cost": cost_words(plan.cost),
        "summary": plan.summary,
    }


_POLICY = "/settings/policies/{code:str}"

ROUTES = [
    Route("GET", "/settings/policies/-new", new_form),
    Route("POST", "/settings/policies/-new", create),
    Route("GET", _POLICY, show_policy),
    Route("GET", _POLICY + "/edit", edit_form),
    Route("POST", _POLICY + "/edit", edit),
]
