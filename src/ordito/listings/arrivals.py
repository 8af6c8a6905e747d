"""What is on its way to a shop for its customers: parcels from other locations, longest first."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.fulfillment.types import State, fo_id
from ordito.listings.board import seen_channels
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName, PlaceName
from ordito.listings.pickups import LONG_AGO
from ordito.listings.places import Names, find_place, read_names
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound


class ArrivingItem(msgspec.Struct, frozen=True):
    """Pieces of an item in a parcel. wanted: those that an order still waits for; what is left
    becomes stock of the shop. barcodes: by which it is scanned."""

    sku: str
    name: str
    pieces: int
    wanted: int
    barcodes: list[str]


class ArrivingLot(msgspec.Struct, frozen=True):
    """Pieces of a lot, or a serial number, in a parcel; the line of the order that it is for."""

    line_no: int
    lot: str
    pieces: int


class ArrivingParcel(msgspec.Struct, frozen=True):
    """A parcel on its way to a shop. Its fulfillment order is the sender's.

    name:        whom it is for, None for those who may not know. units: of lines; kits count kits.
    expected_on: the day on which it should be there, where one was promised.
    """

    id: str
    order_id: UUID
    fo_no: int
    parcel_no: int
    version: int
    number: int
    channel: ChannelName
    sender: PlaceName
    shop: PlaceName
    name: str | None
    carrier: str
    tracking_number: str
    units: int
    shipped_at: datetime
    expected_on: date | None


class ArrivalPage(msgspec.Struct, frozen=True):
    items: tuple[ArrivingParcel, ...]
    next: str | None


class _ParcelRow(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    parcel_no: int
    version: int
    number: int
    channel_id: UUID
    location_id: UUID
    destination_id: UUID | None
    name: str
    carrier: str
    tracking_number: str
    units: int
    shipped_at: datetime
    expected_on: date | None


class _ParcelPlace(msgspec.Struct, frozen=True, array_like=True):
    shipped_at: datetime
    order_id: UUID
    fo_no: int
    parcel_no: int


def list_arrivals(
    tx: Tx, location: str, *, words: str = "", cursor: str | None = None, limit: int = 50
) -> ArrivalPage:
    """Parcels on their way to a shop, those that left first at the top.

    words: only where they are the order's number or the parcel's tracking number.
    Raises NotFound, InvalidInput for a foreign cursor.
    """
    names = read_names(tx)
    place = find_place(tx, names, location)
    start = _ParcelPlace(LONG_AGO, UUID(int=0), 0, 0)
    after = read_cursor(cursor, _ParcelPlace) if cursor else start
    rows = _ARRIVALS.all(
        tx,
        location_id=place.id,
        words=words.strip().removeprefix("#").casefold() or None,
        channel_ids=seen_channels(tx),
        shipped_at=after.shipped_at,
        order_id=after.order_id,
        fo_no=after.fo_no,
        parcel_no=after.parcel_no,
        limit=limit + 1,
    )
    items = tuple(_tell(row, names, tx) for row in rows[:limit])
    if len(rows) <= limit:
        return ArrivalPage(items, None)
    last = rows[limit - 1]
    mark = _ParcelPlace(last.shipped_at, last.order_id, last.fo_no, last.parcel_no)
    return ArrivalPage(items, write_cursor(mark))


def _tell(row: _ParcelRow, names: Names, tx: Tx) -> ArrivingParcel:
    reads_names = not tx.actor.permissions.isdisjoint(("orders.read", "fulfillment.write"))
    assert row.destination_id is not None, "only what goes to a shop is read"
    return ArrivingParcel(
        id=f"{fo_id(row.order_id, row.fo_no)}.{row.parcel_no}",
        order_id=row.order_id,
        fo_no=row.fo_no,
        parcel_no=row.parcel_no,
        version=row.version,
        number=row.number,
        channel=names.channel(row.channel_id),
        sender=names.place(row.location_id),
        shop=names.place(row.destination_id),
        name=row.name if reads_names else None,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        units=row.units,
        shipped_at=row.shipped_at,
        expected_on=row.expected_on,
    )


_PARCEL = """
    SELECT p.order_id, p.fo_no, p.parcel_no, f.version, o.number, o.channel_id, f.location_id,
           p.destination_id,
           coalesce(nullif(s.address ->> 'name', ''), nullif(b.address ->> 'name', ''), c.name, '')
               AS name,
           p.carrier, p.tracking_number,
           (
               SELECT coalesce(sum(n), 0)::int8
               FROM (
                   SELECT min(i.qty / l.per_unit) AS n
                   FROM fulfillment.parcel_line AS i
                   JOIN fulfillment.line AS l USING (order_id, fo_no, line_no, item_id)
                   WHERE i.order_id = p.order_id AND i.fo_no = p.fo_no
                     AND i.parcel_no = p.parcel_no
                   GROUP BY i.line_no
               ) AS of_line
           ) AS units,
           p.shipped_at, m.delivers_on AS expected_on
    FROM fulfillment.parcel AS p
    JOIN fulfillment.fulfillment_order AS f ON f.order_id = p.order_id AND f.fo_no = p.fo_no
    JOIN orders.sales_order AS o ON o.id = p.order_id
    LEFT JOIN orders.party AS s ON s.order_id = p.order_id AND s.role = 'ship_to'
    LEFT JOIN orders.party AS b ON b.order_id = p.order_id AND b.role = 'bill_to'
    LEFT JOIN customers.person AS c ON c.customer_id = o.customer_id
    LEFT JOIN fulfillment.promise AS m ON m.order_id = p.order_id AND m.fo_no = p.fo_no"""

_ARRIVALS = query(
    _ParcelRow,
    f"""{_PARCEL}
    WHERE p.destination_id = %(location_id)s AND p.delivered_at IS NULL
      AND (%(words)s::text IS NULL OR o.number::text = %(words)s::text
           OR lower(p.tracking_number) = %(words)s::text)
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (p.shipped_at, p.order_id, p.fo_no, p.parcel_no)
          > (%(shipped_at)s::timestamptz, %(order_id)s::uuid, %(fo_no)s::int4,
             %(parcel_no)s::int4)
    ORDER BY p.shipped_at, p.order_id, p.fo_no, p.parcel_no
    LIMIT %(limit)s
    """,
)


def read_arriving(
    tx: Tx, order_id: UUID, fo_no: int, parcel_no: int
) -> tuple[ArrivingParcel, list[ArrivingItem], list[ArrivingLot]]:
    """One parcel on its way to a shop, and what is in it; raises NotFound, also out of scope."""
    row = _ONE.first(tx, order_id=order_id, fo_no=fo_no, parcel_no=parcel_no)
    actor = tx.actor
    if row is None or not (
        actor.sees_channel(row.channel_id)
        and row.destination_id is not None
        and actor.sees_location(row.destination_id)
    ):
        raise NotFound("There is no such parcel on its way, or its shop is none you see.")
    items = _ITEMS.all(tx, order_id=order_id, fo_no=fo_no, parcel_no=parcel_no)
    lots = _LOTS.all(tx, order_id=order_id, fo_no=fo_no, parcel_no=parcel_no)
    return _tell(row, read_names(tx), tx), items, lots


_ONE = query(
    _ParcelRow,
    f"""{_PARCEL}
    WHERE p.order_id = %(order_id)s AND p.fo_no = %(fo_no)s AND p.parcel_no = %(parcel_no)s
      AND p.destination_id IS NOT NULL AND p.delivered_at IS NULL
    """,
)

_LOTS = query(
    ArrivingLot,
    """
    SELECT p.line_no, l.code AS lot, p.qty AS pieces
    FROM fulfillment.parcel_lot AS p
    JOIN inventory.lot AS l ON l.id = p.lot_id
    WHERE p.order_id = %(order_id)s AND p.fo_no = %(fo_no)s AND p.parcel_no = %(parcel_no)s
    ORDER BY p.line_no, l.code
    """,
)

_ITEMS = query(
    ArrivingItem,
    """
    SELECT i.sku, i.name, sum(p.qty)::int8 AS pieces,
           least(sum(p.qty), sum(l.shipped))::int8 AS wanted,
           ARRAY(
               SELECT b.code
               FROM catalog.barcode AS b
               WHERE b.item_id = i.id
               ORDER BY b.code
           ) AS barcodes
    FROM fulfillment.parcel_line AS p
    JOIN fulfillment.line AS l USING (order_id, fo_no, line_no, item_id)
    JOIN catalog.item AS i ON i.id = p.item_id
    WHERE p.order_id = %(order_id)s AND p.fo_no = %(fo_no)s AND p.parcel_no = %(parcel_no)s
    GROUP BY i.id
    ORDER BY i.sku
    """,
)


class Preparing(msgspec.Struct, frozen=True):
    """Work of another location for pick-ups at a shop that hasn't left it yet."""

    order_id: UUID
    fo_no: int
    number: int
    sender: PlaceName
    state: State
    units: int
    promised_on: date | None


class _PreparingRow(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    number: int
    location_id: UUID
    state: State
    units: int
    promised_on: date | None


PREPARING_MAX = 50


def list_preparing(tx: Tx, location: str) -> list[Preparing]:
    """What other locations are still to send to a shop, at most 50, soonest first."""
    names = read_names(tx)
    place = find_place(tx, names, location)
    rows = _PREPARING.all(
        tx, location_id=place.id, channel_ids=seen_channels(tx), limit=PREPARING_MAX
    )
    return [
        Preparing(
            row.order_id,
            row.fo_no,
            row.number,
            names.place(row.location_id),
            row.state,
            row.units,
            row.promised_on,
        )
        for row in rows
    ]


_PREPARING = query(
    _PreparingRow,
    """
    SELECT f.order_id, f.fo_no, o.number, f.location_id, f.state,
           (
               SELECT coalesce(sum(n), 0)::int8
               FROM (
                   SELECT min((l.qty - l.shipped) / l.per_unit) AS n
                   FROM fulfillment.line AS l
                   WHERE l.order_id = f.order_id AND l.fo_no = f.fo_no
                   GROUP BY l.line_no
               ) AS of_line
           ) AS units,
           f.promised_on
    FROM fulfillment.fulfillment_order AS f
    JOIN orders.sales_order AS o ON o.id = f.order_id
    WHERE f.destination_id = %(location_id)s
      AND f.state IN ('scheduled', 'open', 'released', 'picking', 'picked', 'packed')
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
    ORDER BY f.promised_on NULLS LAST, f.order_id, f.fo_no
    LIMIT %(limit)s
    """,
)
