"""Needs that are no orders: what could not be sent, told or followed."""

from ordito.listings.need_types import pair

_NOTHING = """NULL::uuid AS location_id, NULL::uuid AS item_id, '' AS sku"""

MAILS = pair(
    f"""m.id, m.created_at AS since, o.number, NULL::int4 AS part, m.kind AS detail,
       o.channel_id, {_NOTHING}, left(m.error, 200) AS title, NULL::int8 AS qty,
       NULL::date AS promised_on, nullif(m.author, '') AS owner""",
    """
    FROM notifications.mail AS m
    JOIN orders.sales_order AS o ON o.id = m.order_id
    WHERE m.state = 'failed' AND m.created_at > %(mails_from)s::timestamptz
      AND (%(channel_ids)s::uuid[] IS NULL OR o.channel_id = ANY(%(channel_ids)s::uuid[]))
      AND (%(location_ids)s::uuid[] IS NULL OR EXISTS (
          SELECT FROM fulfillment.fulfillment_order AS f
          WHERE f.order_id = o.id AND f.location_id = ANY(%(location_ids)s::uuid[])))
    """,
    "m.id",
)
"""Mails to customers that nobody tries again by itself. title: what the mail server said."""

WEBHOOKS = pair(
    f"""e.id, coalesce(p.failing_since, e.created_at) AS since, NULL::int8 AS number,
       NULL::int4 AS part, CASE WHEN e.active THEN 'failing' ELSE 'off' END AS detail,
       NULL::uuid AS channel_id, {_NOTHING}, left(coalesce(nullif(e.description, ''), e.url), 200)
           AS title, p.failures::int8 AS qty, NULL::date AS promised_on, NULL::text AS owner""",
    """
    FROM webhooks.endpoint AS e
    JOIN webhooks.progress AS p ON p.endpoint_id = e.id
    WHERE e.deleted_at IS NULL
      AND (e.off_reason IN ('gone', 'failing') OR (e.active AND p.failures >= 3))
      AND %(location_ids)s::uuid[] IS NULL
      AND (%(channel_ids)s::uuid[] IS NULL OR e.channel_ids <@ %(channel_ids)s::uuid[])
    """,
    "e.created_at, e.id",
)
"""Endpoints that fail again and again, or were switched off for it."""

SHOPS = pair(
    f"""c.channel_id AS id, coalesce(f.since, c.swept_at, c.swept_to) AS since,
       NULL::int8 AS number, NULL::int4 AS part,
       CASE WHEN c.sweep_error <> '' THEN 'sweep' WHEN c.stock_error <> '' THEN 'stock'
            ELSE 'told' END AS detail,
       c.channel_id, {_NOTHING}, left(coalesce(nullif(c.sweep_error, ''), c.stock_error), 200)
           AS title, f.n AS qty, NULL::date AS promised_on, NULL::text AS owner""",
    """
    FROM channels.connection AS c
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, min(w.made_at) AS since
        FROM (
            SELECT b.made_at
            FROM channels.write_back AS b
            WHERE b.channel_id = c.channel_id AND b.state = 'failed'
            ORDER BY b.id DESC
            LIMIT 100
        ) AS w
    ) AS f
    WHERE c.active AND (c.sweep_error <> '' OR c.stock_error <> '' OR f.n > 0)
      AND %(location_ids)s::uuid[] IS NULL
      AND (%(channel_ids)s::uuid[] IS NULL OR c.channel_id = ANY(%(channel_ids)s::uuid[]))
    """,
    "c.channel_id",
)
"""Shops that can't be read, or were not told. qty: things that they were not told."""

PARKED = pair(
    f"""p.stream_id AS id, e.at AS since, NULL::int8 AS number, NULL::int4 AS part,
       p.follower AS detail, NULL::uuid AS channel_id, {_NOTHING}, left(p.error, 200) AS title,
       p.attempts::int8 AS qty, NULL::date AS promised_on, NULL::text AS owner""",
    """
    FROM platform.parked_event AS p
    JOIN platform.feed AS d ON d.position = p.position
    JOIN platform.event AS e ON e.stream_id = d.stream_id AND e.seq = d.seq
    WHERE p.gave_up AND %(channel_ids)s::uuid[] IS NULL AND %(location_ids)s::uuid[] IS NULL
    """,
    "p.position, p.follower",
)
"""What a part of the system gave up on; detail: which part. For those who see everything."""
