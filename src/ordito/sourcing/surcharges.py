"""What a parcel costs beyond its fixed part and units: carriage by weight, lines, scarcity, days.

All of it is 0 or more on top of what the ranking counts, so that the ranking's costs stay bounds.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ordito.sourcing.demands import Demand
from ordito.sourcing.lanes import Carriage
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.types import FreeStock, Load, SourcingRequest

Takes = Sequence[tuple[int, int]]
"""(group, units) of one parcel."""


class Parts(NamedTuple):
    """Costs of one parcel; `tariff` is the carrier's whole price."""

    tariff: int
    picking: int
    scarce: int
    days: int


class Surcharges:
    """Prices parcels of one order; places are given by their index in the ranking."""

    def __init__(
        self,
        network: CompiledPolicy,
        ranking: Ranking,
        request: SourcingRequest | None,
        demand: Demand,
        free: FreeStock,
        load: Load,
    ) -> None:
        self._network = network
        self._ranking = ranking
        self._request = request
        self._heads = demand.heads
        self._free = free
        self._load = load
        unknown = network.policy.objective.unknown_weight_g
        self._weights = weights_of(demand, unknown)
        aim = network.policy.objective
        self._carried = ranking.admission.ships and bool(network.priced or aim.per_day)

    def price(self, index: int, takes: Takes) -> int:
        """What the parcel costs beyond the ranking's fixed cost and its units."""
        parts = self.parts(index, takes)
        least = self._ranking.least[index] if self._ranking.least else 0
        return parts.tariff - least + parts.picking + parts.scarce + parts.days

    def parts(self, index: int, takes: Takes) -> Parts:
        """The costs of a parcel one by one."""
        aim = self._network.policy.objective
        carriage = self._carry(index, takes) if self._carried else None
        return Parts(
            carriage.price if carriage else 0,
            aim.line * len(takes),
            self._count_scarce(self._ranking.nos[index], takes) * aim.scarce if aim.scarce else 0,
            carriage.days if carriage else 0,
        )

    def _carry(self, index: int, takes: Takes) -> Carriage | None:
        weight = sum([units * self._weights[group] for group, units in takes])
        return carry(self._network, self._ranking, self._request, index, weight, self._load)

    def _count_scarce(self, no: int, takes: Takes) -> int:
        """Pieces of the parcel of which the place has few."""
        ample = self._network.policy.objective.ample
        count = 0
        for group, units in takes:
            for part in self._heads[group].parts:
                if self._free.get(part.item_id, {}).get(no, 0) < ample:
                    count += units * part.per_unit
        return count


def weights_of(demand: Demand, unknown_g: int) -> list[int]:
    """Grams of one unit of each group."""
    return [unknown_g if head.weight_g is None else head.weight_g for head in demand.heads]


def carry(
    network: CompiledPolicy,
    ranking: Ranking,
    request: SourcingRequest | None,
    index: int,
    weight_g: int,
    load: Load,
) -> Carriage | None:
    """How a parcel of that weight goes from the ranked place; None where no service goes."""
    no = ranking.nos[index]
    lanes = ranking.find_lanes(network.lanes, index)
    if not lanes:
        return None
    at = request.at if request is not None else None
    country = ranking.destination.country
    return network.lanes.choose(no, lanes, weight_g, country, at, load.get(no, 0))


def count_days(
    network: CompiledPolicy,
    ranking: Ranking,
    request: SourcingRequest,
    demand: Demand,
    load: Load,
) -> Callable[[int], int | None]:
    """A function from ranked place to its days until delivery of the whole order, if known."""
    unknown = network.policy.objective.unknown_weight_g
    weights = weights_of(demand, unknown)
    weight = sum(w * head.qty for w, head in zip(weights, demand.heads, strict=True))

    def count(index: int) -> int | None:
        at, no = request.at, ranking.nos[index]
        if at is None:
            return None
        if request.delivery != "ship":
            promise = network.lanes.collect(no, at, load.get(no, 0))
        else:
            carriage = carry(network, ranking, request, index, weight, load)
            promise = carriage.promise if carriage else None
        return None if promise is None else network.lanes.days_of(no, promise, at)

    return count
