"""What can go wrong with data, done by hand: for each check of the doctor at least one."""

from typing import NamedTuple


class Corruption(NamedTuple):
    """SQL that breaks what the check guards.

    unguarded: tables whose constraints are dropped before.
    scoped:    False where the orders and cells that were there don't show it.
    """

    check: str
    sql: str
    unguarded: tuple[str, ...] = ()
    scoped: bool = True


NOBODY = "'00000000-0000-0000-0000-00000000dead'"

_LINE = "(order_id, line_no) = (SELECT order_id, line_no FROM orders.line WHERE {} LIMIT 1)"
_ORDER = "id = (SELECT order_id FROM orders.line WHERE {} LIMIT 1)"
_WORK = "ctid = (SELECT ctid FROM fulfillment.line WHERE {} LIMIT 1)"
_FO = (
    "(order_id, fo_no) = (SELECT order_id, fo_no FROM fulfillment.fulfillment_order"
    " WHERE {} LIMIT 1)"
)
_CELL = "ctid = (SELECT ctid FROM inventory.stock WHERE {} LIMIT 1)"
_HELD = "ctid = (SELECT ctid FROM inventory.reservation WHERE {} LIMIT 1)"
_POSTING = "ctid = (SELECT ctid FROM inventory.posting WHERE {} LIMIT 1)"
_EVENT = "ctid = (SELECT ctid FROM platform.event WHERE {} LIMIT 1)"

_OF_ORDER = "expires_at IS NULL"
_OF_HOLD = "expires_at IS NOT NULL"


def _line(change: str, where: str) -> str:
    return f"UPDATE orders.line SET {change} WHERE {_LINE.format(where)}"


def _cell(change: str, where: str = "available > 1") -> str:
    return f"UPDATE inventory.stock SET {change} WHERE {_CELL.format(where)}"


def _lot(change: str) -> str:
    where = "ctid = (SELECT ctid FROM inventory.lot_stock WHERE shelf > 1 LIMIT 1)"
    return f"UPDATE inventory.lot_stock SET {change} WHERE {where}"


def _line_lot(change: str) -> str:
    where = "ctid = (SELECT ctid FROM fulfillment.line_lot WHERE picked > 0 LIMIT 1)"
    return f"UPDATE fulfillment.line_lot SET {change} WHERE {where}"


def _held(change: str, where: str = _OF_ORDER) -> str:
    return f"UPDATE inventory.reservation SET {change} WHERE {_HELD.format(where)}"


def _posting(change: str, where: str) -> str:
    return f"UPDATE inventory.posting SET {change} WHERE {_POSTING.format(where)}"


def _work(change: str, where: str) -> str:
    return f"UPDATE fulfillment.line SET {change} WHERE {_WORK.format(where)}"


def _fo(change: str, where: str) -> str:
    return f"UPDATE fulfillment.fulfillment_order SET {change} WHERE {_FO.format(where)}"


def _order(change: str, where: str) -> str:
    return f"UPDATE orders.sales_order SET {change} WHERE {_ORDER.format(where)}"


_STOCK = ("inventory.stock",)
_LINES = ("orders.line",)
_ORDERS = ("orders.sales_order",)

_IN_STOCK = [
    Corruption("I1", _cell("available = -1"), _STOCK),
    Corruption("I1", _cell("incoming = -1"), _STOCK),
    Corruption("I1", _cell("on_hand = on_hand + 1"), _STOCK),
    Corruption("I2", _cell("reserved = reserved + 1, available = available - 1")),
    Corruption("I2", f"DELETE FROM inventory.reservation WHERE {_HELD.format('true')}"),
    Corruption("I2", _held(f"item_id = {NOBODY}")),
    Corruption("I4", _cell("available = available + 1, on_hand = on_hand + 1")),
    Corruption("I4", _cell("safety = safety + 1, available = available - 1")),
    Corruption("I4", _cell("seq = seq + 1")),
    Corruption("I4", f"DELETE FROM inventory.stock WHERE {_CELL.format('true')}"),
    Corruption("I4", f"DELETE FROM inventory.posting WHERE {_POSTING.format('seq = 2')}"),
    Corruption("I4b", f"DELETE FROM inventory.posting WHERE {_POSTING.format('seq = 2')}"),
    Corruption("I4b", _posting("qty = qty + 1", "seq = 2")),
    Corruption("I4b", _posting("available_after = available_after + 1", "true")),
    Corruption("I4b", _posting("reserved_after = reserved_after + 1", "true")),
    Corruption("I4b", _posting("picked_after = picked_after + 1", "true")),
    Corruption("I4b", _posting("on_hand_after = on_hand_after + 1", "true")),
    Corruption("I4b", _posting("others_after = '{0,1,0,0,0}'", "others_after IS NULL")),
    Corruption("I3", _held("qty = qty + 1")),
    Corruption("I3", f"DELETE FROM inventory.reservation WHERE {_HELD.format(_OF_ORDER)}"),
    Corruption("I3", _line("reserved = reserved - 1, open = open + 1", "reserved > 0")),
    Corruption(
        "I3b",
        "UPDATE inventory.reservation SET location_id = (SELECT id FROM locations.location"
        f" WHERE kind = 'history') WHERE {_HELD.format(_OF_ORDER)}",
    ),
    Corruption(
        "I5",
        "UPDATE orders.sales_order SET life = 'cancelled' WHERE id ="
        f" (SELECT holder_id FROM inventory.reservation WHERE {_OF_ORDER} LIMIT 1)",
    ),
    Corruption("I5", "UPDATE inventory.stock_hold SET ended_at = now()"),
    Corruption("I5", _held(f"holder_id = {NOBODY}"), scoped=False),
    Corruption("I6", _held("expires_at = now() - interval '6 minutes'", _OF_HOLD)),
    Corruption("I6b", _held("expires_at = expires_at + interval '1 day'", _OF_HOLD)),
    Corruption("I6b", _held("expires_at = now() + interval '1 day'", _OF_ORDER)),
    Corruption("I7", _posting("qty = qty + 1", "reason = 'order' AND to_bucket = 'reserved'")),
    Corruption("I7", "DELETE FROM inventory.posting WHERE to_bucket = 'picked'"),
    Corruption("I7b", _posting("qty = qty + 1", "to_bucket = 'customer'")),
    Corruption("I7b", _posting("source_line = 9", "from_bucket = 'customer'")),
    Corruption("S1", _cell("picked = picked + 1, available = available - 1")),
    Corruption("S1", _work("picked = packed", "picked > packed")),
    Corruption("S2", "UPDATE inventory.receipt_line SET qty = qty + 1 WHERE line_no = 1"),
    Corruption("S2", _posting("source_line = 7", "reason = 'receipt'")),
    Corruption(
        "I8",
        "INSERT INTO inventory.lot_stock (item_id, location_id, lot_id, serial, shelf)"
        f" SELECT item_id, {NOBODY}, lot_id, true, 1 FROM inventory.lot_stock"
        " WHERE serial AND shelf = 1 LIMIT 1",
        scoped=False,
    ),
    Corruption("LT1", _lot("shelf = shelf + 1")),
    Corruption(
        "LT1",
        "UPDATE inventory.stock SET damaged = damaged + 1, on_hand = on_hand + 1"
        " WHERE item_id = (SELECT item_id FROM inventory.lot LIMIT 1)",
    ),
    Corruption("LT2", _lot("damaged = damaged + 1")),
    Corruption("LT3", "UPDATE inventory.lot_posting SET qty = qty + 1"),
    Corruption("LT4", _line_lot("picked = picked + 1"), scoped=False),
    Corruption("LT5", _line_lot("picked = picked + 1")),
    Corruption("LT8", "UPDATE inventory.assembly_made_lot SET made = made + 1", scoped=False),
    Corruption(
        "LT8",
        "UPDATE inventory.assembly_part_lot SET taken = taken + 1, returned = returned + 1",
        scoped=False,
    ),
    Corruption(
        "LT9",
        "UPDATE inventory.cycle_count_line SET lot_differences = '{\"x\": 99}'"
        " WHERE state IN ('waiting', 'done')",
        scoped=False,
    ),
    Corruption("LT7", "UPDATE inventory.transfer_lot SET arrived = arrived + 1", scoped=False),
    Corruption("LT7", "UPDATE fulfillment.parcel_lot SET qty = qty + 1", scoped=False),
    Corruption(
        "LT6",
        "UPDATE inventory.lot SET state = 'blocked', reason = 'recalled'"
        " WHERE id = (SELECT lot_id FROM inventory.lot_stock WHERE shelf > 0 LIMIT 1)",
        scoped=False,
    ),
    Corruption(
        "SW1", "UPDATE inventory.transfer_line SET received = received + 1 WHERE shipped > 2"
    ),
    Corruption("SW1", _cell("in_transit = in_transit + 1", "in_transit > 0")),
    Corruption(
        "SW1", "UPDATE fulfillment.parcel SET delivered_at = now() WHERE destination_id IS NOT NULL"
    ),
    Corruption("SW2", _cell("incoming = incoming - 1", "incoming > 1")),
    Corruption("SW3", "UPDATE inventory.transfer SET state = 'shipped' WHERE state LIKE 'partly%'"),
    Corruption("SW4", "UPDATE inventory.cycle_count SET state = 'finished', ended_at = now()"),
    Corruption("SW5", "UPDATE inventory.cycle_count_line SET difference = 7 WHERE state = 'done'"),
    Corruption("SW3", "UPDATE inventory.transfer_line SET missing = shipped - received - damaged"),
    Corruption("SW2", "UPDATE inventory.assembly SET planned = planned + 900 WHERE made = 1"),
    Corruption("SW8", "UPDATE inventory.assembly_part SET scrapped = 1 WHERE taken > 3"),
    Corruption("SW8", _posting("qty = qty + 1", "to_bucket = 'assembly'"), scoped=False),
    Corruption(
        "SW9", "UPDATE inventory.assembly SET state = 'started' WHERE state = 'partly_made'"
    ),
    Corruption("SW9", "UPDATE inventory.assembly SET made = made + spoiled, spoiled = 0"),
    Corruption("SW2", "UPDATE inventory.expected_receipt SET qty = qty + 1 WHERE state = 'open'"),
    Corruption("SW12", "DELETE FROM fulfillment.schedule"),
    Corruption("SW13", "UPDATE inventory.expected_receipt SET received = received + 1"),
    Corruption("SW6", "UPDATE inventory.stock_hold SET kind = 'channel'"),
    Corruption(
        "SW10",
        "INSERT INTO listings.sold_day SELECT item_id, location_id, '2026-01-01', 1000000"
        " FROM inventory.stock LIMIT 1",
    ),
    Corruption("SW11", "UPDATE inventory.stock_hold SET mailed_at = now()"),
    Corruption("SB1", "UPDATE inventory.bin_stock SET qty = qty + 1 WHERE bin = 'P-1'"),
    Corruption("SB1", "DELETE FROM inventory.bin_stock WHERE bin = 'P-1'"),
    Corruption(
        "SB1",
        _cell(
            "available = available + 1, on_hand = on_hand + 1",
            "location_id IN (SELECT location_id FROM inventory.binned)",
        ),
    ),
    Corruption("SB2", "DELETE FROM inventory.binned"),
    Corruption(
        "SB2",
        f"UPDATE inventory.bin_stock SET item_id = {NOBODY} WHERE bin = 'P-1'",
        scoped=False,
    ),
    Corruption("SB3", "UPDATE inventory.bin_stock SET bin = 'P-9' WHERE bin = 'P-1'"),
    Corruption("SB3", "UPDATE inventory.bin_move SET qty = qty + 1 WHERE to_bin = 'R-1'"),
    Corruption("SB4", "DELETE FROM locations.bin WHERE code = 'R-1'"),
    Corruption("SB4", "UPDATE locations.bin SET purpose = 'reserve' WHERE code = 'P-1'"),
    Corruption("SB5", "UPDATE inventory.replenishment SET moved = units"),
]

_IN_ORDERS = [
    Corruption("I9", _line("shipped = shipped + 1", "reserved > 0"), _LINES),
    Corruption("I9", _line("open = open - 1, reserved = reserved + 1", "open = 0"), _LINES),
    Corruption("I10", _line("returned = shipped + 1", "true"), _LINES),
    Corruption("I10", _line("delivered = shipped + 1", "true"), _LINES),
    Corruption("I10", _line("restocked = 1", "returned = 0"), _LINES),
    Corruption("I11", "DELETE FROM orders.external_id WHERE external_key = 'waits'"),
    Corruption("I11", f"UPDATE orders.external_id SET channel_id = {NOBODY}"),
    Corruption(
        "I11", "UPDATE orders.sales_order SET external_id = 'new-0' WHERE external_id = 'new-1'"
    ),
    Corruption("I12", _order("life = 'closed'", "reserved > 0")),
    Corruption("I12", _order("fulfilment = 'fulfilled'", "reserved > 0")),
    Corruption("I12", _order("return_state = 'none'", "returned > 0")),
    Corruption("I12", _order("backordered = NOT backordered", "true")),
    Corruption("I12", "UPDATE orders.hold SET released_at = now()"),
    Corruption("I13", "DELETE FROM platform.event WHERE kind = 'units.picked' OR seq = 1"),
    Corruption("I13", _order("version = version + 1", "true")),
    Corruption("I13", "UPDATE platform.event SET kind = 'order.held' WHERE kind = 'order.placed'"),
    Corruption("I16", f"DELETE FROM orders.line WHERE {_LINE.format('line_no = 1')}"),
    Corruption("O1", "DELETE FROM orders.line_component"),
    Corruption("O1", _line("item_kind = 'stocked'", "item_kind = 'kit'")),
    Corruption("O2", _line("item_kind = 'custom'", "reserved > 0")),
    Corruption("O2", _line("reserved = reserved - 1, completed = completed + 1", "reserved > 0")),
]

_IN_WORK = [
    Corruption("W1", _line("reserved = reserved - 1, released = released + 1", "reserved > 0")),
    Corruption("W1", _work("qty = qty + per_unit", "true")),
    Corruption("W1", _fo("state = 'released'", "state = 'open'")),
    Corruption("W1", "DELETE FROM fulfillment.line"),
    Corruption("W2", _fo("state = 'delivered'", "state = 'shipped'")),
    Corruption("W2", _fo("state = 'picked'", "state = 'open'")),
    Corruption("W2", "UPDATE fulfillment.parcel SET delivered_at = NULL"),
    Corruption("W3", _work("qty = qty + per_unit", "per_unit = 2")),
    Corruption("W3", "UPDATE orders.line_component SET per_kit = per_kit + 1"),
    Corruption("W3", f"DELETE FROM fulfillment.line WHERE {_WORK.format('per_unit = 2')}"),
    Corruption("W4", _work("picked = qty + per_unit", "true"), ("fulfillment.line",)),
    Corruption("W4", _work("qty = qty + 1", "per_unit = 2"), ("fulfillment.line",)),
    Corruption("I17", "DELETE FROM fulfillment.parcel_line"),
    Corruption("I18", "UPDATE fulfillment.parcel_line SET qty = qty + 1"),
    Corruption("I18", "DELETE FROM fulfillment.parcel_line WHERE line_no = 1"),
    Corruption("W5", _line("delivered = 0", "delivered > 0")),
    Corruption("W5", "UPDATE fulfillment.parcel SET delivered_at = now()"),
    Corruption(
        "W6",
        "INSERT INTO fulfillment.task (id, kind, order_id, line_no, raised_at)"
        " SELECT gen_random_uuid(), 'shortage', order_id, line_no, now() FROM orders.line"
        " WHERE open + backordered = 0 LIMIT 1",
    ),
    Corruption("W7", "DELETE FROM sourcing.decision"),
    Corruption("W8", "UPDATE fulfillment.fulfillment_order SET pickup_code = NULL"),
    Corruption(
        "W10",
        "INSERT INTO fulfillment.promise"
        " (order_id, fo_no, ready_at, ships_at, ships_on, delivers_on, tariff)"
        " SELECT order_id, fo_no, now(), now(), promised_on, promised_on, 'dpd'"
        " FROM fulfillment.fulfillment_order WHERE delivery = 'pickup' LIMIT 1",
    ),
    Corruption(
        "W9",
        "INSERT INTO orders.refusal (order_id, location_id, fo_no, reason, at)"
        " SELECT order_id, location_id, 99, 'too_busy', now()"
        " FROM fulfillment.fulfillment_order LIMIT 1",
    ),
    Corruption("W12", "UPDATE fulfillment.parcel SET destination_id = NULL"),
    Corruption(
        "W12", "UPDATE fulfillment.parcel SET delivered_at = now() WHERE destination_id IS NOT NULL"
    ),
    Corruption("W11", _fo("request = NULL", "request = 'accepted'")),
    Corruption("W11", "DELETE FROM fulfillment.cancellation_ask"),
    Corruption("W11", "UPDATE fulfillment.request SET closed_at = now()"),
    Corruption("LD1", "UPDATE fulfillment.slot_day SET booked = booked - 1", scoped=False),
    Corruption("LD1", "DELETE FROM fulfillment.slot_day", scoped=False),
    Corruption("LD2", "UPDATE fulfillment.stop SET attempts = attempts + 1"),
    Corruption("LD2", "UPDATE fulfillment.stop SET state = 'delivered' WHERE state = 'out'"),
    Corruption(
        "LD2",
        "UPDATE orders.sales_order SET pickup_location_id = NULL WHERE delivery = 'local'",
    ),
]

_IN_MONEY = [
    Corruption("I26", _order("total_minor = total_minor + 1", "true"), _ORDERS),
    Corruption("I27", _order("items_minor = items_minor + 1", "true"), _ORDERS),
    Corruption("I27", _line("discount_minor = discount_minor + 1", "true")),
    Corruption("I27", "UPDATE orders.adjustment SET amount_minor = amount_minor - 1"),
    Corruption("I27", "DELETE FROM orders.adjustment WHERE kind = 'rounding'"),
    Corruption("I27", "UPDATE orders.adjustment SET amount_minor = -9999 WHERE kind = 'discount'"),
    Corruption("M1", _line("net_minor = net_minor + 1", "true")),
    Corruption("M1", _line("discount_minor = -1, net_minor = gross_minor + 1", "tax_minor = 0")),
    Corruption("M2", _line("tax_minor = tax_minor + 1", "taxes IS NOT NULL")),
    Corruption("M2", "UPDATE orders.adjustment SET taxes = NULL"),
    Corruption("I28", _order("currency = 'XX1'", "true")),
    Corruption("I28", "UPDATE orders.sales_order SET rate = NULL WHERE currency = 'PLN'"),
    Corruption(
        "I28", _order("base_total_minor = base_total_minor + 1", "taxes IS NULL AND shipped > 0")
    ),
    Corruption("M3", "UPDATE payments.expectation SET amount_minor = amount_minor + 1"),
    Corruption("M3", "UPDATE payments.expectation SET currency = 'JPY'"),
]

_IN_EVENTS = [
    Corruption(
        "E1",
        "DELETE FROM platform.event AS e WHERE seq = 2 AND EXISTS"
        " (SELECT FROM platform.event AS l WHERE l.stream_id = e.stream_id AND l.seq = 3)",
    ),
    Corruption("E1", "UPDATE platform.app_user SET version = version + 1"),
    Corruption("A1", "UPDATE platform.app_user SET extra_permissions = '{audit.read}'"),
    Corruption("A1", "UPDATE platform.app_user SET permissions = '{}'"),
    Corruption("E1", "UPDATE inventory.receipt SET version = version + 1"),
    Corruption("E1", "UPDATE inventory.stock_hold SET version = version + 1"),
    Corruption("E1", "UPDATE inventory.cycle_count SET version = version + 1"),
    Corruption("E1", "UPDATE inventory.transfer SET version = version + 1"),
    Corruption("E2", "UPDATE platform.event SET kind = 'order.eaten' WHERE kind = 'order.placed'"),
    Corruption("E2", "UPDATE platform.event SET version = 99 WHERE kind = 'order.placed'"),
    Corruption("E2", "UPDATE platform.event SET body = body - 'number'"),
    Corruption("E2", "UPDATE platform.event SET body = '[]' WHERE kind = 'order.placed'"),
    Corruption("I34", "DELETE FROM platform.feed WHERE kind = 'order.placed'"),
    Corruption("I34", "DELETE FROM platform.pending"),
    Corruption("E3", "DELETE FROM platform.feed WHERE position = 5"),
    Corruption("E3", "UPDATE platform.feed SET kind = 'order.held' WHERE position = 5"),
    Corruption("E3", f"UPDATE platform.feed SET stream_id = {NOBODY} WHERE position = 5"),
    Corruption("E3", "UPDATE platform.feed SET position = 2000000 - position"),
    Corruption("I35", "UPDATE platform.pending SET at = now() - interval '2 hours'"),
    Corruption(
        "I35",
        "UPDATE platform.pending SET at = now() - interval '11 minutes';"
        "UPDATE platform.schedule SET ran_at = now()",
    ),
    Corruption("E4", "UPDATE platform.follower SET position = 1000000"),
    Corruption(
        "E5",
        "UPDATE platform.feed SET position = position + 20000;"
        "UPDATE platform.follower SET updated_at = now() - interval '1 hour';"
        "UPDATE platform.schedule SET ran_at = now()",
    ),
    Corruption(
        "E6",
        "INSERT INTO platform.parked_event (follower, position, stream_id, attempts, error)"
        " SELECT 'order-listings', position, stream_id, 1, 'no' FROM platform.feed LIMIT 1",
    ),
    Corruption(
        "E7",
        "INSERT INTO platform.parked_event (follower, position, stream_id)"
        " SELECT 'nobody', position, stream_id FROM platform.feed LIMIT 1",
    ),
    Corruption(
        "E7",
        "INSERT INTO platform.parked_event (follower, position, stream_id)"
        f" VALUES ('order-listings', 1, {NOBODY})",
    ),
    Corruption("I38", "UPDATE platform.idempotency SET status = 500"),
    Corruption("I38", "UPDATE platform.idempotency SET answer = left(answer, 10)"),
    Corruption("I38", "UPDATE platform.idempotency SET fingerprint = ''"),
    Corruption("E8", "UPDATE platform.schedule SET attempts = 3, error = 'no'"),
]

_IN_SETTINGS = [
    Corruption("X7", "UPDATE sourcing.decision SET policy_version = 99"),
    Corruption(
        "X8",
        "INSERT INTO fulfillment.task (id, kind, order_id, line_no, raised_at)"
        " SELECT gen_random_uuid(), 'count', id, 999, now() FROM orders.sales_order LIMIT 1",
    ),
    Corruption(
        "X9",
        "UPDATE sourcing.rollout SET candidate_version = 99",
    ),
    Corruption(
        "T1",
        "INSERT INTO channels.order_link (channel_id, shop_order, order_id, changed_at)"
        f" SELECT id, '1', {NOBODY}, now() FROM channels.channel LIMIT 1",
    ),
    Corruption(
        "T1",
        "INSERT INTO channels.order_link (channel_id, shop_order, order_id, changed_at, lines)"
        """ SELECT channel_id, '1', id, now(), '{"7": 999}' FROM orders.sales_order LIMIT 1""",
    ),
    Corruption(
        "T2",
        "INSERT INTO channels.connection (channel_id, kind, domain, swept_to)"
        " SELECT id, 'shopify', 'tea.myshopify.com', now() FROM channels.channel LIMIT 1",
    ),
    Corruption("C1", "UPDATE catalog.kit_part SET qty = qty + 1"),
    Corruption("C1", "DELETE FROM catalog.kit_part WHERE qty = 2"),
    Corruption("C2", "DELETE FROM catalog.kit_part"),
    Corruption(
        "C2",
        "INSERT INTO catalog.kit_part SELECT item_id, kit_id, 1 FROM catalog.kit_part LIMIT 1",
    ),
    Corruption("C3", """UPDATE catalog.item SET prices = '{"EUR": "ten"}'"""),
    Corruption("C3", """UPDATE catalog.item SET prices = '{"euro": "10"}'"""),
    Corruption("C3", "UPDATE catalog.item SET prices = '[]'"),
    Corruption("C4", "UPDATE sourcing.policy SET version = version + 1"),
    Corruption("C4", "DELETE FROM sourcing.policy_version"),
    Corruption("C5", "UPDATE sourcing.policy_version SET body = body || '{\"rules\": 7}'"),
    Corruption("C6", "UPDATE sourcing.decision SET body = body - 'outcome'"),
    Corruption("C6", "UPDATE sourcing.decision SET body = '7'"),
    Corruption("C7", "ALTER SEQUENCE orders.number RESTART WITH 1001"),
    Corruption("C7", "UPDATE customers.customer SET number = 1000000 + number"),
    Corruption(
        "I37",
        "UPDATE intake.message SET state = 'received', reason = '',"
        " received_at = now() - interval '1 hour'",
    ),
    Corruption(
        "I37",
        "INSERT INTO intake.message (id, channel_id, kind, content_hash, preset, mode, body, state,"
        " reason, received_at) SELECT gen_random_uuid(), m.channel_id, 'order',"
        " sha256(n::text::bytea), '', 'live', '{}', 'parked', 'x', now()"
        " FROM (SELECT channel_id FROM intake.message LIMIT 1) AS m, generate_series(1, 1001) AS n",
    ),
    Corruption("N1", "UPDATE intake.message SET results = '{}' WHERE kind = 'order'"),
    Corruption(
        "N1",
        "UPDATE intake.message"
        f" SET results = jsonb_build_object('order', jsonb_build_array({NOBODY}))"
        " WHERE kind = 'order'",
    ),
    Corruption("L1", "DELETE FROM listings.order_entry"),
    Corruption("L1", "UPDATE listings.order_entry SET version = version - 1"),
    Corruption("L1", f"UPDATE listings.order_entry SET order_id = {NOBODY} WHERE number = 1001"),
    Corruption("I40", "SET LOCAL synchronous_commit = off"),
    Corruption(
        "I40b",
        "ALTER TABLE orders.note ADD CONSTRAINT long CHECK (length(body) > 1) NOT VALID",
    ),
    Corruption("I40b", "ALTER TABLE orders.line DISABLE TRIGGER ALL"),
    Corruption(
        "I40b",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders.hold_due'::regclass",
    ),
    Corruption("Y1", "UPDATE public.ordito_migration SET checksum = 'x' WHERE version = 2"),
    Corruption("Y1", "DELETE FROM public.ordito_migration WHERE version = 3"),
    Corruption("Y2", "DELETE FROM platform.installation"),
    Corruption("I39", "INSERT INTO platform.seal VALUES (1, 1000, sha256('x'))"),
    Corruption("I39", "INSERT INTO platform.seal VALUES (2, 2000, sha256('x'))"),
    Corruption("I39b", "DROP TRIGGER append_only ON platform.event"),
    Corruption("I39b", "ALTER TABLE inventory.posting DISABLE TRIGGER append_only"),
    Corruption("I39b", "GRANT UPDATE ON sourcing.decision TO ordito_app"),
    Corruption("I40d", "DROP POLICY seen ON orders.line"),
    Corruption("I40d", "ALTER TABLE orders.party DISABLE ROW LEVEL SECURITY"),
    Corruption("I40d", "GRANT SELECT ON webhooks.endpoint_secret TO ordito_read"),
    Corruption("I40e", "ALTER TABLE orders.tag OWNER TO ordito_app"),
    Corruption("I40e", "REVOKE USAGE ON SCHEMA platform FROM ordito_read"),
]

_IN_WEBHOOKS = [
    Corruption(
        "H1",
        "INSERT INTO webhooks.message (endpoint_id, position, stream_id, kind, state)"
        f" VALUES ({NOBODY}, 1, {NOBODY}, 'order.placed', 'waiting')",
    ),
    Corruption(
        "H2",
        "INSERT INTO webhooks.endpoint (id, url, description, kinds)"
        f" VALUES ({NOBODY}, 'https://example.com/', '', ARRAY['*'])",
    ),
]

_FILE = (
    "INSERT INTO orders.file (order_id, file_no, name, media_type, size_bytes, author_id, author,"
    f" at, removed_at) SELECT {{0}}, 1, '{{2}}', 'text/plain', 5, {NOBODY}, 'Ann', now(), {{1}}"
)

_IMPORT = (
    "WITH j AS (INSERT INTO uploads.job (id, actor_kind, actor_id, kind, file_name, digest,"
    " columns, mapping, options, state, phase, ran, total, counts, created_at)"
    " VALUES (gen_random_uuid(), 'user', "
    + NOBODY
    + ", 'items', 'a.csv', '', '[]', '{{}}', '{{}}',"
    " 'finished', 'run', true, {total}, '{{\"run\": {{\"new\": 2}}}}', now()) RETURNING id)"
    " INSERT INTO uploads.row (job_id, n, line, cells, damaged, phase, outcome)"
    " SELECT id, 0, 2, '[]', false, 'run', 'new' FROM j"
)

_IN_IMPORTS = [
    Corruption("U1", _IMPORT.format(total=2)),
    Corruption("U2", _IMPORT.format(total=3)),
]

_ON_THE_DESK = [
    Corruption(
        "B1",
        "INSERT INTO desk.job"
        " (id, actor_kind, actor_id, act, ask, state, total, done, started_at)"
        f" VALUES (gen_random_uuid(), 'user', {NOBODY}, 'tag', '{{}}', 'finished', 1, 1, now())",
    ),
    Corruption(
        "B2",
        "INSERT INTO orders.assignment (order_id, user_id, assigned_at)"
        f" SELECT id, {NOBODY}, now() FROM orders.sales_order LIMIT 1",
    ),
    Corruption("B3", _FILE.format("(SELECT id FROM orders.sales_order LIMIT 1)", "NULL", "x.txt")),
    Corruption("B3", _FILE.format(NOBODY, "now()", "")),
    Corruption(
        "B3",
        _FILE.format("(SELECT id FROM orders.sales_order LIMIT 1)", "now()", "")
        + "; INSERT INTO orders.file_chunk (order_id, file_no, chunk_no, body)"
        " SELECT order_id, file_no, 0, 'hello' FROM orders.file",
    ),
]

CORRUPTIONS = [
    *_IN_STOCK,
    *_IN_ORDERS,
    *_IN_WORK,
    *_IN_MONEY,
    *_IN_EVENTS,
    *_IN_SETTINGS,
    *_IN_WEBHOOKS,
    *_IN_IMPORTS,
    *_ON_THE_DESK,
]
