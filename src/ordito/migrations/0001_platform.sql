-- Machinery: who acts, what happened, what is still to be done.
CREATE SCHEMA platform;

CREATE TABLE platform.installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('production', 'demo', 'bench', 'test')),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- One counter per kind of reference data (channels, locations, policies, access): a process keeps
-- what it read until the counter has moved.
CREATE TABLE platform.revision (
    kind text COLLATE "C" PRIMARY KEY,
    n bigint NOT NULL DEFAULT 0
);
INSERT INTO platform.revision (kind) VALUES ('reference'), ('access');

CREATE TABLE platform.app_user (
    id uuid PRIMARY KEY,
    email text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    permissions text[] NOT NULL,
    channel_ids uuid[],
    location_ids uuid[],
    locale text NOT NULL DEFAULT 'en',
    time_zone text NOT NULL DEFAULT 'UTC',
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE platform.user_secret (
    user_id uuid PRIMARY KEY REFERENCES platform.app_user,
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE platform.session (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES platform.app_user,
    csrf_token text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL
);
CREATE INDEX session_of_user ON platform.session (user_id);

CREATE TABLE platform.login_attempt (
    subject text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    ok boolean NOT NULL
);
CREATE INDEX login_attempt_subject ON platform.login_attempt (subject, at DESC);

CREATE TABLE platform.api_key (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    permissions text[] NOT NULL,
    channel_ids uuid[],
    location_ids uuid[],
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz
);

CREATE TABLE platform.api_key_secret (
    key_hash bytea PRIMARY KEY,
    key_id uuid NOT NULL REFERENCES platform.api_key
);

-- The log is timeline, outbox and audit at once. Rows are never changed.
CREATE TABLE platform.event (
    stream_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    stream text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    version smallint NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text COLLATE "C" NOT NULL,
    actor_id uuid NOT NULL,
    request_id text COLLATE "C",
    body jsonb NOT NULL,
    PRIMARY KEY (stream_id, seq)
);

-- One row per transaction; the sequencer moves them to the feed once they can be seen. Rows live
-- for milliseconds: without early vacuuming the sequencer would wade through the dead ones.
CREATE TABLE platform.pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_ids uuid[] NOT NULL,
    seqs bigint[] NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_threshold = -1
);

-- Every event once, in an order that never changes; positions have no gaps. The newest row is
-- never deleted: the next position comes from it.
CREATE TABLE platform.feed (
    position bigint PRIMARY KEY,
    stream_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX feed_event ON platform.feed (stream_id, seq);

CREATE TABLE platform.follower (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- A stream parked for one follower: its first row failed and is tried again at retry_at, its
-- later ones wait behind it (retry_at is null; also for a first one that was given up).
CREATE TABLE platform.parked_event (
    follower text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    gave_up boolean NOT NULL DEFAULT false CHECK (NOT (gave_up AND retry_at IS NOT NULL)),
    error text NOT NULL DEFAULT '',
    PRIMARY KEY (follower, position)
);
CREATE INDEX parked_event_due ON platform.parked_event (follower, retry_at)
    WHERE retry_at IS NOT NULL;
CREATE INDEX parked_event_stream ON platform.parked_event (follower, stream_id, position);

CREATE TABLE platform.idempotency (
    actor_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    answer text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor_id, key)
);
CREATE INDEX idempotency_at ON platform.idempotency USING brin (at);

-- attempts: failed runs in a row; started_at: when the run that has not ended yet began.
CREATE TABLE platform.schedule (
    job text COLLATE "C" PRIMARY KEY,
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    error text,
    started_at timestamptz,
    ran_at timestamptz
);
