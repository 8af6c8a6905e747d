"""Tasks: what a person must look at. Kinds: count, put_back, shortage."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from ordito.fulfillment.types import Task
from ordito.kernel.ids import new_id
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

TaskKind = Literal["count", "put_back", "shortage"]

TaskRow = tuple[TaskKind, UUID | None, int | None, UUID | None, UUID | None, int]
"""kind, order id, line no (None: of no order), location id, item id, quantity: pieces, for a
shortage units"""


def raise_tasks(tx: Tx, rows: Sequence[TaskRow]) -> None:
    """Write tasks. A cell that waits for a count already, and a line that is short already, get
    no second task."""
    _RAISE.run(tx, [(new_id(), *row, tx.now) for row in rows])


_RAISE = bulk("""
    INSERT INTO fulfillment.task
        (id, kind, order_id, line_no, location_id, item_id, qty, raised_at)
    SELECT n.id, n.kind, n.order_id, n.line_no, n.location_id, n.item_id, n.qty, n.raised_at
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::int4[], %s::uuid[], %s::uuid[], %s::int8[],
                %s::timestamptz[])
        AS n (id, kind, order_id, line_no, location_id, item_id, qty, raised_at)
    WHERE n.kind = 'put_back' OR NOT EXISTS (
        SELECT FROM fulfillment.task AS t
        WHERE t.kind = n.kind AND t.closed_at IS NULL
          AND CASE n.kind
                  WHEN 'count' THEN t.location_id = n.location_id AND t.item_id = n.item_id
                  ELSE t.order_id = n.order_id AND t.line_no = n.line_no
              END)
""")


def close_shortages(tx: Tx, lines: Sequence[tuple[UUID, int]]) -> None:
    """Close the shortage tasks of lines (order id, line no) that wait for nothing any more."""
    _CLOSE_SHORTAGES.run(tx, [(*line, tx.now) for line in lines])


_CLOSE_SHORTAGES = bulk("""
    UPDATE fulfillment.task AS t
    SET closed_at = d.at
    FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[]) AS d (order_id, line_no, at)
    WHERE t.order_id = d.order_id AND t.line_no = d.line_no AND t.kind = 'shortage'
      AND t.closed_at IS NULL
""")


def close_counts(tx: Tx, cells: Sequence[tuple[str, str]]) -> None:
    """Close the tasks to count cells (item id, location id) that were counted now."""
    _CLOSE_COUNTS.run(tx, [(*cell, tx.now) for cell in cells])


_CLOSE_COUNTS = bulk("""
    UPDATE fulfillment.task AS t
    SET closed_at = d.at
    FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS d (item_id, location_id, at)
    WHERE t.item_id = d.item_id AND t.location_id = d.location_id AND t.kind = 'count'
      AND t.closed_at IS NULL
""")


def read_asked_counts(tx: Tx, location_id: UUID, *, limit: int) -> list[UUID]:
    """Items that somebody was asked to count at a location."""
    return _ASKED_COUNTS.all(tx, location_id=location_id, limit=limit)


_ASKED_COUNTS = query(
    UUID,
    """
    SELECT DISTINCT item_id
    FROM fulfillment.task
    WHERE location_id = %(location_id)s AND kind = 'count' AND closed_at IS NULL
      AND item_id IS NOT NULL
    ORDER BY item_id
    LIMIT %(limit)s
    """,
)


def read_task(tx: Tx, task_id: UUID) -> Task | None:
    return _READ.first(tx, task_id=task_id)


_READ = query(
    Task,
    """
    SELECT id, kind, order_id, line_no, location_id, item_id, qty, raised_at, closed_at
    FROM fulfillment.task
    WHERE id = %(task_id)s
    """,
)


def close_task(tx: Tx, task_id: UUID) -> Task | None:
    """Mark an open task as done now; None when it is closed already."""
    return _CLOSE.first(tx, task_id=task_id, now=tx.now)


_CLOSE = query(
    Task,
    """
    UPDATE fulfillment.task
    SET closed_at = %(now)s
    WHERE id = %(task_id)s AND closed_at IS NULL
    RETURNING id, kind, order_id, line_no, location_id, item_id, qty, raised_at, closed_at
    """,
)


def read_open_tasks(tx: Tx, *, limit: int = 200) -> list[Task]:
    """Open tasks, oldest first."""
    return _OPEN.all(tx, limit=limit)


_OPEN = query(
    Task,
    """
    SELECT id, kind, order_id, line_no, location_id, item_id, qty, raised_at, closed_at
    FROM fulfillment.task
    WHERE closed_at IS NULL
    ORDER BY raised_at, id
    LIMIT %(limit)s
    """,
)
