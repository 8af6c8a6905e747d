"""What became of parts of orders: when they left and arrived, counted for learning."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query

ROWS_MOST = 2_000_000


class SentParts(msgspec.Struct, frozen=True):
    """Parts of orders of one location that came and left on the same days.

    tariff:  of the service that was promised; "" without one.
    due_on:  day of sending by calendar and queue, where one was worked out.
    late:    whether they came after the cut-off of now. sent_on: None for those not sent yet.
    """

    location_id: UUID
    tariff: str
    due_on: date | None
    placed_on: date
    late: bool
    sent_on: date | None
    parts: int


class ArrivedParcels(msgspec.Struct, frozen=True):
    """Parcels of one location that left and arrived on the same days.

    from_on, to_on: days of sending and delivery by calendar, where they were worked out.
    """

    location_id: UUID
    tariff: str
    country: str
    from_on: date | None
    to_on: date | None
    sent_on: date
    arrived_on: date
    parts: int


class Throughput(msgspec.Struct, frozen=True):
    """Pieces that a location sent in one of its busy hours, over so many days."""

    location_id: UUID
    units: int
    days: int


def count_sent(tx: Tx, since: datetime, until: datetime) -> list[SentParts]:
    """Parts to be shipped that came in a period, also those that wait still.

    Left out: what was cancelled or given back, and what was asked for a later day.
    """
    return _SENT.all(tx, since=since, until=until, limit=ROWS_MOST)


_SENT = query(
    SentParts,
    """
    SELECT d.location_id, d.tariff, d.due_on, d.placed_on, d.late, d.sent_on,
           count(*)::int8 AS parts
    FROM (
        SELECT f.location_id, coalesce(p.tariff, '') AS tariff,
               coalesce(c.calendar_on, p.ships_on) AS due_on,
               (f.created_at AT TIME ZONE l.time_zone)::date AS placed_on,
               coalesce(to_char(f.created_at AT TIME ZONE l.time_zone, 'HH24:MI') > l.cut_off,
                        false) AS late,
               CASE WHEN f.state IN ('shipped', 'delivered')
                    THEN ((SELECT max(x.shipped_at)
                           FROM fulfillment.parcel AS x
                           WHERE x.order_id = f.order_id AND x.fo_no = f.fo_no)
                          AT TIME ZONE l.time_zone)::date END AS sent_on
        FROM fulfillment.fulfillment_order AS f
        JOIN orders.sales_order AS o ON o.id = f.order_id
        JOIN locations.location AS l ON l.id = f.location_id
        LEFT JOIN fulfillment.promise AS p ON p.order_id = f.order_id AND p.fo_no = f.fo_no
        LEFT JOIN fulfillment.forecast AS c ON c.order_id = f.order_id AND c.fo_no = f.fo_no
        WHERE f.created_at >= %(since)s AND f.created_at < %(until)s
          AND f.delivery = 'ship' AND o.mode = 'live' AND l.kind <> 'history'
          AND f.state IN ('open', 'released', 'picking', 'picked', 'packed', 'shipped',
                          'delivered')
          AND NOT coalesce(f.promised_on > p.ships_on, false)
    ) AS d
    GROUP BY d.location_id, d.tariff, d.due_on, d.placed_on, d.late, d.sent_on
    LIMIT %(limit)s
    """,
)


def count_arrived(
    tx: Tx, since: datetime, until: datetime, tariffs: Iterable[tuple[str, str, str]]
) -> list[ArrivedParcels]:
    """Parcels that left in a period and were reported as delivered.

    tariffs: (carrier, service, code): a parcel that was promised no service is counted to the one
             that its carrier and service are called by.
    """
    named = list(tariffs)
    return _ARRIVED.all(
        tx,
        since=since,
        until=until,
        limit=ROWS_MOST,
        carriers=texts([carrier.lower() for carrier, _, _ in named]),
        services=texts([service.lower() for _, service, _ in named]),
        codes=texts([code for _, _, code in named]),
    )


_ARRIVED = query(
    ArrivedParcels,
    """
    SELECT d.location_id, d.tariff, d.country, d.from_on, d.to_on, d.sent_on, d.arrived_on,
           count(*)::int8 AS parts
    FROM (
        SELECT f.location_id, coalesce(nullif(p.tariff, ''), t.code, '') AS tariff, o.country,
               coalesce(c.calendar_on, p.ships_on) AS from_on,
               coalesce(c.calendar_delivers_on, p.delivers_on) AS to_on,
               (x.shipped_at AT TIME ZONE l.time_zone)::date AS sent_on,
               (x.delivered_at AT TIME ZONE l.time_zone)::date AS arrived_on
        FROM fulfillment.parcel AS x
        JOIN fulfillment.fulfillment_order AS f ON f.order_id = x.order_id AND f.fo_no = x.fo_no
        JOIN orders.sales_order AS o ON o.id = x.order_id
        JOIN locations.location AS l ON l.id = f.location_id
        LEFT JOIN fulfillment.promise AS p ON p.order_id = x.order_id AND p.fo_no = x.fo_no
        LEFT JOIN fulfillment.forecast AS c ON c.order_id = x.order_id AND c.fo_no = x.fo_no
        LEFT JOIN (
            SELECT n.carrier, n.service, min(n.code) AS code
            FROM unnest(%(carriers)s::text[], %(services)s::text[], %(codes)s::text[])
                AS n (carrier, service, code)
            GROUP BY n.carrier, n.service
        ) AS t ON t.carrier = lower(x.carrier) AND t.service = lower(x.service)
        WHERE x.shipped_at >= %(since)s AND x.shipped_at < %(until)s
          AND x.delivered_at >= x.shipped_at
          AND f.delivery = 'ship' AND o.mode = 'live' AND l.kind <> 'history'
          AND f.destination_id IS NULL
    ) AS d
    GROUP BY d.location_id, d.tariff, d.country, d.from_on, d.to_on, d.sent_on, d.arrived_on
    LIMIT %(limit)s
    """,
)

HOURS_LEAST = 20


def count_throughput(tx: Tx, since: datetime) -> list[Throughput]:
    """Pieces that locations sent in their busy hours: in nine of ten hours they sent fewer.

    Only locations that sent something in at least `HOURS_LEAST` hours.
    """
    return _THROUGHPUT.all(tx, since=since, least=HOURS_LEAST)


_THROUGHPUT = query(
    Throughput,
    """
    SELECT d.location_id, percentile_disc(0.9) WITHIN GROUP (ORDER BY d.units)::int8 AS units,
           count(DISTINCT d.hour::date)::int8 AS days
    FROM (
        SELECT f.location_id, date_trunc('hour', x.shipped_at AT TIME ZONE 'UTC') AS hour,
               sum(y.qty)::int8 AS units
        FROM fulfillment.parcel AS x
        JOIN fulfillment.fulfillment_order AS f ON f.order_id = x.order_id AND f.fo_no = x.fo_no
        JOIN fulfillment.parcel_line AS y
          ON y.order_id = x.order_id AND y.fo_no = x.fo_no AND y.parcel_no = x.parcel_no
        JOIN locations.location AS l ON l.id = f.location_id
        WHERE x.shipped_at >= %(since)s AND l.kind <> 'history'
        GROUP BY f.location_id, hour
    ) AS d
    GROUP BY d.location_id
    HAVING count(*) >= %(least)s
    """,
)
