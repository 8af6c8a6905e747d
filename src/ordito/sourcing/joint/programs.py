"""A group of orders that compete as a mixed-integer program, and its solution as allocations.

Binary: an order has a parcel from a place. Whole numbers: units of a line from a place; where a
line's unit is one piece of one item they are whole by themselves (given the parcels it is a flow
from cells to lines), so that the solver is spared them. Costs are in thousands of thousandths:
solvers are exact to about nine digits.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from ordito.sourcing.joint.stocks import Asked, Cell, Limits
from ordito.sourcing.joint.types import Program, Units

SCALE = 1000
"""Thousandths of the policy's money per unit of the program's cost."""

_FREE = float("inf")


class Loads(msgspec.Struct, frozen=True):
    """What a place says of the parcels it still takes today.

    room:  how much work; None is no limit. steps: what the first, second, … costs on top.
    """

    room: int | None
    steps: Sequence[int]


class GroupProgram:
    """The program of one group, and the way back from its solution.

    taken:   pieces per cell that settled orders take.
    loads:   places whose parcels are limited, or cost more the more there are.
    missing: columns of units without stock.
    """

    def __init__(
        self,
        group: Sequence[Asked],
        limits: Limits,
        taken: Mapping[Cell, int],
        loads: Mapping[int, Loads],
    ) -> None:
        self.group = group
        self._limits = limits
        self._taken = taken
        self.loads = loads
        self._cost: list[float] = []
        self._upper: list[float] = []
        self._whole: list[bool] = []
        self._start: list[float] = []
        self._rows: list[tuple[float, float, list[int], list[float]]] = []
        self._units: list[dict[tuple[int, int], int]] = []
        """Per order: (line no, place) -> column."""
        self._cells: defaultdict[Cell, list[tuple[int, int, float]]] = defaultdict(list)
        """(keep, column, pieces per unit)."""
        self._new: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        """Per place: (column of a parcel, its work)."""
        self._room: dict[int, int] = {}
        self.missing: list[int] = []
        for one in group:
            self._add_order(one)
        self._add_stock()
        self._add_loads()

    def program(self, missing_most: int, *, fresh: bool = False) -> Program:
        """The least cost with at most so many units without stock. fresh: fewer than now."""
        rows = list(self._rows)
        if self.missing:
            rows.append((-_FREE, float(missing_most), self.missing, [1.0] * len(self.missing)))
        start = [] if fresh else list(self._start)
        return Program(self._cost, self._upper, self._whole, rows, start)

    def service_program(self) -> Program:
        """The fewest units without stock, whatever it costs."""
        cost = [0.0] * len(self._cost)
        for column in self.missing:
            cost[column] = 1.0
        return Program(cost, self._upper, self._whole, self._rows, list(self._start))

    def missing_least(self) -> int:
        """At least so many units stay without stock: there are fewer pieces than are wanted."""
        short: Counter[object] = Counter()
        places: defaultdict[object, set[int]] = defaultdict(set)
        for one in self.group:
            for want in one.order.request.wants:
                if len(want.parts) == 1 and want.parts[0].per_unit == 1:
                    short[want.parts[0].item_id] += want.qty
            for item, place in one.most:
                places[item].add(place)
        for item in short:
            for place in places[item]:
                cell = (item, place)
                short[item] -= max(0, self._limits.limit(cell, 0) - self._taken.get(cell, 0))
        return sum(max(0, units) for units in short.values())

    def read(self, values: Sequence[float]) -> list[Units] | None:
        """Allocations per order; None when the numbers are no whole units."""
        found: list[Units] = []
        for columns in self._units:
            units: Units = {}
            for key, column in columns.items():
                qty = round(values[column])
                if abs(values[column] - qty) > 1e-4:
                    return None
                if qty:
                    units[key] = qty
            found.append(units)
        return found

    def fix_parcels(self, values: Sequence[float]) -> Program:
        """The program with all whole-number columns as in this solution: a flow is left."""
        costs, rows = list(self._cost), list(self._rows)
        for column, whole in enumerate(self._whole):
            if whole:
                fixed = float(round(values[column]))
                rows.append((fixed, fixed, [column], [1.0]))
        return Program(costs, self._upper, [False] * len(costs), rows, [])

    def allows(self, units: Sequence[Units]) -> bool:
        """Whether allocations keep every row, in whole numbers: solvers are only nearly exact."""
        for one, of_one in zip(self.group, units, strict=True):
            if not _is_served(one, of_one):
                return False
        return self._has_stock_for(units) and self._has_room_for(units)

    def _has_stock_for(self, units: Sequence[Units]) -> bool:
        uses: defaultdict[Cell, Counter[int]] = defaultdict(Counter)
        for one, of_one in zip(self.group, units, strict=True):
            for cell, pieces in one.pieces_of(of_one).items():
                uses[cell][one.keep_at(cell[1])] += pieces
        return all(
            sum(n for kept, n in by_keep.items() if kept >= keep)
            <= self._limits.limit(cell, keep) - self._taken.get(cell, 0)
            for cell, by_keep in uses.items()
            for keep in by_keep
        )

    def _has_room_for(self, units: Sequence[Units]) -> bool:
        new: Counter[int] = Counter()
        for one, of_one in zip(self.group, units, strict=True):
            used = {place for _, place in of_one}
            for candidate in one.candidates:
                if candidate.place in used and not candidate.present:
                    new[candidate.place] += candidate.work
        return all(n <= self._room.get(place, n) for place, n in new.items())

    def _column(self, cost: float, upper: float, start: float, *, whole: bool) -> int:
        self._cost.append(cost / SCALE)
        self._upper.append(upper)
        self._whole.append(whole)
        self._start.append(start)
        return len(self._cost) - 1

    def _add_order(self, one: Asked) -> None:
        order, limits = one.order, one.order.network.policy.limits
        used = {place for _, place in one.before}
        parcels = [
            self._column(c.fixed, 1, float(c.place in used), whole=True) for c in one.candidates
        ]
        for candidate, parcel in zip(one.candidates, parcels, strict=True):
            if candidate.place in self.loads and not candidate.present:
                self._new[candidate.place].append((parcel, candidate.work))
        columns: dict[tuple[int, int], int] = {}
        complete = self._complete_or_nothing(one)
        for index in range(len(order.request.wants)):
            here = self._add_want(one, index, parcels)
            columns |= here
            self._add_line(one, index, list(here.values()), complete)
        self._units.append(columns)
        if limits.max_parcels is not None:
            most = max(limits.max_parcels - order.parcels, len(used), 1)
            if len(parcels) > most:
                self._row(-_FREE, most, parcels, [1.0] * len(parcels))

    def _add_want(
        self, one: Asked, index: int, parcels: Sequence[int]
    ) -> dict[tuple[int, int], int]:
        """The line's units per place; the places, where the line may not be divided."""
        want = one.order.request.wants[index]
        flows = len(want.parts) == 1 and want.parts[0].per_unit == 1
        columns: dict[tuple[int, int], int] = {}
        choices: list[int] = []
        whole_line = not one.order.network.policy.limits.line_split
        for candidate, parcel in zip(one.candidates, parcels, strict=True):
            able = candidate.able[index]
            if not able:
                continue
            qty = one.before.get((want.line_no, candidate.place), 0)
            column = self._column(candidate.unit, able, float(qty), whole=not flows)
            columns[want.line_no, candidate.place] = column
            self._row(-_FREE, 0, [column, parcel], [1.0, -float(able)])
            if whole_line:
                choice = self._column(0, 1, float(qty > 0), whole=True)
                self._row(-_FREE, 0, [column, choice], [1.0, -float(able)])
                choices.append(choice)
            for part in want.parts:
                self._cells[part.item_id, candidate.place].append(
                    (candidate.keep, column, float(part.per_unit))
                )
        if whole_line and len(choices) > 1:
            places_now = sum(1 for line_no, _ in one.before if line_no == want.line_no)
            self._row(-_FREE, max(1, places_now), choices, [1.0] * len(choices))
        return columns

    def _add_line(self, one: Asked, index: int, columns: list[int], complete: int | None) -> None:
        """All units of a line are served or not; those served by themselves stay served."""
        want, floor = one.order.request.wants[index], one.floor[index]
        columns, factors = list(columns), [1.0] * len(columns)
        if want.qty > floor:
            missing = self._column(0, want.qty - floor, float(want.qty - floor), whole=False)
            self.missing.append(missing)
            columns.append(missing)
            factors.append(1.0)
            if complete is not None:
                qty = float(want.qty)
                self._row(qty, qty, [missing, complete], [1.0, qty])
        self._row(float(want.qty), float(want.qty), columns, factors)

    def _complete_or_nothing(self, one: Asked) -> int | None:
        """A column that says whether all of the order is served, where that is the rule."""
        if not one.order.network.policy.limits.ship_complete or any(one.floor):
            return None
        return self._column(0, 1, 0.0, whole=True)

    def _add_stock(self) -> None:
        for cell, uses in self._cells.items():
            for keep in sorted({keep for keep, _, _ in uses}):
                concerned = [use for use in uses if use[0] >= keep]
                limit = self._limits.limit(cell, keep) - self._taken.get(cell, 0)
                most = sum(self._upper[column] * per for _, column, per in concerned)
                if most > limit:
                    self._row(
                        -_FREE,
                        limit,
                        [column for _, column, _ in concerned],
                        [per for _, _, per in concerned],
                    )

    def _add_loads(self) -> None:
        for place, new in self._new.items():
            loads, count = self.loads[place], len(new)
            parcels = [parcel for parcel, _ in new]
            if loads.room is not None:
                # What it takes last may go beyond what it has room for.
                most = max(loads.room, sum(work for p, work in new if self._start[p]))
                self._room[place] = most
                if sum(work for _, work in new) > most:
                    self._row(-_FREE, most, parcels, [float(work) for _, work in new])
            if any(loads.steps[:count]):
                begun = sum(1 for parcel in parcels if self._start[parcel])
                steps = [
                    self._column(cost, 1, float(n < begun), whole=False)
                    for n, cost in enumerate(loads.steps[:count])
                ]
                factors = [1.0] * count + [-1.0] * len(steps)
                self._row(-_FREE, 0, [*parcels, *steps], factors)

    def _row(self, low: float, high: float, columns: list[int], factors: list[float]) -> None:
        self._rows.append((low, high, columns, factors))


def _is_served(one: Asked, units: Units) -> bool:
    """Whether the order gets what it must, within the limits of its policy."""
    served: Counter[int] = Counter()
    places_of: Counter[int] = Counter()
    for (line_no, _), qty in units.items():
        served[line_no] += qty
        places_of[line_no] += 1
    wants, limits = one.order.request.wants, one.order.network.policy.limits
    enough = all(
        floor <= served[want.line_no] <= want.qty
        for want, floor in zip(wants, one.floor, strict=True)
    )
    used = {place for _, place in units}
    now = {place for _, place in one.before}
    most = limits.max_parcels
    few = most is None or len(used) <= max(most - one.order.parcels, len(now), 1)
    total = served.total()
    complete = (
        not limits.ship_complete or any(one.floor) or total in (0, sum(want.qty for want in wants))
    )
    undivided = limits.line_split or all(
        n <= max(1, sum(1 for line_no, _ in one.before if line_no == line))
        for line, n in places_of.items()
    )
    return enough and few and complete and undivided
