"""What was promised for the parts of orders when they were sourced: ready, sent, delivered."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class PartPromise(msgspec.Struct, frozen=True):
    """What a location can keep for its part of an order.

    tariff:        "" when the buyer collects it, or no service was known.
    calendar_on, calendar_delivers_on: days of sending and delivery by calendar and queue alone.
    queue_minutes: of work that waited there. level: percent that the channel wanted kept;
    probability:   of arriving in time, in thousandths, by that version of what was learned, from so
                   many observations; None where calendars alone said it.
    """

    order_id: UUID
    fo_no: int
    ready_at: datetime
    ships_at: datetime
    ships_on: date
    delivers_on: date
    tariff: str
    calendar_on: date
    calendar_delivers_on: date
    queue_minutes: int
    level: int | None
    probability: int | None
    model: int | None
    observations: int | None


PromiseRow = tuple[str, int, datetime, datetime, date, date, str]
ForecastRow = tuple[
    str, int, int | None, int | None, int | None, int | None, date, date, int
]  # fmt: skip

INSERT = bulk("""
    INSERT INTO fulfillment.promise
        (order_id, fo_no, ready_at, ships_at, ships_on, delivers_on, tariff)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[], %s::timestamptz[], %s::date[],
                         %s::date[], %s::text[])
""")

INSERT_FORECAST = bulk("""
    INSERT INTO fulfillment.forecast
        (order_id, fo_no, level, probability, model, observations, calendar_on,
         calendar_delivers_on, queue_minutes)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::int4[], %s::int4[], %s::int4[],
                         %s::date[], %s::date[], %s::int4[])
""")


def replace_promises(
    tx: Tx,
    parts: Sequence[tuple[UUID, int]],
    promises: Sequence[PromiseRow],
    forecasts: Sequence[ForecastRow],
) -> None:
    """Forget what was promised for parts (order id, fo no) and promise this instead.

    The caller holds the orders' locks; parts without a promise are promised nothing any more.
    """
    _END_FORECASTS.run(tx, parts)
    _END_PROMISES.run(tx, parts)
    INSERT.run(tx, promises)
    INSERT_FORECAST.run(tx, forecasts)


_END_FORECASTS = bulk("""
    DELETE FROM fulfillment.forecast AS f
    USING unnest(%s::uuid[], %s::int4[]) AS gone (order_id, fo_no)
    WHERE f.order_id = gone.order_id AND f.fo_no = gone.fo_no
""")

_END_PROMISES = bulk("""
    DELETE FROM fulfillment.promise AS p
    USING unnest(%s::uuid[], %s::int4[]) AS gone (order_id, fo_no)
    WHERE p.order_id = gone.order_id AND p.fo_no = gone.fo_no
""")


def read_promises(tx: Tx, order_ids: Iterable[UUID]) -> dict[tuple[UUID, int], PartPromise]:
    """Promises by (order id, fo no); parts without one are absent."""
    rows = _BY_ORDER.all(tx, order_ids=uuids(order_ids))
    return {(row.order_id, row.fo_no): row for row in rows}


_BY_ORDER = query(
    PartPromise,
    """
    SELECT p.order_id, p.fo_no, p.ready_at, p.ships_at, p.ships_on, p.delivers_on, p.tariff,
           coalesce(c.calendar_on, p.ships_on) AS calendar_on,
           coalesce(c.calendar_delivers_on, p.delivers_on) AS calendar_delivers_on,
           coalesce(c.queue_minutes, 0) AS queue_minutes, c.level, c.probability, c.model,
           c.observations
    FROM fulfillment.promise AS p
    LEFT JOIN fulfillment.forecast AS c ON c.order_id = p.order_id AND c.fo_no = p.fo_no
    WHERE p.order_id = ANY(%(order_ids)s::uuid[])
    """,
)
