"""What planning many orders together is asked, and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import msgspec

from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.timings import Dates
from ordito.sourcing.types import Allocation, FreeStock, Load, SourcingRequest

Units: TypeAlias = dict[tuple[int, int], int]
"""(line no, place) -> units of the line that the place is to serve; never zero."""


class JointOrder(msgspec.Struct, frozen=True):
    """One order with all its units that may still be moved, or that have no stock yet.

    present:   what is reserved for those units now.
    parcels:   other parts of the order, which stay as they are.
    ready_by:  the day that was promised; no place is taken that can't begin by then.
    dates:     by line, where one is wanted at some time; no place is taken that can't keep it.
    """

    id: str
    request: SourcingRequest
    network: CompiledPolicy
    present: Sequence[Allocation] = ()
    parcels: int = 0
    ready_by: date | None = None
    dates: Mapping[int, Dates] = {}


class Snapshot(msgspec.Struct, frozen=True):
    """Everything that is planned on.

    orders: oldest promise first: what is scarce goes to them in this order where no better use
            for everybody is found.
    free:   free pieces, without those that `present` allocations hold.
    load:   work accepted today per place, that of `present` included.
    """

    orders: Sequence[JointOrder]
    free: FreeStock
    load: Load


class Candidate(msgspec.Struct, frozen=True):
    """A place that may serve (part of) an order.

    fixed:   cost of a parcel from there, load left out; unit: of handling one unit there.
    able:    per want, the units it could serve if nobody else asked anything of it.
    room:    work that it may still take today; None is no limit.
    work:    what all that it is able to serve would be of that, in what its capacity counts.
    present: whether the order has a part there already, which costs no more room.
    keep:    pieces of each item that stay there.
    """

    place: int
    fixed: int
    unit: int
    km: int | None
    able: tuple[int, ...]
    keep: int
    room: int | None
    present: bool
    work: int = 1


class Program(msgspec.Struct, frozen=True):
    """A mixed-integer program: the least `cost · x` with 0 <= x <= upper.

    rows: (low, high, columns, factors): low <= sum of factor · x[column] <= high.
    start: a solution that is known already.
    """

    cost: list[float]
    upper: list[float]
    whole: list[bool]
    rows: list[tuple[float, float, list[int], list[float]]]
    start: list[float]


class Solution(msgspec.Struct, frozen=True):
    """values: the best solution found, None when there is none. bound: no solution costs less."""

    values: list[float] | None
    bound: float


Solver = Callable[[Program, float, float], Solution]
"""(program, seconds at most, relative gap that is good enough) -> solution."""


class OrderOutcome(msgspec.Struct, frozen=True):
    """One order's part of a joint plan. Costs without load, in thousandths of its policy's money.

    before: as it would be without the plan: what is reserved now, and what is found for the rest.
    """

    id: str
    present: Units
    before: Units
    after: Units
    cost_present: int
    cost_before: int
    cost_after: int


class JointFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What a joint plan comes to. Costs are thousandths of the policy's money, load included.

    orders, locations: planned, and those that came into question for any of them.
    settled:  orders that were proved to be best served by themselves, without the solver.
    groups:   of the others, that compete for stock or capacity with each other.
    bound:    no plan with these candidates that serves as many units costs less.
    gap:      (cost_after - bound) / cost_after.
    """

    orders: int
    locations: int
    settled: int
    groups: int
    cost_before: int
    cost_after: int
    bound: int
    gap: float
    seconds: float
    units_before: int
    """Units that have stock, or find some without the plan."""
    units_after: int
    parcels_before: int
    parcels_after: int
    km_before: int
    km_after: int


class JointPlan(msgspec.Struct, frozen=True):
    """Figures, and what becomes of every order, in the snapshot's order."""

    figures: JointFigures
    outcomes: Sequence[OrderOutcome]


Pool: TypeAlias = Mapping[object, Mapping[int, int]]
"""item -> place -> pieces that are free, or held by reservations that may be moved."""
