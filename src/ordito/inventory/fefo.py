"""First expired, first out: which lots on a shelf go first."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.inventory.lot_book import LotUse
from ordito.inventory.lots import LotState
from ordito.inventory.types import CellKey
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx


class ShelfLot(msgspec.Struct, frozen=True):
    """A lot with pieces on a location's shelf."""

    item_id: UUID
    location_id: UUID
    lot_id: UUID
    code: str
    expires_on: date | None
    state: LotState
    shelf: int
    created_at: datetime

    @property
    def key(self) -> CellKey:
        return str(self.item_id), str(self.location_id)

    def is_fit(self, first_fit_day: date) -> bool:
        """Whether it may be sold where lots that end before that day may not."""
        young = self.expires_on is None or self.expires_on >= first_fit_day
        return self.state == "free" and young


def read_shelf_lots(tx: Tx, keys: Iterable[CellKey]) -> dict[CellKey, list[ShelfLot]]:
    """What lots have on the shelves of these cells: what ends first is first, then the oldest."""
    found: dict[CellKey, list[ShelfLot]] = {}
    for lot in _SHELF.all_rows(tx, sorted(set(keys))):
        found.setdefault(lot.key, []).append(lot)
    return found


_SHELF = bulk_query(
    ShelfLot,
    """
    SELECT s.item_id, s.location_id, s.lot_id, l.code, l.expires_on, l.state, s.shelf,
           l.created_at
    FROM inventory.lot_stock AS s
    JOIN unnest(%s::uuid[], %s::uuid[]) AS k (item_id, location_id)
      ON s.item_id = k.item_id AND s.location_id = k.location_id
    JOIN inventory.lot AS l ON l.id = s.lot_id
    WHERE s.shelf > 0
    ORDER BY s.item_id, s.location_id, l.expires_on NULLS LAST, l.created_at, l.code_key
    """,
)


def propose(lots: Sequence[ShelfLot], qty: int, *, first_fit_day: date) -> list[LotUse]:
    """Pieces of fit lots in their order, at most `qty`; fewer where there aren't as many."""
    uses: list[LotUse] = []
    for lot in lots:
        now = min(qty, lot.shelf) if lot.is_fit(first_fit_day) else 0
        if now > 0:
            uses.append((lot.lot_id, now))
            qty -= now
    return uses
