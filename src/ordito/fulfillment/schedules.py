"""When scheduled fulfillment orders become open: their work is to begin then."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class Schedule(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    opens_at: datetime


INSERT = bulk("""
    INSERT INTO fulfillment.schedule AS s (order_id, fo_no, opens_at)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[])
    ON CONFLICT (order_id, fo_no) DO UPDATE SET opens_at = excluded.opens_at
""")


def read_schedules(tx: Tx, order_ids: Iterable[UUID]) -> list[Schedule]:
    """By order and fulfillment order; those that are open are absent."""
    return _READ.all(tx, order_ids=uuids(order_ids))


_READ = query(
    Schedule,
    """
    SELECT order_id, fo_no, opens_at
    FROM fulfillment.schedule
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, fo_no
    """,
)


def find_due(tx: Tx, *, limit: int) -> list[UUID]:
    """Orders of which some work is to begin by now, longest due first; none is locked."""
    return _DUE.all(tx, now=tx.now, limit=limit)


_DUE = query(
    UUID,
    """
    SELECT order_id
    FROM fulfillment.schedule
    WHERE opens_at <= %(now)s
    GROUP BY order_id
    ORDER BY min(opens_at), order_id
    LIMIT %(limit)s
    """,
)


def end_schedules(tx: Tx, rows: Sequence[tuple[UUID, int]]) -> None:
    """These (order id, fo no) are scheduled no more; the caller holds the orders' locks."""
    _END.run(tx, rows)


_END = bulk("""
    DELETE FROM fulfillment.schedule AS s
    USING unnest(%s::uuid[], %s::int4[]) AS gone (order_id, fo_no)
    WHERE s.order_id = gone.order_id AND s.fo_no = gone.fo_no
""")
