-- Making items of others: what an item is made of, and the orders to make it.

-- The other end of a posting of parts that are being made into something, and of what is made.
ALTER TYPE inventory.bucket ADD VALUE 'assembly';

CREATE TABLE inventory.recipe_part (
    item_id uuid NOT NULL,
    line_no integer NOT NULL CHECK (line_no > 0),
    part_item_id uuid NOT NULL CHECK (part_item_id <> item_id),
    per_unit bigint NOT NULL CHECK (per_unit > 0),
    PRIMARY KEY (item_id, line_no),
    UNIQUE (item_id, part_item_id)
);

CREATE SEQUENCE inventory.assembly_number;

-- made: fit for sale. spoiled: made, and no good. What is left of planned is still to be made, or
-- was given up when it ended.
CREATE TABLE inventory.assembly (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN (
        'draft', 'started', 'partly_made', 'finished', 'cancelled')),
    planned bigint NOT NULL CHECK (planned > 0),
    made bigint NOT NULL DEFAULT 0 CHECK (made >= 0),
    spoiled bigint NOT NULL DEFAULT 0 CHECK (spoiled >= 0),
    step text NOT NULL DEFAULT '',
    partner text NOT NULL DEFAULT '',
    reference text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    due_on date,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    CHECK (made + spoiled <= planned),
    CHECK ((state IN ('draft', 'cancelled')) = (started_at IS NULL)),
    CHECK ((state IN ('finished', 'cancelled')) = (ended_at IS NOT NULL))
);
CREATE INDEX assembly_under_way ON inventory.assembly (item_id, location_id)
    WHERE state IN ('started', 'partly_made');

-- taken: parts that left the shelf. What was neither returned nor scrapped is in what was made.
CREATE TABLE inventory.assembly_part (
    assembly_id uuid NOT NULL REFERENCES inventory.assembly (id),
    line_no integer NOT NULL CHECK (line_no > 0),
    item_id uuid NOT NULL,
    per_unit bigint NOT NULL CHECK (per_unit > 0),
    taken bigint NOT NULL DEFAULT 0 CHECK (taken >= 0),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned >= 0),
    scrapped bigint NOT NULL DEFAULT 0 CHECK (scrapped >= 0),
    PRIMARY KEY (assembly_id, line_no),
    UNIQUE (assembly_id, item_id),
    CHECK (returned + scrapped <= taken)
);
CREATE INDEX assembly_part_item ON inventory.assembly_part (item_id, assembly_id);
