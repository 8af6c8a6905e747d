-- Plans for many orders at once: what they came to, and what of them was carried out.
CREATE SEQUENCE sourcing.joint_plan_no AS integer;

CREATE TABLE sourcing.joint_plan (
    plan_no integer PRIMARY KEY,
    cause text COLLATE "C" NOT NULL CHECK (cause IN ('asked', 'schedule')),
    state text COLLATE "C" NOT NULL CHECK (state IN ('preview', 'applied')),
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    made_by_name text NOT NULL,
    applied_at timestamptz,
    figures jsonb NOT NULL,
    CHECK ((state = 'applied') = (applied_at IS NOT NULL))
);

-- Orders that exchange stock: carried out in one transaction, or refused whole.
CREATE TABLE sourcing.joint_group (
    plan_no integer NOT NULL REFERENCES sourcing.joint_plan,
    group_no integer NOT NULL CHECK (group_no > 0),
    state text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'applied', 'refused')),
    refusal text COLLATE "C" NOT NULL DEFAULT '',
    saving bigint NOT NULL,
    gained bigint NOT NULL CHECK (gained >= 0),
    orders integer NOT NULL CHECK (orders > 0),
    body jsonb NOT NULL,
    PRIMARY KEY (plan_no, group_no),
    CHECK ((state = 'refused') = (refusal <> ''))
);

-- One row at most: how often the worker plans anew; no row is never.
CREATE TABLE sourcing.joint_schedule (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    every_minutes integer CHECK (every_minutes BETWEEN 5 AND 1440),
    ran_at timestamptz,
    changed_at timestamptz NOT NULL
);
