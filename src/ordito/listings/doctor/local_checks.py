"""Local delivery: places taken of slots, and the stops that take them."""

from ordito.listings.doctor.types import Check

CHECKS = (
    Check(
        id="LD1",
        title="What is taken of a delivery slot is the number of its stops",
        hint="A slot seems fuller than it is, or takes more orders than fit. Set `booked` of"
        " fulfillment.slot_day to the number that was counted.",
        reach="everything",
        sql="""
            SELECT coalesce(d.location_id, s.location_id) AS location_id,
                   coalesce(d.slot, s.slot) AS slot, coalesce(d.on_day, s.on_day) AS on_day,
                   d.booked, d.places, s.stops
            FROM fulfillment.slot_day AS d
            FULL JOIN (
                SELECT location_id, slot, on_day, count(*) AS stops
                FROM fulfillment.stop
                WHERE state <> 'dropped'
                GROUP BY location_id, slot, on_day
            ) AS s ON s.location_id = d.location_id AND s.slot = d.slot AND s.on_day = d.on_day
            WHERE coalesce(d.booked, 0) <> coalesce(s.stops, 0)
        """,
    ),
    Check(
        id="LD2",
        title="Orders that a location brings itself have a stop there, and others have none",
        hint="The order is on no round, or on one for nothing. Move it to another slot, or change"
        " how it reaches its customer.",
        reach="orders",
        sql="""
            SELECT o.id AS order_id, o.delivery, o.life, s.state, s.attempts, a.attempts AS made
            FROM orders.sales_order AS o
            LEFT JOIN fulfillment.stop AS s ON s.order_id = o.id
            CROSS JOIN LATERAL (
                SELECT count(*) AS attempts
                FROM fulfillment.stop_attempt AS t
                WHERE t.order_id = o.id
            ) AS a
            WHERE o.id IN ORDERS AND (o.delivery = 'local' OR s.order_id IS NOT NULL)
              AND (s.order_id IS NULL
                   OR (s.state <> 'dropped'
                       AND (o.delivery <> 'local' OR o.life = 'cancelled'
                            OR s.location_id IS DISTINCT FROM o.pickup_location_id))
                   OR s.attempts <> a.attempts
                   OR (s.state = 'delivered' AND EXISTS (
                       SELECT
                       FROM fulfillment.parcel AS p
                       JOIN fulfillment.fulfillment_order AS f
                         ON f.order_id = p.order_id AND f.fo_no = p.fo_no
                       WHERE p.order_id = o.id AND f.delivery = 'local'
                         AND p.delivered_at IS NULL)))
        """,
    ),
)
