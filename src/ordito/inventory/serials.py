"""Serial numbers: one unit is in one place."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class SerialPlace(msgspec.Struct, frozen=True):
    """Where the unit with a serial number is."""

    lot_id: UUID
    location_id: UUID


def find_serials(tx: Tx, lot_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Lot id → id of the location that has the unit, for serial numbers that are in stock."""
    return {row.lot_id: row.location_id for row in _PLACES.all(tx, lot_ids=uuids(lot_ids))}


_PLACES = query(
    SerialPlace,
    """
    SELECT s.lot_id, s.location_id
    FROM inventory.lot_stock AS s
    WHERE s.lot_id = ANY(%(lot_ids)s::uuid[]) AND s.serial AND s.held > 0
    """,
)
