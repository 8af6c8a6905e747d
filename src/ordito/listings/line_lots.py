"""The lots of fulfillment orders' lines: what to take next, what is in hand, what has left."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from ordito.inventory.fefo import ShelfLot, propose, read_shelf_lots
from ordito.inventory.types import CellKey
from ordito.platform.arrays import ints, uuids
from ordito.platform.database import Tx, query


class LotTake(msgspec.Struct, frozen=True):
    """Pieces of a lot; of a serial number it is one."""

    lot: str
    quantity: int
    expires_on: date | None


class LineLots(msgspec.Struct, frozen=True):
    """An item of a line that is kept by lots or serial numbers, in pieces.

    proposed: what to take next, what ends first at the top. missing: pieces for which there is no
    lot on the shelf that may be sold. in_hand: picked and still here. shipped: what has left.
    """

    fo_no: int
    line_no: int
    item_id: UUID
    sku: str
    serial: bool
    proposed: tuple[LotTake, ...]
    missing: int
    in_hand: tuple[LotTake, ...]
    shipped: tuple[LotTake, ...]


class _Line(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    line_no: int
    item_id: UUID
    location_id: UUID
    sku: str
    serial: bool
    unpicked: int
    first_fit_day: date

    @property
    def cell(self) -> CellKey:
        return str(self.item_id), str(self.location_id)


class _Taken(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    line_no: int
    item_id: UUID
    lot: str
    expires_on: date | None
    in_hand: int
    shipped: int


Part = tuple[UUID, int]
"""order id, fulfillment order number"""


def read_line_lots(tx: Tx, parts: Iterable[Part]) -> dict[Part, tuple[LineLots, ...]]:
    """The lines with lots of these fulfillment orders, in their order; others are absent.

    What is proposed to several of them is not the same piece: the first one asked comes first.
    """
    asked = list(parts)
    keys = {"order_ids": uuids(part[0] for part in asked), "fo_nos": ints(n for _, n in asked)}
    lines = _LINES.all(tx, **keys, now=tx.now)
    if not lines:
        return {}
    shelf = read_shelf_lots(tx, {line.cell for line in lines if line.unpicked})
    taken: dict[tuple[UUID, int, int, UUID], list[_Taken]] = {}
    for row in _TAKEN.all(tx, **keys):
        taken.setdefault((row.order_id, row.fo_no, row.line_no, row.item_id), []).append(row)
    found: dict[Part, list[LineLots]] = {}
    for line in lines:
        rows = taken.get((line.order_id, line.fo_no, line.line_no, line.item_id), [])
        told = _tell(line, shelf.get(line.cell, []), rows)
        found.setdefault((line.order_id, line.fo_no), []).append(told)
    return {part: tuple(of_part) for part, of_part in found.items()}


def _tell(line: _Line, shelf: list[ShelfLot], rows: list[_Taken]) -> LineLots:
    """One line; what is proposed to it is taken off the shelf of the ones after it."""
    uses = dict(propose(shelf, line.unpicked, first_fit_day=line.first_fit_day))
    proposed = tuple(
        LotTake(lot.code, uses[lot.lot_id], lot.expires_on) for lot in shelf if lot.lot_id in uses
    )
    shelf[:] = [
        msgspec.structs.replace(lot, shelf=lot.shelf - uses.get(lot.lot_id, 0)) for lot in shelf
    ]
    return LineLots(
        fo_no=line.fo_no,
        line_no=line.line_no,
        item_id=line.item_id,
        sku=line.sku,
        serial=line.serial,
        proposed=proposed,
        missing=line.unpicked - sum(uses.values()),
        in_hand=tuple(LotTake(r.lot, r.in_hand, r.expires_on) for r in rows if r.in_hand),
        shipped=tuple(LotTake(r.lot, r.shipped, r.expires_on) for r in rows if r.shipped),
    )


_LINES = query(
    _Line,
    """
    SELECT l.order_id, l.fo_no, l.line_no, l.item_id, f.location_id, i.sku,
           i.tracking = 'serial' AS serial, l.qty - l.picked AS unpicked,
           (%(now)s::timestamptz AT TIME ZONE p.time_zone)::date + i.sell_days AS first_fit_day
    FROM unnest(%(order_ids)s::uuid[], %(fo_nos)s::int4[]) WITH ORDINALITY
        AS k (order_id, fo_no, place)
    JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
    JOIN fulfillment.line AS l USING (order_id, fo_no)
    JOIN catalog.item AS i ON i.id = l.item_id
    JOIN locations.location AS p ON p.id = f.location_id
    WHERE i.tracking <> 'none' AND l.qty > 0
    ORDER BY k.place, l.line_no, i.sku_key
    """,
)

_TAKEN = query(
    _Taken,
    """
    SELECT u.order_id, u.fo_no, u.line_no, u.item_id, t.code AS lot, t.expires_on,
           u.picked - u.shipped AS in_hand, u.shipped
    FROM unnest(%(order_ids)s::uuid[], %(fo_nos)s::int4[]) AS k (order_id, fo_no)
    JOIN fulfillment.line_lot AS u USING (order_id, fo_no)
    JOIN inventory.lot AS t ON t.id = u.lot_id
    WHERE u.picked > 0
    ORDER BY u.order_id, u.fo_no, u.line_no, t.expires_on NULLS LAST, t.code_key
    """,
)
