"""What a file is read into: rows, and the typed entries that rows stand for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec

from ordito.kernel.addresses import Address

Mode = Literal["live", "history"]
Kind = Literal["order", "line", "cancellation", "return", "adjustment", "charge", "parked"]
ChargeKind = Literal[
    "shipping",
    "discount",
    "fee",
    "gift_card",
    "samples",
    "manual",
    "donation",
    "bad_debt",
    "correction",
    "service",
    "other",
]

UNDATED = "undated"
"""The month of a row whose date is missing or unreadable."""


class Row(msgspec.Struct, gc=False):
    """One row of a table. `line` is the physical line it begins on, counted from 1.

    fault_code: "" for a sound row; otherwise why the row is damaged, with `cells` as far as they
                could be told apart, so that the order the row belongs to can still be known.
    """

    line: int
    cells: list[str]
    fault_code: str = ""
    fault_detail: str = ""


class RowFault(msgspec.Struct, frozen=True, gc=False):
    """One thing wrong, or worth telling, in one cell. `column` is the file's own heading."""

    line: int
    column: str
    code: str
    detail: str


class Customer(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the file tells of who bought; all blank for a guest. `phone` is E.164 where readable."""

    number: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.number or self.email or self.phone or self.name)


class OrderLine(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One row of goods. `sku` is what is matched (the preset's case rule), `sku_given` the file's.

    quantity:   1 or more.
    unit_price: None where the file gives none (then the price list decides).
    discount:   amount off the whole line, not each piece, zero or more.
    tax_rate:   percent; 23 means 23 %.
    not_before, requested_on, latest_on: days of arrival; cancel_after: until when it may wait.
    """

    source_line: int
    month: str
    sku: str
    sku_given: str
    title: str
    quantity: int
    unit_price: Decimal | None
    discount: Decimal | None = None
    tax_rate: Decimal | None = None
    tax_amount: Decimal | None = None
    barcode: str = ""
    requires_shipping: bool = True
    fulfilled: bool | None = None
    not_before: date | None = None
    requested_on: date | None = None
    latest_on: date | None = None
    cancel_after: date | None = None

    @property
    def amount(self) -> Decimal | None:
        """Quantity × unit price, before discount and tax: what the tally sums."""
        return None if self.unit_price is None else self.unit_price * self.quantity


class Charge(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A signed amount of an order that is no goods. A discount is negative.

    source_line: the row it stands on. None: it came from a column of the order (shipping, order
                 discount), not from a row of its own, and so is not counted by the tally.
    """

    kind: ChargeKind
    code: str
    title: str
    amount: Decimal
    month: str
    source_line: int | None = None
    quantity: int = 1
    unit_price: Decimal | None = None


class OrderTax(msgspec.Struct, frozen=True, gc=False):
    """A tax the channel states for the whole order."""

    name: str
    amount: Decimal


class ChannelTotals(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Totals as the channel gave them, to be kept as given. None: not given."""

    subtotal: Decimal | None = None
    discount: Decimal | None = None
    shipping: Decimal | None = None
    tax: Decimal | None = None
    duties: Decimal | None = None
    total: Decimal | None = None
    refunded: Decimal | None = None
    outstanding: Decimal | None = None
    taxes: tuple[OrderTax, ...] = ()


class ChannelState(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """How far the channel says the order is, in the channel's own words; "" = not told."""

    payment: str = ""
    fulfilment: str = ""
    paid_at: datetime | None = None
    fulfilled_at: datetime | None = None
    cancelled_at: datetime | None = None


class OrderDetails(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Words around an order that decide nothing about its quantities."""

    tags: tuple[str, ...] = ()
    note: str = ""
    discount_code: str = ""
    shipping_method: str = ""
    payment_method: str = ""
    payment_reference: str = ""


class OrderEntry(msgspec.Struct, frozen=True, tag="order", tag_field="entry", omit_defaults=True):
    """An order: all rows of one invoice that are goods, with its charges.

    placed_at:    UTC, the earliest of its rows; None where the preset allows none.
    country:      ISO code the order came from, also where there is no address.
    tax_included: whether unit prices contain tax.
    notes:        oddities that were settled (which value won, which hour was meant).
    """

    external_id: str
    name: str
    placed_at: datetime | None
    currency: str
    tax_included: bool
    customer: Customer
    country: str
    ship_to: Address | None
    bill_to: Address | None
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...]
    totals: ChannelTotals
    state: ChannelState
    details: OrderDetails
    source_lines: tuple[int, ...]
    notes: tuple[RowFault, ...] = ()


class CancellationLine(msgspec.Struct, frozen=True, gc=False):
    """Pieces taken back; `quantity` is positive."""

    source_line: int
    month: str
    sku: str
    sku_given: str
    title: str
    quantity: int
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """What the row is worth in the file: negative."""
        return self.unit_price * -self.quantity


class CancellationEntry(
    msgspec.Struct, frozen=True, tag="cancellation", tag_field="entry", omit_defaults=True
):
    """A cancelling invoice. Its number is its own; what it cancels is found by customer and SKU."""

    invoice: str
    at: datetime
    currency: str
    customer: Customer
    country: str
    lines: tuple[CancellationLine, ...]
    source_lines: tuple[int, ...]


class StockAdjustmentEntry(
    msgspec.Struct, frozen=True, gc=False, tag="adjustment", tag_field="entry"
):
    """Stock corrected by hand: `quantity` is signed, pieces found or missing.

    reason: a word of the preset's list; "unexplained" when the file gives none.
    words:  the file's own description.
    """

    invoice: str
    at: datetime
    month: str
    sku: str
    sku_given: str
    quantity: int
    unit_price: Decimal
    currency: str
    reason: str
    words: str
    source_line: int

    @property
    def amount(self) -> Decimal:
        """Quantity × unit price: zero by the preset's rule, but never assumed to be."""
        return self.unit_price * self.quantity


class ChargeEntry(msgspec.Struct, frozen=True, tag="charge", tag_field="entry", omit_defaults=True):
    """An amount that belongs to no order of the file: fees, bad debt, refunds by hand."""

    invoice: str
    at: datetime
    currency: str
    customer: Customer
    country: str
    charge: Charge


class ParkedRow(msgspec.Struct, frozen=True, tag="parked", tag_field="entry", omit_defaults=True):
    """A row that could not be booked, with the reason in words and the row as it came.

    external_id: of the order it seems to belong to; the rows of one order are parked together.
    amount:      quantity × price as far as both can be read, else None.
    cells:       heading → cell; holds personal data.
    """

    source_line: int
    reason: str
    words: str
    month: str
    amount: Decimal | None
    external_id: str
    cells: dict[str, str]
    faults: tuple[RowFault, ...] = ()


Entry = OrderEntry | CancellationEntry | StockAdjustmentEntry | ChargeEntry | ParkedRow
