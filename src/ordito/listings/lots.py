"""Lots: which there are, and where they lie."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.inventory.lots import LotState
from ordito.kernel.text import normal_code
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import PlaceName
from ordito.listings.places import read_names
from ordito.listings.stock_list import scope_of
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound


class LotPlace(msgspec.Struct, frozen=True):
    """A lot's pieces at a location. shelf: what is free, promised or kept for safety there.

    in_transit: what left from there, incoming: what transfers bring to it.
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
    SELECT p.lot_id, p.location_id, sum(p.shelf)::int8 AS shelf, sum(p.picked)::int8 AS picked,
           sum(p.quality_control)::int8 AS quality_control, sum(p.damaged)::int8 AS damaged,
           sum(p.in_transit)::int8 AS in_transit, sum(p.incoming)::int8 AS incoming,
           sum(p.held_back)::int8 AS held_back
    FROM (
        SELECT s.lot_id, s.location_id, s.shelf, s.picked, s.quality_control, s.damaged,
               s.in_transit, 0 AS incoming, s.held_back
        FROM inventory.lot_stock AS s
        WHERE s.lot_id = ANY(%(lot_ids)s::uuid[]) AND s.held > 0
        UNION ALL
        SELECT u.lot_id, t.to_location_id, 0, 0, 0, 0, 0, u.shipped - u.arrived - u.missing, 0
        FROM inventory.transfer_lot AS u
        JOIN inventory.transfer AS t ON t.id = u.transfer_id
        WHERE u.lot_id = ANY(%(lot_ids)s::uuid[]) AND u.shipped > u.arrived + u.missing
    ) AS p
    WHERE %(location_ids)s::uuid[] IS NULL OR p.location_id = ANY(%(location_ids)s::uuid[])
    GROUP BY p.lot_id, p.location_id
    """,
)
