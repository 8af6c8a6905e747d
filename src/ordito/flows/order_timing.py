"""The timing of an order with dates: when its parts begin, what can't be in time, and why."""

from collections.abc import Mapping
from datetime import date

import msgspec

from ordito.flows.order_drafts import Draft
from ordito.flows.reference import Reference
from ordito.flows.supply_ahead import SupplyAhead, find_day, read_ahead
from ordito.orders.problems import DateUnkeepable
from ordito.platform.database import Tx
from ordito.sourcing.parcels import promise_parcels
from ordito.sourcing.timings import Dates, TimedPart, time_parts
from ordito.sourcing.types import Load, Plan


class OrderTiming(msgspec.Struct, frozen=True):
    """When the parts of an order begin, by place and dates.

    late:        lines that arrive after the last day they were asked for, as far as is known.
    earliest:    of those, the day on which they can arrive; None where nothing is known.
    promised_on: the day by which all of it leaves; None leaves it to who asks.
    """

    parts: Mapping[tuple[int, Dates], TimedPart] = {}
    late: frozenset[int] = frozenset()
    earliest: Mapping[int, date | None] = {}
    promised_on: date | None = None


NO_TIMING = OrderTiming()


def time_order(tx: Tx, draft: Draft, plan: Plan, known: Reference, load: Load) -> OrderTiming:
    """Time a planned order with dates. Reads what is expected only where units have no stock."""
    network = known.networks[draft.channel.policy_id]
    dates = draft.dates.lines
    parts = time_parts(draft.sourcing, network, plan.allocations, dates, load)
    arrivals: dict[int, date | None] = {}
    for allocation in plan.allocations:
        wanted = dates.get(allocation.line_no)
        if wanted is not None:
            part = parts[allocation.place, wanted]
            earlier = arrivals.get(allocation.line_no)
            arrivals[allocation.line_no] = max(part.arrives_on, earlier or part.arrives_on)
    ships = [part.ships_on for part in parts.values()]
    waiting = {unserved.line_no: unserved.qty for unserved in plan.unserved}
    ahead = _read_ahead(tx, draft, waiting) if waiting else None
    for line_no, qty in waiting.items():
        ships_on, arrives_on = _when_supplied(draft, line_no, qty, known, ahead)
        ships.append(ships_on or draft.promised_on)
        known_day = arrivals.get(line_no, arrives_on)
        arrivals[line_no] = max(arrives_on, known_day) if arrives_on and known_day else None
    ships += _undated(draft, plan, known, load)
    late = {
        no: arrivals.get(no)
        for no, wanted in dates.items()
        if wanted.limit is not None and _is_late(arrivals.get(no), wanted.limit)
    }
    promised_on = draft.ask.promised_on or max(ships, default=None)
    return OrderTiming(parts, frozenset(late), late, promised_on)


def _is_late(arrives_on: date | None, limit: date) -> bool:
    return arrives_on is None or arrives_on > limit


def _read_ahead(tx: Tx, draft: Draft, waiting: Mapping[int, int]) -> SupplyAhead:
    items = {str(part.item_id) for line in draft.lines if line.no in waiting for part in line.parts}
    return read_ahead(tx, items)


def _when_supplied(
    draft: Draft, line_no: int, qty: int, known: Reference, ahead: SupplyAhead | None
) -> tuple[date | None, date | None]:
    """When units without stock leave and arrive, from what is expected; None where unknown.

    A pre-order without any supply is told the day of release: that is what its buyer was told.
    """
    wanted = draft.dates.lines.get(line_no)
    released_on = wanted.released_on if wanted else None
    line = draft.lines[line_no - 1]
    found = None
    if ahead is not None and len(line.parts) == 1:
        (part,) = line.parts
        network = known.networks[draft.channel.policy_id]
        pieces = qty * part.per_unit
        found = find_day(draft.sourcing, network, ahead.of(part, line.no), pieces, known)
    if found is None:
        return released_on, None
    ships_on, arrives_on = found
    if released_on is not None and released_on > ships_on:
        return released_on, arrives_on + (released_on - ships_on)
    return ships_on, arrives_on


def _undated(draft: Draft, plan: Plan, known: Reference, load: Load) -> list[date]:
    """The days on which lines without dates leave, which begin at once."""
    dates = draft.dates.lines
    plain = [one for one in plan.allocations if one.line_no not in dates]
    if not plain:
        return []
    network = known.networks[draft.channel.policy_id]
    promises = promise_parcels(draft.sourcing, network, plain, load)
    return [
        promises[one.place].ships_on if one.place in promises else draft.promised_on
        for one in plain
    ]


def refuse_dates(draft: Draft, timing: OrderTiming) -> DateUnkeepable:
    """The problem that tells which lines can't be in time, and what is possible."""
    lines = []
    for no in sorted(timing.late):
        wanted, earliest = draft.dates.lines[no], timing.earliest[no]
        assert wanted.limit is not None, "only what has a last day is late"
        lines.append(
            {
                "line_no": no,
                "sku": draft.lines[no - 1].item.sku,
                "asked": wanted.limit.isoformat(),
                "earliest": earliest.isoformat() if earliest else None,
            }
        )
    said = "; ".join(
        f"{line['sku']} by {line['asked']}, possible is "
        + (f"{line['earliest']}" if line["earliest"] else "no day that is known")
        for line in lines[:5]
    )
    return DateUnkeepable(f"{said}. Nothing was placed.", extra={"lines": lines})
