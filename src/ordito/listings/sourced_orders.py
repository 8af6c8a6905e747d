"""Which orders a policy sourced when they were placed."""

from datetime import datetime
from uuid import UUID

from ordito.platform.database import Tx, query


def list_sourced_orders(
    tx: Tx, policy_id: UUID, since: datetime, before: datetime, *, limit: int
) -> list[UUID]:
    """Ids of orders placed in a period, in order of time."""
    return _SOURCED.all(tx, policy_id=policy_id, since=since, before=before, limit=limit)


_SOURCED = query(
    UUID,
    """
    SELECT o.id
    FROM orders.sales_order AS o
    JOIN sourcing.decision AS d
      ON d.order_id = o.id AND d.decision_no = 1 AND d.cause = 'placed'
    WHERE o.placed_at >= %(since)s AND o.placed_at < %(before)s
      AND d.policy_id = %(policy_id)s
    ORDER BY o.placed_at, o.id
    LIMIT %(limit)s
    """,
)
