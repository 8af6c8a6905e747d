"""At the door: delivered with proof, or not delivered, and then in another slot."""

from typing import Literal
from uuid import UUID

import msgspec

from ordito.flows.attach_file import AddFile, keep_file, look_at_file
from ordito.flows.local_slots import DAYS_AHEAD, LocalFacts, SlotTime, list_free, list_times
from ordito.flows.opened_orders import OpenedOrder, open_order
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.flows.slot_choices import refuse_slot
from ordito.fulfillment import slot_days, stops
from ordito.fulfillment.parcels import set_delivered
from ordito.fulfillment.stop_asks import DeliverStop, FailStop, MoveStop, StopAsk, TryAgain
from ordito.fulfillment.stop_types import Stop, StopAttempt, StopState
from ordito.orders.deliveries import write_promised
from ordito.orders.events import SlotMoved, StopDelivered, StopFailed, UnitsDelivered
from ordito.orders.orders import ORDER
from ordito.orders.problems import FileKindRefused
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, Fault, InvalidInput, NotFound

_ACTS: dict[StopState, tuple[str, ...]] = {
    "planned": ("move_stop",),
    "out": ("deliver_stop", "fail_stop"),
    "failed": ("deliver_stop", "try_again", "move_stop"),
    "delivered": (),
    "returned": (),
    "dropped": (),
}
"""State → what may be done with a stop then."""


def _refuse(state: StopState) -> ActionNotAllowed:
    """Why something can't be done with a stop now, and what can."""
    match state:
        case "planned":
            why = "It has not left yet. Nothing was changed."
        case "out":
            why = "It is on its way. Nothing was changed."
        case "failed":
            why = "It could not be delivered. Nothing was changed."
        case "delivered":
            why = "It was delivered already. Nothing was changed."
        case "returned":
            why = "It came back into stock. Nothing was changed."
        case _:
            why = "It is not brought any more. Nothing was changed."
    return ActionNotAllowed(why, extra={"allowed_actions": list(_ACTS[state])})


class OpenedStop(msgspec.Struct, frozen=True):
    """A stop with its order, both locked."""

    stop: Stop
    opened: OpenedOrder
    location: str
    """The location's code."""


def allowed_stop_acts(state: StopState) -> tuple[str, ...]:
    """What may be done with a stop in that state."""
    return _ACTS[state]


def open_stop(tx: Tx, ask: StopAsk, act: str) -> OpenedStop:
    """Lock an order and its stop; raises NotFound, VersionConflict, ActionNotAllowed."""
    opened = open_order(tx, ask.order_id, ask.version)
    stop = stops.read_stops(tx, [ask.order_id]).get(ask.order_id)
    if stop is None or not tx.actor.sees_location(stop.location_id):
        raise NotFound("The order is not brought in a slot, or from a location you don't see.")
    if act not in _ACTS[stop.state]:
        raise _refuse(stop.state)
    return OpenedStop(stop, opened, reference(tx).locations_by_id[stop.location_id].code)


@command(permission="fulfillment.write")
def deliver_stop(tx: Tx, ask: DeliverStop) -> OrderState:
    """Somebody took it, or it was left somewhere: who or where is the proof, and so is a photo."""
    if not (ask.taken_by.strip() or ask.left_at.strip()):
        detail = "Say who took it, or where it was left."
        fault = Fault("/taken_by", "required", detail)
        raise InvalidInput("Nothing was changed.", errors=[fault])
    photo = _look_at_photo(ask.photo)
    at = open_stop(tx, ask, "deliver_stop")
    changes = OrderChanges(tx, {ask.order_id: at.opened})
    _deliver_parcels(changes, at.opened)
    file_no = _keep_photo(tx, ask.order_id, photo)
    attempt = _attempt(tx, at.stop, "delivered", file_no, ask)
    stops.write_attempt(tx, at.stop, attempt)
    handed = bool(ask.taken_by.strip())
    event = StopDelivered(at.location, attempt.attempt_no, handed, file_no is not None)
    tx.emit(ORDER, ask.order_id, event)
    changes.write("delivered")
    return order_state(tx, ask.order_id)


def _deliver_parcels(changes: OrderChanges, opened: OpenedOrder) -> None:
    """All that is under way of the order has arrived."""
    parcels: dict[tuple[int, int], dict[int, int]] = {}
    for row in opened.under_way:
        if opened.fos[row.fo_no].delivery == "local":
            parcels.setdefault((row.fo_no, row.parcel_no), {})[row.line_no] = row.units
    set_delivered(changes.tx, [(opened.order.id, *key) for key in parcels])
    for (fo_no, parcel_no), units in parcels.items():
        changes.deliver(opened.fos[fo_no], units)
        changes.tx.emit(ORDER, opened.order.id, UnitsDelivered(fo_no, units, parcel_no))


@command(permission="fulfillment.write")
def fail_stop(tx: Tx, ask: FailStop) -> OrderState:
    """Nobody took it. It counts as on its way until it is tried again, or taken back into stock."""
    photo = _look_at_photo(ask.photo)
    at = open_stop(tx, ask, "fail_stop")
    file_no = _keep_photo(tx, ask.order_id, photo)
    attempt = _attempt(tx, at.stop, "failed", file_no, ask)
    stops.write_attempt(tx, at.stop, attempt)
    event = StopFailed(at.location, attempt.attempt_no, ask.reason, file_no is not None)
    tx.emit(ORDER, ask.order_id, event)
    return order_state(tx, ask.order_id)


_Photo = tuple[str, bytes] | None
"""What it is, and its bytes without traces."""


def _look_at_photo(given: bytes | None) -> _Photo:
    if not given:
        return None
    media_type, body = look_at_file(given)
    if not media_type.startswith("image/"):
        raise FileKindRefused("The proof is a picture. Nothing was changed.")
    return media_type, body


def _keep_photo(tx: Tx, order_id: UUID, photo: _Photo) -> int | None:
    if photo is None:
        return None
    return keep_file(tx, AddFile(order_id=order_id, name="proof"), *photo).file_no


def _attempt(
    tx: Tx,
    stop: Stop,
    outcome: Literal["delivered", "failed"],
    file_no: int | None,
    ask: DeliverStop | FailStop,
) -> StopAttempt:
    return StopAttempt(
        order_id=stop.order_id,
        attempt_no=stop.attempts + 1,
        at=tx.now,
        actor_id=tx.actor.id,
        outcome=outcome,
        taken_by=ask.taken_by.strip() if isinstance(ask, DeliverStop) else "",
        left_at=ask.left_at.strip() if isinstance(ask, DeliverStop) else "",
        reason="" if isinstance(ask, DeliverStop) else ask.reason,
        note=ask.note.strip(),
        file_no=file_no,
    )


@command(permission="orders.write")
def move_stop(tx: Tx, ask: MoveStop) -> OrderState:
    """Bring it in another slot, as agreed with the customer; told when it is later than before.

    Raises SlotUnavailable, which names slots with room.
    """
    at = open_stop(tx, ask, "move_stop")
    return _move(tx, at, ask, ask.reason)


@command(permission="fulfillment.write")
def try_again(tx: Tx, ask: TryAgain) -> OrderState:
    """After a failed attempt, bring it in another slot; raises SlotUnavailable."""
    at = open_stop(tx, ask, "try_again")
    return _move(tx, at, ask, "failed")


def _move(tx: Tx, at: OpenedStop, ask: MoveStop | TryAgain, reason: str) -> OrderState:
    stop = at.stop
    if (ask.slot, ask.on) == (stop.slot, stop.on_day) and stop.state == "planned":
        return order_state(tx, stop.order_id)
    time = _take_place(tx, stop, ask)
    stops.move_stop(tx, stop, time.slot, time.on_day, (time.starts_at, time.ends_at))
    stops.move_promises(tx, stop.order_id, time.starts_at, time.on_day)
    write_promised(tx, stop.order_id, time.on_day)
    later = time.starts_at > stop.starts_at
    event = SlotMoved(
        at.location, time.slot, time.on_day, time.starts_at, time.ends_at,
        (stop.slot, stop.on_day), reason, later,
    )  # fmt: skip
    tx.emit(ORDER, stop.order_id, event)
    changes = OrderChanges(tx, {stop.order_id: at.opened})
    changes.touch(stop.order_id)
    changes.write("slot_moved")
    return order_state(tx, stop.order_id)


def _take_place(tx: Tx, stop: Stop, ask: MoveStop | TryAgain) -> SlotTime:
    """A place in the slot asked for; the one it had is free. Both days are locked in one go."""
    area = reference(tx).local.get(stop.location_id)
    times = list(list_times(area, tx.now)) if area else []
    wanted = next((t for t in times if (t.slot, t.on_day) == (ask.slot, ask.on)), None)
    if wanted is None:
        raise refuse_slot(
            f"Slot {ask.slot[:60]} on {ask.on.isoformat()} is closed, too near, or more than"
            f" {DAYS_AHEAD} days ahead. Nothing was changed.",
            _free_times(tx, stop, times),
        )
    keys = sorted({stop.key, wanted.key})
    slot_days.send_make(tx, keys)
    booked = {row.key: row.booked for row in slot_days.send_lock(tx, keys)}
    same = stop.key == wanted.key
    if not same and booked.get(wanted.key, 0) >= wanted.places:
        raise refuse_slot(
            f"Slot {ask.slot} on {ask.on.isoformat()} is full. Nothing was changed.",
            _free_times(tx, stop, times),
        )
    if not same:
        slot_days.give_back(tx, [stop.key])
        slot_days.send_take(tx, [(*wanted.key, 1, wanted.places)])
    return wanted


def _free_times(tx: Tx, stop: Stop, times: list[SlotTime]) -> list[SlotTime]:
    """Slots of the stop's location with room."""
    area = reference(tx).local.get(stop.location_id)
    if area is None or not times:
        return []
    first, last = times[0].on_day, times[-1].on_day
    rows = slot_days.send_booked(tx, [stop.location_id], first, last)
    return list_free([area], LocalFacts({row.key: row.booked for row in rows}, {}), tx.now)
