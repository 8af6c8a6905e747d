"""What must be true after every act, checked over the whole database of a test."""

from typing import Any

from ordito.flows.opened_orders import look_at_orders
from ordito.fulfillment.states import derive_state
from ordito.orders.cancellations import value_cancelled
from ordito.orders.statuses import Sums, derive
from ordito.payments.expectations import read_expectation
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database

_COUNTED = (
    "available",
    "reserved",
    "picked",
    "quality_control",
    "damaged",
    "safety",
    "incoming",
    "in_transit",
)


def assert_sound(db: Database) -> None:
    """Every counter equals what it counts; every status equals what it is derived from."""
    with db.reading(SYSTEM) as tx:
        for claim, sql in _CLAIMS.items():
            rows = tx.conn.execute(sql).fetchall()
            assert rows == [], f"{claim}: {rows[:5]}"
        ids = [row[0] for row in tx.conn.execute("SELECT id FROM orders.sales_order").fetchall()]
        for opened in look_at_orders(tx, ids).values():
            _check_derived(opened)
            expectation = read_expectation(tx, opened.order.id)
            if expectation is not None:
                _check_expectation(opened, expectation)


def _check_derived(opened: Any) -> None:
    order, lines = opened.order, opened.lines.values()
    counts = {
        name: sum(getattr(line, name) for line in lines)
        for name in Sums.__struct_fields__
        if name not in ("order_id", "life", "held")
    }
    axes = derive(Sums(order.id, order.life, **counts, held=bool(opened.holds)))
    told = (order.life, order.fulfilment, order.return_state, order.backordered)
    assert (axes.life, axes.fulfilment, axes.return_state, axes.backordered) == told
    for fo_no, fo in opened.fos.items():
        assert derive_state(fo.state, fo.delivery, opened.sums_of(fo_no)) == fo.state, fo


def _check_expectation(opened: Any, expectation: Any) -> None:
    lines = list(opened.lines.values())
    fresh = [_uncancelled(line) for line in lines]
    cancelled = {line.line_no: line.cancelled for line in lines}
    value = value_cancelled(opened.order.total_minor, fresh, cancelled)
    assert expectation.amount_minor == opened.order.total_minor - value


def _uncancelled(line: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(line, cancelled=0)


_CLAIMS = {
    "a counter equals the sum of its postings": " UNION ALL ".join(
        f"""
        SELECT s.item_id, s.location_id, '{bucket}', s.{bucket}
        FROM inventory.stock AS s
        WHERE s.{bucket} <> (
            SELECT coalesce(sum(CASE WHEN p.to_bucket = '{bucket}' THEN p.qty
                                     WHEN p.from_bucket = '{bucket}' THEN -p.qty
                                     ELSE 0 END), 0)
            FROM inventory.posting AS p
            WHERE p.item_id = s.item_id AND p.location_id = s.location_id)
        """
        for bucket in _COUNTED
    ),
    "postings of a cell are numbered without gaps": """
        SELECT s.item_id, s.location_id
        FROM inventory.stock AS s
        LEFT JOIN inventory.posting AS p USING (item_id, location_id)
        GROUP BY s.item_id, s.location_id, s.seq
        HAVING count(p.seq) <> s.seq OR coalesce(max(p.seq), 0) <> s.seq
    """,
    "reserved equals the reservations of the cell": """
        SELECT s.item_id, s.location_id, s.reserved, sum(r.qty)
        FROM inventory.stock AS s
        LEFT JOIN inventory.reservation AS r USING (item_id, location_id)
        GROUP BY s.item_id, s.location_id, s.reserved
        HAVING s.reserved <> coalesce(sum(r.qty), 0)
    """,
    "a reservation is what its location has not picked": """
        SELECT coalesce(w.order_id, r.holder_id), w.unpicked, r.qty
        FROM (
            SELECT l.order_id, l.line_no, l.item_id, f.location_id,
                   sum(l.qty - l.picked) AS unpicked
            FROM fulfillment.line AS l
            JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
            GROUP BY 1, 2, 3, 4
            HAVING sum(l.qty - l.picked) > 0
        ) AS w
        FULL JOIN inventory.reservation AS r
          ON r.holder_id = w.order_id AND r.line_no = w.line_no AND r.item_id = w.item_id
         AND r.location_id = w.location_id
        WHERE w.unpicked IS DISTINCT FROM r.qty
    """,
    "picked stock is what locations have in hand": """
        SELECT s.item_id, s.location_id, s.picked, w.in_hand
        FROM inventory.stock AS s
        LEFT JOIN (
            SELECT l.item_id, f.location_id, sum(l.picked - l.shipped) AS in_hand
            FROM fulfillment.line AS l
            JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
            GROUP BY 1, 2
        ) AS w USING (item_id, location_id)
        WHERE s.picked <> coalesce(w.in_hand, 0)
    """,
    "a line's vector equals its work at the locations": """
        WITH per_fo AS (
            SELECT l.order_id, l.line_no, l.item_id, l.per_unit,
                   CASE WHEN f.state IN ('scheduled', 'open') THEN l.qty - l.picked ELSE 0 END
                       AS reserved,
                   CASE WHEN f.state IN ('scheduled', 'open') THEN 0 ELSE l.qty - l.picked END
                       AS released,
                   l.picked - l.packed AS picked,
                   CASE WHEN f.destination_id IS NULL THEN l.packed - l.shipped ELSE l.packed END
                       AS packed,
                   CASE WHEN f.destination_id IS NULL THEN l.shipped ELSE 0 END AS shipped
            FROM fulfillment.line AS l
            JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
        ),
        work AS (
            SELECT order_id, line_no, item_id, per_unit, sum(reserved) AS reserved,
                   sum(released) AS released, sum(picked) AS picked, sum(packed) AS packed,
                   sum(shipped) AS shipped
            FROM per_fo
            GROUP BY 1, 2, 3, 4
        )
        SELECT l.order_id, l.line_no, w
        FROM orders.line AS l
        LEFT JOIN work AS w USING (order_id, line_no)
        WHERE l.reserved * coalesce(w.per_unit, 1) <> coalesce(w.reserved, 0)
           OR l.released * coalesce(w.per_unit, 1) <> coalesce(w.released, 0)
           OR l.picked * coalesce(w.per_unit, 1) <> coalesce(w.picked, 0)
           OR l.packed * coalesce(w.per_unit, 1) <> coalesce(w.packed, 0)
           OR l.shipped * coalesce(w.per_unit, 1) <> coalesce(w.shipped, 0)
    """,
    "what is on its way is what transfers and parcels to shops say": """
        SELECT s.item_id, s.location_id, s.in_transit, w.open
        FROM inventory.stock AS s
        LEFT JOIN (
            SELECT u.item_id, u.location_id, sum(u.open) AS open
            FROM (
                SELECT l.item_id, t.from_location_id AS location_id,
                       l.shipped - l.received - l.damaged - l.missing AS open
                FROM inventory.transfer AS t
                JOIN inventory.transfer_line AS l ON l.transfer_id = t.id
                UNION ALL
                SELECT i.item_id, f.location_id, i.qty
                FROM fulfillment.parcel AS p
                JOIN fulfillment.parcel_line AS i USING (order_id, fo_no, parcel_no)
                JOIN fulfillment.fulfillment_order AS f USING (order_id, fo_no)
                WHERE p.destination_id IS NOT NULL AND p.delivered_at IS NULL
            ) AS u
            GROUP BY 1, 2
        ) AS w USING (item_id, location_id)
        WHERE s.in_transit <> coalesce(w.open, 0)
    """,
    "the timeline has no gaps and its end is the version": """
        SELECT o.id, o.version, count(e.seq), max(e.seq)
        FROM orders.sales_order AS o
        LEFT JOIN platform.event AS e ON e.stream_id = o.id
        GROUP BY o.id
        HAVING count(e.seq) <> o.version OR max(e.seq) <> o.version OR min(e.seq) <> 1
    """,
    "a shortage task is open for a line that waits": """
        SELECT t.id
        FROM fulfillment.task AS t
        JOIN orders.line AS l USING (order_id, line_no)
        WHERE t.kind = 'shortage' AND t.closed_at IS NULL AND l.open + l.backordered = 0
    """,
    "nothing is held for orders that are over": """
        SELECT r.holder_id
        FROM inventory.reservation AS r
        JOIN orders.sales_order AS o ON o.id = r.holder_id
        WHERE o.life IN ('cancelled', 'closed')
    """,
}
