"""What it would have taken for an order to ship from elsewhere, told from its stored decision."""

import msgspec

from ordito.flows.past_orders import PastOrder, PastStock, read_past_orders
from ordito.flows.reference import Reference, reference
from ordito.listings.order_decisions import ENGLISH
from ordito.listings.order_page import read_order_page
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound
from ordito.sourcing.explanations import Reason, explain
from ordito.sourcing.sentences import Words, plain_money, say
from ordito.sourcing.stored_decisions import is_same
from ordito.sourcing.stored_policies import read_versions_by_id
from ordito.sourcing.whatif_sentences import say_way
from ordito.sourcing.whatifs import Change, Situation, find_ways, plan_situation

PLACES_TRIED = 16
"""Locations for which ways are looked for, the best ranked first: each takes some plans."""


class ToldWay(msgspec.Struct, frozen=True):
    """Changes that together would bring a location into the plan, and each in words."""

    changes: tuple[Change, ...]
    words: tuple[str, ...]


class PlaceWhatIf(msgspec.Struct, frozen=True):
    """Why a location ships or doesn't, and ways in which it would. tried: whether ways were looked
    for; without one then, a rule binds that no amount moves."""

    location: str
    name: str
    standing: str
    words: str
    tried: bool
    ways: tuple[ToldWay, ...]


class OrderWhatIfs(msgspec.Struct, frozen=True):
    """An order's first decision, by location: chosen ones first, then as they ranked.

    exact: whether sourcing it again on the stock and load of then gives what was decided. False
           where locations, tariffs or the order's address have changed since.
    """

    number: int
    policy: str
    policy_version: int
    exact: bool
    places: tuple[PlaceWhatIf, ...]


def tell_whatifs(tx: Tx, number: int, words: Words = ENGLISH) -> OrderWhatIfs:
    """Raises NotFound for an order that there isn't, isn't seen, or took no stock."""
    tx.actor.require("orders.read")
    order_id = read_order_page(tx, number).id
    known = reference(tx)
    past = read_past_orders(tx, [order_id], known)
    if not past:
        raise NotFound("This order was not sourced: nothing of it takes stock.")
    order = past[0]
    situation, exact = _rebuild(tx, order, known)
    decision = order.decision.body
    reasons = explain(decision, known.places, order.skus)
    seen = [reason for reason in reasons if _is_seen(tx, reason, known)]
    tried = [reason.place for reason in seen if reason.standing != "chosen"][:PLACES_TRIED]
    return OrderWhatIfs(
        number=number,
        policy=known.policies[order.decision.policy_id].code,
        policy_version=order.decision.policy_version,
        exact=exact,
        places=tuple(
            _tell(reason, known, words, order, situation if reason.place in tried else None)
            for reason in seen
        ),
    )


def _is_seen(tx: Tx, reason: Reason, known: Reference) -> bool:
    location = known.locations_by_no.get(reason.place or 0)
    if location is None or location.kind == "history":
        return False
    return tx.actor.sees_location(location.id)


def _rebuild(tx: Tx, order: PastOrder, known: Reference) -> tuple[Situation, bool]:
    """What the order was planned on, and whether that gives the stored decision."""
    stock = PastStock(tx, [order], known)
    load = stock.go_to(order)
    key = (order.decision.policy_id, order.decision.policy_version)
    situation = Situation(
        request=order.request,
        policy=read_versions_by_id(tx, [key])[key],
        places=known.places,
        tariffs=known.tariffs,
        free=stock.free,
        load=load,
    )
    decision = msgspec.structs.replace(
        plan_situation(situation).decision, policy_version=order.decision.policy_version
    )
    return situation, is_same(decision, order.decision.body)


def _tell(
    reason: Reason,
    known: Reference,
    words: Words,
    order: PastOrder,
    situation: Situation | None,
) -> PlaceWhatIf:
    assert reason.place is not None, "caller keeps reasons about places"
    location = known.locations_by_no[reason.place]
    ways = find_ways(situation, reason.place) if situation is not None else []
    return PlaceWhatIf(
        location=location.code,
        name=location.name,
        standing=reason.standing,
        words=say(reason, words, plain_money),
        tried=situation is not None,
        ways=tuple(ToldWay(way, say_way(way, words, order.skus)) for way in ways),
    )
