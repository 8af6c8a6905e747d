"""Money: parts sum to wholes, and every amount has a currency that exists."""

from ordito.kernel.money import CURRENCIES
from ordito.listings.doctor.derived import CANCELLED_SHARE
from ordito.listings.doctor.types import Check

_KNOWN = ", ".join(f"'{currency}'" for currency in sorted(CURRENCIES))

CHECKS = (
    Check(
        id="I26",
        title="An order's total is the sum of its amounts",
        hint="The constraint of orders.sales_order was switched off.",
        reach="orders",
        sql="""
            SELECT o.id AS order_id, o.number, o.total_minor
            FROM orders.sales_order AS o
            WHERE o.id IN ORDERS
              AND o.total_minor <> o.items_minor - o.discount_minor + o.shipping_minor
                                   + o.fees_minor
                                   + CASE WHEN o.tax_included THEN 0 ELSE o.tax_minor END
                                   + o.rounding_minor
        """,
    ),
    Check(
        id="I27",
        title="An order's amounts are the sums of its lines and adjustments",
        hint="A line or an adjustment was changed past the program, or lost.",
        reach="orders",
        sql="""
            SELECT o.id AS order_id, o.number, to_jsonb(l) AS lines, to_jsonb(a) AS adjustments
            FROM orders.sales_order AS o
            JOIN (
                SELECT l.order_id, sum(l.gross_minor) AS gross, sum(l.discount_minor) AS discount,
                       sum(l.tax_minor) AS tax
                FROM orders.line AS l
                WHERE l.order_id IN ORDERS
                GROUP BY l.order_id
            ) AS l ON l.order_id = o.id
            LEFT JOIN (
                SELECT a.order_id, sum(a.tax_minor) AS tax,
                       coalesce(sum(a.amount_minor) FILTER (WHERE a.kind = 'discount'), 0)
                           AS discount,
                       coalesce(sum(a.amount_minor) FILTER (WHERE a.kind = 'shipping'), 0)
                           AS shipping,
                       coalesce(sum(a.amount_minor) FILTER (WHERE a.kind = 'fee'), 0) AS fees,
                       coalesce(sum(a.amount_minor) FILTER (WHERE a.kind = 'rounding'), 0)
                           AS rounding
                FROM orders.adjustment AS a
                WHERE a.order_id IN ORDERS
                GROUP BY a.order_id
            ) AS a ON a.order_id = o.id
            WHERE o.id IN ORDERS
              AND ((o.items_minor, o.discount_minor, o.tax_minor, o.shipping_minor, o.fees_minor,
                    o.rounding_minor)
                   IS DISTINCT FROM
                   (l.gross, l.discount, l.tax + coalesce(a.tax, 0), coalesce(a.shipping, 0),
                    coalesce(a.fees, 0), coalesce(a.rounding, 0))
                   -- What was taken off the order is spread over its lines, to the last unit.
                   OR o.discount_minor < -coalesce(a.discount, 0))
        """,
    ),
    Check(
        id="M1",
        title="A line's amount less its discount is its net amount, and the tax inside",
        hint="The line was changed past the program.",
        reach="orders",
        sql="""
            SELECT l.order_id, l.line_no, l.gross_minor, l.discount_minor, l.net_minor, l.tax_minor
            FROM orders.line AS l
            JOIN orders.sales_order AS o ON o.id = l.order_id
            WHERE l.order_id IN ORDERS
              AND (l.gross_minor - l.discount_minor
                   <> l.net_minor + CASE WHEN o.tax_included THEN l.tax_minor ELSE 0 END
                   OR l.discount_minor NOT BETWEEN 0 AND l.gross_minor)
        """,
    ),
    Check(
        id="M2",
        title="Named taxes sum to the tax of their line or adjustment",
        hint="Invoices and tax reports would differ from the order.",
        reach="orders",
        sql="""
            SELECT t.order_id, t.line_no, t.adjustment_no, t.tax_minor, named.tax
            FROM (
                SELECT l.order_id, l.line_no, NULL::int4 AS adjustment_no, l.tax_minor, l.taxes
                FROM orders.line AS l
                WHERE l.order_id IN ORDERS
                UNION ALL
                SELECT a.order_id, NULL, a.adjustment_no, a.tax_minor, a.taxes
                FROM orders.adjustment AS a
                WHERE a.order_id IN ORDERS
            ) AS t
            CROSS JOIN LATERAL (
                SELECT coalesce(sum((tax ->> 'amount_minor')::int8), 0) AS tax
                FROM jsonb_array_elements(
                    CASE jsonb_typeof(t.taxes) WHEN 'array' THEN t.taxes ELSE '[]' END) AS tax
            ) AS named
            WHERE t.tax_minor <> named.tax
        """,
    ),
    Check(
        id="I28",
        title="Every amount has a currency that exists, and a base amount has its rate",
        hint="Reports can't sum this order.",
        reach="orders",
        sql=f"""
            SELECT o.id AS order_id, o.number, o.currency, o.base_currency, o.rate
            FROM orders.sales_order AS o
            WHERE o.id IN ORDERS
              AND (o.currency NOT IN ({_KNOWN}) OR o.base_currency NOT IN ({_KNOWN})
                   OR CASE WHEN o.currency = o.base_currency
                           THEN o.base_total_minor IS DISTINCT FROM o.total_minor
                           ELSE (o.rate IS NULL) <> (o.base_total_minor IS NULL) END)
        """,  # noqa: S608 (a constant of this module)
    ),
    Check(
        id="M3",
        title="What an order should still bring in is its total less what was cancelled",
        hint="The customer would be asked for too much or too little.",
        reach="orders",
        sql=f"""
            SELECT o.id AS order_id, o.number, e.amount_minor, o.total_minor, c.whole, c.value
            FROM payments.expectation AS e
            JOIN orders.sales_order AS o ON o.id = e.order_id
            JOIN (
                SELECT l.order_id, bool_and(l.cancelled = l.ordered) AS whole,
                       sum({CANCELLED_SHARE}) AS value
                FROM orders.line AS l
                WHERE l.order_id IN ORDERS
                GROUP BY l.order_id
            ) AS c ON c.order_id = e.order_id
            WHERE e.order_id IN ORDERS AND e.state <> 'settled'
              AND (e.currency <> o.currency
                   OR o.total_minor - e.amount_minor
                      <> CASE WHEN c.whole THEN o.total_minor
                              ELSE greatest(0, least(c.value, o.total_minor)) END)
        """,  # noqa: S608 (constants of this package)
    ),
)
