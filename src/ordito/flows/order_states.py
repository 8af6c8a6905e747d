"""How orders stand: what every command on them answers."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from ordito.flows.opened_orders import OpenedOrder, look_at_orders
from ordito.flows.reference import Reference, reference
from ordito.fulfillment.actions import allowed_work_actions
from ordito.fulfillment.types import fo_id
from ordito.orders.actions import allowed_order_actions
from ordito.orders.states import HoldState, LineState, OrderState, PartState
from ordito.orders.types import Line
from ordito.platform.database import Tx


def order_state(tx: Tx, order_id: UUID) -> OrderState:
    """How an order stands now, in this transaction; the order exists."""
    return order_states(tx, [order_id])[order_id]


def order_states(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, OrderState]:
    """How orders stand, by id. Fulfillment orders at locations the actor doesn't see are left out.

    Versions count the events that this transaction has emitted and not yet written.
    """
    known = reference(tx)
    coming = Counter(stream_id for _stream, stream_id, _event in tx.events)
    return {
        id_: _state(tx, opened, known, coming[id_])
        for id_, opened in look_at_orders(tx, order_ids).items()
    }


def _state(tx: Tx, opened: OpenedOrder, known: Reference, coming: int) -> OrderState:
    order = opened.order
    return OrderState(
        id=order.id,
        number=order.number,
        version=order.version + coming,
        life=order.life,
        fulfilment=order.fulfilment,
        money=order.money,
        return_state=order.return_state,
        backordered=order.backordered,
        lines=tuple(_line_state(line) for line in opened.lines.values()),
        fulfillment_orders=tuple(
            PartState(
                id=fo_id(order.id, fo.fo_no),
                location=known.locations_by_id[fo.location_id].code,
                state=fo.state,
                version=fo.version,
                allowed_actions=allowed_work_actions(opened.work_facts(fo.fo_no)),
                request=fo.request,
            )
            for fo in opened.fos.values()
            if tx.actor.sees_location(fo.location_id)
        ),
        holds=tuple(
            HoldState(hold.hold_no, hold.reason, hold.owner_id, hold.release_at, hold.placed_at)
            for hold in opened.holds
        ),
        allowed_actions=allowed_order_actions(opened.facts()),
    )


def _line_state(line: Line) -> LineState:
    return LineState(**{name: getattr(line, name) for name in LineState.__struct_fields__})
