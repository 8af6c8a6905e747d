"""Until when lines may wait: set by staff, and what is past it cancelled by the clock."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ordito.flows.cancel_order import cancel_or_ask, choose_cuts, count_unshipped
from ordito.flows.opened_orders import OpenedOrder, open_order, open_orders, require_lines
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.flows.reference import reference
from ordito.orders.actions import require_order_action
from ordito.orders.asks import BULK_MAX, CancelOverdue, SetDeadlines
from ordito.orders.deadlines import (
    Deadline,
    delete_deadlines,
    find_overdue,
    read_deadlines,
    write_deadlines,
)
from ordito.orders.events import DeadlinesSet
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.problems import Fault, InvalidInput

FURTHEST_AHEAD = timedelta(hours=14)
"""The day begins nowhere earlier than so long before it does in UTC."""
REASON = "past_deadline"


class OverdueCancelled(msgspec.Struct, frozen=True):
    """Orders that were looked at and settled, and units that were cancelled."""

    orders: int
    units: int


@command(permission="orders.write")
def set_deadlines(tx: Tx, ask: SetDeadlines) -> OrderState:
    """Say until when lines may wait; as asked already stays so.

    Raises InvalidInput for a day that is over already, by the channel's clock.
    """
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("set_deadlines", opened.facts())
    days = {int(no): day for no, day in ask.lines.items()}
    require_lines(opened, days)
    today = _today(tx, opened)
    past = [no for no, day in days.items() if day is not None and day < today]
    if past:
        detail = f"The day is over already; today is {today.isoformat()}."
        faults = [Fault(f"/lines/{no}", "past", detail) for no in past]
        raise InvalidInput("Nothing was changed.", errors=faults)
    now = {row.line_no: row.cancel_after for row in read_deadlines(tx, [ask.order_id])}
    changed = {no: day for no, day in sorted(days.items()) if now.get(no) != day}
    write_deadlines(tx, [(ask.order_id, no, day) for no, day in changed.items() if day])
    delete_deadlines(tx, [(ask.order_id, no) for no, day in changed.items() if day is None])
    if changed:
        tx.emit(ORDER, ask.order_id, DeadlinesSet(changed))
    return order_state(tx, ask.order_id)


def _today(tx: Tx, opened: OpenedOrder) -> date:
    zone = reference(tx).channels_by_id[opened.order.channel_id].time_zone
    return tx.now.astimezone(ZoneInfo(zone)).date()


@command(permission="orders.write")
def cancel_overdue(tx: Tx, ask: CancelOverdue) -> OverdueCancelled:
    """Cancel what was not shipped by its deadline, of some orders.

    Partners that have begun are asked first. Held orders too: a deadline is the customer's. What
    was shipped meanwhile needs none any more.
    """
    found = find_overdue(tx, (tx.now + FURTHEST_AHEAD).date(), limit=ask.orders_max)
    opened = open_orders(tx, found)
    changes = OrderChanges(tx, opened)
    due: dict[UUID, list[Deadline]] = {}
    # Read again under the lock: somebody may have given the customer more time.
    for row in read_deadlines(tx, opened):
        if row.cancel_after < _today(tx, opened[row.order_id]):
            due.setdefault(row.order_id, []).append(row)
    units = 0
    for order_id, rows in due.items():
        order = opened[order_id]
        left = {
            row.line_no: qty
            for row in rows
            if (qty := count_unshipped(order.lines[row.line_no]))
            and order.order.life in ("draft", "open")
        }
        if left:
            cancel_or_ask(changes, order, choose_cuts(order, left), reason=REASON)
        units += sum(left.values())
    delete_deadlines(tx, [(row.order_id, row.line_no) for rows in due.values() for row in rows])
    changes.write("cancelled")
    return OverdueCancelled(len(due), units)


def cancel_all_overdue(db: Database) -> int:
    """The scheduled job: cancel everything that is past its deadline; returns the units."""
    total = 0
    while True:
        done = run(db, SYSTEM, cancel_overdue, CancelOverdue())
        total += done.units
        if done.orders < BULK_MAX:
            return total
