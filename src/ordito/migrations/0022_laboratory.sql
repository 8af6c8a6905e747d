-- Past orders sourced again by another policy: what was asked, how far it is, what came of it.
CREATE SEQUENCE sourcing.replay_no AS integer;

CREATE TABLE sourcing.replay (
    replay_no integer PRIMARY KEY,
    state text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    policy_id uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    asked_by_name text NOT NULL,
    ask jsonb NOT NULL,
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    total integer NOT NULL DEFAULT 0 CHECK (total >= 0),
    beat_at timestamptz,
    finished_at timestamptz,
    failure text NOT NULL DEFAULT '',
    result jsonb,
    CHECK ((state = 'done') = (result IS NOT NULL)),
    CHECK ((state = 'failed') = (failure <> '')),
    CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL))
);

CREATE INDEX replay_open ON sourcing.replay (replay_no) WHERE state IN ('waiting', 'running');

-- Decisions of a day are counted for its load. Rows come in order of time: a few kB are enough.
CREATE INDEX decision_at ON sourcing.decision USING brin (at);
