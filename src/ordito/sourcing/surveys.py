"""What the ranked places have of one order, looked at from the cheapest on."""

from collections.abc import Sequence
from itertools import repeat

from ordito.sourcing.demands import Demand, count_servable, total_demand, usable_pieces
from ordito.sourcing.offers import Offers, SharedOffers
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.types import FreeStock, Load

HEAD = 64
"""Places looked at first; the others only where they could matter."""


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
        self.totals += (
            columns[0] if len(columns) == 1 else list(map(sum, zip(*columns, strict=True)))
        )
        if self.seen:
            for known, new in zip(self.columns, columns, strict=True):
                known.extend(new)
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

    def is_settled(self, cost: int, demand: Demand) -> bool:
        """Whether no place beyond the first `HEAD` can be part of a plan better than one found.

        Where costs don't just follow the ranking, an equal cost could still win by priority.
        """
        floor = self.floor(HEAD, demand)
        return cost < floor or (cost == floor and self.by_rank)

    def find_useful(self) -> list[int]:
        """Places that have something, in order of fixed cost, load included."""
        useful = [index for index, total in enumerate(self.totals) if total]
        if self.surcharges:
            useful.sort(key=lambda index: (self.fixed[index], self.ties[index]))
        return useful


def make_offers(
    survey: Survey, demand: Demand, free: FreeStock, useful: Sequence[int], *, whole: bool
) -> Offers:
    """Offers of the useful places. Wanted is what can be had: the rest is unserved anyway.

    whole: each group is to come from one place.
    """
    columns = [[column[index] for index in useful] for column in survey.columns]
    if whole:
        wanted = [max(column) for column in columns]
        # A place that has less than the best one for a line is no choice for it.
        columns = [
            [most if units >= most else 0 for units in column]
            for column, most in zip(columns, wanted, strict=True)
        ]
    else:
        wanted = [
            min(head.qty, sum(column)) for head, column in zip(demand.heads, columns, strict=True)
        ]
    offers = Offers(
        fixed=[survey.fixed[index] for index in useful],
        unit=[survey.unit[index] for index in useful],
        ties=[survey.ties[index] for index in useful],
        rows=list(zip(*columns, strict=True)),
        wanted=wanted,
    )
    return _share(offers, survey, demand, free, useful, whole=whole) if demand.shared else offers


def _share(
    offers: Offers,
    survey: Survey,
    demand: Demand,
    free: FreeStock,
    useful: Sequence[int],
    *,
    whole: bool,
) -> SharedOffers:
    number = {item: index for index, item in enumerate(total_demand(demand.heads))}
    admission = survey.ranking.admission
    stocks = [
        [usable_pieces(item, survey.nos[index], free, admission) for item in number]
        for index in useful
    ]
    needs = [[(number[part.item_id], part.per_unit) for part in h.parts] for h in demand.heads]
    return SharedOffers(offers, stocks, needs, whole=whole)
