"""Tag orders, one or many: short words for lists and rules."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from ordito.flows.bulk_outcomes import tell_outcomes
from ordito.flows.opened_orders import OpenedOrder, open_order, open_orders, require_order
from ordito.flows.order_states import order_state
from ordito.orders.asks import TagOrder, TagOrders
from ordito.orders.events import OrderTagged
from ordito.orders.orders import ORDER
from ordito.orders.states import BulkOutcome, OrderState
from ordito.orders.tags import delete_tags, insert_tags, read_tags
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput, Problem


@command(permission="orders.write")
def tag_order(tx: Tx, ask: TagOrder) -> OrderState:
    """Add tags to an order and take others away; what is as asked already stays so."""
    add, remove = _read_tags_asked(ask.add, ask.remove)
    opened = open_order(tx, ask.order_id, ask.version)
    _tag(tx, {ask.order_id: opened}, add, remove)
    return order_state(tx, ask.order_id)


@command(permission="orders.write")
def tag_orders(tx: Tx, ask: TagOrders) -> BulkOutcome:
    """Tag many orders alike; each is tagged or refused alone."""
    add, remove = _read_tags_asked(ask.add, ask.remove)
    opened = open_orders(tx, ask.order_ids)
    items: dict[str, tuple[UUID, Problem | None]] = {}
    for order_id in ask.order_ids:
        try:
            require_order(tx, opened, order_id)
            items[str(order_id)] = (order_id, None)
        except Problem as problem:
            items[str(order_id)] = (order_id, problem)
    chosen = {id_: opened[id_] for id_, problem in items.values() if problem is None}
    _tag(tx, chosen, add, remove)
    return tell_outcomes(tx, items)


def _tag(
    tx: Tx, orders: Mapping[UUID, OpenedOrder], add: Sequence[str], remove: Sequence[str]
) -> None:
    known = read_tags(tx, orders)
    for order_id in orders:
        tags = set(known.get(order_id, ()))
        added = [tag for tag in add if tag not in tags]
        removed = [tag for tag in remove if tag in tags]
        if added or removed:
            tx.emit(ORDER, order_id, OrderTagged(added, removed))
    insert_tags(tx, [(id_, tag) for id_ in orders for tag in add])
    delete_tags(tx, [(id_, tag) for id_ in orders for tag in remove])


def _read_tags_asked(add: Iterable[str], remove: Iterable[str]) -> tuple[list[str], list[str]]:
    """Tags without blanks around them, each once; raises InvalidInput."""
    lists = [sorted({tag.strip() for tag in tags}) for tags in (add, remove)]
    faults = [
        Fault(pointer, "required", "A tag has at least one character that is no blank.")
        for pointer, tags in zip(("/add", "/remove"), lists, strict=True)
        if "" in tags
    ]
    if not any(lists):
        faults.append(Fault("", "required", "Name tags to add or to remove."))
    faults += [
        Fault("/remove", "contradiction", f"“{tag}” is both to be added and to be removed.")
        for tag in lists[0]
        if tag and tag in lists[1]
    ]
    if faults:
        raise InvalidInput("Nothing was tagged.", errors=faults)
    return lists[0], lists[1]
