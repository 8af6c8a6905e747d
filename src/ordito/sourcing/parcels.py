"""What a plan's parcels promise."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import msgspec

from ordito.sourcing.promises import Promise
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.surcharges import carry
from ordito.sourcing.types import Allocation, Load, SourcingRequest, Want


def promise_parcels(
    request: SourcingRequest,
    network: CompiledPolicy,
    allocations: Iterable[Allocation],
    load: Load,
) -> dict[int, Promise]:
    """Promises by place, for the allocated parcels of places whose time or carriers are known.

    load: fulfillment orders accepted before this one today, per place: whole days of a place's
          capacity pass before its turn comes.
    """
    if request.at is None or not network.timed:
        return {}
    wants = {want.line_no: want for want in request.wants}
    unknown = network.policy.objective.unknown_weight_g
    parcels: dict[int, int] = {}
    leads: dict[int, int] = {}
    for allocation in allocations:
        if network.lanes.is_timed(allocation.place):
            want = wants[allocation.line_no]
            weight = want.weight_g
            if allocation.place in network.leads:
                days = find_lead(network.leads[allocation.place], want)
                leads[allocation.place] = max(days, leads.get(allocation.place, 0))
            grams = allocation.qty * (unknown if weight is None else weight)
            parcels[allocation.place] = parcels.get(allocation.place, 0) + grams
    promises: dict[int, Promise] = {}
    for no, grams in parcels.items():
        asked = begin_later(request, leads[no]) if leads.get(no) else request
        promise = promise_parcel(asked, network, no, grams, load)
        if promise is not None:
            promises[no] = promise
    return promises


def find_lead(leads: Mapping[str, int], want: Want) -> int:
    """Days before a place begins with a line: those of its slowest part."""
    return max((leads.get(str(part.item_id), 0) for part in want.parts), default=0)


def begin_later(request: SourcingRequest, days: int) -> SourcingRequest:
    """The same request, sourced so many days later."""
    assert request.at is not None, "caller asks for what has a time"
    return msgspec.structs.replace(request, at=request.at + timedelta(days=days))


def promise_parcel(
    request: SourcingRequest, network: CompiledPolicy, no: int, weight_g: int, load: Load
) -> Promise | None:
    """What a parcel of that weight from an eligible place promises; None where nothing is known."""
    if request.at is None or not network.lanes.is_timed(no):
        return None
    if request.delivery == "pickup":
        return network.lanes.collect(no, request.at, load.get(no, 0))
    ranking = network.rank(request)
    if no not in ranking.nos:
        return None
    index = ranking.nos.index(no)
    carriage = carry(network, ranking, request, index, weight_g, load)
    return carriage.promise if carriage else None
