"""What a plan's parcels promise."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from ordito.sourcing.bringing import ask_to_bring, is_brought
from ordito.sourcing.forecasts import UNPLANNED
from ordito.sourcing.lanes import hop_of
from ordito.sourcing.promises import Basis, Hop, Promise, count_queue_minutes
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.surcharges import carry
from ordito.sourcing.types import Allocation, Load, Queue, SourcingRequest, Want

NO_QUEUE: Queue = {}


def promise_parcels(
    request: SourcingRequest,
    network: CompiledPolicy,
    allocations: Iterable[Allocation],
    load: Load,
    queue: Queue = NO_QUEUE,
) -> dict[int, Promise]:
    """Promises by place, for the allocated parcels of places whose time, carriers or history are
    known.

    load:  work accepted before this order today, per place: whole days of a place's capacity pass
           before its turn comes.
    queue: what waits at places whose pace is known: it takes the place of the load there.
    """
    learned = network.outlooks is not None and request.level is not None
    if request.at is None or not (network.timed or learned):
        return {}
    wants = {want.line_no: want for want in request.wants}
    unknown = network.policy.objective.unknown_weight_g
    parcels: dict[int, int] = {}
    leads: dict[int, int] = {}
    for allocation in allocations:
        if learned or network.lanes.is_timed(allocation.place):
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
        promise = promise_parcel(asked, network, no, grams, load, queue)
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
    request: SourcingRequest,
    network: CompiledPolicy,
    no: int,
    weight_g: int,
    load: Load,
    queue: Queue = NO_QUEUE,
) -> Promise | None:
    """What a parcel of that weight from an eligible place promises; None where nothing is known.

    Which service brings it was decided by calendars; queue and history move its days.
    """
    at, lanes, timed = request.at, network.lanes, network.lanes.is_timed(no)
    known = timed or (network.outlooks is not None and request.level is not None)
    # What is brought in a slot is promised for the slot, whatever the calendars say.
    if request.delivery == "local" or at is None or not known:
        return None
    if is_brought(request, no):
        return _promise_brought(request, network, no, weight_g, load, queue)
    queued = queue.get(no)
    if request.delivery == "pickup":
        collected = lanes.collect(no, at, load.get(no, 0), queued) if timed else None
        return _tell_queue(network, no, collected, queued)
    ranking = network.rank(request)
    if no not in ranking.nos:
        return None
    index = ranking.nos.index(no)
    carriage = carry(network, ranking, request, index, weight_g, load) if timed else None
    promise = carriage.promise if carriage else None
    if queued is None and (network.outlooks is None or request.level is None):
        return promise
    hop = _find_hop(network, ranking, index, promise)
    country = ranking.destination.country
    if promise is not None and queued is not None:
        promise = lanes.promise(no, hop, country, at, queued)
    promise = _tell_queue(network, no, promise, queued)
    return _shift(request, network, no, hop, promise) or promise


def _promise_brought(
    request: SourcingRequest,
    network: CompiledPolicy,
    no: int,
    weight_g: int,
    load: Load,
    queue: Queue,
) -> Promise | None:
    """When a place sends it to the shop, and when it is there: by carrier, else in so many days."""
    assert request.at is not None, "caller asks for what has a time"
    asked = ask_to_bring(request, None)
    promise = promise_parcel(asked, network, no, weight_g, load, queue)
    if promise is not None or not network.lanes.is_timed(no):
        return promise
    left = network.lanes.collect(no, request.at, load.get(no, 0), queue.get(no))
    if left is None:
        return None
    days = timedelta(days=request.bring_days or 0)
    return msgspec.structs.replace(left, delivers_on=left.ships_on + days)


def _find_hop(
    network: CompiledPolicy, ranking: Ranking, index: int, promise: Promise | None
) -> Hop:
    """The service that a promise is of."""
    if promise is None:
        return UNPLANNED
    services = network.lanes.place(ranking.nos[index]).services
    lanes = ranking.find_lanes(network.lanes, index)
    return hop_of(next(lane for lane in lanes if services[lane.service].tariff == promise.tariff))


def _tell_queue(
    network: CompiledPolicy, no: int, promise: Promise | None, queued: int | None
) -> Promise | None:
    """The promise, with the queue that moved it."""
    minutes = count_queue_minutes(network.lanes.place(no), queued)
    if promise is None or not minutes:
        return promise
    basis = Basis(promise.ships_on, promise.delivers_on, minutes)
    return msgspec.structs.replace(promise, basis=basis)


def _shift(
    request: SourcingRequest,
    network: CompiledPolicy,
    no: int,
    hop: Hop,
    promise: Promise | None,
) -> Promise | None:
    """The promise by history; None where that says nothing."""
    if network.outlooks is None or request.level is None or request.at is None:
        return None
    known = promise or _promise_ready(network, no, request.at)
    if known is None:
        return None
    country = request.destination.country
    return network.outlooks.shift(no, hop, country, known, request.level)


def _promise_ready(network: CompiledPolicy, no: int, at: datetime) -> Promise | None:
    """The day on which work on it begins stands for the pick-up where no service is known."""
    return network.lanes.collect(no, at)
