"""Try policies by name, or one that is not saved, on an order: for API and command line."""

from gettext import NullTranslations
from typing import Annotated

import msgspec
from msgspec import Meta

from ordito.flows.manage_policies import require_sound
from ordito.flows.try_policies import (
    Question,
    TriedPlan,
    TryOrder,
    ask_about_lines,
    ask_about_order,
    try_policies,
)
from ordito.kernel.asks import Ask, Code
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput
from ordito.sourcing.policies import Policy
from ordito.sourcing.stored_policies import StoredPolicy, read_current

NAMED_MAX = 10


class PolicyTrial(Ask, frozen=True, kw_only=True):
    """What to try on what.

    number:   an order that there is, as if it were placed now; else
    order:    one that nobody placed.
    policies: codes of policies; without any, and without a draft, that of the order's channel.
    draft:    a policy that is not saved.
    """

    number: Annotated[int, Meta(ge=1)] | None = None
    order: TryOrder | None = None
    policies: Annotated[tuple[Code, ...], Meta(max_length=NAMED_MAX)] = ()
    draft: Policy | None = None


class TriedPolicy(msgspec.Struct, frozen=True):
    """What one policy would do. policy: its code, "" of the draft; version: 0 of the draft."""

    policy: str
    version: int
    plan: TriedPlan


class TriedPolicies(msgspec.Struct, frozen=True):
    """In the order in which they were named, the draft last."""

    items: list[TriedPolicy]


def try_on(tx: Tx, ask: PolicyTrial) -> TriedPolicies:
    """Who would ship what, and why, by each policy; on the stock and load of this moment.

    Nothing is reserved or written. Raises InvalidInput, and NotFound for an unseen order.
    """
    tx.actor.require("settings.read")
    question = _question(tx, ask)
    named = _named(tx, ask, question)
    tried = [(policy.code, policy.version, policy.body) for policy in named]
    if ask.draft is not None:
        require_sound(tx, ask.draft, "/draft")
        tried.append(("", 0, ask.draft))
    plans = try_policies(tx, question, [body for _, _, body in tried], NullTranslations())
    return TriedPolicies(
        [
            TriedPolicy(code, version, plan)
            for (code, version, _), plan in zip(tried, plans, strict=True)
        ]
    )


def _question(tx: Tx, ask: PolicyTrial) -> Question:
    if (ask.number is None) == (ask.order is None):
        fault = Fault("/order", "either", "Give the number of an order, or an order, not both.")
        raise InvalidInput(fault.detail, errors=[fault])
    if ask.number is not None:
        return ask_about_order(tx, ask.number)
    assert ask.order is not None, "one of the two is given"
    try:
        return ask_about_lines(tx, ask.order)
    except InvalidInput as problem:
        faults = [Fault(f"/order{f.pointer}", f.code, f.detail) for f in problem.errors]
        raise InvalidInput(problem.detail, errors=faults) from None


def _named(tx: Tx, ask: PolicyTrial, question: Question) -> list[StoredPolicy]:
    known = read_current(tx)
    if not ask.policies and ask.draft is None:
        return [policy for policy in known if policy.id == question.channel.policy_id]
    by_code = {policy.code: policy for policy in known}
    faults = [
        Fault(f"/policies/{n}", "unknown-policy", f"There is no sourcing policy “{code}”.")
        for n, code in enumerate(ask.policies)
        if code not in by_code
    ]
    if faults:
        raise InvalidInput(faults[0].detail, errors=faults)
    return [by_code[code] for code in ask.policies]
