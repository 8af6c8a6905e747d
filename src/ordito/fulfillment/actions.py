"""What may be done with a fulfillment order: the table, closed, and why something is refused."""

from typing import Literal

import msgspec

from ordito.fulfillment.types import BEGUN_BY_PARTNER, Delivery, RequestState, State
from ordito.platform.problems import ActionNotAllowed

WorkAction = Literal[
    "open_early",
    "release",
    "start",
    "pick",
    "unpick",
    "report_short",
    "reject",
    "pack",
    "ship",
    "deliver",
    "receive",
    "make_ready",
    "hand_over",
    "not_collected",
    "start_round",
    "deliver_stop",
    "accept",
    "ship_accepted",
    "answer_cancellation",
    "withdraw",
]

Need = Literal["unpicked", "unpacked", "unshipped", "in_hand", "under_way", "unsent"]


class WorkRule(msgspec.Struct, frozen=True):
    """When an action is allowed: the states, what there must be some of, the delivery, holds.

    while_held: False for what brings the units nearer to the customer.
    requests:   where the hand-shake with a partner must be, None for locations that aren't asked;
                by default anywhere but unanswered.
    """

    states: tuple[State, ...]
    needs: Need | None = None
    delivery: Delivery | None = None
    while_held: bool = False
    requests: frozenset[RequestState | None] | None = None
    bound: bool | None = None
    """Whether it must be sent to a shop, which receives it, or must not; None: either way."""


class WorkFacts(msgspec.Struct, frozen=True):
    """What of a fulfillment order decides about actions. Counts are units of lines."""

    state: State
    delivery: Delivery
    held: bool
    unpicked: int
    """Not picked yet."""
    unpacked: int
    """Picked, not packed yet."""
    unshipped: int
    """Packed, still here."""
    under_way: int
    """In parcels that have not arrived, as far as is known."""
    request: RequestState | None = None
    """Where the hand-shake with a partner is; None: there is none."""
    bound: bool = False
    """It is sent to a shop, where its customer collects it."""
    awaited: int = 0
    """Of the order, units that are to be brought to this shop and are not here yet."""

    @property
    def unsent(self) -> int:
        """Not shipped yet, wherever it is."""
        return self.unpicked + self.unpacked + self.unshipped

    @property
    def in_hand(self) -> int:
        """Taken off the shelf, still here."""
        return self.unpacked + self.unshipped


_DELIVERY_WORDS: dict[Delivery | None, str] = {
    "ship": "shipped by a carrier",
    "pickup": "picked up",
    "local": "brought in a slot of local delivery",
}

_UNANSWERED: frozenset[RequestState | None] = frozenset(("submitted",))

WORK_ACTIONS: dict[WorkAction, WorkRule] = {
    "open_early": WorkRule(("scheduled",), "unpicked"),
    "release": WorkRule(("open",), "unpicked"),
    "start": WorkRule(("released",)),
    "pick": WorkRule(("released", "picking"), "unpicked"),
    "unpick": WorkRule(("picking", "picked", "packed"), "in_hand", while_held=True),
    "report_short": WorkRule(("released", "picking"), "unpicked", while_held=True),
    "reject": WorkRule(
        ("scheduled", "open", "released", "picking"),
        "unpicked",
        while_held=True,
        requests=frozenset((None, "submitted")),
    ),
    "pack": WorkRule(("picking", "picked"), "unpacked"),
    "ship": WorkRule(("picking", "picked", "packed"), "unshipped", "ship"),
    "deliver": WorkRule(
        ("scheduled", "open", "released", "picking", "picked", "packed", "shipped"),
        "under_way",
        "ship",
        while_held=True,
        bound=False,
    ),
    "receive": WorkRule(
        (
            "scheduled",
            "open",
            "released",
            "picking",
            "picked",
            "packed",
            "shipped",
            "cancelled",
            "short",
            "rejected",
            "delivered",
        ),
        "under_way",
        "ship",
        while_held=True,
        bound=True,
    ),
    "make_ready": WorkRule(("packed",), delivery="pickup"),
    "hand_over": WorkRule(("ready",), delivery="pickup"),
    "not_collected": WorkRule(("ready",), delivery="pickup", while_held=True),
    "start_round": WorkRule(("picking", "picked", "packed"), "unshipped", "local"),
    "deliver_stop": WorkRule(
        ("scheduled", "open", "released", "picking", "picked", "packed", "shipped"),
        "under_way",
        "local",
        while_held=True,
    ),
    "accept": WorkRule(("released",), while_held=True, requests=_UNANSWERED),
    "ship_accepted": WorkRule(
        ("released", "picking", "picked", "packed"), "unsent", "ship", requests=BEGUN_BY_PARTNER
    ),
    "answer_cancellation": WorkRule(
        ("released", "picking", "picked", "packed", "ready"),
        while_held=True,
        requests=frozenset(("cancellation_requested",)),
    ),
    "withdraw": WorkRule(("released",), while_held=True, requests=_UNANSWERED),
}

_LACKS: dict[Need, str] = {
    "unpicked": "Nothing is left to pick.",
    "unpacked": "Nothing is picked and waiting to be packed.",
    "unshipped": "Nothing is packed and waiting to be shipped.",
    "in_hand": "Nothing is picked.",
    "under_way": "No parcel is under way.",
    "unsent": "Everything has left.",
}


def allowed_work_actions(facts: WorkFacts) -> tuple[WorkAction, ...]:
    """The actions that the fulfillment order allows now, in the order of the table."""
    return tuple(action for action in WORK_ACTIONS if find_work_obstacle(action, facts) is None)


def find_work_obstacle(action: WorkAction, facts: WorkFacts) -> str | None:
    """Why the action is refused, in words; None when it is allowed."""
    rule = WORK_ACTIONS[action]
    if rule.delivery not in (None, facts.delivery):
        return f"This is for orders that are {_DELIVERY_WORDS[rule.delivery]}."
    if rule.bound not in (None, facts.bound):
        return _ELSEWHERE[facts.bound]
    unasked = _find_unasked(rule, facts)
    if facts.state not in rule.states and not (unasked and facts.request):
        states = " or ".join(rule.states)
        return f"The fulfillment order is {facts.state}; this needs one that is {states}."
    if unasked is not None:
        return unasked
    return _find_lack(action, rule, facts)


_ELSEWHERE = {
    True: "It goes to the shop where it is collected, which receives it.",
    False: "This is for what is sent to a shop.",
}


def _find_lack(action: WorkAction, rule: WorkRule, facts: WorkFacts) -> str | None:
    """What of the units, or a hold, stands in the way; None when nothing does."""
    if rule.needs is not None and getattr(facts, rule.needs) == 0:
        return _LACKS[rule.needs]
    if action == "make_ready" and facts.awaited:
        return f"Units of the order that are still to be brought here: {facts.awaited}."
    if facts.held and not rule.while_held:
        return "The order is on hold; release its holds first."
    return None


def _find_unasked(rule: WorkRule, facts: WorkFacts) -> str | None:
    """What of the hand-shake with a partner stands in the way; None when nothing does."""
    if rule.requests is None:
        if facts.request == "submitted":
            return "The partner has not answered yet: accept it, reject it or take it back."
        return None
    if facts.request in rule.requests:
        return None
    if facts.request is None:
        return "No partner was asked to do this work."
    return f"The request is {_REQUEST_WORDS[facts.request]}."


_REQUEST_WORDS: dict[RequestState, str] = {
    "submitted": "not answered yet",
    "accepted": "accepted already",
    "rejected": "rejected already",
    "withdrawn": "withdrawn: it was taken back",
    "cancellation_requested": "accepted, and asked to be cancelled",
    "cancellation_accepted": "cancelled, as the partner agreed",
    "cancellation_rejected": "accepted, and will not be cancelled",
    "closed": "closed: nothing is left to do",
}


def require_work_action(action: WorkAction, facts: WorkFacts) -> None:
    """Raises ActionNotAllowed, saying why and what is allowed."""
    obstacle = find_work_obstacle(action, facts)
    if obstacle is not None:
        raise refuse_work_action(obstacle, facts)


def refuse_work_action(why: str, facts: WorkFacts) -> ActionNotAllowed:
    """The problem that says why, that nothing was changed, and what is allowed."""
    return ActionNotAllowed(
        f"{why} Nothing was changed.",
        extra={"allowed_actions": list(allowed_work_actions(facts))},
    )
