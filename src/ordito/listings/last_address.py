"""Where a customer's last parcel went."""

from uuid import UUID

import msgspec

from ordito.kernel.addresses import Address
from ordito.listings.board import seen_channels
from ordito.platform.database import Tx, query


def read_last_address(tx: Tx, customer_id: UUID) -> Address | None:
    """The shipping address of the customer's newest order in the reader's channels. Personal data:
    for those who may see orders."""
    found = _LAST.first(tx, customer_id=customer_id, channel_ids=seen_channels(tx))
    return found.address if found else None


class _Row(msgspec.Struct, frozen=True):
    address: Address


_LAST = query(
    _Row,
    """
    SELECT a.address
    FROM orders.sales_order AS o
    JOIN orders.party AS a ON a.order_id = o.id AND a.role = 'ship_to'
    WHERE o.customer_id = %(customer_id)s
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
    ORDER BY o.placed_at DESC, o.id DESC
    LIMIT 1
    """,
)
