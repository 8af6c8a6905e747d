"""Take units back that a location has not begun, so that they can be sourced anew."""

from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.fulfillment.types import FulfillmentOrder, State
from ordito.orders.events import PartWithdrawn
from ordito.orders.orders import ORDER

UNBEGUN: frozenset[State] = frozenset(("scheduled", "open"))
"""States in which the location was not told to begin."""


def withdraw_units(
    changes: OrderChanges,
    opened: OpenedOrder,
    fo: FulfillmentOrder,
    *,
    why: str,
    line_no: int | None = None,
) -> dict[int, int]:
    """Free what is reserved for a fulfillment order that nobody has begun; units by line.

    line_no: only of this line. Nothing happens where the work has begun.
    """
    if fo.state not in UNBEGUN:
        return {}
    units = {
        work.line_no: work.qty
        for work in opened.work_of(fo.fo_no)
        if work.qty and line_no in (None, work.line_no)
    }
    for no, qty in units.items():
        changes.move(opened, no, qty, ("reserved", "open"), fo)
    if units:
        code = reference(changes.tx).locations_by_id[fo.location_id].code
        changes.tx.emit(ORDER, opened.order.id, PartWithdrawn(fo.fo_no, code, why, units))
    return units
