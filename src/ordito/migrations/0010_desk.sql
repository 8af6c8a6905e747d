-- The order desk: who looks after an order, saved views of the list, bulk jobs over many orders.
CREATE TABLE orders.assignment (
    order_id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    assigned_at timestamptz NOT NULL
);

CREATE SCHEMA desk;

-- look: filter, sort, columns. Personal data: a filter may hold the words of a search for a name.
CREATE TABLE desk.saved_view (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL,
    shared boolean NOT NULL,
    name text NOT NULL,
    look jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX saved_view_owner ON desk.saved_view (owner_id);
CREATE INDEX saved_view_shared ON desk.saved_view (created_at) WHERE shared;

-- How one person has put the tabs in order, and which one opens first.
CREATE TABLE desk.arrangement (
    user_id uuid PRIMARY KEY,
    tabs text[] NOT NULL,
    first_tab text NOT NULL
);

CREATE TABLE desk.job (
    id uuid PRIMARY KEY,
    actor_kind text COLLATE "C" NOT NULL,
    actor_id uuid NOT NULL,
    act text COLLATE "C" NOT NULL,
    ask jsonb NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('running', 'stopped', 'failed', 'finished')),
    total integer NOT NULL CHECK (total > 0),
    done integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0,
    chunks_done integer NOT NULL DEFAULT 0,
    problem jsonb,
    again_of uuid,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    CHECK (done >= 0 AND refused >= 0 AND done + refused <= total)
);
CREATE INDEX job_started ON desk.job (started_at DESC, id DESC);

-- The orders of a job, frozen at its start; outcome is null until its chunk was carried out.
CREATE TABLE desk.job_item (
    job_id uuid NOT NULL REFERENCES desk.job ON DELETE CASCADE,
    n integer NOT NULL,
    order_id uuid NOT NULL,
    outcome text COLLATE "C" CHECK (outcome IN ('done', 'refused')),
    problem jsonb,
    PRIMARY KEY (job_id, n)
);
CREATE INDEX job_item_refused ON desk.job_item (job_id, n) WHERE outcome = 'refused';

-- Rows of an export, a chunk each, until they are pruned. Personal data.
CREATE TABLE desk.export_part (
    job_id uuid NOT NULL REFERENCES desk.job ON DELETE CASCADE,
    chunk integer NOT NULL,
    cells jsonb NOT NULL,
    PRIMARY KEY (job_id, chunk)
);
