"""Which lots the lines of fulfillment orders took, and what of them has left and come back."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query

LotLineKey = tuple[UUID, int, int, UUID]
"""order id, fo no, line no, item id"""


class LineLot(msgspec.Struct, frozen=True):
    """Pieces of a lot that a line took. picked ≥ shipped ≥ returned, each including the next."""

    order_id: UUID
    fo_no: int
    line_no: int
    item_id: UUID
    lot_id: UUID
    picked: int
    shipped: int
    returned: int

    @property
    def key(self) -> LotLineKey:
        return self.order_id, self.fo_no, self.line_no, self.item_id


def read_line_lots(tx: Tx, order_ids: Iterable[UUID]) -> list[LineLot]:
    """The lots of orders' lines, of which there are any still."""
    return _READ.all(tx, order_ids=uuids(order_ids))


_READ = query(
    LineLot,
    """
    SELECT order_id, fo_no, line_no, item_id, lot_id, picked, shipped, returned
    FROM fulfillment.line_lot
    WHERE order_id = ANY(%(order_ids)s::uuid[]) AND picked > 0
    ORDER BY order_id, fo_no, line_no, item_id, lot_id
    """,
)

Change = tuple[int, int, int]
"""pieces more picked, shipped, returned"""


def change_line_lots(tx: Tx, changes: Mapping[tuple[LotLineKey, UUID], Change]) -> None:
    """Add to what lines took of lots; the caller holds the orders' locks."""
    rows = [(*key, lot_id, *change) for (key, lot_id), change in sorted(changes.items())]
    _MAKE.run(tx, [row[:5] for row in rows])
    touched = _CHANGE.run(tx, rows)
    assert touched == len(rows), "the rows were just made"


_MAKE = bulk("""
    INSERT INTO fulfillment.line_lot (order_id, fo_no, line_no, item_id, lot_id)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::uuid[], %s::uuid[])
    ON CONFLICT DO NOTHING
""")

_CHANGE = bulk("""
    UPDATE fulfillment.line_lot AS l
    SET picked = l.picked + d.picked, shipped = l.shipped + d.shipped,
        returned = l.returned + d.returned
    FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::uuid[], %s::uuid[], %s::int8[],
                %s::int8[], %s::int8[])
        AS d (order_id, fo_no, line_no, item_id, lot_id, picked, shipped, returned)
    WHERE l.order_id = d.order_id AND l.fo_no = d.fo_no AND l.line_no = d.line_no
      AND l.item_id = d.item_id AND l.lot_id = d.lot_id
""")


def sum_in_hand(rows: Sequence[LineLot]) -> dict[LotLineKey, dict[UUID, int]]:
    """Pieces that are picked and still here, by line and lot."""
    found: dict[LotLineKey, dict[UUID, int]] = {}
    for row in rows:
        if row.picked > row.shipped:
            found.setdefault(row.key, {})[row.lot_id] = row.picked - row.shipped
    return found
