"""What the ranked places have of one order, looked at from the cheapest on."""

from itertools import repeat

from ordito.sourcing.demands import Demand, count_servable
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.types import FreeStock, Load


class Survey:
    """The ranked places seen so far, with the day's load counted in. The lists are parallel.

    indexes: in the ranking.
    fixed:   cost of a parcel, load included.
    loads:   of that, the load's part; empty when all are zero.
    ties:    decides between equal costs: position by priority and code.
    columns: per group, units that the place could serve of it.
    totals:  per place, over the groups; too high where groups share stock.
    busy:    places that take no more today.
    by_rank: whether a place never costs less than the ones before it.
    """

    __slots__ = (
        "busy",
        "by_rank",
        "columns",
        "fixed",
        "indexes",
        "loads",
        "network",
        "nos",
        "ranking",
        "seen",
        "surcharges",
        "ties",
        "totals",
        "unit",
    )

    def __init__(self, ranking: Ranking, network: CompiledPolicy, load: Load) -> None:
        self.ranking = ranking
        self.network = network
        self.seen = 0
        self.indexes: list[int] = []
        self.nos: list[int] = []
        self.fixed: list[int] = []
        self.loads: list[int] = []
        self.ties: list[int] = []
        self.unit: list[int] = []
        self.columns: list[list[int]] = []
        self.totals: list[int] = []
        self.busy: list[int] = []
        self.surcharges: dict[int, int] = {}
        if load:
            self._weigh(load)
        self.by_rank = not self.surcharges and ranking.admission.unit_same

    def _weigh(self, load: Load) -> None:
        """Places that are full, and what the load adds to the others' costs."""
        orders_max = self.ranking.admission.orders_max
        if orders_max:
            self.busy = [
                no for no, orders in load.items() if no in orders_max and orders >= orders_max[no]
            ]
        rate, capacities = self.network.policy.objective.load, self.network.capacities
        if rate and capacities:
            self.surcharges = {
                no: rate * orders // capacities[no]
                for no, orders in load.items()
                if orders > 0 and no in capacities
            }

    def look(self, demand: Demand, free: FreeStock, start: int, stop: int) -> None:
        """See the ranked places from `start` to `stop`."""
        ranking, admission = self.ranking, self.ranking.admission
        stop = min(stop, len(ranking.nos))
        indexes: list[int] | range = range(start, stop)
        if self.busy:
            busy = set(self.busy)
            indexes = [index for index in indexes if ranking.nos[index] not in busy]
            nos = [ranking.nos[index] for index in indexes]
            fixed = [ranking.fixed[index] for index in indexes]
            ties = [ranking.positions[index] for index in indexes]
        else:
            nos = ranking.nos[start:stop]
            fixed = ranking.fixed[start:stop]
            ties = ranking.positions[start:stop]
        if self.surcharges:
            loads = list(map(self.surcharges.get, nos, repeat(0)))
            fixed = list(map(int.__add__, fixed, loads))
            self.loads += loads
        columns = [count_servable(head, nos, free, admission) for head in demand.heads]
        self.totals += columns[0] if len(columns) == 1 else list(map(sum, zip(*columns)))
        if self.seen:
            for known, new in zip(self.columns, columns, strict=True):
                known += new
        else:
            self.columns = columns
        self.seen = stop
        self.indexes += indexes
        self.nos += nos
        self.fixed += fixed
        self.ties += ties
        unit_costs = self.network.unit_costs
        self.unit += [unit_costs[tie] for tie in ties]

    def floor(self, index: int, demand: Demand) -> int:
        """No plan with the ranked place `index`, or one after it, costs less."""
        least = self.ranking.admission.unit_least
        return self.ranking.fixed[index] + demand.units * least if self.ranking.fixed else 0

    def find_useful(self) -> list[int]:
        """Places that have something, in order of fixed cost, load included."""
        useful = [index for index, total in enumerate(self.totals) if total]
        if self.surcharges:
            useful.sort(key=lambda index: (self.fixed[index], self.ties[index]))
        return useful
