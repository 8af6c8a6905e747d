"""Stock as it is kept: cells, postings, reservations."""

from datetime import datetime
from uuid import UUID

import msgspec

from ordito.kernel.moves import Bucket

CellKey = tuple[str, str]
"""Item id and location id, as text: sorted, the order in which cells are locked."""

COUNTED: tuple[Bucket, ...] = (
    "available",
    "reserved",
    "picked",
    "quality_control",
    "damaged",
    "safety",
    "incoming",
    "in_transit",
)
OTHERS: tuple[Bucket, ...] = ("quality_control", "damaged", "safety", "incoming", "in_transit")
"""The buckets whose balances a posting keeps as an array, in its order."""
ON_HAND: frozenset[Bucket] = frozenset(
    ("available", "reserved", "picked", "quality_control", "damaged", "safety")
)
SHELF: frozenset[Bucket] = ON_HAND - {"picked"}
"""What lies on the shelf: where bin stock is kept, in a bin."""


class Cell(msgspec.Struct):
    """One item at one location: the counters, and the number of its last posting."""

    item_id: UUID
    location_id: UUID
    on_hand: int
    available: int
    reserved: int
    picked: int
    quality_control: int
    damaged: int
    safety: int
    incoming: int
    in_transit: int
    seq: int


class Posting(msgspec.Struct, frozen=True):
    """A quantity moved from one bucket to another; the balances are those after it."""

    item_id: UUID
    location_id: UUID
    seq: int
    from_bucket: Bucket
    to_bucket: Bucket
    qty: int
    reason: str
    source_id: UUID | None
    source_line: int | None
    at: datetime
    occurred_at: datetime
    actor_id: UUID
    on_hand_after: int
    available_after: int
    reserved_after: int
    picked_after: int


class Reservation(msgspec.Struct, frozen=True):
    """Stock promised to a line of an order, or to a hold that expires."""

    holder_id: UUID
    line_no: int
    item_id: UUID
    location_id: UUID
    qty: int
    expires_at: datetime | None


class FreeCell(msgspec.Struct, frozen=True):
    item_id: UUID
    location_id: UUID
    available: int
