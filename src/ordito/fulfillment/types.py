"""Fulfillment orders: the part of an order that one location fulfils."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

Delivery = Literal["ship", "pickup", "local"]
State = Literal[
    "scheduled",
    "open",
    "released",
    "picking",
    "picked",
    "packed",
    "ready",
    "shipped",
    "delivered",
    "handed_over",
    "cancelled",
    "rejected",
    "short",
    "not_collected",
]

RequestState = Literal[
    "submitted",
    "accepted",
    "rejected",
    "withdrawn",
    "cancellation_requested",
    "cancellation_accepted",
    "cancellation_rejected",
    "closed",
]
"""Where the hand-shake with a partner is; before it is submitted there is none."""

BEGUN_BY_PARTNER: frozenset[RequestState | None] = frozenset(
    ("accepted", "cancellation_requested", "cancellation_rejected")
)
"""The partner has said yes and works on it: what is to be cancelled is asked first."""

WORK: tuple[State, ...] = (
    "scheduled",
    "open",
    "released",
    "picking",
    "picked",
    "packed",
    "ready",
)
"""States in which a location still has something to do."""


class FulfillmentOrder(msgspec.Struct, frozen=True):
    """What a location has to do of an order. Its id is “<order id>.<number>”."""

    order_id: UUID
    fo_no: int
    location_id: UUID
    delivery: Delivery
    state: State
    decision_no: int
    promised_on: date | None
    pickup_code: str | None
    created_at: datetime
    released_at: datetime | None
    updated_at: datetime
    version: int
    collect_by: date | None = None
    """The last day on which the customer may collect what lies ready, in the location's zone."""
    request: RequestState | None = None
    """None where no partner was asked."""
    destination_id: UUID | None = None
    """The shop that it is sent to, where its customer collects it; None: it goes to them."""


class FulfillmentLine(msgspec.Struct, frozen=True):
    """Counts components: a line of 2 kits with 3 screws each is 6 screws, per_unit 3."""

    order_id: UUID
    fo_no: int
    line_no: int
    item_id: UUID
    qty: int
    per_unit: int
    picked: int
    packed: int
    shipped: int


class Parcel(msgspec.Struct, frozen=True):
    """What left the building."""

    order_id: UUID
    fo_no: int
    parcel_no: int
    carrier: str
    service: str
    tracking_number: str
    weight_g: int | None
    shipped_at: datetime
    delivered_at: datetime | None
    destination_id: UUID | None = None
    """The shop that receives it; None: it goes to the customer."""


class ParcelLine(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    parcel_no: int
    line_no: int
    item_id: UUID
    qty: int


class Task(msgspec.Struct, frozen=True):
    """Something a person must look at."""

    id: UUID
    kind: str
    order_id: UUID | None
    line_no: int | None
    location_id: UUID | None
    item_id: UUID | None
    qty: int | None
    raised_at: datetime
    closed_at: datetime | None


def fo_id(order_id: UUID | str, fo_no: int) -> str:
    """A fulfillment order's id as the API shows it."""
    return f"{order_id}.{fo_no}"
