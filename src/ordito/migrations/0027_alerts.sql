-- Stock that runs out or lies too long, reasons of differences, and mails about abandoned carts.

ALTER TABLE desk.watch DROP CONSTRAINT watch_kind_check;
ALTER TABLE desk.watch ADD CONSTRAINT watch_kind_check CHECK (kind IN
    ('short', 'oversold', 'unservable', 'capacity', 'promise', 'cart', 'rollout', 'low',
     'low_total'));

-- What left to customers, by day (UTC): how fast an item sells somewhere.
CREATE TABLE listings.sold_day (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    day date NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    PRIMARY KEY (item_id, location_id, day)
);
CREATE INDEX sold_day_day ON listings.sold_day (day, item_id, location_id) INCLUDE (units);

-- From when on stock is low, or too much. Without an item: of all; without a location: at each, or
-- (together) over all of them. What isn't said follows the row that says less exactly where.
CREATE TABLE inventory.stock_limit (
    id uuid PRIMARY KEY,
    item_id uuid,
    location_id uuid,
    together boolean NOT NULL DEFAULT false,
    low_by text COLLATE "C" CHECK (low_by IN ('units', 'days', 'off')),
    low_at integer CHECK (low_at >= 0),
    over_days integer CHECK (over_days BETWEEN 1 AND 3650),
    UNIQUE NULLS NOT DISTINCT (item_id, location_id, together),
    CHECK (NOT together OR (location_id IS NULL AND over_days IS NULL)),
    CHECK (coalesce(low_by IN ('units', 'days'), false) = (low_at IS NOT NULL)),
    CHECK (low_by IS NOT NULL OR over_days IS NOT NULL)
);
INSERT INTO inventory.stock_limit (id, low_by, low_at, over_days)
VALUES ('01990000-0000-7000-8000-000000000101', 'days', 3, 180);

-- Why stock differs, or lies elsewhere. words: '' shows the words that came with Ordito.
CREATE TABLE inventory.reason (
    code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    id uuid NOT NULL UNIQUE,
    words text NOT NULL DEFAULT '',
    more_from inventory.bucket CHECK (more_from IN ('adjustment', 'supplier', 'customer')),
    fewer_to inventory.bucket CHECK (fewer_to IN ('adjustment', 'scrapped', 'supplier', 'customer')),
    moves boolean NOT NULL,
    note_required boolean NOT NULL,
    active boolean NOT NULL DEFAULT true,
    built_in boolean NOT NULL DEFAULT false,
    version bigint NOT NULL DEFAULT 0,
    CHECK (moves OR more_from IS NOT NULL OR fewer_to IS NOT NULL),
    CHECK (words <> '' OR built_in)
);
INSERT INTO inventory.reason
    (code, id, more_from, fewer_to, moves, note_required, built_in) VALUES
    ('correction', '01990000-0000-7000-8000-000000000201', 'adjustment', 'adjustment', true, false, true),
    ('opening', '01990000-0000-7000-8000-000000000202', 'supplier', NULL, false, false, true),
    ('found', '01990000-0000-7000-8000-000000000203', 'adjustment', NULL, false, false, true),
    ('lost', '01990000-0000-7000-8000-000000000204', NULL, 'adjustment', false, false, true),
    ('theft', '01990000-0000-7000-8000-000000000205', NULL, 'adjustment', false, false, true),
    ('damaged', '01990000-0000-7000-8000-000000000206', NULL, 'scrapped', true, false, true),
    ('expired', '01990000-0000-7000-8000-000000000207', NULL, 'scrapped', true, false, true),
    ('internal_use', '01990000-0000-7000-8000-000000000208', NULL, 'scrapped', false, false, true),
    ('sample', '01990000-0000-7000-8000-000000000209', NULL, 'scrapped', false, false, true),
    ('customer_return', '01990000-0000-7000-8000-00000000020a', 'customer', NULL, false, false, true),
    ('to_supplier', '01990000-0000-7000-8000-00000000020b', NULL, 'supplier', false, false, true),
    ('other', '01990000-0000-7000-8000-00000000020c', 'adjustment', 'adjustment', true, true, true),
    ('move', '01990000-0000-7000-8000-00000000020d', NULL, NULL, true, false, true),
    ('check', '01990000-0000-7000-8000-00000000020e', NULL, NULL, true, false, true),
    ('checked', '01990000-0000-7000-8000-00000000020f', NULL, NULL, true, false, true);

-- What was written off, written up or thrown away: few postings of many. The hot paths (reserving,
-- picking, shipping) write none of these.
CREATE INDEX posting_written_off ON inventory.posting (at)
    WHERE to_bucket IN ('adjustment', 'scrapped') OR from_bucket = 'adjustment';

-- A shopper who agreed to it is written to about a cart that they left, once.
ALTER TABLE inventory.stock_hold
    ADD COLUMN consent boolean NOT NULL DEFAULT false,
    ADD COLUMN link text NOT NULL DEFAULT '',
    ADD COLUMN mailed_at timestamptz;
CREATE INDEX stock_hold_unmailed ON inventory.stock_hold (ended_at)
    WHERE kind = 'cart' AND consent AND mailed_at IS NULL AND ended_why = 'expired';
CREATE INDEX stock_hold_contact ON inventory.stock_hold (channel_id, lower(contact))
    WHERE kind = 'cart' AND contact <> '';
ALTER TABLE notifications.channel_mails
    ADD COLUMN cart_hours integer CHECK (cart_hours BETWEEN 1 AND 720),
    ADD COLUMN cart_link text NOT NULL DEFAULT '';
