"""Where orders go, as far as sourcing needs it; and whom to write to."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class Direction(msgspec.Struct, frozen=True):
    order_id: UUID
    postal_code: str


def read_postal_codes(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Postal codes of the delivery addresses, by order; "" where none was given."""
    rows = _READ.all(tx, order_ids=uuids(order_ids))
    return {row.order_id: row.postal_code for row in rows}


_READ = query(
    Direction,
    """
    SELECT order_id, coalesce(address ->> 'postal_code', '') AS postal_code
    FROM orders.party
    WHERE order_id = ANY(%(order_ids)s::uuid[]) AND role = 'ship_to'
    """,
)


class Contact(msgspec.Struct, frozen=True):
    """Whom an order goes to or is billed to, as far as a mail needs it. Personal data."""

    role: str
    email: str
    name: str
    city: str


def read_contacts(tx: Tx, order_id: UUID) -> list[Contact]:
    """The parties of an order, whom it goes to first."""
    return _CONTACTS.all(tx, order_id=order_id)


_CONTACTS = query(
    Contact,
    """
    SELECT role, email, coalesce(address ->> 'name', '') AS name,
           coalesce(address ->> 'city', '') AS city
    FROM orders.party
    WHERE order_id = %(order_id)s
    ORDER BY role DESC
    """,
)
