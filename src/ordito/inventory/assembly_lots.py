"""Which lots assemblies took of their parts, gave back, and made."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ordito.inventory.lot_book import LotUse
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class PartLot(msgspec.Struct, frozen=True):
    """Pieces of a lot that an assembly took for a part."""

    assembly_id: UUID
    line_no: int
    lot_id: UUID
    lot: str
    expires_on: date | None
    taken: int
    returned: int

    @property
    def open(self) -> int:
        """Not given back: used, thrown away, or still to be used."""
        return self.taken - self.returned


class MadeLot(msgspec.Struct, frozen=True):
    """Units of a lot that an assembly made."""

    assembly_id: UUID
    lot_id: UUID
    lot: str
    expires_on: date | None
    made: int


def read_part_lots(tx: Tx, assembly_ids: Iterable[UUID]) -> list[PartLot]:
    """The lots of parts of assemblies, what ends first first."""
    return _PART_LOTS.all(tx, assembly_ids=uuids(assembly_ids))


_PART_LOTS = query(
    PartLot,
    """
    SELECT p.assembly_id, p.line_no, p.lot_id, l.code AS lot, l.expires_on, p.taken, p.returned
    FROM inventory.assembly_part_lot AS p
    JOIN inventory.lot AS l ON l.id = p.lot_id
    WHERE p.assembly_id = ANY(%(assembly_ids)s::uuid[])
    ORDER BY p.assembly_id, p.line_no, l.expires_on NULLS LAST, l.code_key
    LIMIT 100000
    """,
)


def read_made_lots(tx: Tx, assembly_ids: Iterable[UUID]) -> list[MadeLot]:
    """The lots that assemblies made, what ends first first."""
    return _MADE_LOTS.all(tx, assembly_ids=uuids(assembly_ids))


_MADE_LOTS = query(
    MadeLot,
    """
    SELECT m.assembly_id, m.lot_id, l.code AS lot, l.expires_on, m.made
    FROM inventory.assembly_made_lot AS m
    JOIN inventory.lot AS l ON l.id = m.lot_id
    WHERE m.assembly_id = ANY(%(assembly_ids)s::uuid[])
    ORDER BY m.assembly_id, l.expires_on NULLS LAST, l.code_key
    LIMIT 100000
    """,
)

PartLotUse = tuple[int, LotUse]
"""Line no of a part, and pieces of a lot."""


def take_part_lots(tx: Tx, assembly_id: UUID, uses: Sequence[PartLotUse]) -> None:
    """Write what a locked assembly takes, once, as it is started."""
    _TAKE.run(tx, [(assembly_id, line_no, *use) for line_no, use in uses])


_TAKE = bulk("""
    INSERT INTO inventory.assembly_part_lot (assembly_id, line_no, lot_id, taken)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[])
""")


def return_part_lots(tx: Tx, assembly_id: UUID, uses: Sequence[PartLotUse]) -> None:
    """Add what a locked assembly gives back of lots that it took."""
    _RETURN.run(tx, [(assembly_id, line_no, *use) for line_no, use in uses])


_RETURN = bulk("""
    UPDATE inventory.assembly_part_lot AS p
    SET returned = p.returned + d.qty
    FROM unnest(%s::uuid[], %s::int4[], %s::uuid[], %s::int8[])
        AS d (assembly_id, line_no, lot_id, qty)
    WHERE p.assembly_id = d.assembly_id AND p.line_no = d.line_no AND p.lot_id = d.lot_id
""")


def add_made_lots(tx: Tx, assembly_id: UUID, uses: Sequence[LotUse]) -> None:
    """Add what a locked assembly made of lots."""
    _ADD_MADE.run(tx, [(assembly_id, *use) for use in uses])


_ADD_MADE = bulk("""
    INSERT INTO inventory.assembly_made_lot AS m (assembly_id, lot_id, made)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int8[])
    ON CONFLICT (assembly_id, lot_id) DO UPDATE SET made = m.made + excluded.made
""")
