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
