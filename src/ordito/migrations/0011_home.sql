-- What each quarter of an hour brought, for the home page: made from the feed by one follower.
-- A quarter: every time zone's days begin on one.
--
-- location_id: where units were promised from, shipped from, delivered from or returned to; the
--              nil UUID for what belongs to no place (placing).
-- amount_minor, in the channel's base currency, and unrated, orders that no rate was known for:
--              of placing only.
CREATE TABLE listings.quarter_figure (
    quarter timestamptz NOT NULL,
    what text COLLATE "C" NOT NULL
        CHECK (what IN ('placed', 'assigned', 'shipped', 'delivered', 'returned')),
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    currency text COLLATE "C" NOT NULL,
    times bigint NOT NULL,
    units bigint NOT NULL,
    amount_minor bigint NOT NULL,
    unrated bigint NOT NULL,
    PRIMARY KEY (quarter, what, channel_id, location_id, currency)
);

-- What waits for a person, oldest first.
CREATE INDEX hold_since ON orders.hold (placed_at, order_id) WHERE released_at IS NULL;
CREATE INDEX line_unsourced ON orders.line (order_id)
    WHERE open > 0 AND item_kind IN ('stocked', 'kit');
CREATE INDEX fulfillment_order_ready ON fulfillment.fulfillment_order (updated_at)
    WHERE state = 'ready';

-- Whom a note names with an @, and when that person has seen it.
CREATE TABLE orders.mention (
    order_id uuid NOT NULL,
    note_no int NOT NULL,
    user_id uuid NOT NULL,
    at timestamptz NOT NULL,
    seen_at timestamptz,
    PRIMARY KEY (order_id, note_no, user_id),
    FOREIGN KEY (order_id, note_no) REFERENCES orders.note (order_id, note_no)
);
CREATE INDEX mention_unseen ON orders.mention (user_id, at) WHERE seen_at IS NULL;
