"""Stock limits with the names of their items and locations."""

from uuid import UUID

import msgspec

from ordito.inventory.limits import LowBy
from ordito.kernel.text import normal_code
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class NamedLimit(msgspec.Struct, frozen=True):
    """A limit with names: sku and location are null where it is of all. together: of the stock at
    all locations together."""

    id: UUID
    sku: str | None
    name: str
    location: str | None
    together: bool
    low_by: LowBy | None
    low_at: int | None
    over_days: int | None


def list_limits(
    tx: Tx,
    *,
    sku: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[NamedLimit]:
    """Limits with names, in scope, by id: the first made on top."""
    seen = tx.actor.location_ids
    return _LIST.all(
        tx,
        location_ids=None if seen is None else uuids(sorted(seen)),
        sku=normal_code(sku) if sku else None,
        after=after or UUID(int=0),
        limit=limit,
    )


_LIST = query(
    NamedLimit,
    """
    SELECT l.id, i.sku, coalesce(i.name, '') AS name, p.code AS location, l.together, l.low_by,
           l.low_at, l.over_days
    FROM inventory.stock_limit AS l
    LEFT JOIN catalog.item AS i ON i.id = l.item_id
    LEFT JOIN locations.location AS p ON p.id = l.location_id
    WHERE l.id > %(after)s
      AND (%(sku)s::text IS NULL OR i.sku_key = %(sku)s::text)
      AND (%(location_ids)s::uuid[] IS NULL OR l.location_id IS NULL
           OR l.location_id = ANY(%(location_ids)s::uuid[]))
    ORDER BY l.id
    LIMIT %(limit)s
    """,
)
