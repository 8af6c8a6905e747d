"""What other days of an order would come to; nothing is changed."""

from datetime import date, datetime

import msgspec

from ordito.flows.asked_days import Days
from ordito.flows.opened_orders import OpenedOrder, look_at_orders, require_order
from ordito.flows.planned_days import DaysPlan, Times, plan_days, refuses_late
from ordito.flows.reference import Reference, reference
from ordito.flows.retimed_work import TimedWork
from ordito.fulfillment.types import State
from ordito.orders.asks import ChangeDays
from ordito.platform.database import Tx
from ordito.platform.door import command


class LineOutcome(msgspec.Struct, frozen=True):
    """What becomes of a line's days.

    late:       they can't be kept, as far as is known; earliest: the day on which it can arrive.
    left_alone: units that a location has begun, which go on as they are.
    """

    line_no: int
    sku: str
    title: str
    before: Days
    after: Days
    late: bool
    earliest: date | None
    left_alone: int


class PartOutcome(msgspec.Struct, frozen=True):
    """What becomes of work that nobody has begun.

    fo_no:     null for a part that is made for it. units: by line number.
    begins_at: null is at once. arrives_on: null where nothing is known of it.
    """

    fo_no: int | None
    location: str
    units: dict[int, int]
    state_before: State
    begun_before: datetime | None
    begins_at: datetime | None
    ships_on: date
    arrives_on: date | None


class DaysPreview(msgspec.Struct, frozen=True):
    """What other days would come to. Parts at locations that the reader doesn't see are left out.

    refused: the channel takes no days that can't be kept.
    """

    lines: tuple[LineOutcome, ...]
    parts: tuple[PartOutcome, ...]
    promised_before: date | None
    promised_on: date | None
    refused: bool


@command(permission="orders.write")
def preview_days(tx: Tx, ask: ChangeDays) -> DaysPreview:
    """What the same ask would do now; nothing is changed. Raises what changing would."""
    found = look_at_orders(tx, [ask.order_id])
    opened = require_order(tx, found, ask.order_id, ask.version)
    plan = plan_days(tx, opened, ask)
    known, promised_before = reference(tx), opened.order.promised_on
    works = plan.retiming.parts if plan.retiming else ()
    return DaysPreview(
        lines=tuple(_line_outcome(opened, no, plan) for no in sorted(plan.asked.after)),
        parts=tuple(
            _part_outcome(opened, work, plan.times, known)
            for work in works
            if tx.actor.sees_location(work.part.location_id)
        ),
        promised_before=promised_before,
        promised_on=plan.retiming.promised_on if plan.retiming else promised_before,
        refused=bool(plan.late) and refuses_late(tx, opened),
    )


def _line_outcome(opened: OpenedOrder, no: int, plan: DaysPlan) -> LineOutcome:
    line = opened.lines[no]
    return LineOutcome(
        line_no=no,
        sku=line.sku,
        title=line.title,
        before=plan.asked.before[no],
        after=plan.asked.after[no],
        late=no in plan.late,
        earliest=plan.late.get(no),
        left_alone=plan.asked.left_alone.get(no, 0),
    )


def _part_outcome(
    opened: OpenedOrder, work: TimedWork, times: Times, known: Reference
) -> PartOutcome:
    source = opened.fos[work.part.source]
    return PartOutcome(
        fo_no=work.part.fo.fo_no if work.part.fo else None,
        location=known.locations_by_id[work.part.location_id].code,
        units=work.part.units,
        state_before=source.state,
        begun_before=times.get(source.fo_no) if source.state == "scheduled" else None,
        begins_at=work.opens_at,
        ships_on=work.ships_on,
        arrives_on=work.arrives_on,
    )
