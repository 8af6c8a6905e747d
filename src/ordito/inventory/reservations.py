"""Reservations: stock held for a line of an order, or for a hold that expires by itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ordito.inventory.types import Reservation
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

ReservationRow = tuple[str, int, str, str, int, datetime | None]
"""holder id, line no, item id, location id, quantity, expires at"""


def send_insert(tx: Tx, rows: Sequence[ReservationRow]) -> Any:
    """Write new reservations; the stock was moved to `reserved` by the ledger."""
    return _INSERT.send(tx, rows)


_INSERT = bulk("""
    INSERT INTO inventory.reservation (holder_id, line_no, item_id, location_id, qty, expires_at)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::uuid[], %s::int8[],
                         %s::timestamptz[])
""")


def change(tx: Tx, deltas: Sequence[tuple[str, int, str, str, int]]) -> None:
    """Add to (or free from) reservations: (holder, line no, item, location, signed quantity).

    A reservation that comes to nothing is deleted. The caller holds the cells' locks.
    """
    _ADD.run(tx, [d for d in deltas if d[4] > 0])
    taken = [(d[0], d[1], d[2], d[3], -d[4]) for d in deltas if d[4] < 0]
    if taken:
        gone = _DELETE_WHOLE.run(tx, taken)
        left = _LOWER.run(tx, taken) if gone < len(taken) else 0
        assert gone + left == len(taken), "what is freed was reserved"


_ADD = bulk("""
    INSERT INTO inventory.reservation AS r (holder_id, line_no, item_id, location_id, qty)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::uuid[], %s::int8[])
    ON CONFLICT (holder_id, line_no, item_id, location_id)
        DO UPDATE SET qty = r.qty + excluded.qty
""")

_DELETE_WHOLE = bulk("""
    DELETE FROM inventory.reservation AS r
    USING unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::uuid[], %s::int8[])
        AS d (holder_id, line_no, item_id, location_id, qty)
    WHERE r.holder_id = d.holder_id AND r.line_no = d.line_no AND r.item_id = d.item_id
      AND r.location_id = d.location_id AND r.qty = d.qty
""")

_LOWER = bulk("""
    UPDATE inventory.reservation AS r
    SET qty = r.qty - d.qty
    FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::uuid[], %s::int8[])
        AS d (holder_id, line_no, item_id, location_id, qty)
    WHERE r.holder_id = d.holder_id AND r.line_no = d.line_no AND r.item_id = d.item_id
      AND r.location_id = d.location_id AND r.qty > d.qty
""")


def read_reservations(tx: Tx, holder_ids: Iterable[UUID]) -> list[Reservation]:
    return _READ.all(tx, holder_ids=uuids(holder_ids))


_READ = query(
    Reservation,
    """
    SELECT holder_id, line_no, item_id, location_id, qty, expires_at
    FROM inventory.reservation
    WHERE holder_id = ANY(%(holder_ids)s::uuid[])
    ORDER BY holder_id, line_no, item_id, location_id
    """,
)
