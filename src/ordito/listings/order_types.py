"""One order, whole: what its page and `GET /orders/{id}` show of it at one moment."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from ordito.fulfillment.actions import WorkAction
from ordito.fulfillment.stop_types import Stop
from ordito.fulfillment.types import Delivery, RequestState, State
from ordito.kernel.addresses import Address
from ordito.listings.line_lots import LineLots
from ordito.orders.actions import OrderAction
from ordito.orders.types import (
    AdjustmentKind,
    Fulfilment,
    Life,
    Mode,
    MoneyState,
    OrderFile,
    ReturnState,
    Tax,
)


class ChannelName(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    name: str


class PlaceName(msgspec.Struct, frozen=True):
    """A location, as far as it is named. `time_zone` is that of its clocks."""

    id: UUID
    code: str
    name: str
    kind: str
    time_zone: str


class OrderTotals(msgspec.Struct, frozen=True):
    """Minor units of `currency`; base_total_minor in `base_currency`, None without a known rate."""

    currency: str
    tax_included: bool
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


class AssigneeName(msgspec.Struct, frozen=True):
    """A user who looks after an order."""

    id: UUID
    name: str


class AdjustmentRow(msgspec.Struct, frozen=True):
    """A signed amount that is no line."""

    adjustment_no: int
    kind: AdjustmentKind
    title: str
    amount_minor: int
    tax_minor: int
    taxes: list[Tax] | None


class ExpectationRow(msgspec.Struct, frozen=True):
    """What the order should bring in, by what means, until when."""

    method: str
    currency: str
    amount_minor: int
    due_on: date | None
    state: Literal["expected", "settled", "dropped"]


class OtherOrder(msgspec.Struct, frozen=True):
    """Another open order of the same customer, in a channel that the reader sees."""

    id: UUID
    number: int
    placed_at: datetime
    fulfilment: Fulfilment
    total_minor: int
    currency: str


class CustomerView(msgspec.Struct, frozen=True):
    """Who bought. other_orders: the newest 20 open ones beside this."""

    id: UUID
    number: int
    name: str
    email: str
    phone: str
    other_orders: tuple[OtherOrder, ...]


class PartyView(msgspec.Struct, frozen=True):
    email: str
    address: Address


class PartRow(msgspec.Struct, frozen=True):
    """A part of a kit line: so many pieces of an item in one kit."""

    line_no: int
    item_id: UUID
    sku: str
    name: str
    per_unit: int


class LinePlace(msgspec.Struct, frozen=True):
    """Units of a line that a fulfillment order has; each count includes those further on."""

    fo_no: int
    location: str
    units: int
    picked: int
    packed: int
    shipped: int


class ExpectedUnits(msgspec.Struct, frozen=True):
    """Units that wait for what is to come on a day. reference: what brings the last of them; ""
    for readers who don't see stock."""

    units: int
    expected_on: date
    reference: str


class LineView(msgspec.Struct, frozen=True):
    """A line, its money, its quantity vector, and where its units are."""

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
    pinned_location: str | None
    """The code of the only location that may serve it."""
    cancel_after: date | None
    """The last day on which what is left of it may be shipped."""
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
    parts: tuple[PartRow, ...]
    """Empty for what is no kit."""
    places: tuple[LinePlace, ...]
    not_before: date | None
    """Days of arrival it was ordered for: not before, the one wanted, the last one."""
    requested_on: date | None
    latest_on: date | None
    unkept: bool
    """When they were asked for, these days couldn't be kept, as far as was known."""
    released_on: date | None
    """It was ordered before its release on that day."""
    expected: tuple[ExpectedUnits, ...]
    """When its backordered units come, soonest first; those that aren't in it have no day."""


class WorkLine(msgspec.Struct, frozen=True):
    """Units of a line at one location (kits count kits); each count includes those further on."""

    line_no: int
    sku: str
    title: str
    units: int
    picked: int
    packed: int
    shipped: int


class ParcelUnits(msgspec.Struct, frozen=True):
    line_no: int
    units: int


class ParcelView(msgspec.Struct, frozen=True):
    parcel_no: int
    carrier: str
    service: str
    tracking_number: str
    weight_g: int | None
    shipped_at: datetime
    delivered_at: datetime | None
    lines: tuple[ParcelUnits, ...]


PromiseOutcome = Literal["open", "kept", "broken"]


class PromiseView(msgspec.Struct, frozen=True):
    """What was promised for a part when it was sourced.

    ready_at, ships_at: in the zone of its location. tariff: code of the service that brings it, ""
                   where none is known.
    basis:         learned from history, or calendars alone. probability: percent of arriving by
                   `delivers_on`; level: percent that the channel wanted kept; model: version of
                   what was learned, from so many observations. Null by calendar alone.
    calendar_on, calendar_delivers_on: days of sending and delivery by calendar and queue.
    queue_minutes: of work that was waiting there.
    cut_off:       that of its location, if it came after it. begins_later: its work begins on a
                   later day than it came.
    outcome:       kept or broken once all of it has arrived.
    """

    ready_at: datetime
    ships_at: datetime
    ships_on: date
    delivers_on: date
    tariff: str
    basis: Literal["learned", "calendar"]
    probability: float | None
    level: int | None
    model: int | None
    observations: int | None
    calendar_on: date
    calendar_delivers_on: date
    queue_minutes: int
    cut_off: str | None
    begins_later: bool
    outcome: PromiseOutcome


class WorkView(msgspec.Struct, frozen=True):
    """A fulfillment order: what one location has to do, why there, what may be done with it.

    why: one sentence, "" where no decision tells. The pick-up code is for the customer alone.
    """

    id: str
    fo_no: int
    location: PlaceName
    delivery: Delivery
    state: State
    request: RequestState | None
    held: bool
    promised_on: date | None
    late: bool
    created_at: datetime
    released_at: datetime | None
    updated_at: datetime
    version: int
    decision_no: int
    opens_at: datetime | None
    """When the work on it begins; null unless it is scheduled."""
    why: str
    lines: tuple[WorkLine, ...]
    parcels: tuple[ParcelView, ...]
    allowed_actions: tuple[WorkAction, ...]
    lots: tuple[LineLots, ...] = ()
    """Of the lines that have any: what to take next, what is in hand, what has left."""
    promise: PromiseView | None = None
    """Null where neither the location's time and carriers nor history say anything."""
    destination: PlaceName | None = None
    """The shop that it is sent to, where its customer collects it; null: it goes to them."""


class HoldRow(msgspec.Struct, frozen=True):
    """A hold; open while `released_at` is None. owner: who cares for it, by name."""

    hold_no: int
    reason: str
    note: str
    owner: str | None
    release_at: datetime | None
    placed_at: datetime
    released_at: datetime | None


class NoteRow(msgspec.Struct, frozen=True):
    note_no: int
    author: str
    at: datetime
    body: str


class TaskRow(msgspec.Struct, frozen=True):
    """Something a person must look at; open ones only. location is a code."""

    id: UUID
    kind: str
    line_no: int | None
    location_id: UUID | None
    location: str | None
    sku: str | None
    qty: int | None
    raised_at: datetime


class RefusalRow(msgspec.Struct, frozen=True):
    """A location that said no to units of the order; it isn't asked again by itself."""

    location_id: UUID
    location: str
    fo_no: int
    reason: str
    at: datetime


class PlaceReason(msgspec.Struct, frozen=True):
    """Why a location serves units of the order, or why not. `words` is a whole sentence."""

    location: str
    name: str
    chosen: bool
    standing: Literal["chosen", "not_chosen", "not_eligible"]
    units: int
    km: int | None
    code: str
    words: str


class DecisionView(msgspec.Struct, frozen=True):
    """Where units were to come from, why, and by which policy. Chosen places come first.

    cause:   what made it necessary: placing, a short pick, a rejection, a receipt.
    summary: whole sentences on what is missing and what is uncertain; often none.
    """

    decision_no: int
    at: datetime
    cause: str
    policy: str
    policy_version: int
    outcome: Literal["all", "part", "none"]
    summary: tuple[str, ...]
    reasons: tuple[PlaceReason, ...]


class TimelineItem(msgspec.Struct, frozen=True):
    """A fact of the order's past. `note` is the text of a note, for those who may read notes.

    seq is None for what was there from the start and has no event of its own.
    """

    seq: int | None
    at: datetime
    kind: str
    actor_kind: str
    actor: str
    body: dict[str, Any]
    note: str | None


class OrderPage(msgspec.Struct, frozen=True):
    """Everything about one order.

    customer, parties, notes, files: None or empty for those who may not see orders' personal data.
    fulfillment_orders, decisions, tasks, refusals, timeline: without those of locations out of
    scope.
    timeline: newest first, at most 200 entries.
    """

    id: UUID
    number: int
    version: int
    channel: ChannelName
    external_id: str | None
    mode: Mode
    kind: str
    code: str | None
    delivery: Delivery
    pickup_location: PlaceName | None
    country: str
    placed_at: datetime
    updated_at: datetime
    promised_on: date | None
    late: bool
    life: Life
    fulfilment: Fulfilment
    money: MoneyState
    return_state: ReturnState
    backordered: bool
    held: bool
    totals: OrderTotals
    adjustments: tuple[AdjustmentRow, ...]
    expectation: ExpectationRow | None
    customer: CustomerView | None
    ship_to: PartyView | None
    bill_to: PartyView | None
    lines: tuple[LineView, ...]
    fulfillment_orders: tuple[WorkView, ...]
    holds: tuple[HoldRow, ...]
    tags: tuple[str, ...]
    assignee: AssigneeName | None
    notes: tuple[NoteRow, ...]
    files: tuple[OrderFile, ...]
    tasks: tuple[TaskRow, ...]
    refusals: tuple[RefusalRow, ...]
    decisions: tuple[DecisionView, ...]
    timeline: tuple[TimelineItem, ...]
    allowed_actions: tuple[OrderAction, ...]
    stop: Stop | None = None
    """Of local delivery: in which slot it is brought, or was to be."""
