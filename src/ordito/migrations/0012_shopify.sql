-- Channels that are shops of their own: how they are reached, what they know, what we tell them.

-- swept_to: orders changed at the shop up to then were looked for. heard_at: its last webhook.
-- stock_location: the shop's id of the place where our stock is shown; '' tells it no stock.
CREATE TABLE channels.connection (
    channel_id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('shopify')),
    domain text COLLATE "C" NOT NULL,
    stock_location text COLLATE "C" NOT NULL DEFAULT '',
    test_orders boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    swept_to timestamptz NOT NULL,
    swept_at timestamptz,
    sweep_error text NOT NULL DEFAULT '',
    stock_error text NOT NULL DEFAULT '',
    heard_at timestamptz,
    UNIQUE (kind, domain)
);

-- Secrets: never in a struct that is encoded.
CREATE TABLE channels.connection_secret (
    channel_id uuid PRIMARY KEY,
    token text NOT NULL,
    webhook_secrets text[] NOT NULL
);

-- What the shop has told of an order so far, so that older news move nothing back.
-- lines: its line id → our line number. removed: its line id → units taken off by edits.
-- address_key, note_key: hashes, to see a change without keeping the words.
CREATE TABLE channels.order_link (
    channel_id uuid NOT NULL,
    shop_order text COLLATE "C" NOT NULL,
    order_id uuid,
    changed_at timestamptz NOT NULL,
    lines jsonb NOT NULL DEFAULT '{}',
    removed jsonb NOT NULL DEFAULT '{}',
    refunds text[] NOT NULL DEFAULT '{}',
    tags text[] NOT NULL DEFAULT '{}',
    address_key text COLLATE "C" NOT NULL DEFAULT '',
    note_key text COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (channel_id, shop_order)
);
CREATE UNIQUE INDEX order_link_order ON channels.order_link (order_id);
CREATE INDEX order_link_lines ON channels.order_link USING gin (lines);

-- told: the quantity the shop has, as far as we know; NULL when we don't.
CREATE TABLE channels.variant_link (
    channel_id uuid NOT NULL,
    variant text COLLATE "C" NOT NULL,
    sku text NOT NULL,
    stock_item text COLLATE "C" NOT NULL DEFAULT '',
    told bigint,
    told_at timestamptz,
    PRIMARY KEY (channel_id, variant)
);
CREATE INDEX variant_link_stock ON channels.variant_link (channel_id, stock_item);

-- What the shop is to be told: intent, call, outcome. no: the seq of the event that it follows.
CREATE TABLE channels.write_back (
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL,
    order_id uuid NOT NULL,
    no bigint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('fulfilment', 'cancellation')),
    body jsonb NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'calling', 'done', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    error text NOT NULL DEFAULT '',
    remote_id text COLLATE "C" NOT NULL DEFAULT '',
    made_at timestamptz NOT NULL,
    settled_at timestamptz,
    CHECK ((state = 'failed') <= (error <> '')),
    CHECK ((state IN ('done', 'failed')) = (settled_at IS NOT NULL)),
    UNIQUE (order_id, no)
);
CREATE INDEX write_back_open ON channels.write_back (order_id, no)
    WHERE state IN ('waiting', 'calling');
CREATE INDEX write_back_channel ON channels.write_back (channel_id, state, id DESC);

-- Documents of shops wait in the inbox until the worker takes them.
CREATE INDEX message_received ON intake.message (id) WHERE state = 'received';
