"""What is asked of stock, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask, Code, Instant, LotText, Note, Quantity, Sku, Version
from ordito.kernel.quantities import QUANTITY_MAX

LINK = r"^(https?://[^\s<>\"']{1,1000})?$"
"""An address on the web, or none."""

LINES_MAX = 1000
"""Lines of one document, and of one transaction: more are several."""

Reference = Annotated[str, Meta(max_length=100)]
Aside = Literal["damaged", "quality_control", "safety"]
OnShelf = Literal["available", "damaged", "quality_control", "safety"]
Reason = Annotated[
    str,
    Meta(min_length=1, max_length=40, description="The code of a reason, see /stock/reasons"),
]


class LotNamed(Ask, frozen=True, kw_only=True):
    """A lot, or a serial number.

    The dates and the supplier's reference are said of a lot that is new; of one that is known
    they may be left out, and are refused when they differ.
    """

    lot: LotText
    expires_on: date | None = None
    """The last day on which it may be used."""
    made_on: date | None = None
    supplier_reference: Reference = ""


class LotUnits(LotNamed, frozen=True, kw_only=True):
    """Pieces of a lot, or the one unit with that serial number."""

    quantity: Quantity = 1


class CountedLot(LotNamed, frozen=True, kw_only=True):
    """All pieces counted of a lot, whatever bucket they are in; 0 for one that isn't there."""

    counted: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
    expected: Annotated[int, Meta(ge=0)] | None = None
    """Pieces of it on hand when the count began; if they are others by now, nothing is changed."""


LotLines = Annotated[tuple[LotUnits, ...], Meta(max_length=LINES_MAX)]


class ReceiveLine(Ask, frozen=True):
    """Units of an item that came in.

    expected: the expected receipt that they are of. last: nothing more of that one comes.
    """

    sku: Sku
    quantity: Quantity
    bucket: Literal["available", "quality_control", "damaged"] = "available"
    expected: UUID | None = None
    last: bool = False
    lots: LotLines = ()
    """Of what lots the units are, where the item is kept by lots or serial numbers."""


class ReceiveStock(Ask, frozen=True, kw_only=True):
    """Units that came in from a supplier."""

    location: Code
    lines: Annotated[tuple[ReceiveLine, ...], Meta(min_length=1, max_length=LINES_MAX)]
    reference: Reference = ""
    """The delivery note's number, or what the receipt is found by."""
    received_at: Instant | None = None


class ReceiveMany(Ask, frozen=True, kw_only=True):
    """Receipts; each succeeds or is refused alone."""

    receipts: Annotated[tuple[ReceiveStock, ...], Meta(min_length=1, max_length=LINES_MAX)]


class AdjustLine(Ask, frozen=True):
    """So many more (or, negative, fewer) in a bucket."""

    sku: Sku
    quantity: Annotated[int, Meta(ge=-QUANTITY_MAX, le=QUANTITY_MAX)]
    bucket: OnShelf = "available"
    reason: Reason | None = None
    """Where it differs from the document's."""
    lots: LotLines = ()
    """Of what lots the units are, where the item is kept by lots; their quantities are positive."""
    bin: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    """Where they lie, or are missing, at a location that keeps bin stock."""


class AdjustStock(Ask, frozen=True, kw_only=True):
    """Differences, each with its reason; all are booked, or none."""

    location: Code
    reason: Reason
    lines: Annotated[tuple[AdjustLine, ...], Meta(min_length=1, max_length=LINES_MAX)]
    note: Note = ""
    occurred_at: Instant | None = None


class AdjustMany(Ask, frozen=True, kw_only=True):
    """Adjustments; each succeeds or is refused alone."""

    adjustments: Annotated[tuple[AdjustStock, ...], Meta(min_length=1, max_length=LINES_MAX)]


class MoveLine(Ask, frozen=True):
    """Units that lie in another bucket now: set aside, or back to what can be sold."""

    sku: Sku
    quantity: Quantity
    from_bucket: OnShelf
    to_bucket: OnShelf
    lots: LotLines = ()


class MoveStock(Ask, frozen=True, kw_only=True):
    """Units set aside at a location, or released for sale."""

    location: Code
    lines: Annotated[tuple[MoveLine, ...], Meta(min_length=1, max_length=LINES_MAX)]
    note: Note = ""
    reason: Reason = "move"


class CountLine(Ask, frozen=True, kw_only=True):
    """All units counted of an item, whatever bucket they are in (reserved and picked too)."""

    sku: Sku
    counted: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
    expected: Annotated[int, Meta(ge=0)] | None
    """Units on hand when the count began; if they are others by now, nothing is changed. null
    counts without that check, and has to be said."""
    lots: Annotated[tuple[CountedLot, ...], Meta(max_length=LINES_MAX)] = ()
    """Of an item that is kept by lots: each lot that is there or should be."""
    other_lots_stay: bool = False
    """Only the lots named were counted, and `counted` is of these; others stay as they are."""


class CountStock(Ask, frozen=True, kw_only=True):
    """A count of items at a location; all lines are booked, or none."""

    location: Code
    lines: Annotated[tuple[CountLine, ...], Meta(min_length=1, max_length=LINES_MAX)]
    note: Note = ""


class EndlessAsk(Ask, frozen=True, kw_only=True):
    """An item that a supplier never runs out of. lead_days: before its work on an order begins."""

    sku: Sku
    lead_days: Annotated[int, Meta(ge=0, le=365)] = 0


class SetEndless(Ask, frozen=True, kw_only=True):
    """All items that a supplier never runs out of."""

    location: Code
    version: Version | None = None
    items: Annotated[tuple[EndlessAsk, ...], Meta(max_length=10_000)]


class FillEndless(Ask, frozen=True, kw_only=True):
    """Fill up what was used of them, of so many cells at most."""

    cells_max: Annotated[int, Meta(ge=1, le=10_000)] = 500


class StockLine(msgspec.Struct, frozen=True):
    """A cell after a change."""

    sku: str
    on_hand: int
    available: int
    reserved: int
    picked: int


class StockChanged(msgspec.Struct, frozen=True):
    """A document that changed stock, and the cells after it, in the order of its lines."""

    id: UUID
    location: str
    lines: list[StockLine]


class StockResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one document of many: its id, or why it was refused."""

    id: UUID | None = None
    problem: dict[str, Any] | None = None


class StockResults(msgspec.Struct, frozen=True):
    results: list[StockResult]


class ShortenedOrder(msgspec.Struct, frozen=True):
    """An order that lost units to a count; they wait to be sourced anew."""

    order_id: UUID
    number: int
    lines: dict[int, int]
    """Line → units."""


class StockCounted(msgspec.Struct, frozen=True):
    """A count, the cells after it, and who lost what was not there."""

    id: UUID
    location: str
    lines: list[StockLine]
    shortened: list[ShortenedOrder]
    ended_holds: list[UUID]


class HoldLine(Ask, frozen=True):
    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=1000)]


class HoldStock(Ask, frozen=True, kw_only=True):
    """Stock kept for a cart or a salesperson for some minutes; all of it, or nothing."""

    channel: Code
    lines: Annotated[tuple[HoldLine, ...], Meta(min_length=1, max_length=50)]
    minutes: Annotated[int, Meta(ge=1, le=60)] | None = None
    """Without it as long as the channel keeps stock for carts."""
    reason: Annotated[str, Meta(min_length=1, max_length=60)] = "cart"
    shopper: Annotated[str, Meta(max_length=200)] = ""
    """Whoever the shop says it is (a session, a customer's number): what one shopper keeps at once
    is limited by the channel. Only a digest is kept."""
    contact: Annotated[str, Meta(max_length=254)] = ""
    """Where staff may write to about the cart: personal data, shown to staff only."""
    consent: bool = False
    """The shopper agreed to get a mail about the cart, should they leave it."""
    link: Annotated[str, Meta(pattern=LINK)] = ""
    """Where the shopper finds the cart again, for that mail."""


class ExtendHold(Ask, frozen=True, kw_only=True):
    """More time, once: when the customer has begun to pay."""

    hold_id: UUID
    minutes: Annotated[int, Meta(ge=1, le=60)] | None = None
    """Without it as long as the channel keeps stock for carts."""


class KeepForChannel(Ask, frozen=True, kw_only=True):
    """Units of an item that only some orders may take, until they are used up.

    channel:  only orders of this one; without it, of any.
    group:    only orders of customers who are in it; without it, of any. One of both is needed.
    location: only there; without one, at the locations that may ship for the channel.
    until:    then what is left is free for all again; without it, when somebody releases it.
    """

    channel: Code | None = None
    group: Code | None = None
    sku: Sku
    quantity: Quantity
    location: Code | None = None
    until: Instant | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=60)] = "kept"


class ReleaseHold(Ask, frozen=True, kw_only=True):
    hold_id: UUID


class ExpireHolds(Ask, frozen=True, kw_only=True):
    """End holds whose time is over, so many at most."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class CartLine(msgspec.Struct, frozen=True):
    """A line of a cart: SKU and units."""

    sku: str
    quantity: int


class HeldUnits(msgspec.Struct, frozen=True):
    """Pieces that a line of a hold keeps at a location; a kit's parts are listed each."""

    line_no: int
    item_id: UUID
    location_id: UUID
    qty: int


class HoldState(msgspec.Struct, frozen=True):
    """A hold. It is open while `ended_at` is null and `expires_at` lies ahead.

    lines: what is in the cart. ended_why: released, expired, count, or completed as `order_id`.
    """

    id: UUID
    channel: str
    """"" when it is kept for a group on any channel."""
    reason: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    version: int
    units: list[HeldUnits]
    allowed_actions: list[str]
    lines: list[CartLine] = []
    ended_why: str | None = None
    order_id: UUID | None = None
    group: str = ""


class HoldsExpired(msgspec.Struct, frozen=True):
    count: int
