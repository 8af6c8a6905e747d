"""Promises that came due, and whether they were kept: scored once a night, read by groups."""

from datetime import date
from typing import Literal

import msgspec

from ordito.platform.database import Query, Tx, query, statement

Grouping = Literal["month", "location", "tariff", "channel"]
Basis = Literal["learned", "calendar"]

LATER_DAYS = 100
"""What is reported later than so many days after the promise changes no score any more."""


class Score(msgspec.Struct, frozen=True):
    """Promises of one group that came due.

    group:   an ISO month (its first day), a location's or channel's id, or a tariff's code.
    stated:  sum of their stated probabilities, in thousandths; 0 for those by calendar.
    unknown: left in time, and the carrier never said when they arrived.
    """

    group: str
    basis: Basis
    parts: int
    kept: int
    broken: int
    unknown: int
    stated: int


def refresh_scores(tx: Tx) -> int:
    """Score the promises that came due, those of the last months anew; returns how many groups.

    Kept: all parcels arrived by the day promised. Broken: one arrived later, left later, or is
    there still. What was cancelled or given back by its location is not counted.
    """
    first = _FIRST.one(tx, now=tx.now, days=LATER_DAYS)
    _FORGET.run(tx, first=first)
    return _SCORE.run(tx, first=first, now=tx.now)


_FIRST = query(
    date,
    """
    SELECT CASE WHEN EXISTS (SELECT FROM listings.promise_score)
                THEN date_trunc('month', %(now)s::timestamptz AT TIME ZONE 'UTC'
                                         - make_interval(days => %(days)s))::date
                ELSE '1970-01-01'::date END
    """,
)

_FORGET = statement("DELETE FROM listings.promise_score WHERE month >= %(first)s")

_SCORE = statement("""
    INSERT INTO listings.promise_score
        (month, channel_id, location_id, tariff, basis, parts, kept, broken, unknown, stated)
    SELECT d.month, d.channel_id, d.location_id, d.tariff, d.basis, count(*),
           count(*) FILTER (WHERE d.outcome = 'kept'),
           count(*) FILTER (WHERE d.outcome = 'broken'),
           count(*) FILTER (WHERE d.outcome = 'unknown'),
           coalesce(sum(d.probability) FILTER (WHERE d.outcome <> 'unknown'), 0)
    FROM (
        SELECT date_trunc('month', p.delivers_on)::date AS month, o.channel_id, f.location_id,
               p.tariff, c.probability,
               CASE WHEN c.model IS NULL THEN 'calendar' ELSE 'learned' END AS basis,
               CASE
                   WHEN f.state = 'delivered' AND s.arrived_on <= p.delivers_on THEN 'kept'
                   WHEN f.state = 'shipped' AND s.sent_on <= p.delivers_on THEN 'unknown'
                   ELSE 'broken'
               END AS outcome
        FROM fulfillment.promise AS p
        JOIN fulfillment.fulfillment_order AS f ON f.order_id = p.order_id AND f.fo_no = p.fo_no
        JOIN orders.sales_order AS o ON o.id = p.order_id
        JOIN locations.location AS l ON l.id = f.location_id
        LEFT JOIN fulfillment.forecast AS c ON c.order_id = p.order_id AND c.fo_no = p.fo_no
        CROSS JOIN LATERAL (
            SELECT (max(x.shipped_at) AT TIME ZONE l.time_zone)::date AS sent_on,
                   (max(x.delivered_at) AT TIME ZONE l.time_zone)::date AS arrived_on
            FROM fulfillment.parcel AS x
            WHERE x.order_id = p.order_id AND x.fo_no = p.fo_no
        ) AS s
        WHERE p.delivers_on >= %(first)s
          AND p.delivers_on < (%(now)s::timestamptz AT TIME ZONE l.time_zone)::date
          AND f.delivery = 'ship' AND f.destination_id IS NULL AND o.mode = 'live'
          AND f.state IN ('open', 'released', 'picking', 'picked', 'packed', 'shipped',
                          'delivered')
    ) AS d
    GROUP BY d.month, d.channel_id, d.location_id, d.tariff, d.basis
""")


def list_scores(tx: Tx, by: Grouping, since: date, until: date) -> list[Score]:
    """Scores of the months from `since` to before `until`, by groups; most promises first, months
    newest first."""
    return _SCORES[by].all(tx, since=since, until=until)


def _grouped(group: str, order: str) -> Query[Score]:
    return query(
        Score,
        f"""
        SELECT {group} AS "group", s.basis, sum(s.parts)::int8 AS parts,
               sum(s.kept)::int8 AS kept, sum(s.broken)::int8 AS broken,
               sum(s.unknown)::int8 AS unknown, sum(s.stated)::int8 AS stated
        FROM listings.promise_score AS s
        WHERE s.month >= %(since)s AND s.month < %(until)s
        GROUP BY 1, 2
        ORDER BY {order}
        LIMIT 1000
        """,  # noqa: S608 (constants of this module)
    )


_SCORES: dict[Grouping, Query[Score]] = {
    "month": _grouped("s.month::text", "1 DESC, 2 DESC"),
    "location": _grouped("s.location_id::text", "3 DESC, 1, 2 DESC"),
    "tariff": _grouped("s.tariff", "3 DESC, 1, 2 DESC"),
    "channel": _grouped("s.channel_id::text", "3 DESC, 1, 2 DESC"),
}
