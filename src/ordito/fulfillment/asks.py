"""What may be asked of a fulfillment order: the part of an order that one location fulfils."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, field

from ordito.kernel.asks import Ask, Lots, Quantity, Version

BULK_MAX = 256

LineNo = Annotated[int, Meta(ge=1, le=2_147_483_647)]
LineKey = Annotated[str, Meta(pattern="^[1-9][0-9]{0,8}$", description="A line number, as text")]
UnitsByLine = Annotated[
    dict[LineKey, Quantity],
    Meta(min_length=1, max_length=2000, description="Line number → units (kits count kits)"),
]
Reason = Annotated[str, Meta(min_length=1, max_length=60, description="A short code of yours")]
ScanCode = Annotated[str, Meta(min_length=1, max_length=100)]
BinCode = Annotated[
    str,
    Meta(min_length=1, max_length=40, description="Where the location keeps bin stock, the bin"),
]
ShortReason = Literal["missing", "damaged", "wrong_location"]


class WorkAsk(Ask, frozen=True, kw_only=True):
    """An ask about fulfillment order `<order_id>.<fo_no>`.

    With `version` it is refused when the fulfillment order has changed since.
    """

    order_id: UUID
    fo_no: LineNo
    version: Version | None = None


class ReleaseToPick(WorkAsk, frozen=True, kw_only=True):
    """Let the location begin."""


class OpenEarly(WorkAsk, frozen=True, kw_only=True):
    """Begin with what is scheduled for later."""


class OpenScheduled(Ask, frozen=True, kw_only=True):
    """Open what is to begin by now, of so many orders at most."""

    orders_max: Annotated[int, Meta(ge=1, le=BULK_MAX)] = BULK_MAX


class ReleaseManyToPick(Ask, frozen=True, kw_only=True):
    """Release many; each succeeds or fails alone."""

    asks: Annotated[tuple[ReleaseToPick, ...], Meta(min_length=1, max_length=BULK_MAX)]


class StartPicking(WorkAsk, frozen=True, kw_only=True):
    """Someone has begun; the others at the location see it."""


class PickUnits(WorkAsk, frozen=True, kw_only=True):
    """Units were taken off the shelf; without `lines` all that are left to pick.

    bin:         taken from it as far as it holds them; other units, and all of them without it,
                 come from the bins that the pick list names.
    lots:        for items that are kept by lots or serial numbers, which ones were taken.
    as_proposed: those were taken that end first, as the pick list proposes.
    """

    lines: UnitsByLine | None = None
    bin: BinCode | None = None
    lots: Lots = ()
    as_proposed: bool = False


class UnpickUnits(WorkAsk, frozen=True, kw_only=True):
    """Units were put back on the shelf, still for this order; without `lines` all of them.

    bin:  where they lie now; without it they are to be put away.
    lots: which ones, where some of a line go back that has several.
    """

    lines: UnitsByLine | None = None
    bin: BinCode | None = None
    lots: Lots = ()


class ReportShort(WorkAsk, frozen=True, kw_only=True):
    """Units could not be found (or used) where the system has them.

    parts: of a kit line, the SKUs of the parts that were missing; the others are fine.
    lots:  of items that are kept by lots, which ones were missing, where several are there.
    bin:   where they were looked for.
    """

    lines: UnitsByLine
    bin: BinCode | None = None
    reason: ShortReason = "missing"
    parts: dict[LineKey, Annotated[tuple[ScanCode, ...], Meta(min_length=1, max_length=200)]] = (
        field(default_factory=dict)
    )
    lots: Lots = ()


class RejectFulfillmentOrder(WorkAsk, frozen=True, kw_only=True):
    """The location says no; what is not picked is sourced elsewhere.

    lines: only these units; without it all that are not picked. The reason `out_of_stock` also
    asks for a count of the items there.
    """

    reason: Reason
    lines: UnitsByLine | None = None


class Scan(Ask, frozen=True):
    """A code as it was read: a SKU or a barcode, of an item or of a whole kit."""

    code: ScanCode
    qty: Quantity = 1


class PackUnits(WorkAsk, frozen=True, kw_only=True):
    """Picked units went into the box, as scanned; without `lines` all that are picked.

    unchecked: True packs without scans.
    """

    lines: UnitsByLine | None = None
    scans: Annotated[tuple[Scan, ...], Meta(max_length=5000)] = ()
    unchecked: bool = False


class ShipUnits(WorkAsk, frozen=True, kw_only=True):
    """A parcel left; without `lines` it holds all that is packed.

    lots: which ones, where some of a line leave that has several.
    """

    lines: UnitsByLine | None = None
    lots: Lots = ()
    carrier: Annotated[str, Meta(min_length=1, max_length=60)]
    service: Annotated[str, Meta(max_length=60)] = ""
    tracking_number: Annotated[str, Meta(max_length=100)] = ""
    weight_g: Annotated[int, Meta(ge=1, le=100_000_000)] | None = None


class DeliverUnits(WorkAsk, frozen=True, kw_only=True):
    """A parcel arrived; without `parcel_no` all that are under way did."""

    parcel_no: LineNo | None = None


class ArrivedItem(Ask, frozen=True, kw_only=True):
    """Pieces of an item that were in a parcel: fit to be sold, and damaged ones."""

    sku: Annotated[str, Meta(min_length=1, max_length=100)]
    quantity: Annotated[int, Meta(ge=0, le=10**9)]
    damaged: Annotated[int, Meta(ge=0, le=10**9)] = 0


class ReceiveBrought(WorkAsk, frozen=True, kw_only=True):
    """A parcel that another location sent arrived at the shop where it will be collected.

    items: what was in it; without them, all that was sent. What isn't named is missing, and an
           empty list says that the parcel is lost.
    lots:  of items that are kept by lots or serial numbers, which ones came, where not all did.
    """

    parcel_no: LineNo
    items: Annotated[tuple[ArrivedItem, ...], Meta(max_length=2000)] | None = None
    lots: Lots = ()


class MakeReady(WorkAsk, frozen=True, kw_only=True):
    """The box waits for the customer, who is told a code."""


class HandOver(WorkAsk, frozen=True, kw_only=True):
    """The customer came, with the code or with an identity document."""

    code: Annotated[str, Meta(max_length=20)] | None = None
    id_checked: bool = False


class CloseNotCollected(WorkAsk, frozen=True, kw_only=True):
    """The customer did not come: the units go back on sale.

    The channel's `uncollected` says whether they are cancelled or kept in the order.
    """


class AcceptRequest(WorkAsk, frozen=True, kw_only=True):
    """The partner will do the work. reference: its own number of it."""

    reference: Annotated[str, Meta(max_length=100)] = ""


class ShipAccepted(WorkAsk, frozen=True, kw_only=True):
    """A parcel of accepted work left the partner; without `lines` it holds all that is left."""

    lines: UnitsByLine | None = None
    carrier: Annotated[str, Meta(min_length=1, max_length=60)]
    service: Annotated[str, Meta(max_length=60)] = ""
    tracking_number: Annotated[str, Meta(max_length=100)] = ""
    weight_g: Annotated[int, Meta(ge=1, le=100_000_000)] | None = None


class AnswerCancellation(WorkAsk, frozen=True, kw_only=True):
    """Whether the partner leaves out what it was asked to. accepted: nothing of it will leave."""

    accepted: bool


class WithdrawRequest(WorkAsk, frozen=True, kw_only=True):
    """Take a request back that the partner has not answered; the units are sourced elsewhere."""

    reason: Reason = "withdrawn"


class ChaseRequest(WorkAsk, frozen=True, kw_only=True):
    """Remind a partner that has not answered in time. base_url: how people reach Ordito."""

    base_url: Annotated[str, Meta(max_length=500)] = ""


class CloseTask(Ask, frozen=True, kw_only=True):
    """Someone has done what a task asks for."""

    task_id: UUID
