"""What to take for one fulfillment order, in the order of the walk."""

from uuid import UUID

import msgspec

from ordito.listings.board import Card, read_card
from ordito.listings.line_lots import LineLots, read_line_lots
from ordito.listings.order_types import PlaceName
from ordito.platform.database import Tx, query


class PickLine(msgspec.Struct, frozen=True):
    """One item to take for one order line, in pieces. kit: the SKU of the kit it is a part of.

    bins: where it usually lies, in walking order; empty where nobody said. At a location that
          keeps bin stock where it does lie, as units are taken; “@unplaced” and “@receiving” are
          its places that are no bins.
    in_bins: units in each of these bins; empty where no bin stock is kept.
    """

    line_no: int
    item_id: UUID
    sku: str
    name: str
    kit: str | None
    per_unit: int
    qty: int
    picked: int
    packed: int
    shipped: int
    bins: list[str]
    barcodes: list[str]
    in_bins: list[int] = []


class PickList(msgspec.Struct, frozen=True):
    """What to take for one fulfillment order, in the order of the walk; what has no bin is last.

    pieces, picked, packed: sums over the lines. lots: of the lines that have any.
    """

    card: Card
    location: PlaceName
    lines: tuple[PickLine, ...]
    pieces: int
    picked: int
    packed: int
    lots: tuple[LineLots, ...] = ()


def read_pick_list(tx: Tx, order_id: UUID, fo_no: int) -> PickList:
    """The pick list of a fulfillment order; raises NotFound, also for one out of scope."""
    card, location = read_card(tx, order_id, fo_no)
    lines = tuple(_LINES.all(tx, order_id=order_id, fo_no=fo_no))
    return PickList(
        card=card,
        location=location,
        lines=lines,
        pieces=sum(line.qty for line in lines),
        picked=sum(line.picked for line in lines),
        packed=sum(line.packed for line in lines),
        lots=read_line_lots(tx, [(order_id, fo_no)]).get((order_id, fo_no), ()),
    )


_LINES = query(
    PickLine,
    """
    SELECT l.line_no, l.item_id, i.sku, i.name,
           CASE WHEN o.item_kind = 'kit' THEN o.sku END AS kit,
           l.per_unit, l.qty, l.picked, l.packed, l.shipped,
           CASE WHEN k.location_id IS NULL THEN b.bins ELSE s.bins END AS bins,
           ARRAY(
               SELECT c.code FROM catalog.barcode AS c WHERE c.item_id = i.id ORDER BY c.code_key
           ) AS barcodes,
           s.in_bins
    FROM fulfillment.line AS l
    JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
    JOIN orders.line AS o USING (order_id, line_no)
    JOIN catalog.item AS i ON i.id = l.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(p.bin ORDER BY n.walk_order, p.bin), '{}') AS bins,
               min(n.walk_order) AS walk_order
        FROM locations.bin_item AS p
        JOIN locations.bin AS n ON n.location_id = p.location_id AND n.code = p.bin
        WHERE p.location_id = f.location_id AND p.item_id = l.item_id
    ) AS b
    LEFT JOIN inventory.binned AS k ON k.location_id = f.location_id
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(c.bin ORDER BY c.rank, c.walk_order, c.bin), '{}') AS bins,
               coalesce(array_agg(c.qty ORDER BY c.rank, c.walk_order, c.bin), '{}') AS in_bins,
               min(c.walk_order) FILTER (WHERE c.rank = 0) AS walk_order
        FROM (
            SELECT t.bin, t.qty, n.walk_order,
                   CASE WHEN t.bin = '@unplaced' THEN 1 WHEN t.bin = '@receiving' THEN 2
                        WHEN n.purpose = 'reserve' THEN 3 WHEN n.purpose = 'receiving' THEN 4
                        ELSE 0 END AS rank
            FROM inventory.bin_stock AS t
            LEFT JOIN locations.bin AS n ON n.location_id = t.location_id AND n.code = t.bin
            WHERE t.item_id = l.item_id AND t.location_id = f.location_id AND t.qty > 0
              AND n.purpose IS DISTINCT FROM 'quality'
        ) AS c
    ) AS s
    WHERE l.order_id = %(order_id)s AND l.fo_no = %(fo_no)s AND l.qty > 0
    ORDER BY CASE WHEN k.location_id IS NULL THEN b.walk_order ELSE s.walk_order END NULLS LAST,
             CASE WHEN k.location_id IS NULL THEN b.bins ELSE s.bins END, i.sku_key, l.line_no
    """,
)
