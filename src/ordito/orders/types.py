"""Orders: what is asked when one is placed, and what is."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.addresses import Address
from ordito.kernel.asks import Ask
from ordito.kernel.money import MINOR_MAX
from ordito.kernel.quantities import QUANTITY_MAX

Life = Literal["draft", "open", "cancelled", "closed"]
Fulfilment = Literal[
    "unfulfilled", "scheduled", "on_hold", "in_progress", "partially_fulfilled", "fulfilled"
]
MoneyState = Literal[
    "pending",
    "authorized",
    "partially_paid",
    "paid",
    "overpaid",
    "partially_refunded",
    "refunded",
    "voided",
]
ReturnState = Literal["none", "requested", "in_progress", "returned"]
Delivery = Literal["ship", "pickup", "local"]
SlotlessDelivery = Literal["ship", "pickup"]
Mode = Literal["live", "history"]
AdjustmentKind = Literal["discount", "shipping", "fee", "rounding"]

Code = Annotated[str, Meta(min_length=1, max_length=100)]
Title = Annotated[str, Meta(max_length=500)]
Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX, description="Whole units")]
Minor = Annotated[
    int, Meta(ge=-MINOR_MAX, le=MINOR_MAX, description="Minor units: 1999 EUR is 19.99 euro")
]
PositiveMinor = Annotated[int, Meta(ge=0, le=MINOR_MAX, description="Minor units, not negative")]
Price = Annotated[
    Decimal, Meta(description="Exact decimal, up to 6 places, as text or number: “2.5500”")
]
Rate = Annotated[Decimal, Meta(description="Fraction: 0.23 is 23 %")]
Tag = Annotated[str, Meta(min_length=1, max_length=60)]


class TaxAsk(Ask, frozen=True):
    """A tax on a line. `amount_minor` is given when the channel computed it, else we do."""

    name: Annotated[str, Meta(max_length=60)]
    rate: Rate
    amount_minor: PositiveMinor | None = None


class LineAsk(Ask, frozen=True):
    """One line. Without `unit_price` the item's price in the order's currency is taken."""

    sku: Code
    quantity: Quantity
    unit_price: Price | None = None
    title: Title = ""
    discount_minor: PositiveMinor = 0
    taxes: tuple[TaxAsk, ...] = ()
    location: Code | None = None
    """Pins the line to a location, by its code."""
    not_before: date | None = None
    """Days of arrival: not before, the one wanted, the last one. Without them the order's."""
    requested_on: date | None = None
    latest_on: date | None = None
    cancel_after: date | None = None
    """What is not shipped by the end of that day is cancelled. Without it the order's."""


class AdjustmentAsk(Ask, frozen=True):
    """A discount on the whole order, shipping or a fee: positive, the kind gives the sign."""

    kind: Literal["discount", "shipping", "fee"]
    amount_minor: PositiveMinor
    title: Title = ""
    taxes: tuple[TaxAsk, ...] = ()


class CustomerAsk(Ask, frozen=True):
    """Who buys; found by e-mail, then phone, then the channel's own reference, else made."""

    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=50)] = ""
    name: Annotated[str, Meta(max_length=300)] = ""
    reference: Annotated[str, Meta(max_length=100)] = ""


class HoldAsk(Ask, frozen=True):
    """Keeps the order from being released until someone (or `release_at`) lets it go."""

    reason: Annotated[str, Meta(min_length=1, max_length=60)]
    note: Annotated[str, Meta(max_length=2000)] = ""
    release_at: Annotated[datetime, Meta(tz=True)] | None = None


class PaymentAsk(Ask, frozen=True):
    """How the order is to be paid; payments themselves are not taken here."""

    method: Annotated[str, Meta(min_length=1, max_length=60)]
    due_on: date | None = None


class TotalsAsk(Ask, frozen=True):
    """The channel's own totals, kept as given; a difference to ours becomes a rounding line."""

    total_minor: Minor
    tax_minor: PositiveMinor | None = None


class SlotChoice(Ask, frozen=True, kw_only=True):
    """When, and from where, an order is brought: a slot of a location, on a day of its own."""

    location: Code
    slot: Code
    on: date


class PlaceOrder(Ask, frozen=True):
    """An order to be placed: sourced, reserved and promised in one commit, or refused whole."""

    channel: Code
    lines: Annotated[tuple[LineAsk, ...], Meta(min_length=1, max_length=2000)]
    ship_to: Address | None = None
    external_id: str | int | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    placed_at: Annotated[datetime, Meta(tz=True)] | None = None
    customer: CustomerAsk | None = None
    bill_to: Address | None = None
    delivery: Delivery = "ship"
    pickup_location: Code | None = None
    adjustments: Annotated[tuple[AdjustmentAsk, ...], Meta(max_length=100)] = ()
    totals: TotalsAsk | None = None
    tax_included: bool | None = None
    payment: PaymentAsk | None = None
    holds: Annotated[tuple[HoldAsk, ...], Meta(max_length=20)] = ()
    tags: Annotated[tuple[Tag, ...], Meta(max_length=50)] = ()
    note: Annotated[str, Meta(max_length=5000)] = ""
    kind: Annotated[str, Meta(min_length=1, max_length=40)] = "standard"
    code: Annotated[str, Meta(max_length=60)] | None = None
    promised_on: date | None = None
    not_before: date | None = None
    """Of all lines that don't say it themselves, like the three that follow."""
    requested_on: date | None = None
    latest_on: date | None = None
    cancel_after: date | None = None
    slot: SlotChoice | None = None
    """Of local delivery; without it the next free one of a location that has everything."""


class PlacedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line as it was placed. late: the days it was asked for can't be kept, as far as is known.
    released_on: it is a pre-order until then."""

    line_no: int
    sku: str
    ordered: int
    reserved: int = 0
    backordered: int = 0
    open: int = 0
    late: bool = False
    released_on: date | None = None


class PlacedPart(msgspec.Struct, frozen=True):
    """A fulfillment order made at placing: the part one location will fulfil."""

    id: str
    location: str


class PlacedOrder(msgspec.Struct, frozen=True):
    """The answer to placing; the order itself has the rest."""

    id: UUID
    number: int
    version: int
    channel: str
    external_id: str | None
    currency: str
    total_minor: int
    life: Life
    fulfilment: Fulfilment
    money: MoneyState
    backordered: bool
    lines: tuple[PlacedLine, ...]
    fulfillment_orders: tuple[PlacedPart, ...]


class Tax(msgspec.Struct, frozen=True):
    name: str
    rate: Decimal
    amount_minor: int


class Line(msgspec.Struct, frozen=True):
    """A line with its quantity vector; ordered is the sum of cancelled … completed."""

    order_id: UUID
    line_no: int
    item_id: UUID | None
    sku: str
    title: str
    item_kind: Literal["stocked", "kit", "service", "custom"]
    unit_price: Decimal
    gross_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    taxes: list[Tax] | None
    pinned_location_id: UUID | None
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


class Order(msgspec.Struct, frozen=True):
    """An order's own row. Statuses are derived from the lines; see orders/statuses.py."""

    id: UUID
    number: int
    channel_id: UUID
    external_id: str | None
    customer_id: UUID | None
    mode: Mode
    kind: str
    code: str | None
    delivery: Delivery
    pickup_location_id: UUID | None
    country: str
    currency: str
    tax_included: bool
    rounding: Literal["half_up", "half_even"]
    items_minor: int
    discount_minor: int
    shipping_minor: int
    fees_minor: int
    tax_minor: int
    rounding_minor: int
    total_minor: int
    base_currency: str
    rate: Decimal | None
    rate_on: date | None
    base_total_minor: int | None
    life: Life
    fulfilment: Fulfilment
    money: MoneyState
    return_state: ReturnState
    backordered: bool
    promised_on: date | None
    placed_at: datetime
    updated_at: datetime
    version: int


class Adjustment(msgspec.Struct, frozen=True):
    """A signed amount that is no line."""

    order_id: UUID
    adjustment_no: int
    kind: AdjustmentKind
    title: str
    amount_minor: int
    tax_minor: int
    taxes: list[Tax] | None


class Party(msgspec.Struct, frozen=True):
    """Personal data of one order."""

    order_id: UUID
    role: Literal["ship_to", "bill_to"]
    email: str
    address: Address


class Hold(msgspec.Struct, frozen=True):
    order_id: UUID
    hold_no: int
    reason: str
    note: str
    owner_id: UUID | None
    release_at: datetime | None
    placed_at: datetime
    released_at: datetime | None


class Note(msgspec.Struct, frozen=True):
    order_id: UUID
    note_no: int
    author_id: UUID
    author: str
    at: datetime
    body: str


class OrderFile(msgspec.Struct, frozen=True):
    """A file on an order. width, height: of pictures that could be measured, in pixels."""

    file_no: int
    note_no: int | None
    name: str
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    author: str
    at: datetime
