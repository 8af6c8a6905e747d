-- Events told to others over HTTP: who wants which, what was sent, and what is still to be sent.
CREATE SCHEMA webhooks;

-- kinds: names of events, “*” for any letters. channel_ids: NULL for everything.
CREATE TABLE webhooks.endpoint (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL,
    kinds text[] NOT NULL CHECK (cardinality(kinds) > 0),
    channel_ids uuid[],
    active boolean NOT NULL DEFAULT true,
    off_reason text COLLATE "C" NOT NULL DEFAULT ''
        CHECK (off_reason IN ('', 'person', 'gone', 'failing') AND active = (off_reason = '')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);

-- What messages are signed with. The newest one has no end; one that was replaced ends a day later.
CREATE TABLE webhooks.endpoint_secret (
    endpoint_id uuid NOT NULL REFERENCES webhooks.endpoint,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz,
    PRIMARY KEY (endpoint_id, secret)
);
CREATE UNIQUE INDEX endpoint_secret_newest ON webhooks.endpoint_secret (endpoint_id)
    WHERE ends_at IS NULL;

-- How far an endpoint is in the feed, and how it fares; changed with every delivery, so apart.
-- lease, leased_until: which turn of which worker is at it; a killed one's lease runs out.
CREATE TABLE webhooks.progress (
    endpoint_id uuid PRIMARY KEY REFERENCES webhooks.endpoint,
    position bigint NOT NULL CHECK (position >= 0),
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz CHECK ((failures > 0) = (failing_since IS NOT NULL)),
    resume_at timestamptz NOT NULL DEFAULT '-infinity',
    lease uuid,
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- An event that is, or was, to be sent. due_at is null behind an earlier event of its stream.
CREATE TABLE webhooks.message (
    endpoint_id uuid NOT NULL REFERENCES webhooks.endpoint,
    position bigint NOT NULL,
    stream_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'sent', 'gave_up')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz CHECK (due_at IS NULL OR state = 'waiting'),
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (endpoint_id, position)
) WITH (fillfactor = 70);
CREATE INDEX message_due ON webhooks.message (endpoint_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX message_waiting ON webhooks.message (endpoint_id, stream_id, position)
    WHERE state = 'waiting';
CREATE INDEX message_taken ON webhooks.message USING brin (taken_at);

-- The log: one row a try. status is null when no answer came. answer: its first kilobyte.
CREATE TABLE webhooks.attempt (
    endpoint_id uuid NOT NULL REFERENCES webhooks.endpoint,
    id uuid NOT NULL,
    position bigint NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    at timestamptz NOT NULL DEFAULT now(),
    status smallint,
    ms integer NOT NULL,
    answer text NOT NULL,
    error text NOT NULL,
    PRIMARY KEY (endpoint_id, id)
);
CREATE INDEX attempt_at ON webhooks.attempt USING brin (at);
