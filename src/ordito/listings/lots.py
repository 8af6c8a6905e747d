"""Lots: which there are, where they lie, and where they went (a recall)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.inventory.lots import LotState
from ordito.kernel.moves import Bucket
from ordito.kernel.text import normal_code
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.places import read_names
from ordito.listings.stock_list import scope_of
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound


class LotPlace(msgspec.Struct, frozen=True):
    """A lot's pieces at a location. shelf: what is free, promised or kept for safety there.

    held_back: those in quality control that only wait for the lot, which is blocked or too old.
    """

    location: PlaceName
    shelf: int
    picked: int
    quality_control: int
    damaged: int
    in_transit: int
    incoming: int
    held_back: int

    @property
    def on_hand(self) -> int:
        return self.shelf + self.picked + self.quality_control + self.damaged


class LotView(msgspec.Struct, frozen=True):
    """A lot, or one unit with its serial number, and where its pieces are.

    expires_on: the last day on which it may be used; sell_until: on which it may be sold.
    """

    id: UUID
    item_id: UUID
    sku: str
    name: str
    lot: str
    serial: bool
    expires_on: date | None
    sell_until: date | None
    made_on: date | None
    supplier_reference: str
    state: LotState
    reason: str
    created_at: datetime
    version: int
    on_hand: int
    places: tuple[LotPlace, ...]


class LotFilter(msgspec.Struct, frozen=True, kw_only=True):
    """item_id, location (a code), state: only such. code: the beginning of its code.

    ends_before: only what ends before that day. in_stock: only what is on hand somewhere.
    """

    item_id: UUID | None = None
    location: str | None = None
    state: LotState | None = None
    code: str = ""
    ends_before: date | None = None
    in_stock: bool = False


class LotPage(msgspec.Struct, frozen=True):
    """Lots, those that end first at the top; those that never end are last."""

    items: tuple[LotView, ...]
    next: str | None


class _LotPlaceOf(msgspec.Struct, frozen=True, array_like=True):
    ends: date
    id: UUID


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    item_id: UUID
    sku: str
    name: str
    lot: str
    serial: bool
    expires_on: date | None
    sell_until: date | None
    made_on: date | None
    supplier_reference: str
    state: LotState
    reason: str
    created_at: datetime
    version: int


class _CellRow(msgspec.Struct, frozen=True):
    lot_id: UUID
    location_id: UUID
    shelf: int
    picked: int
    quality_control: int
    damaged: int
    in_transit: int
    incoming: int
    held_back: int


_COLUMNS = """
           l.id, l.item_id, i.sku, i.name, l.code AS lot, l.serial, l.expires_on,
           l.expires_on - i.sell_days AS sell_until, l.made_on, l.supplier_reference, l.state,
           l.reason, l.created_at, l.version"""


def list_lots(tx: Tx, wanted: LotFilter, *, cursor: str | None = None, limit: int = 50) -> LotPage:
    """Lots in the order of their last days; raises NotFound, InvalidInput for a foreign cursor."""
    after = read_cursor(cursor, _LotPlaceOf) if cursor else _LotPlaceOf(date.min, UUID(int=0))
    scope = scope_of(tx, wanted.location)
    rows = _LIST.all(
        tx,
        item_id=wanted.item_id,
        state=wanted.state,
        code=_like(wanted.code),
        ends_before=wanted.ends_before,
        placed=wanted.in_stock or wanted.location is not None,
        location_ids=None if scope is None else uuids(scope),
        ends=after.ends,
        id=after.id,
        limit=limit + 1,
    )
    items = _view(tx, rows[:limit], scope)
    if len(rows) <= limit:
        return LotPage(items, None)
    last = rows[limit - 1]
    return LotPage(items, write_cursor(_LotPlaceOf(last.expires_on or date.max, last.id)))


def _like(code: str) -> str:
    plain = normal_code(code)
    for sign in ("\\", "%", "_"):
        plain = plain.replace(sign, f"\\{sign}")
    return f"{plain}%"


# 9999-12-31 stands for what never ends, as date.max does in Python.
_LIST = query(
    _Row,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.lot AS l
    JOIN catalog.item AS i ON i.id = l.item_id
    WHERE (%(item_id)s::uuid IS NULL OR l.item_id = %(item_id)s::uuid)
      AND (%(state)s::text IS NULL OR l.state = %(state)s::text)
      AND l.code_key LIKE %(code)s
      AND (%(ends_before)s::date IS NULL OR l.expires_on < %(ends_before)s::date)
      AND (NOT %(placed)s::boolean OR EXISTS (
          SELECT FROM inventory.lot_stock AS s
          WHERE s.lot_id = l.id AND s.held > 0
            AND (%(location_ids)s::uuid[] IS NULL
                 OR s.location_id = ANY(%(location_ids)s::uuid[]))))
      AND (coalesce(l.expires_on, '9999-12-31'), l.id) > (%(ends)s::date, %(id)s::uuid)
    ORDER BY coalesce(l.expires_on, '9999-12-31'), l.id
    LIMIT %(limit)s
    """,  # noqa: S608 (a constant of this module)
)


def read_lot(tx: Tx, lot_id: UUID) -> LotView:
    """One lot; raises NotFound."""
    row = _READ.first(tx, id=lot_id)
    if row is None:
        raise NotFound("There is no such lot.")
    return _view(tx, [row], scope_of(tx, None))[0]


_READ = query(
    _Row,
    f"""
    SELECT {_COLUMNS}
    FROM inventory.lot AS l
    JOIN catalog.item AS i ON i.id = l.item_id
    WHERE l.id = %(id)s
    """,  # noqa: S608 (a constant of this module)
)


def _view(tx: Tx, rows: Sequence[_Row], scope: Iterable[UUID] | None) -> tuple[LotView, ...]:
    names = read_names(tx)
    places: dict[UUID, list[LotPlace]] = {}
    cells = _CELLS.all(
        tx,
        lot_ids=uuids(row.id for row in rows),
        location_ids=None if scope is None else uuids(scope),
    )
    for cell in cells:
        place = LotPlace(
            names.place(cell.location_id),
            cell.shelf,
            cell.picked,
            cell.quality_control,
            cell.damaged,
            cell.in_transit,
            cell.incoming,
            cell.held_back,
        )
        places.setdefault(cell.lot_id, []).append(place)
    return tuple(_view_one(row, places.get(row.id, [])) for row in rows)


def _view_one(row: _Row, places: list[LotPlace]) -> LotView:
    known = tuple(sorted(places, key=lambda place: place.location.code))
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    return LotView(**fields, on_hand=sum(place.on_hand for place in known), places=known)


_CELLS = query(
    _CellRow,
    """
    SELECT s.lot_id, s.location_id, s.shelf, s.picked, s.quality_control, s.damaged,
           s.in_transit, s.incoming, s.held_back
    FROM inventory.lot_stock AS s
    WHERE s.lot_id = ANY(%(lot_ids)s::uuid[]) AND (s.held > 0 OR s.incoming > 0)
      AND (%(location_ids)s::uuid[] IS NULL OR s.location_id = ANY(%(location_ids)s::uuid[]))
    """,
)


class LotUseRow(msgspec.Struct, frozen=True):
    """Pieces of a lot that an order's line took at a location: what of it left and came back.

    shipped_at: when the last parcel of that part left, None while none has. customer: None for
    those who may not know who it is.
    """

    order_id: UUID
    number: int
    fo_no: int
    line_no: int
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


class _UseRow(msgspec.Struct, frozen=True):
    order_id: UUID
    number: int
    fo_no: int
    line_no: int
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
    """The orders that took of a lot, in the order of their ids; only those that the reader sees.

    Raises InvalidInput for a foreign cursor.
    """
    after = read_cursor(cursor, _UsePlace) if cursor else _UsePlace(UUID(int=0), 0, 0)
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
        limit=limit + 1,
    )
    items = tuple(
        LotUseRow(
            order_id=row.order_id,
            number=row.number,
            fo_no=row.fo_no,
            line_no=row.line_no,
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
    return LotUsePage(items, write_cursor(_UsePlace(last.order_id, last.fo_no, last.line_no)))


_USES = query(
    _UseRow,
    """
    SELECT u.order_id, o.number, u.fo_no, u.line_no, o.channel_id, f.location_id, u.picked,
           u.shipped, u.returned, o.placed_at,
           (SELECT max(p.shipped_at)
            FROM fulfillment.parcel AS p
            WHERE p.order_id = u.order_id AND p.fo_no = u.fo_no) AS shipped_at,
           o.customer_id,
           coalesce(nullif(s.address ->> 'name', ''), c.name, '') AS customer,
           coalesce(nullif(s.email, ''), c.email, '') AS email
    FROM fulfillment.line_lot AS u
    JOIN orders.sales_order AS o ON o.id = u.order_id
    JOIN fulfillment.fulfillment_order AS f ON f.order_id = u.order_id AND f.fo_no = u.fo_no
    LEFT JOIN orders.party AS s ON s.order_id = u.order_id AND s.role = 'ship_to'
    LEFT JOIN customers.person AS c ON c.customer_id = o.customer_id
    WHERE u.lot_id = %(lot_id)s AND u.picked > 0
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR f.location_id = ANY(%(location_ids)s::uuid[]))
      AND (u.order_id, u.fo_no, u.line_no)
          > (%(order_id)s::uuid, %(fo_no)s::int4, %(line_no)s::int4)
    ORDER BY u.order_id, u.fo_no, u.line_no
    LIMIT %(limit)s
    """,
)


class LotMovement(msgspec.Struct, frozen=True):
    """Pieces of a lot that a posting moved. at: when it was booked; occurred_at: when it happened.

    order: the number of the order that it was for; receipt: the reference of the receipt.
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
           o.number AS order_no, coalesce(r.reference, '') AS receipt
    FROM inventory.lot_posting AS m
    JOIN inventory.posting AS p
      ON p.item_id = m.item_id AND p.location_id = m.location_id AND p.seq = m.seq
    LEFT JOIN orders.sales_order AS o ON o.id = p.source_id
    LEFT JOIN inventory.receipt AS r ON r.id = p.source_id
    WHERE m.lot_id = %(lot_id)s
      AND (%(location_ids)s::uuid[] IS NULL OR m.location_id = ANY(%(location_ids)s::uuid[]))
      AND (%(at)s::timestamptz IS NULL
           OR (p.at, m.location_id, m.seq)
              < (%(at)s::timestamptz, %(location_id)s::uuid, %(seq)s::int8))
    ORDER BY p.at DESC, m.location_id DESC, m.seq DESC
    LIMIT %(limit)s
    """,
)
