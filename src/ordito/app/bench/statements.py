"""Reference (i): pgbench writing the same rows statement by statement, one order a transaction.

What an application without batching does at its best: prepared statements, no application at all
between them, the same guarded update of the stock and the same postings with balances.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import msgspec

_READ = """
\\set i1 random(0, :items - 1)
\\set i2 random(0, :items - 1)
\\set i3 random(0, :items - 1)
\\set place random(0, :locations - 1)
SELECT gen_random_uuid() AS oid, gen_random_uuid() AS akey, id AS cid, policy_id AS pid
  FROM channels.channel WHERE code = 'bench' \\gset
SELECT count(*) AS known FROM platform.idempotency
  WHERE actor_id = '00000000-0000-0000-0000-000000000001' AND key = :akey::text \\gset
SELECT count(*) AS known FROM orders.external_id
  WHERE channel_id = :cid::uuid AND external_key = :oid::text \\gset
SELECT nextval('orders.number') AS num \\gset
SELECT id AS lid FROM locations.location WHERE code = 'L' || :place \\gset
BEGIN;
"""

_ITEM = """
SELECT id AS item{n} FROM catalog.item WHERE sku_key = 'b' || lpad(:i{n}::text, 5, '0') \\gset
SELECT count(*) AS places FROM inventory.stock
  WHERE item_id = :item{n}::uuid AND available > 0 \\gset
"""

_HEADER = """
INSERT INTO orders.external_id (channel_id, external_key, order_id, fingerprint)
  VALUES (:cid::uuid, :oid::text, :oid::uuid, '\\\\x00');
INSERT INTO orders.sales_order
  (id, number, channel_id, external_id, mode, kind, delivery, country, currency, tax_included,
   rounding, items_minor, discount_minor, shipping_minor, fees_minor, tax_minor, rounding_minor,
   total_minor, base_currency, base_total_minor, life, fulfilment, money, return_state, backordered,
   promised_on, placed_at, updated_at, version)
  VALUES (:oid::uuid, :num::int8, :cid::uuid, :oid::text, 'live', 'standard', 'ship', 'DE', 'EUR',
   true, 'half_up', 2997, 0, 0, 0, 0, 0, 2997, 'EUR', 2997, 'open', 'unfulfilled', 'pending',
   'none', false, current_date, now(), now(), 2);
INSERT INTO orders.party (order_id, role, email, address)
  VALUES (:oid::uuid, 'ship_to', '',
   '{"country": "DE", "name": "Erika Beispiel", "line1": "Hauptstr. 1", "city": "Leipzig"}');
INSERT INTO payments.expectation (order_id, method, currency, amount_minor, state)
  VALUES (:oid::uuid, 'card', 'EUR', 2997, 'expected');
INSERT INTO fulfillment.fulfillment_order
  (order_id, fo_no, location_id, delivery, state, decision_no, promised_on, created_at, updated_at)
  VALUES (:oid::uuid, 1, :lid::uuid, 'ship', 'open', 1, current_date, now(), now());
INSERT INTO sourcing.decision
  (order_id, decision_no, at, policy_id, policy_version, cause, body)
  VALUES (:oid::uuid, 1, now(), :pid::uuid, 1, 'placed', '{decision}');
"""

_LINE = """
INSERT INTO orders.line
  (order_id, line_no, item_id, sku, title, item_kind, unit_price, gross_minor, discount_minor,
   net_minor, tax_minor, ordered, reserved)
  VALUES (:oid::uuid, {n}, :item{n}::uuid, 'B', 'Item', 'stocked', 9.99, 999, 0, 999, 0, 1, 1);
INSERT INTO fulfillment.line (order_id, fo_no, line_no, item_id, qty, per_unit)
  VALUES (:oid::uuid, 1, {n}, :item{n}::uuid, 1, 1);
UPDATE inventory.stock
  SET available = available - 1, reserved = reserved + 1, seq = seq + 1
  WHERE item_id = :item{n}::uuid AND location_id = :lid::uuid AND available >= 1
  RETURNING seq AS seq{n}, on_hand AS hand{n}, available AS free{n}, reserved AS held{n} \\gset
INSERT INTO inventory.posting
  (item_id, location_id, seq, from_bucket, to_bucket, qty, reason, source_id, source_line, at,
   occurred_at, actor_id, on_hand_after, available_after, reserved_after, picked_after)
  VALUES (:item{n}::uuid, :lid::uuid, :seq{n}::int8, 'available', 'reserved', 1, 'order',
   :oid::uuid, {n}, clock_timestamp(), now(), '00000000-0000-0000-0000-000000000001',
   :hand{n}::int8, :free{n}::int8, :held{n}::int8, 0);
INSERT INTO inventory.reservation (holder_id, line_no, item_id, location_id, qty)
  VALUES (:oid::uuid, {n}, :item{n}::uuid, :lid::uuid, 1);
"""

_FOOTER = """
INSERT INTO platform.event
  (stream_id, seq, stream, kind, version, at, actor_kind, actor_id, body)
  VALUES (:oid::uuid, 1, 'order', 'order.placed', 1, now(), 'key',
   '00000000-0000-0000-0000-000000000001',
   '{"number": 1, "channel": "bench", "currency": "EUR", "total_minor": 2997, "lines": 3}');
INSERT INTO platform.event
  (stream_id, seq, stream, kind, version, at, actor_kind, actor_id, body)
  VALUES (:oid::uuid, 2, 'order', 'order.sourced', 1, now(), 'key',
   '00000000-0000-0000-0000-000000000001',
   '{"decision_no": 1, "cause": "placed", "reserved": {"L0": 3}}');
INSERT INTO platform.pending (stream_ids, seqs)
  VALUES (ARRAY[:oid::uuid, :oid::uuid], ARRAY[1, 2]);
INSERT INTO platform.idempotency (actor_id, key, fingerprint, status, answer)
  VALUES ('00000000-0000-0000-0000-000000000001', :akey::text, '\\\\x00', 201, '{answer}');
COMMIT;
"""


def script(decision: str, answer: str) -> str:
    """The pgbench script; decision and answer are real ones, so that rows have the same size."""
    text = _READ + "".join(_ITEM.format(n=n) for n in (1, 2, 3))
    text += _HEADER.replace("{decision}", _literal(decision))
    text += "".join(_LINE.format(n=n) for n in (1, 2, 3))
    return text + _FOOTER.replace("{answer}", _literal(answer))


def _literal(text: str) -> str:
    """Text inside quotes of a pgbench script, where a colon begins a variable."""
    return text.replace("'", "''").replace(":", ": ")


class Pgbench(msgspec.Struct, frozen=True):
    """PostgreSQL's own load program, and the database and the script it runs on."""

    bin_dir: str
    dsn: str
    script: str
    items: int
    locations: int


def run_pgbench(pgbench: Pgbench, *, clients: int, seconds: float) -> float:
    """Orders a second at `clients` connections, once they are warm. Raises when one failed."""
    warm = 2 + clients // 16
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(pgbench.script)
        file.flush()
        command = [
            str(Path(pgbench.bin_dir) / "pgbench"),
            "--no-vacuum",
            "--protocol=prepared",
            "--max-tries=10",
            "--progress=1",
            f"--client={clients}",
            "--jobs=1",
            f"--time={warm + max(2, round(seconds))}",
            f"--define=items={pgbench.items}",
            f"--define=locations={pgbench.locations}",
            f"--file={file.name}",
            pgbench.dsn,
        ]
        outcome = subprocess.run(  # noqa: S603 (PostgreSQL's own program)
            command, capture_output=True, text=True, check=False
        )
    failed = re.search(r"failed transactions: (\d+)", outcome.stdout)
    per_s = warm_rate(outcome.stderr)
    if outcome.returncode or failed is None or int(failed[1]) or not per_s:
        raise RuntimeError(f"pgbench failed: {outcome.stdout[-1500:]} {outcome.stderr[-1500:]}")
    return per_s


def warm_rate(progress: str) -> float:
    """Transactions a second over the progress that was made once every client was at work.

    Each connection parses and plans 39 statements before its first order, and plans them five
    times more before it keeps the plans: 64 clients take seconds for that, and it isn't counted.
    Warm begins two intervals after the first in which orders were done.
    """
    found = [(float(at), float(tps)) for at, tps in _PROGRESS.findall(progress)]
    first = next((n for n, (_at, tps) in enumerate(found) if tps), len(found))
    start = min(first + 2, len(found) - 1)
    done = sum(tps * (at - found[n][0]) for n, (at, tps) in enumerate(found[start:], start - 1))
    return done / (found[-1][0] - found[start - 1][0]) if found[start:] and start else 0.0


_PROGRESS = re.compile(r"^progress: ([\d.]+) s, ([\d.]+) tps", re.MULTILINE)
