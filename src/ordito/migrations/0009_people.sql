-- Roles, second factors, links by mail, sessions one can name, and an audit log to search.

-- A user's roles and extra permissions give `permissions`, which is written with them: what every
-- request reads is one row. '*' is every permission, those of later versions too.
CREATE TABLE platform.role (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL,
    built_in boolean NOT NULL DEFAULT false,
    second_factor boolean NOT NULL DEFAULT false,
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX role_code ON platform.role (code) WHERE active;
INSERT INTO platform.role (id, code, name, permissions, built_in, version) VALUES
    ('01990000-0000-7000-8000-000000000001', 'admin', 'Administrator', '{*}', true, 0),
    ('01990000-0000-7000-8000-000000000002', 'order-desk', 'Order desk',
     '{catalog.read,fulfillment.read,intake.read,intake.write,inventory.read,orders.discount,orders.read,orders.write,settings.read,views.share}',
     true, 0),
    ('01990000-0000-7000-8000-000000000003', 'warehouse', 'Warehouse',
     '{catalog.read,fulfillment.read,fulfillment.write,inventory.read,inventory.write,orders.read}',
     true, 0),
    ('01990000-0000-7000-8000-000000000004', 'store', 'Store',
     '{catalog.read,fulfillment.read,fulfillment.write,inventory.read,orders.read}', true, 0),
    ('01990000-0000-7000-8000-000000000005', 'viewer', 'Viewer',
     '{catalog.read,fulfillment.read,intake.read,inventory.read,orders.read,settings.read}', true, 0);

ALTER TABLE platform.app_user
    ADD COLUMN role_ids uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN extra_permissions text[] NOT NULL DEFAULT '{}';
CREATE INDEX app_user_role ON platform.app_user USING gin (role_ids);

-- Who may do everything becomes an administrator; what others may do is theirs as before.
UPDATE platform.app_user
SET role_ids = '{01990000-0000-7000-8000-000000000001}',
    permissions = permissions || '{*,audit.read}'::text[]
WHERE permissions @> '{orders.read,orders.write,fulfillment.read,fulfillment.write,inventory.read,inventory.write,catalog.read,catalog.write,settings.read,settings.write,intake.read,intake.write,access.write,events.read}'::text[];
UPDATE platform.app_user
SET extra_permissions = permissions
WHERE role_ids = '{}';

ALTER TABLE platform.session
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN device text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX session_id ON platform.session (id);

ALTER TABLE platform.api_key
    ADD COLUMN last_used_at timestamptz;

-- Secrets: a time-based one-time password (RFC 6238) once confirmed_at is set. last_step: the
-- newest step whose code was used, so that none is used twice.
CREATE TABLE platform.user_factor (
    user_id uuid PRIMARY KEY REFERENCES platform.app_user,
    secret text NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Hashes; a used code's row is gone.
CREATE TABLE platform.recovery_code (
    user_id uuid NOT NULL REFERENCES platform.user_factor ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

-- The password was right, the second factor's code is still to come.
CREATE TABLE platform.sign_in_step (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES platform.app_user,
    ends_at timestamptz NOT NULL
);

-- Links to choose a password with. A used one's row is gone; a user has one of a kind.
CREATE TABLE platform.account_link (
    token_hash bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES platform.app_user,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('invitation', 'reset')),
    ends_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, kind)
);

-- What people did, and everything about access. Partial: what keys and followers do all day
-- costs no second index.
CREATE INDEX event_audit ON platform.event (at, stream_id, seq)
    WHERE actor_kind = 'user' OR stream IN ('user', 'key', 'role');
CREATE INDEX event_of_person ON platform.event (actor_id, at, stream_id, seq)
    WHERE actor_kind = 'user';
