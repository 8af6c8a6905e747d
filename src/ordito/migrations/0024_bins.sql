-- Bin stock: what lies in which bin of the locations that keep such a record, and who moved it.

-- What a bin is for, and what fits into it; NULL is no limit.
ALTER TABLE locations.bin
    ADD COLUMN purpose text COLLATE "C" NOT NULL DEFAULT 'pick'
        CHECK (purpose IN ('pick', 'reserve', 'receiving', 'quality')),
    ADD COLUMN capacity_ml bigint CHECK (capacity_ml > 0),
    ADD COLUMN capacity_units bigint CHECK (capacity_units > 0);

-- Locations that keep bin stock. Their cells' units that are on hand and not picked all lie in
-- inventory.bin_stock.
CREATE TABLE inventory.binned (
    location_id uuid PRIMARY KEY,
    since timestamptz NOT NULL
);

-- Written under the lock of the cell (item, location), so a bin never holds what the cell doesn't.
-- '@receiving' and '@unplaced' are built in: what came in, and what nobody has put anywhere.
CREATE TABLE inventory.bin_stock (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    bin text COLLATE "C" NOT NULL,
    qty bigint NOT NULL CHECK (qty >= 0),
    PRIMARY KEY (item_id, location_id, bin)
) WITH (fillfactor = 70);
CREATE INDEX bin_stock_bin ON inventory.bin_stock (location_id, bin, item_id);

-- from_bin NULL: it came onto the shelf; to_bin NULL: it left the shelf (picked, sent, gone).
-- undoes: the move that this one took back.
CREATE TABLE inventory.bin_move (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    from_bin text COLLATE "C",
    to_bin text COLLATE "C",
    qty bigint NOT NULL CHECK (qty > 0),
    reason text COLLATE "C" NOT NULL,
    source_id uuid,
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    undoes bigint UNIQUE REFERENCES inventory.bin_move (id),
    CHECK (from_bin IS DISTINCT FROM to_bin)
);
CREATE INDEX bin_move_location ON inventory.bin_move (location_id, id);
CREATE INDEX bin_move_cell ON inventory.bin_move (item_id, location_id, id);
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON inventory.bin_move
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

-- Below units_min its pick bin is to be filled up to units_max.
CREATE TABLE inventory.pick_level (
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    bin text COLLATE "C" NOT NULL,
    units_min bigint NOT NULL CHECK (units_min >= 0),
    units_max bigint NOT NULL CHECK (units_max > 0),
    PRIMARY KEY (location_id, item_id),
    CHECK (units_max >= units_min)
);

-- Work: so many units are to be brought to a pick bin. urgent: open picks need them.
CREATE TABLE inventory.replenishment (
    id uuid PRIMARY KEY,
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    bin text COLLATE "C" NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    moved bigint NOT NULL DEFAULT 0 CHECK (moved >= 0),
    urgent boolean NOT NULL,
    raised_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX replenishment_open ON inventory.replenishment (location_id, item_id)
    WHERE ended_at IS NULL;

-- Of a line that was counted in bins: what each had more or, negative, less than its record.
ALTER TABLE inventory.cycle_count_line ADD COLUMN bin_differences jsonb;
