"""Assign orders, one or many, to the person who looks after them, or to nobody."""

from collections.abc import Mapping
from uuid import UUID

from ordito.flows.bulk_outcomes import tell_outcomes
from ordito.flows.opened_orders import OpenedOrder, open_order, open_orders, require_order
from ordito.flows.order_states import order_state
from ordito.orders.asks import AssignOrder, AssignOrders
from ordito.orders.assignments import delete_assignees, read_assignees, write_assignees
from ordito.orders.events import OrderAssigned
from ordito.orders.orders import ORDER
from ordito.orders.states import BulkOutcome, OrderState
from ordito.platform.accounts import read_user
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, Problem


@command(permission="orders.write")
def assign_order(tx: Tx, ask: AssignOrder) -> OrderState:
    """Give an order to a user, or take it from whoever has it; as asked already stays so."""
    opened = open_order(tx, ask.order_id, ask.version)
    _require_assignable(tx, ask.user_id)
    _assign(tx, {ask.order_id: opened}, ask.user_id)
    return order_state(tx, ask.order_id)


@command(permission="orders.write")
def assign_orders(tx: Tx, ask: AssignOrders) -> BulkOutcome:
    """Give many orders to one user; each is assigned or refused alone."""
    _require_assignable(tx, ask.user_id)
    opened = open_orders(tx, ask.order_ids)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for order_id in ask.order_ids:
        try:
            require_order(tx, opened, order_id)
            items[str(order_id)] = (order_id, None)
        except Problem as problem:
            items[str(order_id)] = (order_id, problem)
    chosen = {id_: opened[id_] for id_, problem in items.values() if problem is None}
    _assign(tx, chosen, ask.user_id)
    return tell_outcomes(tx, items)


def _require_assignable(tx: Tx, user_id: UUID | None) -> None:
    """Raises InvalidInput for somebody who could not open the order."""
    if user_id is None:
        return
    user = read_user(tx, user_id)
    if user is None or not user.active or "orders.read" not in user.permissions:
        fault = Fault("/user_id", "unknown-user", "No active user who may see orders has this id.")
        raise InvalidInput("Nothing was assigned.", errors=[fault])


def _assign(tx: Tx, orders: Mapping[UUID, OpenedOrder], user_id: UUID | None) -> None:
    now = read_assignees(tx, orders)
    changed = [order_id for order_id in orders if now.get(order_id) != user_id]
    if user_id is None:
        delete_assignees(tx, changed)
    else:
        write_assignees(tx, [(order_id, user_id, tx.now) for order_id in changed])
    for order_id in changed:
        tx.emit(ORDER, order_id, OrderAssigned(user_id))
