"""Where an order stands: the answer of every command on it. Holds no personal data."""

from datetime import datetime
from uuid import UUID

import msgspec

from ordito.orders.actions import OrderAction
from ordito.orders.types import Fulfilment, Life, MoneyState, ReturnState


class LineState(msgspec.Struct, frozen=True):
    """A line's quantity vector; ordered is the sum of cancelled … completed."""

    line_no: int
    sku: str
    ordered: int
    cancelled: int
    open: int
    backordered: int
    reserved: int
    released: int
    picked: int
    packed: int
    shipped: int
    completed: int
    delivered: int
    return_requested: int
    returned: int
    restocked: int
    written_off: int


class PartState(msgspec.Struct, frozen=True):
    """A fulfillment order: its location by code, and what may be done with it now."""

    id: str
    location: str
    state: str
    version: int
    allowed_actions: tuple[str, ...]
    request: str | None = None
    """Where the hand-shake with the location's partner is; null where nobody was asked."""


class HoldState(msgspec.Struct, frozen=True):
    """An open hold; its note stays with those who may read notes."""

    hold_no: int
    reason: str
    owner_id: UUID | None
    release_at: datetime | None
    placed_at: datetime


class OrderState(msgspec.Struct, frozen=True):
    """An order after a command. `version` is the one to send as If-Match.

    fulfillment_orders: only those at locations that the reader may see.
    """

    id: UUID
    number: int
    version: int
    life: Life
    fulfilment: Fulfilment
    money: MoneyState
    return_state: ReturnState
    backordered: bool
    lines: tuple[LineState, ...]
    fulfillment_orders: tuple[PartState, ...]
    holds: tuple[HoldState, ...]
    allowed_actions: tuple[OrderAction, ...]


class Refusal(msgspec.Struct, frozen=True):
    """Why one item of a bulk command was refused: a problem body."""

    status: int
    body: dict[str, object]


class ItemOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item of a bulk command: its order's state, or why not."""

    id: str
    order: OrderState | None = None
    problem: Refusal | None = None


class BulkOutcome(msgspec.Struct, frozen=True):
    """One outcome per item asked, in the order of the ask."""

    items: tuple[ItemOutcome, ...]
