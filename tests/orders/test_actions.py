"""What may be done with an order, and the words when it may not."""

import msgspec
import pytest

from ordito.orders.actions import (
    ORDER_ACTIONS,
    OrderAction,
    OrderFacts,
    allowed_order_actions,
    require_order_action,
)
from ordito.orders.types import Life
from ordito.platform.problems import ActionNotAllowed

EVERYTHING = OrderFacts("open", 5, 0, 2, 1, 1)


@pytest.mark.parametrize(
    ("facts", "allowed"),
    [
        (
            EVERYTHING,
            [
                "cancel",
                "hold",
                "tag",
                "note",
                "mark",
                "source",
                "pin",
                "set_deadlines",
                "change_days",
                "change_delivery",
                "complete_service",
                "return",
            ],
        ),
        (
            OrderFacts("open", 5, 1, 0, 1, 0),
            [
                "cancel",
                "hold",
                "release_hold",
                "tag",
                "note",
                "mark",
                "pin",
                "set_deadlines",
                "change_days",
                "change_delivery",
            ],
        ),
        (OrderFacts("draft", 5, 0, 5, 0, 0), ["cancel", "hold", "tag", "note", "mark"]),
        (OrderFacts("cancelled", 0, 0, 0, 0, 0), ["tag", "note", "mark"]),
        (OrderFacts("closed", 0, 0, 0, 0, 3), ["tag", "note", "mark", "return"]),
    ],
)
def test_the_table_says_what_is_allowed(facts: OrderFacts, allowed: list[str]) -> None:
    assert list(allowed_order_actions(facts)) == allowed


@pytest.mark.parametrize("life", ["draft", "open", "cancelled", "closed"])
def test_an_action_is_refused_exactly_when_it_is_not_offered(life: Life) -> None:
    for held in (0, 2):
        facts = msgspec.structs.replace(EVERYTHING, life=life, open_holds=held)
        allowed = allowed_order_actions(facts)
        for action in ORDER_ACTIONS:
            problem = refusal(action, facts)
            assert (problem is None) is (action in allowed)
            if problem is not None:
                assert problem.detail.endswith("Nothing was changed.")
                assert problem.extra == {"allowed_actions": list(allowed)}


def refusal(action: OrderAction, facts: OrderFacts) -> ActionNotAllowed | None:
    try:
        require_order_action(action, facts)
    except ActionNotAllowed as problem:
        return problem
    return None
