-- Orders: what was asked, what became of each unit, what it costs.
CREATE SCHEMA orders;
CREATE SCHEMA payments;
CREATE SCHEMA fulfillment;

CREATE SEQUENCE orders.number START 1001;

CREATE TABLE orders.sales_order (
    id uuid PRIMARY KEY,
    number bigint NOT NULL,
    channel_id uuid NOT NULL,
    external_id text,
    customer_id uuid,
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('live', 'history')),
    kind text COLLATE "C" NOT NULL DEFAULT 'standard',
    code text,
    delivery text COLLATE "C" NOT NULL CHECK (delivery IN ('ship', 'pickup')),
    pickup_location_id uuid,
    country text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    tax_included boolean NOT NULL,
    rounding text COLLATE "C" NOT NULL,
    items_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    fees_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    base_currency text COLLATE "C" NOT NULL,
    rate numeric(20, 10),
    rate_on date,
    base_total_minor bigint,
    life text COLLATE "C" NOT NULL
        CHECK (life IN ('draft', 'open', 'cancelled', 'closed')),
    fulfilment text COLLATE "C" NOT NULL
        CHECK (fulfilment IN ('unfulfilled', 'scheduled', 'on_hold', 'in_progress',
                              'partially_fulfilled', 'fulfilled')),
    money text COLLATE "C" NOT NULL
        CHECK (money IN ('pending', 'authorized', 'partially_paid', 'paid', 'overpaid',
                         'partially_refunded', 'refunded', 'voided')),
    return_state text COLLATE "C" NOT NULL
        CHECK (return_state IN ('none', 'requested', 'in_progress', 'returned')),
    backordered boolean NOT NULL,
    promised_on date,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CHECK (total_minor = items_minor - discount_minor + shipping_minor + fees_minor
           + CASE WHEN tax_included THEN 0 ELSE tax_minor END + rounding_minor)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX sales_order_number ON orders.sales_order (number);
CREATE INDEX sales_order_placed ON orders.sales_order (placed_at DESC, id DESC);

CREATE TABLE orders.external_id (
    channel_id uuid NOT NULL,
    external_key text COLLATE "C" NOT NULL,
    order_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    PRIMARY KEY (channel_id, external_key)
);

CREATE TABLE orders.line (
    order_id uuid NOT NULL REFERENCES orders.sales_order,
    line_no integer NOT NULL CHECK (line_no > 0),
    item_id uuid,
    sku text NOT NULL,
    title text NOT NULL,
    item_kind text COLLATE "C" NOT NULL CHECK (item_kind IN ('stocked', 'kit', 'service', 'custom')),
    unit_price numeric(18, 6) NOT NULL,
    gross_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    taxes jsonb,
    pinned_location_id uuid,
    ordered bigint NOT NULL CHECK (ordered > 0),
    cancelled bigint NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    open bigint NOT NULL DEFAULT 0 CHECK (open >= 0),
    backordered bigint NOT NULL DEFAULT 0 CHECK (backordered >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    released bigint NOT NULL DEFAULT 0 CHECK (released >= 0),
    picked bigint NOT NULL DEFAULT 0 CHECK (picked >= 0),
    packed bigint NOT NULL DEFAULT 0 CHECK (packed >= 0),
    shipped bigint NOT NULL DEFAULT 0 CHECK (shipped >= 0),
    completed bigint NOT NULL DEFAULT 0 CHECK (completed >= 0),
    delivered bigint NOT NULL DEFAULT 0 CHECK (delivered BETWEEN 0 AND shipped),
    return_requested bigint NOT NULL DEFAULT 0 CHECK (return_requested BETWEEN 0 AND shipped),
    returned bigint NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND shipped),
    restocked bigint NOT NULL DEFAULT 0 CHECK (restocked >= 0),
    written_off bigint NOT NULL DEFAULT 0 CHECK (written_off >= 0),
    PRIMARY KEY (order_id, line_no),
    CHECK (ordered = cancelled + open + backordered + reserved + released + picked + packed
           + shipped + completed),
    CHECK (restocked + written_off <= returned)
) WITH (fillfactor = 80);
-- Backorders are served oldest promise first, per item.
CREATE INDEX line_backordered ON orders.line (item_id, order_id) WHERE backordered > 0;

-- The parts of a kit line, frozen at placing.
CREATE TABLE orders.line_component (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    per_kit integer NOT NULL CHECK (per_kit > 0),
    PRIMARY KEY (order_id, line_no, item_id),
    FOREIGN KEY (order_id, line_no) REFERENCES orders.line
);
CREATE INDEX line_component_item ON orders.line_component (item_id, order_id);

-- Signed amounts that are no line: discount, shipping, fee, rounding.
CREATE TABLE orders.adjustment (
    order_id uuid NOT NULL REFERENCES orders.sales_order,
    adjustment_no integer NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('discount', 'shipping', 'fee', 'rounding')),
    title text NOT NULL,
    amount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL DEFAULT 0,
    taxes jsonb,
    PRIMARY KEY (order_id, adjustment_no)
);

-- Personal data of one order: who bought, where it goes.
CREATE TABLE orders.party (
    order_id uuid NOT NULL REFERENCES orders.sales_order,
    role text COLLATE "C" NOT NULL CHECK (role IN ('ship_to', 'bill_to')),
    email text NOT NULL DEFAULT '',
    address jsonb NOT NULL,
    PRIMARY KEY (order_id, role)
);

CREATE TABLE orders.hold (
    order_id uuid NOT NULL REFERENCES orders.sales_order,
    hold_no integer NOT NULL,
    reason text COLLATE "C" NOT NULL,
    note text NOT NULL DEFAULT '',
    owner_id uuid,
    release_at timestamptz,
    placed_at timestamptz NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (order_id, hold_no)
);
CREATE INDEX hold_open ON orders.hold (order_id) WHERE released_at IS NULL;
CREATE INDEX hold_due ON orders.hold (release_at) WHERE released_at IS NULL AND release_at IS NOT NULL;

CREATE TABLE orders.tag (
    tag text COLLATE "C" NOT NULL,
    order_id uuid NOT NULL,
    PRIMARY KEY (order_id, tag)
);
CREATE INDEX tag_order ON orders.tag (tag, order_id);

CREATE TABLE orders.note (
    order_id uuid NOT NULL,
    note_no integer NOT NULL,
    author_id uuid NOT NULL,
    author text NOT NULL,
    at timestamptz NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (order_id, note_no)
);

-- What the order should be paid with. Payments themselves are another chapter.
CREATE TABLE payments.expectation (
    order_id uuid PRIMARY KEY,
    method text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    amount_minor bigint NOT NULL,
    due_on date,
    state text COLLATE "C" NOT NULL CHECK (state IN ('expected', 'settled', 'dropped'))
);

CREATE TABLE sourcing.decision (
    order_id uuid NOT NULL,
    decision_no integer NOT NULL,
    at timestamptz NOT NULL,
    policy_id uuid NOT NULL,
    policy_version integer NOT NULL,
    cause text COLLATE "C" NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (order_id, decision_no)
);

CREATE TABLE fulfillment.fulfillment_order (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    location_id uuid NOT NULL,
    delivery text COLLATE "C" NOT NULL CHECK (delivery IN ('ship', 'pickup')),
    state text COLLATE "C" NOT NULL CHECK (state IN (
        'scheduled', 'open', 'released', 'picking', 'picked', 'packed', 'ready', 'shipped',
        'delivered', 'handed_over', 'cancelled', 'rejected', 'short', 'not_collected')),
    decision_no integer NOT NULL,
    promised_on date,
    pickup_code text,
    created_at timestamptz NOT NULL,
    released_at timestamptz,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (order_id, fo_no)
) WITH (fillfactor = 80);
-- The board of a location: what is still to be done there, oldest first.
CREATE INDEX fulfillment_order_work ON fulfillment.fulfillment_order (location_id, state, order_id)
    WHERE state IN ('scheduled', 'open', 'released', 'picking', 'picked', 'packed', 'ready');

-- Fulfillment orders accepted per day, counted only where a location has a daily capacity.
CREATE TABLE fulfillment.daily_load (
    location_id uuid NOT NULL,
    day date NOT NULL,
    accepted integer NOT NULL CHECK (accepted >= 0),
    PRIMARY KEY (location_id, day)
);

-- Counts components: a line of 2 kits with 3 screws each is 6 screws, per_unit 3. `qty` shrinks
-- when units are cancelled or found missing.
CREATE TABLE fulfillment.line (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    qty bigint NOT NULL CHECK (qty >= 0),
    per_unit integer NOT NULL CHECK (per_unit > 0),
    picked bigint NOT NULL DEFAULT 0 CHECK (picked BETWEEN 0 AND qty),
    packed bigint NOT NULL DEFAULT 0 CHECK (packed BETWEEN 0 AND picked),
    shipped bigint NOT NULL DEFAULT 0 CHECK (shipped BETWEEN 0 AND packed),
    PRIMARY KEY (order_id, fo_no, line_no, item_id),
    FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order,
    CHECK (qty % per_unit = 0 AND picked % per_unit = 0 AND packed % per_unit = 0
           AND shipped % per_unit = 0)
) WITH (fillfactor = 80);

CREATE TABLE fulfillment.parcel (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    parcel_no integer NOT NULL,
    carrier text NOT NULL,
    service text NOT NULL DEFAULT '',
    tracking_number text NOT NULL DEFAULT '',
    weight_g integer,
    shipped_at timestamptz NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (order_id, fo_no, parcel_no),
    FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order
);

CREATE TABLE fulfillment.parcel_line (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    parcel_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    qty bigint NOT NULL CHECK (qty > 0),
    PRIMARY KEY (order_id, fo_no, parcel_no, line_no, item_id),
    FOREIGN KEY (order_id, fo_no, parcel_no) REFERENCES fulfillment.parcel
);

-- Something a person must look at: raised by the system, closed when the fact is gone.
CREATE TABLE fulfillment.task (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    order_id uuid,
    line_no integer,
    location_id uuid,
    item_id uuid,
    qty bigint,
    raised_at timestamptz NOT NULL,
    closed_at timestamptz
);
CREATE INDEX task_open ON fulfillment.task (kind, raised_at) WHERE closed_at IS NULL;
