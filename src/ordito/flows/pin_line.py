"""Pin a line to a location, so that no other one ships it, or let any location serve it again."""

from collections.abc import Iterable

import msgspec

from ordito.flows.opened_orders import OpenedOrder, open_order, require_lines
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.resource_order import source_units
from ordito.flows.stock_searches import Search
from ordito.flows.withdraw_units import UNBEGUN, withdraw_units
from ordito.fulfillment.types import FulfillmentOrder
from ordito.locations.types import Location
from ordito.orders.actions import refuse_order_action, require_order_action
from ordito.orders.asks import PinLine
from ordito.orders.events import LinePinned, LineUnpinned
from ordito.orders.orders import ORDER
from ordito.orders.pins import write_pin
from ordito.orders.refusals import lift_refusal
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, NotPermitted


@command(permission="orders.write")
def pin_line(tx: Tx, ask: PinLine) -> OrderState:
    """Have one location ship a line: what nobody has begun elsewhere moves there.

    What other locations have begun stays with them. Naming a location asks it again even if it
    said no before. Without a location nothing moves: any may serve what is sourced from now on.
    """
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("pin", opened.facts())
    require_lines(opened, [ask.line_no])
    pinned_id = opened.lines[ask.line_no].pinned_location_id
    location = None if ask.location is None else _find_location(tx, opened, ask)
    if location is None:
        if pinned_id is not None:
            write_pin(tx, ask.order_id, ask.line_no, None)
            code = reference(tx).locations_by_id[pinned_id].code
            tx.emit(ORDER, ask.order_id, LineUnpinned(ask.line_no, code))
        return order_state(tx, ask.order_id)
    if location.id != pinned_id:
        write_pin(tx, ask.order_id, ask.line_no, location.id)
        tx.emit(ORDER, ask.order_id, LinePinned(ask.line_no, location.code))
    lift_refusal(tx, ask.order_id, location.id)
    _move_there(tx, _with_pin(opened, ask.line_no, location), ask, location)
    return order_state(tx, ask.order_id)


def _find_location(tx: Tx, opened: OpenedOrder, ask: PinLine) -> Location:
    """The location to pin to; raises InvalidInput for one that can't serve the line at all."""
    if not opened.parts[ask.line_no]:
        raise _invalid("/line_no", "no-stock", f"Line {ask.line_no} takes nothing from stock.")
    found = reference(tx).locations.get(ask.location or "")
    if found is None or found.kind == "history" or not tx.actor.sees_location(found.id):
        detail = "There is no such location, or you don't see it."
        raise _invalid("/location", "unknown-location", detail)
    if not found.active:
        detail = f"{found.code} is switched off. Switch it on first, or take another one."
        raise _invalid("/location", "inactive", detail)
    if opened.order.delivery == "pickup" and found.id != opened.order.pickup_location_id:
        detail = "The customer collects this order elsewhere; its lines can't ship from there."
        raise _invalid("/location", "pickup", detail)
    return found


def _invalid(pointer: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput("Nothing was changed.", errors=[Fault(pointer, code, detail)])


def _with_pin(opened: OpenedOrder, line_no: int, location: Location) -> OpenedOrder:
    line = msgspec.structs.replace(opened.lines[line_no], pinned_location_id=location.id)
    return msgspec.structs.replace(opened, lines=opened.lines | {line_no: line})


def _move_there(tx: Tx, opened: OpenedOrder, ask: PinLine, location: Location) -> None:
    """What is not begun elsewhere, or has no stock, is sourced there.

    Raises ActionNotAllowed when the location has too few and the rest isn't to wait.
    """
    line = opened.lines[ask.line_no]
    changes = OrderChanges(tx, {ask.order_id: opened})
    elsewhere = [fo for fo in opened.fos.values() if fo.location_id != location.id]
    _require_seen(tx, opened, ask.line_no, elsewhere)
    moved = sum(
        withdraw_units(changes, opened, fo, why="pinned", line_no=ask.line_no).get(ask.line_no, 0)
        for fo in elsewhere
    )
    waited = line.open + line.backordered
    if not moved and not waited:
        return
    search = Search(
        opened,
        {ask.line_no: moved + waited},
        "pinned",
        {ask.line_no: line.backordered} if line.backordered else {},
        promised=moved > 0,
    )
    sourced = source_units(changes, [search], reason="pinned")[0]
    if sourced.backordered > waited and not ask.wait:
        raise refuse_order_action(
            f"{location.code} can serve {sourced.reserved} of the {moved + waited} units that are"
            " to move. Take a location that has them all, or say that the rest may wait.",
            opened.facts(),
        )


def _require_seen(
    tx: Tx, opened: OpenedOrder, line_no: int, fos: Iterable[FulfillmentOrder]
) -> None:
    for fo in fos:
        work = opened.work.get((fo.fo_no, line_no))
        if fo.state in UNBEGUN and work and work.qty and not tx.actor.sees_location(fo.location_id):
            raise NotPermitted(
                "Units of this line are at locations that you don't see. Nothing was changed; ask"
                " someone who sees all of it."
            )
