-- Another policy tried on a share of a channel's real orders; stock kept for groups of customers.

-- policy: what was in force when it began, whose money both ways are measured in. candidate: what
-- is tried. percent: of the channel's new orders. version: the number of its events.
CREATE TABLE sourcing.rollout (
    id uuid PRIMARY KEY,
    channel_id uuid NOT NULL,
    policy_id uuid NOT NULL REFERENCES sourcing.policy,
    policy_version integer NOT NULL,
    candidate_id uuid NOT NULL REFERENCES sourcing.policy,
    candidate_version integer NOT NULL,
    percent integer NOT NULL CHECK (percent BETWEEN 0 AND 100),
    state text COLLATE "C" NOT NULL
        CHECK (state IN ('running', 'rolled_back', 'stopped', 'adopted')),
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    CHECK ((policy_id, policy_version) <> (candidate_id, candidate_version)),
    CHECK ((state = 'running') = (ended_at IS NULL)),
    CHECK ((state IN ('running', 'adopted')) = (percent > 0))
);
CREATE UNIQUE INDEX rollout_running ON sourcing.rollout (channel_id) WHERE state = 'running';
CREATE INDEX rollout_stopped ON sourcing.rollout (channel_id) WHERE state = 'stopped';
CREATE INDEX rollout_policy ON sourcing.rollout (policy_id, id);
CREATE INDEX rollout_candidate ON sourcing.rollout (candidate_id, id);

-- By which of the two an order was sourced when it was placed, and what that came to: cost in
-- thousandths of the money of the policy in force, units without stock, days until delivery and
-- whether it leaves late (where that is known).
CREATE TABLE sourcing.rollout_order (
    order_id uuid PRIMARY KEY,
    rollout_id uuid NOT NULL REFERENCES sourcing.rollout,
    candidate boolean NOT NULL,
    at timestamptz NOT NULL,
    cost bigint NOT NULL,
    parcels integer NOT NULL CHECK (parcels >= 0),
    km integer NOT NULL CHECK (km >= 0),
    missing bigint NOT NULL CHECK (missing >= 0),
    days integer,
    late integer CHECK (late IN (0, 1))
);
CREATE INDEX rollout_order_arm ON sourcing.rollout_order (rollout_id, candidate);

-- Orders that were refused for lack of stock: there is no order of them. drawn_by: what the share
-- is drawn by, so that a channel that asks again is counted once.
CREATE TABLE sourcing.rollout_refusal (
    rollout_id uuid NOT NULL REFERENCES sourcing.rollout,
    channel_id uuid NOT NULL,
    drawn_by text COLLATE "C" NOT NULL,
    candidate boolean NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (rollout_id, drawn_by)
);

ALTER TABLE desk.watch DROP CONSTRAINT watch_kind_check;
ALTER TABLE desk.watch ADD CONSTRAINT watch_kind_check CHECK (kind IN (
    'short', 'oversold', 'unservable', 'capacity', 'promise', 'cart', 'rollout'));

-- Groups that customers are in, such as vip and b2b: by these, stock can be kept for them.
ALTER TABLE customers.customer ADD COLUMN groups text[] NOT NULL DEFAULT '{}';
CREATE INDEX customer_groups ON customers.customer (id) WHERE groups <> '{}';

-- What is kept (kind channel) is for a channel, for a group of customers on any channel, or for
-- both together. from_kept: of a cart, what it took of that: [hold, line, item, location, pieces].
ALTER TABLE inventory.stock_hold
    ALTER COLUMN channel_id DROP NOT NULL,
    ADD COLUMN customer_group text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN from_kept jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT stock_hold_for_whom CHECK (
        (kind = 'channel' OR customer_group = '')
        AND (channel_id IS NOT NULL OR customer_group <> '')),
    ADD CONSTRAINT stock_hold_from_kept CHECK (kind = 'cart' OR from_kept = '[]');
