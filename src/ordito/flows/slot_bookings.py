"""Slots taken by placing: counted under the locks of their days, in the writing transaction."""

from collections.abc import Sequence
from typing import Any

from ordito.flows.local_slots import SlotTime
from ordito.flows.planned_orders import PlannedOrder
from ordito.fulfillment import slot_days
from ordito.fulfillment.stop_types import SlotKey
from ordito.orders.events import SlotBooked
from ordito.platform.database import Tx
from ordito.sourcing.promises import Promise

StopRow = tuple[Any, ...]


class SlotBookings:
    """The slots that a batch takes. Nothing is asked or written where none does."""

    def __init__(self, tx: Tx, planned: Sequence[PlannedOrder]) -> None:
        self._tx = tx
        self._times: dict[SlotKey, SlotTime] = {
            order.draft.slot.key: order.draft.slot
            for order in planned
            if order.draft.slot is not None
        }
        self._booked: dict[SlotKey, int] = {}
        self._taken: dict[SlotKey, int] = {}

    def send_lock(self) -> Any:
        """Make and lock the days of the slots: they come before cells."""
        if not self._times:
            return None
        slot_days.send_make(self._tx, list(self._times))
        return slot_days.send_lock(self._tx, list(self._times))

    def read(self, cursor: Any) -> None:
        self._booked = {row.key: row.booked for row in cursor or ()}

    def fits(self, order: PlannedOrder) -> bool:
        """Whether the order's slot has room still."""
        time = order.draft.slot
        if time is None:
            return True
        taken = self._booked.get(time.key, 0) + self._taken.get(time.key, 0)
        return taken < time.places

    def take(self, order: PlannedOrder) -> None:
        if order.draft.slot is not None:
            key = order.draft.slot.key
            self._taken[key] = self._taken.get(key, 0) + 1

    def send(self) -> None:
        """Write what was taken."""
        slot_days.send_take(
            self._tx,
            [(*key, n, self._times[key].places) for key, n in self._taken.items()],
        )


def stop_row(order_id: str, time: SlotTime, now: Any) -> StopRow:
    """The row of a new stop."""
    return (
        order_id, time.location.id, time.slot, time.on_day, time.starts_at, time.ends_at, "planned",
        now,
    )  # fmt: skip


def promise_slot(time: SlotTime) -> Promise:
    """What a part that is brought in a slot promises: it comes then."""
    return Promise(time.starts_at, time.starts_at, time.on_day, time.on_day, "")


def slot_event(time: SlotTime) -> SlotBooked:
    return SlotBooked(time.location.code, time.slot, time.on_day, time.starts_at, time.ends_at)
