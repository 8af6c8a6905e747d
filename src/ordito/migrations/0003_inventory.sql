-- Stock: a double-entry ledger and the counters beside it.
CREATE SCHEMA inventory;

CREATE TYPE inventory.bucket AS ENUM (
    'supplier', 'incoming', 'available', 'reserved', 'picked', 'in_transit', 'quality_control',
    'damaged', 'safety', 'customer', 'scrapped', 'adjustment'
);

-- A cell: one item at one location. No index on a counter, so that updates stay in the page.
CREATE TABLE inventory.stock (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    on_hand bigint NOT NULL DEFAULT 0,
    available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    picked bigint NOT NULL DEFAULT 0 CHECK (picked >= 0),
    quality_control bigint NOT NULL DEFAULT 0 CHECK (quality_control >= 0),
    damaged bigint NOT NULL DEFAULT 0 CHECK (damaged >= 0),
    safety bigint NOT NULL DEFAULT 0 CHECK (safety >= 0),
    incoming bigint NOT NULL DEFAULT 0 CHECK (incoming >= 0),
    in_transit bigint NOT NULL DEFAULT 0 CHECK (in_transit >= 0),
    seq bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (item_id, location_id),
    CHECK (on_hand = available + reserved + picked + quality_control + damaged + safety)
) WITH (fillfactor = 70);
CREATE INDEX stock_location ON inventory.stock (location_id, item_id);

-- Postings are never changed. The key has no gap per cell; the balances after it are its answer
-- to "how many were there then?".
CREATE TABLE inventory.posting (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    from_bucket inventory.bucket NOT NULL,
    to_bucket inventory.bucket NOT NULL CHECK (to_bucket <> from_bucket),
    qty bigint NOT NULL CHECK (qty > 0),
    reason text COLLATE "C" NOT NULL,
    source_id uuid,
    source_line integer,
    at timestamptz NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    on_hand_after bigint NOT NULL,
    available_after bigint NOT NULL,
    reserved_after bigint NOT NULL,
    picked_after bigint NOT NULL,
    PRIMARY KEY (item_id, location_id, seq)
);

-- Stock promised to a line of an order (or of a cart, which expires) at a location.
CREATE TABLE inventory.reservation (
    holder_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    qty bigint NOT NULL CHECK (qty > 0),
    expires_at timestamptz,
    PRIMARY KEY (holder_id, line_no, item_id, location_id)
);
CREATE INDEX reservation_cell ON inventory.reservation (item_id, location_id);
CREATE INDEX reservation_expiry ON inventory.reservation (expires_at) WHERE expires_at IS NOT NULL;

-- Who holds stock without an order: a cart, a salesperson. The hold ends by itself.
CREATE TABLE inventory.stock_hold (
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 1
);

CREATE TABLE inventory.receipt (
    id uuid PRIMARY KEY,
    location_id uuid NOT NULL,
    reference text NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT 1
);

CREATE TABLE inventory.receipt_line (
    receipt_id uuid NOT NULL REFERENCES inventory.receipt,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    qty bigint NOT NULL CHECK (qty > 0),
    PRIMARY KEY (receipt_id, line_no)
);
