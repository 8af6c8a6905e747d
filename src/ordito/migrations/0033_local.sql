-- Local delivery: a shop or warehouse brings orders to customers nearby, in slots that have room.

ALTER TABLE orders.sales_order
    DROP CONSTRAINT sales_order_delivery_check,
    ADD CONSTRAINT sales_order_delivery_check
        CHECK (delivery IN ('ship', 'pickup', 'local')) NOT VALID;
ALTER TABLE fulfillment.fulfillment_order
    DROP CONSTRAINT fulfillment_order_delivery_check,
    ADD CONSTRAINT fulfillment_order_delivery_check
        CHECK (delivery IN ('ship', 'pickup', 'local')) NOT VALID;
ALTER TABLE orders.sales_order VALIDATE CONSTRAINT sales_order_delivery_check;
ALTER TABLE fulfillment.fulfillment_order VALIDATE CONSTRAINT fulfillment_order_delivery_check;

-- Where a location brings orders to: by postal codes ('80331', '803*', '80331..80339'), within so
-- many kilometres, or both ways.
CREATE TABLE locations.zone (
    location_id uuid NOT NULL,
    name text NOT NULL,
    country text COLLATE "C" NOT NULL,
    postal_codes text[] NOT NULL,
    radius_km integer CHECK (radius_km BETWEEN 1 AND 500),
    active boolean NOT NULL,
    PRIMARY KEY (location_id, name),
    CHECK (radius_km IS NOT NULL OR cardinality(postal_codes) > 0)
);

-- weekdays: bit 0 is Monday. starts, ends: local time. places: stops that a day's slot takes.
-- cut_off_minutes: before it starts, until when it can be chosen.
CREATE TABLE locations.slot (
    location_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    weekdays integer NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
    starts text COLLATE "C" NOT NULL,
    ends text COLLATE "C" NOT NULL,
    places integer NOT NULL CHECK (places BETWEEN 1 AND 200),
    cut_off_minutes integer NOT NULL CHECK (cut_off_minutes BETWEEN 0 AND 10080),
    active boolean NOT NULL,
    PRIMARY KEY (location_id, code),
    CHECK (starts < ends)
);

-- What is taken of a slot on a day: raised and lowered by guarded writes under the row's lock,
-- which comes before those of stock cells.
CREATE TABLE fulfillment.slot_day (
    location_id uuid NOT NULL,
    slot text COLLATE "C" NOT NULL,
    on_day date NOT NULL,
    booked integer NOT NULL DEFAULT 0,
    places integer NOT NULL,
    PRIMARY KEY (location_id, slot, on_day),
    CHECK (booked BETWEEN 0 AND places)
) WITH (fillfactor = 70);

-- The stop at which an order's customer gets it. It keeps the times that it was booked with.
-- dropped: cancelled, or it goes another way now; it takes no place any more.
CREATE TABLE fulfillment.stop (
    order_id uuid PRIMARY KEY,
    location_id uuid NOT NULL,
    slot text COLLATE "C" NOT NULL,
    on_day date NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL
        CHECK (state IN ('planned', 'out', 'delivered', 'failed', 'returned', 'dropped')),
    position integer CHECK (position > 0),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    changed_at timestamptz NOT NULL,
    CHECK (starts_at < ends_at)
) WITH (fillfactor = 80);
CREATE INDEX stop_slot_day ON fulfillment.stop (location_id, on_day, slot);
CREATE INDEX stop_failed ON fulfillment.stop (changed_at) WHERE state = 'failed';

-- What happened at the door. taken_by, left_at and note may name people. file_no: of the photo.
CREATE TABLE fulfillment.stop_attempt (
    order_id uuid NOT NULL REFERENCES fulfillment.stop,
    attempt_no integer NOT NULL CHECK (attempt_no > 0),
    at timestamptz NOT NULL,
    actor_id uuid NOT NULL,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('delivered', 'failed')),
    taken_by text NOT NULL DEFAULT '',
    left_at text NOT NULL DEFAULT '',
    reason text COLLATE "C" NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    file_no integer,
    PRIMARY KEY (order_id, attempt_no),
    CHECK ((outcome = 'failed') = (reason <> ''))
);

ALTER TABLE desk.watch
    DROP CONSTRAINT watch_kind_check,
    ADD CONSTRAINT watch_kind_check CHECK (kind IN (
        'short', 'oversold', 'unservable', 'capacity', 'promise', 'cart', 'rollout', 'low',
        'low_total', 'unanswered', 'undecided', 'stop'));
