"""Joint plans: many orders served from many places at the least cost that can be proved."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil

import msgspec

from ordito.sourcing.joint.baselines import present_units, source_one_by_one
from ordito.sourcing.joint.candidates import find_candidates, pool_of
from ordito.sourcing.joint.days import DayTimer, join_outcomes, split_by_dates, whole_id
from ordito.sourcing.joint.programs import SCALE, GroupProgram, Loads
from ordito.sourcing.joint.settled import group_contending, least_cost, settle_uncontended
from ordito.sourcing.joint.stocks import Asked, Cell, Limits, most_wanted
from ordito.sourcing.joint.types import (
    Candidate,
    JointFigures,
    JointPlan,
    OrderOutcome,
    Snapshot,
    Solution,
    Solver,
    Units,
)
from ordito.sourcing.types import Load

GAP = 0.001
_SECONDS_LEAST = 0.05
_SHARE_OF_DAYS = 0.4
"""Of the time, for finding where days are kept; afterwards orders with days stay where they are."""

Clock = Callable[[], float]


def plan_jointly(
    snapshot: Snapshot, solve: Solver, *, seconds: float, clock: Clock, gap: float = GAP
) -> JointPlan:
    """Who serves what of all orders, with a proof of how much better it could be at most.

    Guaranteed: stock isn't overdrawn; no hard rule is broken by what is moved or newly served
    (what is reserved at a place that a rule refuses by now may stay there); each line keeps at
    least the units that it has or would find without this plan; pins, `ship_complete`,
    `line_split`, `max_parcels` and today's room at each place are kept; no place begins later than
    was promised, and what is wanted at some time arrives in time from wherever it is moved to.
    Never worse than leaving everything and sourcing the rest one by one: as many
    units served at no more cost, in every group of orders that compete.

    solve:   see `Solver`. seconds: for all of it, about. clock: seconds that passed, monotonic.
    gap:     a group is solved when no plan for it can be cheaper by more than this part.
    """
    began = clock()
    parted = msgspec.structs.replace(snapshot, orders=split_by_dates(snapshot.orders))
    until = seconds * _SHARE_OF_DAYS
    timer = DayTimer(parted.load, lambda: clock() - began > until)
    pool = pool_of(parted.orders, parted.free)
    # Order by order, so that the ranking of an order's places is at hand for both.
    asked = [
        Asked(order, find_candidates(order, pool, timer, units), units)
        for order, units in zip(parted.orders, source_one_by_one(parted, timer), strict=True)
    ]
    loads = _find_loads(asked, parted.load)
    limits = Limits(asked, pool)
    loaded = frozenset(loads)
    settled, others = settle_uncontended(asked, limits, loaded)
    after = {one.order.id: units for one, units in settled}
    bound = sum(cost_of(one, units) for one, units in settled)
    taken: Counter[Cell] = Counter()
    for one, units in settled:
        taken.update(one.pieces_of(units))
    wanted = dict(taken)
    for cell, pieces in most_wanted(others).items():
        wanted[cell] = wanted.get(cell, 0) + pieces
    groups = group_contending(others, wanted, limits, loaded)
    for n, group in enumerate(groups):
        left = seconds - (clock() - began)
        # Small groups come first; each may take its share of the time, the last one all of it.
        share = left if n == len(groups) - 1 else left / 2
        best = _solve_group(GroupProgram(group, limits, taken, loads), solve, (share, gap))
        after |= {one.order.id: units for one, units in zip(group, best.units, strict=True)}
        bound += best.bound
    alone = {whole_id(one.order.id) for one, _ in settled}
    alone -= {whole_id(one.order.id) for one in others}
    return _conclude(asked, after, loads, bound, (len(alone), len(groups), clock() - began))


class _Best(msgspec.Struct, frozen=True):
    units: list[Units]
    bound: int


def cost_of(one: Asked, units: Units) -> int:
    """What an allocation costs, load left out."""
    by_place = {candidate.place: candidate for candidate in one.candidates}
    handling = sum(qty * by_place[place].unit for (_, place), qty in units.items())
    return handling + sum(by_place[place].fixed for place in {place for _, place in units})


def _solve_group(group: GroupProgram, solve: Solver, until: tuple[float, float]) -> _Best:
    """The cheaper of what the solver finds and of leaving things alone, with the bound."""
    seconds, gap = until
    best = [one.before for one in group.group]
    cost = _group_cost(group, best)
    floor = sum(_least_of_floor(one) for one in group.group)
    whole = all(sum(one.floor) == _wanted(one) for one in group.group)
    if (whole and cost == floor) or seconds < _SECONDS_LEAST:
        return _Best(best, floor)
    missing = sum(_wanted(one) - sum(one.floor) for one in group.group)
    fresh = False
    if missing > group.missing_least():
        found = _read(group, solve(group.service_program(), seconds / 4, 0.0), solve)
        if found is not None and count_units(found) > count_units(best):
            best, cost, fresh = found, _group_cost(group, found), True
            missing = sum(map(_wanted, group.group)) - count_units(found)
    answer = solve(group.program(missing, fresh=fresh), seconds, gap)
    found = _read(group, answer, solve)
    if found is not None:
        found_cost = _group_cost(group, found)
        if (-count_units(found), found_cost) < (-count_units(best), cost):
            best, cost = found, found_cost
    # A hair less than the solver says: its tolerance must not prove what isn't so. Costs are whole
    # numbers, so that the next one is proved as well.
    proved = ceil(answer.bound * SCALE * (1 - 1e-7) - 1e-2)
    return _Best(best, max(floor, min(cost, proved)))


def count_units(units: Sequence[Units]) -> int:
    return sum(sum(of_one.values()) for of_one in units)


def _read(group: GroupProgram, answer: Solution, solve: Solver) -> list[Units] | None:
    """What the solver found, in whole units and checked; None when there is nothing of use."""
    if answer.values is None:
        return None
    found = group.read(answer.values)
    if found is None:
        again = solve(group.fix_parcels(answer.values), 5.0, 0.0).values
        found = group.read(again) if again is not None else None
    return found if found is not None and group.allows(found) else None


def _wanted(one: Asked) -> int:
    return sum(want.qty for want in one.order.request.wants)


def _least_of_floor(one: Asked) -> int:
    """No allocation that serves at least what the order has costs less."""
    if not sum(one.floor):
        return 0
    if sum(one.floor) == _wanted(one):
        return least_cost(one)
    cheapest = min(candidate.fixed for candidate in one.candidates)
    return cheapest + sum(one.floor) * min(candidate.unit for candidate in one.candidates)


def _group_cost(group: GroupProgram, units: Sequence[Units]) -> int:
    plain = sum(cost_of(one, of_one) for one, of_one in zip(group.group, units, strict=True))
    return plain + _load_cost(group.group, units, group.loads)


def _load_cost(asked: Sequence[Asked], units: Sequence[Units], loads: Mapping[int, Loads]) -> int:
    """What the parcels that are new at their place cost by its load."""
    new: Counter[int] = Counter()
    for one, of_one in zip(asked, units, strict=True):
        held = {candidate.place for candidate in one.candidates if candidate.present}
        new.update({place for _, place in of_one} - held)
    return sum(sum(loads[place].steps[:n]) for place, n in new.items() if place in loads)


def _find_loads(asked: Iterable[Asked], load: Load) -> dict[int, Loads]:
    """The places whose room may not be enough, or where a parcel more costs something.

    Where policies differ in what load costs, the dearest counts for all orders. Where capacity
    counts lines or units, each parcel costs what a middling one does.
    """
    many: Counter[int] = Counter()
    work: Counter[int] = Counter()
    room: dict[int, int] = {}
    rates: dict[int, int] = {}
    capacities: dict[int, int] = {}
    for one in asked:
        rate = one.order.network.policy.objective.load
        for candidate in one.candidates:
            if candidate.present:
                continue
            place = candidate.place
            many[place] += 1
            work[place] += candidate.work
            rates[place] = max(rates.get(place, 0), rate)
            if candidate.room is not None:
                room[place] = min(room.get(place, candidate.room), candidate.room)
        if rate and not capacities:
            capacities = {p.no: p.capacity_daily or 0 for p in one.order.network.places}
    found: dict[int, Loads] = {}
    for place, count in many.items():
        most, begun = capacities.get(place, 0), load.get(place, 0)
        steps = [
            rates[place] * (begun + n * work[place] // count) // most if most else 0
            for n in range(count)
        ]
        if any(steps) or room.get(place, work[place]) < work[place]:
            found[place] = Loads(room.get(place), steps)
    return found


def _conclude(
    asked: Sequence[Asked],
    after: Mapping[str, Units],
    loads: Mapping[int, Loads],
    bound: int,
    told: tuple[int, int, float],
) -> JointPlan:
    outcomes = []
    for one in asked:
        present = present_units(one.order)
        outcomes.append(
            OrderOutcome(
                id=one.order.id,
                present=present,
                before=one.before,
                after=after[one.order.id],
                cost_present=cost_of(one, present),
                cost_before=cost_of(one, one.before),
                cost_after=cost_of(one, after[one.order.id]),
            )
        )
    befores, afters = [o.before for o in outcomes], [o.after for o in outcomes]
    cost_before = sum(o.cost_before for o in outcomes) + _load_cost(asked, befores, loads)
    cost_after = sum(o.cost_after for o in outcomes) + _load_cost(asked, afters, loads)
    settled, groups, seconds = told
    whole = join_outcomes(outcomes)
    figures = JointFigures(
        orders=len(whole),
        locations=len({candidate.place for one in asked for candidate in one.candidates}),
        settled=settled,
        groups=groups,
        cost_before=cost_before,
        cost_after=cost_after,
        bound=bound,
        gap=round((cost_after - bound) / cost_after, 6) if cost_after else 0.0,
        seconds=round(seconds, 3),
        units_before=sum(sum(units.values()) for units in befores),
        units_after=sum(sum(units.values()) for units in afters),
        parcels_before=sum(map(count_parcels, befores)),
        parcels_after=sum(map(count_parcels, afters)),
        km_before=sum(_km(one, units) for one, units in zip(asked, befores, strict=True)),
        km_after=sum(_km(one, units) for one, units in zip(asked, afters, strict=True)),
    )
    return JointPlan(figures, whole)


def count_parcels(units: Units) -> int:
    return len({place for _, place in units})


def _km(one: Asked, units: Units) -> int:
    km_of: dict[int, Candidate] = {candidate.place: candidate for candidate in one.candidates}
    return sum(km_of[place].km or 0 for place in {place for _, place in units})
