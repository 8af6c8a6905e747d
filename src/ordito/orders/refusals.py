"""Who said no to an order: locations that it is not offered to again by itself."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query, statement

OUT_OF_STOCK = "out_of_stock"
"""The reason that lapses when stock comes in."""


class Refusal(msgspec.Struct, frozen=True):
    order_id: UUID
    location_id: UUID
    fo_no: int
    reason: str
    at: datetime


def keep_refusal(tx: Tx, refusal: Refusal) -> None:
    """Remember that a location said no; the caller holds the order's lock."""
    _KEEP.run(tx, **{name: getattr(refusal, name) for name in Refusal.__struct_fields__})


_KEEP = statement("""
    INSERT INTO orders.refusal AS r (order_id, location_id, fo_no, reason, at)
    VALUES (%(order_id)s, %(location_id)s, %(fo_no)s, %(reason)s, %(at)s)
    ON CONFLICT (order_id, location_id) DO UPDATE
    SET fo_no = excluded.fo_no, reason = excluded.reason, at = excluded.at
""")


def read_refusals(tx: Tx, order_ids: Iterable[UUID]) -> dict[UUID, list[Refusal]]:
    """By order, the first one first; orders that nobody refused are absent."""
    found: dict[UUID, list[Refusal]] = {}
    for row in _READ.all(tx, order_ids=uuids(order_ids)):
        found.setdefault(row.order_id, []).append(row)
    return found


_READ = query(
    Refusal,
    """
    SELECT order_id, location_id, fo_no, reason, at
    FROM orders.refusal
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, at, location_id
    """,
)


def lift_refusal(tx: Tx, order_id: UUID, location_id: UUID) -> None:
    """The location may be asked again; the caller holds the order's lock."""
    _LIFT.run(tx, order_id=order_id, location_id=location_id)


_LIFT = statement("""
    DELETE FROM orders.refusal WHERE order_id = %(order_id)s AND location_id = %(location_id)s
""")


def lapse_refusals(tx: Tx, order_ids: Iterable[UUID], location_id: UUID) -> None:
    """Stock came in at the location: that it had none is no reason any more.

    The caller holds the orders' locks.
    """
    _LAPSE.run(tx, order_ids=uuids(order_ids), location_id=location_id, reason=OUT_OF_STOCK)


_LAPSE = statement("""
    DELETE FROM orders.refusal
    WHERE order_id = ANY(%(order_ids)s::uuid[]) AND location_id = %(location_id)s
      AND reason = %(reason)s
""")
