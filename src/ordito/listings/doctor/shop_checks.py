"""What is known of the orders of shops that channels are connected to."""

from ordito.listings.doctor.types import Check

CHECKS = (
    Check(
        id="T1",
        title="An order of a shop is linked to an order of its channel, each line to one of its",
        hint="Refunds and shipments of this order would reach other units: unlink it.",
        sql="""
            SELECT l.channel_id, l.shop_order, l.order_id, linked.line
            FROM channels.order_link AS l
            LEFT JOIN LATERAL jsonb_each_text(l.lines) AS linked (line, line_no) ON true
            LEFT JOIN orders.sales_order AS o
              ON o.id = l.order_id AND o.channel_id = l.channel_id
            LEFT JOIN orders.line AS n
              ON n.order_id = o.id AND n.line_no::text = linked.line_no
            WHERE l.order_id IS NOT NULL
              AND (o.id IS NULL OR linked.line IS NOT NULL AND n.order_id IS NULL)
        """,
    ),
    Check(
        id="T2",
        title="A connection to a shop has a channel and its secrets",
        hint="Save the connection again with its token and its secret.",
        sql="""
            SELECT c.channel_id, c.domain
            FROM channels.connection AS c
            LEFT JOIN channels.channel AS h ON h.id = c.channel_id
            LEFT JOIN channels.connection_secret AS s ON s.channel_id = c.channel_id
            WHERE h.id IS NULL OR s.channel_id IS NULL OR s.token = ''
               OR cardinality(s.webhook_secrets) = 0
        """,
    ),
)
