"""What is asked of expected receipts, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.inventory.asks import LotLines, Reference
from ordito.kernel.asks import Ask, Code, Note, Quantity, Sku, Version
from ordito.kernel.quantities import QUANTITY_MAX

ExpectedState = Literal["open", "received", "closed"]


class ExpectReceipt(Ask, frozen=True, kw_only=True):
    """Units of an item that a supplier said will come to a location."""

    location: Code
    sku: Sku
    quantity: Quantity
    expected_on: date
    """The day on which they are on the shelf: orders are promised them from then on."""
    reference: Reference = ""
    """What the supplier or the purchase calls it."""


class ChangeExpected(Ask, frozen=True, kw_only=True):
    """Another day, another quantity, another reference. The quantity is all of it, with what has
    come already; it must be more than that."""

    expected_id: UUID
    version: Version | None = None
    quantity: Quantity | UnsetType = UNSET
    expected_on: date | UnsetType = UNSET
    reference: Reference | UnsetType = UNSET


class CloseExpected(Ask, frozen=True, kw_only=True):
    """Nothing more of it comes."""

    expected_id: UUID
    version: Version | None = None
    note: Note = ""


class ReceiveExpected(Ask, frozen=True, kw_only=True):
    """What came of it. More may follow unless `last` says that nothing does; more than expected
    is taken too.

    quantity: fit for sale. damaged: not.
    """

    expected_id: UUID
    version: Version | None = None
    quantity: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)] = 0
    damaged: Annotated[int, Meta(ge=0, le=QUANTITY_MAX)] = 0
    last: bool = False
    reference: Reference = ""
    """The delivery note's number; without it the announcement's."""
    lots: LotLines = ()
    """Of an item that is kept by lots or serial numbers: which ones came fit for sale."""
    damaged_lots: LotLines = ()
    """And which came damaged."""


class ExpectedStock(msgspec.Struct, frozen=True):
    """An expected receipt as it is, in pieces. open: still to come; over: more than expected."""

    id: UUID
    location: str
    item_id: UUID
    sku: str
    name: str
    qty: int
    received: int
    open: int
    over: int
    expected_on: date
    reference: str
    state: ExpectedState
    overdue: bool
    created_at: datetime
    ended_at: datetime | None
    version: int
    allowed_actions: list[str]
