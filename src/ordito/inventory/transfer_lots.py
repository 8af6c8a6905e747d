"""Which lots transfers took along, and what became of them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ordito.inventory.lot_book import LotUse
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class TransferLot(msgspec.Struct, frozen=True):
    """Pieces of a lot that a line of a transfer took along."""

    line_no: int
    lot_id: UUID
    lot: str
    expires_on: date | None
    shipped: int
    arrived: int
    missing: int

    @property
    def open(self) -> int:
        """On its way."""
        return self.shipped - self.arrived - self.missing


def read_transfer_lots(tx: Tx, transfer_id: UUID) -> list[TransferLot]:
    """The lots of a transfer by line, what ends first first."""
    return _READ.all(tx, transfer_id=transfer_id)


_READ = query(
    TransferLot,
    """
    SELECT t.line_no, t.lot_id, l.code AS lot, l.expires_on, t.shipped, t.arrived, t.missing
    FROM inventory.transfer_lot AS t
    JOIN inventory.lot AS l ON l.id = t.lot_id
    WHERE t.transfer_id = %(transfer_id)s
    ORDER BY t.line_no, l.expires_on NULLS LAST, l.code_key
    """,
)


def insert_transfer_lots(tx: Tx, transfer_id: UUID, uses: Sequence[tuple[int, LotUse]]) -> None:
    """Write what leaves: (line no, lot and pieces) each."""
    _INSERT.run(tx, [(transfer_id, line_no, *use) for line_no, use in uses])


_INSERT = bulk("""
    INSERT INTO inventory.transfer_lot (transfer_id, line_no, lot_id, shipped)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[])
""")


def end_transfer_lots(
    tx: Tx, transfer_id: UUID, uses: Sequence[tuple[int, UUID, int, int]]
) -> None:
    """Add what arrived and what went missing: (line no, lot id, arrived, missing) each."""
    _END.run(tx, [(transfer_id, *use) for use in uses])


_END = bulk("""
    UPDATE inventory.transfer_lot AS t
    SET arrived = t.arrived + d.arrived, missing = t.missing + d.missing
    FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[], %s::int8[])
        AS d (transfer_id, line_no, lot_id, arrived, missing)
    WHERE t.transfer_id = d.transfer_id AND t.line_no = d.line_no AND t.lot_id = d.lot_id
""")
