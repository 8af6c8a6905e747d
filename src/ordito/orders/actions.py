"""What may be done with an order: the table, closed, and why something is refused."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from ordito.orders.types import Life, Line
from ordito.platform.problems import ActionNotAllowed

OrderAction = Literal[
    "cancel",
    "hold",
    "release_hold",
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
]

Need = Literal["unshipped", "open_holds", "unsourced", "open_services", "returnable"]

SERVED_BY_HAND = frozenset(("service", "custom"))
"""Kinds of lines that take no stock: they are completed, not shipped."""


class OrderRule(msgspec.Struct, frozen=True):
    """When an action is allowed: the order's life, what there must be some of, holds or not."""

    lives: tuple[Life, ...]
    needs: Need | None = None
    while_held: bool = True


class OrderFacts(msgspec.Struct, frozen=True):
    """What of an order decides about actions. Counts are units."""

    life: Life
    unshipped: int
    open_holds: int
    unsourced: int
    open_services: int
    returnable: int


_ANY: tuple[Life, ...] = ("draft", "open", "cancelled", "closed")

ORDER_ACTIONS: dict[OrderAction, OrderRule] = {
    "cancel": OrderRule(("draft", "open"), "unshipped"),
    "hold": OrderRule(("draft", "open")),
    "release_hold": OrderRule(_ANY, "open_holds"),
    "tag": OrderRule(_ANY),
    "note": OrderRule(_ANY),
    "mark": OrderRule(_ANY),
    "source": OrderRule(("open",), "unsourced"),
    "pin": OrderRule(("open",), "unshipped"),
    "set_deadlines": OrderRule(("open",), "unshipped"),
    "change_days": OrderRule(("open",), "unshipped"),
    "change_delivery": OrderRule(("open",), "unshipped"),
    "complete_service": OrderRule(("open",), "open_services", while_held=False),
    "return": OrderRule(("open", "closed"), "returnable"),
}

_LACKS: dict[Need, str] = {
    "unshipped": "No unit is left: all were shipped, completed or cancelled.",
    "open_holds": "No hold is open.",
    "unsourced": "No unit waits for stock.",
    "open_services": "No service is left to complete.",
    "returnable": "No shipped unit is left that could come back.",
}


def facts_of(life: Life, lines: Iterable[Line], open_holds: int) -> OrderFacts:
    """The facts about an order, from its lines and the number of its open holds."""
    unshipped = unsourced = services = returnable = 0
    for line in lines:
        unshipped += line.ordered - line.cancelled - line.shipped - line.completed
        returnable += line.shipped - line.returned
        if line.item_kind in SERVED_BY_HAND:
            services += line.open
        else:
            unsourced += line.open + line.backordered
    return OrderFacts(life, unshipped, open_holds, unsourced, services, returnable)


def allowed_order_actions(facts: OrderFacts) -> tuple[OrderAction, ...]:
    """The actions that the order allows now, in the order of the table."""
    return tuple(action for action in ORDER_ACTIONS if find_order_obstacle(action, facts) is None)


def find_order_obstacle(action: OrderAction, facts: OrderFacts) -> str | None:
    """Why the action is refused, in words; None when it is allowed."""
    rule = ORDER_ACTIONS[action]
    if facts.life not in rule.lives:
        return f"The order is {facts.life}; this needs one that is {' or '.join(rule.lives)}."
    if rule.needs is not None and getattr(facts, rule.needs) == 0:
        return _LACKS[rule.needs]
    if facts.open_holds and not rule.while_held:
        return "The order is on hold; release its holds first."
    return None


def require_order_action(action: OrderAction, facts: OrderFacts) -> None:
    """Raises ActionNotAllowed, saying why and what is allowed."""
    obstacle = find_order_obstacle(action, facts)
    if obstacle is not None:
        raise refuse_order_action(obstacle, facts)


def refuse_order_action(why: str, facts: OrderFacts) -> ActionNotAllowed:
    """The problem that says why, that nothing was changed, and what the order allows."""
    return ActionNotAllowed(
        f"{why} Nothing was changed.",
        extra={"allowed_actions": list(allowed_order_actions(facts))},
    )
