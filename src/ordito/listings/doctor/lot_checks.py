"""Lots: their counters, the cells' counters and the lines that took of them say the same."""

from ordito.listings.doctor.types import Check

_LAYERS = ("shelf", "picked", "quality_control", "damaged", "in_transit")


def _in_layer(layer: str, side: str) -> str:
    """Whether a posting's bucket lies in a layer."""
    if layer == "shelf":
        return f"p.{side}_bucket IN ('available', 'reserved', 'safety')"
    return f"p.{side}_bucket = '{layer}'"


_POSTED = ",\n".join(
    f"""                       sum(m.qty * (({_in_layer(layer, "to")})::int
                                    - ({_in_layer(layer, "from")})::int)) AS {layer}"""
    for layer in _LAYERS
)
_COUNTED = ", ".join(f"coalesce(s.{layer}, 0)" for layer in _LAYERS)
_SUMMED = ", ".join(f"coalesce(p.{layer}, 0)" for layer in _LAYERS)
_LOTS = ", ".join(f"sum(t.{layer}) AS {layer}" for layer in _LAYERS)

CHECKS = (
    Check(
        id="I8",
        title="A unit with a serial number is in one place at most",
        hint="The same number was received twice: look for both units, and correct the wrong one"
        " by a count.",
        sql="""
            SELECT s.lot_id, l.code, sum(s.held) AS units, count(*) AS places
            FROM inventory.lot_stock AS s
            JOIN inventory.lot AS l ON l.id = s.lot_id
            WHERE l.serial AND s.held > 0
            GROUP BY s.lot_id, l.code
            HAVING sum(s.held) > 1
        """,
    ),
    Check(
        id="LT1",
        title="The lots of an item that has them are all of its stock",
        hint="Units without a lot came to a tracked item, or lots without units. Count the item by"
        " its lots at this location.",
        reach="cells",
        sql=f"""
            SELECT c.item_id, c.location_id, c.shelf, c.picked, c.quality_control, c.damaged,
                   c.in_transit, to_jsonb(s) - '{{item_id,location_id}}'::text[] AS lots
            FROM (
                SELECT k.item_id, k.location_id, k.available + k.reserved + k.safety AS shelf,
                       k.picked, k.quality_control, k.damaged, k.in_transit
                FROM inventory.stock AS k
                JOIN catalog.item AS i ON i.id = k.item_id
                JOIN locations.location AS p ON p.id = k.location_id
                WHERE k IN CELLS AND p.kind <> 'history'
                  AND (i.tracking <> 'none' OR EXISTS (
                      SELECT FROM inventory.lot_stock AS t
                      WHERE t.item_id = k.item_id AND t.location_id = k.location_id
                        AND t.held > 0))
            ) AS c
            LEFT JOIN (
                SELECT t.item_id, t.location_id, {_LOTS}
                FROM inventory.lot_stock AS t
                WHERE t IN CELLS
                GROUP BY t.item_id, t.location_id
            ) AS s ON s.item_id = c.item_id AND s.location_id = c.location_id
            WHERE (c.shelf, c.picked, c.quality_control, c.damaged, c.in_transit)
                  IS DISTINCT FROM ({_COUNTED})
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="LT2",
        title="A lot's counters are the sum of what postings moved of it",
        hint="A lot's counter was changed without a posting. The postings are the truth; find who"
        " wrote past the program.",
        reach="cells",
        sql=f"""
            SELECT coalesce(s.item_id, p.item_id) AS item_id,
                   coalesce(s.location_id, p.location_id) AS location_id,
                   coalesce(s.lot_id, p.lot_id) AS lot_id,
                   to_jsonb(s) - '{{item_id,location_id,lot_id}}'::text[] AS counters,
                   to_jsonb(p) - '{{item_id,location_id,lot_id}}'::text[] AS postings
            FROM (SELECT s.item_id, s.location_id, s.lot_id, s.shelf, s.picked, s.quality_control,
                         s.damaged, s.in_transit
                  FROM inventory.lot_stock AS s
                  WHERE s IN CELLS) AS s
            FULL JOIN (
                SELECT m.item_id, m.location_id, m.lot_id,
{_POSTED}
                FROM inventory.lot_posting AS m
                JOIN inventory.posting AS p
                  ON p.item_id = m.item_id AND p.location_id = m.location_id AND p.seq = m.seq
                WHERE m IN CELLS
                GROUP BY m.item_id, m.location_id, m.lot_id
            ) AS p ON p.item_id = s.item_id AND p.location_id = s.location_id
                  AND p.lot_id = s.lot_id
            WHERE ({_COUNTED}) IS DISTINCT FROM ({_SUMMED})
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="LT3",
        title="The lots of a posting are all that it moved",
        hint="A posting has lots for more or fewer units than it moved. Restore it from a backup.",
        reach="cells",
        sql="""
            SELECT m.item_id, m.location_id, m.seq, p.qty, sum(m.qty) AS of_lots
            FROM inventory.lot_posting AS m
            JOIN inventory.posting AS p
              ON p.item_id = m.item_id AND p.location_id = m.location_id AND p.seq = m.seq
            WHERE m IN CELLS
            GROUP BY m.item_id, m.location_id, m.seq, p.qty
            HAVING sum(m.qty) <> p.qty
        """,
    ),
    Check(
        id="LT4",
        title="What lines have in hand of lots is what locations have picked of them",
        hint="A lot was picked for nobody, or for a line that doesn't know of it. Put the units"
        " back and pick them again.",
        sql="""
            SELECT coalesce(s.lot_id, w.lot_id) AS lot_id,
                   coalesce(s.location_id, w.location_id) AS location_id, s.picked, w.in_hand
            FROM (SELECT t.lot_id, t.location_id, t.picked
                  FROM inventory.lot_stock AS t
                  WHERE t.picked > 0) AS s
            FULL JOIN (
                SELECT u.lot_id, f.location_id, sum(u.picked - u.shipped) AS in_hand
                FROM fulfillment.line_lot AS u
                JOIN fulfillment.fulfillment_order AS f
                  ON f.order_id = u.order_id AND f.fo_no = u.fo_no
                GROUP BY u.lot_id, f.location_id
                HAVING sum(u.picked - u.shipped) <> 0
            ) AS w ON w.lot_id = s.lot_id AND w.location_id = s.location_id
            WHERE s.picked IS DISTINCT FROM w.in_hand
        """,
    ),
    Check(
        id="LT5",
        title="A line has lots for all that it has in hand of an item with lots",
        hint="Units were picked without saying of which lot. Put them back and pick them again.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.fo_no, l.line_no, l.item_id, l.picked - l.shipped AS in_hand,
                   coalesce(sum(u.picked - u.shipped), 0) AS of_lots
            FROM fulfillment.line AS l
            JOIN catalog.item AS i ON i.id = l.item_id
            LEFT JOIN fulfillment.line_lot AS u
              ON u.order_id = l.order_id AND u.fo_no = l.fo_no AND u.line_no = l.line_no
             AND u.item_id = l.item_id
            WHERE l.order_id IN ORDERS AND i.tracking <> 'none'
            GROUP BY l.order_id, l.fo_no, l.line_no, l.item_id, l.picked, l.shipped
            HAVING l.picked - l.shipped <> coalesce(sum(u.picked - u.shipped), 0)
        """,
    ),
    Check(
        id="LT7",
        title="What is on its way of a lot is what transfers and parcels to shops took along of it",
        hint="A transfer's lots were booked twice, or in part. Compare its lines with the movements"
        " of the lot.",
        sql="""
            SELECT coalesce(s.lot_id, w.lot_id) AS lot_id,
                   coalesce(s.location_id, w.location_id) AS location_id, s.in_transit, w.open
            FROM (SELECT t.lot_id, t.location_id, t.in_transit
                  FROM inventory.lot_stock AS t
                  WHERE t.in_transit > 0) AS s
            FULL JOIN (
                SELECT g.lot_id, g.location_id, sum(g.open) AS open
                FROM (
                    SELECT u.lot_id, t.from_location_id AS location_id,
                           u.shipped - u.arrived - u.missing AS open
                    FROM inventory.transfer_lot AS u
                    JOIN inventory.transfer AS t ON t.id = u.transfer_id
                    UNION ALL
                    SELECT i.lot_id, f.location_id, i.qty
                    FROM fulfillment.parcel_lot AS i
                    JOIN fulfillment.parcel AS p
                      ON p.order_id = i.order_id AND p.fo_no = i.fo_no
                     AND p.parcel_no = i.parcel_no
                    JOIN fulfillment.fulfillment_order AS f
                      ON f.order_id = i.order_id AND f.fo_no = i.fo_no
                    WHERE p.delivered_at IS NULL
                ) AS g
                GROUP BY g.lot_id, g.location_id
                HAVING sum(g.open) <> 0
            ) AS w ON w.lot_id = s.lot_id AND w.location_id = s.location_id
            WHERE s.in_transit IS DISTINCT FROM w.open
        """,
    ),
    Check(
        id="LT8",
        title="The lots that an assembly took, gave back and made are those that postings moved",
        hint="A recall would miss what was made of a lot, or name too much. Compare the assembly's"
        " lots with the movements of each.",
        sql="""
            SELECT coalesce(w.assembly_id, b.assembly_id) AS assembly_id,
                   coalesce(w.line_no, b.line_no) AS line_no,
                   coalesce(w.lot_id, b.lot_id) AS lot_id, w.taken, w.given, b.taken AS posted_out,
                   b.given AS posted_in
            FROM (
                SELECT p.assembly_id, p.line_no, p.lot_id, p.taken, p.returned AS given
                FROM inventory.assembly_part_lot AS p
                UNION ALL
                SELECT m.assembly_id, 0, m.lot_id, 0, m.made
                FROM inventory.assembly_made_lot AS m
            ) AS w
            FULL JOIN (
                SELECT p.source_id AS assembly_id, p.source_line AS line_no, m.lot_id,
                       coalesce(sum(m.qty) FILTER (WHERE p.to_bucket = 'assembly'), 0) AS taken,
                       coalesce(sum(m.qty) FILTER (WHERE p.to_bucket <> 'assembly'), 0) AS given
                FROM inventory.lot_posting AS m
                JOIN inventory.posting AS p
                  ON p.item_id = m.item_id AND p.location_id = m.location_id AND p.seq = m.seq
                WHERE p.reason = 'assembly'
                GROUP BY p.source_id, p.source_line, m.lot_id
            ) AS b ON b.assembly_id = w.assembly_id AND b.line_no = w.line_no
                  AND b.lot_id = w.lot_id
            WHERE (w.taken, w.given) IS DISTINCT FROM (b.taken, b.given)
        """,
    ),
    Check(
        id="LT9",
        title="The lots of a counted line add up to its difference",
        hint="Approving the line would book other units than were counted. Have it counted again.",
        sql="""
            SELECT n.count_id, n.line_no, n.difference, s.pieces
            FROM inventory.cycle_count_line AS n
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(d.value::int8), 0) AS pieces
                FROM jsonb_each_text(n.lot_differences) AS d
            ) AS s
            WHERE n.lot_differences IS NOT NULL AND n.difference IS DISTINCT FROM s.pieces
        """,
    ),
    Check(
        id="LT6",
        title="No lot that is blocked or too old lies where it can be sold",
        hint="The job that sets aside what is too old doesn't run: start a worker (`ordito serve`"
        " or `ordito worker`) and look at its schedule.",
        severity="warning",
        sql="""
            SELECT l.id AS lot_id, l.code, s.location_id, s.shelf, l.state, l.expires_on
            FROM inventory.lot_stock AS s
            JOIN inventory.lot AS l ON l.id = s.lot_id
            JOIN catalog.item AS i ON i.id = l.item_id
            WHERE s.shelf > 0
              AND (l.state = 'blocked' OR l.expires_on < now()::date + i.sell_days - 1)
        """,
    ),
)
