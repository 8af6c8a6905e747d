-- Files that people bring in: their rows, what the columns mean, and what became of each row.
CREATE SCHEMA uploads;

-- What the columns of a file with these headings meant the last time.
CREATE TABLE uploads.layout (
    kind text COLLATE "C" NOT NULL,
    headings_key text COLLATE "C" NOT NULL,
    mapping jsonb NOT NULL,
    options jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (kind, headings_key)
);

-- counts: phase (check, run, undo) → outcome → rows. ran: from the first row that was written.
CREATE TABLE uploads.job (
    id uuid PRIMARY KEY,
    actor_kind text COLLATE "C" NOT NULL,
    actor_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    file_name text NOT NULL,
    digest text COLLATE "C" NOT NULL,
    columns jsonb NOT NULL,
    mapping jsonb NOT NULL,
    options jsonb NOT NULL,
    state text COLLATE "C" NOT NULL CHECK (state IN (
        'read', 'checking', 'checked', 'running', 'stopped', 'failed', 'finished', 'undoing',
        'undone')),
    phase text COLLATE "C" NOT NULL CHECK (phase IN ('read', 'check', 'run', 'undo')),
    ran boolean NOT NULL DEFAULT false,
    total integer NOT NULL DEFAULT 0 CHECK (total >= 0),
    chunks_done integer NOT NULL DEFAULT 0,
    counts jsonb NOT NULL DEFAULT '{}',
    problem jsonb,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL DEFAULT 0
);
CREATE INDEX job_created ON uploads.job (created_at DESC, id DESC);
-- Units that came in once are received once, whoever sends the file again at the same moment.
CREATE UNIQUE INDEX job_received ON uploads.job (digest)
    WHERE kind = 'receipts' AND ran AND state <> 'undone';

-- cells, changes: personal data (a file of customers); forgotten after some weeks.
CREATE TABLE uploads.row (
    job_id uuid NOT NULL REFERENCES uploads.job ON DELETE CASCADE,
    n integer NOT NULL,
    line integer NOT NULL,
    cells jsonb NOT NULL,
    key text COLLATE "C",
    damaged boolean NOT NULL,
    phase text COLLATE "C" NOT NULL DEFAULT 'read'
        CHECK (phase IN ('read', 'check', 'run', 'undo')),
    outcome text COLLATE "C"
        CHECK (outcome IN ('new', 'changed', 'same', 'faulty', 'undone', 'kept')),
    changes jsonb,
    faults jsonb,
    thing_id uuid,
    PRIMARY KEY (job_id, n)
);
CREATE INDEX row_key ON uploads.row (job_id, key) WHERE key IS NOT NULL;
CREATE INDEX row_outcome ON uploads.row (job_id, outcome, n);
