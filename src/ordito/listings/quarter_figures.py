"""The follower that counts what each quarter of an hour brought."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from ordito.orders import events as order_events
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import Follower

What = Literal["placed", "assigned", "shipped", "delivered", "returned"]

_Row = tuple[What, UUID, int | None, str | None, datetime, int, int]
"""what, order id, fulfillment order or None, location code or None, when, times, units"""

_BY_PART: dict[str, What] = {
    order_events.UnitsShipped.kind: "shipped",
    order_events.UnitsDelivered.kind: "delivered",
    order_events.UnitsHandedOver.kind: "delivered",
}


def count_events(tx: Tx, entries: Sequence[FeedEntry]) -> None:
    """Add what happened to the quarters it happened in. Orders of the past count as placed only."""
    _ADD.run(tx, [row for entry in entries for row in _rows(entry)])


def _rows(entry: FeedEntry) -> Iterator[_Row]:
    body = entry.body
    if entry.kind == order_events.OrderPlaced.kind:
        yield ("placed", entry.stream_id, None, None, entry.at, 1, body["units"])
    elif entry.kind == order_events.OrderSourced.kind:
        # Each place is given a part of its own.
        yield from _by_place("assigned", entry, body["reserved"].items(), each=1)
    elif entry.kind == order_events.UnitsReturned.kind:
        # One return, even when it came back to two places.
        places = body.get("places") or {None: sum(body["lines"].values())}
        yield from _by_place("returned", entry, places.items(), each=0)
    else:
        units = sum(body["lines"].values())
        yield (_BY_PART[entry.kind], entry.stream_id, body["fo_no"], None, entry.at, 1, units)


def _by_place(
    what: What, entry: FeedEntry, places: Iterable[tuple[str | None, int]], *, each: int
) -> Iterator[_Row]:
    for n, (code, units) in enumerate(places):
        yield (what, entry.stream_id, None, code, entry.at, each or int(n == 0), units)


_ADD = bulk("""
    INSERT INTO listings.quarter_figure AS f
        (quarter, what, channel_id, location_id, currency, times, units, amount_minor, unrated)
    SELECT date_bin('15 minutes', CASE d.what WHEN 'placed' THEN o.placed_at ELSE d.at END,
                    '2000-01-01 00:00+00'),
           d.what, o.channel_id,
           coalesce(w.location_id, l.id, '00000000-0000-0000-0000-000000000000'),
           o.base_currency, sum(d.times), sum(d.units),
           sum(CASE d.what WHEN 'placed' THEN coalesce(o.base_total_minor, 0) ELSE 0 END),
           count(*) FILTER (WHERE d.what = 'placed' AND o.base_total_minor IS NULL)
    FROM unnest(%s::text[], %s::uuid[], %s::int4[], %s::text[], %s::timestamptz[], %s::int8[],
                %s::int8[])
        AS d (what, order_id, fo_no, place, at, times, units)
    JOIN orders.sales_order AS o ON o.id = d.order_id
    LEFT JOIN fulfillment.fulfillment_order AS w
        ON w.order_id = d.order_id AND w.fo_no = d.fo_no
    LEFT JOIN locations.location AS l ON l.code = d.place
    WHERE d.what = 'placed' OR o.mode = 'live'
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (quarter, what, channel_id, location_id, currency) DO UPDATE
    SET times = f.times + excluded.times, units = f.units + excluded.units,
        amount_minor = f.amount_minor + excluded.amount_minor,
        unrated = f.unrated + excluded.unrated
""")

QUARTER_FIGURES = Follower(
    name="quarter-figures",
    kinds=frozenset(
        {
            order_events.OrderPlaced.kind,
            order_events.OrderSourced.kind,
            order_events.UnitsReturned.kind,
            *_BY_PART,
        }
    ),
    handle=count_events,
    batch=1_000,
)
"""Its batch commits with its position: each event counts once."""
