"""Stock limits: from when on an item is low somewhere, or lies there for too long."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from ordito.kernel.asks import Ask, Code, Sku
from ordito.kernel.ids import new_id
from ordito.platform.bulk import bulk, bulk_query
from ordito.platform.database import Tx
from ordito.platform.events import RaisedVersion, Stream

LIMITS_MAX = 1000
"""Limits of one ask."""

LowBy = Literal["units", "days", "off"]
"""units: so many or fewer. days: enough for so many days or fewer, as fast as it sells. off: never
low."""


class LimitLine(Ask, frozen=True, kw_only=True):
    """A limit, whole: with neither side said, what is said less exactly elsewhere counts again.

    sku:      null is all items.
    location: null is each location.
    together: of the stock at all locations together.
    over_days: more than sells in so many days is too much.
    """

    sku: Sku | None = None
    location: Code | None = None
    together: bool = False
    low_by: LowBy | None = None
    low_at: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    over_days: Annotated[int, Meta(ge=1, le=3650)] | None = None


class SetStockLimits(Ask, frozen=True, kw_only=True):
    """Limits of some items and locations; the others stay. All are set, or none."""

    limits: Annotated[tuple[LimitLine, ...], Meta(min_length=1, max_length=LIMITS_MAX)]


class StockLimit(msgspec.Struct, frozen=True):
    """A limit as it is kept."""

    item_id: UUID | None
    location_id: UUID | None
    together: bool
    low_by: LowBy | None
    low_at: int | None
    over_days: int | None

    @property
    def key(self) -> tuple[UUID | None, UUID | None, bool]:
        return self.item_id, self.location_id, self.together


class LimitsSet(msgspec.Struct, frozen=True):
    """How many limits are others than before."""

    changed: int


def read_limits(tx: Tx, keys: Sequence[tuple[UUID | None, UUID | None, bool]]) -> list[StockLimit]:
    """Those of these limits that there are."""
    return _READ.all_rows(tx, keys)


_READ = bulk_query(
    StockLimit,
    """
    SELECT l.item_id, l.location_id, l.together, l.low_by, l.low_at, l.over_days
    FROM unnest(%s::uuid[], %s::uuid[], %s::bool[]) AS d (item_id, location_id, together)
    JOIN inventory.stock_limit AS l
      ON l.item_id IS NOT DISTINCT FROM d.item_id
     AND l.location_id IS NOT DISTINCT FROM d.location_id
     AND l.together = d.together
    """,
)


def put_limits(tx: Tx, limits: Sequence[StockLimit]) -> None:
    """Write limits; one that says nothing is taken away. The caller holds the limits' lock."""
    kept = [one for one in limits if one.low_by is not None or one.over_days is not None]
    gone = [one for one in limits if one.low_by is None and one.over_days is None]
    _PUT.run(tx, [(new_id(), *one.key, one.low_by, one.low_at, one.over_days) for one in kept])
    _DROP.run(tx, [one.key for one in gone])


_PUT = bulk("""
    INSERT INTO inventory.stock_limit
        (id, item_id, location_id, together, low_by, low_at, over_days)
    SELECT d.id, d.item_id, d.location_id, d.together, d.low_by, d.low_at, d.over_days
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bool[], %s::text[], %s::int4[],
                %s::int4[])
        AS d (id, item_id, location_id, together, low_by, low_at, over_days)
    ON CONFLICT (item_id, location_id, together) DO UPDATE
    SET low_by = excluded.low_by, low_at = excluded.low_at, over_days = excluded.over_days
""")

_DROP = bulk("""
    DELETE FROM inventory.stock_limit AS l
    USING unnest(%s::uuid[], %s::uuid[], %s::bool[]) AS d (item_id, location_id, together)
    WHERE l.item_id IS NOT DISTINCT FROM d.item_id
      AND l.location_id IS NOT DISTINCT FROM d.location_id
      AND l.together = d.together
""")

LIMITS_ID = UUID("6c696d69-7473-8874-8000-000000000001")
"""The stream of all stock limits."""

STOCK_LIMITS = Stream(
    "stock_limits",
    bulk_query(
        RaisedVersion,
        # Limits come and go: whoever emits holds the lock of them all, and counts the events.
        """
        SELECT d.id, d.n + coalesce(
                   (SELECT max(e.seq) FROM platform.event AS e WHERE e.stream_id = d.id), 0
               ) AS version
        FROM unnest(%s::uuid[], %s::int8[]) AS d (id, n)
        """,
    ),
)
"""The timeline of the limits."""
