"""What the ranked places have of one order, looked at from the cheapest on."""

from collections.abc import Sequence
from itertools import repeat
from operator import add, ge

from ordito.sourcing.demands import Demand, count_pieces, count_servable, total_demand
from ordito.sourcing.offers import Offers, Row, SharedOffers, drop_repeated
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.types import FreeStock, Load

HEAD = 64
"""Places looked at first; the others only where they could matter."""


class Survey:
    """The first ranked places, with stock and the day's load counted in. The lists are parallel.

    seen:    how many ranked places were looked at; full ones among them are in `busy` only.
    indexes: in the ranking.
    fixed:   cost of a parcel, load included.
    loads:   of that, the load's part; empty when all are zero.
    ties:    decides between equal costs: position by priority and code.
    columns: per group, units that the place could serve of it.
    totals:  per place, over the groups; too high where groups share stock.
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
        "ties",
        "totals",
        "unit",
    )

    def __init__(
        self,
        network: CompiledPolicy,
        ranking: Ranking,
        demand: Demand,
        free: FreeStock,
        load: Load,
        seen: int,
    ) -> None:
        self.network = network
        self.ranking = ranking
        admission = ranking.admission
        count = len(ranking.nos)
        if seen >= count:
            self.seen = count
            self.nos, self.fixed, self.ties = ranking.nos, ranking.fixed, ranking.positions
        else:
            self.seen = seen
            self.nos = ranking.nos[:seen]
            self.fixed = ranking.fixed[:seen]
            self.ties = ranking.positions[:seen]
        self.unit = ranking.unit
        self.indexes: Sequence[int] = range(self.seen)
        self.loads: list[int] = []
        self.busy: list[int] = []
        if load and self.nos:
            self._weigh(load)
        self.by_rank = not self.loads and admission.unit_same
        self.columns = [count_servable(head, self.nos, free, admission) for head in demand.heads]
        if len(self.columns) == 1:
            self.totals = self.columns[0]
        else:
            self.totals = list(map(sum, zip(*self.columns, strict=True))) or [0] * len(self.nos)

    def _weigh(self, load: Load) -> None:
        """Leaves out places that are full, and adds what the load costs at the others."""
        admission, order = self.ranking.admission, self.ranking.order
        orders = list(map(load.get, self.nos, repeat(0)))
        if max(orders) >= admission.orders_max_least:
            full = list(map(ge, orders, map(admission.orders_max.__getitem__, order)))
            self._leave_out(full)
            orders = [count for count, is_full in zip(orders, full, strict=True) if not is_full]
        if admission.capacity:
            rate = self.network.policy.objective.load
            indexes = order if not self.busy else [order[index] for index in self.indexes]
            loads = [
                rate * count // most if most else 0
                for count, most in zip(
                    orders, map(admission.capacity.__getitem__, indexes), strict=False
                )
            ]
            if any(loads):
                self.loads = loads
                self.fixed = list(map(add, self.fixed, loads))

    def _leave_out(self, full: Sequence[bool]) -> None:
        ranking = self.ranking
        self.busy = [no for no, is_full in zip(self.nos, full, strict=True) if is_full]
        self.indexes = [index for index, is_full in enumerate(full) if not is_full]
        self.nos = [ranking.nos[index] for index in self.indexes]
        self.fixed = [ranking.fixed[index] for index in self.indexes]
        self.ties = [ranking.positions[index] for index in self.indexes]
        self.unit = [ranking.unit[index] for index in self.indexes]

    def floor(self, index: int, demand: Demand) -> int:
        """No plan with the ranked place `index`, or one after it, costs less."""
        return self.ranking.fixed[index] + demand.units * self.ranking.admission.unit_least

    def is_settled(self, cost: int, demand: Demand) -> bool:
        """Whether no unseen place can be part of a plan better than one of that cost.

        Where costs don't just follow the ranking, an equal cost could still win by priority.
        """
        if self.seen == len(self.ranking.nos):
            return True
        floor = self.floor(self.seen, demand)
        return cost < floor or (cost == floor and self.by_rank)

    def find_useful(self) -> list[int]:
        """Places that have something, in order of fixed cost, load included."""
        useful = [index for index, total in enumerate(self.totals) if total]
        if self.loads:
            useful.sort(key=self.ties.__getitem__)
            useful.sort(key=self.fixed.__getitem__)
        return useful


def make_offers(
    survey: Survey, demand: Demand, free: FreeStock, *, whole: bool
) -> tuple[Offers, list[int]]:
    """Offers of the places that are of use, and which of the surveyed places they are.

    Wanted is what can be had: the rest is unserved anyway. At least one place has something.
    whole: each group is to come from one place.
    """
    useful = survey.find_useful()
    columns = [list(map(column.__getitem__, useful)) for column in survey.columns]
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
    rows: list[Row] = list(zip(*columns, strict=True))
    if demand.shared:
        kept = [offer for offer, row in enumerate(rows) if any(row)]
    else:
        kept = drop_repeated(rows, [survey.unit[index] for index in useful], wanted)
    useful = [useful[offer] for offer in kept]
    rows = [rows[offer] for offer in kept]
    offers = Offers(
        fixed=[survey.fixed[index] for index in useful],
        unit=[survey.unit[index] for index in useful],
        ties=[survey.ties[index] for index in useful],
        rows=rows,
        wanted=wanted,
    )
    if demand.shared:
        offers = share(offers, survey, demand, free, useful, whole=whole)
    return offers, useful


def share(
    offers: Offers,
    survey: Survey,
    demand: Demand,
    free: FreeStock,
    useful: Sequence[int],
    *,
    whole: bool,
) -> SharedOffers:
    """The same offers of places where groups compete for pieces."""
    number = {item: index for index, item in enumerate(total_demand(demand.heads))}
    nos = [survey.nos[index] for index in useful]
    admission = survey.ranking.admission
    columns = [count_pieces(item, nos, free, admission) for item in number]
    stocks: list[Row] = list(zip(*columns, strict=True))
    needs = [
        [(number[part.item_id], part.per_unit) for part in head.parts] for head in demand.heads
    ]
    return SharedOffers(offers, stocks, needs, whole=whole)
