"""A location closed: what it has not begun is served by others, what it has begun stays."""

from collections import Counter
from uuid import UUID

import msgspec

from ordito.flows.opened_orders import OpenedOrder, open_orders
from ordito.flows.order_changes import OrderChanges
from ordito.flows.reference import reference
from ordito.flows.resource_order import source_units
from ordito.flows.stock_searches import Search
from ordito.flows.withdraw_units import withdraw_units
from ordito.fulfillment.fulfillment_orders import find_unbegun
from ordito.orders.asks import MoveOpenWork
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, NotFound, NotPermitted


class OpenWorkMoved(msgspec.Struct, frozen=True):
    """What one round came to, in orders and units.

    waiting: units that no other location has: they are backordered and somebody's task.
    after:   ask again with it, since more orders may be left; None when all were looked at.
    """

    orders: int
    moved: int
    waiting: int
    after: UUID | None


@command(permission="orders.write")
def move_open_work(tx: Tx, ask: MoveOpenWork) -> OpenWorkMoved:
    """Source anew what is reserved at a location that is switched off and has not begun.

    Nothing goes to another shop by itself that its customer wants to collect there: it becomes
    somebody's task.
    """
    location = reference(tx).locations.get(ask.location)
    if location is None or not tx.actor.sees_location(location.id):
        raise NotFound("There is no such location, or you don't see it.")
    if tx.actor.channel_ids is not None or tx.actor.location_ids is not None:
        raise NotPermitted("Its work goes to other places; that needs somebody who sees all.")
    if location.active:
        raise ActionNotAllowed(
            f"{location.code} is open for work. Switch it off first. Nothing was changed.",
            extra={"allowed_actions": []},
        )
    found = find_unbegun(tx, location.id, after=ask.after, limit=ask.orders_max)
    opened = open_orders(tx, found)
    changes = OrderChanges(tx, opened)
    searches = [
        search
        for order in opened.values()
        if (search := _withdraw(changes, order, location.id)).units
    ]
    outcome = source_units(changes, searches, reason="location_closed")
    return OpenWorkMoved(
        orders=len(searches),
        moved=sum(sourced.reserved for sourced in outcome),
        waiting=sum(sourced.backordered for sourced in outcome),
        after=found[-1] if len(found) == ask.orders_max else None,
    )


def _withdraw(changes: OrderChanges, opened: OpenedOrder, location_id: UUID) -> Search:
    units: Counter[int] = Counter()
    for fo in opened.fos.values():
        if location_id in (fo.location_id, fo.destination_id):
            units.update(withdraw_units(changes, opened, fo, why="location_closed"))
    return Search(
        opened,
        dict(units),
        "location_closed",
        excluded=frozenset((str(location_id),)),
        promised=True,
    )
