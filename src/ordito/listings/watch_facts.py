"""The facts that watch lists are of: what is wrong now, and which entries aren't true any more."""

from uuid import UUID

from ordito.desk.watch_types import Fact, WatchKind
from ordito.listings.stock_cover import (
    LIMITS,
    LOW_AT,
    LOW_BY,
    SOLD,
    TOTAL_LIMITS,
    TOTAL_LOW_AT,
    TOTAL_LOW_BY,
    WINDOW_DAYS,
)
from ordito.platform.database import Query, Tx, query


def find_facts(tx: Tx, kind: WatchKind, *, limit: int) -> list[Fact]:
    """What is wrong and in no list yet, the oldest first."""
    return _NEW[kind].all(tx, kind=kind, limit=limit)


def find_gone(tx: Tx, kind: WatchKind, *, limit: int) -> list[UUID]:
    """Open entries whose fact is gone."""
    return _GONE[kind].all(tx, kind=kind, limit=limit)


def read_keeper(tx: Tx) -> UUID | None:
    """Who entries are given to when no rule names anybody: of those who may change settings and
    see everything, the first there was. None in an installation without people."""
    return _KEEPER.first(tx)


_KEEPER = query(
    UUID,
    """
    SELECT id
    FROM platform.app_user
    WHERE active AND 'settings.write' = ANY(permissions)
      AND channel_ids IS NULL AND location_ids IS NULL
    ORDER BY created_at, id
    LIMIT 1
    """,
)

_ASSIGNEE = "(SELECT a.user_id FROM orders.assignment AS a WHERE a.order_id = o.id)"

_OF_LINE = f"""
        SELECT o.id AS subject_id, l.line_no AS part, o.id AS order_id, o.channel_id,
               NULL::uuid AS location_id, l.item_id, {{qty}}::int8 AS qty,
               {_ASSIGNEE} AS assignee_id, NULL::timestamptz AS due_at
        FROM orders.line AS l
        JOIN orders.sales_order AS o ON o.id = l.order_id
        WHERE o.life = 'open' AND o.mode = 'live'"""  # noqa: S608 (a constant of this module)

# Stock that the order's channel or policy doesn't use, else it would have been given to the order.
_FREE_ELSEWHERE = """EXISTS (
              SELECT
              FROM inventory.stock AS s
              JOIN locations.location AS p ON p.id = s.location_id
              WHERE s.item_id = l.item_id AND s.available > 0 AND p.active AND p.can_ship
                AND p.kind <> 'history')"""

_IS_LOW = f"""(
              (f.low_by = 'units' AND f.qty <= f.low_at)
           OR (f.low_by = 'days' AND f.sold > 0 AND f.qty * {WINDOW_DAYS} <= f.low_at * f.sold))"""

SELLS_MIN = 4
"""Units that an item sells in WINDOW_DAYS days, one a week, for a limit of all items to watch it:
of the others a single sale would make an empty shelf a matter for somebody. A limit that names an
item watches it wherever it is kept, sold or not."""

_LOW = f"""
        SELECT f.item_id AS subject_id, f.no AS part, NULL::uuid AS order_id,
               NULL::uuid AS channel_id, f.location_id, f.item_id, f.qty,
               NULL::uuid AS assignee_id, NULL::timestamptz AS due_at
        FROM (
            WITH sold AS MATERIALIZED ({SOLD}
            )
            SELECT k.item_id, k.location_id, p.no, coalesce(n.units, 0) AS sold,
                   coalesce(s.available + s.incoming, 0)::int8 AS qty,
                   {LOW_BY} AS low_by, {LOW_AT} AS low_at
            FROM (
                SELECT n.item_id, n.location_id FROM sold AS n WHERE n.units >= {SELLS_MIN}
                UNION
                SELECT t.item_id, t.location_id
                FROM inventory.stock_limit AS t
                WHERE t.item_id IS NOT NULL AND t.location_id IS NOT NULL
                UNION
                SELECT c.item_id, c.location_id
                FROM inventory.stock_limit AS t
                JOIN inventory.stock AS c ON c.item_id = t.item_id
                WHERE t.location_id IS NULL AND NOT t.together
            ) AS k
            JOIN catalog.item AS i ON i.id = k.item_id AND i.active AND i.kind = 'stocked'
            JOIN locations.location AS p
              ON p.id = k.location_id AND p.active AND p.kind <> 'history'
            LEFT JOIN sold AS n ON n.item_id = k.item_id AND n.location_id = k.location_id
            LEFT JOIN inventory.stock AS s
              ON s.item_id = k.item_id AND s.location_id = k.location_id {LIMITS}
        ) AS f
        WHERE {_IS_LOW}"""  # noqa: S608 (constants of this module)

_LOW_TOTAL = f"""
        SELECT f.item_id AS subject_id, 0 AS part, NULL::uuid AS order_id,
               NULL::uuid AS channel_id, NULL::uuid AS location_id, f.item_id, f.qty,
               NULL::uuid AS assignee_id, NULL::timestamptz AS due_at
        FROM (
            WITH sold AS MATERIALIZED (
                SELECT a.item_id, sum(a.units) AS units
                FROM ({SOLD}
                ) AS a
                GROUP BY a.item_id
            )
            SELECT k.item_id, coalesce(n.units, 0) AS sold, coalesce(s.units, 0)::int8 AS qty,
                   {TOTAL_LOW_BY} AS low_by, {TOTAL_LOW_AT} AS low_at
            FROM (
                SELECT n.item_id
                FROM sold AS n
                WHERE n.units >= {SELLS_MIN}
                  AND EXISTS (SELECT FROM inventory.stock_limit AS t WHERE t.together)
                UNION
                SELECT t.item_id
                FROM inventory.stock_limit AS t
                WHERE t.item_id IS NOT NULL AND t.together
            ) AS k
            JOIN catalog.item AS i ON i.id = k.item_id AND i.active AND i.kind = 'stocked'
            LEFT JOIN sold AS n ON n.item_id = k.item_id
            LEFT JOIN LATERAL (
                SELECT sum(c.available + c.incoming) AS units
                FROM inventory.stock AS c
                JOIN locations.location AS p ON p.id = c.location_id
                WHERE c.item_id = k.item_id AND p.active AND p.kind <> 'history'
            ) AS s ON true {TOTAL_LIMITS}
        ) AS f
        WHERE {_IS_LOW}"""  # noqa: S608 (constants of this module)

_FACTS: dict[WatchKind, str] = {
    "short": f"""{_OF_LINE.format(qty="l.backordered")}
          AND l.backordered > 0 AND NOT {_FREE_ELSEWHERE}""",
    "oversold": f"""{_OF_LINE.format(qty="l.backordered")}
          AND l.backordered > 0 AND {_FREE_ELSEWHERE}""",
    "unservable": f"""{_OF_LINE.format(qty="l.open")}
          AND l.open > 0 AND l.item_kind IN ('stocked', 'kit')""",
    "capacity": """
        SELECT p.id AS subject_id, 0 AS part, NULL::uuid AS order_id, NULL::uuid AS channel_id,
               p.id AS location_id, NULL::uuid AS item_id, w.work AS qty,
               NULL::uuid AS assignee_id, NULL::timestamptz AS due_at
        FROM locations.location AS p
        JOIN fulfillment.daily_load AS d
          ON d.location_id = p.id AND d.day = (now() AT TIME ZONE p.time_zone)::date
        CROSS JOIN LATERAL (
            SELECT CASE p.capacity_unit WHEN 'lines' THEN d.lines WHEN 'units' THEN d.units
                   ELSE d.accepted END::int8 AS work
        ) AS w
        WHERE p.active AND p.capacity_daily IS NOT NULL AND w.work >= p.capacity_daily""",
    "promise": f"""
        SELECT o.id AS subject_id, 0 AS part, o.id AS order_id, o.channel_id,
               NULL::uuid AS location_id, NULL::uuid AS item_id, NULL::int8 AS qty,
               {_ASSIGNEE} AS assignee_id,
               (e.promised_on + 1)::timestamp AT TIME ZONE 'UTC' AS due_at
        FROM listings.order_entry AS e
        JOIN orders.sales_order AS o ON o.id = e.order_id
        WHERE e.awaited AND e.promised_on <= ((now() AT TIME ZONE 'UTC') + interval '1 day')::date
          AND o.life = 'open' AND o.mode = 'live'""",  # noqa: S608 (a constant of this module)
    "cart": """
        SELECT h.id AS subject_id, 0 AS part, NULL::uuid AS order_id, h.channel_id,
               NULL::uuid AS location_id, NULL::uuid AS item_id, h.units::int8 AS qty,
               NULL::uuid AS assignee_id, NULL::timestamptz AS due_at
        FROM channels.channel AS c
        JOIN inventory.stock_hold AS h ON h.channel_id = c.id
        WHERE h.kind = 'cart' AND h.units >= c.cart_units_told
          AND h.created_at BETWEEN now() - interval '7 days' AND now() - interval '10 minutes'
          AND (h.ended_at IS NULL OR h.ended_why = 'expired')""",
    "rollout": """
        SELECT r.id AS subject_id, 0 AS part, NULL::uuid AS order_id, r.channel_id,
               NULL::uuid AS location_id, NULL::uuid AS item_id, NULL::int8 AS qty,
               NULL::uuid AS assignee_id, NULL::timestamptz AS due_at
        FROM sourcing.rollout AS r
        WHERE r.state = 'stopped'""",
    "low": _LOW,
    "low_total": _LOW_TOTAL,
    "unanswered": f"""
        SELECT o.id AS subject_id, r.fo_no AS part, o.id AS order_id, o.channel_id,
               r.location_id, NULL::uuid AS item_id, r.units::int8 AS qty,
               {_ASSIGNEE} AS assignee_id, r.withdraw_at AS due_at
        FROM fulfillment.request AS r
        JOIN orders.sales_order AS o ON o.id = r.order_id
        WHERE r.answered_at IS NULL AND r.answer_by <= now()""",  # noqa: S608
    "undecided": f"""
        SELECT o.id AS subject_id, c.choice_no AS part, o.id AS order_id, o.channel_id,
               c.location_id, NULL::uuid AS item_id, NULL::int8 AS qty,
               {_ASSIGNEE} AS assignee_id, NULL::timestamptz AS due_at
        FROM orders.choice AS c
        JOIN orders.sales_order AS o ON o.id = c.order_id
        WHERE c.decided_at IS NULL AND c.expires_at <= now() AND o.life = 'open'
          AND o.delivery = 'pickup' AND EXISTS (
              SELECT
              FROM orders.line AS l
              WHERE l.order_id = o.id AND l.open + l.backordered > 0
                AND l.item_kind IN ('stocked', 'kit'))""",  # noqa: S608
    "stop": f"""
        SELECT o.id AS subject_id, s.attempts AS part, o.id AS order_id, o.channel_id,
               s.location_id, NULL::uuid AS item_id, NULL::int8 AS qty,
               {_ASSIGNEE} AS assignee_id, NULL::timestamptz AS due_at
        FROM fulfillment.stop AS s
        JOIN orders.sales_order AS o ON o.id = s.order_id
        WHERE s.state = 'failed'""",  # noqa: S608
}
"""Kind → what is wrong, one row each."""


def _new(facts: str) -> Query[Fact]:
    return query(
        Fact,
        f"""
        SELECT f.subject_id, f.part, f.order_id, f.channel_id, f.location_id, f.item_id, f.qty,
               f.assignee_id, f.due_at
        FROM ({facts}) AS f
        WHERE NOT EXISTS (
            SELECT
            FROM desk.watch AS w
            WHERE w.kind = %(kind)s AND w.subject_id = f.subject_id AND w.part = f.part
              AND w.closed_at IS NULL
        )
        ORDER BY f.subject_id, f.part
        LIMIT %(limit)s
        """,  # noqa: S608 (constants of this module)
    )


def _gone(facts: str) -> Query[UUID]:
    return query(
        UUID,
        f"""
        SELECT w.id
        FROM desk.watch AS w
        WHERE w.kind = %(kind)s AND w.closed_at IS NULL
          AND NOT EXISTS (
              SELECT
              FROM ({facts}) AS f
              WHERE f.subject_id = w.subject_id AND f.part = w.part)
        ORDER BY w.id
        LIMIT %(limit)s
        """,  # noqa: S608 (constants of this module)
    )


_NEW = {kind: _new(facts) for kind, facts in _FACTS.items()}
_GONE = {kind: _gone(facts) for kind, facts in _FACTS.items()}
