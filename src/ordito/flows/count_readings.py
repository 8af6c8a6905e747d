"""What a count reads, and whom its differences concern."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ordito.catalog.types import ItemFacts
from ordito.inventory.counts import (
    LotDifference,
    Takes,
    split_missing,
    split_missing_lots,
)
from ordito.inventory.levels import read_cell_reservations
from ordito.inventory.lot_book import LotCell
from ordito.inventory.types import Cell, CellKey, Reservation
from ordito.kernel.moves import Bucket
from ordito.locations.types import Location
from ordito.orders.orders import read_orders
from ordito.platform.database import Tx


class Reading(msgspec.Struct, frozen=True):
    """What was counted of an item: all units on hand, told when the cell is locked.

    find_counted: may raise, when the cell is not what it must be; nothing is written then.
    expected:     units on hand when the count began, None for no such check.
    find_lots:    of an item with lots, what of which there is more and fewer; what was counted
                  follows from it.
    bins:         what bins were found to have more or, negative, less than their record, once
                  find_counted was called; bins that are right are left out.
    """

    item: ItemFacts
    find_counted: Callable[[Cell], int]
    expected: int | None = None
    find_lots: Callable[[Mapping[UUID, LotCell]], LotDifference] | None = None
    bins: Mapping[str, int] = msgspec.field(default_factory=dict)


class Count(msgspec.Struct, frozen=True):
    """A count whose names were found; one item per reading."""

    id: UUID
    location: Location
    readings: tuple[Reading, ...]
    note: str = ""
    gone_to: Bucket = "adjustment"
    reason: str = "count"
    """Of the postings, and why orders lose units."""
    tell: bool = True
    """Whether it was a count: it is told as one, and ends what asks for one."""

    def keys(self) -> list[CellKey]:
        place = str(self.location.id)
        return [(reading.item.id, place) for reading in self.readings]


class CountedCell(msgspec.Struct, frozen=True):
    """A reading under the lock of its cell."""

    counted: int
    expected: int | None
    lots: LotDifference | None = None

    def more(self, before: Cell) -> int:
        return self.lots.gained if self.lots else max(0, self.counted - before.on_hand)

    def split(self, cell: Cell) -> Takes:
        """Pieces that are missing, by the bucket they are taken from."""
        if self.lots is not None:
            return split_missing_lots(cell, self.lots)
        return split_missing(cell, max(0, cell.on_hand - self.counted))


class Locks(msgspec.Struct):
    """Whose promises are to be locked before the cells: orders, then holds."""

    orders: set[UUID] = msgspec.field(default_factory=set)
    holds: set[UUID] = msgspec.field(default_factory=set)


def rank_claims(tx: Tx, cells: Sequence[CellKey]) -> dict[CellKey, list[Reservation]]:
    """Who holds what is reserved in locked cells, first to lose first: holds, the newest first,
    then orders, the latest promise first."""
    rows = read_cell_reservations(tx, cells)
    orders = read_orders(tx, {row.holder_id for row in rows if row.expires_at is None})
    claims: dict[CellKey, list[Reservation]] = {}
    for row in rows:
        claims.setdefault((str(row.item_id), str(row.location_id)), []).append(row)

    def rank(row: Reservation) -> tuple[bool, date, object, int, int]:
        order = orders.get(row.holder_id)
        if order is None:
            return True, date.max, row.expires_at, row.holder_id.int, row.line_no
        promised_on = order.promised_on or date.max
        return False, promised_on, order.placed_at, order.number, row.line_no

    for held in claims.values():
        held.sort(key=rank, reverse=True)
    return claims
