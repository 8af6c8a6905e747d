"""Orders: quantities, statuses, timeline and identity."""

from ordito.listings.doctor.derived import FULFILMENT, LIFE, RETURN_STATE
from ordito.listings.doctor.types import Check

CHECKS = (
    Check(
        id="I9",
        title="The units of a line are each in exactly one state",
        hint="The constraints of orders.line were switched off. Find what became of the missing"
        " units in the order's timeline.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.line_no, l.ordered, l.cancelled, l.open, l.backordered,
                   l.reserved, l.released, l.picked, l.packed, l.shipped, l.completed
            FROM orders.line AS l
            WHERE l.order_id IN ORDERS
              AND (least(l.cancelled, l.open, l.backordered, l.reserved, l.released, l.picked,
                         l.packed, l.shipped, l.completed) < 0
                   OR l.ordered <= 0
                   OR l.ordered <> l.cancelled + l.open + l.backordered + l.reserved + l.released
                                   + l.picked + l.packed + l.shipped + l.completed)
        """,
    ),
    Check(
        id="I10",
        title="No more is delivered or returned than was shipped, nor restocked than returned",
        hint="Compare the line with the order's parcels and returns.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.line_no, l.shipped, l.delivered, l.return_requested, l.returned,
                   l.restocked, l.written_off
            FROM orders.line AS l
            WHERE l.order_id IN ORDERS
              AND (greatest(l.delivered, l.returned, l.return_requested) > l.shipped
                   OR l.restocked + l.written_off > l.returned
                   OR least(l.delivered, l.return_requested, l.returned, l.restocked,
                            l.written_off) < 0)
        """,
    ),
    Check(
        id="I11",
        title="A channel's order exists once, and is found by the channel's own id",
        hint="Two orders are one to the customer, or the channel's next message will make a second"
        " one. Cancel the double, or restore the row of orders.external_id.",
        sql="""
            SELECT o.id AS order_id, o.number, o.external_id, count(e.external_key) AS found
            FROM orders.sales_order AS o
            LEFT JOIN orders.external_id AS e
              ON e.order_id = o.id AND e.channel_id = o.channel_id
            GROUP BY o.id
            HAVING count(e.external_key) <> CASE WHEN o.external_id IS NULL THEN 0 ELSE 1 END
            UNION ALL
            SELECT e.order_id, NULL, e.external_key, 1
            FROM orders.external_id AS e
            LEFT JOIN orders.sales_order AS o ON o.id = e.order_id AND o.channel_id = e.channel_id
            WHERE o.id IS NULL
            UNION ALL
            SELECT min(o.id::text)::uuid, min(o.number), o.external_id, count(*)
            FROM orders.sales_order AS o
            WHERE o.external_id IS NOT NULL
            GROUP BY o.channel_id, o.external_id
            HAVING count(*) > 1
        """,
    ),
    Check(
        id="I12",
        title="The statuses of an order follow from its quantities and holds",
        hint="The list shows another state than the order has; any change of the order writes its"
        " statuses anew.",
        reach="orders",
        sql=f"""
            SELECT s.order_id, s.number, s.life, s.fulfilment, s.return_state, s.backordered,
                   d.life AS life_derived, d.fulfilment AS fulfilment_derived,
                   d.return_state AS return_state_derived
            FROM (
                SELECT o.id AS order_id, o.number, o.life, o.fulfilment, o.return_state,
                       o.backordered,
                       EXISTS (SELECT FROM orders.hold AS h
                               WHERE h.order_id = o.id AND h.released_at IS NULL) AS held
                FROM orders.sales_order AS o
                WHERE o.id IN ORDERS
            ) AS s
            JOIN (
                SELECT l.order_id, sum(l.ordered) AS ordered, sum(l.cancelled) AS cancelled,
                       sum(l.backordered) AS backordered_units, sum(l.released) AS released,
                       sum(l.picked) AS picked, sum(l.packed) AS packed,
                       sum(l.shipped) AS shipped, sum(l.completed) AS completed,
                       sum(l.delivered) AS delivered, sum(l.returned) AS returned,
                       sum(l.return_requested) AS return_requested
                FROM orders.line AS l
                WHERE l.order_id IN ORDERS
                GROUP BY l.order_id
            ) AS q ON q.order_id = s.order_id
            CROSS JOIN LATERAL (
                SELECT {LIFE} AS life, {FULFILMENT} AS fulfilment, {RETURN_STATE} AS return_state
            ) AS d
            WHERE (s.life, s.fulfilment, s.return_state, s.backordered)
                  <> (d.life, d.fulfilment, d.return_state, q.backordered_units > 0)
        """,  # noqa: S608 (constants of this package)
    ),
    Check(
        id="I13",
        title="An order's timeline has no gap, begins with its placing and ends at its version",
        hint="An event was lost or written past the program. Restore it from a backup.",
        reach="orders",
        sql="""
            SELECT o.id AS order_id, o.number, o.version, t.events, t.newest
            FROM orders.sales_order AS o
            LEFT JOIN (
                SELECT e.stream_id, count(*) AS events, min(e.seq) AS oldest, max(e.seq) AS newest,
                       bool_or(e.seq = 1 AND e.kind = 'order.placed') AS placed
                FROM platform.event AS e
                WHERE e.stream_id IN ORDERS
                GROUP BY e.stream_id
            ) AS t ON t.stream_id = o.id
            WHERE o.id IN ORDERS
              AND (t.events, t.oldest, t.newest, t.placed)
                  IS DISTINCT FROM (o.version, 1::int8, o.version, true)
        """,
    ),
    Check(
        id="I16",
        title="Every order has lines, and their numbers are 1, 2, 3 …",
        hint="A line was removed. Restore it from a backup.",
        reach="orders",
        sql="""
            SELECT o.id AS order_id, o.number, count(l.line_no) AS lines, max(l.line_no) AS newest
            FROM orders.sales_order AS o
            LEFT JOIN orders.line AS l ON l.order_id = o.id
            WHERE o.id IN ORDERS
            GROUP BY o.id
            HAVING count(l.line_no) = 0 OR max(l.line_no) <> count(l.line_no)
        """,
    ),
    Check(
        id="O1",
        title="A kit line has its frozen parts, and no other line has any",
        hint="What the kit takes from stock is unknown, so that it can't be sourced anew.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.line_no, l.item_kind, count(c.item_id) AS parts
            FROM orders.line AS l
            LEFT JOIN orders.line_component AS c
              ON c.order_id = l.order_id AND c.line_no = l.line_no
            WHERE l.order_id IN ORDERS
            GROUP BY l.order_id, l.line_no
            HAVING (count(c.item_id) > 0) <> (l.item_kind = 'kit')
        """,
    ),
    Check(
        id="O2",
        title="Only what takes no stock is completed; only what takes stock is shipped",
        hint="The line was moved past the program; compare it with the order's timeline.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.line_no, l.item_kind, l.completed
            FROM orders.line AS l
            WHERE l.order_id IN ORDERS
              AND CASE WHEN l.item_kind IN ('stocked', 'kit') THEN l.completed > 0
                       ELSE l.backordered + l.reserved + l.released + l.picked + l.packed
                            + l.shipped > 0 END
        """,
    ),
)
