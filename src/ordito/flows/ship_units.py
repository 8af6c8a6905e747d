"""Ship: a parcel leaves with what is packed, and arrives."""

from ordito.flows.named_lots import find_named_lots
from ordito.flows.opened_work import open_work
from ordito.flows.order_states import order_state
from ordito.flows.sent_parcels import state_after, tell_left
from ordito.fulfillment.actions import refuse_work_action
from ordito.fulfillment.asks import DeliverUnits, ShipUnits
from ordito.fulfillment.parcels import insert_parcel, next_parcel_no, set_delivered
from ordito.fulfillment.types import Parcel
from ordito.kernel.moves import LineState
from ordito.orders.events import UnitsDelivered
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command


@command(permission="fulfillment.write")
def ship_units(tx: Tx, ask: ShipUnits) -> OrderState:
    """A parcel left the building, to the customer or the shop where they collect it; a fulfillment
    order may have several."""
    work = open_work(tx, ask, "ship")
    units = work.choose_units(ask.lines, "unshipped")
    work.changes.lots = find_named_lots(tx, work, ask.lots)
    for line_no, qty in units.items():
        way: tuple[LineState, LineState] = ("packed", state_after(work.fo))
        work.changes.move(work.opened, line_no, qty, way, work.fo)
    parcel = Parcel(
        order_id=ask.order_id,
        fo_no=ask.fo_no,
        parcel_no=next_parcel_no(tx, ask.order_id, ask.fo_no),
        carrier=ask.carrier,
        service=ask.service,
        tracking_number=ask.tracking_number.strip(),
        weight_g=ask.weight_g,
        shipped_at=tx.now,
        delivered_at=None,
        destination_id=work.fo.destination_id,
    )
    insert_parcel(tx, parcel, work.pieces(units))
    work.changes.send_in(work.fo, parcel.parcel_no)
    return work.finish(tell_left(tx, work.fo, parcel, units), "shipped")


@command(permission="fulfillment.write")
def deliver_units(tx: Tx, ask: DeliverUnits) -> OrderState:
    """Parcels arrived: one, or all of the fulfillment order that are under way."""
    work = open_work(tx, ask, "deliver")
    rows = [row for row in work.opened.under_way if row.fo_no == ask.fo_no]
    chosen = [row for row in rows if ask.parcel_no in (None, row.parcel_no)]
    if not chosen:
        known = ", ".join(str(no) for no in sorted({row.parcel_no for row in rows}))
        raise refuse_work_action(
            f"Parcel {ask.parcel_no} is not under way; {known} is.", work.facts
        )
    per_parcel: dict[int, dict[int, int]] = {}
    for row in chosen:
        per_parcel.setdefault(row.parcel_no, {})[row.line_no] = row.units
    set_delivered(tx, [(ask.order_id, ask.fo_no, no) for no in per_parcel])
    for parcel_no, units in per_parcel.items():
        work.changes.deliver(work.fo, units)
        tx.emit(ORDER, ask.order_id, UnitsDelivered(ask.fo_no, units, parcel_no))
    work.changes.write("delivered")
    return order_state(tx, ask.order_id)
