"""What is asked of assemblies, and what is answered."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ordito.inventory.asks import LINES_MAX, LotLines, Reference
from ordito.kernel.asks import Ask, Code, Note, Quantity, Sku, Version
from ordito.kernel.quantities import QUANTITY_MAX

AssemblyState = Literal["draft", "started", "partly_made", "finished", "cancelled"]

Units = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
Step = Annotated[str, Meta(max_length=100, description="Where the work stands, in your words")]
Partner = Annotated[str, Meta(max_length=100, description="Who does the work, when it isn't you")]


class PartAsk(Ask, frozen=True):
    """A part, and how many pieces of it one unit takes. quantity: of one unit."""

    sku: Sku
    quantity: Quantity


Parts = Annotated[tuple[PartAsk, ...], Meta(min_length=1, max_length=LINES_MAX)]


class SetRecipe(Ask, frozen=True, kw_only=True):
    """What an item is made of; no parts: it isn't made here any more."""

    item_id: UUID
    version: Version | None = None
    parts: Annotated[tuple[PartAsk, ...], Meta(max_length=LINES_MAX)]


class RecipePart(msgspec.Struct, frozen=True):
    """A part of a recipe. quantity: pieces for one unit."""

    item_id: UUID
    sku: str
    name: str
    quantity: int


class Recipe(msgspec.Struct, frozen=True):
    """What an item is made of; version: of the item."""

    item_id: UUID
    sku: str
    version: int
    parts: list[RecipePart]


class DraftAssembly(Ask, frozen=True, kw_only=True):
    """Units of an item that are to be made at a location, of parts that lie there.

    parts: without them as the item's recipe says.
    """

    sku: Sku
    location: Code
    quantity: Quantity
    parts: Parts | None = None
    due_on: date | None = None
    step: Step = ""
    partner: Partner = ""
    reference: Reference = ""
    note: Note = ""


class ChangeAssembly(Ask, frozen=True, kw_only=True):
    """Changes to an assembly; its quantity and parts only before it is started."""

    assembly_id: UUID
    version: Version | None = None
    quantity: Quantity | UnsetType = UNSET
    parts: Parts | UnsetType = UNSET
    due_on: date | UnsetType | None = UNSET
    step: Step | UnsetType = UNSET
    partner: Partner | UnsetType = UNSET
    reference: Reference | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class AssemblyAsk(Ask, frozen=True, kw_only=True):
    """An act on an assembly as a whole: cancelling it."""

    assembly_id: UUID
    version: Version | None = None


class PartLots(Ask, frozen=True, kw_only=True):
    """The lots of a part that is kept by lots or serial numbers."""

    sku: Sku
    lots: LotLines


class StartAssembly(AssemblyAsk, frozen=True, kw_only=True):
    """Take the parts. lots: of parts whose lots are chosen; of the others what ends first goes."""

    lots: Annotated[tuple[PartLots, ...], Meta(max_length=LINES_MAX)] = ()


class BookMade(Ask, frozen=True, kw_only=True):
    """Units that are done. quantity: fit for sale. spoiled: not, their parts are lost.

    lots: of an item that is kept by lots, which ones the fit units are. Without them they are a
          lot that is called as the assembly, A-12, and lasts as long as the part that ends first;
          serial numbers are always named.
    """

    assembly_id: UUID
    version: Version | None = None
    quantity: Units = 0
    spoiled: Units = 0
    lots: LotLines = ()


class LostPart(Ask, frozen=True):
    sku: Sku
    quantity: Quantity


class CloseAssembly(Ask, frozen=True, kw_only=True):
    """No more of it is made: parts go back on the shelf, but for those that are lost.

    lots: which lots go back, of parts of which several were taken and some were used.
    """

    assembly_id: UUID
    version: Version | None = None
    lost: Annotated[tuple[LostPart, ...], Meta(max_length=LINES_MAX)] = ()
    lots: Annotated[tuple[PartLots, ...], Meta(max_length=LINES_MAX)] = ()
    note: Note = ""


class TakenLot(msgspec.Struct, frozen=True):
    """Pieces of a lot that an assembly took for a part, and how many of them it gave back."""

    lot_id: UUID
    lot: str
    expires_on: date | None
    taken: int
    returned: int


class BuiltLot(msgspec.Struct, frozen=True):
    """Units of a lot that an assembly made."""

    lot_id: UUID
    lot: str
    expires_on: date | None
    made: int


class AssemblyPart(msgspec.Struct, frozen=True):
    """A part of an assembly, in pieces. open: taken and in nothing that is made yet."""

    line_no: int
    item_id: UUID
    sku: str
    name: str
    per_unit: int
    needed: int
    taken: int
    returned: int
    scrapped: int
    open: int
    lots: list[TakenLot] = []


class StockAssembly(msgspec.Struct, frozen=True):
    """An assembly as it is, and what may be done with it by who asks. open: still to be made."""

    id: UUID
    number: int
    location: str
    item_id: UUID
    sku: str
    name: str
    state: AssemblyState
    planned: int
    made: int
    spoiled: int
    open: int
    step: str
    partner: str
    reference: str
    note: str
    due_on: date | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    version: int
    parts: list[AssemblyPart]
    allowed_actions: list[str]
    lots: list[BuiltLot] = []
