"""Ship to store: what the shop of a pick-up lacks is brought to it from other places."""

from collections.abc import Iterable

import msgspec

from ordito.sourcing.types import Decision, Outcome, Plan, SourcingRequest, Unserved


def lacks_goods(request: SourcingRequest, found: Plan) -> bool:
    """Whether other places are to be asked: the shop can't serve all, and things may be brought."""
    return request.bring_days is not None and bool(found.unserved)


def ask_to_bring(request: SourcingRequest, unserved: Iterable[Unserved] | None) -> SourcingRequest:
    """The same request to whoever could send to the shop, as to a customer who lives there.

    unserved: only these units; None is all that was wanted.
    """
    assert request.pickup_place is not None, "only pick-ups are brought"
    wants = request.wants
    if unserved is not None:
        left = {rest.line_no: rest.qty for rest in unserved}
        wants = tuple(
            msgspec.structs.replace(want, qty=left[want.line_no])
            for want in wants
            if want.line_no in left
        )
    return msgspec.structs.replace(
        request,
        delivery="ship",
        wants=wants,
        places_passed=request.places_passed | {request.pickup_place},
        bring_days=None,
    )


def join_plans(own: Plan, brought: Plan) -> Plan:
    """What the shop serves itself, and what is brought to it."""
    allocations = sorted(
        (*own.allocations, *brought.allocations), key=lambda allocation: allocation.line_no
    )
    return Plan(
        allocations,
        brought.unserved,
        own.cost + brought.cost,
        msgspec.structs.replace(own.decision, brought=brought.decision),
    )


def is_brought(request: SourcingRequest, place: int) -> bool:
    """Whether what a place serves of the order goes to the shop where it is collected."""
    return request.delivery == "pickup" and place != request.pickup_place


def units_at(decision: Decision, place: int) -> tuple[int, int | None]:
    """Units that a place serves or brings as of a decision, and its km where it was compared."""
    for part in (decision.brought, decision):
        if part is not None and place in part.places:
            at = list(part.places).index(place)
            return part.taken[at], part.km[at]
    return 0, None


def places_used(decision: Decision) -> list[int]:
    """The places that serve or bring something as of a decision."""
    return [
        no
        for part in (decision, decision.brought)
        if part is not None
        for no, units in zip(part.places, part.taken, strict=True)
        if units
    ]


def outcome_of(decision: Decision) -> Outcome:
    """How much is sourced, what is brought included."""
    brought = decision.brought
    if brought is None:
        return decision.outcome
    if brought.outcome == "all":
        return "all"
    # Things are brought only where the shop could not serve all itself.
    return "none" if {decision.outcome, brought.outcome} == {"none"} else "part"
