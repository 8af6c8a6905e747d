"""Choosing a set of places: the cheapest way found to serve most of an order.

Exact: the best single place. Heuristic: everything that needs more than one. Facility location is
NP-hard, and this runs while an order is being placed.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import combinations

from ordito.sourcing.offers import Cover, Offers, Verdict

_POOL_CHEAPEST = 16
_POOL_PER_GROUP = 4
_SWAPPED_PARCELS_MAX = 8

Choice = tuple[Verdict, list[int]]
"""How good, and which offers. Compared as it is: verdicts with equal ties are of equal places."""


def choose(offers: Offers, parcels_max: int) -> Cover:
    """The best cover found with at most `parcels_max` places; never worse than any single place.

    1. Every single place.
    2. Every pair out of a pool: the 16 cheapest places, and per group the 4 cheapest that could
       serve all of it, or else the 4 that have most.
    3. Greedy over all places, twice: by cost per unit gained, and by units gained.
    Greedy covers lose their redundant places and are tried with one place swapped for a cheaper
    one of the pool.
    """
    best = _choose_single(offers)
    if parcels_max > 1 and len(offers.fixed) > 1:
        pool = _choose_pool(offers)
        best = _try_pairs(offers, pool, best)
        if best[0].shortfall or (parcels_max > 2 and _floor_of_three(offers) <= best[0].cost):
            best = _try_greedy(offers, pool, parcels_max, best)
    return offers.fill(best[1])


def _floor_of_three(offers: Offers) -> int:
    """No cover with three places costs less."""
    return sum(offers.fixed[:3]) + offers.units_wanted * offers.unit_least


def _choose_single(offers: Offers) -> Choice:
    best: Choice | None = None
    served = 0
    for offer in sorted(range(len(offers.fixed)), key=lambda o: -offers.totals[o]):
        most = offers.totals[offer]
        if best is not None:
            # Totals are upper bounds and falling: nothing that follows can serve as much.
            if most < served:
                break
            cost = offers.fixed[offer] + most * offers.unit[offer]
            if most == served and (cost, offers.ties[offer]) > (best[0].cost, best[0].ties[0]):
                continue
        choice = (offers.judge([offer]), [offer])
        best = choice if best is None else min(best, choice)
        served = offers.units_wanted - best[0].shortfall
    assert best is not None, "caller has offers"
    return best


def _choose_pool(offers: Offers) -> list[int]:
    """Places worth trying in pairs, in order of fixed cost."""
    every = range(len(offers.fixed))
    pool = set(every[:_POOL_CHEAPEST])
    if len(every) > _POOL_CHEAPEST:
        for column, wanted in zip(zip(*offers.rows, strict=True), offers.wanted, strict=True):
            whole = [offer for offer, units in enumerate(column) if units >= wanted]
            if len(whole) < _POOL_PER_GROUP:
                whole = sorted(every, key=lambda o: -column[o])
            pool.update(whole[:_POOL_PER_GROUP])
    return sorted(pool)


def _try_pairs(offers: Offers, pool: Sequence[int], best: Choice) -> Choice:
    fixed, totals = offers.fixed, offers.totals
    wanted, handling = offers.units_wanted, offers.units_wanted * offers.unit_least
    served, dearest = wanted - best[0].shortfall, best[0].cost
    for place, one in enumerate(pool):
        for other in pool[place + 1 :]:
            # No cover with these two costs less, and the next ones are dearer still.
            if served == wanted and fixed[one] + fixed[other] + handling > dearest:
                break
            if totals[one] + totals[other] < served:
                continue
            if offers.count_most((one, other)) < served:
                continue
            best = min(best, (offers.judge((one, other)), [one, other]))
            served, dearest = wanted - best[0].shortfall, best[0].cost
    return best


def _try_greedy(offers: Offers, pool: Sequence[int], parcels_max: int, best: Choice) -> Choice:
    tried: list[list[int]] = []
    for score in (_score_by_cost(offers), _score_by_units):
        chosen = _add_greedily(offers, score, parcels_max)
        if len(chosen) < 2 or chosen in tried:
            continue
        tried.append(chosen)
        fewer = _drop_redundant(offers, chosen)
        cheaper = _swap_for_cheaper(offers, fewer, pool)
        for places in (chosen, fewer, cheaper):
            best = min(best, (offers.judge(places), places))
    return best


Score = Callable[[int, int], float]
"""(offer, units gained) -> smaller is taken first; never falls when fewer units are gained."""


def _score_by_cost(offers: Offers) -> Score:
    return lambda offer, gain: offers.fixed[offer] / gain + offers.unit[offer]


def _score_by_units(_offer: int, gain: int) -> float:
    return -gain


def _add_greedily(offers: Offers, score: Score, parcels_max: int) -> list[int]:
    """Places added one by one, best score first, until nothing is gained; sorted.

    Lazily: gains only fall as places are added, so a score that is still the smallest after being
    worked out anew is the smallest of all.
    """
    left = list(offers.wanted)
    heap = [(score(offer, total), offer) for offer, total in enumerate(offers.totals)]
    heapify(heap)
    chosen: list[int] = []
    while heap and any(left) and len(chosen) < parcels_max:
        _, offer = heappop(heap)
        served = offers.serve(offer, left)
        gain = sum(served)
        if gain == 0:
            continue
        now = (score(offer, gain), offer)
        if heap and now > heap[0]:
            heappush(heap, now)
            continue
        chosen.append(offer)
        left = [units - taken for units, taken in zip(left, served, strict=True)]
    return sorted(chosen)


def _drop_redundant(offers: Offers, chosen: Sequence[int]) -> list[int]:
    """Without the places that the others make up for, the dearest tried first."""
    kept = list(chosen)
    served = offers.units_wanted - offers.judge(kept).shortfall
    for offer in _dearest_first(offers, chosen):
        rest = [other for other in kept if other != offer]
        if rest and offers.reaches(rest, served):
            kept = rest
    return kept


def _swap_for_cheaper(offers: Offers, chosen: list[int], pool: Sequence[int]) -> list[int]:
    """With one place, or two places, exchanged for one of the pool as long as that is better."""
    if len(chosen) > _SWAPPED_PARCELS_MAX:
        return chosen
    best: Choice = (offers.judge(chosen), chosen)
    while True:
        better = _swap_once(offers, best, pool)
        if better is best:
            return best[1]
        best = better


def _swap_once(offers: Offers, best: Choice, pool: Sequence[int]) -> Choice:
    fixed = offers.fixed
    served = offers.units_wanted - best[0].shortfall
    start = best
    for size in (1, 2):
        for out in combinations(_dearest_first(offers, start[1]), size):
            rest = [other for other in start[1] if other not in out]
            spared = sum([fixed[offer] for offer in out])
            for other in pool:
                # Where handling costs the same everywhere only a cheaper parcel can be better.
                if offers.unit_same and fixed[other] >= spared:
                    break
                if other not in rest and offers.reaches([*rest, other], served):
                    places = sorted([*rest, other])
                    best = min(best, (offers.judge(places), places))
    return best


def _dearest_first(offers: Offers, chosen: Iterable[int]) -> list[int]:
    return sorted(chosen, key=lambda offer: (-offers.fixed[offer], -offer))
