"""What is asked of cycle counts, and what is answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.inventory.asks import LINES_MAX, CountedLot
from ordito.kernel.asks import Ask, Code, Currency, Note, Sku, Version
from ordito.kernel.quantities import QUANTITY_MAX

CycleCountState = Literal["open", "finished"]
CountLineState = Literal["open", "waiting", "done", "skipped"]

BinName = Annotated[str, Meta(min_length=1, max_length=40)]
Units = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]


class StartCycleCount(Ask, frozen=True, kw_only=True):
    """Items to be counted at a location: those named, those in the bins named, those that
    somebody was asked to count; with none of these all that were ever kept there."""

    location: Code
    name: Annotated[str, Meta(max_length=100)] = ""
    skus: Annotated[tuple[Sku, ...], Meta(max_length=LINES_MAX)] = ()
    bins: Annotated[tuple[BinName, ...], Meta(max_length=LINES_MAX)] = ()
    asked: bool = False
    """Also the items of open count tasks there."""
    blind: bool = True
    """Who counts is not told what the record says."""


class EnterCycleCount(Ask, frozen=True, kw_only=True):
    """Units of an item that lie on the shelf: free and reserved ones. What is picked, or set aside
    as damaged or to be checked, lies elsewhere and is not counted.

    bins: at a location that keeps bin stock, what was counted in which bin, in place of
          `counted`. Bins that aren't named are as their record says.
    lots: of an item that is kept by lots or serial numbers, how many there are of each that is
          there or should be: on the shelf, or, with `bins`, in all bins together. `counted` may be
          left out then. They are needed where who counts isn't told the record, and where bins or
          units differ from it.
    """

    count_id: UUID
    sku: Sku
    counted: Units | None = None
    bins: Annotated[dict[BinName, Units], Meta(max_length=200)] = msgspec.field(
        default_factory=dict
    )
    lots: Annotated[tuple[CountedLot, ...], Meta(max_length=LINES_MAX)] = ()


class ApproveDifference(Ask, frozen=True, kw_only=True):
    """Book a difference that waits, by somebody else than who counted."""

    count_id: UUID
    sku: Sku


class AskRecount(Ask, frozen=True, kw_only=True):
    """Have an item counted again instead of booking its difference."""

    count_id: UUID
    sku: Sku
    note: Note = ""


class EndCycleCount(Ask, frozen=True, kw_only=True):
    """Leave out what has not been counted."""

    count_id: UUID
    version: Version | None = None


class SetCountLimit(Ask, frozen=True, kw_only=True):
    """From which difference on a count at a location waits for approval: more units than this,
    or worth more than this at the item's price. Both null: every difference is booked."""

    location: Code
    units: Units | None = None
    value_minor: Annotated[int, Meta(ge=0, le=10**15)] | None = None
    currency: Currency | None = None


class CountLimit(msgspec.Struct, frozen=True):
    """The limit of a location; None is no limit of that kind."""

    units: int | None
    value_minor: int | None
    currency: str


class CycleCountItem(msgspec.Struct, frozen=True):
    """An item of a count. bins: where it lies, in the order in which they are walked.

    state:      open, waiting for approval, done, or skipped when the count was ended.
    round:      1, and one more for each time it was to be counted again.
    difference: counted less recorded; null until it is counted, and for who counts blindly.
    tracking:   how its units are told apart: counted are lots or serial numbers where they are.
    expires:    whether its lots have a last day, which is said of those that are found new.
    lots:       difference of each lot that differs, by its code; null as `difference` is, and for
                an item that was counted without lots.
    """

    line_no: int
    item_id: UUID
    sku: str
    name: str
    bins: list[str]
    state: CountLineState
    round: int
    counted: int | None
    difference: int | None
    counted_at: datetime | None
    counted_by: UUID | None
    tracking: Literal["none", "lot", "serial"] = "none"
    expires: bool = False
    lots: dict[str, int] | None = None


class CycleCount(msgspec.Struct, frozen=True):
    """A cycle count as it is, and what may be done with it by who asks."""

    id: UUID
    number: int
    location: str
    name: str
    blind: bool
    state: CycleCountState
    created_at: datetime
    ended_at: datetime | None
    version: int
    lines: list[CycleCountItem]
    allowed_actions: list[str]
