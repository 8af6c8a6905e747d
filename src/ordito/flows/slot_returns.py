"""Slots whose places are free again: nothing is left to bring, or the order goes another way."""

from collections.abc import Mapping, Sequence

from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.reference import reference
from ordito.fulfillment import slot_days, stops
from ordito.orders.events import SlotGivenBack
from ordito.orders.orders import ORDER
from ordito.platform.database import Tx


def give_slots_back(tx: Tx, opened: Sequence[OpenedOrder]) -> None:
    """Drop the stops of opened orders; nothing is asked where there are none.

    What has left already keeps its place: the van was full of it.
    """
    if not opened:
        return
    found = stops.read_stops(tx, [one.order.id for one in opened])
    planned = [stop for stop in found.values() if stop.state == "planned"]
    if not planned:
        return
    slot_days.give_back(tx, [stop.key for stop in planned])
    stops.write_states(tx, [stop.order_id for stop in planned], "dropped")
    places = reference(tx).locations_by_id
    for stop in planned:
        event = SlotGivenBack(places[stop.location_id].code, stop.slot, stop.on_day)
        tx.emit(ORDER, stop.order_id, event)


def close_failed_stop(tx: Tx, opened: OpenedOrder, returned: Mapping[int, int]) -> None:
    """What nobody took came back into stock: its stop waits for nobody any more.

    returned: units by line that came back just now.
    """
    left = sum(
        line.shipped - line.returned - returned.get(no, 0) for no, line in opened.lines.items()
    )
    stop = stops.read_stops(tx, [opened.order.id]).get(opened.order.id)
    if stop is not None and stop.state == "failed" and not left:
        stops.write_states(tx, [opened.order.id], "returned")
