"""Work on stock: what transfers, assemblies and counts say is what the ledger says."""

from ordito.listings.doctor.types import Check

_OPEN = "sum(l.shipped - l.received - l.damaged - l.missing)"


def _under_way(end: str) -> str:
    """Pieces on their way of each item, by the location at one end of its transfers."""
    return f"""
                SELECT l.item_id, t.{end} AS location_id, {_OPEN} AS open
                FROM inventory.transfer AS t
                JOIN inventory.transfer_line AS l ON l.transfer_id = t.id
                WHERE t.state IN ('shipped', 'partly_received')
                GROUP BY l.item_id, t.{end}
                HAVING {_OPEN} <> 0"""  # noqa: S608 (constants of this module)


_TO_SHOPS = """
                SELECT i.item_id, f.location_id, sum(i.qty) AS open
                FROM fulfillment.parcel AS p
                JOIN fulfillment.parcel_line AS i
                  ON i.order_id = p.order_id AND i.fo_no = p.fo_no AND i.parcel_no = p.parcel_no
                JOIN fulfillment.fulfillment_order AS f
                  ON f.order_id = p.order_id AND f.fo_no = p.fo_no
                WHERE p.destination_id IS NOT NULL AND p.delivered_at IS NULL
                GROUP BY i.item_id, f.location_id"""
"""Pieces of each item that its location has sent to shops for pick-ups."""


CHECKS = (
    Check(
        id="SW8",
        title="What an assembly took, gave back, threw away and made is what was posted",
        hint="An assembly was booked twice, or in part. Compare its lines with the postings that"
        " name it.",
        sql="""
            SELECT a.id, a.number, u.line_no, u.away, p.away AS posted
            FROM inventory.assembly AS a
            CROSS JOIN LATERAL (
                SELECT l.line_no, l.item_id, l.taken - l.returned - l.scrapped AS away
                FROM inventory.assembly_part AS l
                WHERE l.assembly_id = a.id
                UNION ALL
                SELECT 0, a.item_id, -a.made - CASE WHEN a.state IN ('started', 'partly_made')
                                                    THEN a.planned - a.made - a.spoiled ELSE 0 END
            ) AS u
            LEFT JOIN LATERAL (
                SELECT coalesce(sum(CASE WHEN n.to_bucket = 'assembly' THEN n.qty
                                         WHEN n.from_bucket = 'assembly' THEN -n.qty
                                    END), 0) AS away
                FROM inventory.posting AS n
                WHERE n.item_id = u.item_id AND n.location_id = a.location_id
                  AND n.source_id = a.id
            ) AS p ON true
            WHERE u.away <> p.away
        """,
    ),
    Check(
        id="SW9",
        title="The state of an assembly follows from its units, and an ended one keeps no parts",
        hint="The list shows an assembly as done that isn't, or the other way round; booking or"
        " closing it writes the state anew.",
        sql="""
            SELECT a.id, a.number, a.state, a.planned, a.made, a.spoiled
            FROM inventory.assembly AS a
            WHERE (a.state = 'started' AND a.made + a.spoiled > 0)
               OR (a.state = 'partly_made' AND (a.made + a.spoiled = 0
                                                OR a.made + a.spoiled = a.planned))
               OR (a.state = 'finished' AND EXISTS (
                      SELECT
                      FROM inventory.assembly_part AS l
                      WHERE l.assembly_id = a.id
                        AND l.taken <> l.returned + l.scrapped + l.per_unit * a.made))
        """,
    ),
    Check(
        id="SW1",
        title="What a location has sent and has not arrived is what its transfers and parcels to"
        " shops say",
        hint="A transfer or such a parcel was booked twice, or in part. Compare its lines with the"
        " postings that name it.",
        reach="cells",
        sql=f"""
            SELECT coalesce(s.item_id, w.item_id) AS item_id,
                   coalesce(s.location_id, w.location_id) AS location_id, s.in_transit, w.open
            FROM (SELECT s.item_id, s.location_id, s.in_transit
                  FROM inventory.stock AS s
                  WHERE s IN CELLS) AS s
            FULL JOIN (
                SELECT u.item_id, u.location_id, sum(u.open) AS open
                FROM ({_under_way("from_location_id")}
                UNION ALL{_TO_SHOPS}
                ) AS u
                WHERE u IN CELLS
                GROUP BY u.item_id, u.location_id
            ) AS w ON w.item_id = s.item_id AND w.location_id = s.location_id
            WHERE coalesce(s.in_transit, 0) <> coalesce(w.open, 0)
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="SW2",
        title="What a location sees coming is what is announced, on its way, or being made",
        hint="The destination counts on less than is on its way to it. Compare the transfers'"
        " lines, the expected receipts and the assemblies with the postings that name them.",
        reach="cells",
        sql=f"""
            SELECT w.item_id, w.location_id, w.open, s.incoming
            FROM (
                SELECT u.item_id, u.location_id, sum(u.open) AS open
                FROM ({_under_way("to_location_id")}
                UNION ALL
                SELECT e.item_id, e.location_id, sum(e.qty - e.received)
                FROM inventory.expected_receipt AS e
                WHERE e.state = 'open'
                GROUP BY e.item_id, e.location_id
                UNION ALL
                SELECT a.item_id, a.location_id, sum(a.planned - a.made - a.spoiled)
                FROM inventory.assembly AS a
                WHERE a.state IN ('started', 'partly_made')
                GROUP BY a.item_id, a.location_id
                ) AS u
                GROUP BY u.item_id, u.location_id
            ) AS w
            LEFT JOIN inventory.stock AS s
              ON s.item_id = w.item_id AND s.location_id = w.location_id
            WHERE w IN CELLS AND w.open > coalesce(s.incoming, 0)
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="SW3",
        title="The state of a transfer follows from its lines",
        hint="The list shows a transfer as done that isn't, or the other way round; receiving or"
        " closing it writes the state anew.",
        sql=f"""
            SELECT t.id, t.number, t.state, l.shipped, l.open
            FROM inventory.transfer AS t
            LEFT JOIN LATERAL (
                SELECT coalesce(sum(l.shipped), 0) AS shipped, coalesce({_OPEN}, 0) AS open,
                       coalesce(sum(l.received + l.damaged), 0) AS arrived
                FROM inventory.transfer_line AS l
                WHERE l.transfer_id = t.id
            ) AS l ON true
            WHERE t.state <> CASE
                WHEN l.shipped = 0 AND t.state IN ('draft', 'requested', 'cancelled') THEN t.state
                WHEN l.shipped = 0 THEN 'draft'
                WHEN l.open = 0 THEN 'received'
                WHEN l.arrived > 0 THEN 'partly_received'
                ELSE 'shipped'
            END
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="SW4",
        title="A cycle count is open while something of it is left to do",
        hint="The list shows a count as finished that isn't, or the other way round.",
        sql="""
            SELECT c.id, c.number, c.state, l.left_to_do
            FROM inventory.cycle_count AS c
            CROSS JOIN LATERAL (
                SELECT count(*) AS left_to_do
                FROM inventory.cycle_count_line AS n
                WHERE n.count_id = c.id AND n.state IN ('open', 'waiting')
            ) AS l
            WHERE (c.state = 'open') <> (l.left_to_do > 0)
        """,
    ),
    Check(
        id="SW5",
        title="A difference that a cycle count found was booked as it says",
        hint="Compare the count's line with the postings that name its document.",
        sql="""
            SELECT c.id AS count_id, l.line_no, l.item_id, l.difference, e.told
            FROM inventory.cycle_count AS c
            JOIN inventory.cycle_count_line AS l ON l.count_id = c.id
            LEFT JOIN LATERAL (
                SELECT (t ->> 2)::int8 - (t ->> 1)::int8 AS told
                FROM platform.event AS e
                -- Events of other kinds say how many lines; the plan may look at them first.
                CROSS JOIN LATERAL jsonb_array_elements(
                    CASE jsonb_typeof(e.body -> 'lines') WHEN 'array' THEN e.body -> 'lines' END
                ) AS t
                WHERE e.stream_id = l.document_id AND e.seq = 1
                  AND (t ->> 0)::uuid = l.item_id
            ) AS e ON true
            WHERE l.state = 'done' AND l.difference IS DISTINCT FROM e.told
        """,
    ),
    Check(
        id="SW6",
        title="What is kept for a channel is pieces of one item, and over when none are left",
        hint="Orders of the channel may look for it in vain. Release it and keep it anew.",
        sql="""
            SELECT h.id, h.channel_id, r.items, r.line_no
            FROM inventory.stock_hold AS h
            CROSS JOIN LATERAL (
                SELECT count(DISTINCT r.item_id) AS items, max(r.line_no) AS line_no
                FROM inventory.reservation AS r
                WHERE r.holder_id = h.id
            ) AS r
            WHERE h.kind = 'channel' AND h.ended_at IS NULL
              AND (r.items <> 1 OR r.line_no <> 1)
        """,
    ),
    Check(
        id="SW10",
        title="What is counted as sold has left",
        hint="Limits by days see it sell faster than it does. Empty listings.sold_day and begin"
        " the follower sold-days anew.",
        sql="""
            SELECT s.item_id, s.location_id, s.units, w.shipped
            FROM (
                SELECT d.item_id, d.location_id, sum(d.units) AS units
                FROM listings.sold_day AS d
                GROUP BY d.item_id, d.location_id
            ) AS s
            LEFT JOIN (
                SELECT l.item_id, o.location_id, sum(l.shipped) AS shipped
                FROM fulfillment.line AS l
                JOIN fulfillment.fulfillment_order AS o
                  ON o.order_id = l.order_id AND o.fo_no = l.fo_no
                WHERE l.shipped > 0
                GROUP BY l.item_id, o.location_id
            ) AS w ON w.item_id = s.item_id AND w.location_id = s.location_id
            WHERE s.units > coalesce(w.shipped, 0)
        """,
    ),
    Check(
        id="SW11",
        title="A shopper is written to about a cart once, when it was left, and by consent",
        hint="Compare the cart's timeline with the mail whose key is cart: and its id.",
        sql="""
            SELECT h.id, h.consent, h.ended_why, h.mailed_at
            FROM inventory.stock_hold AS h
            WHERE h.mailed_at IS NOT NULL
              AND (NOT h.consent OR h.ended_why IS DISTINCT FROM 'expired'
                   OR NOT EXISTS (
                       SELECT
                       FROM notifications.mail AS m
                       WHERE m.key = 'cart:' || h.id::text))
        """,
    ),
    Check(
        id="SW12",
        title="What is scheduled for later has a time at which it opens",
        hint="A fulfillment order would stay scheduled for ever. Begin it by hand on its order's"
        " page.",
        reach="orders",
        sql="""
            SELECT f.order_id, f.fo_no
            FROM fulfillment.fulfillment_order AS f
            WHERE f.state = 'scheduled' AND f.order_id IN ORDERS
              AND NOT EXISTS (
                  SELECT
                  FROM fulfillment.schedule AS s
                  WHERE s.order_id = f.order_id AND s.fo_no = f.fo_no
              )
        """,
    ),
    Check(
        id="SW13",
        title="An expected receipt has received what the receipts that name it say",
        hint="Its `received` is wrong, so that it is incoming for too long or too short.",
        sql="""
            SELECT e.id, e.received, l.pieces
            FROM inventory.expected_receipt AS e
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(l.qty), 0) AS pieces
                FROM inventory.receipt_line AS l
                WHERE l.expected_id = e.id
            ) AS l
            WHERE e.received <> l.pieces
        """,
    ),
)
