-- Work on stock: transfers between locations, cycle counts, reasons, alerts, what is set aside.

-- The other end of a posting whose goods lie at another location: a transfer posts at both.
ALTER TYPE inventory.bucket ADD VALUE 'transfer';

CREATE SEQUENCE inventory.transfer_number;

CREATE TABLE inventory.transfer (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    from_location_id uuid NOT NULL,
    to_location_id uuid NOT NULL CHECK (to_location_id <> from_location_id),
    state text COLLATE "C" NOT NULL CHECK (state IN (
        'draft', 'requested', 'shipped', 'partly_received', 'received', 'cancelled')),
    reference text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    expected_on date,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    shipped_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    CHECK ((state IN ('draft', 'requested', 'cancelled')) = (shipped_at IS NULL)),
    CHECK ((state IN ('received', 'cancelled')) = (ended_at IS NOT NULL))
);
CREATE INDEX transfer_under_way ON inventory.transfer (id)
    WHERE state NOT IN ('received', 'cancelled');

-- received: fit for sale. surplus: more than was shipped. missing: given up.
CREATE TABLE inventory.transfer_line (
    transfer_id uuid NOT NULL REFERENCES inventory.transfer (id),
    line_no integer NOT NULL CHECK (line_no > 0),
    item_id uuid NOT NULL,
    requested bigint NOT NULL CHECK (requested > 0),
    shipped bigint NOT NULL DEFAULT 0 CHECK (shipped BETWEEN 0 AND requested),
    received bigint NOT NULL DEFAULT 0 CHECK (received >= 0),
    damaged bigint NOT NULL DEFAULT 0 CHECK (damaged >= 0),
    surplus bigint NOT NULL DEFAULT 0 CHECK (surplus >= 0),
    missing bigint NOT NULL DEFAULT 0 CHECK (missing >= 0),
    PRIMARY KEY (transfer_id, line_no),
    UNIQUE (transfer_id, item_id),
    CHECK (received + damaged + missing <= shipped)
);
CREATE INDEX transfer_line_item ON inventory.transfer_line (item_id, transfer_id);

CREATE SEQUENCE inventory.cycle_count_number;

-- blind: who counts is not told what the record says.
CREATE TABLE inventory.cycle_count (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    location_id uuid NOT NULL,
    name text NOT NULL DEFAULT '',
    blind boolean NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'finished')),
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    CHECK ((state = 'finished') = (ended_at IS NOT NULL))
);
CREATE INDEX cycle_count_open ON inventory.cycle_count (id) WHERE state = 'open';

-- difference: counted less what lay on the shelf by the record at that moment.
CREATE TABLE inventory.cycle_count_line (
    count_id uuid NOT NULL REFERENCES inventory.cycle_count (id),
    line_no integer NOT NULL CHECK (line_no > 0),
    item_id uuid NOT NULL,
    bins text[] NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'waiting', 'done', 'skipped')),
    round integer NOT NULL DEFAULT 1 CHECK (round > 0),
    counted bigint CHECK (counted >= 0),
    difference bigint,
    counted_at timestamptz,
    counted_by uuid,
    document_id uuid,
    PRIMARY KEY (count_id, line_no),
    UNIQUE (count_id, item_id),
    CHECK ((state IN ('waiting', 'done')) = (counted IS NOT NULL)),
    CHECK ((counted IS NULL) = (difference IS NULL)),
    CHECK ((counted IS NULL) = (counted_by IS NULL)),
    CHECK ((document_id IS NOT NULL) = (state = 'done'))
);

-- Differences above it wait for somebody else's approval. No row: every difference is booked.
CREATE TABLE inventory.count_limit (
    location_id uuid PRIMARY KEY,
    units bigint CHECK (units >= 0),
    value_minor bigint CHECK (value_minor >= 0),
    currency text COLLATE "C" NOT NULL DEFAULT '',
    CHECK ((value_minor IS NULL) = (currency = ''))
);
