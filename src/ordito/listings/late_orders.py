"""Orders that have not left by the day they were promised for, and whose customer doesn't know."""

from datetime import date, timedelta
from uuid import UUID

import msgspec

from ordito.platform.database import Tx, query

LATE = timedelta(days=3)
"""Promises broken longer ago are not told any more, such as when mails are used for the first
time."""

PAGE = 200


class LateOrder(msgspec.Struct, frozen=True):
    order_id: UUID
    promised_on: date


def find_late(tx: Tx, *, after: LateOrder | None = None, limit: int = PAGE) -> list[LateOrder]:
    """Live orders that wait although their day is over, earliest day first; the next page is
    `after` the last one. Those that were told of this promise are left out.
    """
    return _LATE.all(
        tx,
        today=tx.now.date(),
        first=tx.now.date() - LATE,
        after_on=after.promised_on if after else date.min,
        after_id=after.order_id if after else UUID(int=0),
        limit=limit,
    )


_LATE = query(
    LateOrder,
    """
    SELECT e.order_id, e.promised_on
    FROM listings.order_entry AS e
    JOIN orders.sales_order AS o ON o.id = e.order_id
    WHERE e.awaited
      AND e.promised_on >= %(first)s
      AND e.promised_on < %(today)s
      AND (e.promised_on, e.order_id) > (%(after_on)s::date, %(after_id)s::uuid)
      AND o.mode = 'live'
      -- Who was told a later day isn't told of the old one, too.
      AND NOT EXISTS (
          SELECT
          FROM orders.line_supply AS s
          WHERE s.order_id = e.order_id AND s.expected_on >= %(today)s
      )
      AND NOT EXISTS (
          SELECT
          FROM notifications.mail AS m
          WHERE m.key = 'delayed:' || e.order_id || ':' || to_char(e.promised_on, 'YYYY-MM-DD')
      )
    ORDER BY e.promised_on, e.order_id
    LIMIT %(limit)s
    """,
)
