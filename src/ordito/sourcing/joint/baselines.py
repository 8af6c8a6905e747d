"""What happens without a joint plan: all stays where it is, and the rest is sourced one by one."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from ordito.sourcing.joint.days import DayTimer, KeptDays
from ordito.sourcing.joint.types import JointOrder, Snapshot, Units
from ordito.sourcing.plans import plan
from ordito.sourcing.types import FreeStock, Want
from ordito.sourcing.workloads import sum_work


def source_one_by_one(snapshot: Snapshot, timer: DayTimer | None = None) -> Iterator[Units]:
    """Per order what it has and, for the rest, what the planner finds, in the snapshot's order.

    The rest of an order isn't served where that would break its limit on parcels, or its day.
    """
    free = {item: dict(places) for item, places in snapshot.free.items()}
    load = Counter(snapshot.load)
    timer = timer or DayTimer(snapshot.load)
    for order in snapshot.orders:
        units = present_units(order)
        missing = _find_missing(order, units)
        if missing:
            added = _source(order, missing, free, load)
            places = {place for _, place in units} | {place for _, place in added}
            parcels_max = order.network.policy.limits.max_parcels
            if (parcels_max is None or len(places) + order.parcels <= parcels_max) and _is_in_time(
                order, added, timer
            ):
                _take(order, added, free)
                load.update(_count_new(order, units, added))
                for key, qty in added.items():
                    units[key] = units.get(key, 0) + qty
        yield units


def _is_in_time(order: JointOrder, added: Units, timer: DayTimer) -> bool:
    """Whether what is added keeps the order's day; only orders with days are looked at."""
    if not order.dates or not added:
        return True
    days = KeptDays(order, timer)
    return all(days.are_kept_at(place) for place in sorted({place for _, place in added}))


def _count_new(order: JointOrder, units: Units, added: Units) -> dict[int, int]:
    """What the order is of the capacity of places where it had no part."""
    held = {place for _, place in units}
    takes = [(line_no, place, qty) for (line_no, place), qty in added.items() if place not in held]
    return sum_work(takes, order.network.unit_of)


def present_units(order: JointOrder) -> Units:
    """What the order has now."""
    units: Units = {}
    for held in order.present:
        key = (held.line_no, held.place)
        units[key] = units.get(key, 0) + held.qty
    return units


def _find_missing(order: JointOrder, units: Units) -> Sequence[Want]:
    served: Counter[int] = Counter()
    for (line_no, _), qty in units.items():
        served[line_no] += qty
    return tuple(
        msgspec.structs.replace(want, qty=want.qty - served[want.line_no])
        for want in order.request.wants
        if want.qty > served[want.line_no]
    )


def _source(
    order: JointOrder, missing: Sequence[Want], free: FreeStock, load: Counter[int]
) -> Units:
    request = msgspec.structs.replace(order.request, wants=tuple(missing))
    found = plan(request, order.network, free, load)
    added: Units = {}
    for allocation in found.allocations:
        key = (allocation.line_no, allocation.place)
        added[key] = added.get(key, 0) + allocation.qty
    return added


def _take(order: JointOrder, added: Units, free: dict[object, dict[int, int]]) -> None:
    wants = {want.line_no: want for want in order.request.wants}
    for (line_no, place), qty in added.items():
        for part in wants[line_no].parts:
            free[part.item_id][place] -= part.per_unit * qty
