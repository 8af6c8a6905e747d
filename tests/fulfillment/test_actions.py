"""What may be done with a fulfillment order, and the words when it may not."""

import itertools
import typing

import msgspec
import pytest

from ordito.fulfillment.actions import (
    WORK_ACTIONS,
    WorkAction,
    WorkFacts,
    allowed_work_actions,
    require_work_action,
)
from ordito.fulfillment.types import RequestState, State
from ordito.platform.problems import ActionNotAllowed

STATES: tuple[State, ...] = typing.get_args(State)


def facts(state: State, *, held: bool = False, pickup: bool = False, **counts: int) -> WorkFacts:
    zero = {"unpicked": 0, "unpacked": 0, "unshipped": 0, "under_way": 0}
    return WorkFacts(state, "pickup" if pickup else "ship", held, **zero | counts)  # type: ignore[arg-type]


def asked(request: RequestState, state: State, **counts: int) -> WorkFacts:
    """Of a partner's work."""
    return msgspec.structs.replace(facts(state, **counts), request=request)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        (facts("scheduled", unpicked=2), ["open_early", "reject"]),
        (facts("open", unpicked=2), ["release", "reject"]),
        (facts("open", unpicked=2, held=True), ["reject"]),
        (facts("released", unpicked=2), ["start", "pick", "report_short", "reject"]),
        (
            facts("picking", unpicked=1, unpacked=1),
            ["pick", "unpick", "report_short", "reject", "pack"],
        ),
        (facts("picked", unpacked=1, unshipped=1), ["unpick", "pack", "ship"]),
        (facts("packed", unshipped=2), ["unpick", "ship"]),
        (facts("packed", unshipped=2, held=True), ["unpick"]),
        (facts("packed", unshipped=1, under_way=1), ["unpick", "ship", "deliver"]),
        (facts("packed", unshipped=2, pickup=True), ["unpick", "make_ready"]),
        (facts("ready", unshipped=2, pickup=True), ["hand_over", "not_collected"]),
        (facts("ready", unshipped=2, pickup=True, held=True), ["not_collected"]),
        (facts("shipped", under_way=2, held=True), ["deliver"]),
        (facts("delivered"), []),
        (facts("handed_over", pickup=True), []),
        (facts("cancelled"), []),
        (facts("rejected"), []),
        (facts("short"), []),
        (facts("not_collected", pickup=True), []),
        (asked("submitted", "released", unpicked=2), ["reject", "accept", "withdraw"]),
        (
            asked("accepted", "released", unpicked=2),
            ["start", "pick", "report_short", "ship_accepted"],
        ),
        (
            asked("cancellation_requested", "packed", unshipped=2),
            ["unpick", "ship", "ship_accepted", "answer_cancellation"],
        ),
        (asked("withdrawn", "cancelled"), []),
        (asked("closed", "shipped", under_way=1), ["deliver"]),
    ],
)
def test_the_table_says_what_is_allowed(given: WorkFacts, allowed: list[str]) -> None:
    assert list(allowed_work_actions(given)) == allowed


def test_an_action_is_refused_exactly_when_it_is_not_offered() -> None:
    for state, held, pickup, n in itertools.product(STATES, (0, 1), (0, 1), (0, 3)):
        given = facts(
            state,
            held=bool(held),
            pickup=bool(pickup),
            unpicked=n,
            unpacked=n,
            unshipped=n,
            under_way=n,
        )
        allowed = allowed_work_actions(given)
        for action in WORK_ACTIONS:
            problem = refusal(action, given)
            assert (problem is None) is (action in allowed)
            if problem is not None:
                assert problem.extra == {"allowed_actions": list(allowed)}


def refusal(action: WorkAction, given: WorkFacts) -> ActionNotAllowed | None:
    try:
        require_work_action(action, given)
    except ActionNotAllowed as problem:
        return problem
    return None
