"""What is asked of transfers between locations, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.inventory.asks import LINES_MAX, LotLines, Reference
from ordito.kernel.asks import Ask, Code, Note, Quantity, Sku, Version
from ordito.kernel.quantities import QUANTITY_MAX

TransferState = Literal["draft", "requested", "shipped", "partly_received", "received", "cancelled"]

Units = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]


class TransferLineAsk(Ask, frozen=True):
    sku: Sku
    quantity: Quantity


TransferLines = Annotated[tuple[TransferLineAsk, ...], Meta(min_length=1, max_length=LINES_MAX)]


class DraftTransfer(Ask, frozen=True, kw_only=True):
    """Units that are to go from one location to another; one line per item."""

    from_location: Code
    to_location: Code
    lines: TransferLines
    reference: Reference = ""
    note: Note = ""
    expected_on: date | None = None
    """The day on which the destination may count on it."""


class ChangeTransfer(Ask, frozen=True, kw_only=True):
    """Changes to a transfer that hasn't left yet. `lines` are all its lines then."""

    transfer_id: UUID
    version: Version | None = None
    lines: TransferLines | UnsetType = UNSET
    reference: Reference | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    expected_on: date | UnsetType | None = UNSET


class TransferAsk(Ask, frozen=True, kw_only=True):
    """An act on a transfer as a whole: requesting it, cancelling it."""

    transfer_id: UUID
    version: Version | None = None


class ShipLine(Ask, frozen=True):
    sku: Sku
    quantity: Units
    lots: LotLines = ()
    """Of an item that is kept by lots: which ones leave, where several are there."""


class ShipTransfer(Ask, frozen=True, kw_only=True):
    """What leaves the source. Without lines all that was requested; items left out stay there."""

    transfer_id: UUID
    version: Version | None = None
    lines: Annotated[tuple[ShipLine, ...], Meta(min_length=1, max_length=LINES_MAX)] | None = None


class ArrivedLine(Ask, frozen=True):
    """Units of an item that arrived.

    quantity: fit for sale. damaged: not. surplus: fit for sale, and more than was shipped: they
    are booked as found here, and the source is asked to count.
    """

    sku: Sku
    quantity: Units = 0
    damaged: Units = 0
    surplus: Units = 0
    lots: LotLines = ()
    """Of an item that is kept by lots: which ones arrived fit for sale, where not all did."""
    damaged_lots: LotLines = ()
    """And which arrived damaged."""


class ReceiveTransfer(Ask, frozen=True, kw_only=True):
    """What arrived; more may follow until the transfer is closed."""

    transfer_id: UUID
    version: Version | None = None
    lines: Annotated[tuple[ArrivedLine, ...], Meta(min_length=1, max_length=LINES_MAX)]


class CloseTransfer(Ask, frozen=True, kw_only=True):
    """Nothing more comes: what has not arrived is written off as missing."""

    transfer_id: UUID
    version: Version | None = None
    note: Note = ""


class TransferLine(msgspec.Struct, frozen=True):
    """An item of a transfer, in pieces.

    open: shipped and neither arrived nor given up: on its way.
    """

    line_no: int
    item_id: UUID
    sku: str
    name: str
    requested: int
    shipped: int
    received: int
    damaged: int
    surplus: int
    missing: int
    open: int


class StockTransfer(msgspec.Struct, frozen=True):
    """A transfer as it is, and what may be done with it by who asks."""

    id: UUID
    number: int
    from_location: str
    to_location: str
    state: TransferState
    reference: str
    note: str
    expected_on: date | None
    created_at: datetime
    shipped_at: datetime | None
    ended_at: datetime | None
    version: int
    lines: list[TransferLine]
    allowed_actions: list[str]
