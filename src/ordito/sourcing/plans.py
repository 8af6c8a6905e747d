"""Plans: which place serves how much of an order, at the least cost found, with reasons.

Pure arithmetic on stock that the caller has read. It runs while an order is being placed, so what
doesn't depend on stock and load is kept in the `CompiledPolicy`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain

from ordito.sourcing.bringing import ask_to_bring, join_plans, lacks_goods
from ordito.sourcing.covers import choose
from ordito.sourcing.decisions import decide
from ordito.sourcing.delays import Delays
from ordito.sourcing.demands import Demand, count_pieces, gather, total_demand
from ordito.sourcing.offers import Cover, Take, Verdict
from ordito.sourcing.policies import Limits, Policy
from ordito.sourcing.rankings import CompiledPolicy
from ordito.sourcing.relaxations import relax
from ordito.sourcing.surveys import HEAD, Survey, make_offers
from ordito.sourcing.tariffs import Tariff
from ordito.sourcing.types import (
    Allocation,
    FreeStock,
    Hindrance,
    Load,
    Place,
    Plan,
    SourcingRequest,
    Unserved,
)


def compile_policy(
    policy: Policy,
    places: Sequence[Place],
    version: int = 1,
    tariffs: Mapping[str, Tariff] | None = None,
    delays: Delays | None = None,
) -> CompiledPolicy:
    """A policy made ready for the merchant's places, to be kept until either changes.

    places:  all of them, also those that never ship: they are named in the reasons.
    tariffs: all of them, by code; those that the places' services name.
    delays:  what was learned of them, for promises.
    """
    return CompiledPolicy(policy, places, version, tariffs, delays=delays)


def plan(request: SourcingRequest, network: CompiledPolicy, free: FreeStock, load: Load) -> Plan:
    """Who serves the order, what stays unserved, and why.

    free: free units; only what is there is given, each unit once, whatever lines, kits and
          duplicates ask for. Negative stock counts as none and takes nothing from other places.
    load: fulfillment orders accepted today per place.

    Guaranteed: no hard rule is broken; stock isn't overdrawn; allocated and unserved units of a
    line sum to its quantity; kits are whole; pins are kept; with `ship_complete` all or nothing;
    at most `max_parcels` places; the same input gives the same plan. A place that can serve
    everything alone is found if there is one, and no plan costs more than the cheapest of those.
    Equal costs: fewer parcels, then priority, then code. Without a limit on parcels and without
    stock shared between kits and other lines, as many units are served as can be.

    Heuristic: which places serve an order that none can serve alone (see `covers`); how many
    units kits and lines get of parts that they share, when stock doesn't reach for all.

    Soft rules that are priced per order are dropped where that serves more, or costs less with
    their price; `Plan.cost` has it, the decision's cost has not.

    What the shop of a pick-up lacks is brought to it, where the request allows that: planned as if
    it were shipped to the shop, on what other places have.
    """
    found = _plan_directly(request, network, free, load)
    if not lacks_goods(request, found):
        return found
    asked = ask_to_bring(request, found.unserved)
    return join_plans(found, _plan_directly(asked, network, free, load))


def _plan_directly(
    request: SourcingRequest, network: CompiledPolicy, free: FreeStock, load: Load
) -> Plan:
    if not network.relaxed:
        return _plan_hard(request, network, free, load)
    found = relax(network, lambda policy: _plan_hard(request, policy, free, load))
    assert found is not None, "a plan is always found"
    return found


def _plan_hard(
    request: SourcingRequest, network: CompiledPolicy, free: FreeStock, load: Load
) -> Plan:
    near = _plan_near(request, network, free, load)
    if near is not None:
        return near
    ranking = network.rank(request)
    demand = gather(request.wants, merge=network.policy.limits.line_split)
    survey = Survey(network, ranking, demand, free, load, len(ranking.nos), request)
    return _conclude(request, survey, demand, free, _find_single(survey, demand, free))


def nearest(request: SourcingRequest, network: CompiledPolicy) -> Sequence[int]:
    """The places whose stock `plan_near` looks at: those that cost least before load."""
    near = network.rank(request).nos[:HEAD]
    if network.relaxed:
        wider = [found.network.rank(request).nos[:HEAD] for found in network.relaxed]
        return list(dict.fromkeys(chain(near, *wider)))
    return near


def plan_near(
    request: SourcingRequest, network: CompiledPolicy, free: FreeStock, load: Load
) -> Plan | None:
    """The same plan from the stock at the `nearest` places; None when others could matter."""
    if network.relaxed:
        found = relax(network, lambda policy: _plan_near(request, policy, free, load))
    else:
        found = _plan_near(request, network, free, load)
    if found is not None and lacks_goods(request, found):
        return None
    return found


def _plan_near(
    request: SourcingRequest, network: CompiledPolicy, free: FreeStock, load: Load
) -> Plan | None:
    ranking = network.rank(request)
    demand = gather(request.wants, merge=network.policy.limits.line_split)
    survey = Survey(network, ranking, demand, free, load, HEAD, request)
    cover = _find_single(survey, demand, free)
    if survey.seen < len(ranking.nos) and (
        cover is None or not survey.is_settled(cover.verdict.cost, demand)
    ):
        return None
    return _conclude(request, survey, demand, free, cover)


def _conclude(
    request: SourcingRequest, survey: Survey, demand: Demand, free: FreeStock, cover: Cover | None
) -> Plan:
    """Split where no place serves all, or where that could be cheaper; then tell why."""
    policy = survey.network.policy
    limits = policy.limits
    complete = _ships_complete(request, limits)
    thin = False
    if cover is None or _may_split_be_cheaper(cover, survey, demand, limits):
        single = cover
        cover = _choose_cover(survey, demand, free, policy)
        if limits.min_parcel_value is not None:
            cover, thin = _avoid_thin_parcels(cover, survey, demand, free, policy)
        if single is not None:
            cover = min(single, cover, key=lambda found: found.verdict)
    hindrance = _find_hindrance(cover, survey, demand, limits, complete=complete)
    if thin and hindrance == "" and cover.verdict.shortfall:
        hindrance = "min_parcel_value"
    if hindrance == "ship_complete":
        cover = _leave_unserved(demand)
    decision = decide(request, survey, demand, free, cover, hindrance)
    verdict = cover.verdict
    if verdict.parcels == 1 and verdict.shortfall == 0:
        no = survey.nos[cover.takes[0][0][0]]
        alone = [Allocation(want.line_no, no, want.qty) for want in request.wants]
        return Plan(alone, (), verdict.cost, decision)
    allocations, unserved = _deal_out(survey, demand, cover)
    return Plan(allocations, unserved, verdict.cost, decision)


def _ships_complete(request: SourcingRequest, limits: Limits) -> bool:
    if limits.ship_complete or request.ship_complete:
        return True
    return request.channel in limits.complete_channels


def _find_single(survey: Survey, demand: Demand, free: FreeStock) -> Cover | None:
    """The cheapest place that serves everything alone."""
    units, totals = demand.units, survey.totals
    if units == 0 or units not in totals:
        return None
    if not demand.shared and (survey.by_rank or totals.count(units) == 1):
        # Cheapest first, so the first one that has everything is it.
        return _cover_alone(survey, demand, totals.index(units))
    able = [index for index, total in enumerate(totals) if total == units]
    if demand.shared:
        able = _with_pieces_for_all(able, survey, demand, free)
    if survey.extra is not None:
        return _find_cheapest(able, survey, demand)
    costs = [survey.fixed[index] + units * survey.unit[index] for index in able]
    if not costs:
        return None
    least = min(costs)
    cheapest = [index for index, cost in zip(able, costs, strict=True) if cost == least]
    return _cover_alone(survey, demand, min(cheapest, key=survey.ties.__getitem__))


def _find_cheapest(able: Sequence[int], survey: Survey, demand: Demand) -> Cover | None:
    """The cheapest of places that can serve all, where parcels cost more than is known of them."""

    def floor(index: int) -> int:
        return survey.fixed[index] + demand.units * survey.unit[index]

    best: Cover | None = None
    for index in sorted(able, key=floor):
        # What is still to come costs at least its floor.
        if best is not None and floor(index) > best.verdict.cost:
            break
        cover = _cover_alone(survey, demand, index)
        best = cover if best is None else min(best, cover, key=lambda found: found.verdict)
    return best


def _with_pieces_for_all(
    able: Sequence[int], survey: Survey, demand: Demand, free: FreeStock
) -> list[int]:
    """Those of the places that have enough of every item, whoever asks for it."""
    admission = survey.ranking.admission
    found = list(able)
    for item, needed in total_demand(demand.heads).items():
        pieces = count_pieces(
            item, [survey.nos[index] for index in found], free, admission, demand.heads
        )
        found = [index for index, have in zip(found, pieces, strict=True) if have >= needed]
    return found


def _cover_alone(survey: Survey, demand: Demand, index: int) -> Cover:
    cost = survey.fixed[index] + demand.units * survey.unit[index]
    if survey.extra is not None:
        cost += survey.price(index, [(g, head.qty) for g, head in enumerate(demand.heads)])
    takes = [[(index, head.qty)] for head in demand.heads]
    return Cover(Verdict(0, cost, 1, (survey.ties[index],)), takes)


def _may_split_be_cheaper(cover: Cover, survey: Survey, demand: Demand, limits: Limits) -> bool:
    if limits.max_parcels == 1 or demand.units == 1 or len(survey.nos) == 1:
        return False
    return survey.floor(0, demand) + survey.ranking.fixed[1] < cover.verdict.cost


def _leave_unserved(demand: Demand) -> Cover:
    return Cover(Verdict(demand.units, 0, 0, ()), [[] for _ in demand.heads])


def _choose_cover(
    survey: Survey,
    demand: Demand,
    free: FreeStock,
    policy: Policy,
    without: Collection[int] = (),
    parcels_max: int | None = None,
) -> Cover:
    """The best cover by one or more of the surveyed places."""
    totals: Iterable[int] = survey.totals
    if without:
        totals = [total for index, total in enumerate(totals) if index not in without]
    if not any(totals):
        return _leave_unserved(demand)
    limits = policy.limits
    offers, useful = make_offers(survey, demand, free, whole=not limits.line_split, without=without)
    best = choose(offers, parcels_max or limits.max_parcels or len(useful))
    takes: list[list[Take]] = [
        [(useful[offer], units) for offer, units in group] for group in best.takes
    ]
    served = offers.units_wanted - best.verdict.shortfall
    return Cover(best.verdict._replace(shortfall=demand.units - served), takes)


_ROUNDS = 8
"""Times a place with too little is left out; then a single parcel has to do."""


def _avoid_thin_parcels(
    cover: Cover, survey: Survey, demand: Demand, free: FreeStock, policy: Policy
) -> tuple[Cover, bool]:
    """A cover of parcels worth enough, or of one parcel; and whether the first one was not.

    The place with the least valuable parcel is left out until all are worth enough.
    """
    least = policy.limits.min_parcel_value or 0
    without: set[int] = set()
    while True:
        thin = _find_thin(cover, demand, least)
        if thin is None:
            return cover, bool(without)
        without.add(thin)
        if len(without) > _ROUNDS:
            return _choose_cover(survey, demand, free, policy, parcels_max=1), True
        cover = _choose_cover(survey, demand, free, policy, without)


def _find_thin(cover: Cover, demand: Demand, least: int) -> int | None:
    """The place with the least valuable parcel of several, if that is worth too little."""
    values: dict[int, int] = {}
    for head, group in zip(demand.heads, cover.takes, strict=True):
        for index, units in group:
            worth = least if head.value is None else units * head.value
            values[index] = values.get(index, 0) + worth
    if len(values) < 2:
        return None
    worst = min(values, key=lambda index: (values[index], -index))
    return worst if values[worst] < least else None


def _find_hindrance(
    cover: Cover, survey: Survey, demand: Demand, limits: Limits, *, complete: bool
) -> Hindrance:
    """The limit without which more could have been served, as far as can be told cheaply."""
    if cover.verdict.shortfall == 0:
        return ""
    if complete:
        return "ship_complete"
    used = {index for group in cover.takes for index, _ in group}
    for head, column, takes in zip(demand.heads, survey.columns, cover.takes, strict=True):
        if sum(units for _, units in takes) == head.qty:
            continue
        if any(units and index not in used for index, units in enumerate(column)):
            if takes and not limits.line_split:
                return "line_split"
            if len(used) == limits.max_parcels:
                return "max_parcels"
    return ""


def _deal_out(
    survey: Survey, demand: Demand, cover: Cover
) -> tuple[list[Allocation], list[Unserved]]:
    """Units of groups as units of lines, in line order."""
    allocations: list[Allocation] = []
    unserved: list[Unserved] = []
    for members, group in zip(demand.members, cover.takes, strict=True):
        takes = list(group)
        for want in members:
            left = want.qty
            while left and takes:
                index, units = takes.pop(0)
                given = min(left, units)
                left -= given
                allocations.append(Allocation(want.line_no, survey.nos[index], given))
                if units > given:
                    takes.insert(0, (index, units - given))
            if left:
                unserved.append(Unserved(want.line_no, left))
    allocations.sort(key=lambda allocation: allocation.line_no)
    unserved.sort(key=lambda rest: rest.line_no)
    return allocations, unserved
