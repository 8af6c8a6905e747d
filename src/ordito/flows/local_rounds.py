"""The round of a slot: what is packed leaves, in the order that staff put it into."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ordito.flows.fulfil_many import OrderLots, read_order_lots, refuse_unfit_lots
from ordito.flows.opened_orders import OpenedOrder, open_orders, require_order
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.fulfillment import stops
from ordito.fulfillment.actions import require_work_action
from ordito.fulfillment.parcels import insert_parcel, next_parcel_no
from ordito.fulfillment.stop_asks import ArrangeRound, RoundAsk, StartRound
from ordito.fulfillment.stop_types import Stop
from ordito.fulfillment.types import FulfillmentOrder, Parcel
from ordito.locations.types import Location
from ordito.orders.events import RoundStarted, UnitsShipped
from ordito.orders.orders import ORDER
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound, Problem


class Stayed(msgspec.Struct, frozen=True):
    """A stop that didn't leave with the round, and why."""

    number: int
    why: str


class RoundLeft(msgspec.Struct, frozen=True):
    """What left with a round (numbers of orders), and what stayed."""

    location: str
    slot: str
    on: date
    left: tuple[int, ...]
    stayed: tuple[Stayed, ...]


class RoundArranged(msgspec.Struct, frozen=True):
    location: str
    slot: str
    on: date
    order_ids: tuple[UUID, ...]


@command(permission="fulfillment.write")
def start_round(tx: Tx, ask: StartRound) -> RoundLeft:
    """Everything packed of a slot leaves; each stop that can't says why, and stays.

    What was tried before and is to be tried again leaves again. Raises ActionNotAllowed where
    nothing can leave: a round that is started twice leaves once.
    """
    place = find_place(tx, ask)
    waiting = [stop for stop in stops.find_round(tx, place.id, ask.on, ask.slot)
               if stop.state == "planned"]  # fmt: skip
    opened = open_orders(tx, [stop.order_id for stop in waiting])
    # Read again under the locks: one may have been moved to another slot meanwhile.
    now = stops.read_stops(tx, opened)
    changes = OrderChanges(tx, opened)
    lots = read_order_lots(tx, opened)
    left: list[OpenedOrder] = []
    stayed: list[Stayed] = []
    for stop in waiting:
        if now.get(stop.order_id) != stop or not _is_seen(tx, opened.get(stop.order_id)):
            continue
        order = opened[stop.order_id]
        try:
            _send_off(changes, order, place, lots)
            left.append(order)
        except Problem as problem:
            stayed.append(Stayed(order.order.number, problem.detail))
    if not left:
        raise ActionNotAllowed(
            "Nothing of this round is packed and waiting to leave. Nothing was changed.",
            extra={"stayed": [msgspec.to_builtins(one) for one in stayed]},
        )
    stops.write_states(tx, [one.order.id for one in left], "out")
    for one in left:
        event = RoundStarted(place.code, ask.slot, ask.on, len(left))
        tx.emit(ORDER, one.order.id, event)
    changes.write("shipped")
    numbers = tuple(sorted(one.order.number for one in left))
    return RoundLeft(place.code, ask.slot, ask.on, numbers, tuple(stayed))


def find_place(tx: Tx, ask: RoundAsk) -> Location:
    """The location of a round; raises NotFound."""
    place = reference(tx).locations.get(ask.location)
    if place is None or not tx.actor.sees_location(place.id):
        raise NotFound(f"There is no location “{ask.location[:60]}”, or you don't see it.")
    return place


def _is_seen(tx: Tx, opened: OpenedOrder | None) -> bool:
    return opened is not None and opened.is_seen_by(tx.actor)


def _send_off(changes: OrderChanges, opened: OpenedOrder, place: Location, lots: OrderLots) -> None:
    """A parcel per part that is packed. Checked first: a refusal leaves nothing behind."""
    tx, order = changes.tx, opened.order
    require_order(tx, {order.id: opened}, order.id)
    here = [fo for fo in opened.fos.values()
            if fo.location_id == place.id and fo.delivery == "local"]  # fmt: skip
    sums = {fo.fo_no: opened.sums_of(fo.fo_no) for fo in here}
    packed = [fo for fo in here if sums[fo.fo_no].packed > sums[fo.fo_no].shipped]
    if not packed and any(one.under_way for one in sums.values()):
        return  # It was tried before and lies in the van, or here.
    if not packed:
        raise ActionNotAllowed("Nothing of it is packed.")
    unpacked = any(one.packed < one.qty for one in sums.values())
    waiting = any(line.open + line.backordered for no, line in opened.lines.items()
                  if opened.parts[no])  # fmt: skip
    if unpacked or waiting:
        raise ActionNotAllowed("Some of it is not packed yet, or waits for supply.")
    for fo in packed:
        require_work_action("start_round", opened.work_facts(fo.fo_no))
        refuse_unfit_lots(tx, fo, lots)
    for fo in packed:
        _ship(changes, opened, fo, place)


def _ship(
    changes: OrderChanges, opened: OpenedOrder, fo: FulfillmentOrder, place: Location
) -> None:
    tx = changes.tx
    units = {work.line_no: work.packed - work.shipped for work in opened.work_of(fo.fo_no)
             if work.packed > work.shipped}  # fmt: skip
    for line_no, qty in units.items():
        changes.move(opened, line_no, qty, ("packed", "shipped"), fo)
    parcel = Parcel(
        order_id=fo.order_id,
        fo_no=fo.fo_no,
        parcel_no=next_parcel_no(tx, fo.order_id, fo.fo_no),
        carrier="",
        service="",
        tracking_number="",
        weight_g=None,
        shipped_at=tx.now,
        delivered_at=None,
    )
    pieces = [
        (line_no, part.item_id, qty * part.per_unit)
        for line_no, qty in sorted(units.items())
        for part in opened.parts[line_no]
    ]
    insert_parcel(tx, parcel, pieces)
    event = UnitsShipped(fo.fo_no, place.code, units, parcel.parcel_no)
    tx.emit(ORDER, fo.order_id, event)


@command(permission="fulfillment.write")
def arrange_round(tx: Tx, ask: ArrangeRound) -> RoundArranged:
    """Put the stops of a round into an order; asked twice it is the same."""
    place = find_place(tx, ask)
    known = {stop.order_id: stop for stop in stops.find_round(tx, place.id, ask.on, ask.slot)}
    _check_named(ask.order_ids, known)
    rest = [stop.order_id for stop in sorted(known.values(), key=_by_position)
            if stop.position is not None and stop.order_id not in ask.order_ids]  # fmt: skip
    wanted = (*ask.order_ids, *rest)
    stops.write_positions(tx, wanted)
    return RoundArranged(place.code, ask.slot, ask.on, wanted)


def _by_position(stop: Stop) -> int:
    return stop.position or 0


def _check_named(order_ids: Sequence[UUID], known: dict[UUID, Stop]) -> None:
    faults = [
        Fault(f"/order_ids/{n}", "unknown-stop", "It is no stop of this round.")
        for n, id_ in enumerate(order_ids)
        if id_ not in known
    ]
    if len(set(order_ids)) < len(order_ids):
        faults.append(Fault("/order_ids", "duplicate", "A stop is named twice."))
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
