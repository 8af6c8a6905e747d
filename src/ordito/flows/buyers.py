"""Who wants stock, as what is kept for channels and groups of customers knows them.

Groups are read only where something is kept for one.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from ordito.customers.customers import ContactKey, send_find
from ordito.customers.groups import read_groups
from ordito.inventory.kept import Buyer, Keeping
from ordito.orders.types import Order
from ordito.platform.database import Tx

ContactGroups = Mapping[ContactKey, frozenset[str]]
"""What is known of a contact → the groups of its customer."""


def groups_of_contacts(
    tx: Tx, keeping: Keeping, customers: Mapping[ContactKey, UUID]
) -> ContactGroups:
    """Empty, and no statement, where nothing is kept for a group."""
    if not keeping.groups or not customers:
        return {}
    groups = read_groups(tx, set(customers.values()))
    return {key: groups.get(id_, frozenset()) for key, id_ in customers.items()}


def find_contact_groups(tx: Tx, keeping: Keeping, contacts: Iterable[ContactKey]) -> ContactGroups:
    """The same for contacts of which it isn't known whose they are."""
    if not keeping.groups:
        return {}
    found = send_find(tx, list(contacts))
    return groups_of_contacts(
        tx, keeping, {(row.kind, row.value_key): row.customer_id for row in found}
    )


def buyer_of(channel_id: UUID, contacts: Iterable[ContactKey], groups: ContactGroups) -> Buyer:
    """A buyer is the customer whom the first known contact names, as for the order itself."""
    if not groups:
        return Buyer(channel_id)
    return Buyer(channel_id, next((groups[key] for key in contacts if key in groups), frozenset()))


def buyers_of_orders(tx: Tx, keeping: Keeping, orders: Iterable[Order]) -> dict[UUID, Buyer]:
    """Order → its buyer; orders for which nothing can be kept are absent."""
    if not keeping.channels and not keeping.groups:
        return {}
    placed = list(orders)
    groups: Mapping[UUID, frozenset[str]] = {}
    if keeping.groups:
        groups = read_groups(tx, {one.customer_id for one in placed if one.customer_id})
    buyers = {
        one.id: Buyer(one.channel_id, groups.get(one.customer_id or one.id, frozenset()))
        for one in placed
    }
    return {id_: buyer for id_, buyer in buyers.items() if keeping.concerns(buyer)}
