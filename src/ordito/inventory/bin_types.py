"""Bin stock: what is asked of it, and what is answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask, Code, Quantity, Sku
from ordito.kernel.quantities import QUANTITY_MAX

RECEIVING = "@receiving"
"""What came in and lies where it was unloaded."""
UNPLACED = "@unplaced"
"""What nobody has put into a bin, or what wasn't found in the one it was said to be in."""
BUILT_IN: tuple[str, ...] = (RECEIVING, UNPLACED)
"""Places that every location with bin stock has; they come before every bin's code."""

BinName = Annotated[str, Meta(min_length=1, max_length=40)]
Units = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
Warning_ = Literal["other-bin", "over-capacity", "mixed"]


class SwitchBinStock(Ask, frozen=True, kw_only=True):
    """Whether a location keeps a record of what lies in which bin. Switched on, all that is there
    is to be put away; switched off, the record is dropped, and stock stays as it is.

    at_home: what has a bin in which it usually lies is taken to lie there, all of it.
    """

    location: Code
    on: bool
    at_home: bool = False


class BinStockSwitched(msgspec.Struct, frozen=True):
    """units: that are to be put away since."""

    location: str
    on: bool
    units: int


class PutAway(Ask, frozen=True, kw_only=True):
    """Units that came in, or lie in no bin, go into one. Without `from_bin` those that came in
    are taken first."""

    location: Code
    sku: Sku
    to_bin: BinName
    quantity: Quantity
    from_bin: BinName | None = None


class MoveBetweenBins(Ask, frozen=True, kw_only=True):
    """Units go from one bin to another. `to_bin` may be “@unplaced”: they are in no bin then."""

    location: Code
    sku: Sku
    from_bin: BinName
    to_bin: BinName
    quantity: Quantity


class ReportNotInBin(Ask, frozen=True, kw_only=True):
    """Fewer units lie in a bin than its record says: `left` are there. The others count as not
    put into any bin, and the item is to be counted."""

    location: Code
    sku: Sku
    bin: BinName
    left: Units = 0


class UndoBinMoves(Ask, frozen=True, kw_only=True):
    """Take moves between bins back: the units lie where they were before."""

    location: Code
    moves: Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(min_length=1, max_length=50)]


class SetPickLevel(Ask, frozen=True, kw_only=True):
    """From how few units on an item's pick bin is to be filled, and up to how many. Without a bin
    the level is dropped."""

    location: Code
    sku: Sku
    bin: BinName | None
    units_min: Units = 0
    units_max: Units = 0


class RaiseReplenishments(Ask, frozen=True, kw_only=True):
    """Look which pick bins of a location are to be filled."""

    location: Code


class Replenish(Ask, frozen=True, kw_only=True):
    """Units were brought from a bin to the pick bin that waits for them."""

    location: Code
    sku: Sku
    from_bin: BinName
    quantity: Quantity


class BinContent(msgspec.Struct, frozen=True):
    """Units of an item in a bin, as they are kept."""

    item_id: UUID
    location_id: UUID
    bin: str
    qty: int


class BinMove(msgspec.Struct, frozen=True):
    """A move as it is kept. from_bin null: it came onto the shelf; to_bin null: it left it.

    undoes: the move that it took back.
    """

    id: int
    item_id: UUID
    location_id: UUID
    from_bin: str | None
    to_bin: str | None
    qty: int
    reason: str
    source_id: UUID | None
    at: datetime
    actor_id: UUID
    undoes: int | None


class BinStockMoved(msgspec.Struct, frozen=True):
    """Moves that were made. moves: their numbers, for taking them back.

    to_put_away: units of the item that still lie in no bin.
    warnings:    other-bin: not the one proposed; over-capacity: more than fits by its record;
                 mixed: other items lie there too.
    """

    location: str
    sku: str
    moves: list[int]
    quantity: int
    from_bins: list[str]
    to_bin: str
    to_put_away: int
    warnings: list[Warning_] = []


class PickLevel(msgspec.Struct, frozen=True):
    """From how few units on an item's pick bin is to be filled, and up to how many."""

    location_id: UUID
    item_id: UUID
    bin: str
    units_min: int
    units_max: int


class PickLevelState(msgspec.Struct, frozen=True):
    """The level of an item as it is told; without a bin there is none."""

    location: str
    sku: str
    bin: str | None
    units_min: int
    units_max: int


class Replenishment(msgspec.Struct, frozen=True):
    """Work: units to be brought to a pick bin. moved: of them so far. urgent: picks need them."""

    id: UUID
    location_id: UUID
    item_id: UUID
    bin: str
    units: int
    moved: int
    urgent: bool
    raised_at: datetime
    ended_at: datetime | None


class ReplenishmentsRaised(msgspec.Struct, frozen=True):
    """raised: new work. ended: work that nobody needs to do any more. open: all there is now."""

    location: str
    raised: int
    ended: int
    open: int
