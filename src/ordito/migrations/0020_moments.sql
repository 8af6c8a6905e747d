-- Stock at any moment: the balances of all buckets after a posting, and what was booked late.

-- Balances after the posting of quality_control, damaged, safety, incoming and in_transit, in this
-- order; NULL where all are 0, which is nearly everywhere and then costs nothing.
ALTER TABLE inventory.posting
    ADD COLUMN others_after bigint[] CHECK (cardinality(others_after) = 5);

-- The one time that postings are written to again: what they say stays.
ALTER TABLE inventory.posting DISABLE TRIGGER append_only;
WITH moved AS (
    SELECT item_id, location_id, seq,
           ARRAY[
               sum(CASE 'quality_control' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'damaged' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'safety' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'incoming' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'in_transit' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell
           ]::bigint[] AS balances
    FROM inventory.posting
    WINDOW cell AS (PARTITION BY item_id, location_id ORDER BY seq)
)
UPDATE inventory.posting AS p
SET others_after = m.balances
FROM moved AS m
WHERE m.balances <> '{0,0,0,0,0}'
  AND p.item_id = m.item_id AND p.location_id = m.location_id AND p.seq = m.seq;
ALTER TABLE inventory.posting ENABLE TRIGGER append_only;

-- What was booked long after it happened: few, so that the hot table stays as cheap to write.
CREATE INDEX posting_late ON inventory.posting (item_id, location_id, at)
    WHERE at - occurred_at > interval '1 minute';

-- Carts: how long a channel keeps stock for one, and how much of it one shopper may keep.
ALTER TABLE channels.channel
    ADD COLUMN cart_minutes integer NOT NULL DEFAULT 15 CHECK (cart_minutes BETWEEN 1 AND 1440),
    ADD COLUMN cart_units_max integer CHECK (cart_units_max > 0),
    ADD COLUMN cart_units_told integer CHECK (cart_units_told > 0);

-- lines: what is in the cart as {sku, quantity} each, also what takes no stock. shopper: a digest of
-- whoever the shop says it is. contact: an address to write to, personal data.
ALTER TABLE inventory.stock_hold
    ADD COLUMN lines jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN units integer NOT NULL DEFAULT 0 CHECK (units >= 0),
    ADD COLUMN shopper bytea,
    ADD COLUMN contact text NOT NULL DEFAULT '',
    ADD COLUMN ended_why text COLLATE "C"
        CHECK (ended_why IN ('released', 'expired', 'count', 'completed')),
    ADD COLUMN order_id uuid,
    ADD CHECK (order_id IS NULL OR ended_why = 'completed'),
    ADD CHECK (ended_why IS NULL OR ended_at IS NOT NULL);
CREATE INDEX stock_hold_shopper ON inventory.stock_hold (channel_id, shopper)
    WHERE shopper IS NOT NULL AND ended_at IS NULL;
CREATE INDEX stock_hold_ended ON inventory.stock_hold (ended_why, id);
CREATE INDEX stock_hold_open ON inventory.stock_hold (id) WHERE ended_at IS NULL;
CREATE INDEX stock_hold_created ON inventory.stock_hold (channel_id, created_at);

-- Watch lists: what the system found wrong, who looks after it and until when. An entry is closed
-- when the fact is gone, and never by hand.
CREATE TABLE desk.watch (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN (
        'short', 'oversold', 'unservable', 'capacity', 'promise', 'cart')),
    subject_id uuid NOT NULL,
    part integer NOT NULL,
    order_id uuid,
    channel_id uuid,
    location_id uuid,
    item_id uuid,
    qty bigint,
    raised_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    owner_id uuid,
    escalated_at timestamptz,
    closed_at timestamptz,
    version bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX watch_fact ON desk.watch (kind, subject_id, part) WHERE closed_at IS NULL;
CREATE INDEX watch_due ON desk.watch (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX watch_kind ON desk.watch (kind, due_at, id) WHERE closed_at IS NULL;

-- Whose the entries of a list are at first, whose once they are overdue, and when that is.
CREATE TABLE desk.watch_rule (
    kind text COLLATE "C" PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    version bigint NOT NULL DEFAULT 0,
    due_hours integer NOT NULL CHECK (due_hours BETWEEN 1 AND 720),
    owner_id uuid,
    escalate_to uuid
);
