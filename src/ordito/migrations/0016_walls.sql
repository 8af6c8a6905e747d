-- Walls behind the program's own checks: what was written is never changed, and who sees a part
-- reads only that part. Roles, grants and policies are raised after each upgrade (platform/walls).

-- Which walls stand: raised anew when this program's differ.
CREATE TABLE platform.wall (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    fingerprint text NOT NULL
);

-- The scope of a reader, as the transaction says it: '*' is all, else an array of ids. Without a
-- word about it nothing is seen.
CREATE FUNCTION platform.all_channels() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('ordito.channel_ids', true), '') = '*' $$;

CREATE FUNCTION platform.all_locations() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('ordito.location_ids', true), '') = '*' $$;

CREATE FUNCTION platform.seen_channels() RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(nullif(nullif(current_setting('ordito.channel_ids', true), ''), '*'), '{}')
        ::uuid[]
$$;

CREATE FUNCTION platform.seen_locations() RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(nullif(nullif(current_setting('ordito.location_ids', true), ''), '*'), '{}')
        ::uuid[]
$$;

-- With the owner's eyes: policies of orders and of their work that asked each other by queries
-- would never come to an end.
CREATE FUNCTION orders.is_of_seen_channel(id uuid) RETURNS boolean
    -- plpgsql keeps the plan; a function in SQL would plan anew for each query and start slower.
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog
    AS $$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM orders.sales_order AS o
        WHERE o.id = $1 AND o.channel_id = ANY (platform.seen_channels())
    );
END
$$;

CREATE FUNCTION platform.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '%.% is only added to: what was written stays as it is',
        TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.event
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.feed
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON inventory.posting
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON sourcing.decision
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON sourcing.policy_version
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

-- The audit chain: each seal covers a stretch of the feed and the seal before it, so that an event
-- changed later, or a seal left out, is found by whoever computes them again.
CREATE TABLE platform.seal (
    no bigint PRIMARY KEY CHECK (no > 0),
    last_position bigint NOT NULL UNIQUE,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    sealed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON platform.seal
    FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();
