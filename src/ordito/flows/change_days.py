"""Change the days of a placed order or of single lines: its work, promise and deadlines follow."""

from datetime import date, datetime
from uuid import UUID

from ordito.flows.asked_days import Days
from ordito.flows.dated_parts import hand_on
from ordito.flows.opened_orders import OpenedOrder, open_order
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.planned_days import DaysPlan, Times, plan_days, refuse_late, refuses_late
from ordito.flows.promise_rows import forecast_row, promise_row
from ordito.flows.reference import reference
from ordito.flows.retimed_work import Retiming, TimedWork
from ordito.fulfillment import fulfillment_orders, part_promises, schedules
from ordito.fulfillment.types import FulfillmentOrder
from ordito.orders.asks import ChangeDays
from ordito.orders.date_events import DaysChanged, PartScheduled
from ordito.orders.dates import LineDates, write_dates, write_promised
from ordito.orders.deadlines import delete_deadlines, write_deadlines
from ordito.orders.events import DeadlinesSet, PartOpened
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command


@command(permission="orders.write")
def change_days(tx: Tx, ask: ChangeDays) -> OrderState:
    """Have what nobody has begun arrive on other days; as it is asked already stays so.

    Raises InvalidInput for days that make no sense, ActionNotAllowed for what a location has begun
    or that has left, DateUnkeepable where the channel refuses days that can't be kept.
    """
    opened = open_order(tx, ask.order_id, ask.version)
    plan = plan_days(tx, opened, ask)
    if plan.late and refuses_late(tx, opened):
        raise refuse_late(opened, plan)
    if plan.asked.after:
        _write_days(tx, opened, plan)
    if plan.retiming is not None:
        _write_work(tx, opened, plan.retiming, plan.times)
    return order_state(tx, ask.order_id)


def _write_days(tx: Tx, opened: OpenedOrder, plan: DaysPlan) -> None:
    """The lines' rows, and what the timeline tells of them."""
    id_, asked, retiming = opened.order.id, plan.asked, plan.retiming
    write_dates(
        tx,
        [
            LineDates(id_, no, *asked.after[no].arrival, no in plan.late)
            for no in sorted(asked.moved)
        ],
    )
    deadlines = {
        no: days.cancel_after
        for no, days in sorted(asked.after.items())
        if days.cancel_after != asked.before[no].cancel_after
    }
    write_deadlines(tx, [(id_, no, day) for no, day in deadlines.items() if day])
    delete_deadlines(tx, [(id_, no) for no, day in deadlines.items() if day is None])
    if retiming is not None:
        changed = {no: _diff(asked.before[no], asked.after[no]) for no in sorted(asked.moved)}
        promised = (opened.order.promised_on, retiming.promised_on)
        tx.emit(ORDER, id_, DaysChanged(changed, sorted(plan.late), promised))
    if deadlines:
        tx.emit(ORDER, id_, DeadlinesSet(deadlines))


def _diff(before: Days, after: Days) -> dict[str, tuple[date | None, date | None]]:
    """The days of arrival that are other ones, before and after."""
    return {
        name: (was, now)
        for name in ("not_before", "requested_on", "latest_on")
        if (was := getattr(before, name)) != (now := getattr(after, name))
    }


def _write_work(tx: Tx, opened: OpenedOrder, retiming: Retiming, times: Times) -> None:
    """The fulfillment orders with their schedules and promises, and the order's promise."""
    changes = OrderChanges(tx, {opened.order.id: opened})
    works = [(work, _fulfillment_order(changes, opened, work)) for work in retiming.parts]
    for work, fo in works:
        hand_on(changes, opened, work.part, fo)
    # After all that is handed on: who gives something is marked by that too.
    for work, fo in works:
        if work.part.fo is not None:
            changes.mark(fo, "scheduled" if work.opens_at else "open")
    changes.write("days_changed")
    _write_schedules(tx, opened, works, retiming.emptied, times)
    _write_promises(tx, opened, works, retiming.promised_on)


def _fulfillment_order(
    changes: OrderChanges, opened: OpenedOrder, work: TimedWork
) -> FulfillmentOrder:
    """What the part belongs to; a new one is of the decision that gave its units the place."""
    if work.part.fo is not None:
        return work.part.fo
    return changes.add_fulfillment_order(
        opened,
        work.part.location_id,
        opened.fos[work.part.source].decision_no,
        # It is work that the location has taken already.
        limited=False,
        opens_at=work.opens_at,
    )


def _write_schedules(
    tx: Tx,
    opened: OpenedOrder,
    works: list[tuple[TimedWork, FulfillmentOrder]],
    emptied: tuple[FulfillmentOrder, ...],
    times: Times,
) -> None:
    """When scheduled parts begin; what is to begin now is told as opened."""
    id_, known = opened.order.id, reference(tx)
    ended = [(id_, fo.fo_no) for fo in emptied]
    rows: list[tuple[UUID, int, datetime]] = []
    for work, fo in works:
        source = opened.fos[work.part.source]
        before = times.get(source.fo_no) if source.state == "scheduled" else None
        location = known.locations_by_id[fo.location_id].code
        if work.opens_at is not None:
            rows.append((id_, fo.fo_no, work.opens_at))
            if work.opens_at != before:
                tx.emit(ORDER, id_, PartScheduled(fo.fo_no, location, work.opens_at))
        else:
            ended.append((id_, fo.fo_no))
            if source.state == "scheduled":
                tx.emit(ORDER, id_, PartOpened(fo.fo_no, location))
    schedules.INSERT.run(tx, rows)
    schedules.end_schedules(tx, ended)


def _write_promises(
    tx: Tx,
    opened: OpenedOrder,
    works: list[tuple[TimedWork, FulfillmentOrder]],
    promised_on: date | None,
) -> None:
    """What parts promise now, and the order; parts that had the order's day keep their own."""
    id_, old = opened.order.id, opened.order.promised_on
    known = [(fo.fo_no, work.promise) for work, fo in works if work.promise is not None]
    part_promises.replace_promises(
        tx,
        [(id_, fo.fo_no) for _, fo in works],
        [promise_row(str(id_), no, promise) for no, promise in known],
        [forecast_row(str(id_), no, p.basis) for no, p in known if p.basis is not None],
    )
    days = {fo.fo_no: work.ships_on for work, fo in works}
    if promised_on != old:
        write_promised(tx, id_, promised_on)
        others = part_promises.read_promises(tx, [id_])
        days |= {
            no: others[id_, no].ships_on
            for no, fo in opened.fos.items()
            if no not in days and fo.promised_on == old and (id_, no) in others
        }
    fulfillment_orders.write_promised(tx, [(id_, no, day) for no, day in sorted(days.items())])
