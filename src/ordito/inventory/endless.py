"""What suppliers have without an end: items of their locations whose stock is filled up again."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from ordito.inventory.types import CellKey
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement

FILLED_TO = 10_000
"""Free units that such an item has when it was filled: more than any order takes."""
FILLED_BELOW = FILLED_TO // 2


class EndlessItem(msgspec.Struct, frozen=True):
    """An item that a supplier never runs out of. lead_days: before its work on an order begins."""

    location_id: UUID
    item_id: UUID
    lead_days: int


def read_endless(tx: Tx, location_id: UUID) -> list[EndlessItem]:
    """All such items of a location, at most as many as can be set."""
    return _OF_PLACE.all(tx, location_id=location_id, limit=ENDLESS_MAX)


ENDLESS_MAX = 10_000
"""Items that a location has without an end, at most."""

_OF_PLACE = query(
    EndlessItem,
    """
    SELECT location_id, item_id, lead_days
    FROM inventory.endless_item
    WHERE location_id = %(location_id)s
    ORDER BY item_id
    LIMIT %(limit)s
    """,
)


def read_lead_days(tx: Tx) -> list[EndlessItem]:
    """Those of all locations whose work begins only days later."""
    return _LEADS.all(tx)


_LEADS = query(
    EndlessItem,
    """
    SELECT location_id, item_id, lead_days
    FROM inventory.endless_item
    WHERE lead_days > 0
    """,
)


def replace_endless(tx: Tx, location_id: UUID, rows: Sequence[tuple[UUID, int]]) -> None:
    """These items (item id, lead days) and no others; the caller holds the location's lock."""
    _DELETE.run(tx, location_id=location_id)
    _INSERT.run(tx, [(location_id, *row) for row in rows])


_DELETE = statement("DELETE FROM inventory.endless_item WHERE location_id = %(location_id)s")

_INSERT = bulk("""
    INSERT INTO inventory.endless_item (location_id, item_id, lead_days)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int4[])
""")


def end_endless(tx: Tx, location_id: UUID, item_ids: Iterable[UUID | str]) -> int:
    """Somebody said how many there are: they have an end now. How many had none."""
    return len(_END.all(tx, location_id=location_id, item_ids=uuids(item_ids)))


_END = query(
    UUID,
    """
    DELETE FROM inventory.endless_item
    WHERE location_id = %(location_id)s AND item_id = ANY(%(item_ids)s::uuid[])
    RETURNING item_id
    """,
)


class _Low(msgspec.Struct, frozen=True):
    item_id: UUID
    location_id: UUID


def find_low(tx: Tx, *, limit: int) -> list[CellKey]:
    """Cells of such items with fewer free units than they should have."""
    rows = _LOW.all(tx, below=FILLED_BELOW, limit=limit)
    return [(str(row.item_id), str(row.location_id)) for row in rows]


_LOW = query(
    _Low,
    """
    SELECT e.item_id, e.location_id
    FROM inventory.endless_item AS e
    LEFT JOIN inventory.stock AS s ON s.item_id = e.item_id AND s.location_id = e.location_id
    WHERE coalesce(s.available, 0) < %(below)s
    ORDER BY e.item_id, e.location_id
    LIMIT %(limit)s
    """,
)


def still_endless(tx: Tx, cells: Iterable[CellKey]) -> list[CellKey]:
    """Of these cells those whose items have no end, read under the cells' locks."""
    keys = sorted(cells)
    rows = _STILL.all(
        tx, item_ids=uuids(k[0] for k in keys), location_ids=uuids(k[1] for k in keys)
    )
    return [(str(row.item_id), str(row.location_id)) for row in rows]


_STILL = query(
    _Low,
    """
    SELECT e.item_id, e.location_id
    FROM unnest(%(item_ids)s::uuid[], %(location_ids)s::uuid[]) AS k (item_id, location_id)
    JOIN inventory.endless_item AS e USING (item_id, location_id)
    ORDER BY e.item_id, e.location_id
    """,
)
