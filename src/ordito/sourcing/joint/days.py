"""Orders with days in a joint plan: each day is a part of its own, and no day is broken.

What is wanted at different times leaves in different parcels, also from one place. So an order is
planned as one order for each of its days, and put together again afterwards.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import msgspec

from ordito.sourcing.joint.types import JointOrder, OrderOutcome
from ordito.sourcing.lanes import hop_of
from ordito.sourcing.tariffs import Lane
from ordito.sourcing.timings import Dates, TimedPart, time_parts
from ordito.sourcing.types import Allocation, Load, Want

_MARK = "#"
"""Between an order's id and the number of its part."""


def is_divisible(order: JointOrder) -> bool:
    """Whether the order can be planned day by day: not where a limit holds for all of it."""
    limits = order.network.policy.limits
    whole = limits.ship_complete or order.request.ship_complete or limits.max_parcels is not None
    return not whole or len(_by_dates(order)) == 1


def split_by_dates(orders: Iterable[JointOrder]) -> list[JointOrder]:
    """The orders, those whose lines are wanted at different times in parts of one time each."""
    return [part for order in orders for part in (_split(order) if order.dates else (order,))]


def _split(order: JointOrder) -> Sequence[JointOrder]:
    groups = _by_dates(order)
    if len(groups) == 1:
        return (order,)
    key_of = {want.line_no: key for key, wants in groups.items() for want in wants}
    parts = []
    for n, (key, wants) in enumerate(groups.items(), start=1):
        held = [one for one in order.present if key_of[one.line_no] == key]
        others = {
            (one.place, key_of[one.line_no]) for one in order.present if key_of[one.line_no] != key
        }
        parts.append(
            msgspec.structs.replace(
                order,
                id=f"{order.id}{_MARK}{n}",
                request=msgspec.structs.replace(order.request, wants=tuple(wants)),
                present=held,
                parcels=order.parcels + len(others),
                dates={want.line_no: key for want in wants} if key is not None else {},
            )
        )
    return parts


def _by_dates(order: JointOrder) -> dict[Dates | None, list[Want]]:
    groups: dict[Dates | None, list[Want]] = {}
    for want in order.request.wants:
        groups.setdefault(order.dates.get(want.line_no), []).append(want)
    return groups


def whole_id(part_id: str) -> str:
    """The order that a part is of."""
    return part_id.partition(_MARK)[0]


def join_outcomes(outcomes: Iterable[OrderOutcome]) -> list[OrderOutcome]:
    """What becomes of whole orders; their parts have no line in common."""
    found: dict[str, OrderOutcome] = {}
    for one in outcomes:
        id_ = whole_id(one.id)
        before = found.get(id_)
        found[id_] = msgspec.structs.replace(one, id=id_) if before is None else _join(before, one)
    return list(found.values())


def _join(one: OrderOutcome, other: OrderOutcome) -> OrderOutcome:
    return OrderOutcome(
        id=one.id,
        present=one.present | other.present,
        before=one.before | other.before,
        after=one.after | other.after,
        cost_present=one.cost_present + other.cost_present,
        cost_before=one.cost_before + other.cost_before,
        cost_after=one.cost_after + other.cost_after,
    )


class DayTimer:
    """When orders with days would leave places and arrive, each way timed once.

    load:    work accepted today, by place.
    is_over: whether no time is left for more: what was not timed by then isn't known.
    """

    def __init__(self, load: Load, is_over: Callable[[], bool] = lambda: False) -> None:
        self.load = load
        self._is_over = is_over
        self._known: dict[tuple[object, ...], TimedPart] = {}

    def time(self, order: JointOrder, place: int) -> TimedPart | None:
        """All of an order whose lines have the same dates, sent from a place; None: no time."""
        request, network = order.request, order.network
        units = [Allocation(want.line_no, place, want.qty) for want in request.wants]
        (dates,) = set(order.dates.values())
        key = (id(network), place, dates, request.at, request.level, *_way(order, place))
        found = self._known.get(key)
        if found is None and not self._is_over():
            found = time_parts(request, network, units, order.dates, self.load)[place, dates]
            self._known[key] = found
        return found


def _way(order: JointOrder, place: int) -> tuple[object, ...]:
    """What of an order decides how its parcel goes from a place, and how long that takes."""
    request, network = order.request, order.network
    ranking = network.rank(request)
    lanes: Sequence[Lane] = ()
    if place in ranking.nos:
        lanes = ranking.find_lanes(network.lanes, ranking.nos.index(place))
    weight = 0
    if network.priced:
        # The cheapest service takes it, and which that is may depend on the weight.
        unknown = network.policy.objective.unknown_weight_g
        weight = sum(
            want.qty * (unknown if want.weight_g is None else want.weight_g)
            for want in request.wants
        )
    services = tuple((lane.service, lane.zone.code, hop_of(lane)) for lane in lanes)
    return request.destination.country, request.delivery, weight, services


class KeptDays:
    """Where the days of an order are kept, all lines of which are wanted at the same time.

    It arrives not before its first day and not after its last one; where no last day was asked for,
    not after the soonest part that it has now. It leaves by the day that was promised.
    """

    def __init__(self, order: JointOrder, timer: DayTimer) -> None:
        (dates,) = set(order.dates.values())
        self._first = dates.not_before
        self._last = dates.limit
        self._order = order
        self._timer = timer
        if self._last is None:
            held = sorted({allocation.place for allocation in order.present})
            timed = [timer.time(order, place) for place in held]
            # What isn't known may be the soonest.
            self._last = min((one.arrives_on if one else date.min for one in timed), default=None)

    def are_kept_at(self, place: int) -> bool:
        """Whether all of the order, sent from a place, would be in time; False where unknown."""
        timed = self._timer.time(self._order, place)
        return timed is not None and self.allow(timed)

    def allow(self, part: TimedPart) -> bool:
        """Whether a part that begins, leaves and arrives like this is in time."""
        by = self._order.ready_by
        return (
            (self._first is None or part.arrives_on >= self._first)
            and (self._last is None or part.arrives_on <= self._last)
            and (by is None or part.ships_on <= by)
        )
