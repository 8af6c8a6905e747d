"""Cover: for how many days the stock of an item lasts, as fast as it has sold lately.

Sold are the units that left to customers in the last 28 days, today included; a day's sales are a
28th of them. What is on its way to a location counts as there.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from ordito.inventory.limits import LowBy
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk_query
from ordito.platform.database import Tx, query

WINDOW_DAYS = 28

SOLD = f"""
        SELECT d.item_id, d.location_id, sum(d.units) AS units, max(d.day) AS last_on
        FROM listings.sold_day AS d
        WHERE d.day > (now() AT TIME ZONE 'UTC')::date - {WINDOW_DAYS}
        GROUP BY d.item_id, d.location_id"""  # noqa: S608 (a constant of this module)
"""Units sold of each item at each location; nothing sold, no row."""

LIMITS = """
        LEFT JOIN inventory.stock_limit AS l1
          ON l1.item_id = k.item_id AND l1.location_id = k.location_id AND NOT l1.together
        LEFT JOIN inventory.stock_limit AS l2
          ON l2.item_id = k.item_id AND l2.location_id IS NULL AND NOT l2.together
        LEFT JOIN inventory.stock_limit AS l3
          ON l3.item_id IS NULL AND l3.location_id = k.location_id AND NOT l3.together
        LEFT JOIN inventory.stock_limit AS l4
          ON l4.item_id IS NULL AND l4.location_id IS NULL AND NOT l4.together"""
"""The limits that may hold for `k` (item_id, location_id), the most exact first."""

LOW_BY = "coalesce(l1.low_by, l2.low_by, l3.low_by, l4.low_by)"
LOW_AT = """CASE WHEN l1.low_by IS NOT NULL THEN l1.low_at WHEN l2.low_by IS NOT NULL THEN l2.low_at
                WHEN l3.low_by IS NOT NULL THEN l3.low_at ELSE l4.low_at END"""
OVER_DAYS = "coalesce(l1.over_days, l2.over_days, l3.over_days, l4.over_days)"

TOTAL_LIMITS = """
        LEFT JOIN inventory.stock_limit AS l1
          ON l1.item_id = k.item_id AND l1.location_id IS NULL AND l1.together
        LEFT JOIN inventory.stock_limit AS l2
          ON l2.item_id IS NULL AND l2.location_id IS NULL AND l2.together"""
TOTAL_LOW_BY = "coalesce(l1.low_by, l2.low_by)"
TOTAL_LOW_AT = "CASE WHEN l1.low_by IS NOT NULL THEN l1.low_at ELSE l2.low_at END"


class Cover(msgspec.Struct, frozen=True):
    """What there is of an item at a location (None: at all together), and how fast it sells.

    available: free units; coming: units on their way there; sold: in WINDOW_DAYS days.
    low_by, low_at, over_days: the limits that hold for it; low_by None: none is set.
    """

    item_id: UUID
    location_id: UUID | None
    available: int
    coming: int
    sold: int
    last_sold_on: date | None
    low_by: LowBy | None
    low_at: int | None
    over_days: int | None

    @property
    def there(self) -> int:
        return self.available + self.coming

    @property
    def days_left(self) -> int | None:
        """Whole days that it lasts; None where nothing was sold."""
        return self.there * WINDOW_DAYS // self.sold if self.sold else None

    @property
    def is_low(self) -> bool:
        if self.low_at is None:
            return False
        if self.low_by == "units":
            return self.there <= self.low_at
        return self.sold > 0 and self.there * WINDOW_DAYS <= self.low_at * self.sold

    def units_for(self, days: int) -> int:
        """Units that so many days sell, rounded up."""
        return -(-days * self.sold // WINDOW_DAYS)

    def runs_out_on(self, today: date) -> date | None:
        """The day by whose end nothing is left; None where nothing sells, or in 10 years."""
        left = self.days_left
        return today + timedelta(days=left) if left is not None and left < 3650 else None


class CoverOfTwo(msgspec.Struct, frozen=True):
    """Between which locations units might go, and how many."""

    from_id: UUID
    to_id: UUID
    quantity: int


def read_covers(
    tx: Tx, keys: Iterable[tuple[UUID, UUID | None]]
) -> dict[tuple[UUID, UUID | None], Cover]:
    """Covers by (item, location); with None, of all locations that the reader sees together."""
    wanted = sorted(set(keys), key=str)
    rows: list[Cover] = _AT.all_rows(tx, [key for key in wanted if key[1] is not None])
    rows += _TOGETHER.all(tx, item_ids=uuids([item for item, place in wanted if place is None]))
    return {(row.item_id, row.location_id): row for row in rows}


_AT = bulk_query(
    Cover,
    f"""
    SELECT k.item_id, k.location_id, coalesce(s.available, 0) AS available,
           coalesce(s.incoming, 0) AS coming, coalesce(n.units, 0)::int8 AS sold,
           h.day AS last_sold_on, {LOW_BY} AS low_by, {LOW_AT} AS low_at, {OVER_DAYS} AS over_days
    FROM unnest(%s::uuid[], %s::uuid[]) AS k (item_id, location_id)
    LEFT JOIN inventory.stock AS s ON s.item_id = k.item_id AND s.location_id = k.location_id
    LEFT JOIN LATERAL (
        SELECT sum(d.units) AS units
        FROM listings.sold_day AS d
        WHERE d.item_id = k.item_id AND d.location_id = k.location_id
          AND d.day > (now() AT TIME ZONE 'UTC')::date - {WINDOW_DAYS}
    ) AS n ON true
    LEFT JOIN LATERAL (
        SELECT d.day
        FROM listings.sold_day AS d
        WHERE d.item_id = k.item_id AND d.location_id = k.location_id
        ORDER BY d.day DESC
        LIMIT 1
    ) AS h ON true {LIMITS}
    """,  # noqa: S608 (constants of this module)
)

_TOGETHER = query(
    Cover,
    f"""
    SELECT k.item_id, NULL::uuid AS location_id, coalesce(s.available, 0)::int8 AS available,
           coalesce(s.coming, 0)::int8 AS coming, coalesce(n.units, 0)::int8 AS sold,
           n.day AS last_sold_on, {TOTAL_LOW_BY} AS low_by, {TOTAL_LOW_AT} AS low_at,
           NULL::int4 AS over_days
    FROM unnest(%(item_ids)s::uuid[]) AS k (item_id)
    LEFT JOIN LATERAL (
        SELECT sum(c.available) AS available, sum(c.incoming) AS coming
        FROM inventory.stock AS c
        JOIN locations.location AS p ON p.id = c.location_id
        WHERE c.item_id = k.item_id AND p.active AND p.kind <> 'history'
    ) AS s ON true
    LEFT JOIN LATERAL (
        SELECT sum(d.units) FILTER (
                   WHERE d.day > (now() AT TIME ZONE 'UTC')::date - {WINDOW_DAYS}) AS units,
               max(d.day) AS day
        FROM listings.sold_day AS d
        WHERE d.item_id = k.item_id
    ) AS n ON true {TOTAL_LIMITS}
    """,  # noqa: S608 (constants of this module)
)


def read_item_covers(tx: Tx, item_ids: Iterable[UUID]) -> dict[UUID, list[Cover]]:
    """Covers at every open location in scope that has an item or sold it lately, by item."""
    seen = tx.actor.location_ids
    keys = _PLACES.all(
        tx,
        item_ids=uuids(sorted(set(item_ids))),
        location_ids=None if seen is None else uuids(sorted(seen)),
    )
    found: dict[UUID, list[Cover]] = {}
    for cover in read_covers(tx, [(key.item_id, key.location_id) for key in keys]).values():
        found.setdefault(cover.item_id, []).append(cover)
    return found


class _Key(msgspec.Struct, frozen=True):
    item_id: UUID
    location_id: UUID


_PLACES = query(
    _Key,
    f"""
    SELECT f.item_id, f.location_id
    FROM (
        SELECT s.item_id, s.location_id
        FROM inventory.stock AS s
        WHERE s.item_id = ANY(%(item_ids)s::uuid[])
        UNION
        SELECT d.item_id, d.location_id
        FROM listings.sold_day AS d
        WHERE d.item_id = ANY(%(item_ids)s::uuid[])
          AND d.day > (now() AT TIME ZONE 'UTC')::date - {WINDOW_DAYS}
    ) AS f
    JOIN locations.location AS p ON p.id = f.location_id
    WHERE p.active AND p.kind <> 'history'
      AND (%(location_ids)s::uuid[] IS NULL OR p.id = ANY(%(location_ids)s::uuid[]))
    ORDER BY f.item_id, p.code
    LIMIT 50000
    """,  # noqa: S608 (a constant of this module)
)


def suggest_supply(covers: Sequence[Cover], place_id: UUID) -> CoverOfTwo | None:
    """What could go to a location that runs low: from where most is left beyond what sells there.

    So much that the location has what it sells in WINDOW_DAYS days, or one unit more than its
    limit; never so much that the giving location has less than its own.
    """
    to = next((cover for cover in covers if cover.location_id == place_id), None)
    if to is None:
        return None
    aim = max(to.sold, (to.low_at or 0) + 1 if to.low_by == "units" else 0, 1)
    spare = {
        cover.location_id: cover.available - _kept(cover)
        for cover in covers
        if cover.location_id not in (None, place_id)
    }
    best = max(spare, key=lambda place: (spare[place], str(place)), default=None)
    if best is None or spare[best] <= 0:
        return None
    quantity = min(max(aim - to.there, 1), spare[best])
    return CoverOfTwo(best, place_id, quantity)


def suggest_outlet(covers: Sequence[Cover], place_id: UUID, excess: int) -> CoverOfTwo | None:
    """Where what a location has too much of could go: where it sells, and least is left."""
    selling = [
        cover
        for cover in covers
        if cover.sold and cover.location_id not in (None, place_id)
        and cover.units_for(2 * WINDOW_DAYS) > cover.there
    ]  # fmt: skip
    if not selling:
        return None
    best = min(selling, key=lambda cover: (cover.days_left or 0, -cover.sold))
    assert best.location_id is not None, "covers at locations were asked for"
    quantity = min(excess, best.units_for(2 * WINDOW_DAYS) - best.there)
    return CoverOfTwo(place_id, best.location_id, quantity)


def _kept(cover: Cover) -> int:
    """What a location that gives units away keeps for itself."""
    limit = cover.low_at or 0
    own = limit + 1 if cover.low_by == "units" else cover.units_for(limit)
    return max(cover.sold, own if cover.low_by in ("units", "days") else 0)
