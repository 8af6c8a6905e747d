"""What happens to orders. Bodies hold ids, codes, quantities and money, never personal data."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from ordito.platform.events import Event


class OrderPlaced(Event, frozen=True):
    """The order was accepted. `units` sums the lines' quantities."""

    kind: ClassVar[str] = "order.placed"
    number: int
    channel: str
    currency: str
    total_minor: int
    lines: int
    units: int
    external_id: str | None = None
    mode: str = "live"


class OrderSourced(Event, frozen=True):
    """Where units will come from (location code → units); the rest waits for supply."""

    kind: ClassVar[str] = "order.sourced"
    decision_no: int
    cause: str
    reserved: dict[str, int]
    backordered: int = 0


class OrderReplanned(Event, frozen=True):
    """A joint plan moved units from locations to others (location code → units).

    saving: thousandths of the policy's money that the order costs less; negative where it made
            room for another one. gained: units that had no stock before.
    """

    kind: ClassVar[str] = "order.replanned"
    plan_no: int
    decision_no: int
    gives: dict[str, int]
    takes: dict[str, int]
    saving: int
    gained: int = 0


class UnitsCancelled(Event, frozen=True):
    """Units were cancelled (line no → units); `value_minor` is what they would have cost."""

    kind: ClassVar[str] = "order.units_cancelled"
    lines: dict[int, int]
    reason: str
    value_minor: int
    note: str = ""


class OrderHeld(Event, frozen=True):
    kind: ClassVar[str] = "order.held"
    hold_no: int
    reason: str
    release_at: datetime | None = None


class HoldReleased(Event, frozen=True):
    kind: ClassVar[str] = "order.hold_released"
    hold_no: int
    reason: str
    automatic: bool = False


class OrderTagged(Event, frozen=True):
    kind: ClassVar[str] = "order.tagged"
    added: list[str]
    removed: list[str]


class OrderAssigned(Event, frozen=True):
    """Somebody looks after the order from now on, or nobody does any more."""

    kind: ClassVar[str] = "order.assigned"
    user_id: UUID | None


class NoteAdded(Event, frozen=True):
    """The text is in orders.note: it may name people."""

    kind: ClassVar[str] = "order.note_added"
    note_no: int


class FileAdded(Event, frozen=True):
    """A file is kept with the order. Its name is in orders.file: it may name people."""

    kind: ClassVar[str] = "order.file_added"
    file_no: int
    media_type: str
    size_bytes: int
    note_no: int | None = None


class FileRemoved(Event, frozen=True):
    """A file was erased for good."""

    kind: ClassVar[str] = "order.file_removed"
    file_no: int


class OrderMarked(Event, frozen=True):
    """The kind or the special code changed."""

    kind: ClassVar[str] = "order.marked"
    order_kind: str
    code: str | None


class UnitsReleased(Event, frozen=True):
    kind: ClassVar[str] = "order.units_released"
    fo_no: int
    location: str
    units: int


class UnitsPicked(Event, frozen=True):
    """Units were picked (line no → units)."""

    kind: ClassVar[str] = "order.units_picked"
    fo_no: int
    location: str
    lines: dict[int, int]


class PickingStarted(Event, frozen=True):
    """Someone at the location has begun."""

    kind: ClassVar[str] = "order.picking_started"
    fo_no: int
    location: str


class UnitsPutBack(Event, frozen=True):
    """Picked units went back on the shelf, still reserved for the order (line no → units)."""

    kind: ClassVar[str] = "order.units_put_back"
    fo_no: int
    location: str
    lines: dict[int, int]


class LotsMoved(Event, frozen=True):
    """Which lots (or serial numbers) were picked, put back, shipped or lost with units that a
    neighbouring entry tells: (line no, SKU, lot, pieces) each."""

    kind: ClassVar[str] = "order.lots_moved"
    fo_no: int
    location: str
    how: str
    lots: list[tuple[int, str, str, int]]


class UnitsShort(Event, frozen=True):
    """Units were not found where the system had them (line no → units)."""

    kind: ClassVar[str] = "order.units_short"
    fo_no: int
    location: str
    lines: dict[int, int]
    reason: str


class UnitsPacked(Event, frozen=True):
    kind: ClassVar[str] = "order.units_packed"
    fo_no: int
    location: str
    lines: dict[int, int]


class UnitsShipped(Event, frozen=True):
    kind: ClassVar[str] = "order.units_shipped"
    fo_no: int
    location: str
    lines: dict[int, int]
    parcel_no: int
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""


class SlotBooked(Event, frozen=True):
    """The order will be brought in a slot; a place of it is taken."""

    kind: ClassVar[str] = "order.slot_booked"
    location: str
    slot: str
    on: date
    starts_at: datetime
    ends_at: datetime


class SlotMoved(Event, frozen=True):
    """It will be brought in another slot than was promised. later: than before."""

    kind: ClassVar[str] = "order.slot_moved"
    location: str
    slot: str
    on: date
    starts_at: datetime
    ends_at: datetime
    before: tuple[str, date]
    reason: str
    later: bool


class SlotGivenBack(Event, frozen=True):
    """Nothing is left to be brought, or it goes another way: the slot's place is free again."""

    kind: ClassVar[str] = "order.slot_given_back"
    location: str
    slot: str
    on: date


class RoundStarted(Event, frozen=True):
    """The order left with the round of its slot. stops: that left with it."""

    kind: ClassVar[str] = "order.round_started"
    location: str
    slot: str
    on: date
    stops: int


class StopDelivered(Event, frozen=True):
    """Somebody took it, or it was left somewhere: fulfillment.stop_attempt says who and where.

    handed: to somebody; photo: there is one.
    """

    kind: ClassVar[str] = "order.stop_delivered"
    location: str
    attempt_no: int
    handed: bool
    photo: bool


class StopFailed(Event, frozen=True):
    """It could not be delivered, and what becomes of it is to be decided."""

    kind: ClassVar[str] = "order.stop_failed"
    location: str
    attempt_no: int
    reason: str
    photo: bool


class UnitsSentToShop(Event, frozen=True):
    """A parcel (line no → units) left for the shop where the customer collects it."""

    kind: ClassVar[str] = "order.units_sent_to_shop"
    fo_no: int
    location: str
    shop: str
    lines: dict[int, int]
    parcel_no: int
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""


class UnitsBrought(Event, frozen=True):
    """Such a parcel arrived: units for the customer (line no → units), those that the order lost on
    the way, and pieces that became stock of the shop, since nobody waits for them any more.

    location: the shop. fo_no: of the sender; shop_fo_no: what is handed out now, 0 for nothing.
    """

    kind: ClassVar[str] = "order.units_brought"
    fo_no: int
    location: str
    sender: str
    parcel_no: int
    lines: dict[int, int]
    lost: dict[int, int]
    to_shelf: int
    shop_fo_no: int = 0


class UnitsDelivered(Event, frozen=True):
    kind: ClassVar[str] = "order.units_delivered"
    fo_no: int
    lines: dict[int, int]
    parcel_no: int


class PickupReady(Event, frozen=True):
    kind: ClassVar[str] = "order.pickup_ready"
    fo_no: int
    location: str
    collect_by: date | None = None


class UnitsHandedOver(Event, frozen=True):
    kind: ClassVar[str] = "order.units_handed_over"
    fo_no: int
    location: str
    lines: dict[int, int]


class PickupNotCollected(Event, frozen=True):
    kind: ClassVar[str] = "order.pickup_not_collected"
    fo_no: int
    location: str
    lines: dict[int, int]


class PartRejected(Event, frozen=True):
    """A location said no; its units (line no → units) are sourced anew."""

    kind: ClassVar[str] = "order.part_rejected"
    fo_no: int
    location: str
    reason: str
    lines: dict[int, int] = msgspec.field(default_factory=dict)


class PartWithdrawn(Event, frozen=True):
    """Units (line no → units) that a location had not begun were taken from it again.

    why: location_closed, pinned (to another location), delivery_changed, unanswered or withdrawn.
    """

    kind: ClassVar[str] = "order.part_withdrawn"
    fo_no: int
    location: str
    why: str
    lines: dict[int, int]


class RequestSubmitted(Event, frozen=True):
    """A partner is asked to do the work of a fulfillment order (line no → units)."""

    kind: ClassVar[str] = "order.request_submitted"
    fo_no: int
    location: str
    lines: dict[int, int]
    answer_by: datetime


class RequestAccepted(Event, frozen=True):
    """The partner will do it. The partner's own number of it is in fulfillment.request."""

    kind: ClassVar[str] = "order.request_accepted"
    fo_no: int
    location: str
    ship_by: datetime


class RequestChased(Event, frozen=True):
    """The partner did not answer in time and was reminded. mailed: there was an address."""

    kind: ClassVar[str] = "order.request_chased"
    fo_no: int
    location: str
    mailed: bool


class CancellationAsked(Event, frozen=True):
    """A partner that has begun is asked to leave units (line no → units) out."""

    kind: ClassVar[str] = "order.cancellation_asked"
    fo_no: int
    location: str
    lines: dict[int, int]
    reason: str


class CancellationAnswered(Event, frozen=True):
    """Whether the partner leaves the units (line no → units) out that it was asked to."""

    kind: ClassVar[str] = "order.cancellation_answered"
    fo_no: int
    location: str
    accepted: bool
    lines: dict[int, int]


class ChoiceOffered(Event, frozen=True):
    """The customer is asked what becomes of a pick-up that its shop can't serve."""

    kind: ClassVar[str] = "order.choice_offered"
    choice_no: int
    location: str
    cause: str
    expires_at: datetime


class ChoiceMade(Event, frozen=True):
    """What becomes of it: pickup (elsewhere), ship, cancel or cancel_missing.

    by_customer: they chose it themselves, on their page; else somebody did for them.
    """

    kind: ClassVar[str] = "order.choice_made"
    choice_no: int
    decision: str
    location: str | None
    by_customer: bool


class LinePinned(Event, frozen=True):
    """From now on only one location may serve a line."""

    kind: ClassVar[str] = "order.line_pinned"
    line_no: int
    location: str


class LineUnpinned(Event, frozen=True):
    """Any location may serve the line again; `location` did before."""

    kind: ClassVar[str] = "order.line_unpinned"
    line_no: int
    location: str


class DeliveryChanged(Event, frozen=True):
    """The order reaches its customer in another way: shipped, or collected at a location."""

    kind: ClassVar[str] = "order.delivery_changed"
    delivery: str
    location: str | None = None


class DeadlinesSet(Event, frozen=True):
    """What of a line is not shipped by the end of its day is cancelled (line no → day or null)."""

    kind: ClassVar[str] = "order.deadlines_set"
    lines: dict[int, date | None]


class DatesAsked(Event, frozen=True):
    """The days of arrival that lines were ordered for (line no → not before, wanted, last).

    late: lines whose days couldn't be kept when the order was placed.
    """

    kind: ClassVar[str] = "order.dates_asked"
    lines: dict[int, tuple[date | None, date | None, date | None]]
    late: list[int]


class Preordered(Event, frozen=True):
    """Lines were ordered before the release of what is in them (line no → its day)."""

    kind: ClassVar[str] = "order.preordered"
    lines: dict[int, date]


class ReleaseMoved(Event, frozen=True):
    """The day of release of lines has changed (line no → the day that counts now)."""

    kind: ClassVar[str] = "order.release_moved"
    lines: dict[int, date]


class PartOpened(Event, frozen=True):
    """The time has come to work on a scheduled fulfillment order; early: staff didn't wait."""

    kind: ClassVar[str] = "order.part_opened"
    fo_no: int
    location: str
    early: bool = False


class SupplyDated(Event, frozen=True):
    """The days for which waiting units are expected (line no → day, null for none any more).

    later: for some it is a later day than was announced before.
    """

    kind: ClassVar[str] = "order.supply_dated"
    lines: dict[int, date | None]
    later: bool


class UnitsReturned(Event, frozen=True):
    """Units came back (line no → units), to which places (code → units), what became of them."""

    kind: ClassVar[str] = "order.units_returned"
    lines: dict[int, int]
    reason: str
    external_id: str | None = None
    disposition: str = "restock"
    places: dict[str, int] = msgspec.field(default_factory=dict)


class ServiceCompleted(Event, frozen=True):
    kind: ClassVar[str] = "order.service_completed"
    lines: dict[int, int]


class TaskClosed(Event, frozen=True):
    """Someone has done what the system asked for."""

    kind: ClassVar[str] = "order.task_closed"
    task: str
    task_id: str


class CustomerWritten(Event, frozen=True):
    """Someone wrote to the customer. The mail is in notifications.mail: it is personal."""

    kind: ClassVar[str] = "order.customer_written"
    mail_id: str


class ChannelTold(Event, frozen=True):
    """The channel was told of a fulfilment or a cancellation; remote_id is its own id of it."""

    kind: ClassVar[str] = "order.channel_told"
    what: str
    channel: str
    units: int
    remote_id: str


class ChannelNotTold(Event, frozen=True):
    """The channel could not be told; someone may try again."""

    kind: ClassVar[str] = "order.channel_not_told"
    what: str
    channel: str
    units: int
