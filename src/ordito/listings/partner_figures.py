"""How partners keep what they are asked: answered in time, rejected, shipped in time."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from ordito.listings.board import seen_channels
from ordito.listings.order_types import PlaceName
from ordito.listings.partner_requests import (
    ANSWERED_IN_TIME,
    FACTS,
    REJECTED,
    SHIPPED_IN_TIME,
    partner_places,
)
from ordito.platform.arrays import uuids
from ordito.platform.database import Tx, query


class PartnerFigures(msgspec.Struct, frozen=True):
    """What a partner was asked since a moment, in requests.

    Each pair adds up to those of which it is known: what is not answered or shipped, and still in
    time, is in neither. answer_hours: the median of those answered; None without any.
    """

    location: PlaceName
    asked: int
    answered_in_time: int
    answered_late: int
    rejected: int
    shipped_in_time: int
    shipped_late: int
    answer_hours: float | None


class _Row(msgspec.Struct, frozen=True):
    location_id: UUID
    asked: int
    answered_in_time: int
    answered_late: int
    rejected: int
    shipped_in_time: int
    shipped_late: int
    answer_hours: float | None


def read_partner_figures(tx: Tx, days: int) -> tuple[datetime, list[PartnerFigures]]:
    """Since when, and the figures of each partner that the reader sees, by name; those that were
    asked nothing too."""
    since = tx.now - timedelta(days=days)
    places = partner_places(tx)
    rows = {
        row.location_id: row
        for row in _FIGURES.all(
            tx,
            location_ids=uuids(place.id for place in places),
            channel_ids=seen_channels(tx),
            since=since,
            now=tx.now,
        )
    }
    none = _Row(UUID(int=0), 0, 0, 0, 0, 0, 0, None)
    return since, [_tell(place, rows.get(place.id, none)) for place in places]


def _tell(place: PlaceName, row: _Row) -> PartnerFigures:
    known = {name: getattr(row, name) for name in _Row.__struct_fields__ if name != "location_id"}
    return PartnerFigures(location=place, **known)


_FIGURES = query(
    _Row,
    f"""
    SELECT q.location_id, count(*) AS asked,
           count(*) FILTER (WHERE q.answered_in_time) AS answered_in_time,
           count(*) FILTER (WHERE NOT q.answered_in_time) AS answered_late,
           count(*) FILTER (WHERE q.rejected) AS rejected,
           count(*) FILTER (WHERE q.shipped_in_time) AS shipped_in_time,
           count(*) FILTER (WHERE NOT q.shipped_in_time) AS shipped_late,
           (percentile_cont(0.5) WITHIN GROUP (ORDER BY q.hours))::float8 AS answer_hours
    FROM (
        SELECT r.location_id, {ANSWERED_IN_TIME} AS answered_in_time, {REJECTED} AS rejected,
               {SHIPPED_IN_TIME} AS shipped_in_time,
               CASE WHEN r.answer IN ('accepted', 'rejected')
                    THEN extract(epoch FROM r.answered_at - r.submitted_at) / 3600 END AS hours
        FROM fulfillment.request AS r
        {FACTS}
        JOIN orders.sales_order AS o ON o.id = r.order_id
        WHERE r.location_id = ANY(%(location_ids)s::uuid[]) AND r.submitted_at >= %(since)s
          AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
    ) AS q
    GROUP BY q.location_id
    """,  # noqa: S608 (constants of this module)
)
