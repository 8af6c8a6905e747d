-- What channels send us: kept as it came, with what became of it.
CREATE SCHEMA intake;

-- One import: the same files by the same preset into the same channel are one for ever.
-- position and position_back: entries booked so far, and cancelling invoices, which come last;
-- written with what was booked, so that an import goes on where it was cut off.
CREATE TABLE intake.import_run (
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL,
    preset text COLLATE "C" NOT NULL,
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('live', 'history')),
    fingerprint bytea NOT NULL,
    files jsonb NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('running', 'done')),
    position bigint NOT NULL DEFAULT 0,
    position_back bigint NOT NULL DEFAULT 0,
    tallies jsonb NOT NULL,
    duplicates bigint NOT NULL DEFAULT 0,
    actor_id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (channel_id, fingerprint)
);

-- The inbox. Personal data: body and words; listed in platform/privacy.py, erased by rewriting.
-- body: the rows (or the document) as they came. results: what was made of it, kind → ids.
-- tally: its rows by kind and month, as they count in its import.
CREATE TABLE intake.message (
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    external_key text COLLATE "C",
    content_hash bytea NOT NULL,
    preset text COLLATE "C" NOT NULL,
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('live', 'history')),
    body jsonb NOT NULL,
    state text COLLATE "C" NOT NULL
        CHECK (state IN ('received', 'done', 'duplicate', 'parked', 'refused')),
    reason text COLLATE "C" NOT NULL DEFAULT '',
    words text NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 1,
    run_id uuid,
    source text NOT NULL DEFAULT '',
    source_lines integer[] NOT NULL DEFAULT '{}',
    results jsonb NOT NULL DEFAULT '{}',
    tally jsonb NOT NULL DEFAULT '{}',
    received_at timestamptz NOT NULL,
    handled_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    CHECK ((state IN ('parked', 'refused')) = (reason <> '')),
    UNIQUE (channel_id, content_hash)
);
CREATE INDEX message_state ON intake.message (state, id DESC);
CREATE INDEX message_run ON intake.message (run_id, id);
CREATE INDEX message_external ON intake.message (channel_id, external_key)
    WHERE external_key IS NOT NULL;

-- Rows that are no goods of an order, each booked once, however many files hold it.
CREATE TABLE intake.booked_row (
    channel_id uuid NOT NULL,
    row_key bytea NOT NULL,
    kind text COLLATE "C" NOT NULL
        CHECK (kind IN ('cancellation', 'return', 'adjustment', 'charge')),
    message_id uuid NOT NULL,
    PRIMARY KEY (channel_id, row_key)
);

-- Amounts hidden among the lines, as they are: postage, fees, bad debt.
CREATE TABLE intake.charge (
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL,
    order_id uuid,
    message_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    code text NOT NULL,
    title text NOT NULL,
    amount numeric(24, 6) NOT NULL,
    currency text COLLATE "C" NOT NULL,
    reference text NOT NULL,
    occurred_at timestamptz NOT NULL
);
CREATE INDEX charge_channel ON intake.charge (channel_id, id DESC);
CREATE INDEX charge_order ON intake.charge (order_id) WHERE order_id IS NOT NULL;

-- A cancelling invoice names a customer and goods, not the order: finding it must be cheap.
CREATE INDEX sales_order_customer ON orders.sales_order (customer_id) WHERE customer_id IS NOT NULL;
