"""Soft rules that are priced per order: plans with and without them, and which is better."""

from collections.abc import Callable

import msgspec

from ordito.sourcing.rankings import CompiledPolicy, Relaxed
from ordito.sourcing.types import Dropped, Plan

Planner = Callable[[CompiledPolicy], Plan | None]


def relax(network: CompiledPolicy, make: Planner) -> Plan | None:
    """The best plan, soft rules kept or dropped: most units, then least cost, then fewest dropped.

    make: plans with a policy; None says that it can't tell, and so does the answer then.
    """
    best = make(network)
    if best is None:
        return None
    missing = _count_missing(best)
    for way in network.relaxed:
        # Sorted by price, and no plan costs less than nothing.
        if not missing and way.price >= best.cost:
            break
        found = make(way.network)
        if found is None:
            return None
        total = found.cost + way.price
        if (_count_missing(found), total) < (missing, best.cost):
            best, missing = _with_price(found, way, total), _count_missing(found)
    return best


def _count_missing(found: Plan) -> int:
    return sum(rest.qty for rest in found.unserved)


def _with_price(found: Plan, way: Relaxed, total: int) -> Plan:
    dropped = [Dropped(rule.code, rule.number, rule.price) for rule in way.rules]
    decision = msgspec.structs.replace(found.decision, dropped=[*found.decision.dropped, *dropped])
    return msgspec.structs.replace(found, cost=total, decision=decision)
