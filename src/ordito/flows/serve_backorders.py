"""Serve backorders: stock that came in goes to who waits for it, oldest promise first."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from ordito.flows.opened_orders import open_orders
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.flows.resource_order import search_unsourced, source_units
from ordito.inventory.kept import is_anything_kept
from ordito.inventory.stock import send_free
from ordito.orders.asks import ServeBackorders
from ordito.orders.backorders import find_waiting
from ordito.orders.refusals import lapse_refusals
from ordito.platform.database import Tx
from ordito.platform.door import command


class BackordersServed(msgspec.Struct, frozen=True):
    """What one round came to.

    after: ask again with it, since more orders may be waiting; None when all were looked at, or
           nothing was free any more.
    """

    orders: int
    units: int
    after: UUID | None


@command(permission="orders.write")
def serve_backorders(tx: Tx, ask: ServeBackorders) -> BackordersServed:
    """Reserve what is free for waiting orders; those that get nothing are not touched."""
    if not _is_any_free(tx, ask.item_ids):
        return BackordersServed(0, 0, None)
    waiting = find_waiting(tx, ask.item_ids, after=ask.after, limit=ask.orders_max)
    # Locked by id, then looked at in the order of the promises; under the lock an order may turn
    # out to wait for nothing any more.
    opened = open_orders(tx, waiting)
    came_to = reference(tx).locations.get(ask.location) if ask.location else None
    if came_to is not None:
        lapse_refusals(tx, opened, came_to.id)
    searches = [
        search
        for order_id in waiting
        if (search := search_unsourced(opened[order_id], "stock_came")).units
        and opened[order_id].order.life == "open"
    ]
    changes = OrderChanges(tx, opened)
    outcome = source_units(changes, searches, reason="backorder", keep_failures=False)
    return BackordersServed(
        orders=sum(1 for sourced in outcome if sourced.reserved),
        units=sum(sourced.reserved for sourced in outcome),
        after=waiting[-1] if len(waiting) == ask.orders_max else None,
    )


def _is_any_free(tx: Tx, item_ids: Sequence[UUID]) -> bool:
    """Whether anything is left to give, at least to some: a long queue isn't locked for nothing."""
    places = {
        str(location.id): location.no
        for location in reference(tx).locations.values()
        if location.active and location.kind != "history"
    }
    if send_free(tx, map(str, item_ids), places).fetchall():
        return True
    return is_anything_kept(tx, map(str, item_ids))
