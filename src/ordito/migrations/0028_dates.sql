-- Dates: what is expected to come in, when lines are wanted, what is sold before it is released.

-- Units of an item that a supplier said will come. What is still to come is in `incoming`.
CREATE TABLE inventory.expected_receipt (
    id uuid PRIMARY KEY,
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    qty bigint NOT NULL CHECK (qty > 0),
    received bigint NOT NULL DEFAULT 0 CHECK (received >= 0),
    expected_on date NOT NULL,
    reference text NOT NULL DEFAULT '',
    state text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'received', 'closed')),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK (state <> 'open' OR received < qty),
    CHECK (state <> 'received' OR received >= qty)
);
CREATE INDEX expected_receipt_open ON inventory.expected_receipt (expected_on, id)
    WHERE state = 'open';
CREATE INDEX expected_receipt_item ON inventory.expected_receipt (item_id) WHERE state = 'open';

-- What a receipt's line was announced as.
ALTER TABLE inventory.receipt_line ADD COLUMN expected_id uuid;

-- From when on an item is sold for real; what is ordered before is a pre-order.
CREATE TABLE catalog.release (
    item_id uuid PRIMARY KEY,
    released_on date NOT NULL,
    preorder_max bigint CHECK (preorder_max > 0)
);
CREATE INDEX release_on ON catalog.release (released_on);

-- Channels on which it is another day.
CREATE TABLE catalog.release_channel (
    item_id uuid NOT NULL REFERENCES catalog.release (item_id) ON DELETE CASCADE,
    channel_id uuid NOT NULL,
    released_on date NOT NULL,
    PRIMARY KEY (item_id, channel_id)
);

-- Days of arrival that a line was ordered for. late: it was known at placing that they would be
-- missed.
CREATE TABLE orders.line_date (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    not_before date,
    requested_on date,
    latest_on date,
    late boolean NOT NULL DEFAULT false,
    PRIMARY KEY (order_id, line_no),
    FOREIGN KEY (order_id, line_no) REFERENCES orders.line (order_id, line_no),
    CHECK (num_nonnulls(not_before, requested_on, latest_on) > 0),
    CHECK (not_before <= requested_on),
    CHECK (requested_on <= latest_on),
    CHECK (not_before <= latest_on)
);

-- Items of a line that were not released when it was ordered; kits may have several.
CREATE TABLE orders.line_preorder (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    per_unit bigint NOT NULL CHECK (per_unit > 0),
    released_on date NOT NULL,
    PRIMARY KEY (order_id, line_no, item_id),
    FOREIGN KEY (order_id, line_no) REFERENCES orders.line (order_id, line_no)
);
CREATE INDEX line_preorder_item ON orders.line_preorder (item_id, order_id);
CREATE INDEX line_preorder_released ON orders.line_preorder (released_on, order_id);

-- The day for which waiting units of a line were announced last.
CREATE TABLE orders.line_supply (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    expected_on date NOT NULL,
    PRIMARY KEY (order_id, line_no),
    FOREIGN KEY (order_id, line_no) REFERENCES orders.line (order_id, line_no)
);

-- When a scheduled fulfillment order is to become open.
CREATE TABLE fulfillment.schedule (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    opens_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, fo_no)
);
CREATE INDEX schedule_due ON fulfillment.schedule (opens_at, order_id);

-- Dates that can't be kept: such an order is refused, or placed and marked.
ALTER TABLE channels.channel
    ADD COLUMN unkept_dates text COLLATE "C" NOT NULL DEFAULT 'flag'
        CHECK (unkept_dates IN ('flag', 'refuse'));
