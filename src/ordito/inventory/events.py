"""What happens to stock. `items` is by item id: what became free to sell, where not said else."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from ordito.platform.events import Event


class StockReceived(Event, frozen=True):
    """Units came in. `items` can be sold; `aside` (item → pieces) has to be looked at first."""

    kind: ClassVar[str] = "stock.received"
    location: str
    reference: str
    items: dict[str, int]
    aside: dict[str, int]


class StockAdjusted(Event, frozen=True):
    """Differences were booked: (item id, bucket, signed pieces, reason) each."""

    kind: ClassVar[str] = "stock.adjusted"
    location: str
    note: str
    lines: list[tuple[str, str, int, str]]
    items: dict[str, int]
    """Pieces more that can be sold; what there is less of is not in it."""


class StockMoved(Event, frozen=True):
    """Units lie in another bucket: (item id, from, to, pieces) each."""

    kind: ClassVar[str] = "stock.moved"
    location: str
    note: str
    lines: list[tuple[str, str, str, int]]
    items: dict[str, int]
    """Pieces more that can be sold."""
    reason: str = "move"


class StockCounted(Event, frozen=True):
    """Units were counted: (item id, pieces before, pieces counted) each."""

    kind: ClassVar[str] = "stock.counted"
    location: str
    note: str
    lines: list[tuple[str, int, int]]
    items: dict[str, int]
    """Pieces more that can be sold."""


class HoldPlaced(Event, frozen=True):
    """Stock is kept for someone: location → pieces."""

    kind: ClassVar[str] = "hold.placed"
    channel: str
    reason: str
    expires_at: datetime
    units: dict[str, int]
    group: str = ""
    """Of customers whom it is kept for; then `channel` may be empty, for all."""
    kept: bool = False
    """Until it is used up or released, not for a cart."""


class HoldExtended(Event, frozen=True):
    kind: ClassVar[str] = "hold.extended"
    expires_at: datetime


class HoldEnded(Event, frozen=True):
    """The stock is free again. why: released, expired, counted away, or completed: then it is the
    order's, and `items` is what the order did not take."""

    kind: ClassVar[str] = "hold.ended"
    why: str
    items: dict[str, int]
    order_id: UUID | None = None


class CartMailed(Event, frozen=True):
    """The shopper was written to about the cart that they left."""

    kind: ClassVar[str] = "hold.mailed"
    mail_id: UUID


class HoldUsed(Event, frozen=True):
    """An order, or a cart, took pieces that were kept for it: item id → pieces. What is left in
    the hold is `left`; with none left it is over. order_id: null when a cart took them."""

    kind: ClassVar[str] = "hold.used"
    order_id: UUID | None
    order_number: int
    taken: dict[str, int]
    left: int
    cart_id: UUID | None = None


class HoldRefilled(Event, frozen=True):
    """A cart ended unsold and gave back what it had taken: item id → pieces."""

    kind: ClassVar[str] = "hold.refilled"
    cart_id: UUID
    items: dict[str, int]


class StockLimitsSet(Event, frozen=True):
    """From when on stock is low, or too much: (item id, location code, together, low by, low at,
    over days) each; None is of all, and what isn't said."""

    kind: ClassVar[str] = "stock_limits.set"
    limits: list[tuple[str | None, str | None, bool, str | None, int | None, int | None]]


class StockReasonCreated(Event, frozen=True):
    """There is a reason more that people can give."""

    kind: ClassVar[str] = "stock_reason.created"
    code: str


class StockReasonChanged(Event, frozen=True):
    """Field → what it was and what it is."""

    kind: ClassVar[str] = "stock_reason.changed"
    code: str
    changes: dict[str, tuple[Any, Any]]
