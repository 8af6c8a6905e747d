"""Open scheduled work: the time has come to begin, or staff don't wait for it."""

from zoneinfo import ZoneInfo

import msgspec

from ordito.flows.opened_dates import read_line_dates
from ordito.flows.opened_orders import OpenedOrder, open_orders
from ordito.flows.opened_work import open_work
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.fulfillment.actions import refuse_work_action
from ordito.fulfillment.asks import BULK_MAX, OpenEarly, OpenScheduled
from ordito.fulfillment.schedules import end_schedules, find_due, read_schedules
from ordito.orders.events import PartOpened
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run


class WorkOpened(msgspec.Struct, frozen=True):
    """Orders that were looked at, and fulfillment orders that became open."""

    orders: int
    parts: int


@command(permission="fulfillment.write")
def open_scheduled(tx: Tx, ask: OpenScheduled) -> WorkOpened:
    """Open what is to begin by now, of some orders; what is not scheduled any more is forgotten."""
    opened = open_orders(tx, find_due(tx, limit=ask.orders_max))
    changes = OrderChanges(tx, opened)
    # Read again under the lock: another process may have opened it.
    due = [row for row in read_schedules(tx, opened) if row.opens_at <= tx.now]
    parts = 0
    for row in due:
        order = opened[row.order_id]
        if order.fos[row.fo_no].state == "scheduled":
            _open(changes, order, row.fo_no, early=False)
            parts += 1
    end_schedules(tx, [(row.order_id, row.fo_no) for row in due])
    changes.write("opened")
    return WorkOpened(len(opened), parts)


def _open(changes: OrderChanges, opened: OpenedOrder, fo_no: int, *, early: bool) -> None:
    fo = opened.fos[fo_no]
    changes.mark(fo, "open")
    location = reference(changes.tx).locations_by_id[fo.location_id].code
    changes.tx.emit(ORDER, fo.order_id, PartOpened(fo_no, location, early))


@command(permission="fulfillment.write")
def open_early(tx: Tx, ask: OpenEarly) -> OrderState:
    """Begin before the time has come; refused while what is in it isn't released for sale."""
    work = open_work(tx, ask, "open_early")
    dates = read_line_dates(tx, [ask.order_id]).get(ask.order_id, {})
    place = reference(tx).locations_by_id[work.fo.location_id]
    today = tx.now.astimezone(ZoneInfo(place.time_zone)).date()
    unreleased = [
        day
        for line in work.opened.work_of(ask.fo_no)
        if line.qty and line.line_no in dates
        and (day := dates[line.line_no].released_on) is not None and day > today
    ]  # fmt: skip
    if unreleased:
        why = f"What is in it is sold from {max(unreleased).isoformat()} on."
        raise refuse_work_action(why, work.facts)
    end_schedules(tx, [(ask.order_id, ask.fo_no)])
    work.changes.mark(work.fo, "open")
    return work.finish(PartOpened(ask.fo_no, work.location, early=True), "opened")


def open_all_scheduled(db: Database) -> int:
    """The scheduled job: open everything whose time has come; returns the fulfillment orders."""
    total = 0
    while True:
        done = run(db, SYSTEM, open_scheduled, OpenScheduled())
        total += done.parts
        if done.orders < BULK_MAX:
            return total
