"""Orders with days in a joint plan: each day is a part of its own, and no day is broken.

What is wanted at different times leaves in different parcels, also from one place. So an order is
planned as one order for each of its days, and put together again afterwards.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from ordito.sourcing.joint.types import JointOrder, OrderOutcome
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


class KeptDays:
    """Where the days of an order are kept, all lines of which are wanted at the same time.

    It arrives not before its first day and not after its last one; where no last day was asked for,
    not after the soonest part that it has now. It leaves by the day that was promised.
    """

    def __init__(self, order: JointOrder, load: Load) -> None:
        (self._dates,) = set(order.dates.values())
        self._order = order
        self._load = load
        self._by = order.ready_by
        self._kept: dict[int, bool] = {}
        self._last = self._dates.limit
        if self._last is None:
            held = {allocation.place for allocation in order.present}
            arrivals: list[date] = [self._time(place).arrives_on for place in sorted(held)]
            self._last = min(arrivals, default=None)

    def are_kept_at(self, place: int) -> bool:
        """Whether all of the order, sent from a place, would be in time."""
        if place not in self._kept:
            self._kept[place] = self.allow(self._time(place))
        return self._kept[place]

    def allow(self, part: TimedPart) -> bool:
        """Whether a part that begins, leaves and arrives like this is in time."""
        first = self._dates.not_before
        return (
            (first is None or part.arrives_on >= first)
            and (self._last is None or part.arrives_on <= self._last)
            and (self._by is None or part.ships_on <= self._by)
        )

    def _time(self, place: int) -> TimedPart:
        request = self._order.request
        units = [Allocation(want.line_no, place, want.qty) for want in request.wants]
        timed = time_parts(request, self._order.network, units, self._order.dates, self._load)
        return timed[place, self._dates]
