"""The follower that counts what left to customers: units by item, location and day (UTC)."""

from collections.abc import Sequence

from ordito.orders import events as order_events
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx
from ordito.platform.feed import FeedEntry
from ordito.platform.followers import Follower


def count_sold(tx: Tx, entries: Sequence[FeedEntry]) -> None:
    """Add what was shipped or handed over to its day. What comes back later was sold all the
    same."""
    _ADD.run(
        tx,
        [
            (entry.stream_id, entry.body["fo_no"], int(line_no), units, entry.at)
            for entry in entries
            for line_no, units in entry.body["lines"].items()
        ],
    )


# A kit's line is several rows of work, one for each part: pieces are units of what lies in stock.
_ADD = bulk("""
    INSERT INTO listings.sold_day AS s (item_id, location_id, day, units)
    SELECT l.item_id, w.location_id, (d.at AT TIME ZONE 'UTC')::date, sum(d.units * l.per_unit)
    FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::int8[], %s::timestamptz[])
        AS d (order_id, fo_no, line_no, units, at)
    JOIN fulfillment.fulfillment_order AS w ON w.order_id = d.order_id AND w.fo_no = d.fo_no
    JOIN fulfillment.line AS l
      ON l.order_id = d.order_id AND l.fo_no = d.fo_no AND l.line_no = d.line_no
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (item_id, location_id, day) DO UPDATE SET units = s.units + excluded.units
""")

SOLD_DAYS = Follower(
    name="sold-days",
    kinds=frozenset({order_events.UnitsShipped.kind, order_events.UnitsHandedOver.kind}),
    handle=count_sold,
    batch=1_000,
)
"""Its batch commits with its position: each event counts once."""
