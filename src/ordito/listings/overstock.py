"""Overstock: what lies at a location beyond what sells there in so many days, and its worth."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from ordito.kernel.money import to_minor
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import PlaceName
from ordito.listings.places import find_place, read_names
from ordito.listings.stock_cover import LIMITS, OVER_DAYS, SOLD, WINDOW_DAYS
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query

LIQUIDATION = "liquidation"
"""The tag of items that are to be sold off: policies, channels and lists can go by it."""


class Overstock(msgspec.Struct, frozen=True):
    """Too much of an item at a location.

    available: free units; sold: in 28 days; days_left: None where nothing sells.
    over_days: the limit that holds there; excess: units beyond what it sells in so many days.
    value_minor: of the excess at today's price in `currency`; None where it has no price in it.
    here_since: when the item first came to the location; last_sold_on: None where it never sold.
    """

    item_id: UUID
    sku: str
    name: str
    location: PlaceName
    available: int
    sold: int
    days_left: int | None
    over_days: int
    excess: int
    value_minor: int | None
    currency: str
    here_since: date
    last_sold_on: date | None
    liquidated: bool


class OverstockPage(msgspec.Struct, frozen=True):
    """The most valuable on top. next: the cursor of what follows."""

    items: tuple[Overstock, ...]
    next: str | None


class _Row(msgspec.Struct, frozen=True):
    item_id: UUID
    sku: str
    name: str
    location_id: UUID
    available: int
    sold: int
    over_days: int
    excess: int
    value: Decimal
    here_since: date
    last_sold_on: date | None
    liquidated: bool


class _Place(msgspec.Struct, frozen=True, array_like=True):
    value: Decimal
    item_id: UUID
    location_id: UUID


def report_currency(tx: Tx) -> str:
    """The currency of reports that most channels in use have, the first of the alphabet if
    several; EUR without a channel."""
    used = [c.base_currency for c in read_names(tx).channels.values() if c.active]
    return min(set(used), key=lambda code: (-used.count(code), code), default="EUR")


def list_overstock(
    tx: Tx,
    *,
    days: int | None = None,
    location: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> OverstockPage:
    """What is too much at locations in scope; raises NotFound, InvalidInput for a foreign cursor.

    days: instead of the limits that are set. What came to a location for the first time less than
    28 days ago is left out: nobody knows yet how it sells there.
    """
    names = read_names(tx)
    seen = tx.actor.location_ids
    places = [find_place(tx, names, location).id] if location else seen
    after = read_cursor(cursor, _Place) if cursor else None
    currency = report_currency(tx)
    rows = _LIST.all(
        tx,
        days=days,
        location_ids=None if places is None else uuids(sorted(places)),
        currency=currency,
        tag=LIQUIDATION,
        value=after.value if after else None,
        item_id=after.item_id if after else None,
        location_id=after.location_id if after else None,
        limit=limit + 1,
    )
    items = tuple(_tell(row, names.place(row.location_id), currency) for row in rows[:limit])
    if len(rows) <= limit:
        return OverstockPage(items, None)
    last = rows[limit - 1]
    return OverstockPage(items, write_cursor(_Place(last.value, last.item_id, last.location_id)))


def _tell(row: _Row, place: PlaceName, currency: str) -> Overstock:
    return Overstock(
        item_id=row.item_id,
        sku=row.sku,
        name=row.name,
        location=place,
        available=row.available,
        sold=row.sold,
        days_left=row.available * WINDOW_DAYS // row.sold if row.sold else None,
        over_days=row.over_days,
        excess=row.excess,
        value_minor=None if row.value < 0 else to_minor(row.value, currency),
        currency=currency,
        here_since=row.here_since,
        last_sold_on=row.last_sold_on,
        liquidated=row.liquidated,
    )


_TOO_MUCH = f"""
        SELECT k.item_id, k.location_id, i.sku, i.name, i.tags, k.available, o.over_days,
               coalesce(n.units, 0)::int8 AS sold,
               (k.available - ceil(o.over_days * coalesce(n.units, 0) / {WINDOW_DAYS}.0))::int8
                   AS excess, i.prices
        FROM inventory.stock AS k
        JOIN catalog.item AS i ON i.id = k.item_id
        JOIN locations.location AS p ON p.id = k.location_id AND p.kind <> 'history'
        LEFT JOIN ({SOLD}
        ) AS n ON n.item_id = k.item_id AND n.location_id = k.location_id {LIMITS}
        CROSS JOIN LATERAL (SELECT coalesce({{days}}, {OVER_DAYS}) AS over_days) AS o
        WHERE k.available > 0
          AND ({{places}}::uuid[] IS NULL OR k.location_id = ANY({{places}}::uuid[]))
          AND k.available * {WINDOW_DAYS} > o.over_days * coalesce(n.units, 0)"""  # noqa: S608

# What lies too long is looked up for the few that are too much: the first posting of their cell.
_HERE_SINCE = f"""
        JOIN inventory.posting AS b
          ON b.item_id = t.item_id AND b.location_id = t.location_id AND b.seq = 1
         AND b.at < now() - interval '{WINDOW_DAYS} days'"""

_LAST_SOLD = """
        LEFT JOIN LATERAL (
            SELECT d.day
            FROM listings.sold_day AS d
            WHERE d.item_id = t.item_id AND d.location_id = t.location_id
            ORDER BY d.day DESC
            LIMIT 1
        ) AS h ON true"""

_LIST = query(
    _Row,
    f"""
    SELECT t.item_id, t.sku, t.name, t.location_id, t.available, t.sold, t.over_days, t.excess,
           t.value, (b.at AT TIME ZONE 'UTC')::date AS here_since, h.day AS last_sold_on,
           %(tag)s = ANY(t.tags) AS liquidated
    FROM (
        SELECT f.item_id, f.sku, f.name, f.location_id, f.available, f.sold, f.over_days, f.excess,
               f.tags, coalesce((f.prices ->> %(currency)s)::numeric * f.excess, -1) AS value
        FROM ({_TOO_MUCH.format(days="%(days)s::int4", places="%(location_ids)s")}
        ) AS f
    ) AS t {_HERE_SINCE} {_LAST_SOLD}
    WHERE %(value)s::numeric IS NULL
       OR (-t.value, t.item_id, t.location_id)
          > (-%(value)s::numeric, %(item_id)s::uuid, %(location_id)s::uuid)
    ORDER BY -t.value, t.item_id, t.location_id
    LIMIT %(limit)s
    """,  # noqa: S608 (constants of this module)
)

EXPORT_SQL = f"""
    SELECT t.sku, t.name, p.code, t.available, t.sold,
           CASE WHEN t.sold > 0 THEN t.available * {WINDOW_DAYS} / t.sold END AS days_left,
           t.over_days, t.excess, t.price * t.excess AS value, c.currency,
           (b.at AT TIME ZONE 'UTC')::date AS here_since, h.day AS last_sold_on,
           CASE WHEN '{LIQUIDATION}' = ANY(t.tags) THEN 'yes' ELSE 'no' END AS liquidated
    FROM (
        SELECT k.base_currency AS currency
        FROM channels.channel AS k
        WHERE k.active
        GROUP BY k.base_currency
        ORDER BY count(*) DESC, k.base_currency
        LIMIT 1
    ) AS c
    CROSS JOIN LATERAL (
        SELECT f.item_id, f.sku, f.name, f.location_id, f.available, f.sold, f.over_days, f.excess,
               f.tags, (f.prices ->> c.currency)::numeric AS price
        FROM ({_TOO_MUCH.format(days="NULL::int4", places="%(locations)s")}
        ) AS f
    ) AS t
    JOIN locations.location AS p ON p.id = t.location_id {_HERE_SINCE} {_LAST_SOLD}
    ORDER BY t.price * t.excess DESC NULLS LAST, t.sku, p.code
    """  # noqa: S608 (constants of this module)
"""The whole list as rows of a file: see EXPORT_COLUMNS."""

EXPORT_COLUMNS = (
    "sku",
    "name",
    "location",
    "free",
    "sold_28_days",
    "days_left",
    "limit_days",
    "excess",
    "excess_value_at_price",
    "currency",
    "here_since",
    "last_sold_on",
    "liquidated",
)
