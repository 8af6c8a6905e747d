"""Which orders wait for items, oldest promise first."""

from collections.abc import Iterable
from uuid import UUID

from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


def find_waiting(tx: Tx, item_ids: Iterable[UUID], *, after: UUID | None, limit: int) -> list[UUID]:
    """Open orders with backordered units of these items, or of kits of them; none is locked.

    In order of promise, then of placing, then of number, those that come after the order `after`.
    """
    return _WAITING.all(tx, item_ids=uuids(item_ids), after=after, limit=limit)


# Both branches read the index of what is backordered now, never the lines of the past.
_WAITING = query(
    UUID,
    """
    WITH waiting AS (
        SELECT order_id
        FROM orders.line
        WHERE item_id = ANY(%(item_ids)s::uuid[]) AND backordered > 0
        UNION
        SELECT l.order_id
        FROM orders.line AS l
        JOIN orders.line_component AS c ON c.order_id = l.order_id AND c.line_no = l.line_no
        WHERE l.backordered > 0 AND l.item_kind = 'kit'
          AND c.item_id = ANY(%(item_ids)s::uuid[])
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


def find_all_waiting(tx: Tx, *, limit: int) -> list[UUID]:
    """Open orders with units that have no stock, oldest promise first; none is locked."""
    return _ALL_WAITING.all(tx, limit=limit)


_ALL_WAITING = query(
    UUID,
    """
    WITH waiting AS (
        SELECT order_id FROM orders.line WHERE backordered > 0
        UNION
        SELECT order_id FROM orders.line WHERE open > 0 AND item_kind IN ('stocked', 'kit')
    )
    SELECT o.id
    FROM waiting AS w
    JOIN orders.sales_order AS o ON o.id = w.order_id
    WHERE o.life = 'open' AND o.delivery = 'ship'
    ORDER BY coalesce(o.promised_on, 'infinity'), o.placed_at, o.number
    LIMIT %(limit)s
    """,
)
