"""Bulk commands on orders: each item succeeds or is refused alone, in one transaction."""

from collections.abc import Mapping
from uuid import UUID

from ordito.flows.order_states import order_states
from ordito.orders.states import BulkOutcome, ItemOutcome, Refusal
from ordito.platform.database import Tx
from ordito.platform.problems import Problem


def tell_outcomes(tx: Tx, items: Mapping[str, tuple[UUID, Problem | None]]) -> BulkOutcome:
    """The answer of a bulk command, once its changes are written.

    items: id as it was asked → the order, and why the item was refused, if it was. An item is
           refused before anything is written for it.
    """
    states = order_states(tx, {order_id for order_id, problem in items.values() if not problem})
    return BulkOutcome(
        tuple(
            ItemOutcome(id_, problem=Refusal(problem.status, problem.body()))
            if problem
            else ItemOutcome(id_, order=states[order_id])
            for id_, (order_id, problem) in items.items()
        )
    )
