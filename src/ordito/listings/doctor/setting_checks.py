"""What orders live on: kits, prices, policies, the inbox; and what is stored as JSON."""

import msgspec

from ordito.listings.doctor.types import Check
from ordito.sourcing.policies import Policy
from ordito.sourcing.types import Decision

_DECISION_FIELDS = ", ".join(
    f"'{field.encode_name}'" for field in msgspec.structs.fields(Decision) if field.required
)

CHECKS = (
    Check(
        id="A1",
        title="Everybody may do what their roles and extra permissions say, no more and no less",
        hint="Save the person's roles again: what they give together is written anew.",
        sql="""
            SELECT u.id AS user_id, u.permissions, g.granted
            FROM platform.app_user AS u
            CROSS JOIN LATERAL (
                SELECT coalesce(array_agg(DISTINCT p.name ORDER BY p.name), '{}') AS granted
                FROM (
                    SELECT unnest(u.extra_permissions) AS name
                    UNION
                    SELECT unnest(r.permissions)
                    FROM platform.role AS r
                    WHERE r.id = ANY(u.role_ids)
                ) AS p
            ) AS g
            WHERE NOT u.permissions @> g.granted
               OR (NOT u.permissions <@ g.granted AND NOT '*' = ANY(g.granted))
        """,
    ),
    Check(
        id="C1",
        title="What a kit takes from stock is its parts, kits of kits resolved",
        hint="Save the kit's parts again: they are resolved anew.",
        sql="""
            WITH RECURSIVE inside (kit_id, item_id, qty, depth) AS (
                SELECT kit_id, item_id, qty::int8, 1
                FROM catalog.kit_part
                UNION ALL
                SELECT i.kit_id, p.item_id, i.qty * p.qty, i.depth + 1
                FROM inside AS i
                JOIN catalog.kit_part AS p ON p.kit_id = i.item_id
                WHERE i.depth < 21
            ),
            resolved AS (
                SELECT i.kit_id, i.item_id, sum(i.qty) AS qty, max(i.depth) AS depth
                FROM inside AS i
                WHERE NOT EXISTS (SELECT FROM catalog.kit_part AS p WHERE p.kit_id = i.item_id)
                GROUP BY i.kit_id, i.item_id
            ),
            stored AS (
                SELECT k.id AS kit_id, (part ->> 0)::uuid AS item_id, (part ->> 1)::int8 AS qty
                FROM catalog.item AS k, jsonb_array_elements(k.parts) AS part
                WHERE k.kind = 'kit'
            )
            SELECT coalesce(s.kit_id, r.kit_id) AS kit_id,
                   coalesce(s.item_id, r.item_id) AS item_id, r.qty AS resolved, s.qty AS stored
            FROM stored AS s
            FULL JOIN resolved AS r ON r.kit_id = s.kit_id AND r.item_id = s.item_id
            WHERE r.qty IS DISTINCT FROM s.qty
        """,
    ),
    Check(
        id="C2",
        title="A kit has parts, and no other item has any; no kit is inside itself",
        hint="Save the item's parts again.",
        sql="""
            WITH RECURSIVE inside (kit_id, item_id) AS (
                SELECT kit_id, item_id FROM catalog.kit_part
                UNION
                SELECT i.kit_id, p.item_id
                FROM inside AS i
                JOIN catalog.kit_part AS p ON p.kit_id = i.item_id
            )
            SELECT i.id AS item_id, i.sku, i.kind, coalesce(n.itself, false) AS itself
            FROM catalog.item AS i
            LEFT JOIN (
                SELECT kit_id, bool_or(item_id = kit_id) AS itself
                FROM inside
                GROUP BY kit_id
            ) AS n ON n.kit_id = i.id
            WHERE (i.kind = 'kit') <> (n.kit_id IS NOT NULL)
               OR (i.kind = 'kit') <> (coalesce(jsonb_typeof(i.parts), '') = 'array')
               OR n.itself
        """,
    ),
    Check(
        id="C3",
        title="An item's prices are exact decimals in currencies",
        hint="Save the item's prices again.",
        sql="""
            SELECT i.id AS item_id, i.sku, i.prices
            FROM catalog.item AS i
            WHERE jsonb_typeof(i.prices) <> 'object'
               OR EXISTS (
                   SELECT
                   FROM jsonb_each_text(
                       CASE jsonb_typeof(i.prices) WHEN 'object' THEN i.prices ELSE '{}' END)
                       AS p (currency, price)
                   WHERE p.currency !~ '^[A-Z]{3}$' OR p.price !~ '^[0-9]+([.][0-9]+)?$')
        """,
    ),
    Check(
        id="C4",
        title="Every version of a policy is kept, up to the one in use",
        hint="Restore the version from a backup, or save the policy again.",
        sql="""
            SELECT p.id AS policy_id, p.code, p.version, count(v.version) AS kept
            FROM sourcing.policy AS p
            LEFT JOIN sourcing.policy_version AS v ON v.policy_id = p.id
            GROUP BY p.id
            HAVING max(v.version) IS DISTINCT FROM p.version OR count(v.version) <> p.version
        """,
    ),
    Check(
        id="C5",
        title="Every policy can be read",
        hint="Nothing is sourced by it. Restore it from a backup, or save the policy again.",
        sql="SELECT v.policy_id, v.version, v.body FROM sourcing.policy_version AS v",
        shape=Policy,
    ),
    Check(
        id="C6",
        title="Every decision can be read",
        hint="Why the order was sourced so can't be told any more.",
        reach="orders",
        sql=f"""
            SELECT d.order_id, d.decision_no
            FROM sourcing.decision AS d
            WHERE d.order_id IN ORDERS
              AND (jsonb_typeof(d.body) <> 'object'
                   OR NOT d.body ?& ARRAY[{_DECISION_FIELDS}])
        """,  # noqa: S608 (a constant of this module)
    ),
    Check(
        id="C7",
        title="Numbers that people see are given once, and none is left behind",
        hint="The next order or customer would get a number that is taken: raise the sequence, as"
        " a restore should have done.",
        sql="""
            SELECT 'orders.number' AS sequence, s.last_value, newest.number
            FROM orders.number AS s,
                 (SELECT max(number) AS number FROM orders.sales_order) AS newest
            WHERE newest.number > s.last_value
            UNION ALL
            SELECT 'customers.number', s.last_value, newest.number
            FROM customers.number AS s,
                 (SELECT max(number) AS number FROM customers.customer) AS newest
            WHERE newest.number > s.last_value
        """,
    ),
    Check(
        id="I37",
        title="Every message of the inbox was dealt with, and what is parked is looked at",
        hint="Run the import again, or look at the parked messages and replay them.",
        severity="warning",
        sql="""
            SELECT m.state, count(*) AS messages, min(m.received_at) AS oldest
            FROM intake.message AS m
            WHERE m.state IN ('received', 'parked')
            GROUP BY m.state
            HAVING CASE m.state
                       WHEN 'parked' THEN count(*) > 1000
                       ELSE min(m.received_at) < now() - interval '15 minutes'
                   END
        """,
    ),
    Check(
        id="N1",
        title="A message that was dealt with names what was made of it, and that exists",
        hint="The order that this message made is gone: replay the message.",
        sql="""
            SELECT m.id AS message_id, m.kind, m.state, made.id
            FROM intake.message AS m
            LEFT JOIN LATERAL jsonb_array_elements_text(
                coalesce(m.results -> 'order', '[]')) AS made (id) ON true
            LEFT JOIN orders.sales_order AS o ON o.id::text = made.id
            WHERE m.state IN ('done', 'duplicate') AND m.kind = 'order' AND o.id IS NULL
              -- What a shop sent and made nothing says so in words.
              AND (made.id IS NOT NULL OR m.words = '')
        """,
    ),
    Check(
        id="L1",
        title="Lists and search show every order as its follower last saw it",
        hint="Make the search table anew from the orders: it holds nothing of its own.",
        severity="warning",
        sql="""
            SELECT o.id AS order_id, o.number, o.version, e.version AS listed
            FROM orders.sales_order AS o
            JOIN platform.follower AS w ON w.name = 'order-listings'
            JOIN platform.feed AS f
              ON f.stream_id = o.id AND f.seq = o.version AND f.position <= w.position
            LEFT JOIN listings.order_entry AS e ON e.order_id = o.id
            LEFT JOIN platform.parked_event AS p
              ON p.follower = w.name AND p.stream_id = o.id
            WHERE e.version IS DISTINCT FROM o.version AND p.position IS NULL
            UNION ALL
            SELECT e.order_id, e.number, NULL, e.version
            FROM listings.order_entry AS e
            LEFT JOIN orders.sales_order AS o ON o.id = e.order_id
            WHERE o.id IS NULL
        """,
    ),
)
