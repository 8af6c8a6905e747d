"""What was promised for the parts of orders when they were sourced: ready, sent, delivered."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query


class PartPromise(msgspec.Struct, frozen=True):
    """What a location can keep for its part of an order. tariff: "" when the buyer collects it."""

    order_id: UUID
    fo_no: int
    ready_at: datetime
    ships_at: datetime
    ships_on: date
    delivers_on: date
    tariff: str


PromiseRow = tuple[str, int, datetime, datetime, date, date, str]

INSERT = bulk("""
    INSERT INTO fulfillment.promise
        (order_id, fo_no, ready_at, ships_at, ships_on, delivers_on, tariff)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::timestamptz[], %s::timestamptz[], %s::date[],
                         %s::date[], %s::text[])
""")


def read_promises(tx: Tx, order_ids: Iterable[UUID]) -> dict[tuple[UUID, int], PartPromise]:
    """Promises by (order id, fo no); parts without one are absent."""
    rows = _BY_ORDER.all(tx, order_ids=uuids(order_ids))
    return {(row.order_id, row.fo_no): row for row in rows}


_BY_ORDER = query(
    PartPromise,
    """
    SELECT order_id, fo_no, ready_at, ships_at, ships_on, delivers_on, tariff
    FROM fulfillment.promise
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    """,
)
