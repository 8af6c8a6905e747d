"""Which places come into question for an order that is planned together with others, at what cost.

Pruned: per order the cheapest places that have anything of it, and for each of its lines the
cheapest that have all of it. The places it has now, and those it would get by itself, always
stay. The gap of a joint plan is proved on what is left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from ordito.sourcing.admissions import NO_LIMIT
from ordito.sourcing.calendars import is_open
from ordito.sourcing.joint.days import DayTimer, KeptDays
from ordito.sourcing.joint.types import Candidate, JointOrder, Pool, Units
from ordito.sourcing.rankings import CompiledPolicy, Ranking
from ordito.sourcing.types import Place, Want
from ordito.sourcing.workloads import count_work

CANDIDATES = 16
PER_LINE = 4
"""Places that can serve a whole line, and are looked for beyond the cheapest ones."""

_DAYS_AHEAD = 62


def pool_of(orders: Iterable[JointOrder], free: Pool) -> dict[object, dict[int, int]]:
    """Free pieces together with those that the orders hold."""
    pool: dict[object, dict[int, int]] = {item: dict(places) for item, places in free.items()}
    for order in orders:
        wants = {want.line_no: want for want in order.request.wants}
        for held in order.present:
            for part in wants[held.line_no].parts:
                places = pool.setdefault(part.item_id, {})
                places[held.place] = places.get(held.place, 0) + part.per_unit * held.qty
    return pool


def find_candidates(
    order: JointOrder, pool: Pool, timer: DayTimer, before: Units
) -> list[Candidate]:
    """The places for the order, cheapest parcel first. before: what it has or gets by itself."""
    ranking = order.network.rank(order.request)
    needed = {place for _, place in before}
    held = {allocation.place for allocation in order.present}
    found: list[Candidate] = []
    whole = [0] * len(order.request.wants)
    stocks = [[pool.get(part.item_id, {}) for part in want.parts] for want in order.request.wants]
    for candidate in _able_places(order, ranking, stocks, timer, held):
        wanted_here = candidate.place in needed
        useful = len(found) < CANDIDATES
        for index, (units, want) in enumerate(
            zip(candidate.able, order.request.wants, strict=True)
        ):
            if units == want.qty:
                whole[index] += 1
                useful = useful or whole[index] <= PER_LINE
        if useful or wanted_here:
            found.append(candidate)
            needed.discard(candidate.place)
        elif not needed and min(whole) >= PER_LINE:
            break
    # Places of today that the rules wouldn't choose any more: what is there may stay.
    found += [_keep_place(order, place, before) for place in sorted(needed)]
    return found


def _able_places(
    order: JointOrder,
    ranking: Ranking,
    stocks: Sequence[Sequence[Mapping[int, int]]],
    timer: DayTimer,
    held: set[int],
) -> Iterator[Candidate]:
    admission = ranking.admission
    wants = order.request.wants
    punctual, load = _Punctual(order, timer), timer.load
    stocked = {no for pieces in stocks for places in pieces for no in places}
    for index, (no, fixed, position) in enumerate(
        zip(ranking.nos, ranking.fixed, ranking.positions, strict=True)
    ):
        if no not in stocked:
            continue
        able = tuple(
            _count_able(want, no, pieces, admission.keep.get(no, 0), admission.least.get(no, 0))
            for want, pieces in zip(wants, stocks, strict=True)
        )
        if not any(able):
            continue
        orders_max = admission.orders_max[ranking.order[index]]
        room = max(0, orders_max - load.get(no, 0)) if orders_max < NO_LIMIT else None
        place = order.network.places[position]
        if no not in held and (room == 0 or not punctual.is_met_by(place)):
            continue
        if no in held and order.dates and not punctual.is_met_by(place):
            # What is late there already may stay; nothing that is in time becomes late.
            continue
        yield Candidate(
            place=no,
            fixed=fixed,
            unit=ranking.unit[index],
            km=ranking.show([index]).km[0],
            able=able,
            keep=admission.keep.get(no, 0),
            room=room,
            present=no in held,
            work=count_work(place.capacity_unit, sum(1 for n in able if n), sum(able)),
        )


def _count_able(
    want: Want, no: int, stocks: Sequence[Mapping[int, int]], keep: int, least: int
) -> int:
    if want.pinned_place not in (None, no):
        return 0
    units = want.qty
    for part, places in zip(want.parts, stocks, strict=True):
        pieces = places.get(no, 0)
        if keep or least:
            pieces = 0 if pieces < least else pieces - keep
        units = min(units, pieces // part.per_unit)
    return max(0, units)


class _Punctual:
    """Whether places begin no later than what was promised, or than the places of today do; of
    orders with days, whether these are kept."""

    def __init__(self, order: JointOrder, timer: DayTimer) -> None:
        self._days = KeptDays(order, timer) if order.dates else None
        self._today = date.fromisoformat(order.request.date)
        self._by = order.ready_by
        if order.ready_by is None:
            return
        by_no = {place.no: place for place in order.network.places}
        days = [begins_on(by_no[held.place], self._today) for held in order.present]
        self._by = max([order.ready_by, *days])

    def is_met_by(self, place: Place) -> bool:
        if self._days is not None:
            return self._days.are_kept_at(place.no)
        return self._by is None or begins_on(place, self._today) <= self._by


def begins_on(place: Place, today: date) -> date:
    """The first day from `today` on which the place works."""
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        if is_open(place, day.weekday(), day.isoformat()):
            return day
    return date.max


def _keep_place(order: JointOrder, place: int, before: Units) -> Candidate:
    """A place that may go on serving what it has of the order, and nothing more."""
    lines = [want.line_no for want in order.request.wants]
    fixed, km = _cost_without_rules(order, place)
    objective = order.network.policy.objective
    by_no = {known.no: known for known in order.network.places}
    code, kind = by_no[place].code, by_no[place].kind
    by_kind = objective.handling_by_kind.get(kind, objective.handling)
    return Candidate(
        place=place,
        fixed=fixed,
        unit=objective.handling_by_place.get(code, by_kind),
        km=km,
        able=tuple(before.get((line_no, place), 0) for line_no in lines),
        keep=0,
        room=None,
        present=True,
    )


def _cost_without_rules(order: JointOrder, place: int) -> tuple[int, int | None]:
    """What a parcel costs from a place that a rule refuses now."""
    request = msgspec.structs.replace(order.request, places_allowed=None, places_passed=frozenset())
    ranking = _without_rules(order.network).rank(request)
    if place in ranking.nos:
        index = ranking.nos.index(place)
        return ranking.fixed[index], ranking.show([index]).km[0]
    objective = order.network.policy.objective
    # A place that is closed for good: as far as can be, so that moving from it is worth while.
    return objective.parcel + objective.unknown_km * objective.per_100_km // 100, None


@lru_cache(8)
def _without_rules(network: CompiledPolicy) -> CompiledPolicy:
    policy = msgspec.structs.replace(network.policy, rules=())
    return CompiledPolicy(policy, network.places, network.version)
