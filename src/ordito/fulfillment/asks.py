"""What may be asked of a fulfillment order: the part of an order that one location fulfils."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, field

from ordito.kernel.asks import Ask, Quantity, Version

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


class ReleaseManyToPick(Ask, frozen=True, kw_only=True):
    """Release many; each succeeds or fails alone."""

    asks: Annotated[tuple[ReleaseToPick, ...], Meta(min_length=1, max_length=BULK_MAX)]


class StartPicking(WorkAsk, frozen=True, kw_only=True):
    """Someone has begun; the others at the location see it."""


class PickUnits(WorkAsk, frozen=True, kw_only=True):
    """Units were taken off the shelf; without `lines` all that are left to pick.

    bin: taken from it as far as it holds them; other units, and all of them without it, come from
         the bins that the pick list names.
    """

    lines: UnitsByLine | None = None
    bin: BinCode | None = None


class UnpickUnits(WorkAsk, frozen=True, kw_only=True):
    """Units were put back on the shelf, still for this order; without `lines` all of them.

    bin: where they lie now; without it they are to be put away.
    """

    lines: UnitsByLine | None = None
    bin: BinCode | None = None


class ReportShort(WorkAsk, frozen=True, kw_only=True):
    """Units could not be found (or used) where the system has them.

    parts: of a kit line, the SKUs of the parts that were missing; the others are fine.
    bin:   where they were looked for.
    """

    lines: UnitsByLine
    bin: BinCode | None = None
    reason: ShortReason = "missing"
    parts: dict[LineKey, Annotated[tuple[ScanCode, ...], Meta(min_length=1, max_length=200)]] = (
        field(default_factory=dict)
    )


class RejectFulfillmentOrder(WorkAsk, frozen=True, kw_only=True):
    """The location says no; what is not picked is sourced elsewhere.

    The reason `out_of_stock` also asks for a count of the items there.
    """

    reason: Reason


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
    """A parcel left; without `lines` it holds all that is packed."""

    lines: UnitsByLine | None = None
    carrier: Annotated[str, Meta(min_length=1, max_length=60)]
    service: Annotated[str, Meta(max_length=60)] = ""
    tracking_number: Annotated[str, Meta(max_length=100)] = ""
    weight_g: Annotated[int, Meta(ge=1, le=100_000_000)] | None = None


class DeliverUnits(WorkAsk, frozen=True, kw_only=True):
    """A parcel arrived; without `parcel_no` all that are under way did."""

    parcel_no: LineNo | None = None


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


class CloseTask(Ask, frozen=True, kw_only=True):
    """Someone has done what a task asks for."""

    task_id: UUID
