"""Which orders wait for items, oldest promise first."""

from collections.abc import Iterable
from uuid import UUID

from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


def find_waiting(
    tx: Tx, item_ids: Iterable[UUID], *, after: UUID | None, limit: int
) -> list[UUID]:
    """Open orders with units of these items (or kits of them) that have no stock; none is locked.

    In order of promise, then of placing, then of number, those that come after the order `after`.
    """
    return _WAITING.all(tx, item_ids=uuids(item_ids), after=after, limit=limit)


# Custom lines and services have no item parts: they are never found here.
_WAITING = query(
    UUID,
    """
    WITH waiting AS (
        SELECT order_id
        FROM orders.line
        WHERE item_id = ANY(%(item_ids)s::uuid[]) AND item_kind = 'stocked'
          AND (backordered > 0 OR open > 0)
        UNION
        SELECT c.order_id
        FROM orders.line_component AS c
        JOIN orders.line AS l ON l.order_id = c.order_id AND l.line_no = c.line_no
        WHERE c.item_id = ANY(%(item_ids)s::uuid[]) AND (l.backordered > 0 OR l.open > 0)
    )
    SELECT o.id
    FROM waiting AS w
    JOIN orders.sales_order AS o ON o.id = w.order_id
    LEFT JOIN orders.sales_order AS a ON a.id = %(after)s
    WHERE o.life = 'open'
      AND (a.id IS NULL
           OR (coalesce(o.promised_on, 'infinity'), o.placed_at, o.number)
              > (coalesce(a.promised_on, 'infinity'), a.placed_at, a.number))
    ORDER BY coalesce(o.promised_on, 'infinity'), o.placed_at, o.number
    LIMIT %(limit)s
    """,
)
