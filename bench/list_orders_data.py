"""A database of many believable orders, made table by table for the list's bench."""

from typing import Any

import psycopg

NAMES = [
    "Anna Kowalska",
    "Jan Nowak",
    "Zofia Wiśniewska",
    "Łukasz Żak",
    "Emily Hartley",
    "Oliver Smith",
    "Olivia Brown",
    "Müller Söhne",
    "Camille Lefèvre",
    "Luca Bianchi",
    "Jan de Vries",
    "Priya Ramanathan",
    "Gareth Llewellyn",
    "Ольга Соколова",
    "田中 美咲",
    "נועה לוי",
    "Søren Ångström",
    "Maria García",
    "João Silva",
    "Peter Novák",
]
CITIES = [
    "London",
    "Manchester",
    "Warszawa",
    "Łódź",
    "Kraków",
    "Berlin",
    "München",
    "Paris",
    "Lyon",
    "Madrid",
    "Lisboa",
    "Roma",
    "Milano",
    "Amsterdam",
    "Rotterdam",
    "Oslo",
    "Stockholm",
    "København",
    "Praha",
    "Wien",
]
COUNTRIES = [
    "GB",
    "GB",
    "PL",
    "PL",
    "PL",
    "DE",
    "DE",
    "FR",
    "FR",
    "ES",
    "PT",
    "IT",
    "IT",
    "NL",
    "NL",
    "NO",
    "SE",
    "DK",
    "CZ",
    "AT",
]
TAGS = [
    "gift",
    "vip",
    "wholesale",
    "express",
    "review",
    "fragile",
    "sample",
    "b2b",
    "influencer",
    "late-change",
]
HOLD_REASONS = [
    "payment_review", "address", "fraud", "customer_request", "stock_check",
]  # fmt: skip

STEPS: tuple[tuple[str, str], ...] = (
    (
        "reference",
        """
        INSERT INTO sourcing.policy (id, code, name) VALUES (md5('policy')::uuid, 'default', 'D');
        INSERT INTO channels.channel (id, code, name, kind, currency, base_currency, tax_included,
            rounding, shortage, policy_id, time_zone)
        SELECT md5('channel' || n)::uuid, 'ch-' || n, 'Channel ' || n, 'api', 'EUR', 'EUR', true,
               'half_up', 'backorder', md5('policy')::uuid, 'UTC'
        FROM generate_series(1, 6) AS n;
        INSERT INTO locations.location (id, code, name, kind, address, country, time_zone,
            can_ship, can_pickup)
        SELECT md5('location' || n)::uuid, 'loc-' || n, 'Location ' || n, 'warehouse',
               '{"country": "PL"}', 'PL', 'UTC', true, true
        FROM generate_series(1, 12) AS n;
        INSERT INTO catalog.item (id, sku, sku_key, name, kind)
        SELECT md5('item' || n)::uuid, 'SKU-' || lpad(n::text, 5, '0'),
               'sku-' || lpad(n::text, 5, '0'), 'Item ' || n, 'stocked'
        FROM generate_series(1, 10000) AS n
        """,
    ),
    (
        "customers",
        """
        INSERT INTO customers.customer (id, number)
        SELECT md5('customer' || n)::uuid, n FROM generate_series(1, %(orders)s * 3 / 10) AS n;
        INSERT INTO customers.person (customer_id, name, email, phone)
        SELECT md5('customer' || n)::uuid, (%(names)s::text[])[1 + n %% 20] || ' ' || n,
               'buyer' || n || '@example' || n %% 7 || '.com',
               '+48 ' || 500000000 + (n * 7919::int8) %% 499999999
        FROM generate_series(1, %(orders)s * 3 / 10) AS n
        """,
    ),
    (
        # Three years, ever faster; what is open lies mostly at the end, with stragglers.
        "orders",
        """
        CREATE UNLOGGED TABLE bench_order AS
        SELECT n, (lpad(to_hex((extract(epoch FROM at) * 1000)::int8), 12, '0') || '7'
                   || lpad(to_hex(n %% 4096), 3, '0') || '8' || substr(md5(n::text), 1, 15))::uuid
                   AS id,
               at, age, dice, dice2, dice3, place,
               CASE WHEN age < 0.01 AND dice < 0.95 OR age < 0.03 AND dice < 0.8
                         OR dice < 0.002 THEN 'open'
                    WHEN dice2 < 0.04 THEN 'cancelled' ELSE 'closed' END AS life
        FROM (
            SELECT n, now() - 1095 * (1 - sqrt(n::float8 / %(orders)s)) * interval '1 day' AS at,
                   1 - n::float8 / %(orders)s AS age, random() AS dice, random() AS dice2,
                   random() AS dice3, 1 + (12 * random() * random())::int %% 11 AS place
            FROM generate_series(1, %(orders)s) AS n
        ) AS rolled;
        INSERT INTO orders.sales_order (id, number, channel_id, external_id, customer_id, mode,
            kind, code, delivery, country, currency, tax_included, rounding, items_minor,
            discount_minor, shipping_minor, fees_minor, tax_minor, rounding_minor, total_minor,
            base_currency, life, fulfilment, money, return_state, backordered, promised_on,
            placed_at, updated_at,
            version)
        SELECT id, 1000 + n,
               -- Channel 6 was closed half a year ago, channel 5 opened a month ago.
               md5('channel' || CASE WHEN age > 0.3 AND dice3 < 0.1 THEN 6
                                     WHEN age < 0.05 AND dice3 < 0.3 THEN 5
                                     ELSE 1 + (4 * dice3 * dice3)::int END)::uuid,
               'W' || n * 7 || '-' || n %% 97,
               md5('customer' || 1 + (dice * dice2 * %(orders)s * 3 / 10)::int)::uuid,
               CASE WHEN age > 0.95 THEN 'history' ELSE 'live' END,
               CASE WHEN dice3 > 0.98 THEN 'wholesale' ELSE 'standard' END,
               CASE WHEN dice2 > 0.995 THEN 'VIP' || n %% 5 END,
               CASE WHEN dice3 BETWEEN 0.4 AND 0.45 THEN 'pickup' ELSE 'ship' END,
               (%(countries)s::text[])[1 + (19 * dice2 * dice3)::int],
               CASE WHEN dice3 < 0.7 THEN 'EUR' ELSE 'GBP' END, true, 'half_up', t, 0, 0, 0, 0, 0,
               t, 'EUR', life,
               CASE life WHEN 'closed' THEN 'fulfilled' WHEN 'cancelled' THEN 'unfulfilled'
                    ELSE CASE WHEN dice3 < 0.05 THEN 'on_hold' WHEN dice3 < 0.25 THEN 'in_progress'
                              WHEN dice3 < 0.3 THEN 'partially_fulfilled'
                              ELSE 'unfulfilled' END END,
               CASE WHEN life = 'cancelled' THEN 'voided' WHEN dice2 > 0.97 THEN 'refunded'
                    WHEN dice2 > 0.95 THEN 'partially_refunded'
                    WHEN life = 'open' AND dice2 < 0.3 THEN 'pending' ELSE 'paid' END,
               CASE WHEN life = 'closed' AND dice2 > 0.95 THEN 'returned' ELSE 'none' END,
               life = 'open' AND dice2 < 0.08, (at + interval '3 days')::date, at, at, 3
        FROM (SELECT *, (500 + 100000 * dice * dice2 * dice3)::int8 AS t FROM bench_order) AS o
        """,
    ),
    (
        "lines",
        """
        INSERT INTO orders.line (order_id, line_no, item_id, sku, title, item_kind, unit_price,
            gross_minor, discount_minor, net_minor, tax_minor, ordered, completed)
        SELECT id, l, md5('item' || i)::uuid, 'SKU-' || lpad(i::text, 5, '0'), 'Item', 'stocked',
               1, 100, 0, 100, 0, 1, 1
        FROM (
            SELECT id, l, 1 + (9999 * power(random(), 3))::int AS i
            FROM bench_order, generate_series(1, 2 + n %% 2) AS l
        ) AS chosen
        """,
    ),
    (
        "fulfillment",
        """
        INSERT INTO fulfillment.fulfillment_order (order_id, fo_no, location_id, delivery, state,
            decision_no, created_at, updated_at)
        -- Location 12 was closed a year ago.
        SELECT id, f, md5('location' || CASE WHEN age > 0.6 AND dice2 < 0.3 THEN 12
                                             ELSE 1 + (place + f) %% 11 END)::uuid,
               'ship', CASE life WHEN 'open' THEN 'open' WHEN 'closed' THEN 'delivered'
                            ELSE 'cancelled' END, 1, at, at
        FROM bench_order, generate_series(1, 1 + (dice3 < 0.05)::int) AS f;
        INSERT INTO fulfillment.parcel (order_id, fo_no, parcel_no, carrier, tracking_number,
            shipped_at)
        SELECT id, 1, 1, 'DHL', 'JD' || lpad((n * 104729::int8 %% 10000000000)::text, 12, '0'), at
        FROM bench_order
        WHERE life = 'closed'
        """,
    ),
    (
        "parties, tags, holds",
        """
        INSERT INTO orders.party (order_id, role, email, address)
        SELECT id, 'ship_to', '', jsonb_build_object('country', 'PL', 'name',
               (%(names)s::text[])[1 + (19 * dice3)::int] || ' ' || n %% 100000, 'city',
               (%(cities)s::text[])[1 + (19 * dice2 * dice3)::int], 'postal_code',
               lpad((n * 31 %% 100)::text, 2, '0') || '-' || lpad((n * 17 %% 1000)::text, 3, '0'))
        FROM bench_order;
        INSERT INTO orders.tag (tag, order_id)
        SELECT (%(tags)s::text[])[1 + (9 * dice * dice2)::int], id
        FROM bench_order
        WHERE dice3 BETWEEN 0.3 AND 0.6;
        INSERT INTO orders.tag (tag, order_id)
        -- A sale of one week a year ago.
        SELECT 'black-friday', id
        FROM bench_order
        WHERE at BETWEEN now() - interval '372 days' AND now() - interval '365 days';
        INSERT INTO orders.hold (order_id, hold_no, reason, placed_at)
        SELECT id, 1, (%(reasons)s::text[])[1 + n %% 5], at
        FROM bench_order
        WHERE life = 'open' AND dice3 < 0.05
        """,
    ),
)


def fill(conn: psycopg.Connection[Any], orders: int) -> None:
    """Make so many orders with 2 or 3 lines, work, parcels, parties, tags and holds."""
    params = {
        "orders": orders,
        "names": NAMES,
        "cities": CITIES,
        "countries": COUNTRIES,
        "tags": TAGS,
        "reasons": HOLD_REASONS,
    }
    conn.execute("SELECT setseed(0.42)")
    # Rows are right by construction; checking each reference would take longer than writing.
    conn.execute("SET session_replication_role = replica")
    for _name, sql in STEPS:
        with psycopg.ClientCursor(conn) as cursor:
            cursor.execute(sql, params)  # type: ignore[arg-type]
    conn.execute("RESET session_replication_role")
