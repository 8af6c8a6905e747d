"""Complete services: lines that take no stock are done when someone says so."""

from collections.abc import Mapping

from ordito.flows.opened_orders import OpenedOrder, by_line_no, open_order, require_lines
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.orders.actions import SERVED_BY_HAND, refuse_order_action, require_order_action
from ordito.orders.asks import CompleteService
from ordito.orders.events import ServiceCompleted
from ordito.orders.orders import ORDER
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command


@command(permission="orders.write")
def complete_service(tx: Tx, ask: CompleteService) -> OrderState:
    """Units of service and custom lines were rendered; an order with nothing left is closed."""
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("complete_service", opened.facts())
    units = _units_asked(opened, ask.lines)
    changes = OrderChanges(tx, {ask.order_id: opened})
    for line_no, qty in units.items():
        changes.move(opened, line_no, qty, ("open", "completed"))
    tx.emit(ORDER, ask.order_id, ServiceCompleted(units))
    changes.write("completed")
    return order_state(tx, ask.order_id)


def _units_asked(opened: OpenedOrder, asked: Mapping[str, int] | None) -> dict[int, int]:
    left = {
        no: line.open
        for no, line in opened.lines.items()
        if line.item_kind in SERVED_BY_HAND and line.open
    }
    if asked is None:
        return left
    lines = by_line_no(asked)
    require_lines(opened, lines)
    for line_no, units in lines.items():
        if units > left.get(line_no, 0):
            raise refuse_order_action(
                f"Line {line_no} has {left.get(line_no, 0)} units of service left, not {units}.",
                opened.facts(),
            )
    return lines
