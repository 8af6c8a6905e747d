"""Stops of local delivery: orders that a location brings itself, in slots that have room."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

StopState = Literal["planned", "out", "delivered", "failed", "returned", "dropped"]
"""planned: not left yet, or to be tried again. out: on its way. failed: nobody took it, and what
becomes of it is to be decided. returned: it came back into stock. dropped: it was cancelled or
goes another way; it takes no place any more."""

SlotKey = tuple[UUID, str, date]
"""location id, slot, day"""


class SlotDay(msgspec.Struct, frozen=True):
    """What is taken of a slot on a day."""

    location_id: UUID
    slot: str
    on_day: date
    booked: int
    places: int

    @property
    def key(self) -> SlotKey:
        return self.location_id, self.slot, self.on_day


class Stop(msgspec.Struct, frozen=True):
    """Where and when an order is brought. position: in the round, as staff put it; None: as near
    stops follow each other."""

    order_id: UUID
    location_id: UUID
    slot: str
    on_day: date
    starts_at: datetime
    ends_at: datetime
    state: StopState
    position: int | None
    attempts: int
    changed_at: datetime

    @property
    def key(self) -> SlotKey:
        return self.location_id, self.slot, self.on_day


class StopAttempt(msgspec.Struct, frozen=True):
    """What happened at the door. taken_by, left_at, note: may name people; file_no: the photo."""

    order_id: UUID
    attempt_no: int
    at: datetime
    actor_id: UUID
    outcome: Literal["delivered", "failed"]
    taken_by: str
    left_at: str
    reason: str
    note: str
    file_no: int | None
