"""An order between its plan and its rows: what it takes, from where, and what that promises."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import msgspec

from ordito.flows.order_drafts import Draft
from ordito.flows.order_timing import NO_TIMING, OrderTiming
from ordito.flows.policy_arms import Arm
from ordito.inventory.kept import Buyer
from ordito.inventory.types import CellKey
from ordito.platform.door import Request
from ordito.sourcing.bringing import is_brought
from ordito.sourcing.comparisons import Figures
from ordito.sourcing.promises import Promise
from ordito.sourcing.timings import TimedPart
from ordito.sourcing.types import Plan


class PlannedOrder(msgspec.Struct, frozen=True):
    """A draft with its plan and number, on its way to being written."""

    index: int
    request: Request
    draft: Draft
    plan: Plan
    number: int
    demand: dict[CellKey, int]
    """Units that the plan takes per cell, summed over the lines before anything is promised."""
    promises: dict[int, Promise] = {}
    """By place, where its working time or carriers are known."""
    buyer: Buyer | None = None
    kept: dict[CellKey, int] = {}
    """Of the demand: what is taken from what is kept for the buyer, in these holds."""
    kept_holds: frozenset[UUID] = frozenset()
    arm: Arm | None = None
    figures: Figures | None = None
    """Which side of a roll-out it was drawn for, and what that came to."""
    timing: OrderTiming = NO_TIMING
    """Of orders with dates: when their parts begin, and which lines can't be in time."""

    @property
    def promised_on(self) -> date:
        """The day by which all of it is to leave: as asked, else as computed, else the channel's.

        It is computed when every unit has stock at a place whose days are known.
        """
        if self.timing.promised_on is not None:
            return self.timing.promised_on
        return promise_order(self.draft, self.plan, self.promises)

    def part_promised_on(self, place: int, part: TimedPart | None) -> date:
        """The day by which the part at a place is to leave."""
        if part is not None and not self.draft.ask.promised_on:
            return part.ships_on
        promise = self.promises.get(place)
        if promise is None or self.draft.ask.promised_on:
            return self.draft.promised_on
        return promise.ships_on


def promise_order(draft: Draft, plan: Plan, promises: Mapping[int, Promise]) -> date:
    """The day by which all of an order is to leave, as of its plan. promises: by place."""
    if plan.decision.brought is not None:
        return _promise_brought(draft, plan, promises)
    places = {allocation.place for allocation in plan.allocations}
    known = [promises[place].ships_on for place in places if place in promises]
    if draft.ask.promised_on or draft.slot or not known or len(known) < len(places):
        return draft.promised_on
    return draft.promised_on if plan.unserved else max(known)


def _promise_brought(draft: Draft, plan: Plan, promises: Mapping[int, Promise]) -> date:
    """The day on which all of a pick-up is at its shop, some of it brought from other places."""
    if draft.ask.promised_on or plan.unserved:
        return draft.promised_on
    days = []
    for place in {allocation.place for allocation in plan.allocations}:
        promise, brought = promises.get(place), is_brought(draft.sourcing, place)
        if promise is not None:
            days.append(promise.delivers_on)
        else:
            later = timedelta(days=draft.channel.bring_days if brought else 0)
            days.append(draft.promised_on + later)
    return max(days)
