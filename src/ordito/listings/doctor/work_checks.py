"""The work at locations: it follows the order lines, and parcels follow it."""

from ordito.listings.doctor.derived import WORK_STATE
from ordito.listings.doctor.types import Check


def _under_way(which: str = "") -> str:
    """Pieces in parcels that have not arrived, by line of the work."""
    return f"""
                SELECT c.order_id, c.fo_no, c.line_no, c.item_id, sum(c.qty) AS pieces
                FROM fulfillment.parcel AS p
                JOIN fulfillment.parcel_line AS c
                  ON c.order_id = p.order_id AND c.fo_no = p.fo_no AND c.parcel_no = p.parcel_no
                WHERE p.order_id IN ORDERS AND p.delivered_at IS NULL{which}
                GROUP BY c.order_id, c.fo_no, c.line_no, c.item_id"""  # noqa: S608 (constants)


_UNDER_WAY = _under_way()
_TO_CUSTOMERS = _under_way(" AND p.destination_id IS NULL")

CHECKS = (
    Check(
        id="W1",
        title="A line's reserved to shipped units are the work at its locations",
        hint="The order promises units that no location works on, or a location works on units"
        " that the order doesn't have.",
        reach="orders",
        sql="""
            SELECT coalesce(l.order_id, w.order_id) AS order_id,
                   coalesce(l.line_no, w.line_no) AS line_no,
                   coalesce(l.item_id, w.item_id) AS item_id, to_jsonb(l) AS line,
                   to_jsonb(w) AS work
            FROM (
                SELECT l.order_id, l.line_no, coalesce(c.item_id, l.item_id) AS item_id,
                       l.reserved * coalesce(c.per_kit, 1) AS reserved,
                       l.released * coalesce(c.per_kit, 1) AS released,
                       l.picked * coalesce(c.per_kit, 1) AS picked,
                       l.packed * coalesce(c.per_kit, 1) AS packed,
                       l.shipped * coalesce(c.per_kit, 1) AS shipped
                FROM orders.line AS l
                LEFT JOIN orders.line_component AS c
                  ON c.order_id = l.order_id AND c.line_no = l.line_no
                WHERE l.order_id IN ORDERS AND l.item_kind IN ('stocked', 'kit')
            ) AS l
            FULL JOIN (
                SELECT l.order_id, l.line_no, l.item_id,
                       sum(CASE WHEN f.state IN ('scheduled', 'open')
                                THEN l.qty - l.picked ELSE 0 END) AS reserved,
                       sum(CASE WHEN f.state IN ('scheduled', 'open')
                                THEN 0 ELSE l.qty - l.picked END) AS released,
                       sum(l.picked - l.packed) AS picked,
                       -- What is on its way to a shop is packed still, and not the customer's.
                       sum(CASE WHEN f.destination_id IS NULL THEN l.packed - l.shipped
                                ELSE l.packed END) AS packed,
                       sum(CASE WHEN f.destination_id IS NULL THEN l.shipped
                                ELSE 0 END) AS shipped
                FROM fulfillment.line AS l
                JOIN fulfillment.fulfillment_order AS f
                  ON f.order_id = l.order_id AND f.fo_no = l.fo_no
                WHERE l.order_id IN ORDERS
                GROUP BY l.order_id, l.line_no, l.item_id
            ) AS w ON w.order_id = l.order_id AND w.line_no = l.line_no AND w.item_id = l.item_id
            WHERE (coalesce(l.reserved, 0), coalesce(l.released, 0), coalesce(l.picked, 0),
                   coalesce(l.packed, 0), coalesce(l.shipped, 0))
                  IS DISTINCT FROM
                  (coalesce(w.reserved, 0), coalesce(w.released, 0), coalesce(w.picked, 0),
                   coalesce(w.packed, 0), coalesce(w.shipped, 0))
        """,
    ),
    Check(
        id="W2",
        title="The state of a fulfillment order follows from its lines and parcels",
        hint="The board shows work in a wrong column; any act on it writes the state anew.",
        reach="orders",
        sql=f"""
            SELECT s.order_id, s.fo_no, s.state, {WORK_STATE} AS state_derived
            FROM (
                SELECT f.order_id, f.fo_no, f.state, f.delivery,
                       coalesce(sum(l.qty), 0) AS qty, coalesce(sum(l.picked), 0) AS picked,
                       coalesce(sum(l.packed), 0) AS packed,
                       coalesce(sum(l.shipped), 0) AS shipped,
                       coalesce(sum(u.pieces), 0) AS under_way
                FROM fulfillment.fulfillment_order AS f
                LEFT JOIN fulfillment.line AS l ON l.order_id = f.order_id AND l.fo_no = f.fo_no
                LEFT JOIN ({_UNDER_WAY}
                ) AS u
                  ON u.order_id = l.order_id AND u.fo_no = l.fo_no AND u.line_no = l.line_no
                 AND u.item_id = l.item_id
                WHERE f.order_id IN ORDERS
                GROUP BY f.order_id, f.fo_no
            ) AS s
            WHERE s.state <> {WORK_STATE}
        """,  # noqa: S608 (constants of this package)
    ),
    Check(
        id="W3",
        title="A location works on whole kits, with the parts frozen on the line",
        hint="A part of a kit is missing from the work, or was picked without the others.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.fo_no, l.line_no, count(*) AS parts
            FROM fulfillment.line AS l
            LEFT JOIN orders.line AS o ON o.order_id = l.order_id AND o.line_no = l.line_no
            LEFT JOIN orders.line_component AS c
              ON c.order_id = l.order_id AND c.line_no = l.line_no AND c.item_id = l.item_id
            WHERE l.order_id IN ORDERS
            GROUP BY l.order_id, l.fo_no, l.line_no
            HAVING count(DISTINCT (l.qty / l.per_unit, l.picked / l.per_unit,
                                   l.packed / l.per_unit, l.shipped / l.per_unit)) > 1
                OR bool_or(l.per_unit IS DISTINCT FROM
                           CASE WHEN o.item_kind = 'kit' THEN c.per_kit
                                WHEN o.item_id = l.item_id THEN 1 END)
                OR count(*) <> greatest(1, (
                       SELECT count(*)
                       FROM orders.line_component AS k
                       WHERE k.order_id = l.order_id AND k.line_no = l.line_no))
        """,
    ),
    Check(
        id="W4",
        title="Work goes in its order: picked, then packed, then shipped, in whole units",
        hint="The constraints of fulfillment.line were switched off.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.fo_no, l.line_no, l.item_id, l.qty, l.picked, l.packed, l.shipped
            FROM fulfillment.line AS l
            WHERE l.order_id IN ORDERS
              AND (l.qty < l.picked OR l.picked < l.packed OR l.packed < l.shipped OR l.shipped < 0
                   OR mod(l.qty, l.per_unit) + mod(l.picked, l.per_unit)
                      + mod(l.packed, l.per_unit) + mod(l.shipped, l.per_unit) <> 0)
        """,
    ),
    Check(
        id="I17",
        title="A parcel has something in it",
        hint="The parcel's lines are lost; find what it carried in the order's timeline.",
        reach="orders",
        sql="""
            SELECT p.order_id, p.fo_no, p.parcel_no, p.tracking_number
            FROM fulfillment.parcel AS p
            WHERE p.order_id IN ORDERS
              AND NOT EXISTS (
                  SELECT FROM fulfillment.parcel_line AS c
                  WHERE c.order_id = p.order_id AND c.fo_no = p.fo_no
                    AND c.parcel_no = p.parcel_no)
        """,
    ),
    Check(
        id="I18",
        title="What parcels carry is what was shipped",
        hint="A parcel carries more or less than its fulfillment order shipped. Orders with a past"
        " and pick-ups have no parcels.",
        reach="orders",
        sql="""
            SELECT coalesce(l.order_id, c.order_id) AS order_id,
                   coalesce(l.fo_no, c.fo_no) AS fo_no, coalesce(l.line_no, c.line_no) AS line_no,
                   coalesce(l.item_id, c.item_id) AS item_id, l.shipped, c.carried
            FROM (
                SELECT l.order_id, l.fo_no, l.line_no, l.item_id, l.shipped
                FROM fulfillment.line AS l
                JOIN fulfillment.fulfillment_order AS f
                  ON f.order_id = l.order_id AND f.fo_no = l.fo_no
                JOIN orders.sales_order AS o ON o.id = l.order_id
                WHERE l.order_id IN ORDERS AND f.delivery <> 'pickup' AND o.mode = 'live'
                  AND l.shipped > 0 AND f.destination_id IS NULL
            ) AS l
            FULL JOIN (
                SELECT c.order_id, c.fo_no, c.line_no, c.item_id, sum(c.qty) AS carried
                FROM fulfillment.parcel_line AS c
                JOIN fulfillment.parcel AS p
                  ON p.order_id = c.order_id AND p.fo_no = c.fo_no AND p.parcel_no = c.parcel_no
                WHERE c.order_id IN ORDERS AND p.destination_id IS NULL
                GROUP BY c.order_id, c.fo_no, c.line_no, c.item_id
            ) AS c
              ON c.order_id = l.order_id AND c.fo_no = l.fo_no AND c.line_no = l.line_no
             AND c.item_id = l.item_id
            WHERE l.shipped IS DISTINCT FROM c.carried
        """,
    ),
    Check(
        id="W5",
        title="Shipped units have arrived, or are in a parcel under way",
        hint="The line counts deliveries that no parcel tells of, or the other way round.",
        reach="orders",
        sql=f"""
            SELECT l.order_id, l.line_no, l.shipped, l.delivered, u.pieces AS pieces_under_way
            FROM orders.line AS l
            LEFT JOIN orders.line_component AS k
              ON k.order_id = l.order_id AND k.line_no = l.line_no
            LEFT JOIN (
                SELECT w.order_id, w.line_no, w.item_id, sum(w.pieces) AS pieces
                FROM ({_TO_CUSTOMERS}
                ) AS w
                GROUP BY w.order_id, w.line_no, w.item_id
            ) AS u
              ON u.order_id = l.order_id AND u.line_no = l.line_no
             AND u.item_id = coalesce(k.item_id, l.item_id)
            WHERE l.order_id IN ORDERS
              AND (l.shipped - l.delivered) * coalesce(k.per_kit, 1) <> coalesce(u.pieces, 0)
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="W6",
        title="A shortage task is open only for a line that waits for stock",
        hint="Close the task: nothing is missing any more.",
        reach="orders",
        sql="""
            SELECT t.id AS task_id, t.order_id, t.line_no
            FROM fulfillment.task AS t
            LEFT JOIN orders.line AS l ON l.order_id = t.order_id AND l.line_no = t.line_no
            WHERE t.order_id IN ORDERS AND t.kind = 'shortage' AND t.closed_at IS NULL
              AND coalesce(l.open + l.backordered, 0) = 0
        """,
    ),
    Check(
        id="W7",
        title="Every fulfillment order of a live order points to the decision that made it",
        hint="Why this location was chosen can't be told any more.",
        reach="orders",
        sql="""
            SELECT f.order_id, f.fo_no, f.decision_no
            FROM fulfillment.fulfillment_order AS f
            JOIN orders.sales_order AS o ON o.id = f.order_id
            LEFT JOIN sourcing.decision AS d
              ON d.order_id = f.order_id AND d.decision_no = f.decision_no
            WHERE f.order_id IN ORDERS AND o.mode = 'live' AND d.order_id IS NULL
        """,
    ),
    Check(
        id="W8",
        title="A pick-up that waits for its customer has a code to be handed over by",
        hint="Make it ready again: the customer gets a new code.",
        reach="orders",
        sql="""
            SELECT f.order_id, f.fo_no, f.state
            FROM fulfillment.fulfillment_order AS f
            WHERE f.order_id IN ORDERS AND f.state = 'ready' AND coalesce(f.pickup_code, '') = ''
        """,
    ),
    Check(
        id="W9",
        title="Who said no to an order had a part of it",
        hint="The location isn't asked again for no reason; choose it for a line to lift that.",
        reach="orders",
        sql="""
            SELECT r.order_id, r.location_id, r.fo_no
            FROM orders.refusal AS r
            LEFT JOIN fulfillment.fulfillment_order AS f
              ON f.order_id = r.order_id AND f.fo_no = r.fo_no AND f.location_id = r.location_id
            WHERE r.order_id IN ORDERS AND f.order_id IS NULL
        """,
    ),
    Check(
        id="W10",
        title="What was promised for a part agrees with the part and with what it rests on",
        hint="The order's page tells other days than those its part is worked on by, or a"
        " probability below what the channel wanted. Take the part's own day as the right one.",
        reach="orders",
        sql="""
            SELECT p.order_id, p.fo_no, f.delivery, f.promised_on, p.ships_on, p.delivers_on,
                   p.tariff, c.calendar_on, c.level, c.probability
            FROM fulfillment.promise AS p
            JOIN fulfillment.fulfillment_order AS f
              ON f.order_id = p.order_id AND f.fo_no = p.fo_no
            JOIN orders.sales_order AS o ON o.id = p.order_id
            LEFT JOIN fulfillment.forecast AS c ON c.order_id = p.order_id AND c.fo_no = p.fo_no
            LEFT JOIN sourcing.delay_model AS m ON m.version = c.model
            WHERE p.order_id IN ORDERS
              AND ((f.delivery = 'pickup' AND p.tariff <> '')
                   OR f.promised_on NOT IN (p.ships_on, o.promised_on)
                   OR p.ships_on < c.calendar_on
                   OR c.probability < c.level * 10
                   OR (c.model IS NOT NULL AND m.version IS NULL)
                   OR (c.order_id IS NOT NULL AND c.model IS NULL
                       AND (p.ships_on, p.delivers_on)
                           <> (c.calendar_on, c.calendar_delivers_on)))
        """,
    ),
    Check(
        id="W11",
        title="What partners were asked and answered is what their fulfillment orders say",
        hint="A request can't be answered, or is answered and still waits. Take it back, or mark it"
        " by hand.",
        reach="orders",
        sql="""
            SELECT f.order_id, f.fo_no, f.request, r.answer, r.closed_at, c.asked_at
            FROM fulfillment.fulfillment_order AS f
            LEFT JOIN fulfillment.request AS r ON r.order_id = f.order_id AND r.fo_no = f.fo_no
            LEFT JOIN fulfillment.cancellation_ask AS c
              ON c.order_id = f.order_id AND c.fo_no = f.fo_no AND c.answered_at IS NULL
            WHERE f.order_id IN ORDERS
              AND ((f.request IS NULL) <> (r.order_id IS NULL)
                   OR (f.request = 'submitted') <> (r.answer IS NULL)
                   OR (f.request = 'cancellation_requested') <> (c.order_id IS NOT NULL)
                   OR (r.closed_at IS NULL) <> (f.request IN (
                       'submitted', 'accepted', 'cancellation_requested',
                       'cancellation_rejected'))
                   OR r.location_id <> f.location_id
                   OR f.request = 'submitted' AND f.state <> 'released')
        """,
    ),
    Check(
        id="W12",
        title="What is sent to a shop is in parcels that are on their way to it",
        hint="A shop waits for units that no parcel brings, or a parcel goes to another shop than"
        " the order is collected at. Look for the parcel, and receive what came of it.",
        reach="orders",
        sql=f"""
            SELECT f.order_id, f.fo_no, f.destination_id, l.line_no, l.item_id, l.shipped,
                   u.pieces
            FROM fulfillment.fulfillment_order AS f
            JOIN fulfillment.line AS l ON l.order_id = f.order_id AND l.fo_no = f.fo_no
            LEFT JOIN ({_UNDER_WAY}
            ) AS u
              ON u.order_id = l.order_id AND u.fo_no = l.fo_no AND u.line_no = l.line_no
             AND u.item_id = l.item_id
            WHERE f.order_id IN ORDERS AND f.destination_id IS NOT NULL
              AND l.shipped > coalesce(u.pieces, 0)
            UNION ALL
            SELECT f.order_id, f.fo_no, f.destination_id, NULL, NULL, NULL, NULL
            FROM fulfillment.fulfillment_order AS f
            JOIN fulfillment.parcel AS p ON p.order_id = f.order_id AND p.fo_no = f.fo_no
            WHERE f.order_id IN ORDERS AND p.destination_id IS DISTINCT FROM f.destination_id
        """,  # noqa: S608 (constants of this module)
    ),
)
