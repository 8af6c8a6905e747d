"""What customers come for: pick-ups at a location, longest waiting first."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.fulfillment.types import State, fo_id
from ordito.listings.board import seen_channels
from ordito.listings.cursors import read_cursor, write_cursor
from ordito.listings.order_types import ChannelName
from ordito.listings.places import find_place, read_names
from ordito.platform.arrays import texts
from ordito.platform.database import Tx, query

LONG_AGO = datetime.fromisoformat("0001-01-02T00:00:00+00:00")


class Pickup(msgspec.Struct, frozen=True):
    """Something that a customer comes for. name: whom it is for, None for those who may not know.

    since: when it became what it is: packed, or ready.
    """

    id: str
    order_id: UUID
    fo_no: int
    number: int
    channel: ChannelName
    state: State
    version: int
    name: str | None
    units: int
    since: datetime
    promised_on: date | None
    collect_by: date | None


class PickupPage(msgspec.Struct, frozen=True):
    items: tuple[Pickup, ...]
    next: str | None


class _PickupRow(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    number: int
    channel_id: UUID
    state: State
    version: int
    name: str
    units: int
    updated_at: datetime
    promised_on: date | None
    collect_by: date | None


class _PickupPlace(msgspec.Struct, frozen=True, array_like=True):
    updated_at: datetime
    order_id: UUID
    fo_no: int


def list_pickups(
    tx: Tx,
    location: str,
    *,
    states: Iterable[State] = ("packed", "ready"),
    words: str = "",
    since: datetime = LONG_AGO,
    cursor: str | None = None,
    limit: int = 50,
) -> PickupPage:
    """What customers come for at a location, by default what lies ready, longest waiting first.

    words: only where they are the order's number, its pick-up code or the beginning of a part of
    the name, by which only those find it who may know it.
    since: only what became so after then.
    Raises NotFound, InvalidInput for a foreign cursor.
    """
    names = read_names(tx)
    place = find_place(tx, names, location)
    after = read_cursor(cursor, _PickupPlace) if cursor else _PickupPlace(since, UUID(int=0), 0)
    reads_names = not tx.actor.permissions.isdisjoint(("orders.read", "fulfillment.write"))
    rows = _PICKUPS.all(
        tx,
        location_id=place.id,
        states=texts(states),
        words=words.strip().removeprefix("#").casefold() or None,
        by_name=reads_names,
        channel_ids=seen_channels(tx),
        updated_at=after.updated_at,
        order_id=after.order_id,
        fo_no=after.fo_no,
        limit=limit + 1,
    )
    items = tuple(
        Pickup(
            id=fo_id(row.order_id, row.fo_no),
            order_id=row.order_id,
            fo_no=row.fo_no,
            number=row.number,
            channel=names.channel(row.channel_id),
            state=row.state,
            version=row.version,
            name=row.name if reads_names else None,
            units=row.units,
            since=row.updated_at,
            promised_on=row.promised_on,
            collect_by=row.collect_by if row.state == "ready" else None,
        )
        for row in rows[:limit]
    )
    if len(rows) <= limit:
        return PickupPage(items, None)
    last = rows[limit - 1]
    return PickupPage(items, write_cursor(_PickupPlace(last.updated_at, last.order_id, last.fo_no)))


_PICKUPS = query(
    _PickupRow,
    """
    SELECT f.order_id, f.fo_no, o.number, o.channel_id, f.state, f.version,
           coalesce(nullif(s.address ->> 'name', ''), nullif(b.address ->> 'name', ''), p.name, '')
               AS name,
           (
               SELECT coalesce(sum(n), 0)::int8
               FROM (
                   SELECT min(l.qty / l.per_unit) AS n
                   FROM fulfillment.line AS l
                   WHERE l.order_id = f.order_id AND l.fo_no = f.fo_no
                   GROUP BY l.line_no
               ) AS of_line
           ) AS units,
           f.updated_at, f.promised_on, f.collect_by
    FROM fulfillment.fulfillment_order AS f
    JOIN orders.sales_order AS o ON o.id = f.order_id
    LEFT JOIN orders.party AS s ON s.order_id = f.order_id AND s.role = 'ship_to'
    LEFT JOIN orders.party AS b ON b.order_id = f.order_id AND b.role = 'bill_to'
    LEFT JOIN customers.person AS p ON p.customer_id = o.customer_id
    WHERE f.location_id = %(location_id)s AND f.delivery = 'pickup'
      AND f.state = ANY(%(states)s::text[])
      AND (%(words)s::text IS NULL OR o.number::text = %(words)s::text
           OR lower(f.pickup_code) = %(words)s::text
           OR (%(by_name)s::boolean AND strpos(
               ' ' || lower(concat_ws(' ', p.name, s.address ->> 'name', b.address ->> 'name')),
               ' ' || %(words)s::text) > 0))
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (f.updated_at, f.order_id, f.fo_no)
          > (%(updated_at)s::timestamptz, %(order_id)s::uuid, %(fo_no)s::int4)
    ORDER BY f.updated_at, f.order_id, f.fo_no
    LIMIT %(limit)s
    """,
)
