"""Work on stock: what transfers and cycle counts say is what the ledger says."""

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


CHECKS = (
    Check(
        id="SW1",
        title="What a location has sent and has not arrived is what its transfers say",
        hint="A transfer was booked twice, or in part. Compare its lines with the postings that"
        " name it.",
        reach="cells",
        sql=f"""
            SELECT coalesce(s.item_id, w.item_id) AS item_id,
                   coalesce(s.location_id, w.location_id) AS location_id, s.in_transit, w.open
            FROM (SELECT s.item_id, s.location_id, s.in_transit
                  FROM inventory.stock AS s
                  WHERE s IN CELLS) AS s
            FULL JOIN (
                SELECT u.item_id, u.location_id, u.open
                FROM ({_under_way("from_location_id")}
                ) AS u
                WHERE u IN CELLS
            ) AS w ON w.item_id = s.item_id AND w.location_id = s.location_id
            WHERE coalesce(s.in_transit, 0) <> coalesce(w.open, 0)
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="SW2",
        title="What transfers bring to a location is among what it sees coming",
        hint="The destination counts on less than is on its way to it. Compare the transfer's"
        " lines with the postings that name it.",
        reach="cells",
        sql=f"""
            SELECT w.item_id, w.location_id, w.open, s.incoming
            FROM ({_under_way("to_location_id")}
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
                -- Told of counts only, whatever order the planner joins in.
                CROSS JOIN LATERAL jsonb_array_elements(
                    CASE e.stream WHEN 'count' THEN e.body -> 'lines' ELSE '[]'::jsonb END) AS t
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
)
