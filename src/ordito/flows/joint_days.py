"""Days of orders that are planned together: who may be moved, and when what is moved begins."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from ordito.flows.opened_dates import read_line_dates
from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.reference import Reference
from ordito.fulfillment.types import FulfillmentOrder
from ordito.platform.database import Tx
from ordito.sourcing.joint.days import DayTimer, KeptDays, is_divisible, split_by_dates
from ordito.sourcing.joint.exchanges import Shift
from ordito.sourcing.joint.types import JointOrder
from ordito.sourcing.timings import Dates, TimedPart, time_parts
from ordito.sourcing.types import Allocation, Load

PartKey = tuple[int, Dates | None]
"""(place, dates of its lines): what a fulfillment order is of."""


def may_move(opened: OpenedOrder, order: JointOrder, known: Reference) -> bool:
    """Whether an order with days may be planned: staff didn't begin early with any of it, and no
    limit of its policy holds for all of its days together.
    """
    if not is_divisible(order):
        return False
    begun = [
        Allocation(work.line_no, known.no_by_id[str(fo.location_id)], work.qty)
        for fo in opened.fos.values()
        if fo.state == "open"
        for work in opened.work_of(fo.fo_no)
        if work.qty
    ]
    timed = time_parts(order.request, order.network, begun, order.dates, {})
    return all(part.opens_at is None for part in timed.values())


class JointDays:
    """The days of the orders of a group that is carried out."""

    def __init__(self, tx: Tx, order_ids: Iterable[UUID]) -> None:
        self._dates = read_line_dates(tx, order_ids)

    def of(self, order_id: UUID) -> Mapping[int, Dates]:
        """By line; lines and orders without any are absent."""
        return self._dates.get(order_id, {})

    def are_kept(self, order: JointOrder, takes: Iterable[Shift], load: Load) -> bool:
        """Whether what an order is to get would still be in time."""
        moved = list(takes)
        for part in split_by_dates([order]):
            lines = part.dates.keys()
            units = [Allocation(*take) for take in moved if take[0] in lines]
            if units:
                days = KeptDays(part, DayTimer(load))
                timed = time_parts(order.request, order.network, units, part.dates, load)
                if not all(days.allow(one) for one in timed.values()):
                    return False
        return True

    def time(
        self, order: JointOrder, takes: Iterable[Shift], load: Load
    ) -> dict[PartKey, TimedPart]:
        """When the parts begin that an order gets, by place and dates; those without are absent."""
        if not order.dates:
            return {}
        units = [Allocation(*take) for take in takes]
        timed = time_parts(order.request, order.network, units, order.dates, load)
        return {(place, dates): part for (place, dates), part in timed.items()}

    def is_part(self, opened: OpenedOrder, fo: FulfillmentOrder, dates: Dates | None) -> bool:
        """Whether all that a fulfillment order has is wanted at this time."""
        of_lines = self.of(opened.order.id)
        return all(
            of_lines.get(work.line_no) == dates for work in opened.work_of(fo.fo_no) if work.qty
        )
