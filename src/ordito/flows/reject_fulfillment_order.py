"""Reject a fulfillment order: the location says no, the units are sourced elsewhere."""

from ordito.flows.cancel_order import unpicked_state
from ordito.flows.opened_work import open_work
from ordito.flows.order_states import order_state
from ordito.flows.partner_requests import note_rejected
from ordito.flows.resource_order import source_units
from ordito.flows.stock_searches import Search
from ordito.fulfillment.asks import RejectFulfillmentOrder
from ordito.orders.events import PartRejected
from ordito.orders.orders import ORDER
from ordito.orders.refusals import OUT_OF_STOCK, Refusal, keep_refusal
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command


@command(permission="fulfillment.write")
def reject_fulfillment_order(tx: Tx, ask: RejectFulfillmentOrder) -> OrderState:
    """What is not picked goes back on sale there and is sourced at another place.

    Other parts of the order keep what they have. The order is not offered to this location again
    by itself. What nobody else has is backordered and becomes somebody's task. A partner may say
    no to a part of what it was asked for, and still answers for the rest.
    """
    work = open_work(tx, ask, "reject")
    units = work.choose_units(ask.lines, "unpicked")
    state = unpicked_state(work.fo)
    for line_no, qty in units.items():
        work.changes.move(work.opened, line_no, qty, (state, "open"), work.fo)
    if ask.reason == OUT_OF_STOCK:
        work.changes.tasks += [
            ("count", ask.order_id, line_no, work.fo.location_id, item_id, pieces)
            for line_no, item_id, pieces in work.pieces(units)
        ]
    keep_refusal(tx, Refusal(ask.order_id, work.fo.location_id, ask.fo_no, ask.reason, tx.now))
    whole = sum(units.values()) == work.facts.unpicked
    if whole:
        work.changes.mark(work.fo, "rejected")
    if work.fo.request is not None:
        note_rejected(work, sum(units.values()), whole=whole, reason=ask.reason)
    tx.emit(ORDER, ask.order_id, PartRejected(ask.fo_no, work.location, ask.reason, units))
    search = Search(
        work.opened,
        units,
        "rejected",
        excluded=frozenset((str(work.fo.location_id),)),
        promised=True,
    )
    source_units(work.changes, [search], reason="rejected")
    return order_state(tx, ask.order_id)
