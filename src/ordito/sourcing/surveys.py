"""What the ranked places have of one order, looked at from the cheapest on."""

from collections.abc import Collection, Mapping, Sequence
from itertools import repeat
from operator import add, ge

from ordito.sourcing.demands import Demand, count_pieces, count_servable, total_demand
from ordito.sourcing.eligibility import Terms
from ordito.sourcing.offers import Extra, Offers, Row, SharedOffers, drop_repeated
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.surcharges import Surcharges, count_days
from ordito.sourcing.types import FreeStock, Load, SourcingRequest

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
    slow:    places that would deliver too late.
    extra:   what parcels cost beyond `fixed` and units; None when nothing does.
    """

    __slots__ = (
        "busy",
        "by_rank",
        "columns",
        "extra",
        "fixed",
        "indexes",
        "loads",
        "network",
        "nos",
        "ranking",
        "request",
        "seen",
        "slow",
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
        request: SourcingRequest | None = None,
    ) -> None:
        self.network = network
        self.request = request
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
        self.slow: list[int] = []
        if load and self.nos:
            self._weigh(load)
        if admission.days and self.nos and request is not None and request.at is not None:
            self._leave_out_slow(admission.days, request, demand, load)
        self.extra: Surcharges | None = None
        if network.surcharged:
            self.extra = Surcharges(network, ranking, request, demand, free, load)
        self.by_rank = not self.loads and admission.unit_same and self.extra is None
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
            self.busy = self._leave_out(full)
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

    def _leave_out_slow(
        self, days: Mapping[int, Terms], request: SourcingRequest, demand: Demand, load: Load
    ) -> None:
        """Leaves out places whose parcel would arrive too late."""
        taken = count_days(self.network, self.ranking, request, demand, load)
        late = []
        for index, no in zip(self.indexes, self.nos, strict=True):
            term = days.get(no)
            found = taken(index) if term is not None else None
            late.append(
                term is not None
                and (
                    not term.unknown_days_passes
                    if found is None
                    else term.days_max is not None and found > term.days_max
                )
            )
        if any(late):
            loads = self.loads
            self.slow = self._leave_out(late)
            if loads:
                self.loads = [
                    load for load, is_late in zip(loads, late, strict=True) if not is_late
                ]
                self.fixed = list(map(add, self.fixed, self.loads))

    def _leave_out(self, out: Sequence[bool]) -> list[int]:
        """Keeps the places that aren't out, with the ranking's costs; returns the others."""
        ranking = self.ranking
        left_out = [no for no, is_out in zip(self.nos, out, strict=True) if is_out]
        self.indexes = [at for at, is_out in zip(self.indexes, out, strict=True) if not is_out]
        self.nos = [ranking.nos[index] for index in self.indexes]
        self.fixed = [ranking.fixed[index] for index in self.indexes]
        self.ties = [ranking.positions[index] for index in self.indexes]
        self.unit = [ranking.unit[index] for index in self.indexes]
        return left_out

    def price(self, index: int, takes: Sequence[tuple[int, int]]) -> int:
        """What a parcel with these (group, units) from a surveyed place costs beyond the rest."""
        return 0 if self.extra is None else self.extra.price(self.indexes[index], takes)

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
        if self.loads or self.slow:
            useful.sort(key=self.ties.__getitem__)
            useful.sort(key=self.fixed.__getitem__)
        return useful


def make_offers(
    survey: Survey,
    demand: Demand,
    free: FreeStock,
    *,
    whole: bool,
    without: Collection[int] = (),
) -> tuple[Offers, list[int]]:
    """Offers of the places that are of use, and which of the surveyed places they are.

    Wanted is what can be had: the rest is unserved anyway. At least one place has something.
    whole:   each group is to come from one place.
    without: surveyed places that are not to be used.
    """
    useful = survey.find_useful()
    if without:
        useful = [index for index in useful if index not in without]
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
    if demand.shared or survey.extra is not None:
        # Beside what differs from parcel to parcel, no place is as good as another.
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
        surcharge=_price_of(survey, useful),
    )
    if demand.shared:
        offers = share(offers, survey, demand, free, useful, whole=whole)
    return offers, useful


def _price_of(survey: Survey, useful: Sequence[int]) -> Extra | None:
    if survey.extra is None:
        return None
    return lambda offer, takes: survey.price(useful[offer], takes)


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
    columns = [count_pieces(item, nos, free, admission, demand.heads) for item in number]
    stocks: list[Row] = list(zip(*columns, strict=True))
    needs = [
        [(number[part.item_id], part.per_unit) for part in head.parts] for head in demand.heads
    ]
    return SharedOffers(offers, stocks, needs, whole=whole)
