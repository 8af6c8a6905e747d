"""Receipts: what came in, when, by which delivery."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx, query
from ordito.platform.events import RaisedVersion, Stream

ReceiptRow = tuple[UUID, UUID, str, datetime, UUID]
"""id, location id, reference, received at, actor id"""

ReceiptLineRow = tuple[UUID, int, str, int, UUID | None]
"""receipt id, line no, item id, pieces, the expected receipt that they are of"""


def insert_receipts(
    tx: Tx, receipts: Sequence[ReceiptRow], lines: Sequence[ReceiptLineRow]
) -> None:
    """Write new receipts; the first event of each makes its version 1."""
    _INSERT.run(tx, receipts)
    _INSERT_LINES.run(tx, lines)


_INSERT = bulk("""
    INSERT INTO inventory.receipt (id, location_id, reference, received_at, actor_id, version)
    SELECT *, 0 FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::uuid[])
""")

_INSERT_LINES = bulk("""
    INSERT INTO inventory.receipt_line (receipt_id, line_no, item_id, qty, expected_id)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[], %s::uuid[])
""")


class ReceiptLine(msgspec.Struct, frozen=True):
    line_no: int
    item_id: UUID
    qty: int


class Receipt(msgspec.Struct, frozen=True):
    id: UUID
    location_id: UUID
    reference: str
    received_at: datetime
    actor_id: UUID
    version: int
    lines: list[ReceiptLine]


_COLUMNS = """
           r.id, r.location_id, r.reference, r.received_at, r.actor_id, r.version,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'line_no', l.line_no, 'item_id', l.item_id, 'qty', l.qty
                   ) ORDER BY l.line_no), '[]')
            FROM inventory.receipt_line AS l
            WHERE l.receipt_id = r.id) AS lines"""


def read_receipt(tx: Tx, receipt_id: UUID) -> Receipt | None:
    return _READ.first(tx, id=receipt_id)


_READ = query(
    Receipt,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.receipt AS r
    WHERE r.id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def list_receipts(
    tx: Tx,
    *,
    location_ids: Sequence[UUID] | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Receipt]:
    """Receipts, newest first; the next page is `before` the last one's id."""
    return _LIST.all(
        tx,
        location_ids=None if location_ids is None else uuids(location_ids),
        before=before or UUID(int=2**128 - 1),
        limit=limit,
    )


_LIST = query(
    Receipt,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.receipt AS r
    WHERE r.id < %(before)s
      AND (%(location_ids)s::uuid[] IS NULL OR r.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY r.id DESC
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


RECEIPT = Stream(
    "receipt",
    bulk_query(
        RaisedVersion,
        """
        UPDATE inventory.receipt AS r
        SET version = r.version + d.n
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        WHERE r.id = d.id
        RETURNING r.id, r.version
        """,
    ),
)
"""The timeline of a receipt."""
