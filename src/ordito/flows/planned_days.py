"""What a wish for other days comes to: lines, work and promise, before anything is written."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from ordito.flows.asked_days import AskedDays, find_asked
from ordito.flows.opened_orders import OpenedOrder
from ordito.flows.reference import reference
from ordito.flows.retimed_work import Retiming, local_day, retime
from ordito.fulfillment import schedules
from ordito.orders.actions import require_order_action
from ordito.orders.asks import ChangeDays
from ordito.orders.problems import DateUnkeepable
from ordito.platform.database import Tx
from ordito.platform.problems import Fault, InvalidInput

Times = Mapping[int, datetime]
"""When scheduled fulfillment orders begin, by number."""


class DaysPlan(msgspec.Struct, frozen=True):
    """The days asked for, and what they come to; no retiming where only deadlines change."""

    asked: AskedDays
    retiming: Retiming | None
    times: Times

    @property
    def late(self) -> Mapping[int, date | None]:
        return self.retiming.late if self.retiming else {}


def plan_days(tx: Tx, opened: OpenedOrder, ask: ChangeDays) -> DaysPlan:
    """Look at an opened order; raises InvalidInput and ActionNotAllowed."""
    require_order_action("change_days", opened.facts())
    asked = find_asked(tx, opened, ask)
    times = {row.fo_no: row.opens_at for row in schedules.read_schedules(tx, [ask.order_id])}
    retiming = retime(tx, opened, asked) if asked.moved else None
    _require_time(opened, asked, _begins(tx, opened, retiming, times))
    return DaysPlan(asked, retiming, times)


def _begins(
    tx: Tx, opened: OpenedOrder, retiming: Retiming | None, times: Times
) -> dict[int, date]:
    """The day on which the last scheduled work on each line begins."""
    known = reference(tx)
    works = retiming.parts if retiming else ()
    found = [
        (no, local_day(known, work.part.location_id, work.opens_at))
        for work in works
        if work.opens_at
        for no in work.part.units
    ]
    retimed = {no for work in works for no in work.part.units}
    found += [
        (work.line_no, local_day(known, fo.location_id, times[fo.fo_no]))
        for fo in opened.fos.values()
        if fo.state == "scheduled" and fo.fo_no in times
        for work in opened.work_of(fo.fo_no)
        if work.qty and work.line_no not in retimed
    ]
    days: dict[int, date] = {}
    for no, day in found:
        days[no] = max(day, days.get(no, day))
    return days


def _require_time(opened: OpenedOrder, asked: AskedDays, begins: Mapping[int, date]) -> None:
    """Raises InvalidInput for lines that would be cancelled before anybody begins with them."""
    faults: dict[str, Fault] = {}
    for no, days in asked.after.items():
        if days.cancel_after is not None and no in begins and begins[no] > days.cancel_after:
            where = asked.pointer(no, "cancel_after")
            detail = (
                f"Line {no} ({opened.lines[no].sku}) would be cancelled before work on it begins"
                f" on {begins[no].isoformat()}."
            )
            faults.setdefault(where, Fault(where, "cancelled-first", detail))
    if faults:
        raise InvalidInput("Nothing was changed.", errors=list(faults.values()))


def refuses_late(tx: Tx, opened: OpenedOrder) -> bool:
    """Whether the order's channel takes no days that can't be kept."""
    return reference(tx).channels_by_id[opened.order.channel_id].unkept_dates == "refuse"


def refuse_late(opened: OpenedOrder, plan: DaysPlan) -> DateUnkeepable:
    """The problem that tells which lines can't be in time, and what is possible."""
    lines = []
    for no, earliest in sorted(plan.late.items()):
        days = plan.asked.after[no]
        asked = days.latest_on or days.requested_on
        assert asked is not None, "only what has a last day is late"
        lines.append(
            {
                "line_no": no,
                "sku": opened.lines[no].sku,
                "asked": asked.isoformat(),
                "earliest": earliest.isoformat() if earliest else None,
            }
        )
    said = "; ".join(
        f"{line['sku']} by {line['asked']}, possible is "
        + (f"{line['earliest']}" if line["earliest"] else "no day that is known")
        for line in lines[:5]
    )
    return DateUnkeepable(f"Not in time: {said}. Nothing was changed.", extra={"lines": lines})
