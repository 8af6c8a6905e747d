"""What is printed for fulfillment orders: read for many at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from ordito.fulfillment.types import Delivery, State
from ordito.kernel.addresses import Address
from ordito.listings.board import seen_channels
from ordito.listings.line_lots import LotTake, read_line_lots
from ordito.listings.order_types import PlaceName
from ordito.listings.places import Names, find_place, read_names
from ordito.platform.arrays import ints, texts, uuids
from ordito.platform.database import Tx, query
from ordito.platform.problems import NotFound

PAPERS_MAX = 1_000
"""Fulfillment orders in one file."""

Key = tuple[UUID, int]
"""order id, fulfillment order number"""


class SlipLine(msgspec.Struct, frozen=True):
    """A line's units in this part; kits count kits. parts: SKU and pieces of what is in a kit."""

    sku: str
    title: str
    units: int
    parts: list[tuple[str, int]]


class Slip(msgspec.Struct, frozen=True):
    """What goes into a box. to: None for those who may not know where it goes.

    shop: the one that it is sent to, where who is named in `customer` collects it; `to` is its
          address then. "" for what goes to the customer.
    """

    order_id: UUID
    fo_no: int
    number: int
    code: str | None
    channel: str
    placed_at: datetime
    promised_on: date | None
    delivery: Delivery
    sender: str
    sender_address: Address
    to: Address | None
    lines: tuple[SlipLine, ...]
    shop: str = ""
    customer: str = ""


class PickRow(msgspec.Struct, frozen=True):
    """Pieces still to take of an item. bin: where it usually lies, "" where nobody said.

    per_order: order number → pieces, in the order of the numbers. lots: of an item that is kept by
    lots or serial numbers, what to take, what ends first at the top.
    """

    bin: str
    item_id: UUID
    sku: str
    name: str
    pieces: int
    per_order: dict[int, int]
    lots: tuple[LotTake, ...] = ()


class PickedOrder(msgspec.Struct, frozen=True):
    number: int
    pieces: int


class PickSheet(msgspec.Struct, frozen=True):
    """One walk through a location. rows: in walking order; what has no bin is last."""

    location: PlaceName
    rows: tuple[PickRow, ...]
    orders: tuple[PickedOrder, ...]


class _Head(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    number: int
    code: str | None
    channel_id: UUID
    location_id: UUID
    placed_at: datetime
    promised_on: date | None
    delivery: Delivery
    address: Address | None
    destination_id: UUID | None
    customer: str


class _Line(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    sku: str
    title: str
    units: int
    kit: bool
    part_skus: list[str]
    part_qtys: list[int]


def read_slips(tx: Tx, keys: Sequence[Key]) -> tuple[Slip, ...]:
    """Packing slips in the order of the keys; those out of scope are left out.

    Raises NotFound when none is left.
    """
    assert len(keys) <= PAPERS_MAX, "caller limits the file"
    names = read_names(tx)
    asked = {"order_ids": uuids(key[0] for key in keys), "fo_nos": ints(key[1] for key in keys)}
    lines: defaultdict[Key, list[SlipLine]] = defaultdict(list)
    for row in _LINES.all(tx, **asked):
        parts = list(zip(row.part_skus, row.part_qtys, strict=True)) if row.kit else []
        lines[row.order_id, row.fo_no].append(SlipLine(row.sku, row.title, row.units, parts))
    knows = not tx.actor.permissions.isdisjoint(("orders.read", "fulfillment.write"))
    heads = [
        row
        for row in _HEADS.all(tx, **asked)
        if tx.actor.sees_channel(row.channel_id) and tx.actor.sees_location(row.location_id)
    ]
    if not heads:
        raise NotFound("There is nothing to print, or it is none of what you see.")
    return tuple(
        Slip(
            order_id=head.order_id,
            fo_no=head.fo_no,
            number=head.number,
            code=head.code,
            channel=names.channel(head.channel_id).name,
            placed_at=head.placed_at,
            promised_on=head.promised_on,
            delivery=head.delivery,
            sender=names.place(head.location_id).name,
            sender_address=names.locations[head.location_id].address,
            to=_find_destination(head, names) if knows else None,
            lines=tuple(lines[head.order_id, head.fo_no]),
            shop=names.place(head.destination_id).name if head.destination_id else "",
            customer=head.customer if knows and head.destination_id else "",
        )
        for head in heads
    )


def _find_destination(head: _Head, names: Names) -> Address | None:
    """The shop's address for what is sent to a shop, else the customer's."""
    if head.destination_id is not None:
        return names.locations[head.destination_id].address
    return head.address


_HEADS = query(
    _Head,
    """
    SELECT f.order_id, f.fo_no, o.number, o.code, o.channel_id, f.location_id, o.placed_at,
           f.promised_on, f.delivery, p.address, f.destination_id,
           coalesce(nullif(p.address ->> 'name', ''), nullif(b.address ->> 'name', ''), c.name, '')
               AS customer
    FROM unnest(%(order_ids)s::uuid[], %(fo_nos)s::int4[]) WITH ORDINALITY
        AS k (order_id, fo_no, place)
    JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
    JOIN orders.sales_order AS o ON o.id = f.order_id
    LEFT JOIN orders.party AS p ON p.order_id = f.order_id AND p.role = 'ship_to'
    LEFT JOIN orders.party AS b ON b.order_id = f.order_id AND b.role = 'bill_to'
    LEFT JOIN customers.person AS c ON c.customer_id = o.customer_id
    ORDER BY k.place
    """,
)

_LINES = query(
    _Line,
    """
    SELECT l.order_id, l.fo_no, o.sku, o.title, min(l.qty / l.per_unit)::int8 AS units,
           o.item_kind = 'kit' AS kit, array_agg(i.sku ORDER BY i.sku_key) AS part_skus,
           array_agg(l.qty ORDER BY i.sku_key) AS part_qtys
    FROM unnest(%(order_ids)s::uuid[], %(fo_nos)s::int4[]) AS k (order_id, fo_no)
    JOIN fulfillment.line AS l USING (order_id, fo_no)
    JOIN orders.line AS o ON o.order_id = l.order_id AND o.line_no = l.line_no
    JOIN catalog.item AS i ON i.id = l.item_id
    WHERE l.qty > 0
    GROUP BY l.order_id, l.fo_no, l.line_no, o.sku, o.title, o.item_kind
    ORDER BY l.order_id, l.fo_no, l.line_no
    """,
)


def find_parts(
    tx: Tx, order_ids: Sequence[UUID], *, states: Sequence[State], location: str | None = None
) -> list[Key]:
    """The fulfillment orders of these orders in one of the states, in the order of the ids.

    location: only those there, by its code. Raises NotFound for one out of scope.
    """
    place = find_place(tx, read_names(tx), location) if location else None
    rows = _PARTS.all(
        tx,
        order_ids=uuids(order_ids),
        states=texts(states),
        location_id=place.id if place else None,
        limit=PAPERS_MAX,
    )
    return [(row.order_id, row.fo_no) for row in rows]


def find_work(tx: Tx, location: str, *, states: Sequence[State]) -> list[Key]:
    """What a location has in these states, by promise, then age. Raises NotFound."""
    place = find_place(tx, read_names(tx), location)
    rows = _WORK.all(
        tx,
        location_id=place.id,
        states=texts(states),
        channel_ids=seen_channels(tx),
        limit=PAPERS_MAX,
    )
    return [(row.order_id, row.fo_no) for row in rows]


class _Part(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int


_PARTS = query(
    _Part,
    """
    SELECT f.order_id, f.fo_no
    FROM unnest(%(order_ids)s::uuid[]) WITH ORDINALITY AS k (order_id, place)
    JOIN fulfillment.fulfillment_order AS f USING (order_id)
    WHERE f.state = ANY(%(states)s::text[])
      AND (%(location_id)s::uuid IS NULL OR f.location_id = %(location_id)s::uuid)
    ORDER BY k.place, f.fo_no
    LIMIT %(limit)s
    """,
)

_WORK = query(
    _Part,
    """
    SELECT f.order_id, f.fo_no
    FROM fulfillment.fulfillment_order AS f
    WHERE f.location_id = %(location_id)s AND f.state = ANY(%(states)s::text[])
      AND (%(channel_ids)s::uuid[] IS NULL OR EXISTS (
          SELECT FROM orders.sales_order AS o
          WHERE o.id = f.order_id AND o.channel_id = ANY(%(channel_ids)s::uuid[])))
    ORDER BY f.promised_on NULLS LAST, f.created_at, f.order_id, f.fo_no
    LIMIT %(limit)s
    """,
)


def find_place_of(tx: Tx, key: Key) -> str:
    """The code of the location of a fulfillment order; raises NotFound when it isn't seen."""
    location_id = _PLACE.first(tx, order_id=key[0], fo_no=key[1])
    if location_id is None or not tx.actor.sees_location(location_id):
        raise NotFound("There is nothing to print, or it is none of what you see.")
    return read_names(tx).code(location_id)


_PLACE = query(
    UUID,
    """
    SELECT location_id
    FROM fulfillment.fulfillment_order
    WHERE order_id = %(order_id)s AND fo_no = %(fo_no)s
    """,
)


class _Take(msgspec.Struct, frozen=True):
    order_id: UUID
    fo_no: int
    number: int
    channel_id: UUID
    item_id: UUID
    sku: str
    name: str
    bin: str
    pieces: int


def read_pick_sheet(tx: Tx, location: str, keys: Sequence[Key]) -> PickSheet:
    """One walk for several fulfillment orders of a location; those elsewhere are left out.

    Raises NotFound when there is nothing to take.
    """
    place = find_place(tx, read_names(tx), location)
    takes = _TAKES.all(
        tx,
        order_ids=uuids(key[0] for key in keys),
        fo_nos=ints(key[1] for key in keys),
        location_id=place.id,
    )
    seen = [take for take in takes if tx.actor.sees_channel(take.channel_id)]
    if not seen:
        raise NotFound("Nothing is to be picked there, or it is none of what you see.")
    lots = _read_lots(tx, dict.fromkeys((take.order_id, take.fo_no) for take in seen))
    items: dict[UUID, list[_Take]] = {}
    orders: defaultdict[int, int] = defaultdict(int)
    for take in seen:
        items.setdefault(take.item_id, []).append(take)
        orders[take.number] += take.pieces
    return PickSheet(
        location=place,
        rows=tuple(_row(found, lots.get(id_, ())) for id_, found in items.items()),
        orders=tuple(PickedOrder(number, pieces) for number, pieces in sorted(orders.items())),
    )


def _read_lots(tx: Tx, keys: Iterable[Key]) -> dict[UUID, tuple[LotTake, ...]]:
    """What to take of each item's lots for all the parts together, what ends first at the top."""
    sums: defaultdict[UUID, dict[tuple[str, date | None], int]] = defaultdict(dict)
    for of_part in read_line_lots(tx, keys).values():
        for line in of_part:
            of_item = sums[line.item_id]
            for take in line.proposed:
                key = (take.lot, take.expires_on)
                of_item[key] = of_item.get(key, 0) + take.quantity
    return {
        item_id: tuple(LotTake(lot, qty, day) for (lot, day), qty in of_item.items())
        for item_id, of_item in sums.items()
    }


def _row(takes: list[_Take], lots: tuple[LotTake, ...]) -> PickRow:
    per_order: defaultdict[int, int] = defaultdict(int)
    for take in sorted(takes, key=lambda take: take.number):
        per_order[take.number] += take.pieces
    first, pieces = takes[0], sum(take.pieces for take in takes)
    return PickRow(first.bin, first.item_id, first.sku, first.name, pieces, dict(per_order), lots)


_TAKES = query(
    _Take,
    """
    SELECT l.order_id, l.fo_no, o.number, o.channel_id, l.item_id, i.sku, i.name,
           coalesce(b.bin, '') AS bin, (l.qty - l.picked)::int8 AS pieces
    FROM unnest(%(order_ids)s::uuid[], %(fo_nos)s::int4[]) AS k (order_id, fo_no)
    JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
    JOIN orders.sales_order AS o ON o.id = f.order_id
    JOIN fulfillment.line AS l USING (order_id, fo_no)
    JOIN catalog.item AS i ON i.id = l.item_id
    LEFT JOIN inventory.binned AS d ON d.location_id = f.location_id
    LEFT JOIN LATERAL (
        SELECT c.bin, c.walk_order
        FROM (
            SELECT p.bin, n.walk_order
            FROM locations.bin_item AS p
            JOIN locations.bin AS n ON n.location_id = p.location_id AND n.code = p.bin
            WHERE d.location_id IS NULL
              AND p.location_id = f.location_id AND p.item_id = l.item_id
            UNION ALL
            -- Where bin stock is kept: the pick bin, else the reserve bin that holds any.
            SELECT t.bin, n.walk_order + CASE n.purpose WHEN 'pick' THEN 0 ELSE 10000000 END
            FROM inventory.bin_stock AS t
            JOIN locations.bin AS n ON n.location_id = t.location_id AND n.code = t.bin
            WHERE t.location_id = f.location_id AND t.item_id = l.item_id AND t.qty > 0
              AND n.purpose <> 'quality'
        ) AS c
        ORDER BY c.walk_order, c.bin
        LIMIT 1
    ) AS b ON true
    WHERE f.location_id = %(location_id)s AND l.qty > l.picked
    ORDER BY b.walk_order NULLS LAST, b.bin NULLS LAST, i.sku_key, o.number
    """,
)
