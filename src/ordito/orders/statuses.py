"""Statuses: pure functions of the quantity vectors, and the one writer of their columns."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from ordito.orders.types import Fulfilment, Life, ReturnState
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class Sums(msgspec.Struct, frozen=True):
    """An order's vector, summed over its lines, and whether a hold is open."""

    order_id: UUID
    life: Life
    ordered: int
    cancelled: int = 0
    open: int = 0
    backordered: int = 0
    reserved: int = 0
    released: int = 0
    picked: int = 0
    packed: int = 0
    shipped: int = 0
    completed: int = 0
    delivered: int = 0
    return_requested: int = 0
    returned: int = 0
    held: bool = False


class Axes(msgspec.Struct, frozen=True):
    """What the list shows of an order; money has its own writer."""

    life: Life
    fulfilment: Fulfilment
    return_state: ReturnState
    backordered: bool


def derive(sums: Sums) -> Axes:
    """The axes of an order from its sums."""
    return Axes(_life(sums), _fulfilment(sums), _return_state(sums), sums.backordered > 0)


def _life(sums: Sums) -> Life:
    if sums.life == "draft":
        return "draft"
    if sums.cancelled == sums.ordered:
        return "cancelled"
    done = sums.cancelled + sums.completed + sums.shipped
    # Shipped is not the end: an order is closed when every unit is known to have arrived.
    return "closed" if done == sums.ordered and sums.delivered == sums.shipped else "open"


def _fulfilment(sums: Sums) -> Fulfilment:
    left = sums.ordered - sums.cancelled
    gone = sums.shipped + sums.completed
    if left and gone == left:
        return "fulfilled"
    if sums.held:
        return "on_hold"
    if gone:
        return "partially_fulfilled"
    if sums.released + sums.picked + sums.packed:
        return "in_progress"
    return "unfulfilled"


def _return_state(sums: Sums) -> ReturnState:
    if sums.returned and sums.returned == sums.shipped:
        return "returned"
    if sums.returned:
        return "in_progress"
    return "requested" if sums.return_requested else "none"


def refresh(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, Axes]:
    """Write the axes of orders anew from their lines; the caller holds the orders' locks."""
    ids = uuids(sorted(set(order_ids)))
    axes = {sums.order_id: derive(sums) for sums in _SUMS.all(tx, order_ids=ids)}
    _WRITE.run(
        tx,
        [
            (id_, a.life, a.fulfilment, a.return_state, a.backordered, tx.now)
            for id_, a in axes.items()
        ],
    )
    return axes


_SUMS = query(
    Sums,
    """
    SELECT o.id AS order_id, o.life,
           sum(l.ordered)::int8 AS ordered, sum(l.cancelled)::int8 AS cancelled,
           sum(l.open)::int8 AS open, sum(l.backordered)::int8 AS backordered,
           sum(l.reserved)::int8 AS reserved, sum(l.released)::int8 AS released,
           sum(l.picked)::int8 AS picked, sum(l.packed)::int8 AS packed,
           sum(l.shipped)::int8 AS shipped, sum(l.completed)::int8 AS completed,
           sum(l.delivered)::int8 AS delivered,
           sum(l.return_requested)::int8 AS return_requested, sum(l.returned)::int8 AS returned,
           EXISTS (
               SELECT FROM orders.hold AS h WHERE h.order_id = o.id AND h.released_at IS NULL
           ) AS held
    FROM orders.sales_order AS o
    JOIN orders.line AS l ON l.order_id = o.id
    WHERE o.id = ANY(%(order_ids)s::uuid[])
    GROUP BY o.id
    """,
)

_WRITE = bulk("""
    UPDATE orders.sales_order AS o
    SET life = d.life, fulfilment = d.fulfilment, return_state = d.return_state,
        backordered = d.backordered, updated_at = d.updated_at
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::timestamptz[])
        AS d (id, life, fulfilment, return_state, backordered, updated_at)
    WHERE o.id = d.id
""")
