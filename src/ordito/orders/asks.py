"""What may be asked of an order after it was placed."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.kernel.addresses import Address
from ordito.kernel.asks import Ask, Instant, Lots, Note, Quantity, Version
from ordito.orders.types import (
    AdjustmentAsk,
    Code,
    CustomerAsk,
    HoldAsk,
    LineAsk,
    PaymentAsk,
    SlotlessDelivery,
    Tag,
)

BULK_MAX = 256
"""Things that one bulk command takes: they are locked and committed together."""

LineNo = Annotated[int, Meta(ge=1, le=2_147_483_647)]
LineKey = Annotated[str, Meta(pattern="^[1-9][0-9]{0,8}$", description="A line number, as text")]
UnitsByLine = Annotated[
    dict[LineKey, Quantity],
    Meta(min_length=1, max_length=2000, description="Line number → units (kits count kits)"),
]
Reason = Annotated[
    str,
    Meta(min_length=1, max_length=60, description="A short code of yours: customer_request"),
]
OrderIds = Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=BULK_MAX)]


class OrderAsk(Ask, frozen=True, kw_only=True):
    """An ask about one order. With `version` it is refused when the order has changed since."""

    order_id: UUID
    version: Version | None = None


class CompleteCart(Ask, frozen=True, kw_only=True):
    """Make an order of what a hold keeps for a cart. Its stock stays where it is kept.

    lines: prices and the like, when the items' own are not meant; SKUs and units have to be those
    of the cart.
    """

    hold_id: UUID
    ship_to: Address | None = None
    customer: CustomerAsk | None = None
    bill_to: Address | None = None
    delivery: SlotlessDelivery = "ship"
    pickup_location: Code | None = None
    external_id: str | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    lines: Annotated[tuple[LineAsk, ...], Meta(max_length=100)] = ()
    adjustments: Annotated[tuple[AdjustmentAsk, ...], Meta(max_length=100)] = ()
    payment: PaymentAsk | None = None
    tags: Annotated[tuple[Tag, ...], Meta(max_length=50)] = ()
    note: Annotated[str, Meta(max_length=5000)] = ""


class CancelOrder(OrderAsk, frozen=True, kw_only=True):
    """Cancel units that were not shipped; without `lines` all of them."""

    reason: Reason
    note: Note = ""
    lines: UnitsByLine | None = None


class CancelOrders(Ask, frozen=True, kw_only=True):
    """Cancel what was not shipped of many orders."""

    order_ids: OrderIds
    reason: Reason


class OwnedHold(HoldAsk, frozen=True, kw_only=True):
    """A hold and who looks after it."""

    owner_id: UUID | None = None


Holds = Annotated[tuple[OwnedHold, ...], Meta(min_length=1, max_length=20)]


class HoldOrder(OrderAsk, frozen=True, kw_only=True):
    holds: Holds


class HoldOrders(Ask, frozen=True, kw_only=True):
    """The same holds on many orders."""

    order_ids: OrderIds
    holds: Holds


class ReleaseHold(OrderAsk, frozen=True, kw_only=True):
    """Let go of holds by number; without numbers of all of them."""

    hold_nos: Annotated[tuple[LineNo, ...], Meta(min_length=1, max_length=100)] | None = None


class ReleaseHolds(Ask, frozen=True, kw_only=True):
    """Let go of all holds of many orders."""

    order_ids: OrderIds


class ReleaseOrders(Ask, frozen=True, kw_only=True):
    """Release to picking whatever of these orders can be."""

    order_ids: OrderIds


class ReleaseDueHolds(Ask, frozen=True, kw_only=True):
    """Let go of holds whose time has come, of so many orders at most."""

    orders_max: Annotated[int, Meta(ge=1, le=BULK_MAX)] = BULK_MAX


Tags = Annotated[tuple[Tag, ...], Meta(max_length=50)]


class TagOrder(OrderAsk, frozen=True, kw_only=True):
    add: Tags = ()
    remove: Tags = ()


class TagOrders(Ask, frozen=True, kw_only=True):
    """The same tags added to and taken from many orders."""

    order_ids: OrderIds
    add: Tags = ()
    remove: Tags = ()


class AssignOrder(OrderAsk, frozen=True, kw_only=True):
    """Give the order to a user; null takes it from whoever has it."""

    user_id: UUID | None


class AssignOrders(Ask, frozen=True, kw_only=True):
    """Give many orders to one user; null takes them from whoever has them."""

    order_ids: OrderIds
    user_id: UUID | None


class AddNote(OrderAsk, frozen=True, kw_only=True):
    """A note for colleagues; it may name people."""

    body: Annotated[str, Meta(min_length=1, max_length=5000)]


class SeeMentions(OrderAsk, frozen=True, kw_only=True):
    """Whoever asks has seen the notes of an order that name them."""


class MarkOrder(OrderAsk, frozen=True, kw_only=True):
    """Give the order a kind or a special code; what is left out stays, null takes the code away."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)] | UnsetType = UNSET
    code: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType | None = UNSET


class CompleteService(OrderAsk, frozen=True, kw_only=True):
    """Services were rendered; without `lines` all that are open."""

    lines: UnitsByLine | None = None


class ReturnUnits(OrderAsk, frozen=True, kw_only=True):
    """Shipped units came back.

    disposition: restock puts them on sale again, damaged keeps them apart until someone decides,
                 scrap writes them off.
    location:    where they came back, by code; without it where each was shipped from.
    lots:        of items that are kept by lots or serial numbers, which ones came back, where that
                 isn't clear from what was shipped.
    external_id: the channel's own id of the return.
    """

    lines: UnitsByLine
    reason: Reason
    disposition: Literal["restock", "damaged", "scrap"] = "restock"
    location: Code | None = None
    returned_at: Instant | None = None
    external_id: Annotated[str, Meta(max_length=200)] | None = None
    lots: Lots = ()


class SourceOrder(OrderAsk, frozen=True, kw_only=True):
    """Look for stock once more for everything that has none."""


class PinLine(OrderAsk, frozen=True, kw_only=True):
    """Ship a line from one location only; null lets any location serve it again.

    Units that nobody has begun elsewhere move there. wait: also when it has too few of them; the
    others then wait until it gets some.
    """

    line_no: LineNo
    location: Code | None
    wait: bool = False


class ChangeDelivery(OrderAsk, frozen=True, kw_only=True):
    """Have the customer collect at `location`, or ship to the order's address.

    The customer has agreed: nothing of a pick-up goes elsewhere by itself.
    """

    delivery: SlotlessDelivery
    location: Code | None = None


class OfferChoice(OrderAsk, frozen=True, kw_only=True):
    """Ask the customer of a pick-up that its shop can't serve what becomes of it."""


class ChooseDelivery(OrderAsk, frozen=True, kw_only=True):
    """What becomes of a pick-up that its shop can't serve.

    choice: collected at another shop (`location`), shipped, all of it cancelled, or only what the
    shop doesn't have.
    """

    choice: Literal["pickup", "ship", "cancel", "cancel_missing"]
    location: Code | None = None


class SetDeadlines(OrderAsk, frozen=True, kw_only=True):
    """Until when lines may wait: what is not shipped by the end of that day is cancelled.

    lines: line number → the day; null takes the deadline away. Lines that are left out keep
    theirs.
    """

    lines: Annotated[dict[LineKey, date | None], Meta(min_length=1, max_length=2000)]


class LineDays(Ask, frozen=True, kw_only=True):
    """Days of one line: what is left out stays, null takes a day away.

    not_before, requested_on, latest_on: days of arrival. cancel_after: as in SetDeadlines.
    """

    not_before: date | UnsetType | None = UNSET
    requested_on: date | UnsetType | None = UNSET
    latest_on: date | UnsetType | None = UNSET
    cancel_after: date | UnsetType | None = UNSET


class ChangeDays(OrderAsk, frozen=True, kw_only=True):
    """Other days of arrival, or of cancelling, for what nobody has begun.

    The days beside `lines` are for all lines of which something is left; `lines` says other ones of
    single lines (line number → days).

    leave_begun: units that a location has begun go on as they are; without it lines with such
                 units are refused.
    """

    not_before: date | UnsetType | None = UNSET
    requested_on: date | UnsetType | None = UNSET
    latest_on: date | UnsetType | None = UNSET
    cancel_after: date | UnsetType | None = UNSET
    lines: Annotated[dict[LineKey, LineDays], Meta(max_length=2000)] = msgspec.field(
        default_factory=dict
    )
    leave_begun: bool = False


class MoveOpenWork(Ask, frozen=True, kw_only=True):
    """Have everything that a closed location has not begun served by others.

    after: where the last call stopped (its answer's `after`).
    """

    location: Code
    orders_max: Annotated[int, Meta(ge=1, le=BULK_MAX)] = 50
    after: UUID | None = None


class CancelOverdue(Ask, frozen=True, kw_only=True):
    """Cancel what is past its deadline, of so many orders at most."""

    orders_max: Annotated[int, Meta(ge=1, le=BULK_MAX)] = BULK_MAX


class ServeBackorders(Ask, frozen=True, kw_only=True):
    """Give stock that came in to the orders that wait for it, oldest promise first.

    location: where it came in: it is asked again also for orders that it was out of stock for.
    after:    where the last call stopped (its answer's `after`).
    """

    item_ids: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=10_000)]
    orders_max: Annotated[int, Meta(ge=1, le=500)] = 200
    location: Code | None = None
    after: UUID | None = None
