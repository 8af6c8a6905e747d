"""The book of lots beside the ledger: which lots a posting moves, decided before it is made.

A lot knows less buckets than its cell: what is available, reserved or kept for safety lies on one
shelf, and which lot goes to whom is decided when it is picked. So a posting concerns lots only
when it crosses from one of these layers to another, or to the outside.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from typing import Literal
from uuid import UUID

import msgspec

from ordito.inventory.problems import LotRequired, LotShort
from ordito.inventory.types import CellKey
from ordito.kernel.moves import Bucket
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx

Layer = Literal["shelf", "picked", "quality_control", "damaged", "in_transit"]
LAYERS: tuple[Layer, ...] = (
    "shelf",
    "picked",
    "quality_control",
    "damaged",
    "in_transit",
)

LAYER_OF: dict[Bucket, Layer] = {
    "available": "shelf",
    "reserved": "shelf",
    "safety": "shelf",
    "picked": "picked",
    "quality_control": "quality_control",
    "damaged": "damaged",
    "in_transit": "in_transit",
}
"""Buckets that are in none lie outside: there a lot is only history, or, of what is incoming, not
known yet: a supplier announces units, and their lots are read when they have come."""

LotUse = tuple[UUID, int]
"""Lot id and pieces."""

_Row = tuple[str, str, int, UUID, int]
"""item id, location id, seq of the posting, lot id, pieces"""

_Way = tuple[CellKey, Layer | None, Layer | None]


class LotCell(msgspec.Struct):
    """A lot's pieces at a location. held_back: those of quality_control that wait for the lot."""

    item_id: UUID
    location_id: UUID
    lot_id: UUID
    serial: bool
    shelf: int = 0
    picked: int = 0
    quality_control: int = 0
    damaged: int = 0
    in_transit: int = 0
    held_back: int = 0

    @property
    def key(self) -> CellKey:
        return str(self.item_id), str(self.location_id)

    @property
    def on_hand(self) -> int:
        return self.shelf + self.picked + self.quality_control + self.damaged


class LotBook:
    """The lots of a transaction's locked cells, and which of them its postings move.

    tracked: ids of the items of which every posting between layers must be told its lots.
    """

    def __init__(self, tracked: Collection[str], cells: Iterable[LotCell] = ()) -> None:
        self.tracked = frozenset(tracked)
        self.cells: defaultdict[CellKey, dict[UUID, LotCell]] = defaultdict(dict)
        for cell in cells:
            self.cells[cell.key][cell.lot_id] = cell
        self._chosen: defaultdict[_Way, list[LotUse]] = defaultdict(list)
        self._rows: list[_Row] = []
        self._deltas: defaultdict[tuple[str, str, UUID], Counter[str]] = defaultdict(Counter)

    def choose(
        self,
        key: CellKey,
        way: tuple[Bucket, Bucket],
        uses: Iterable[LotUse],
        *,
        serial: bool = False,
    ) -> None:
        """The lots that the next postings of a cell on that way move, in this order."""
        from_, to = way
        layers = LAYER_OF.get(from_), LAYER_OF.get(to)
        for lot_id, qty in uses:
            if lot_id not in self.cells[key]:
                item_id, location_id = map(UUID, key)
                self.cells[key][lot_id] = LotCell(item_id, location_id, lot_id, serial)
            self._chosen[key, *layers].append((lot_id, qty))

    def follow(self, key: CellKey, seq: int, from_: Bucket, to: Bucket, qty: int) -> None:
        """A posting was made: its lots go the same way.

        Raises LotRequired when nobody said which, LotShort when one has fewer.
        """
        layer, target = LAYER_OF.get(from_), LAYER_OF.get(to)
        if key[0] not in self.tracked or layer == target:
            return
        for lot_id, pieces in _take(self._chosen[key, layer, target], qty):
            self._move(self.cells[key][lot_id], layer, target, pieces)
            self._rows.append((*key, seq, lot_id, pieces))

    def hold_back(self, key: CellKey, lot_id: UUID, qty: int) -> None:
        """So many pieces lie in quality control only because of the lot; negative: no more."""
        self.cells[key][lot_id].held_back += qty
        self._deltas[*key, lot_id]["held_back"] += qty

    def _move(self, cell: LotCell, from_: Layer | None, to: Layer | None, qty: int) -> None:
        delta = self._deltas[*cell.key, cell.lot_id]
        if from_ is not None:
            left = getattr(cell, from_) - qty
            if left < 0:
                raise LotShort(
                    f"A lot has {left + qty} units there ({from_.replace('_', ' ')}), not {qty}."
                    " Nothing was changed. Look again which lots are there.",
                    extra={"lot_id": str(cell.lot_id), "asked": qty, "there": left + qty},
                )
            setattr(cell, from_, left)
            delta[from_] -= qty
        if to is not None:
            setattr(cell, to, getattr(cell, to) + qty)
            delta[to] += qty
        over = cell.held_back - cell.quality_control
        if over > 0:
            # Whoever takes units out of quality control takes those that wait for the lot last.
            self.hold_back(cell.key, cell.lot_id, -over)

    def send(self, tx: Tx) -> None:
        """Write what the postings moved; they are written already."""
        if not self._rows and not self._deltas:
            return
        keys = sorted(self._deltas)
        _MAKE.run(tx, [(*key, self.cells[key[0], key[1]][key[2]].serial) for key in keys])
        columns = (*LAYERS, "held_back")
        _CHANGE.run(
            tx, [(*key, *(self._deltas[key][column] for column in columns)) for key in keys]
        )
        _POST.run(tx, _summed(self._rows))
        self._rows, self._deltas = [], defaultdict(Counter)


def _take(queue: list[LotUse], qty: int) -> list[LotUse]:
    """Take pieces from the front of what was chosen; raises LotRequired when it is too little."""
    taken = split_uses(queue, qty)
    if sum(pieces for _, pieces in taken) < qty:
        raise LotRequired(
            "Stock of this item is kept by lots or serial numbers, and it wasn't said which ones"
            " are meant. Nothing was changed. Name them, or act on the item by its lots."
        )
    return taken


def _summed(rows: Iterable[_Row]) -> list[_Row]:
    """One row per posting and lot."""
    sums: Counter[tuple[str, str, int, UUID]] = Counter()
    for item_id, location_id, seq, lot_id, qty in rows:
        sums[item_id, location_id, seq, lot_id] += qty
    return [(*key, qty) for key, qty in sums.items()]


_MAKE = bulk("""
    INSERT INTO inventory.lot_stock (item_id, location_id, lot_id, serial)
    SELECT item_id, location_id, lot_id, serial
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bool[])
        AS n (item_id, location_id, lot_id, serial)
    ON CONFLICT (item_id, location_id, lot_id) DO NOTHING
""")

_CHANGE = bulk("""
    UPDATE inventory.lot_stock AS s
    SET shelf = s.shelf + d.shelf,
        picked = s.picked + d.picked,
        quality_control = s.quality_control + d.quality_control,
        damaged = s.damaged + d.damaged,
        in_transit = s.in_transit + d.in_transit,
        held_back = s.held_back + d.held_back
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::int8[], %s::int8[], %s::int8[],
                %s::int8[], %s::int8[], %s::int8[])
        AS d (item_id, location_id, lot_id, shelf, picked, quality_control, damaged, in_transit,
              held_back)
    WHERE s.item_id = d.item_id AND s.location_id = d.location_id AND s.lot_id = d.lot_id
""")

_POST = bulk("""
    INSERT INTO inventory.lot_posting (item_id, location_id, seq, lot_id, qty)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int8[], %s::uuid[], %s::int8[])
""")


def read_lot_cells(tx: Tx, keys: Iterable[CellKey]) -> list[LotCell]:
    """What lots have in these cells; the caller holds the cells' locks to rely on it."""
    return _CELLS.all_rows(tx, sorted(set(keys)))


_CELLS = bulk_query(
    LotCell,
    """
    SELECT s.item_id, s.location_id, s.lot_id, s.serial, s.shelf, s.picked, s.quality_control,
           s.damaged, s.in_transit, s.held_back
    FROM inventory.lot_stock AS s
    JOIN unnest(%s::uuid[], %s::uuid[]) AS k (item_id, location_id)
      ON s.item_id = k.item_id AND s.location_id = k.location_id
    WHERE s.held > 0
    ORDER BY s.item_id, s.location_id, s.lot_id
    """,
)


def open_book(tx: Tx, tracked: Collection[str], keys: Iterable[CellKey]) -> LotBook:
    """The book of locked cells; without tracked items an empty one."""
    concerned = [key for key in keys if key[0] in tracked]
    return LotBook(tracked, read_lot_cells(tx, concerned) if concerned else ())


def split_uses(queue: list[LotUse], qty: int) -> list[LotUse]:
    """Take the first `qty` pieces off a queue of lots; fewer when it has fewer."""
    taken: list[LotUse] = []
    while queue and qty:
        lot_id, there = queue.pop(0)
        now = min(qty, there)
        taken.append((lot_id, now))
        qty -= now
        if there > now:
            queue.insert(0, (lot_id, there - now))
    return taken
