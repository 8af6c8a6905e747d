"""Another shop, or delivery, for an order that was to be collected or brought elsewhere."""

import msgspec

from ordito.flows.opened_orders import OpenedOrder, open_order
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.resource_order import search_unsourced, source_units
from ordito.flows.slot_returns import give_slots_back
from ordito.flows.withdraw_units import UNBEGUN, withdraw_units
from ordito.fulfillment.types import WORK
from ordito.locations.types import Location
from ordito.orders.actions import refuse_order_action, require_order_action
from ordito.orders.asks import ChangeDelivery
from ordito.orders.choices import decide_choice
from ordito.orders.deliveries import write_delivery
from ordito.orders.events import DeliveryChanged
from ordito.orders.orders import ORDER
from ordito.orders.parties import read_contacts
from ordito.orders.pins import write_pin
from ordito.orders.refusals import lift_refusal
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput


@command(permission="orders.write")
def change_delivery(tx: Tx, ask: ChangeDelivery) -> OrderState:
    """Have the customer collect somewhere else, or ship to them; they have agreed to it.

    What no location has begun is sourced anew, all of it or nothing is changed. Refused while a
    shop has begun: it puts the units back, or says no, first.
    """
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("change_delivery", opened.facts())
    location = _find_location(tx, opened, ask)
    now = (opened.order.delivery, opened.order.pickup_location_id)
    if now == (ask.delivery, location.id if location else None):
        return order_state(tx, ask.order_id)
    _require_unbegun(opened)
    opened = _changed(tx, opened, ask, location)
    if location is not None:
        lift_refusal(tx, ask.order_id, location.id)
    code = location.code if location else None
    tx.emit(ORDER, ask.order_id, DeliveryChanged(ask.delivery, code))
    decide_choice(tx, ask.order_id, ask.delivery, location.id if location else None)
    _source_anew(tx, opened)
    return order_state(tx, ask.order_id)


def _find_location(tx: Tx, opened: OpenedOrder, ask: ChangeDelivery) -> Location | None:
    """The shop to collect from; None for delivery. Raises InvalidInput for what can't be."""
    if ask.delivery == "ship":
        if ask.location is not None:
            raise _invalid("/location", "unwanted", "Only who collects names a location.")
        places = (one for one in read_contacts(tx, opened.order.id) if one.role == "ship_to")
        if not any(one.city for one in places):
            detail = "There is no address to ship to. Ask for it and place a new order."
            raise _invalid("/delivery", "no-address", detail)
        return None
    found = reference(tx).locations.get(ask.location or "")
    if found is None or not found.active or not tx.actor.sees_location(found.id):
        detail = "Name an active location that you see."
        raise _invalid("/location", "unknown-location", detail)
    if not found.can_pickup:
        detail = f"{found.code} hands out no orders that customers collect."
        raise _invalid("/location", "no-pickup", detail)
    return found


def _invalid(pointer: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput("Nothing was changed.", errors=[Fault(pointer, code, detail)])


def _require_unbegun(opened: OpenedOrder) -> None:
    begun = [fo for fo in opened.fos.values() if fo.state in WORK and fo.state not in UNBEGUN]
    if begun or opened.is_any_gone():
        raise refuse_order_action(
            "A location has begun with this order. Let it put the units back or say no first.",
            opened.facts(),
        )


def _changed(
    tx: Tx, opened: OpenedOrder, ask: ChangeDelivery, location: Location | None
) -> OpenedOrder:
    """Write how the order reaches its customer; pins fall, since they were meant for before.

    A slot in which it was to be brought has a place more.
    """
    place_id = location.id if location else None
    if opened.order.delivery == "local":
        give_slots_back(tx, [opened])
    write_delivery(tx, ask.order_id, ask.delivery, place_id)
    for line in opened.lines.values():
        if line.pinned_location_id is not None:
            write_pin(tx, ask.order_id, line.line_no, None)
    return msgspec.structs.replace(
        opened,
        order=msgspec.structs.replace(
            opened.order, delivery=ask.delivery, pickup_location_id=place_id
        ),
        lines={
            no: msgspec.structs.replace(line, pinned_location_id=None)
            for no, line in opened.lines.items()
        },
    )


def _source_anew(tx: Tx, opened: OpenedOrder) -> None:
    """All units that wait or are not begun; raises ActionNotAllowed when some find no stock."""
    changes = OrderChanges(tx, {opened.order.id: opened})
    search = search_unsourced(opened, "delivery_changed")
    units = dict(search.units)
    for fo in opened.fos.values():
        for no, qty in withdraw_units(changes, opened, fo, why="delivery_changed").items():
            units[no] = units.get(no, 0) + qty
    if not units:
        return
    search = msgspec.structs.replace(search, units=units)
    sourced = source_units(changes, [search], reason="delivery_changed")[0]
    if sourced.backordered:
        raise refuse_order_action(
            f"Of {sum(units.values())} units, {sourced.backordered} are not there. Choose another"
            " location, or cancel what is missing first.",
            opened.facts(),
        )
