"""How many units could be had, and by when, for one destination."""

from typing import NamedTuple

from ordito.sourcing.bringing import ask_to_bring
from ordito.sourcing.demands import Demand
from ordito.sourcing.parcels import NO_QUEUE, promise_parcel
from ordito.sourcing.promises import Promise
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.surveys import Survey
from ordito.sourcing.types import FreeStock, Load, Queue, SourcingRequest

PROMISED_MOST = 32
"""Places whose days are worked out, cheapest first; of others only the units are told."""


class Supply(NamedTuple):
    """Units that one place could send; its promise, where anything is known of its days."""

    place: int
    units: int
    promise: Promise | None


def find_supply(
    request: SourcingRequest,
    network: CompiledPolicy,
    free: FreeStock,
    load: Load,
    queue: Queue = NO_QUEUE,
) -> list[Supply]:
    """What each eligible place could send of the request's one want; soonest first, then cheapest.

    Places that have nothing are left out, and so is what no rule lets go to the destination.
    """
    (want,) = request.wants
    ranking = network.rank(request)
    demand = Demand([want], [(want,)], shared=False)
    survey = Survey(network, ranking, demand, free, load, len(ranking.nos), request)
    unknown = network.policy.objective.unknown_weight_g
    weight = unknown if want.weight_g is None else want.weight_g
    found: list[Supply] = []
    for units, no in zip(survey.totals, survey.nos, strict=True):
        if units:
            few = len(found) < PROMISED_MOST
            promise = promise_parcel(request, network, no, weight, load, queue) if few else None
            found.append(Supply(no, units, promise))
    return sorted(found, key=_by_delivery)


def find_brought(
    request: SourcingRequest,
    network: CompiledPolicy,
    free: FreeStock,
    load: Load,
    queue: Queue = NO_QUEUE,
) -> list[Supply]:
    """What other places could bring to the shop of a pick-up, and when it would be there."""
    (want,) = request.wants
    unknown = network.policy.objective.unknown_weight_g
    weight = unknown if want.weight_g is None else want.weight_g
    found = []
    for supply in find_supply(ask_to_bring(request, None), network, free, load, queue):
        promise = supply.promise or promise_parcel(
            request, network, supply.place, weight, load, queue
        )
        found.append(Supply(supply.place, supply.units, promise))
    return sorted(found, key=_by_delivery)


def _by_delivery(supply: Supply) -> tuple[bool, int, int]:
    """Soonest first, places without a promise last; equal ones stay as they ranked."""
    promise = supply.promise
    if promise is None:
        return True, 0, 0
    return False, promise.delivers_on.toordinal(), promise.ships_on.toordinal()
