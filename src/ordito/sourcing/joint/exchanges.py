"""The difference between what is reserved and a joint plan, in groups that stand alone.

One order may take only what another one gives back first. Such orders belong to one group, which
is carried out in one transaction or not at all.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from ordito.sourcing.joint.stocks import Cell
from ordito.sourcing.joint.types import JointOrder, JointPlan, OrderOutcome, Snapshot, Units
from ordito.sourcing.types import FreeStock

ORDERS_MAX = 64
"""Orders that one transaction locks at most."""

Shift = tuple[int, int, int]
"""(line no, place, units)."""


class OrderShift(msgspec.Struct, frozen=True):
    """What becomes of one order: units given back at places, and taken at others.

    saving: thousandths of the policy's money that its parcels cost less then; may be negative
            where it makes room for another. gained: units that had no stock before.
    """

    order_id: str
    gives: Sequence[Shift]
    takes: Sequence[Shift]
    saving: int
    gained: int

    @property
    def value(self) -> tuple[int, int]:
        return self.gained, self.saving


Group = list[OrderShift]


class Exchange:
    """The shifts of a plan, and what they do to cells. free: pieces nobody holds."""

    def __init__(self, snapshot: Snapshot, plan: JointPlan) -> None:
        self._orders = {order.id: order for order in snapshot.orders}
        self._free: FreeStock = snapshot.free
        self._shifts = [
            shift for outcome in plan.outcomes if (shift := _difference(outcome)) is not None
        ]

    def groups(self) -> list[Group]:
        """Those worth carrying out, most valuable first; large ones lose their least shifts."""
        found: list[Group] = []
        waiting = [self._shifts]
        while waiting:
            shifts = waiting.pop()
            for group in self._connect(shifts):
                if len(group) > ORDERS_MAX:
                    kept = sorted(group, key=lambda shift: shift.value)[1:]
                    waiting.append(self._drop_impossible(kept))
                elif value_of(group) > (0, 0):
                    found.append(sorted(group, key=lambda shift: shift.order_id))
        return sorted(found, key=value_of, reverse=True)

    def _drop_impossible(self, shifts: Sequence[OrderShift]) -> list[OrderShift]:
        """Without the shifts that count on what isn't given back any more, least valuable first."""
        kept = sorted(shifts, key=lambda shift: shift.value)
        while True:
            given, taken = self._sum(kept)
            short = {
                cell
                for cell, pieces in taken.items()
                if pieces > given.get(cell, 0) + self._free_at(cell)
            }
            victim = next((s for s in kept if short & self._pieces(s, s.takes).keys()), None)
            if victim is None:
                return kept
            kept.remove(victim)

    def _connect(self, shifts: Sequence[OrderShift]) -> list[Group]:
        """Shifts that depend on each other, together."""
        given, taken = self._sum(shifts)
        # What is free anyway needs nobody to give something back.
        tight = {
            cell for cell, pieces in taken.items() if cell in given and pieces > self._free_at(cell)
        }
        groups: list[tuple[set[Cell], Group]] = []
        for shift in shifts:
            touched = self._pieces(shift, shift.gives).keys() | self._pieces(shift, shift.takes)
            cells, members = set(touched) & tight, [shift]
            apart: list[tuple[set[Cell], Group]] = []
            for other in groups:
                if other[0] & cells:
                    cells |= other[0]
                    members += other[1]
                else:
                    apart.append(other)
            groups = [*apart, (cells, members)]
        return [members for _, members in groups]

    def _sum(self, shifts: Sequence[OrderShift]) -> tuple[Counter[Cell], Counter[Cell]]:
        given: Counter[Cell] = Counter()
        taken: Counter[Cell] = Counter()
        for shift in shifts:
            given.update(self._pieces(shift, shift.gives))
            taken.update(self._pieces(shift, shift.takes))
        return given, taken

    def _pieces(self, shift: OrderShift, shifts: Sequence[Shift]) -> Mapping[Cell, int]:
        return pieces_of(self._orders[shift.order_id], shifts)

    def _free_at(self, cell: Cell) -> int:
        return self._free.get(cell[0], {}).get(cell[1], 0)


def pieces_of(order: JointOrder, shifts: Sequence[Shift]) -> dict[Cell, int]:
    """Pieces per cell."""
    wants = {want.line_no: want for want in order.request.wants}
    pieces: defaultdict[Cell, int] = defaultdict(int)
    for line_no, place, qty in shifts:
        for part in wants[line_no].parts:
            pieces[part.item_id, place] += part.per_unit * qty
    return dict(pieces)


def value_of(group: Sequence[OrderShift]) -> tuple[int, int]:
    """Units that get stock, and money saved."""
    return sum(shift.gained for shift in group), sum(shift.saving for shift in group)


def _difference(outcome: OrderOutcome) -> OrderShift | None:
    gives = _more(outcome.present, outcome.after)
    takes = _more(outcome.after, outcome.present)
    if not gives and not takes:
        return None
    return OrderShift(
        order_id=outcome.id,
        gives=gives,
        takes=takes,
        saving=outcome.cost_before - outcome.cost_after,
        gained=sum(outcome.after.values()) - sum(outcome.present.values()),
    )


def _more(these: Units, those: Units) -> list[Shift]:
    return [
        (line_no, place, qty - those.get((line_no, place), 0))
        for (line_no, place), qty in sorted(these.items())
        if qty > those.get((line_no, place), 0)
    ]
