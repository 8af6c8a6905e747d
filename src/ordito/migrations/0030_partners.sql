-- Partners: places whose work others do (3PLs, suppliers that send to customers themselves). They
-- are asked, and answer. And customers, asked what becomes of an order that their shop can't serve.

INSERT INTO platform.role (id, code, name, permissions, built_in, version) VALUES
    ('01990000-0000-7000-8000-0000000000b8', 'partner', 'Partner',
     '{catalog.read,fulfillment.read,fulfillment.write,inventory.read,inventory.write}', true, 0)
ON CONFLICT DO NOTHING;

-- answer_hours:   until an unanswered request is chased; NULL: nobody is asked, staff do the work.
-- withdraw_hours: more hours, until it is taken back and sourced elsewhere.
-- ship_hours:     from the answer until it should have left.
-- partner_email:  who is reminded.
ALTER TABLE locations.location
    DROP CONSTRAINT location_kind_check,
    ADD CONSTRAINT location_kind_check
        CHECK (kind IN ('warehouse', 'store', '3pl', 'supplier', 'history')),
    ADD COLUMN answer_hours integer CHECK (answer_hours BETWEEN 1 AND 720),
    ADD COLUMN withdraw_hours integer NOT NULL DEFAULT 24 CHECK (withdraw_hours BETWEEN 1 AND 720),
    ADD COLUMN ship_hours integer NOT NULL DEFAULT 48 CHECK (ship_hours BETWEEN 1 AND 2160),
    ADD COLUMN partner_email text NOT NULL DEFAULT '',
    ADD CONSTRAINT location_partner CHECK (answer_hours IS NULL OR kind IN ('3pl', 'supplier'));

-- Where the hand-shake with the partner is; NULL: nobody was asked.
ALTER TABLE fulfillment.fulfillment_order
    ADD COLUMN request text COLLATE "C" CHECK (request IN (
        'submitted', 'accepted', 'rejected', 'withdrawn', 'cancellation_requested',
        'cancellation_accepted', 'cancellation_rejected', 'closed'));

-- When a partner was asked and answered; the state is the fulfillment order's.
CREATE TABLE fulfillment.request (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    location_id uuid NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    submitted_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    withdraw_at timestamptz NOT NULL,
    chased_at timestamptz,
    answered_at timestamptz,
    answer text COLLATE "C" CHECK (answer IN ('accepted', 'rejected', 'withdrawn')),
    reason text COLLATE "C" NOT NULL DEFAULT '',
    rejected_units bigint NOT NULL DEFAULT 0 CHECK (rejected_units >= 0),
    reference text NOT NULL DEFAULT '',
    ship_by timestamptz,
    closed_at timestamptz,
    PRIMARY KEY (order_id, fo_no),
    FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order,
    CHECK ((answered_at IS NULL) = (answer IS NULL)),
    CHECK (answer_by <= withdraw_at)
) WITH (fillfactor = 80);
CREATE INDEX request_unchased ON fulfillment.request (answer_by)
    WHERE answered_at IS NULL AND chased_at IS NULL;
CREATE INDEX request_unanswered ON fulfillment.request (withdraw_at) WHERE answered_at IS NULL;
CREATE INDEX request_location
    ON fulfillment.request (location_id, submitted_at, order_id, fo_no);
CREATE INDEX request_open ON fulfillment.request (location_id, submitted_at, order_id, fo_no)
    WHERE closed_at IS NULL;

-- Units (line no → units) that a partner who has begun was asked to leave out.
CREATE TABLE fulfillment.cancellation_ask (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    ask_no integer NOT NULL CHECK (ask_no > 0),
    lines jsonb NOT NULL,
    reason text COLLATE "C" NOT NULL,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    answer text COLLATE "C" CHECK (answer IN ('accepted', 'rejected', 'shipped')),
    PRIMARY KEY (order_id, fo_no, ask_no),
    FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.request,
    CHECK ((answered_at IS NULL) = (answer IS NULL))
);
CREATE UNIQUE INDEX cancellation_ask_open ON fulfillment.cancellation_ask (order_id, fo_no)
    WHERE answered_at IS NULL;

-- What a supplier has without an end: the ledger is filled up again as it is used.
CREATE TABLE inventory.endless_item (
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    lead_days integer NOT NULL CHECK (lead_days BETWEEN 0 AND 365),
    PRIMARY KEY (location_id, item_id)
);

-- Customers choose what becomes of a pick-up that their shop can't serve.
CREATE TABLE orders.choice (
    order_id uuid NOT NULL REFERENCES orders.sales_order (id),
    choice_no integer NOT NULL CHECK (choice_no > 0),
    location_id uuid NOT NULL,
    cause text COLLATE "C" NOT NULL,
    offered_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_at timestamptz,
    decision text COLLATE "C" CHECK (decision IN ('pickup', 'ship', 'cancel', 'cancel_missing')),
    chosen_location_id uuid,
    PRIMARY KEY (order_id, choice_no),
    CHECK ((decided_at IS NULL) = (decision IS NULL)),
    CHECK ((chosen_location_id IS NOT NULL) = (decision IS NOT DISTINCT FROM 'pickup'))
);
CREATE UNIQUE INDEX choice_open ON orders.choice (order_id) WHERE decided_at IS NULL;
CREATE INDEX choice_expires ON orders.choice (expires_at) WHERE decided_at IS NULL;

ALTER TABLE channels.channel
    ADD COLUMN choice_hours integer NOT NULL DEFAULT 48 CHECK (choice_hours BETWEEN 1 AND 720);

-- Who tells of cancellations tells of this too.
UPDATE notifications.channel_mails
SET kinds = kinds || '{choice}'::text[]
WHERE 'cancelled' = ANY(kinds) AND NOT 'choice' = ANY(kinds);

ALTER TABLE desk.watch
    DROP CONSTRAINT watch_kind_check,
    ADD CONSTRAINT watch_kind_check CHECK (kind IN (
        'short', 'oversold', 'unservable', 'capacity', 'promise', 'cart', 'rollout', 'low',
        'low_total', 'unanswered', 'undecided'));
