"""Who may want how much of which cell, and where that is more than there is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from ordito.sourcing.joint.types import Candidate, JointOrder, Pool, Units

Cell: TypeAlias = tuple[object, int]
"""(item, place)."""
Pieces: TypeAlias = dict[Cell, int]


class Asked:
    """An order with its candidates and the most pieces that it may take of each cell.

    before: what it has or gets by itself; floor: units per want that it must not fall below.
    """

    __slots__ = ("before", "candidates", "floor", "most", "order")

    def __init__(self, order: JointOrder, candidates: Sequence[Candidate], before: Units) -> None:
        self.order = order
        self.candidates = candidates
        self.before = before
        served: Counter[int] = Counter()
        for (line_no, _), qty in before.items():
            served[line_no] += qty
        self.floor = [served[want.line_no] for want in order.request.wants]
        self.most: Pieces = {}
        for candidate in candidates:
            for want, able in zip(order.request.wants, candidate.able, strict=True):
                for part in want.parts if able else ():
                    cell = (part.item_id, candidate.place)
                    self.most[cell] = self.most.get(cell, 0) + able * part.per_unit

    def pieces_of(self, units: Units) -> Pieces:
        """What an allocation takes of each cell."""
        wants = {want.line_no: want for want in self.order.request.wants}
        pieces: Pieces = {}
        for (line_no, place), qty in units.items():
            for part in wants[line_no].parts:
                cell = (part.item_id, place)
                pieces[cell] = pieces.get(cell, 0) + qty * part.per_unit
        return pieces

    def keep_at(self, place: int) -> int:
        return next(c.keep for c in self.candidates if c.place == place)


class Limits:
    """What may be taken of each cell by whom, and how many parcels a place may still take.

    Orders for which a rule keeps `k` pieces in the shop may together take all but `k`; those for
    which no rule does, all of it. What is held today may stay whatever the rule says now.
    """

    def __init__(self, asked: Sequence[Asked], pool: Pool) -> None:
        self._pool = pool
        self._keeps: dict[Cell, int] = {}
        for one in asked:
            keep_of = {candidate.place: candidate.keep for candidate in one.candidates}
            for cell in one.most:
                self._keeps[cell] = max(self._keeps.get(cell, 0), keep_of[cell[1]])
        self._before: defaultdict[Cell, Counter[int]] = defaultdict(Counter)
        """Pieces that are held, or found by themselves, by the number kept for that order."""
        for one in asked:
            for cell, pieces in one.pieces_of(one.before).items():
                self._before[cell][one.keep_at(cell[1])] += pieces

    def limit(self, cell: Cell, keep: int) -> int:
        """Pieces of a cell for all orders of which at least `keep` are to be kept."""
        item, place = cell
        held = sum(n for kept, n in self._before[cell].items() if kept >= keep)
        return max(self._pool.get(item, {}).get(place, 0) - keep, held)

    def strictest(self, cell: Cell) -> int:
        """What is there for all orders if for each as much is kept as for any of them."""
        item, place = cell
        return self._pool.get(item, {}).get(place, 0) - self._keeps.get(cell, 0)


def most_wanted(asked: Iterable[Asked]) -> Pieces:
    """The most pieces that the orders could take of each cell."""
    total: Pieces = {}
    for one in asked:
        for cell, pieces in one.most.items():
            total[cell] = total.get(cell, 0) + pieces
    return total
