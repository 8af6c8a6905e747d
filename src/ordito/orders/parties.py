"""Where orders go, as far as sourcing needs it: no names, no streets."""

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
