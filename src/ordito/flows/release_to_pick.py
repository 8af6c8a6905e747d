"""Release fulfillment orders to picking, one or many."""

from uuid import UUID

from ordito.flows.bulk_outcomes import tell_outcomes
from ordito.flows.opened_orders import OpenedOrder, open_orders, require_order, require_work
from ordito.flows.opened_work import open_work
from ordito.flows.order_changes import OrderChanges
from ordito.flows.partner_requests import submit_request
from ordito.flows.reference import reference
from ordito.fulfillment.actions import allowed_work_actions, require_work_action
from ordito.fulfillment.asks import ReleaseManyToPick, ReleaseToPick
from ordito.fulfillment.types import FulfillmentOrder, fo_id
from ordito.orders.actions import refuse_order_action
from ordito.orders.asks import ReleaseOrders
from ordito.orders.events import UnitsReleased
from ordito.orders.orders import ORDER
from ordito.orders.states import BulkOutcome, OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Problem


@command(permission="fulfillment.write")
def release_to_pick(tx: Tx, ask: ReleaseToPick) -> OrderState:
    """Let a location begin; refused while the order is on hold."""
    work = open_work(tx, ask, "release")
    units = _release(work.changes, work.opened, work.fo)
    return work.finish(UnitsReleased(ask.fo_no, work.location, units), "released")


@command(permission="fulfillment.write")
def release_fulfillment_orders(tx: Tx, ask: ReleaseManyToPick) -> BulkOutcome:
    """Release many fulfillment orders; each is released or refused alone."""
    opened = open_orders(tx, {one.order_id for one in ask.asks})
    changes = OrderChanges(tx, opened)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for one in ask.asks:
        id_ = fo_id(one.order_id, one.fo_no)
        if id_ in items:
            continue
        try:
            _release_one(changes, one)
            items[id_] = (one.order_id, None)
        except Problem as problem:
            items[id_] = (one.order_id, problem)
    changes.write("released")
    return tell_outcomes(tx, items)


@command(permission="fulfillment.write")
def release_orders(tx: Tx, ask: ReleaseOrders) -> BulkOutcome:
    """Release whatever of many orders can be, at the locations that the actor sees."""
    opened = open_orders(tx, ask.order_ids)
    changes = OrderChanges(tx, opened)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for order_id in dict.fromkeys(ask.order_ids):
        try:
            for fo in _releasable(tx, require_order(tx, opened, order_id)):
                _release_one(changes, ReleaseToPick(order_id=order_id, fo_no=fo.fo_no))
            items[str(order_id)] = (order_id, None)
        except Problem as problem:
            items[str(order_id)] = (order_id, problem)
    changes.write("released")
    return tell_outcomes(tx, items)


def _releasable(tx: Tx, order: OpenedOrder) -> list[FulfillmentOrder]:
    """The parts of an order that can be released now; raises ActionNotAllowed when none can."""
    found = [
        fo
        for fo in order.fos.values()
        if tx.actor.sees_location(fo.location_id)
        and "release" in allowed_work_actions(order.work_facts(fo.fo_no))
    ]
    if not found:
        why = "The order is on hold." if order.holds else "No part of it waits to be released."
        raise refuse_order_action(why, order.facts())
    return found


def _release_one(changes: OrderChanges, ask: ReleaseToPick) -> None:
    tx = changes.tx
    opened = require_order(tx, changes.opened, ask.order_id)
    fo = require_work(tx, opened, ask.fo_no, ask.version)
    require_work_action("release", opened.work_facts(ask.fo_no))
    units = _release(changes, opened, fo)
    location = reference(tx).locations_by_id[fo.location_id].code
    tx.emit(ORDER, ask.order_id, UnitsReleased(ask.fo_no, location, units))


def _release(changes: OrderChanges, opened: OpenedOrder, fo: FulfillmentOrder) -> int:
    """Move what is reserved at the location to released; returns the units. A partner is asked."""
    lines = {
        work.line_no: work.qty - work.picked
        for work in opened.work_of(fo.fo_no)
        if work.qty > work.picked
    }
    for line_no, units in lines.items():
        changes.move(opened, line_no, units, ("reserved", "released"), fo)
    changes.mark(fo, "released")
    location = reference(changes.tx).locations_by_id[fo.location_id]
    if location.is_asked:
        submit_request(changes, fo, location, lines)
    return sum(lines.values())
