"""Parcels: what left, in how many boxes, and what of it has arrived."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from ordito.fulfillment.types import Parcel, ParcelLine
from ordito.platform.arrays import uuids
from ordito.platform.bulk import bulk
from ordito.platform.database import Tx, query, statement

ParcelLotRow = tuple[UUID, int, int, int, UUID, UUID, int]
"""order id, fo no, parcel no, line no, item id, lot id, pieces"""


def insert_parcel(tx: Tx, parcel: Parcel, lines: Sequence[tuple[int, UUID, int]]) -> None:
    """Write a parcel and its lines: (line no, item id, pieces)."""
    _INSERT.run(
        tx,
        order_id=parcel.order_id,
        fo_no=parcel.fo_no,
        parcel_no=parcel.parcel_no,
        carrier=parcel.carrier,
        service=parcel.service,
        tracking_number=parcel.tracking_number,
        weight_g=parcel.weight_g,
        shipped_at=parcel.shipped_at,
        destination_id=parcel.destination_id,
    )
    key = (parcel.order_id, parcel.fo_no, parcel.parcel_no)
    _INSERT_LINES.run(tx, [(*key, *line) for line in lines])


_INSERT = statement("""
    INSERT INTO fulfillment.parcel
        (order_id, fo_no, parcel_no, carrier, service, tracking_number, weight_g, shipped_at,
         destination_id)
    VALUES (%(order_id)s, %(fo_no)s, %(parcel_no)s, %(carrier)s, %(service)s, %(tracking_number)s,
            %(weight_g)s, %(shipped_at)s, %(destination_id)s)
""")

_INSERT_LINES = bulk("""
    INSERT INTO fulfillment.parcel_line (order_id, fo_no, parcel_no, line_no, item_id, qty)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::int4[], %s::uuid[], %s::int8[])
""")


def insert_parcel_lots(tx: Tx, rows: Sequence[ParcelLotRow]) -> None:
    """Say which lots go to a shop in a parcel; its lines are written."""
    _INSERT_LOTS.run(tx, rows)


_INSERT_LOTS = bulk("""
    INSERT INTO fulfillment.parcel_lot
        (order_id, fo_no, parcel_no, line_no, item_id, lot_id, qty)
    SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::int4[], %s::uuid[], %s::uuid[],
                         %s::int8[])
""")


class ParcelLot(msgspec.Struct, frozen=True):
    """Pieces of a lot in a parcel."""

    line_no: int
    item_id: UUID
    lot_id: UUID
    qty: int


def read_parcel_lots(tx: Tx, order_id: UUID, fo_no: int, parcel_no: int) -> list[ParcelLot]:
    """The lots in a parcel to a shop, line by line; of other parcels nothing is known."""
    return _LOTS.all(tx, order_id=order_id, fo_no=fo_no, parcel_no=parcel_no)


_LOTS = query(
    ParcelLot,
    """
    SELECT line_no, item_id, lot_id, qty
    FROM fulfillment.parcel_lot
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s AND parcel_no = %(parcel_no)s
    ORDER BY line_no, item_id, lot_id
    """,
)


def read_pieces(tx: Tx, order_id: UUID, fo_no: int, parcel_no: int) -> list[ParcelLine]:
    """What is in a parcel, in pieces of items."""
    return _PIECES.all(tx, order_id=order_id, fo_no=fo_no, parcel_no=parcel_no)


_PIECES = query(
    ParcelLine,
    """
    SELECT order_id, fo_no, parcel_no, line_no, item_id, qty
    FROM fulfillment.parcel_line
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s AND parcel_no = %(parcel_no)s
    ORDER BY line_no, item_id
    """,
)


def read_parcels(tx: Tx, order_ids: Iterable[UUID]) -> list[Parcel]:
    """The parcels of orders, in the order of their fulfillment orders."""
    return _READ.all(tx, order_ids=uuids(order_ids))


_READ = query(
    Parcel,
    """
    SELECT order_id, fo_no, parcel_no, carrier, service, tracking_number, weight_g, shipped_at,
           delivered_at, destination_id
    FROM fulfillment.parcel
    WHERE order_id = ANY(%(order_ids)s::uuid[])
    ORDER BY order_id, fo_no, parcel_no
    """,
)


def next_parcel_no(tx: Tx, order_id: UUID, fo_no: int) -> int:
    """The caller holds the order's lock."""
    return _NEXT.one(tx, order_id=order_id, fo_no=fo_no)


_NEXT = query(
    int,
    """
    SELECT coalesce(max(parcel_no), 0) + 1
    FROM fulfillment.parcel
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s
    """,
)


class UnderWay(msgspec.Struct, frozen=True):
    """Units of a line in a parcel that is not known to have arrived; kits count kits."""

    order_id: UUID
    fo_no: int
    parcel_no: int
    line_no: int
    units: int


def read_under_way(tx: Tx, order_ids: Iterable[UUID]) -> list[UnderWay]:
    return _UNDER_WAY.all(tx, order_ids=uuids(order_ids))


_UNDER_WAY = query(
    UnderWay,
    """
    SELECT p.order_id, p.fo_no, p.parcel_no, c.line_no, min(c.qty / l.per_unit)::int8 AS units
    FROM fulfillment.parcel AS p
    JOIN fulfillment.parcel_line AS c USING (order_id, fo_no, parcel_no)
    JOIN fulfillment.line AS l USING (order_id, fo_no, line_no, item_id)
    WHERE p.order_id = ANY(%(order_ids)s::uuid[]) AND p.delivered_at IS NULL
    GROUP BY p.order_id, p.fo_no, p.parcel_no, c.line_no
    ORDER BY p.order_id, p.fo_no, p.parcel_no, c.line_no
    """,
)


class ParcelLineUnits(msgspec.Struct, frozen=True):
    """Units of a line in a parcel; kits count kits."""

    fo_no: int
    parcel_no: int
    line_no: int
    units: int


def read_parcel_units(tx: Tx, order_id: UUID) -> list[ParcelLineUnits]:
    """What is, or was, in each parcel of an order."""
    return _UNITS.all(tx, order_id=order_id)


_UNITS = query(
    ParcelLineUnits,
    """
    SELECT c.fo_no, c.parcel_no, c.line_no, min(c.qty / l.per_unit)::int8 AS units
    FROM fulfillment.parcel_line AS c
    JOIN fulfillment.line AS l USING (order_id, fo_no, line_no, item_id)
    WHERE c.order_id = %(order_id)s
    GROUP BY c.fo_no, c.parcel_no, c.line_no
    ORDER BY c.fo_no, c.parcel_no, c.line_no
    """,
)


def set_delivered(tx: Tx, keys: Sequence[tuple[UUID, int, int]]) -> None:
    """Mark parcels (order id, fo no, parcel no) as arrived now."""
    touched = _DELIVERED.run(tx, [(*key, tx.now) for key in keys])
    assert touched == len(keys), "caller names parcels under way"


_DELIVERED = bulk("""
    UPDATE fulfillment.parcel AS p
    SET delivered_at = d.at
    FROM unnest(%s::uuid[], %s::int4[], %s::int4[], %s::timestamptz[])
        AS d (order_id, fo_no, parcel_no, at)
    WHERE p.order_id = d.order_id AND p.fo_no = d.fo_no AND p.parcel_no = d.parcel_no
      AND p.delivered_at IS NULL
""")
