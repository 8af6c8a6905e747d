"""Hold orders, so that nothing more is done for them, and let them go again."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.flows.bulk_outcomes import tell_outcomes
from ordito.flows.opened_orders import OpenedOrder, open_order, open_orders, require_order
from ordito.flows.order_changes import OrderChanges
from ordito.flows.order_states import order_state
from ordito.orders.actions import refuse_order_action, require_order_action
from ordito.orders.asks import (
    BULK_MAX,
    HoldOrder,
    HoldOrders,
    OwnedHold,
    ReleaseDueHolds,
    ReleaseHold,
    ReleaseHolds,
)
from ordito.orders.events import HoldReleased, OrderHeld
from ordito.orders.holds import HoldRow, find_due, insert_holds, release_holds
from ordito.orders.orders import ORDER
from ordito.orders.states import BulkOutcome, OrderState
from ordito.orders.types import Hold
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database, Tx
from ordito.platform.door import command, run
from ordito.platform.masking import mask_cards
from ordito.platform.problems import Problem


class DueHoldsReleased(msgspec.Struct, frozen=True):
    """How many holds were let go, and of how many orders."""

    orders: int
    holds: int


@command(permission="orders.write")
def hold_order(tx: Tx, ask: HoldOrder) -> OrderState:
    """Put an order on hold, for one reason or several; each is let go by itself."""
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("hold", opened.facts())
    changes = OrderChanges(tx, {ask.order_id: opened})
    insert_holds(tx, _hold(changes, opened, ask.holds))
    changes.write("hold")
    return order_state(tx, ask.order_id)


@command(permission="orders.write")
def hold_orders(tx: Tx, ask: HoldOrders) -> BulkOutcome:
    """Put the same holds on many orders; each is held or refused alone."""
    opened = open_orders(tx, ask.order_ids)
    changes = OrderChanges(tx, opened)
    rows: list[HoldRow] = []
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for order_id in dict.fromkeys(ask.order_ids):
        try:
            order = require_order(tx, opened, order_id)
            require_order_action("hold", order.facts())
            rows += _hold(changes, order, ask.holds)
            items[str(order_id)] = (order_id, None)
        except Problem as problem:
            items[str(order_id)] = (order_id, problem)
    insert_holds(tx, rows)
    changes.write("hold")
    return tell_outcomes(tx, items)


def _hold(changes: OrderChanges, opened: OpenedOrder, holds: Sequence[OwnedHold]) -> list[HoldRow]:
    tx, order_id = changes.tx, opened.order.id
    changes.touch(order_id)
    rows: list[HoldRow] = []
    for hold_no, hold in enumerate(holds, start=opened.holds_made + 1):
        rows.append(
            (
                order_id,
                hold_no,
                hold.reason,
                mask_cards(hold.note),
                hold.owner_id,
                hold.release_at,
                tx.now,
            )
        )
        tx.emit(ORDER, order_id, OrderHeld(hold_no, hold.reason, hold.release_at))
    return rows


@command(permission="orders.write")
def release_hold(tx: Tx, ask: ReleaseHold) -> OrderState:
    """Let go of holds; the order is ready when none is left."""
    opened = open_order(tx, ask.order_id, ask.version)
    require_order_action("release_hold", opened.facts())
    open_nos = {hold.hold_no for hold in opened.holds}
    gone = sorted(set(ask.hold_nos or ()) - open_nos)
    if gone:
        raise refuse_order_action(
            f"No open hold has the number {', '.join(map(str, gone))};"
            f" open are {', '.join(map(str, sorted(open_nos)))}.",
            opened.facts(),
        )
    chosen = [hold for hold in opened.holds if ask.hold_nos is None or hold.hold_no in ask.hold_nos]
    changes = OrderChanges(tx, {ask.order_id: opened})
    _release(changes, chosen, automatic=False)
    changes.write("hold")
    return order_state(tx, ask.order_id)


@command(permission="orders.write")
def release_all_holds(tx: Tx, ask: ReleaseHolds) -> BulkOutcome:
    """Let go of all holds of many orders; each is released or refused alone."""
    opened = open_orders(tx, ask.order_ids)
    changes = OrderChanges(tx, opened)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    chosen: list[Hold] = []
    for order_id in dict.fromkeys(ask.order_ids):
        try:
            order = require_order(tx, opened, order_id)
            require_order_action("release_hold", order.facts())
            chosen += order.holds
            items[str(order_id)] = (order_id, None)
        except Problem as problem:
            items[str(order_id)] = (order_id, problem)
    _release(changes, chosen, automatic=False)
    changes.write("hold")
    return tell_outcomes(tx, items)


def _release(changes: OrderChanges, holds: Sequence[Hold], *, automatic: bool) -> None:
    tx = changes.tx
    release_holds(tx, [(hold.order_id, hold.hold_no) for hold in holds])
    for hold in holds:
        changes.touch(hold.order_id)
        event = HoldReleased(hold.hold_no, hold.reason, automatic=automatic)
        tx.emit(ORDER, hold.order_id, event)


@command(permission="orders.write")
def release_holds_due(tx: Tx, ask: ReleaseDueHolds) -> DueHoldsReleased:
    """Let go of the holds whose time has come, of some orders."""
    opened = open_orders(tx, find_due(tx, limit=ask.orders_max))
    changes = OrderChanges(tx, opened)
    # Looked at again under the lock: another worker may have been faster.
    due = [
        hold
        for order in opened.values()
        for hold in order.holds
        if hold.release_at is not None and hold.release_at <= tx.now
    ]
    _release(changes, due, automatic=True)
    changes.write("hold")
    return DueHoldsReleased(len({hold.order_id for hold in due}), len(due))


def release_due_holds(db: Database) -> int:
    """The scheduled job: let go of all holds whose time has come; returns how many."""
    total = 0
    while True:
        released = run(db, SYSTEM, release_holds_due, ReleaseDueHolds())
        total += released.holds
        if released.orders < BULK_MAX:
            return total
