"""Where lots went: the orders that took of them (a recall), and every movement.

What they were made of, and into: `lot_makings`.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from ordito.kernel.moves import Bucket
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import read_names
from ordito.listings.stock_list import scope_of
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class LotUseRow(msgspec.Struct, frozen=True):
    """Pieces of a lot that an order's line took at a location: what of it left and came back.

    lot, sku: of the lot itself, or of one that was made of it. shipped_at: when the last parcel of
    that part left, None while none has. customer: None for those who may not know who it is.
    """

    order_id: UUID
    number: int
    fo_no: int
    line_no: int
    lot_id: UUID
    lot: str
    sku: str
    channel: ChannelName
    location: PlaceName
    picked: int
    shipped: int
    returned: int
    placed_at: datetime
    shipped_at: datetime | None
    customer_id: UUID | None
    customer: str | None
    email: str | None


class LotUsePage(msgspec.Struct, frozen=True):
    items: tuple[LotUseRow, ...]
    next: str | None


class _UsePlace(msgspec.Struct, frozen=True, array_like=True):
    order_id: UUID
    fo_no: int
    line_no: int
    lot_id: UUID


class _UseRow(msgspec.Struct, frozen=True):
    order_id: UUID
    number: int
    fo_no: int
    line_no: int
    lot_id: UUID
    lot: str
    sku: str
    channel_id: UUID
    location_id: UUID
    picked: int
    shipped: int
    returned: int
    placed_at: datetime
    shipped_at: datetime | None
    customer_id: UUID | None
    customer: str
    email: str


def list_lot_uses(
    tx: Tx, lot_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> LotUsePage:
    """The orders that took of a lot, or of what was made of it, at any depth; in the order of
    their ids, and only those that the reader sees.

    Raises InvalidInput for a foreign cursor.
    """
    nil = UUID(int=0)
    after = read_cursor(cursor, _UsePlace) if cursor else _UsePlace(nil, 0, 0, nil)
    names, actor = read_names(tx), tx.actor
    personal = "orders.read" in actor.permissions
    rows = _USES.all(
        tx,
        lot_id=lot_id,
        channel_ids=None if actor.channel_ids is None else uuids(actor.channel_ids),
        location_ids=None if actor.location_ids is None else uuids(actor.location_ids),
        order_id=after.order_id,
        fo_no=after.fo_no,
        line_no=after.line_no,
        after_lot=after.lot_id,
        limit=limit + 1,
    )
    items = tuple(
        LotUseRow(
            order_id=row.order_id,
            number=row.number,
            fo_no=row.fo_no,
            line_no=row.line_no,
            lot_id=row.lot_id,
            lot=row.lot,
            sku=row.sku,
            channel=names.channel(row.channel_id),
            location=names.place(row.location_id),
            picked=row.picked,
            shipped=row.shipped,
            returned=row.returned,
            placed_at=row.placed_at,
            shipped_at=row.shipped_at,
            customer_id=row.customer_id if personal else None,
            customer=row.customer if personal else None,
            email=row.email if personal else None,
        )
        for row in rows[:limit]
    )
    if len(rows) <= limit:
        return LotUsePage(items, None)
    last = rows[limit - 1]
    place = _UsePlace(last.order_id, last.fo_no, last.line_no, last.lot_id)
    return LotUsePage(items, write_cursor(place))


_USES = query(
    _UseRow,
    """
    WITH RECURSIVE went (lot_id) AS (
        SELECT %(lot_id)s::uuid
        UNION
        SELECT m.lot_id
        FROM went AS w
        JOIN inventory.assembly_part_lot AS p ON p.lot_id = w.lot_id AND p.taken > p.returned
        JOIN inventory.assembly_made_lot AS m ON m.assembly_id = p.assembly_id
    )
    SELECT u.order_id, o.number, u.fo_no, u.line_no, u.lot_id, l.code AS lot, i.sku,
           o.channel_id, f.location_id, u.picked,
           u.shipped, u.returned, o.placed_at,
           (SELECT max(p.shipped_at)
            FROM fulfillment.parcel AS p
            WHERE p.order_id = u.order_id AND p.fo_no = u.fo_no) AS shipped_at,
           o.customer_id,
           coalesce(nullif(s.address ->> 'name', ''), c.name, '') AS customer,
           coalesce(nullif(s.email, ''), c.email, '') AS email
    FROM went AS w
    JOIN fulfillment.line_lot AS u ON u.lot_id = w.lot_id
    JOIN inventory.lot AS l ON l.id = u.lot_id
    JOIN catalog.item AS i ON i.id = l.item_id
    JOIN orders.sales_order AS o ON o.id = u.order_id
    JOIN fulfillment.fulfillment_order AS f ON f.order_id = u.order_id AND f.fo_no = u.fo_no
    LEFT JOIN orders.party AS s ON s.order_id = u.order_id AND s.role = 'ship_to'
    LEFT JOIN customers.person AS c ON c.customer_id = o.customer_id
    WHERE u.picked > 0
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR f.location_id = ANY(%(location_ids)s::uuid[]))
      AND (u.order_id, u.fo_no, u.line_no, u.lot_id)
          > (%(order_id)s::uuid, %(fo_no)s::int4, %(line_no)s::int4, %(after_lot)s::uuid)
    ORDER BY u.order_id, u.fo_no, u.line_no, u.lot_id
    LIMIT %(limit)s
    """,
)


class LotMovement(msgspec.Struct, frozen=True):
    """Pieces of a lot that a posting moved. at: when it was booked; occurred_at: when it happened.

    order: the number of the order that it was for; receipt: the reference of the receipt;
    assembly: the number of the assembly that took it, gave it back or made it.
    """

    location: PlaceName
    seq: int
    from_bucket: Bucket
    to_bucket: Bucket
    qty: int
    reason: str
    at: datetime
    occurred_at: datetime
    order: int | None
    receipt: str
    assembly: int | None


class LotMovementPage(msgspec.Struct, frozen=True):
    """Movements, the newest first."""

    items: tuple[LotMovement, ...]
    next: str | None


class _MovementPlace(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    location_id: UUID
    seq: int


class _MovementRow(msgspec.Struct, frozen=True):
    location_id: UUID
    seq: int
    from_bucket: Bucket
    to_bucket: Bucket
    qty: int
    reason: str
    at: datetime
    occurred_at: datetime
    order_no: int | None
    receipt: str
    assembly: int | None


def list_lot_movements(
    tx: Tx, lot_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> LotMovementPage:
    """What moved of a lot at the locations in scope; raises InvalidInput for a foreign cursor."""
    after = read_cursor(cursor, _MovementPlace) if cursor else None
    names, scope = read_names(tx), scope_of(tx, None)
    rows = _MOVEMENTS.all(
        tx,
        lot_id=lot_id,
        location_ids=None if scope is None else uuids(scope),
        at=after.at if after else None,
        location_id=after.location_id if after else None,
        seq=after.seq if after else None,
        limit=limit + 1,
    )
    items = tuple(
        LotMovement(
            names.place(row.location_id),
            row.seq,
            row.from_bucket,
            row.to_bucket,
            row.qty,
            row.reason,
            row.at,
            row.occurred_at,
            row.order_no,
            row.receipt,
            row.assembly,
        )
        for row in rows[:limit]
    )
    if len(rows) <= limit:
        return LotMovementPage(items, None)
    last = rows[limit - 1]
    return LotMovementPage(items, write_cursor(_MovementPlace(last.at, last.location_id, last.seq)))


_MOVEMENTS = query(
    _MovementRow,
    """
    SELECT m.location_id, m.seq, p.from_bucket::text AS from_bucket,
           p.to_bucket::text AS to_bucket, m.qty, p.reason, p.at, p.occurred_at,
           o.number AS order_no, coalesce(r.reference, '') AS receipt, a.number AS assembly
    FROM inventory.lot_posting AS m
    JOIN inventory.posting AS p
      ON p.item_id = m.item_id AND p.location_id = m.location_id AND p.seq = m.seq
    LEFT JOIN orders.sales_order AS o ON o.id = p.source_id
    LEFT JOIN inventory.receipt AS r ON r.id = p.source_id
    LEFT JOIN inventory.assembly AS a ON a.id = p.source_id
    WHERE m.lot_id = %(lot_id)s
      AND (%(location_ids)s::uuid[] IS NULL OR m.location_id = ANY(%(location_ids)s::uuid[]))
      AND (%(at)s::timestamptz IS NULL
           OR (p.at, m.location_id, m.seq)
              < (%(at)s::timestamptz, %(location_id)s::uuid, %(seq)s::int8))
    ORDER BY p.at DESC, m.location_id DESC, m.seq DESC
    LIMIT %(limit)s
    """,
)
