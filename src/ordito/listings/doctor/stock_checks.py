"""Stock: the counters, the ledger and the reservations say the same."""

from ordito.listings.doctor.types import Check

_BUCKETS = (
    "available",
    "reserved",
    "picked",
    "quality_control",
    "damaged",
    "safety",
    "incoming",
    "in_transit",
)

_SUMS = ",\n".join(
    f"""           sum(CASE WHEN p.to_bucket = '{bucket}' THEN p.qty
                    WHEN p.from_bucket = '{bucket}' THEN -p.qty
                    ELSE 0 END) AS {bucket}"""
    for bucket in _BUCKETS
)
_TOLD = ", ".join(f"s.{bucket}" for bucket in _BUCKETS)
_POSTED = ", ".join(f"coalesce(t.{bucket}, 0)" for bucket in _BUCKETS)

_OUTSIDE = (
    "('supplier', 'incoming', 'in_transit', 'customer', 'scrapped', 'adjustment', 'transfer',"
    " 'assembly')"
)


def _after(balance: str, to: str, from_: str) -> str:
    """Whether a posting's balance differs from the one before it plus what it moved."""
    return (
        f"p.{balance} <> coalesce(lag(p.{balance}) OVER cell, 0)"
        f" + CASE WHEN {to} THEN p.qty ELSE 0 END - CASE WHEN {from_} THEN p.qty ELSE 0 END"
    )


# Arrays are NULL where all five are 0.
_OTHERS = "\n                       OR ".join(
    f"coalesce(p.others_after[{n}], 0) <> coalesce(lag(p.others_after[{n}]) OVER cell, 0)"
    f" + CASE '{bucket}' WHEN p.to_bucket::text THEN p.qty"
    f" WHEN p.from_bucket::text THEN -p.qty ELSE 0 END"
    for n, bucket in enumerate(_BUCKETS[3:], start=1)
)


CHECKS = (
    Check(
        id="I1",
        title="No counter of stock is below zero, and on_hand is the sum of its buckets",
        hint="The constraints of inventory.stock were switched off. Rebuild the counters of these"
        " cells from their postings.",
        reach="cells",
        sql="""
            SELECT s.item_id, s.location_id, s.on_hand, s.available, s.reserved, s.picked
            FROM inventory.stock AS s
            WHERE s IN CELLS
              AND (least(s.available, s.reserved, s.picked, s.quality_control, s.damaged, s.safety,
                         s.incoming, s.in_transit) < 0
                   OR s.on_hand <> s.available + s.reserved + s.picked + s.quality_control
                                   + s.damaged + s.safety)
        """,
    ),
    Check(
        id="I2",
        title="Reserved stock is what the reservations of the cell hold",
        hint="Stock is held for nobody, or promised without being held. Compare the cell's"
        " reservations with its postings; correct with a count.",
        reach="cells",
        sql="""
            SELECT coalesce(s.item_id, r.item_id) AS item_id,
                   coalesce(s.location_id, r.location_id) AS location_id,
                   s.reserved, r.held
            FROM (SELECT s.item_id, s.location_id, s.reserved
                  FROM inventory.stock AS s
                  WHERE s IN CELLS) AS s
            FULL JOIN (SELECT r.item_id, r.location_id, sum(r.qty) AS held
                       FROM inventory.reservation AS r
                       WHERE r IN CELLS
                       GROUP BY r.item_id, r.location_id) AS r
              ON r.item_id = s.item_id AND r.location_id = s.location_id
            WHERE coalesce(s.reserved, 0) <> coalesce(r.held, 0)
        """,
    ),
    Check(
        id="I4",
        title="Every counter is the sum of the cell's postings",
        hint="A counter was changed without a posting, or a posting was lost. The postings are the"
        " truth; find who wrote past the program.",
        reach="cells",
        sql=f"""
            SELECT coalesce(s.item_id, t.item_id) AS item_id,
                   coalesce(s.location_id, t.location_id) AS location_id,
                   to_jsonb(s) - '{{item_id,location_id}}'::text[] AS counters,
                   to_jsonb(t) - '{{item_id,location_id}}'::text[] AS postings
            FROM (SELECT s.item_id, s.location_id, s.seq, {_TOLD}
                  FROM inventory.stock AS s
                  WHERE s IN CELLS) AS s
            FULL JOIN (
                SELECT p.item_id, p.location_id, count(*) AS n,
            {_SUMS}
                FROM inventory.posting AS p
                WHERE p IN CELLS
                GROUP BY p.item_id, p.location_id
            ) AS t ON t.item_id = s.item_id AND t.location_id = s.location_id
            WHERE (s.seq, {_TOLD}) IS DISTINCT FROM (coalesce(t.n, 0), {_POSTED})
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="I4b",
        title="Postings of a cell are numbered without gaps and carry the balances after them",
        hint="A posting was removed or rewritten, so that the stock of past moments is wrong."
        " Restore the posting from a backup.",
        reach="cells",
        sql=f"""
            SELECT w.item_id, w.location_id, w.seq
            FROM (
                SELECT p.item_id, p.location_id, p.seq,
                       p.seq <> coalesce(lag(p.seq) OVER cell, 0) + 1
                       OR {
            _after("available_after", "p.to_bucket = 'available'", "p.from_bucket = 'available'")
        }
                       OR {
            _after("reserved_after", "p.to_bucket = 'reserved'", "p.from_bucket = 'reserved'")
        }
                       OR {
            _after("picked_after", "p.to_bucket = 'picked'", "p.from_bucket = 'picked'")
        }
                       OR {
            _after(
                "on_hand_after",
                f"p.to_bucket NOT IN {_OUTSIDE}",
                f"p.from_bucket NOT IN {_OUTSIDE}",
            )
        }
                       OR {_OTHERS} AS wrong
                FROM inventory.posting AS p
                WHERE p IN CELLS
                WINDOW cell AS (PARTITION BY p.item_id, p.location_id ORDER BY p.seq)
            ) AS w
            WHERE w.wrong
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="I3",
        title="An order line has reservations for exactly its reserved and released units",
        hint="The line promises stock that is not held, or holds more than it promises. Cancel and"
        " place the line again, or correct the reservation.",
        reach="orders",
        sql="""
            SELECT coalesce(w.order_id, r.holder_id) AS order_id,
                   coalesce(w.line_no, r.line_no) AS line_no,
                   coalesce(w.item_id, r.item_id) AS item_id, w.promised, r.held
            FROM (
                SELECT l.order_id, l.line_no, coalesce(c.item_id, l.item_id) AS item_id,
                       (l.reserved + l.released) * coalesce(c.per_kit, 1) AS promised
                FROM orders.line AS l
                LEFT JOIN orders.line_component AS c
                  ON c.order_id = l.order_id AND c.line_no = l.line_no
                WHERE l.order_id IN ORDERS AND l.reserved + l.released > 0
            ) AS w
            FULL JOIN (
                SELECT r.holder_id, r.line_no, r.item_id, sum(r.qty) AS held
                FROM inventory.reservation AS r
                WHERE r.holder_id IN ORDERS
                  AND NOT EXISTS (
                      SELECT FROM inventory.stock_hold AS h WHERE h.id = r.holder_id)
                GROUP BY r.holder_id, r.line_no, r.item_id
            ) AS r ON r.holder_id = w.order_id AND r.line_no = w.line_no AND r.item_id = w.item_id
            WHERE w.promised IS DISTINCT FROM r.held
        """,
    ),
    Check(
        id="I3b",
        title="A reservation is what its location has still to pick",
        hint="Stock is held at another place than the one that works on the order.",
        reach="orders",
        sql="""
            SELECT coalesce(w.order_id, r.holder_id) AS order_id,
                   coalesce(w.line_no, r.line_no) AS line_no,
                   coalesce(w.item_id, r.item_id) AS item_id,
                   coalesce(w.location_id, r.location_id) AS location_id, w.unpicked, r.qty
            FROM (
                SELECT l.order_id, l.line_no, l.item_id, f.location_id,
                       sum(l.qty - l.picked) AS unpicked
                FROM fulfillment.line AS l
                JOIN fulfillment.fulfillment_order AS f
                  ON f.order_id = l.order_id AND f.fo_no = l.fo_no
                WHERE l.order_id IN ORDERS
                GROUP BY l.order_id, l.line_no, l.item_id, f.location_id
                HAVING sum(l.qty - l.picked) <> 0
            ) AS w
            FULL JOIN (
                SELECT r.holder_id, r.line_no, r.item_id, r.location_id, r.qty
                FROM inventory.reservation AS r
                WHERE r.holder_id IN ORDERS
                  AND NOT EXISTS (
                      SELECT FROM inventory.stock_hold AS h WHERE h.id = r.holder_id)
            ) AS r
              ON r.holder_id = w.order_id AND r.line_no = w.line_no AND r.item_id = w.item_id
             AND r.location_id = w.location_id
            WHERE w.unpicked IS DISTINCT FROM r.qty
        """,
    ),
    Check(
        id="I5",
        title="Nothing is held for an order or a hold that is over, or for nobody",
        hint="Free the reservation: its stock can be sold.",
        reach="orders",
        sql="""
            SELECT r.holder_id, r.line_no, r.item_id, r.location_id, r.qty
            FROM inventory.reservation AS r
            LEFT JOIN orders.sales_order AS o ON o.id = r.holder_id
            LEFT JOIN inventory.stock_hold AS h ON h.id = r.holder_id
            WHERE r.holder_id IN ORDERS
              AND CASE WHEN o.id IS NOT NULL THEN o.life IN ('cancelled', 'closed')
                       WHEN h.id IS NOT NULL THEN h.ended_at IS NOT NULL
                       ELSE true END
        """,
    ),
    Check(
        id="I6",
        title="Reservations whose time is over were freed",
        hint="The job that ends holds doesn't run: start a worker (`ordito serve` or `ordito"
        " worker`) and look at its schedule.",
        severity="warning",
        sql="""
            SELECT r.holder_id, r.line_no, r.item_id, r.location_id, r.qty, r.expires_at
            FROM inventory.reservation AS r
            WHERE r.expires_at < now() - interval '5 minutes'
        """,
    ),
    Check(
        id="I6b",
        title="A reservation ends when its hold ends; one of an order does not end by itself",
        hint="Set the reservation's end to that of its hold.",
        reach="cells",
        sql="""
            SELECT r.holder_id, r.line_no, r.item_id, r.location_id, r.expires_at,
                   h.expires_at AS hold_expires_at
            FROM inventory.reservation AS r
            LEFT JOIN inventory.stock_hold AS h ON h.id = r.holder_id
            WHERE r IN CELLS AND r.expires_at IS DISTINCT FROM h.expires_at
        """,
    ),
    Check(
        id="I7",
        title="What the ledger booked for an order line is what is held and in hand for it",
        hint="A move of the order was booked twice, or not at all. Compare the cell's postings"
        " with the order's timeline.",
        reach="cells",
        sql="""
            SELECT g.order_id, g.line_no, g.item_id, g.location_id, g.reserved, r.qty AS held,
                   g.picked, coalesce(sum(l.picked - l.shipped), 0) AS in_hand
            FROM (
                SELECT p.source_id AS order_id, p.source_line AS line_no, p.item_id, p.location_id,
                       sum(CASE WHEN p.to_bucket = 'reserved' THEN p.qty
                                WHEN p.from_bucket = 'reserved' THEN -p.qty
                                ELSE 0 END) AS reserved,
                       sum(CASE WHEN p.to_bucket = 'picked' THEN p.qty
                                WHEN p.from_bucket = 'picked' THEN -p.qty
                                ELSE 0 END) AS picked
                FROM inventory.posting AS p
                JOIN orders.sales_order AS o ON o.id = p.source_id
                WHERE p IN CELLS
                GROUP BY p.source_id, p.source_line, p.item_id, p.location_id
            ) AS g
            LEFT JOIN inventory.reservation AS r
              ON r.holder_id = g.order_id AND r.line_no = g.line_no AND r.item_id = g.item_id
             AND r.location_id = g.location_id
            LEFT JOIN (
                fulfillment.line AS l
                JOIN fulfillment.fulfillment_order AS f
                  ON f.order_id = l.order_id AND f.fo_no = l.fo_no
            )
              ON l.order_id = g.order_id AND l.line_no = g.line_no AND l.item_id = g.item_id
             AND f.location_id = g.location_id
            GROUP BY g.order_id, g.line_no, g.item_id, g.location_id, g.reserved, r.qty, g.picked
            HAVING g.reserved <> coalesce(r.qty, 0)
                OR g.picked <> coalesce(sum(l.picked - l.shipped), 0)
        """,
    ),
    Check(
        id="I7b",
        title="What the ledger booked out to a customer is what was shipped and not returned",
        hint="A shipment or a return was booked twice, or not at all.",
        sql="""
            SELECT w.order_id, w.line_no, w.item_id, w.kept, g.booked
            FROM (
                SELECT l.order_id, l.line_no, coalesce(c.item_id, l.item_id) AS item_id,
                       (l.shipped - l.returned) * coalesce(c.per_kit, 1) AS kept
                FROM orders.line AS l
                LEFT JOIN orders.line_component AS c
                  ON c.order_id = l.order_id AND c.line_no = l.line_no
                WHERE l.item_kind IN ('stocked', 'kit')
            ) AS w
            LEFT JOIN (
                SELECT p.source_id, p.source_line, p.item_id,
                       sum(CASE WHEN p.to_bucket = 'customer' THEN p.qty
                                ELSE -p.qty END) AS booked
                FROM inventory.posting AS p
                WHERE 'customer' IN (p.from_bucket, p.to_bucket)
                GROUP BY p.source_id, p.source_line, p.item_id
            ) AS g
              ON g.source_id = w.order_id AND g.source_line = w.line_no AND g.item_id = w.item_id
            WHERE w.kept <> coalesce(g.booked, 0)
        """,
    ),
    Check(
        id="S1",
        title="Picked stock is what locations have in hand",
        hint="Units were picked for nobody, or shipped without leaving the shelf's count.",
        sql="""
            SELECT coalesce(s.item_id, w.item_id) AS item_id,
                   coalesce(s.location_id, w.location_id) AS location_id, s.picked, w.in_hand
            FROM inventory.stock AS s
            FULL JOIN (
                SELECT l.item_id, f.location_id, sum(l.picked - l.shipped) AS in_hand
                FROM fulfillment.line AS l
                JOIN fulfillment.fulfillment_order AS f
                  ON f.order_id = l.order_id AND f.fo_no = l.fo_no
                GROUP BY l.item_id, f.location_id
            ) AS w ON w.item_id = s.item_id AND w.location_id = s.location_id
            WHERE coalesce(s.picked, 0) <> coalesce(w.in_hand, 0)
        """,
    ),
    Check(
        id="S2",
        title="A receipt was booked in as it says",
        hint="Compare the receipt's lines with the postings that name it.",
        sql="""
            SELECT r.id AS receipt_id, l.line_no, l.item_id, l.qty, p.booked
            FROM inventory.receipt AS r
            JOIN inventory.receipt_line AS l ON l.receipt_id = r.id
            LEFT JOIN (
                SELECT p.source_id, p.source_line, p.item_id, p.location_id, sum(p.qty) AS booked
                FROM inventory.posting AS p
                WHERE p.from_bucket IN ('supplier', 'incoming')
                GROUP BY p.source_id, p.source_line, p.item_id, p.location_id
            ) AS p
              ON p.source_id = r.id AND p.source_line = l.line_no AND p.item_id = l.item_id
             AND p.location_id = r.location_id
            WHERE l.qty IS DISTINCT FROM p.booked
        """,
    ),
)
