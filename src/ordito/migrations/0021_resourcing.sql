-- Who said no to an order: it isn't offered to them again by itself.
CREATE TABLE orders.refusal (
    order_id uuid NOT NULL REFERENCES orders.sales_order (id),
    location_id uuid NOT NULL,
    fo_no integer NOT NULL,
    reason text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (order_id, location_id)
);

-- Until when the units of a line may wait to be shipped; after that day they are cancelled.
CREATE TABLE orders.line_deadline (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    cancel_after date NOT NULL,
    PRIMARY KEY (order_id, line_no),
    FOREIGN KEY (order_id, line_no) REFERENCES orders.line (order_id, line_no)
);

CREATE INDEX line_deadline_due ON orders.line_deadline (cancel_after, order_id);

-- Pick-ups: how many days a box waits for its customer, and what becomes of the order then.
ALTER TABLE channels.channel
    ADD COLUMN pickup_days integer CHECK (pickup_days BETWEEN 1 AND 365),
    ADD COLUMN uncollected text COLLATE "C" NOT NULL DEFAULT 'cancel'
        CHECK (uncollected IN ('cancel', 'keep'));

ALTER TABLE fulfillment.fulfillment_order ADD COLUMN collect_by date;

CREATE INDEX fulfillment_order_collect_by ON fulfillment.fulfillment_order (collect_by)
    WHERE state = 'ready';
