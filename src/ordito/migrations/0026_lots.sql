-- Lots and serial numbers, beside the ledger: which of an item's lots each posting moved.

-- none:   units are all alike. lot: each belongs to a lot. serial: each has a number of its own.
-- sell_days: days a unit must still keep to be sold; expires says that its lots have a last day.
ALTER TABLE catalog.item
    ADD COLUMN tracking text COLLATE "C" NOT NULL DEFAULT 'none'
        CHECK (tracking IN ('none', 'lot', 'serial')),
    ADD COLUMN expires boolean NOT NULL DEFAULT false,
    ADD COLUMN sell_days integer NOT NULL DEFAULT 0 CHECK (sell_days BETWEEN 0 AND 3650),
    ADD CHECK (tracking = 'none' OR kind = 'stocked'),
    ADD CHECK (tracking <> 'none' OR NOT expires),
    ADD CHECK (expires OR sell_days = 0);
CREATE INDEX item_tracked ON catalog.item (id) WHERE tracking <> 'none';

-- A lot of an item, or, serial, one unit with its number.
CREATE TABLE inventory.lot (
    id uuid PRIMARY KEY,
    item_id uuid NOT NULL,
    code text NOT NULL CHECK (code <> ''),
    code_key text COLLATE "C" NOT NULL,
    serial boolean NOT NULL,
    expires_on date,
    made_on date,
    supplier_reference text NOT NULL DEFAULT '',
    state text COLLATE "C" NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'blocked')),
    reason text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    UNIQUE (item_id, code_key),
    CHECK (made_on <= expires_on),
    CHECK ((state = 'blocked') = (reason <> ''))
);
CREATE INDEX lot_expiry ON inventory.lot (expires_on) WHERE expires_on IS NOT NULL;

-- A lot's units at a location. shelf: available, reserved and safety of the cell together, since
-- what is promised is promised of the item, and the lot is chosen when it is picked.
-- held_back: what lies in quality control only because the lot is blocked or too old.
CREATE TABLE inventory.lot_stock (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    lot_id uuid NOT NULL REFERENCES inventory.lot,
    serial boolean NOT NULL,
    shelf bigint NOT NULL DEFAULT 0 CHECK (shelf >= 0),
    picked bigint NOT NULL DEFAULT 0 CHECK (picked >= 0),
    quality_control bigint NOT NULL DEFAULT 0 CHECK (quality_control >= 0),
    damaged bigint NOT NULL DEFAULT 0 CHECK (damaged >= 0),
    in_transit bigint NOT NULL DEFAULT 0 CHECK (in_transit >= 0),
    incoming bigint NOT NULL DEFAULT 0 CHECK (incoming >= 0),
    held_back bigint NOT NULL DEFAULT 0 CHECK (held_back BETWEEN 0 AND quality_control),
    held bigint NOT NULL
        GENERATED ALWAYS AS (shelf + picked + quality_control + damaged + in_transit) STORED,
    PRIMARY KEY (item_id, location_id, lot_id),
    CHECK (NOT serial OR shelf + picked + quality_control + damaged + in_transit <= 1),
    -- One unit is in one place. Checked after each statement, since one statement takes it from
    -- one place and puts it to another.
    CONSTRAINT serial_is_in_one_place EXCLUDE USING btree (lot_id WITH =)
        WHERE (serial AND shelf + picked + quality_control + damaged + in_transit > 0)
        DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX lot_stock_lot ON inventory.lot_stock (lot_id);

-- What a posting moved of each lot: its buckets, moment, reason and cause are the posting's.
CREATE TABLE inventory.lot_posting (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    seq bigint NOT NULL,
    lot_id uuid NOT NULL REFERENCES inventory.lot,
    qty bigint NOT NULL CHECK (qty > 0),
    PRIMARY KEY (item_id, location_id, seq, lot_id)
);
CREATE INDEX lot_posting_lot ON inventory.lot_posting (lot_id, location_id, seq);
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON inventory.lot_posting
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

-- Which lots a transfer took along: arrived holds those that came damaged, too.
CREATE TABLE inventory.transfer_lot (
    transfer_id uuid NOT NULL,
    line_no integer NOT NULL,
    lot_id uuid NOT NULL REFERENCES inventory.lot,
    shipped bigint NOT NULL CHECK (shipped > 0),
    arrived bigint NOT NULL DEFAULT 0 CHECK (arrived >= 0),
    missing bigint NOT NULL DEFAULT 0 CHECK (missing >= 0),
    PRIMARY KEY (transfer_id, line_no, lot_id),
    FOREIGN KEY (transfer_id, line_no) REFERENCES inventory.transfer_line,
    CHECK (arrived + missing <= shipped)
);

-- Which lots a line of a fulfillment order took: picked includes shipped, shipped what came back.
CREATE TABLE fulfillment.line_lot (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    lot_id uuid NOT NULL,
    picked bigint NOT NULL DEFAULT 0 CHECK (picked >= 0),
    shipped bigint NOT NULL DEFAULT 0 CHECK (shipped BETWEEN 0 AND picked),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND shipped),
    PRIMARY KEY (order_id, fo_no, line_no, item_id, lot_id),
    FOREIGN KEY (order_id, fo_no, line_no, item_id) REFERENCES fulfillment.line
);
CREATE INDEX line_lot_lot ON fulfillment.line_lot (lot_id, order_id, fo_no, line_no);
