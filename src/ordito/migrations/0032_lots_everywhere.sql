-- Lots in every act on stock: announced, counted by lists, made of others.

-- What is announced has no lots before it has come; what a transfer brings has, in transfer_lot.
ALTER TABLE inventory.lot_stock DROP COLUMN incoming;
CREATE INDEX transfer_lot_open ON inventory.transfer_lot (lot_id)
    WHERE shipped > arrived + missing;

-- Of a line that was counted by lots: lot id → pieces more or, negative, fewer than its record.
ALTER TABLE inventory.cycle_count_line ADD COLUMN lot_differences jsonb;

-- Which lots of its parts an assembly took, and which of them it gave back.
CREATE TABLE inventory.assembly_part_lot (
    assembly_id uuid NOT NULL,
    line_no integer NOT NULL,
    lot_id uuid NOT NULL REFERENCES inventory.lot,
    taken bigint NOT NULL CHECK (taken > 0),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND taken),
    PRIMARY KEY (assembly_id, line_no, lot_id),
    FOREIGN KEY (assembly_id, line_no) REFERENCES inventory.assembly_part
);
CREATE INDEX assembly_part_lot_lot ON inventory.assembly_part_lot (lot_id, assembly_id);

-- Which lots it made: units fit for sale.
CREATE TABLE inventory.assembly_made_lot (
    assembly_id uuid NOT NULL REFERENCES inventory.assembly,
    lot_id uuid NOT NULL REFERENCES inventory.lot,
    made bigint NOT NULL CHECK (made > 0),
    PRIMARY KEY (assembly_id, lot_id)
);
CREATE INDEX assembly_made_lot_lot ON inventory.assembly_made_lot (lot_id, assembly_id);
