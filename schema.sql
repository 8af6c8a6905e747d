-- What the migrations in src/ordito/migrations come to. Written by tools/write_schema.py; a test
-- compares it, so that a review shows the result of a migration beside the migration.

CREATE SCHEMA catalog;

CREATE SCHEMA channels;

CREATE SCHEMA customers;

CREATE SCHEMA desk;

CREATE SCHEMA fulfillment;

CREATE SCHEMA intake;

CREATE SCHEMA inventory;

CREATE SCHEMA listings;

CREATE SCHEMA locations;

CREATE SCHEMA notifications;

CREATE SCHEMA orders;

CREATE SCHEMA payments;

CREATE SCHEMA platform;

CREATE SCHEMA sourcing;

CREATE SCHEMA uploads;

CREATE SCHEMA webhooks;

CREATE TYPE inventory.bucket AS ENUM (
    'supplier',
    'incoming',
    'available',
    'reserved',
    'picked',
    'in_transit',
    'quality_control',
    'damaged',
    'safety',
    'customer',
    'scrapped',
    'adjustment',
    'transfer',
    'assembly'
);

CREATE FUNCTION listings.match_entries(q tsquery[], n integer) RETURNS TABLE(order_id uuid, placed_at timestamp with time zone, number bigint, promised_on date, currency text, total_minor bigint)
    LANGUAGE sql STABLE
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'off'
    SET enable_indexonlyscan TO 'off'
    AS $$
    SELECT e.order_id, e.placed_at, e.number, e.promised_on, e.currency, e.total_minor
    FROM listings.order_entry AS e
    WHERE e.doc @@ q[1] AND e.doc @@ coalesce(q[2], q[1]) AND e.doc @@ coalesce(q[3], q[1])
      AND e.doc @@ coalesce(q[4], q[1]) AND e.doc @@ coalesce(q[5], q[1])
    LIMIT n
$$;

CREATE FUNCTION listings.widen_reach() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO listings.term_reach AS r (term, first_day, last_day)
    SELECT filed.term, min(filed.day), max(filed.day)
    FROM (
        SELECT unnest(tsvector_to_array(w.doc)) AS term,
               floor(extract(epoch FROM w.placed_at) / 86400)::integer AS day
        FROM written AS w
    ) AS filed
    WHERE left(filed.term, 2) = ANY('{c:,d:,k:,o:,p:,t:,y:}')
    GROUP BY filed.term
    ORDER BY filed.term
    ON CONFLICT (term) DO UPDATE
    SET first_day = least(r.first_day, excluded.first_day),
        last_day = greatest(r.last_day, excluded.last_day)
    WHERE r.first_day > excluded.first_day OR r.last_day < excluded.last_day;
    RETURN NULL;
END
$$;

CREATE FUNCTION orders.is_of_seen_channel(id uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $_$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM orders.sales_order AS o
        WHERE o.id = $1 AND o.channel_id = ANY (platform.seen_channels())
    );
END
$_$;

CREATE FUNCTION platform.all_channels() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('ordito.channel_ids', true), '') = '*' $$;

CREATE FUNCTION platform.all_locations() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('ordito.location_ids', true), '') = '*' $$;

CREATE FUNCTION platform.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '%.% is only added to: what was written stays as it is',
        TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

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

CREATE TABLE catalog.barcode (
    code_key text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL,
    item_id uuid NOT NULL
);

CREATE TABLE catalog.item (
    id uuid NOT NULL,
    sku text NOT NULL,
    sku_key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    weight_g integer,
    length_mm integer,
    width_mm integer,
    height_mm integer,
    prices jsonb DEFAULT '{}'::jsonb NOT NULL,
    parts jsonb,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    tracking text DEFAULT 'none'::text NOT NULL COLLATE pg_catalog."C",
    expires boolean DEFAULT false NOT NULL,
    sell_days integer DEFAULT 0 NOT NULL,
    CONSTRAINT item_check CHECK (((parts IS NOT NULL) = (kind = 'kit'::text))),
    CONSTRAINT item_check1 CHECK (((tracking = 'none'::text) OR (kind = 'stocked'::text))),
    CONSTRAINT item_check2 CHECK (((tracking <> 'none'::text) OR (NOT expires))),
    CONSTRAINT item_check3 CHECK ((expires OR (sell_days = 0))),
    CONSTRAINT item_height_mm_check CHECK ((height_mm >= 0)),
    CONSTRAINT item_kind_check CHECK ((kind = ANY (ARRAY['stocked'::text, 'kit'::text, 'service'::text]))),
    CONSTRAINT item_length_mm_check CHECK ((length_mm >= 0)),
    CONSTRAINT item_sell_days_check CHECK (((sell_days >= 0) AND (sell_days <= 3650))),
    CONSTRAINT item_sku_check CHECK ((sku <> ''::text)),
    CONSTRAINT item_tracking_check CHECK ((tracking = ANY (ARRAY['none'::text, 'lot'::text, 'serial'::text]))),
    CONSTRAINT item_weight_g_check CHECK ((weight_g >= 0)),
    CONSTRAINT item_width_mm_check CHECK ((width_mm >= 0))
);

CREATE TABLE catalog.kit_part (
    kit_id uuid NOT NULL,
    item_id uuid NOT NULL,
    qty integer NOT NULL,
    CONSTRAINT kit_part_check CHECK ((item_id <> kit_id)),
    CONSTRAINT kit_part_qty_check CHECK ((qty > 0))
);

CREATE TABLE catalog.release (
    item_id uuid NOT NULL,
    released_on date NOT NULL,
    preorder_max bigint,
    CONSTRAINT release_preorder_max_check CHECK ((preorder_max > 0))
);

CREATE TABLE catalog.release_channel (
    item_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    released_on date NOT NULL
);

CREATE TABLE channels.channel (
    id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    base_currency text NOT NULL COLLATE pg_catalog."C",
    tax_included boolean NOT NULL,
    rounding text NOT NULL COLLATE pg_catalog."C",
    shortage text NOT NULL COLLATE pg_catalog."C",
    stock_buffer integer DEFAULT 0 NOT NULL,
    promise_days integer DEFAULT 3 NOT NULL,
    location_ids uuid[],
    policy_id uuid NOT NULL,
    market text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    time_zone text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    cart_minutes integer DEFAULT 15 NOT NULL,
    cart_units_max integer,
    cart_units_told integer,
    pickup_days integer,
    uncollected text DEFAULT 'cancel'::text NOT NULL COLLATE pg_catalog."C",
    unkept_dates text DEFAULT 'flag'::text NOT NULL COLLATE pg_catalog."C",
    promise_level integer DEFAULT 90,
    choice_hours integer DEFAULT 48 NOT NULL,
    bring_to_shop boolean DEFAULT false NOT NULL,
    bring_days integer DEFAULT 3 NOT NULL,
    CONSTRAINT channel_bring_days_check CHECK (((bring_days >= 0) AND (bring_days <= 60))),
    CONSTRAINT channel_cart_minutes_check CHECK (((cart_minutes >= 1) AND (cart_minutes <= 1440))),
    CONSTRAINT channel_cart_units_max_check CHECK ((cart_units_max > 0)),
    CONSTRAINT channel_cart_units_told_check CHECK ((cart_units_told > 0)),
    CONSTRAINT channel_choice_hours_check CHECK (((choice_hours >= 1) AND (choice_hours <= 720))),
    CONSTRAINT channel_pickup_days_check CHECK (((pickup_days >= 1) AND (pickup_days <= 365))),
    CONSTRAINT channel_promise_days_check CHECK (((promise_days >= 0) AND (promise_days <= 365))),
    CONSTRAINT channel_promise_level_check CHECK (((promise_level >= 50) AND (promise_level <= 99))),
    CONSTRAINT channel_rounding_check CHECK ((rounding = ANY (ARRAY['half_up'::text, 'half_even'::text]))),
    CONSTRAINT channel_shortage_check CHECK ((shortage = ANY (ARRAY['backorder'::text, 'refuse'::text]))),
    CONSTRAINT channel_stock_buffer_check CHECK ((stock_buffer >= 0)),
    CONSTRAINT channel_uncollected_check CHECK ((uncollected = ANY (ARRAY['cancel'::text, 'keep'::text]))),
    CONSTRAINT channel_unkept_dates_check CHECK ((unkept_dates = ANY (ARRAY['flag'::text, 'refuse'::text])))
);

CREATE TABLE channels.connection (
    channel_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    domain text NOT NULL COLLATE pg_catalog."C",
    stock_location text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    test_orders boolean DEFAULT false NOT NULL,
    active boolean DEFAULT true NOT NULL,
    swept_to timestamp with time zone NOT NULL,
    swept_at timestamp with time zone,
    sweep_error text DEFAULT ''::text NOT NULL,
    stock_error text DEFAULT ''::text NOT NULL,
    heard_at timestamp with time zone,
    CONSTRAINT connection_kind_check CHECK ((kind = 'shopify'::text))
);

CREATE TABLE channels.connection_secret (
    channel_id uuid NOT NULL,
    token text NOT NULL,
    webhook_secrets text[] NOT NULL
);

CREATE TABLE channels.exchange_rate (
    base_currency text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    valid_on date NOT NULL,
    rate numeric(20,10) NOT NULL,
    CONSTRAINT exchange_rate_rate_check CHECK ((rate > (0)::numeric))
);

CREATE TABLE channels.item_buffer (
    channel_id uuid NOT NULL,
    item_id uuid NOT NULL,
    units bigint NOT NULL,
    CONSTRAINT item_buffer_units_check CHECK ((units >= 0))
);

CREATE TABLE channels.market (
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    countries text[] NOT NULL
);

CREATE TABLE channels.order_link (
    channel_id uuid NOT NULL,
    shop_order text NOT NULL COLLATE pg_catalog."C",
    order_id uuid,
    changed_at timestamp with time zone NOT NULL,
    lines jsonb DEFAULT '{}'::jsonb NOT NULL,
    removed jsonb DEFAULT '{}'::jsonb NOT NULL,
    refunds text[] DEFAULT '{}'::text[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    address_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    note_key text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE channels.variant_link (
    channel_id uuid NOT NULL,
    variant text NOT NULL COLLATE pg_catalog."C",
    sku text NOT NULL,
    stock_item text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    told bigint,
    told_at timestamp with time zone
);

CREATE TABLE channels.write_back (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    order_id uuid NOT NULL,
    no bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    body jsonb NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    remote_id text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    made_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT write_back_check CHECK (((state = 'failed'::text) <= (error <> ''::text))),
    CONSTRAINT write_back_check1 CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text])) = (settled_at IS NOT NULL))),
    CONSTRAINT write_back_kind_check CHECK ((kind = ANY (ARRAY['fulfilment'::text, 'cancellation'::text]))),
    CONSTRAINT write_back_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'calling'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE customers.contact (
    kind text NOT NULL COLLATE pg_catalog."C",
    value_key text NOT NULL COLLATE pg_catalog."C",
    customer_id uuid NOT NULL,
    CONSTRAINT contact_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text, 'reference'::text])))
);

CREATE TABLE customers.customer (
    id uuid NOT NULL,
    number bigint NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    groups text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE SEQUENCE customers.number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE customers.person (
    customer_id uuid NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    phone text DEFAULT ''::text NOT NULL
);

CREATE TABLE desk.arrangement (
    user_id uuid NOT NULL,
    tabs text[] NOT NULL,
    first_tab text NOT NULL
);

CREATE TABLE desk.export_part (
    job_id uuid NOT NULL,
    chunk integer NOT NULL,
    cells jsonb NOT NULL
);

CREATE TABLE desk.job (
    id uuid NOT NULL,
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor_id uuid NOT NULL,
    act text NOT NULL COLLATE pg_catalog."C",
    ask jsonb NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    total integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    refused integer DEFAULT 0 NOT NULL,
    chunks_done integer DEFAULT 0 NOT NULL,
    problem jsonb,
    again_of uuid,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT job_check CHECK (((done >= 0) AND (refused >= 0) AND ((done + refused) <= total))),
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['running'::text, 'stopped'::text, 'failed'::text, 'finished'::text]))),
    CONSTRAINT job_total_check CHECK ((total > 0))
);

CREATE TABLE desk.job_item (
    job_id uuid NOT NULL,
    n integer NOT NULL,
    order_id uuid NOT NULL,
    outcome text COLLATE pg_catalog."C",
    problem jsonb,
    CONSTRAINT job_item_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text])))
);

CREATE TABLE desk.saved_view (
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    shared boolean NOT NULL,
    name text NOT NULL,
    look jsonb NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE desk.watch (
    id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    subject_id uuid NOT NULL,
    part integer NOT NULL,
    order_id uuid,
    channel_id uuid,
    location_id uuid,
    item_id uuid,
    qty bigint,
    raised_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    owner_id uuid,
    escalated_at timestamp with time zone,
    closed_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT watch_kind_check CHECK ((kind = ANY (ARRAY['short'::text, 'oversold'::text, 'unservable'::text, 'capacity'::text, 'promise'::text, 'cart'::text, 'rollout'::text, 'low'::text, 'low_total'::text, 'unanswered'::text, 'undecided'::text, 'stop'::text])))
)
WITH (fillfactor='80');

CREATE TABLE desk.watch_rule (
    kind text NOT NULL COLLATE pg_catalog."C",
    id uuid NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    due_hours integer NOT NULL,
    owner_id uuid,
    escalate_to uuid,
    CONSTRAINT watch_rule_due_hours_check CHECK (((due_hours >= 1) AND (due_hours <= 720)))
);

CREATE TABLE fulfillment.backlog (
    location_id uuid NOT NULL,
    units bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT backlog_units_check CHECK ((units >= 0))
)
WITH (fillfactor='70');

CREATE TABLE fulfillment.cancellation_ask (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    ask_no integer NOT NULL,
    lines jsonb NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    asked_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    answer text COLLATE pg_catalog."C",
    CONSTRAINT cancellation_ask_answer_check CHECK ((answer = ANY (ARRAY['accepted'::text, 'rejected'::text, 'shipped'::text]))),
    CONSTRAINT cancellation_ask_ask_no_check CHECK ((ask_no > 0)),
    CONSTRAINT cancellation_ask_check CHECK (((answered_at IS NULL) = (answer IS NULL)))
);

CREATE TABLE fulfillment.daily_load (
    location_id uuid NOT NULL,
    day date NOT NULL,
    accepted integer NOT NULL,
    lines integer DEFAULT 0 NOT NULL,
    units bigint DEFAULT 0 NOT NULL,
    CONSTRAINT daily_load_accepted_check CHECK ((accepted >= 0)),
    CONSTRAINT daily_load_lines_check CHECK ((lines >= 0)),
    CONSTRAINT daily_load_units_check CHECK ((units >= 0))
);

CREATE TABLE fulfillment.forecast (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    level integer,
    probability integer,
    model integer,
    observations integer,
    calendar_on date NOT NULL,
    calendar_delivers_on date NOT NULL,
    queue_minutes integer NOT NULL,
    CONSTRAINT forecast_check CHECK ((calendar_delivers_on >= calendar_on)),
    CONSTRAINT forecast_check1 CHECK ((num_nulls(level, probability, model, observations) = ANY (ARRAY[0, 4]))),
    CONSTRAINT forecast_check2 CHECK (((model IS NOT NULL) OR (queue_minutes > 0))),
    CONSTRAINT forecast_level_check CHECK (((level >= 50) AND (level <= 99))),
    CONSTRAINT forecast_observations_check CHECK ((observations > 0)),
    CONSTRAINT forecast_probability_check CHECK (((probability >= 1) AND (probability <= 1000))),
    CONSTRAINT forecast_queue_minutes_check CHECK ((queue_minutes >= 0))
);

CREATE TABLE fulfillment.fulfillment_order (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    location_id uuid NOT NULL,
    delivery text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    decision_no integer NOT NULL,
    promised_on date,
    pickup_code text,
    created_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    collect_by date,
    request text COLLATE pg_catalog."C",
    destination_id uuid,
    CONSTRAINT fulfillment_order_delivery_check CHECK ((delivery = ANY (ARRAY['ship'::text, 'pickup'::text, 'local'::text]))),
    CONSTRAINT fulfillment_order_destination_check CHECK (((destination_id IS NULL) OR ((delivery = 'ship'::text) AND (destination_id <> location_id)))),
    CONSTRAINT fulfillment_order_request_check CHECK ((request = ANY (ARRAY['submitted'::text, 'accepted'::text, 'rejected'::text, 'withdrawn'::text, 'cancellation_requested'::text, 'cancellation_accepted'::text, 'cancellation_rejected'::text, 'closed'::text]))),
    CONSTRAINT fulfillment_order_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'open'::text, 'released'::text, 'picking'::text, 'picked'::text, 'packed'::text, 'ready'::text, 'shipped'::text, 'delivered'::text, 'handed_over'::text, 'cancelled'::text, 'rejected'::text, 'short'::text, 'not_collected'::text])))
)
WITH (fillfactor='80');

CREATE TABLE fulfillment.line (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    qty bigint NOT NULL,
    per_unit integer NOT NULL,
    picked bigint DEFAULT 0 NOT NULL,
    packed bigint DEFAULT 0 NOT NULL,
    shipped bigint DEFAULT 0 NOT NULL,
    CONSTRAINT line_check CHECK (((picked >= 0) AND (picked <= qty))),
    CONSTRAINT line_check1 CHECK (((packed >= 0) AND (packed <= picked))),
    CONSTRAINT line_check2 CHECK (((shipped >= 0) AND (shipped <= packed))),
    CONSTRAINT line_check3 CHECK ((((qty % (per_unit)::bigint) = 0) AND ((picked % (per_unit)::bigint) = 0) AND ((packed % (per_unit)::bigint) = 0) AND ((shipped % (per_unit)::bigint) = 0))),
    CONSTRAINT line_per_unit_check CHECK ((per_unit > 0)),
    CONSTRAINT line_qty_check CHECK ((qty >= 0))
)
WITH (fillfactor='80');

CREATE TABLE fulfillment.line_lot (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    lot_id uuid NOT NULL,
    picked bigint DEFAULT 0 NOT NULL,
    shipped bigint DEFAULT 0 NOT NULL,
    returned bigint DEFAULT 0 NOT NULL,
    CONSTRAINT line_lot_check CHECK (((shipped >= 0) AND (shipped <= picked))),
    CONSTRAINT line_lot_check1 CHECK (((returned >= 0) AND (returned <= shipped))),
    CONSTRAINT line_lot_picked_check CHECK ((picked >= 0))
);

CREATE TABLE fulfillment.pace (
    location_id uuid NOT NULL,
    units_hourly integer NOT NULL,
    days integer NOT NULL,
    learned_at timestamp with time zone NOT NULL,
    CONSTRAINT pace_days_check CHECK ((days > 0)),
    CONSTRAINT pace_units_hourly_check CHECK ((units_hourly > 0))
);

CREATE TABLE fulfillment.parcel (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    parcel_no integer NOT NULL,
    carrier text NOT NULL,
    service text DEFAULT ''::text NOT NULL,
    tracking_number text DEFAULT ''::text NOT NULL,
    weight_g integer,
    shipped_at timestamp with time zone NOT NULL,
    delivered_at timestamp with time zone,
    destination_id uuid
);

CREATE TABLE fulfillment.parcel_line (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    parcel_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    qty bigint NOT NULL,
    CONSTRAINT parcel_line_qty_check CHECK ((qty > 0))
);

CREATE TABLE fulfillment.parcel_lot (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    parcel_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    lot_id uuid NOT NULL,
    qty bigint NOT NULL,
    CONSTRAINT parcel_lot_qty_check CHECK ((qty > 0))
);

CREATE TABLE fulfillment.promise (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    ready_at timestamp with time zone NOT NULL,
    ships_at timestamp with time zone NOT NULL,
    ships_on date NOT NULL,
    delivers_on date NOT NULL,
    tariff text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT promise_check CHECK ((ships_at >= ready_at)),
    CONSTRAINT promise_check1 CHECK ((delivers_on >= ships_on))
);

CREATE TABLE fulfillment.request (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    location_id uuid NOT NULL,
    units bigint NOT NULL,
    submitted_at timestamp with time zone NOT NULL,
    answer_by timestamp with time zone NOT NULL,
    withdraw_at timestamp with time zone NOT NULL,
    chased_at timestamp with time zone,
    answered_at timestamp with time zone,
    answer text COLLATE pg_catalog."C",
    reason text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    rejected_units bigint DEFAULT 0 NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    ship_by timestamp with time zone,
    closed_at timestamp with time zone,
    CONSTRAINT request_answer_check CHECK ((answer = ANY (ARRAY['accepted'::text, 'rejected'::text, 'withdrawn'::text]))),
    CONSTRAINT request_check CHECK (((answered_at IS NULL) = (answer IS NULL))),
    CONSTRAINT request_check1 CHECK ((answer_by <= withdraw_at)),
    CONSTRAINT request_rejected_units_check CHECK ((rejected_units >= 0)),
    CONSTRAINT request_units_check CHECK ((units > 0))
)
WITH (fillfactor='80');

CREATE TABLE fulfillment.schedule (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    opens_at timestamp with time zone NOT NULL
);

CREATE TABLE fulfillment.slot_day (
    location_id uuid NOT NULL,
    slot text NOT NULL COLLATE pg_catalog."C",
    on_day date NOT NULL,
    booked integer DEFAULT 0 NOT NULL,
    places integer NOT NULL,
    CONSTRAINT slot_day_check CHECK (((booked >= 0) AND (booked <= places)))
)
WITH (fillfactor='70');

CREATE TABLE fulfillment.stop (
    order_id uuid NOT NULL,
    location_id uuid NOT NULL,
    slot text NOT NULL COLLATE pg_catalog."C",
    on_day date NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    "position" integer,
    attempts integer DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT stop_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT stop_check CHECK ((starts_at < ends_at)),
    CONSTRAINT stop_position_check CHECK (("position" > 0)),
    CONSTRAINT stop_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'out'::text, 'delivered'::text, 'failed'::text, 'returned'::text, 'dropped'::text])))
)
WITH (fillfactor='80');

CREATE TABLE fulfillment.stop_attempt (
    order_id uuid NOT NULL,
    attempt_no integer NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_id uuid NOT NULL,
    outcome text NOT NULL COLLATE pg_catalog."C",
    taken_by text DEFAULT ''::text NOT NULL,
    left_at text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    note text DEFAULT ''::text NOT NULL,
    file_no integer,
    CONSTRAINT stop_attempt_attempt_no_check CHECK ((attempt_no > 0)),
    CONSTRAINT stop_attempt_check CHECK (((outcome = 'failed'::text) = (reason <> ''::text))),
    CONSTRAINT stop_attempt_outcome_check CHECK ((outcome = ANY (ARRAY['delivered'::text, 'failed'::text])))
);

CREATE TABLE fulfillment.task (
    id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    order_id uuid,
    line_no integer,
    location_id uuid,
    item_id uuid,
    qty bigint,
    raised_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone
);

CREATE TABLE intake.booked_row (
    channel_id uuid NOT NULL,
    row_key bytea NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    message_id uuid NOT NULL,
    CONSTRAINT booked_row_kind_check CHECK ((kind = ANY (ARRAY['cancellation'::text, 'return'::text, 'adjustment'::text, 'charge'::text])))
);

CREATE TABLE intake.charge (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    order_id uuid,
    message_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL,
    title text NOT NULL,
    amount numeric(24,6) NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    reference text NOT NULL,
    occurred_at timestamp with time zone NOT NULL
);

CREATE TABLE intake.import_run (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    preset text NOT NULL COLLATE pg_catalog."C",
    mode text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    files jsonb NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    "position" bigint DEFAULT 0 NOT NULL,
    position_back bigint DEFAULT 0 NOT NULL,
    tallies jsonb NOT NULL,
    duplicates bigint DEFAULT 0 NOT NULL,
    actor_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT import_run_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'history'::text]))),
    CONSTRAINT import_run_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text])))
);

CREATE TABLE intake.message (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    external_key text COLLATE pg_catalog."C",
    content_hash bytea NOT NULL,
    preset text NOT NULL COLLATE pg_catalog."C",
    mode text NOT NULL COLLATE pg_catalog."C",
    body jsonb NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    reason text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    words text DEFAULT ''::text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    run_id uuid,
    source text DEFAULT ''::text NOT NULL,
    source_lines integer[] DEFAULT '{}'::integer[] NOT NULL,
    results jsonb DEFAULT '{}'::jsonb NOT NULL,
    tally jsonb DEFAULT '{}'::jsonb NOT NULL,
    received_at timestamp with time zone NOT NULL,
    handled_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT message_check CHECK (((state = ANY (ARRAY['parked'::text, 'refused'::text])) = (reason <> ''::text))),
    CONSTRAINT message_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'history'::text]))),
    CONSTRAINT message_state_check CHECK ((state = ANY (ARRAY['received'::text, 'done'::text, 'duplicate'::text, 'parked'::text, 'refused'::text])))
);

CREATE TABLE inventory.assembly (
    id uuid NOT NULL,
    number bigint NOT NULL,
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    planned bigint NOT NULL,
    made bigint DEFAULT 0 NOT NULL,
    spoiled bigint DEFAULT 0 NOT NULL,
    step text DEFAULT ''::text NOT NULL,
    partner text DEFAULT ''::text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    due_on date,
    created_at timestamp with time zone NOT NULL,
    created_by uuid NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT assembly_check CHECK (((made + spoiled) <= planned)),
    CONSTRAINT assembly_check1 CHECK (((state = ANY (ARRAY['draft'::text, 'cancelled'::text])) = (started_at IS NULL))),
    CONSTRAINT assembly_check2 CHECK (((state = ANY (ARRAY['finished'::text, 'cancelled'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT assembly_made_check CHECK ((made >= 0)),
    CONSTRAINT assembly_planned_check CHECK ((planned > 0)),
    CONSTRAINT assembly_spoiled_check CHECK ((spoiled >= 0)),
    CONSTRAINT assembly_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'started'::text, 'partly_made'::text, 'finished'::text, 'cancelled'::text])))
);

CREATE TABLE inventory.assembly_made_lot (
    assembly_id uuid NOT NULL,
    lot_id uuid NOT NULL,
    made bigint NOT NULL,
    CONSTRAINT assembly_made_lot_made_check CHECK ((made > 0))
);

CREATE SEQUENCE inventory.assembly_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE inventory.assembly_part (
    assembly_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    per_unit bigint NOT NULL,
    taken bigint DEFAULT 0 NOT NULL,
    returned bigint DEFAULT 0 NOT NULL,
    scrapped bigint DEFAULT 0 NOT NULL,
    CONSTRAINT assembly_part_check CHECK (((returned + scrapped) <= taken)),
    CONSTRAINT assembly_part_line_no_check CHECK ((line_no > 0)),
    CONSTRAINT assembly_part_per_unit_check CHECK ((per_unit > 0)),
    CONSTRAINT assembly_part_returned_check CHECK ((returned >= 0)),
    CONSTRAINT assembly_part_scrapped_check CHECK ((scrapped >= 0)),
    CONSTRAINT assembly_part_taken_check CHECK ((taken >= 0))
);

CREATE TABLE inventory.assembly_part_lot (
    assembly_id uuid NOT NULL,
    line_no integer NOT NULL,
    lot_id uuid NOT NULL,
    taken bigint NOT NULL,
    returned bigint DEFAULT 0 NOT NULL,
    CONSTRAINT assembly_part_lot_check CHECK (((returned >= 0) AND (returned <= taken))),
    CONSTRAINT assembly_part_lot_taken_check CHECK ((taken > 0))
);

CREATE TABLE inventory.bin_move (
    id bigint NOT NULL,
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    from_bin text COLLATE pg_catalog."C",
    to_bin text COLLATE pg_catalog."C",
    qty bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    source_id uuid,
    at timestamp with time zone NOT NULL,
    actor_id uuid NOT NULL,
    undoes bigint,
    CONSTRAINT bin_move_check CHECK ((from_bin IS DISTINCT FROM to_bin)),
    CONSTRAINT bin_move_qty_check CHECK ((qty > 0))
);

ALTER TABLE inventory.bin_move ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME inventory.bin_move_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE inventory.bin_stock (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    bin text NOT NULL COLLATE pg_catalog."C",
    qty bigint NOT NULL,
    CONSTRAINT bin_stock_qty_check CHECK ((qty >= 0))
)
WITH (fillfactor='70');

CREATE TABLE inventory.binned (
    location_id uuid NOT NULL,
    since timestamp with time zone NOT NULL
);

CREATE TABLE inventory.count_limit (
    location_id uuid NOT NULL,
    units bigint,
    value_minor bigint,
    currency text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT count_limit_check CHECK (((value_minor IS NULL) = (currency = ''::text))),
    CONSTRAINT count_limit_units_check CHECK ((units >= 0)),
    CONSTRAINT count_limit_value_minor_check CHECK ((value_minor >= 0))
);

CREATE TABLE inventory.cycle_count (
    id uuid NOT NULL,
    number bigint NOT NULL,
    location_id uuid NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    blind boolean NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    created_by uuid NOT NULL,
    ended_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT cycle_count_check CHECK (((state = 'finished'::text) = (ended_at IS NOT NULL))),
    CONSTRAINT cycle_count_state_check CHECK ((state = ANY (ARRAY['open'::text, 'finished'::text])))
);

CREATE TABLE inventory.cycle_count_line (
    count_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    bins text[] NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    round integer DEFAULT 1 NOT NULL,
    counted bigint,
    difference bigint,
    counted_at timestamp with time zone,
    counted_by uuid,
    document_id uuid,
    bin_differences jsonb,
    lot_differences jsonb,
    CONSTRAINT cycle_count_line_check CHECK (((state = ANY (ARRAY['waiting'::text, 'done'::text])) = (counted IS NOT NULL))),
    CONSTRAINT cycle_count_line_check1 CHECK (((counted IS NULL) = (difference IS NULL))),
    CONSTRAINT cycle_count_line_check2 CHECK (((counted IS NULL) = (counted_by IS NULL))),
    CONSTRAINT cycle_count_line_check3 CHECK (((document_id IS NOT NULL) = (state = 'done'::text))),
    CONSTRAINT cycle_count_line_counted_check CHECK ((counted >= 0)),
    CONSTRAINT cycle_count_line_line_no_check CHECK ((line_no > 0)),
    CONSTRAINT cycle_count_line_round_check CHECK ((round > 0)),
    CONSTRAINT cycle_count_line_state_check CHECK ((state = ANY (ARRAY['open'::text, 'waiting'::text, 'done'::text, 'skipped'::text])))
);

CREATE SEQUENCE inventory.cycle_count_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE inventory.endless_item (
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    lead_days integer NOT NULL,
    CONSTRAINT endless_item_lead_days_check CHECK (((lead_days >= 0) AND (lead_days <= 365)))
);

CREATE TABLE inventory.expected_receipt (
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    qty bigint NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    expected_on date NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT expected_receipt_check CHECK (((state = 'open'::text) = (ended_at IS NULL))),
    CONSTRAINT expected_receipt_check1 CHECK (((state <> 'open'::text) OR (received < qty))),
    CONSTRAINT expected_receipt_check2 CHECK (((state <> 'received'::text) OR (received >= qty))),
    CONSTRAINT expected_receipt_qty_check CHECK ((qty > 0)),
    CONSTRAINT expected_receipt_received_check CHECK ((received >= 0)),
    CONSTRAINT expected_receipt_state_check CHECK ((state = ANY (ARRAY['open'::text, 'received'::text, 'closed'::text])))
);

CREATE TABLE inventory.lot (
    id uuid NOT NULL,
    item_id uuid NOT NULL,
    code text NOT NULL,
    code_key text NOT NULL COLLATE pg_catalog."C",
    serial boolean NOT NULL,
    expires_on date,
    made_on date,
    supplier_reference text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'free'::text NOT NULL COLLATE pg_catalog."C",
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT lot_check CHECK ((made_on <= expires_on)),
    CONSTRAINT lot_check1 CHECK (((state = 'blocked'::text) = (reason <> ''::text))),
    CONSTRAINT lot_code_check CHECK ((code <> ''::text)),
    CONSTRAINT lot_state_check CHECK ((state = ANY (ARRAY['free'::text, 'blocked'::text])))
);

CREATE TABLE inventory.lot_posting (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    seq bigint NOT NULL,
    lot_id uuid NOT NULL,
    qty bigint NOT NULL,
    CONSTRAINT lot_posting_qty_check CHECK ((qty > 0))
);

CREATE TABLE inventory.lot_stock (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    lot_id uuid NOT NULL,
    serial boolean NOT NULL,
    shelf bigint DEFAULT 0 NOT NULL,
    picked bigint DEFAULT 0 NOT NULL,
    quality_control bigint DEFAULT 0 NOT NULL,
    damaged bigint DEFAULT 0 NOT NULL,
    in_transit bigint DEFAULT 0 NOT NULL,
    held_back bigint DEFAULT 0 NOT NULL,
    held bigint GENERATED ALWAYS AS (((((shelf + picked) + quality_control) + damaged) + in_transit)) STORED NOT NULL,
    CONSTRAINT lot_stock_check CHECK (((held_back >= 0) AND (held_back <= quality_control))),
    CONSTRAINT lot_stock_check1 CHECK (((NOT serial) OR (((((shelf + picked) + quality_control) + damaged) + in_transit) <= 1))),
    CONSTRAINT lot_stock_damaged_check CHECK ((damaged >= 0)),
    CONSTRAINT lot_stock_in_transit_check CHECK ((in_transit >= 0)),
    CONSTRAINT lot_stock_picked_check CHECK ((picked >= 0)),
    CONSTRAINT lot_stock_quality_control_check CHECK ((quality_control >= 0)),
    CONSTRAINT lot_stock_shelf_check CHECK ((shelf >= 0))
);

CREATE TABLE inventory.pick_level (
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    bin text NOT NULL COLLATE pg_catalog."C",
    units_min bigint NOT NULL,
    units_max bigint NOT NULL,
    CONSTRAINT pick_level_check CHECK ((units_max >= units_min)),
    CONSTRAINT pick_level_units_max_check CHECK ((units_max > 0)),
    CONSTRAINT pick_level_units_min_check CHECK ((units_min >= 0))
);

CREATE TABLE inventory.posting (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    seq bigint NOT NULL,
    from_bucket inventory.bucket NOT NULL,
    to_bucket inventory.bucket NOT NULL,
    qty bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    source_id uuid,
    source_line integer,
    at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    actor_id uuid NOT NULL,
    on_hand_after bigint NOT NULL,
    available_after bigint NOT NULL,
    reserved_after bigint NOT NULL,
    picked_after bigint NOT NULL,
    others_after bigint[],
    CONSTRAINT posting_check CHECK ((to_bucket <> from_bucket)),
    CONSTRAINT posting_others_after_check CHECK ((cardinality(others_after) = 5)),
    CONSTRAINT posting_qty_check CHECK ((qty > 0)),
    CONSTRAINT posting_seq_check CHECK ((seq > 0))
);

CREATE TABLE inventory.reason (
    code text NOT NULL COLLATE pg_catalog."C",
    id uuid NOT NULL,
    words text DEFAULT ''::text NOT NULL,
    more_from inventory.bucket,
    fewer_to inventory.bucket,
    moves boolean NOT NULL,
    note_required boolean NOT NULL,
    active boolean DEFAULT true NOT NULL,
    built_in boolean DEFAULT false NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT reason_check CHECK ((moves OR (more_from IS NOT NULL) OR (fewer_to IS NOT NULL))),
    CONSTRAINT reason_check1 CHECK (((words <> ''::text) OR built_in)),
    CONSTRAINT reason_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9_-]{0,39}$'::text)),
    CONSTRAINT reason_fewer_to_check CHECK ((fewer_to = ANY (ARRAY['adjustment'::inventory.bucket, 'scrapped'::inventory.bucket, 'supplier'::inventory.bucket, 'customer'::inventory.bucket]))),
    CONSTRAINT reason_more_from_check CHECK ((more_from = ANY (ARRAY['adjustment'::inventory.bucket, 'supplier'::inventory.bucket, 'customer'::inventory.bucket])))
);

CREATE TABLE inventory.receipt (
    id uuid NOT NULL,
    location_id uuid NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    actor_id uuid NOT NULL,
    version bigint DEFAULT 1 NOT NULL
);

CREATE TABLE inventory.receipt_line (
    receipt_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    qty bigint NOT NULL,
    expected_id uuid,
    CONSTRAINT receipt_line_qty_check CHECK ((qty > 0))
);

CREATE TABLE inventory.recipe_part (
    item_id uuid NOT NULL,
    line_no integer NOT NULL,
    part_item_id uuid NOT NULL,
    per_unit bigint NOT NULL,
    CONSTRAINT recipe_part_check CHECK ((part_item_id <> item_id)),
    CONSTRAINT recipe_part_line_no_check CHECK ((line_no > 0)),
    CONSTRAINT recipe_part_per_unit_check CHECK ((per_unit > 0))
);

CREATE TABLE inventory.replenishment (
    id uuid NOT NULL,
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    bin text NOT NULL COLLATE pg_catalog."C",
    units bigint NOT NULL,
    moved bigint DEFAULT 0 NOT NULL,
    urgent boolean NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT replenishment_moved_check CHECK ((moved >= 0)),
    CONSTRAINT replenishment_units_check CHECK ((units > 0))
);

CREATE TABLE inventory.reservation (
    holder_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    qty bigint NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT reservation_qty_check CHECK ((qty > 0))
);

CREATE TABLE inventory.stock (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    on_hand bigint DEFAULT 0 NOT NULL,
    available bigint DEFAULT 0 NOT NULL,
    reserved bigint DEFAULT 0 NOT NULL,
    picked bigint DEFAULT 0 NOT NULL,
    quality_control bigint DEFAULT 0 NOT NULL,
    damaged bigint DEFAULT 0 NOT NULL,
    safety bigint DEFAULT 0 NOT NULL,
    incoming bigint DEFAULT 0 NOT NULL,
    in_transit bigint DEFAULT 0 NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    CONSTRAINT stock_available_check CHECK ((available >= 0)),
    CONSTRAINT stock_check CHECK ((on_hand = (((((available + reserved) + picked) + quality_control) + damaged) + safety))),
    CONSTRAINT stock_damaged_check CHECK ((damaged >= 0)),
    CONSTRAINT stock_in_transit_check CHECK ((in_transit >= 0)),
    CONSTRAINT stock_incoming_check CHECK ((incoming >= 0)),
    CONSTRAINT stock_picked_check CHECK ((picked >= 0)),
    CONSTRAINT stock_quality_control_check CHECK ((quality_control >= 0)),
    CONSTRAINT stock_reserved_check CHECK ((reserved >= 0)),
    CONSTRAINT stock_safety_check CHECK ((safety >= 0))
)
WITH (fillfactor='70');

CREATE TABLE inventory.stock_hold (
    id uuid NOT NULL,
    channel_id uuid,
    reason text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    version bigint DEFAULT 1 NOT NULL,
    lines jsonb DEFAULT '[]'::jsonb NOT NULL,
    units integer DEFAULT 0 NOT NULL,
    shopper bytea,
    contact text DEFAULT ''::text NOT NULL,
    ended_why text COLLATE pg_catalog."C",
    order_id uuid,
    kind text DEFAULT 'cart'::text NOT NULL COLLATE pg_catalog."C",
    customer_group text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    from_kept jsonb DEFAULT '[]'::jsonb NOT NULL,
    consent boolean DEFAULT false NOT NULL,
    link text DEFAULT ''::text NOT NULL,
    mailed_at timestamp with time zone,
    CONSTRAINT stock_hold_check CHECK (((order_id IS NULL) OR (ended_why = 'completed'::text))),
    CONSTRAINT stock_hold_check1 CHECK (((ended_why IS NULL) OR (ended_at IS NOT NULL))),
    CONSTRAINT stock_hold_ended_why_check CHECK ((ended_why = ANY (ARRAY['released'::text, 'expired'::text, 'count'::text, 'completed'::text]))),
    CONSTRAINT stock_hold_for_whom CHECK ((((kind = 'channel'::text) OR (customer_group = ''::text)) AND ((channel_id IS NOT NULL) OR (customer_group <> ''::text)))),
    CONSTRAINT stock_hold_from_kept CHECK (((kind = 'cart'::text) OR (from_kept = '[]'::jsonb))),
    CONSTRAINT stock_hold_kind_check CHECK ((kind = ANY (ARRAY['cart'::text, 'channel'::text]))),
    CONSTRAINT stock_hold_units_check CHECK ((units >= 0))
);

CREATE TABLE inventory.stock_limit (
    id uuid NOT NULL,
    item_id uuid,
    location_id uuid,
    together boolean DEFAULT false NOT NULL,
    low_by text COLLATE pg_catalog."C",
    low_at integer,
    over_days integer,
    CONSTRAINT stock_limit_check CHECK (((NOT together) OR ((location_id IS NULL) AND (over_days IS NULL)))),
    CONSTRAINT stock_limit_check1 CHECK ((COALESCE((low_by = ANY (ARRAY['units'::text, 'days'::text])), false) = (low_at IS NOT NULL))),
    CONSTRAINT stock_limit_check2 CHECK (((low_by IS NOT NULL) OR (over_days IS NOT NULL))),
    CONSTRAINT stock_limit_low_at_check CHECK ((low_at >= 0)),
    CONSTRAINT stock_limit_low_by_check CHECK ((low_by = ANY (ARRAY['units'::text, 'days'::text, 'off'::text]))),
    CONSTRAINT stock_limit_over_days_check CHECK (((over_days >= 1) AND (over_days <= 3650)))
);

CREATE TABLE inventory.transfer (
    id uuid NOT NULL,
    number bigint NOT NULL,
    from_location_id uuid NOT NULL,
    to_location_id uuid NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    reference text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    expected_on date,
    created_at timestamp with time zone NOT NULL,
    created_by uuid NOT NULL,
    shipped_at timestamp with time zone,
    ended_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT transfer_check CHECK ((to_location_id <> from_location_id)),
    CONSTRAINT transfer_check1 CHECK (((state = ANY (ARRAY['draft'::text, 'requested'::text, 'cancelled'::text])) = (shipped_at IS NULL))),
    CONSTRAINT transfer_check2 CHECK (((state = ANY (ARRAY['received'::text, 'cancelled'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT transfer_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'requested'::text, 'shipped'::text, 'partly_received'::text, 'received'::text, 'cancelled'::text])))
);

CREATE TABLE inventory.transfer_line (
    transfer_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    requested bigint NOT NULL,
    shipped bigint DEFAULT 0 NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    damaged bigint DEFAULT 0 NOT NULL,
    surplus bigint DEFAULT 0 NOT NULL,
    missing bigint DEFAULT 0 NOT NULL,
    CONSTRAINT transfer_line_check CHECK (((shipped >= 0) AND (shipped <= requested))),
    CONSTRAINT transfer_line_check1 CHECK ((((received + damaged) + missing) <= shipped)),
    CONSTRAINT transfer_line_damaged_check CHECK ((damaged >= 0)),
    CONSTRAINT transfer_line_line_no_check CHECK ((line_no > 0)),
    CONSTRAINT transfer_line_missing_check CHECK ((missing >= 0)),
    CONSTRAINT transfer_line_received_check CHECK ((received >= 0)),
    CONSTRAINT transfer_line_requested_check CHECK ((requested > 0)),
    CONSTRAINT transfer_line_surplus_check CHECK ((surplus >= 0))
);

CREATE TABLE inventory.transfer_lot (
    transfer_id uuid NOT NULL,
    line_no integer NOT NULL,
    lot_id uuid NOT NULL,
    shipped bigint NOT NULL,
    arrived bigint DEFAULT 0 NOT NULL,
    missing bigint DEFAULT 0 NOT NULL,
    CONSTRAINT transfer_lot_arrived_check CHECK ((arrived >= 0)),
    CONSTRAINT transfer_lot_check CHECK (((arrived + missing) <= shipped)),
    CONSTRAINT transfer_lot_missing_check CHECK ((missing >= 0)),
    CONSTRAINT transfer_lot_shipped_check CHECK ((shipped > 0))
);

CREATE SEQUENCE inventory.transfer_number
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE listings.order_entry (
    order_id uuid NOT NULL,
    version bigint NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    number bigint NOT NULL,
    promised_on date NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    total_minor bigint NOT NULL,
    awaited boolean NOT NULL,
    doc tsvector NOT NULL
);

CREATE TABLE listings.promise_score (
    month date NOT NULL,
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    tariff text NOT NULL COLLATE pg_catalog."C",
    basis text NOT NULL COLLATE pg_catalog."C",
    parts bigint NOT NULL,
    kept bigint NOT NULL,
    broken bigint NOT NULL,
    unknown bigint NOT NULL,
    stated bigint NOT NULL,
    CONSTRAINT promise_score_basis_check CHECK ((basis = ANY (ARRAY['learned'::text, 'calendar'::text]))),
    CONSTRAINT promise_score_broken_check CHECK ((broken >= 0)),
    CONSTRAINT promise_score_check CHECK ((parts = ((kept + broken) + unknown))),
    CONSTRAINT promise_score_kept_check CHECK ((kept >= 0)),
    CONSTRAINT promise_score_month_check CHECK ((month = date_trunc('month'::text, (month)::timestamp with time zone))),
    CONSTRAINT promise_score_stated_check CHECK ((stated >= 0)),
    CONSTRAINT promise_score_unknown_check CHECK ((unknown >= 0))
);

CREATE TABLE listings.quarter_figure (
    quarter timestamp with time zone NOT NULL,
    what text NOT NULL COLLATE pg_catalog."C",
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    times bigint NOT NULL,
    units bigint NOT NULL,
    amount_minor bigint NOT NULL,
    unrated bigint NOT NULL,
    CONSTRAINT quarter_figure_what_check CHECK ((what = ANY (ARRAY['placed'::text, 'assigned'::text, 'shipped'::text, 'delivered'::text, 'returned'::text])))
);

CREATE TABLE listings.sold_day (
    item_id uuid NOT NULL,
    location_id uuid NOT NULL,
    day date NOT NULL,
    units bigint NOT NULL,
    CONSTRAINT sold_day_units_check CHECK ((units > 0))
);

CREATE TABLE listings.term_reach (
    term text NOT NULL COLLATE pg_catalog."C",
    first_day integer NOT NULL,
    last_day integer NOT NULL,
    CONSTRAINT term_reach_check CHECK ((first_day <= last_day))
);

CREATE TABLE locations.bin (
    location_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    walk_order integer DEFAULT 0 NOT NULL,
    purpose text DEFAULT 'pick'::text NOT NULL COLLATE pg_catalog."C",
    capacity_ml bigint,
    capacity_units bigint,
    CONSTRAINT bin_capacity_ml_check CHECK ((capacity_ml > 0)),
    CONSTRAINT bin_capacity_units_check CHECK ((capacity_units > 0)),
    CONSTRAINT bin_purpose_check CHECK ((purpose = ANY (ARRAY['pick'::text, 'reserve'::text, 'receiving'::text, 'quality'::text])))
);

CREATE TABLE locations.bin_item (
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    bin text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE locations.location (
    id uuid NOT NULL,
    no integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    address jsonb NOT NULL,
    country text NOT NULL COLLATE pg_catalog."C",
    latitude double precision,
    longitude double precision,
    time_zone text NOT NULL,
    market text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    owner text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    can_ship boolean NOT NULL,
    can_pickup boolean NOT NULL,
    capacity_daily integer,
    priority integer DEFAULT 1 NOT NULL,
    working_days integer DEFAULT 127 NOT NULL,
    holidays date[] DEFAULT '{}'::date[] NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    capabilities text[] DEFAULT '{}'::text[] NOT NULL,
    calendar text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    opens_at text DEFAULT '00:00'::text NOT NULL COLLATE pg_catalog."C",
    cut_off text COLLATE pg_catalog."C",
    pick_minutes integer DEFAULT 0 NOT NULL,
    capacity_unit text DEFAULT 'orders'::text NOT NULL COLLATE pg_catalog."C",
    closes_at text COLLATE pg_catalog."C",
    units_hourly integer,
    answer_hours integer,
    withdraw_hours integer DEFAULT 24 NOT NULL,
    ship_hours integer DEFAULT 48 NOT NULL,
    partner_email text DEFAULT ''::text NOT NULL,
    takes_brought boolean DEFAULT true NOT NULL,
    CONSTRAINT location_answer_hours_check CHECK (((answer_hours >= 1) AND (answer_hours <= 720))),
    CONSTRAINT location_capacity_daily_check CHECK ((capacity_daily >= 0)),
    CONSTRAINT location_capacity_unit_check CHECK ((capacity_unit = ANY (ARRAY['orders'::text, 'lines'::text, 'units'::text]))),
    CONSTRAINT location_check CHECK ((closes_at > opens_at)),
    CONSTRAINT location_closes_at_check CHECK ((closes_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
    CONSTRAINT location_cut_off_check CHECK ((cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
    CONSTRAINT location_kind_check CHECK ((kind = ANY (ARRAY['warehouse'::text, 'store'::text, '3pl'::text, 'supplier'::text, 'history'::text]))),
    CONSTRAINT location_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
    CONSTRAINT location_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision))),
    CONSTRAINT location_opens_at_check CHECK ((opens_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'::text)),
    CONSTRAINT location_partner CHECK (((answer_hours IS NULL) OR (kind = ANY (ARRAY['3pl'::text, 'supplier'::text])))),
    CONSTRAINT location_pick_minutes_check CHECK (((pick_minutes >= 0) AND (pick_minutes <= 10080))),
    CONSTRAINT location_priority_check CHECK (((priority >= 1) AND (priority <= 1000))),
    CONSTRAINT location_ship_hours_check CHECK (((ship_hours >= 1) AND (ship_hours <= 2160))),
    CONSTRAINT location_units_hourly_check CHECK (((units_hourly >= 1) AND (units_hourly <= 1000000))),
    CONSTRAINT location_withdraw_hours_check CHECK (((withdraw_hours >= 1) AND (withdraw_hours <= 720))),
    CONSTRAINT location_working_days_check CHECK (((working_days >= 0) AND (working_days <= 127)))
);

ALTER TABLE locations.location ALTER COLUMN no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME locations.location_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE locations.postal_code (
    country text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    latitude real NOT NULL,
    longitude real NOT NULL
);

CREATE TABLE locations.slot (
    location_id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    weekdays integer NOT NULL,
    starts text NOT NULL COLLATE pg_catalog."C",
    ends text NOT NULL COLLATE pg_catalog."C",
    places integer NOT NULL,
    cut_off_minutes integer NOT NULL,
    active boolean NOT NULL,
    CONSTRAINT slot_check CHECK ((starts < ends)),
    CONSTRAINT slot_cut_off_minutes_check CHECK (((cut_off_minutes >= 0) AND (cut_off_minutes <= 10080))),
    CONSTRAINT slot_places_check CHECK (((places >= 1) AND (places <= 200))),
    CONSTRAINT slot_weekdays_check CHECK (((weekdays >= 1) AND (weekdays <= 127)))
);

CREATE TABLE locations.zone (
    location_id uuid NOT NULL,
    name text NOT NULL,
    country text NOT NULL COLLATE pg_catalog."C",
    postal_codes text[] NOT NULL,
    radius_km integer,
    active boolean NOT NULL,
    CONSTRAINT zone_check CHECK (((radius_km IS NOT NULL) OR (cardinality(postal_codes) > 0))),
    CONSTRAINT zone_radius_km_check CHECK (((radius_km >= 1) AND (radius_km <= 500)))
);

CREATE TABLE notifications.channel_mails (
    channel_id uuid NOT NULL,
    kinds text[] NOT NULL,
    locale text NOT NULL COLLATE pg_catalog."C",
    contact text NOT NULL,
    logo text NOT NULL,
    accent text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    cart_hours integer,
    cart_link text DEFAULT ''::text NOT NULL,
    CONSTRAINT channel_mails_cart_hours_check CHECK (((cart_hours >= 1) AND (cart_hours <= 720)))
);

CREATE TABLE notifications.mail (
    id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    order_id uuid,
    recipient text NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text NOT NULL,
    reply_to text DEFAULT ''::text NOT NULL,
    sender_name text DEFAULT ''::text NOT NULL,
    locale text NOT NULL COLLATE pg_catalog."C",
    author text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    due_at timestamp with time zone,
    expires_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    CONSTRAINT mail_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT mail_check CHECK (((state = 'waiting'::text) = (due_at IS NOT NULL))),
    CONSTRAINT mail_check1 CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL))),
    CONSTRAINT mail_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);

CREATE TABLE notifications.template (
    kind text NOT NULL COLLATE pg_catalog."C",
    locale text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT template_version_check CHECK ((version > 0))
);

CREATE TABLE notifications.tracking_link (
    token text NOT NULL COLLATE pg_catalog."C",
    order_id uuid NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT tracking_link_token_check CHECK ((length(token) >= 32))
);

CREATE TABLE orders.adjustment (
    order_id uuid NOT NULL,
    adjustment_no integer NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    amount_minor bigint NOT NULL,
    tax_minor bigint DEFAULT 0 NOT NULL,
    taxes jsonb,
    CONSTRAINT adjustment_kind_check CHECK ((kind = ANY (ARRAY['discount'::text, 'shipping'::text, 'fee'::text, 'rounding'::text])))
);

CREATE TABLE orders.assignment (
    order_id uuid NOT NULL,
    user_id uuid NOT NULL,
    assigned_at timestamp with time zone NOT NULL
);

CREATE TABLE orders.choice (
    order_id uuid NOT NULL,
    choice_no integer NOT NULL,
    location_id uuid NOT NULL,
    cause text NOT NULL COLLATE pg_catalog."C",
    offered_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decision text COLLATE pg_catalog."C",
    chosen_location_id uuid,
    CONSTRAINT choice_check CHECK (((decided_at IS NULL) = (decision IS NULL))),
    CONSTRAINT choice_check1 CHECK (((chosen_location_id IS NOT NULL) = (NOT (decision IS DISTINCT FROM 'pickup'::text)))),
    CONSTRAINT choice_choice_no_check CHECK ((choice_no > 0)),
    CONSTRAINT choice_decision_check CHECK ((decision = ANY (ARRAY['pickup'::text, 'ship'::text, 'cancel'::text, 'cancel_missing'::text])))
);

CREATE TABLE orders.external_id (
    channel_id uuid NOT NULL,
    external_key text NOT NULL COLLATE pg_catalog."C",
    order_id uuid NOT NULL,
    fingerprint bytea NOT NULL
);

CREATE TABLE orders.file (
    order_id uuid NOT NULL,
    file_no integer NOT NULL,
    note_no integer,
    name text NOT NULL,
    media_type text NOT NULL COLLATE pg_catalog."C",
    size_bytes bigint NOT NULL,
    width integer,
    height integer,
    author_id uuid NOT NULL,
    author text NOT NULL,
    at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    CONSTRAINT file_check CHECK (((width IS NULL) = (height IS NULL))),
    CONSTRAINT file_check1 CHECK (((removed_at IS NULL) OR (name = ''::text))),
    CONSTRAINT file_file_no_check CHECK ((file_no > 0)),
    CONSTRAINT file_height_check CHECK ((height > 0)),
    CONSTRAINT file_size_bytes_check CHECK (((size_bytes >= 1) AND (size_bytes <= 20000000))),
    CONSTRAINT file_width_check CHECK ((width > 0))
);

CREATE TABLE orders.file_chunk (
    order_id uuid NOT NULL,
    file_no integer NOT NULL,
    chunk_no integer NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT file_chunk_body_check CHECK (((octet_length(body) >= 1) AND (octet_length(body) <= 1000000))),
    CONSTRAINT file_chunk_chunk_no_check CHECK ((chunk_no >= 0))
);
ALTER TABLE ONLY orders.file_chunk ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE orders.hold (
    order_id uuid NOT NULL,
    hold_no integer NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    note text DEFAULT ''::text NOT NULL,
    owner_id uuid,
    release_at timestamp with time zone,
    placed_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone
);

CREATE TABLE orders.line (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid,
    sku text NOT NULL,
    title text NOT NULL,
    item_kind text NOT NULL COLLATE pg_catalog."C",
    unit_price numeric(18,6) NOT NULL,
    gross_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    taxes jsonb,
    pinned_location_id uuid,
    ordered bigint NOT NULL,
    cancelled bigint DEFAULT 0 NOT NULL,
    open bigint DEFAULT 0 NOT NULL,
    backordered bigint DEFAULT 0 NOT NULL,
    reserved bigint DEFAULT 0 NOT NULL,
    released bigint DEFAULT 0 NOT NULL,
    picked bigint DEFAULT 0 NOT NULL,
    packed bigint DEFAULT 0 NOT NULL,
    shipped bigint DEFAULT 0 NOT NULL,
    completed bigint DEFAULT 0 NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL,
    return_requested bigint DEFAULT 0 NOT NULL,
    returned bigint DEFAULT 0 NOT NULL,
    restocked bigint DEFAULT 0 NOT NULL,
    written_off bigint DEFAULT 0 NOT NULL,
    CONSTRAINT line_backordered_check CHECK ((backordered >= 0)),
    CONSTRAINT line_cancelled_check CHECK ((cancelled >= 0)),
    CONSTRAINT line_check CHECK (((delivered >= 0) AND (delivered <= shipped))),
    CONSTRAINT line_check1 CHECK (((return_requested >= 0) AND (return_requested <= shipped))),
    CONSTRAINT line_check2 CHECK (((returned >= 0) AND (returned <= shipped))),
    CONSTRAINT line_check3 CHECK ((ordered = ((((((((cancelled + open) + backordered) + reserved) + released) + picked) + packed) + shipped) + completed))),
    CONSTRAINT line_check4 CHECK (((restocked + written_off) <= returned)),
    CONSTRAINT line_completed_check CHECK ((completed >= 0)),
    CONSTRAINT line_item_kind_check CHECK ((item_kind = ANY (ARRAY['stocked'::text, 'kit'::text, 'service'::text, 'custom'::text]))),
    CONSTRAINT line_line_no_check CHECK ((line_no > 0)),
    CONSTRAINT line_open_check CHECK ((open >= 0)),
    CONSTRAINT line_ordered_check CHECK ((ordered > 0)),
    CONSTRAINT line_packed_check CHECK ((packed >= 0)),
    CONSTRAINT line_picked_check CHECK ((picked >= 0)),
    CONSTRAINT line_released_check CHECK ((released >= 0)),
    CONSTRAINT line_reserved_check CHECK ((reserved >= 0)),
    CONSTRAINT line_restocked_check CHECK ((restocked >= 0)),
    CONSTRAINT line_shipped_check CHECK ((shipped >= 0)),
    CONSTRAINT line_written_off_check CHECK ((written_off >= 0))
)
WITH (fillfactor='80');

CREATE TABLE orders.line_component (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    per_kit integer NOT NULL,
    CONSTRAINT line_component_per_kit_check CHECK ((per_kit > 0))
);

CREATE TABLE orders.line_date (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    not_before date,
    requested_on date,
    latest_on date,
    late boolean DEFAULT false NOT NULL,
    CONSTRAINT line_date_check CHECK ((num_nonnulls(not_before, requested_on, latest_on) > 0)),
    CONSTRAINT line_date_check1 CHECK ((not_before <= requested_on)),
    CONSTRAINT line_date_check2 CHECK ((requested_on <= latest_on)),
    CONSTRAINT line_date_check3 CHECK ((not_before <= latest_on))
);

CREATE TABLE orders.line_deadline (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    cancel_after date NOT NULL
);

CREATE TABLE orders.line_preorder (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    per_unit bigint NOT NULL,
    released_on date NOT NULL,
    CONSTRAINT line_preorder_per_unit_check CHECK ((per_unit > 0))
);

CREATE TABLE orders.line_supply (
    order_id uuid NOT NULL,
    line_no integer NOT NULL,
    expected_on date NOT NULL
);

CREATE TABLE orders.mention (
    order_id uuid NOT NULL,
    note_no integer NOT NULL,
    user_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone
);

CREATE TABLE orders.note (
    order_id uuid NOT NULL,
    note_no integer NOT NULL,
    author_id uuid NOT NULL,
    author text NOT NULL,
    at timestamp with time zone NOT NULL,
    body text NOT NULL
);

CREATE SEQUENCE orders.number
    START WITH 1001
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE orders.party (
    order_id uuid NOT NULL,
    role text NOT NULL COLLATE pg_catalog."C",
    email text DEFAULT ''::text NOT NULL,
    address jsonb NOT NULL,
    CONSTRAINT party_role_check CHECK ((role = ANY (ARRAY['ship_to'::text, 'bill_to'::text])))
);

CREATE TABLE orders.refusal (
    order_id uuid NOT NULL,
    location_id uuid NOT NULL,
    fo_no integer NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL
);

CREATE TABLE orders.sales_order (
    id uuid NOT NULL,
    number bigint NOT NULL,
    channel_id uuid NOT NULL,
    external_id text,
    customer_id uuid,
    mode text NOT NULL COLLATE pg_catalog."C",
    kind text DEFAULT 'standard'::text NOT NULL COLLATE pg_catalog."C",
    code text,
    delivery text NOT NULL COLLATE pg_catalog."C",
    pickup_location_id uuid,
    country text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    tax_included boolean NOT NULL,
    rounding text NOT NULL COLLATE pg_catalog."C",
    items_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    shipping_minor bigint NOT NULL,
    fees_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    base_currency text NOT NULL COLLATE pg_catalog."C",
    rate numeric(20,10),
    rate_on date,
    base_total_minor bigint,
    life text NOT NULL COLLATE pg_catalog."C",
    fulfilment text NOT NULL COLLATE pg_catalog."C",
    money text NOT NULL COLLATE pg_catalog."C",
    return_state text NOT NULL COLLATE pg_catalog."C",
    backordered boolean NOT NULL,
    promised_on date,
    placed_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT sales_order_check CHECK ((total_minor = (((((items_minor - discount_minor) + shipping_minor) + fees_minor) +
CASE
    WHEN tax_included THEN (0)::bigint
    ELSE tax_minor
END) + rounding_minor))),
    CONSTRAINT sales_order_delivery_check CHECK ((delivery = ANY (ARRAY['ship'::text, 'pickup'::text, 'local'::text]))),
    CONSTRAINT sales_order_fulfilment_check CHECK ((fulfilment = ANY (ARRAY['unfulfilled'::text, 'scheduled'::text, 'on_hold'::text, 'in_progress'::text, 'partially_fulfilled'::text, 'fulfilled'::text]))),
    CONSTRAINT sales_order_life_check CHECK ((life = ANY (ARRAY['draft'::text, 'open'::text, 'cancelled'::text, 'closed'::text]))),
    CONSTRAINT sales_order_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'history'::text]))),
    CONSTRAINT sales_order_money_check CHECK ((money = ANY (ARRAY['pending'::text, 'authorized'::text, 'partially_paid'::text, 'paid'::text, 'overpaid'::text, 'partially_refunded'::text, 'refunded'::text, 'voided'::text]))),
    CONSTRAINT sales_order_return_state_check CHECK ((return_state = ANY (ARRAY['none'::text, 'requested'::text, 'in_progress'::text, 'returned'::text])))
)
WITH (fillfactor='80');

CREATE TABLE orders.tag (
    tag text NOT NULL COLLATE pg_catalog."C",
    order_id uuid NOT NULL
);

CREATE TABLE payments.expectation (
    order_id uuid NOT NULL,
    method text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    amount_minor bigint NOT NULL,
    due_on date,
    state text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT expectation_state_check CHECK ((state = ANY (ARRAY['expected'::text, 'settled'::text, 'dropped'::text])))
);

CREATE TABLE platform.account_link (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    ends_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT account_link_kind_check CHECK ((kind = ANY (ARRAY['invitation'::text, 'reset'::text])))
);

CREATE TABLE platform.api_key (
    id uuid NOT NULL,
    name text NOT NULL,
    permissions text[] NOT NULL,
    channel_ids uuid[],
    location_ids uuid[],
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone
);

CREATE TABLE platform.api_key_secret (
    key_hash bytea NOT NULL,
    key_id uuid NOT NULL
);

CREATE TABLE platform.app_user (
    id uuid NOT NULL,
    email text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    permissions text[] NOT NULL,
    channel_ids uuid[],
    location_ids uuid[],
    locale text DEFAULT 'en'::text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    role_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    extra_permissions text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE TABLE platform.event (
    stream_id uuid NOT NULL,
    seq bigint NOT NULL,
    stream text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    version smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor_id uuid NOT NULL,
    request_id text COLLATE pg_catalog."C",
    body jsonb NOT NULL,
    CONSTRAINT event_seq_check CHECK ((seq > 0))
);

CREATE TABLE platform.feed (
    "position" bigint NOT NULL,
    stream_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE platform.follower (
    name text NOT NULL COLLATE pg_catalog."C",
    "position" bigint DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE platform.idempotency (
    actor_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    answer text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE platform.installation (
    one boolean DEFAULT true NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT installation_kind_check CHECK ((kind = ANY (ARRAY['production'::text, 'demo'::text, 'bench'::text, 'test'::text]))),
    CONSTRAINT installation_one_check CHECK (one)
);

CREATE TABLE platform.login_attempt (
    subject text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone DEFAULT now() NOT NULL,
    ok boolean NOT NULL
);

CREATE TABLE platform.parked_event (
    follower text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    stream_id uuid NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    retry_at timestamp with time zone,
    gave_up boolean DEFAULT false NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    CONSTRAINT parked_event_check CHECK ((NOT (gave_up AND (retry_at IS NOT NULL))))
);

CREATE TABLE platform.pending (
    id bigint NOT NULL,
    stream_ids uuid[] NOT NULL,
    seqs bigint[] NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_insert_threshold='-1');

ALTER TABLE platform.pending ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME platform.pending_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE platform.recovery_code (
    user_id uuid NOT NULL,
    code_hash bytea NOT NULL
);

CREATE TABLE platform.revision (
    kind text NOT NULL COLLATE pg_catalog."C",
    n bigint DEFAULT 0 NOT NULL
);

CREATE TABLE platform.role (
    id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    permissions text[] NOT NULL,
    built_in boolean DEFAULT false NOT NULL,
    second_factor boolean DEFAULT false NOT NULL,
    active boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE platform.schedule (
    job text NOT NULL COLLATE pg_catalog."C",
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    error text,
    started_at timestamp with time zone,
    ran_at timestamp with time zone
);

CREATE TABLE platform.seal (
    no bigint NOT NULL,
    last_position bigint NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT seal_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT seal_no_check CHECK ((no > 0))
);

CREATE TABLE platform.session (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    csrf_token text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    device text DEFAULT ''::text NOT NULL
);

CREATE TABLE platform.sign_in_step (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    ends_at timestamp with time zone NOT NULL
);

CREATE TABLE platform.user_factor (
    user_id uuid NOT NULL,
    secret text NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE platform.user_secret (
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE platform.wall (
    one boolean DEFAULT true NOT NULL,
    fingerprint text NOT NULL,
    CONSTRAINT wall_one_check CHECK (one)
);

CREATE TABLE public.ordito_migration (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sourcing.decision (
    order_id uuid NOT NULL,
    decision_no integer NOT NULL,
    at timestamp with time zone NOT NULL,
    policy_id uuid NOT NULL,
    policy_version integer NOT NULL,
    cause text NOT NULL COLLATE pg_catalog."C",
    body jsonb NOT NULL
);

CREATE TABLE sourcing.delay_group (
    version integer NOT NULL,
    stage text NOT NULL COLLATE pg_catalog."C",
    location_id uuid,
    tariff text COLLATE pg_catalog."C",
    country text COLLATE pg_catalog."C",
    first integer NOT NULL,
    counts integer[] NOT NULL,
    observations integer NOT NULL,
    CONSTRAINT delay_group_counts_check CHECK (((cardinality(counts) >= 1) AND (cardinality(counts) <= 200))),
    CONSTRAINT delay_group_observations_check CHECK ((observations > 0)),
    CONSTRAINT delay_group_stage_check CHECK ((stage = ANY (ARRAY['dispatch'::text, 'transit'::text])))
);

CREATE TABLE sourcing.delay_model (
    version integer NOT NULL,
    learned_at timestamp with time zone NOT NULL,
    since date NOT NULL,
    until date NOT NULL,
    parts bigint NOT NULL,
    CONSTRAINT delay_model_check CHECK ((until >= since)),
    CONSTRAINT delay_model_parts_check CHECK ((parts >= 0))
);

CREATE TABLE sourcing.joint_group (
    plan_no integer NOT NULL,
    group_no integer NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    refusal text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    saving bigint NOT NULL,
    gained bigint NOT NULL,
    orders integer NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT joint_group_check CHECK (((state = 'refused'::text) = (refusal <> ''::text))),
    CONSTRAINT joint_group_gained_check CHECK ((gained >= 0)),
    CONSTRAINT joint_group_group_no_check CHECK ((group_no > 0)),
    CONSTRAINT joint_group_orders_check CHECK ((orders > 0)),
    CONSTRAINT joint_group_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'applied'::text, 'refused'::text])))
);

CREATE TABLE sourcing.joint_plan (
    plan_no integer NOT NULL,
    cause text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    made_at timestamp with time zone NOT NULL,
    made_by uuid NOT NULL,
    made_by_name text NOT NULL,
    applied_at timestamp with time zone,
    figures jsonb NOT NULL,
    CONSTRAINT joint_plan_cause_check CHECK ((cause = ANY (ARRAY['asked'::text, 'schedule'::text]))),
    CONSTRAINT joint_plan_check CHECK (((state = 'applied'::text) = (applied_at IS NOT NULL))),
    CONSTRAINT joint_plan_state_check CHECK ((state = ANY (ARRAY['preview'::text, 'applied'::text])))
);

CREATE SEQUENCE sourcing.joint_plan_no
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE sourcing.joint_schedule (
    only_one boolean DEFAULT true NOT NULL,
    every_minutes integer,
    ran_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT joint_schedule_every_minutes_check CHECK (((every_minutes >= 5) AND (every_minutes <= 1440))),
    CONSTRAINT joint_schedule_only_one_check CHECK (only_one)
);

CREATE TABLE sourcing.location_service (
    location_id uuid NOT NULL,
    tariff text NOT NULL COLLATE pg_catalog."C",
    weekdays integer NOT NULL,
    pickups text[] NOT NULL,
    CONSTRAINT location_service_pickups_check CHECK (((cardinality(pickups) >= 1) AND (cardinality(pickups) <= 24))),
    CONSTRAINT location_service_weekdays_check CHECK (((weekdays >= 1) AND (weekdays <= 127)))
);

CREATE TABLE sourcing.policy (
    id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sourcing.policy_version (
    policy_id uuid NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sourcing.replay (
    replay_no integer NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    policy_id uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    asked_by uuid NOT NULL,
    asked_by_name text NOT NULL,
    ask jsonb NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    total integer DEFAULT 0 NOT NULL,
    beat_at timestamp with time zone,
    finished_at timestamp with time zone,
    failure text DEFAULT ''::text NOT NULL,
    result jsonb,
    CONSTRAINT replay_check CHECK (((state = 'done'::text) = (result IS NOT NULL))),
    CONSTRAINT replay_check1 CHECK (((state = 'failed'::text) = (failure <> ''::text))),
    CONSTRAINT replay_check2 CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT replay_done_check CHECK ((done >= 0)),
    CONSTRAINT replay_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text]))),
    CONSTRAINT replay_total_check CHECK ((total >= 0))
);

CREATE SEQUENCE sourcing.replay_no
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE sourcing.rollout (
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    policy_id uuid NOT NULL,
    policy_version integer NOT NULL,
    candidate_id uuid NOT NULL,
    candidate_version integer NOT NULL,
    percent integer NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT rollout_check CHECK (((policy_id <> candidate_id) OR (policy_version <> candidate_version))),
    CONSTRAINT rollout_check1 CHECK (((state = 'running'::text) = (ended_at IS NULL))),
    CONSTRAINT rollout_check2 CHECK (((state = ANY (ARRAY['running'::text, 'adopted'::text])) = (percent > 0))),
    CONSTRAINT rollout_percent_check CHECK (((percent >= 0) AND (percent <= 100))),
    CONSTRAINT rollout_state_check CHECK ((state = ANY (ARRAY['running'::text, 'rolled_back'::text, 'stopped'::text, 'adopted'::text])))
);

CREATE TABLE sourcing.rollout_order (
    order_id uuid NOT NULL,
    rollout_id uuid NOT NULL,
    candidate boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    cost bigint NOT NULL,
    parcels integer NOT NULL,
    km integer NOT NULL,
    missing bigint NOT NULL,
    days integer,
    late integer,
    CONSTRAINT rollout_order_km_check CHECK ((km >= 0)),
    CONSTRAINT rollout_order_late_check CHECK ((late = ANY (ARRAY[0, 1]))),
    CONSTRAINT rollout_order_missing_check CHECK ((missing >= 0)),
    CONSTRAINT rollout_order_parcels_check CHECK ((parcels >= 0))
);

CREATE TABLE sourcing.rollout_refusal (
    rollout_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    drawn_by text NOT NULL COLLATE pg_catalog."C",
    candidate boolean NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE sourcing.tariff (
    id uuid NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sourcing.tariff_version (
    tariff_id uuid NOT NULL,
    version integer NOT NULL,
    body jsonb NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE uploads.job (
    id uuid NOT NULL,
    actor_kind text NOT NULL COLLATE pg_catalog."C",
    actor_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    file_name text NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    columns jsonb NOT NULL,
    mapping jsonb NOT NULL,
    options jsonb NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    phase text NOT NULL COLLATE pg_catalog."C",
    ran boolean DEFAULT false NOT NULL,
    total integer DEFAULT 0 NOT NULL,
    chunks_done integer DEFAULT 0 NOT NULL,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    problem jsonb,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT job_phase_check CHECK ((phase = ANY (ARRAY['read'::text, 'check'::text, 'run'::text, 'undo'::text]))),
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['read'::text, 'checking'::text, 'checked'::text, 'running'::text, 'stopped'::text, 'failed'::text, 'finished'::text, 'undoing'::text, 'undone'::text]))),
    CONSTRAINT job_total_check CHECK ((total >= 0))
);

CREATE TABLE uploads.layout (
    kind text NOT NULL COLLATE pg_catalog."C",
    headings_key text NOT NULL COLLATE pg_catalog."C",
    mapping jsonb NOT NULL,
    options jsonb NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE uploads."row" (
    job_id uuid NOT NULL,
    n integer NOT NULL,
    line integer NOT NULL,
    cells jsonb NOT NULL,
    key text COLLATE pg_catalog."C",
    damaged boolean NOT NULL,
    phase text DEFAULT 'read'::text NOT NULL COLLATE pg_catalog."C",
    outcome text COLLATE pg_catalog."C",
    changes jsonb,
    faults jsonb,
    thing_id uuid,
    CONSTRAINT row_outcome_check CHECK ((outcome = ANY (ARRAY['new'::text, 'changed'::text, 'same'::text, 'faulty'::text, 'undone'::text, 'kept'::text]))),
    CONSTRAINT row_phase_check CHECK ((phase = ANY (ARRAY['read'::text, 'check'::text, 'run'::text, 'undo'::text])))
);

CREATE TABLE webhooks.attempt (
    endpoint_id uuid NOT NULL,
    id uuid NOT NULL,
    "position" bigint NOT NULL,
    attempt integer NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    status smallint,
    ms integer NOT NULL,
    answer text NOT NULL,
    error text NOT NULL,
    CONSTRAINT attempt_attempt_check CHECK ((attempt > 0))
);

CREATE TABLE webhooks.endpoint (
    id uuid NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    kinds text[] NOT NULL,
    channel_ids uuid[],
    active boolean DEFAULT true NOT NULL,
    off_reason text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT endpoint_check CHECK (((off_reason = ANY (ARRAY[''::text, 'person'::text, 'gone'::text, 'failing'::text])) AND (active = (off_reason = ''::text)))),
    CONSTRAINT endpoint_kinds_check CHECK ((cardinality(kinds) > 0))
);

CREATE TABLE webhooks.endpoint_secret (
    endpoint_id uuid NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    ends_at timestamp with time zone
);

CREATE TABLE webhooks.message (
    endpoint_id uuid NOT NULL,
    "position" bigint NOT NULL,
    stream_id uuid NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    taken_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT message_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT message_check CHECK (((due_at IS NULL) OR (state = 'waiting'::text))),
    CONSTRAINT message_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'gave_up'::text])))
)
WITH (fillfactor='70');

CREATE TABLE webhooks.progress (
    endpoint_id uuid NOT NULL,
    "position" bigint NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    resume_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    lease uuid,
    leased_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT progress_check CHECK (((failures > 0) = (failing_since IS NOT NULL))),
    CONSTRAINT progress_position_check CHECK (("position" >= 0))
)
WITH (fillfactor='50');

ALTER TABLE ONLY catalog.barcode
    ADD CONSTRAINT barcode_pkey PRIMARY KEY (code_key);

ALTER TABLE ONLY catalog.item
    ADD CONSTRAINT item_pkey PRIMARY KEY (id);

ALTER TABLE ONLY catalog.item
    ADD CONSTRAINT item_sku_key_key UNIQUE (sku_key);

ALTER TABLE ONLY catalog.kit_part
    ADD CONSTRAINT kit_part_pkey PRIMARY KEY (kit_id, item_id);

ALTER TABLE ONLY catalog.release_channel
    ADD CONSTRAINT release_channel_pkey PRIMARY KEY (item_id, channel_id);

ALTER TABLE ONLY catalog.release
    ADD CONSTRAINT release_pkey PRIMARY KEY (item_id);

ALTER TABLE ONLY channels.channel
    ADD CONSTRAINT channel_code_key UNIQUE (code);

ALTER TABLE ONLY channels.channel
    ADD CONSTRAINT channel_pkey PRIMARY KEY (id);

ALTER TABLE ONLY channels.connection
    ADD CONSTRAINT connection_kind_domain_key UNIQUE (kind, domain);

ALTER TABLE ONLY channels.connection
    ADD CONSTRAINT connection_pkey PRIMARY KEY (channel_id);

ALTER TABLE ONLY channels.connection_secret
    ADD CONSTRAINT connection_secret_pkey PRIMARY KEY (channel_id);

ALTER TABLE ONLY channels.exchange_rate
    ADD CONSTRAINT exchange_rate_pkey PRIMARY KEY (base_currency, currency, valid_on);

ALTER TABLE ONLY channels.item_buffer
    ADD CONSTRAINT item_buffer_pkey PRIMARY KEY (channel_id, item_id);

ALTER TABLE ONLY channels.market
    ADD CONSTRAINT market_pkey PRIMARY KEY (code);

ALTER TABLE ONLY channels.order_link
    ADD CONSTRAINT order_link_pkey PRIMARY KEY (channel_id, shop_order);

ALTER TABLE ONLY channels.variant_link
    ADD CONSTRAINT variant_link_pkey PRIMARY KEY (channel_id, variant);

ALTER TABLE ONLY channels.write_back
    ADD CONSTRAINT write_back_order_id_no_key UNIQUE (order_id, no);

ALTER TABLE ONLY channels.write_back
    ADD CONSTRAINT write_back_pkey PRIMARY KEY (id);

ALTER TABLE ONLY customers.contact
    ADD CONSTRAINT contact_pkey PRIMARY KEY (kind, value_key);

ALTER TABLE ONLY customers.customer
    ADD CONSTRAINT customer_number_key UNIQUE (number);

ALTER TABLE ONLY customers.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY customers.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY desk.arrangement
    ADD CONSTRAINT arrangement_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY desk.export_part
    ADD CONSTRAINT export_part_pkey PRIMARY KEY (job_id, chunk);

ALTER TABLE ONLY desk.job_item
    ADD CONSTRAINT job_item_pkey PRIMARY KEY (job_id, n);

ALTER TABLE ONLY desk.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.saved_view
    ADD CONSTRAINT saved_view_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.watch
    ADD CONSTRAINT watch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY desk.watch_rule
    ADD CONSTRAINT watch_rule_id_key UNIQUE (id);

ALTER TABLE ONLY desk.watch_rule
    ADD CONSTRAINT watch_rule_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY fulfillment.backlog
    ADD CONSTRAINT backlog_pkey PRIMARY KEY (location_id);

ALTER TABLE ONLY fulfillment.cancellation_ask
    ADD CONSTRAINT cancellation_ask_pkey PRIMARY KEY (order_id, fo_no, ask_no);

ALTER TABLE ONLY fulfillment.daily_load
    ADD CONSTRAINT daily_load_pkey PRIMARY KEY (location_id, day);

ALTER TABLE ONLY fulfillment.forecast
    ADD CONSTRAINT forecast_pkey PRIMARY KEY (order_id, fo_no);

ALTER TABLE ONLY fulfillment.fulfillment_order
    ADD CONSTRAINT fulfillment_order_pkey PRIMARY KEY (order_id, fo_no);

ALTER TABLE ONLY fulfillment.line_lot
    ADD CONSTRAINT line_lot_pkey PRIMARY KEY (order_id, fo_no, line_no, item_id, lot_id);

ALTER TABLE ONLY fulfillment.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (order_id, fo_no, line_no, item_id);

ALTER TABLE ONLY fulfillment.pace
    ADD CONSTRAINT pace_pkey PRIMARY KEY (location_id);

ALTER TABLE ONLY fulfillment.parcel_line
    ADD CONSTRAINT parcel_line_pkey PRIMARY KEY (order_id, fo_no, parcel_no, line_no, item_id);

ALTER TABLE ONLY fulfillment.parcel_lot
    ADD CONSTRAINT parcel_lot_pkey PRIMARY KEY (order_id, fo_no, parcel_no, line_no, item_id, lot_id);

ALTER TABLE ONLY fulfillment.parcel
    ADD CONSTRAINT parcel_pkey PRIMARY KEY (order_id, fo_no, parcel_no);

ALTER TABLE ONLY fulfillment.promise
    ADD CONSTRAINT promise_pkey PRIMARY KEY (order_id, fo_no);

ALTER TABLE ONLY fulfillment.request
    ADD CONSTRAINT request_pkey PRIMARY KEY (order_id, fo_no);

ALTER TABLE ONLY fulfillment.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (order_id, fo_no);

ALTER TABLE ONLY fulfillment.slot_day
    ADD CONSTRAINT slot_day_pkey PRIMARY KEY (location_id, slot, on_day);

ALTER TABLE ONLY fulfillment.stop_attempt
    ADD CONSTRAINT stop_attempt_pkey PRIMARY KEY (order_id, attempt_no);

ALTER TABLE ONLY fulfillment.stop
    ADD CONSTRAINT stop_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY fulfillment.task
    ADD CONSTRAINT task_pkey PRIMARY KEY (id);

ALTER TABLE ONLY intake.booked_row
    ADD CONSTRAINT booked_row_pkey PRIMARY KEY (channel_id, row_key);

ALTER TABLE ONLY intake.charge
    ADD CONSTRAINT charge_pkey PRIMARY KEY (id);

ALTER TABLE ONLY intake.import_run
    ADD CONSTRAINT import_run_channel_id_fingerprint_key UNIQUE (channel_id, fingerprint);

ALTER TABLE ONLY intake.import_run
    ADD CONSTRAINT import_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY intake.message
    ADD CONSTRAINT message_channel_id_content_hash_key UNIQUE (channel_id, content_hash);

ALTER TABLE ONLY intake.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.assembly_made_lot
    ADD CONSTRAINT assembly_made_lot_pkey PRIMARY KEY (assembly_id, lot_id);

ALTER TABLE ONLY inventory.assembly
    ADD CONSTRAINT assembly_number_key UNIQUE (number);

ALTER TABLE ONLY inventory.assembly_part
    ADD CONSTRAINT assembly_part_assembly_id_item_id_key UNIQUE (assembly_id, item_id);

ALTER TABLE ONLY inventory.assembly_part_lot
    ADD CONSTRAINT assembly_part_lot_pkey PRIMARY KEY (assembly_id, line_no, lot_id);

ALTER TABLE ONLY inventory.assembly_part
    ADD CONSTRAINT assembly_part_pkey PRIMARY KEY (assembly_id, line_no);

ALTER TABLE ONLY inventory.assembly
    ADD CONSTRAINT assembly_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.bin_move
    ADD CONSTRAINT bin_move_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.bin_move
    ADD CONSTRAINT bin_move_undoes_key UNIQUE (undoes);

ALTER TABLE ONLY inventory.bin_stock
    ADD CONSTRAINT bin_stock_pkey PRIMARY KEY (item_id, location_id, bin);

ALTER TABLE ONLY inventory.binned
    ADD CONSTRAINT binned_pkey PRIMARY KEY (location_id);

ALTER TABLE ONLY inventory.count_limit
    ADD CONSTRAINT count_limit_pkey PRIMARY KEY (location_id);

ALTER TABLE ONLY inventory.cycle_count_line
    ADD CONSTRAINT cycle_count_line_count_id_item_id_key UNIQUE (count_id, item_id);

ALTER TABLE ONLY inventory.cycle_count_line
    ADD CONSTRAINT cycle_count_line_pkey PRIMARY KEY (count_id, line_no);

ALTER TABLE ONLY inventory.cycle_count
    ADD CONSTRAINT cycle_count_number_key UNIQUE (number);

ALTER TABLE ONLY inventory.cycle_count
    ADD CONSTRAINT cycle_count_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.endless_item
    ADD CONSTRAINT endless_item_pkey PRIMARY KEY (location_id, item_id);

ALTER TABLE ONLY inventory.expected_receipt
    ADD CONSTRAINT expected_receipt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.lot
    ADD CONSTRAINT lot_item_id_code_key_key UNIQUE (item_id, code_key);

ALTER TABLE ONLY inventory.lot
    ADD CONSTRAINT lot_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.lot_posting
    ADD CONSTRAINT lot_posting_pkey PRIMARY KEY (item_id, location_id, seq, lot_id);

ALTER TABLE ONLY inventory.lot_stock
    ADD CONSTRAINT lot_stock_pkey PRIMARY KEY (item_id, location_id, lot_id);

ALTER TABLE ONLY inventory.pick_level
    ADD CONSTRAINT pick_level_pkey PRIMARY KEY (location_id, item_id);

ALTER TABLE ONLY inventory.posting
    ADD CONSTRAINT posting_pkey PRIMARY KEY (item_id, location_id, seq);

ALTER TABLE ONLY inventory.reason
    ADD CONSTRAINT reason_id_key UNIQUE (id);

ALTER TABLE ONLY inventory.reason
    ADD CONSTRAINT reason_pkey PRIMARY KEY (code);

ALTER TABLE ONLY inventory.receipt_line
    ADD CONSTRAINT receipt_line_pkey PRIMARY KEY (receipt_id, line_no);

ALTER TABLE ONLY inventory.receipt
    ADD CONSTRAINT receipt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.recipe_part
    ADD CONSTRAINT recipe_part_item_id_part_item_id_key UNIQUE (item_id, part_item_id);

ALTER TABLE ONLY inventory.recipe_part
    ADD CONSTRAINT recipe_part_pkey PRIMARY KEY (item_id, line_no);

ALTER TABLE ONLY inventory.replenishment
    ADD CONSTRAINT replenishment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.reservation
    ADD CONSTRAINT reservation_pkey PRIMARY KEY (holder_id, line_no, item_id, location_id);

ALTER TABLE ONLY inventory.lot_stock
    ADD CONSTRAINT serial_is_in_one_place EXCLUDE USING btree (lot_id WITH =) WHERE ((serial AND (((((shelf + picked) + quality_control) + damaged) + in_transit) > 0))) DEFERRABLE;

ALTER TABLE ONLY inventory.stock_hold
    ADD CONSTRAINT stock_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.stock_limit
    ADD CONSTRAINT stock_limit_item_id_location_id_together_key UNIQUE NULLS NOT DISTINCT (item_id, location_id, together);

ALTER TABLE ONLY inventory.stock_limit
    ADD CONSTRAINT stock_limit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY inventory.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (item_id, location_id);

ALTER TABLE ONLY inventory.transfer_line
    ADD CONSTRAINT transfer_line_pkey PRIMARY KEY (transfer_id, line_no);

ALTER TABLE ONLY inventory.transfer_line
    ADD CONSTRAINT transfer_line_transfer_id_item_id_key UNIQUE (transfer_id, item_id);

ALTER TABLE ONLY inventory.transfer_lot
    ADD CONSTRAINT transfer_lot_pkey PRIMARY KEY (transfer_id, line_no, lot_id);

ALTER TABLE ONLY inventory.transfer
    ADD CONSTRAINT transfer_number_key UNIQUE (number);

ALTER TABLE ONLY inventory.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY listings.order_entry
    ADD CONSTRAINT order_entry_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY listings.promise_score
    ADD CONSTRAINT promise_score_pkey PRIMARY KEY (month, channel_id, location_id, tariff, basis);

ALTER TABLE ONLY listings.quarter_figure
    ADD CONSTRAINT quarter_figure_pkey PRIMARY KEY (quarter, what, channel_id, location_id, currency);

ALTER TABLE ONLY listings.sold_day
    ADD CONSTRAINT sold_day_pkey PRIMARY KEY (item_id, location_id, day);

ALTER TABLE ONLY listings.term_reach
    ADD CONSTRAINT term_reach_pkey PRIMARY KEY (term);

ALTER TABLE ONLY locations.bin_item
    ADD CONSTRAINT bin_item_pkey PRIMARY KEY (location_id, item_id, bin);

ALTER TABLE ONLY locations.bin
    ADD CONSTRAINT bin_pkey PRIMARY KEY (location_id, code);

ALTER TABLE ONLY locations.location
    ADD CONSTRAINT location_code_key UNIQUE (code);

ALTER TABLE ONLY locations.location
    ADD CONSTRAINT location_no_key UNIQUE (no);

ALTER TABLE ONLY locations.location
    ADD CONSTRAINT location_pkey PRIMARY KEY (id);

ALTER TABLE ONLY locations.postal_code
    ADD CONSTRAINT postal_code_pkey PRIMARY KEY (country, code);

ALTER TABLE ONLY locations.slot
    ADD CONSTRAINT slot_pkey PRIMARY KEY (location_id, code);

ALTER TABLE ONLY locations.zone
    ADD CONSTRAINT zone_pkey PRIMARY KEY (location_id, name);

ALTER TABLE ONLY notifications.channel_mails
    ADD CONSTRAINT channel_mails_pkey PRIMARY KEY (channel_id);

ALTER TABLE ONLY notifications.mail
    ADD CONSTRAINT mail_key_key UNIQUE (key);

ALTER TABLE ONLY notifications.mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY notifications.template
    ADD CONSTRAINT template_pkey PRIMARY KEY (kind, locale, version);

ALTER TABLE ONLY notifications.tracking_link
    ADD CONSTRAINT tracking_link_order_id_key UNIQUE (order_id);

ALTER TABLE ONLY notifications.tracking_link
    ADD CONSTRAINT tracking_link_pkey PRIMARY KEY (token);

ALTER TABLE ONLY orders.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (order_id, adjustment_no);

ALTER TABLE ONLY orders.assignment
    ADD CONSTRAINT assignment_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY orders.choice
    ADD CONSTRAINT choice_pkey PRIMARY KEY (order_id, choice_no);

ALTER TABLE ONLY orders.external_id
    ADD CONSTRAINT external_id_pkey PRIMARY KEY (channel_id, external_key);

ALTER TABLE ONLY orders.file_chunk
    ADD CONSTRAINT file_chunk_pkey PRIMARY KEY (order_id, file_no, chunk_no);

ALTER TABLE ONLY orders.file
    ADD CONSTRAINT file_pkey PRIMARY KEY (order_id, file_no);

ALTER TABLE ONLY orders.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (order_id, hold_no);

ALTER TABLE ONLY orders.line_component
    ADD CONSTRAINT line_component_pkey PRIMARY KEY (order_id, line_no, item_id);

ALTER TABLE ONLY orders.line_date
    ADD CONSTRAINT line_date_pkey PRIMARY KEY (order_id, line_no);

ALTER TABLE ONLY orders.line_deadline
    ADD CONSTRAINT line_deadline_pkey PRIMARY KEY (order_id, line_no);

ALTER TABLE ONLY orders.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (order_id, line_no);

ALTER TABLE ONLY orders.line_preorder
    ADD CONSTRAINT line_preorder_pkey PRIMARY KEY (order_id, line_no, item_id);

ALTER TABLE ONLY orders.line_supply
    ADD CONSTRAINT line_supply_pkey PRIMARY KEY (order_id, line_no);

ALTER TABLE ONLY orders.mention
    ADD CONSTRAINT mention_pkey PRIMARY KEY (order_id, note_no, user_id);

ALTER TABLE ONLY orders.note
    ADD CONSTRAINT note_pkey PRIMARY KEY (order_id, note_no);

ALTER TABLE ONLY orders.party
    ADD CONSTRAINT party_pkey PRIMARY KEY (order_id, role);

ALTER TABLE ONLY orders.refusal
    ADD CONSTRAINT refusal_pkey PRIMARY KEY (order_id, location_id);

ALTER TABLE ONLY orders.sales_order
    ADD CONSTRAINT sales_order_pkey PRIMARY KEY (id);

ALTER TABLE ONLY orders.tag
    ADD CONSTRAINT tag_pkey PRIMARY KEY (order_id, tag);

ALTER TABLE ONLY payments.expectation
    ADD CONSTRAINT expectation_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY platform.account_link
    ADD CONSTRAINT account_link_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY platform.account_link
    ADD CONSTRAINT account_link_user_id_kind_key UNIQUE (user_id, kind);

ALTER TABLE ONLY platform.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY platform.api_key_secret
    ADD CONSTRAINT api_key_secret_pkey PRIMARY KEY (key_hash);

ALTER TABLE ONLY platform.app_user
    ADD CONSTRAINT app_user_email_key UNIQUE (email);

ALTER TABLE ONLY platform.app_user
    ADD CONSTRAINT app_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY platform.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (stream_id, seq);

ALTER TABLE ONLY platform.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY platform.follower
    ADD CONSTRAINT follower_pkey PRIMARY KEY (name);

ALTER TABLE ONLY platform.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (actor_id, key);

ALTER TABLE ONLY platform.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (one);

ALTER TABLE ONLY platform.parked_event
    ADD CONSTRAINT parked_event_pkey PRIMARY KEY (follower, "position");

ALTER TABLE ONLY platform.pending
    ADD CONSTRAINT pending_pkey PRIMARY KEY (id);

ALTER TABLE ONLY platform.recovery_code
    ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (user_id, code_hash);

ALTER TABLE ONLY platform.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY platform.role
    ADD CONSTRAINT role_pkey PRIMARY KEY (id);

ALTER TABLE ONLY platform.schedule
    ADD CONSTRAINT schedule_pkey PRIMARY KEY (job);

ALTER TABLE ONLY platform.seal
    ADD CONSTRAINT seal_last_position_key UNIQUE (last_position);

ALTER TABLE ONLY platform.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (no);

ALTER TABLE ONLY platform.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY platform.sign_in_step
    ADD CONSTRAINT sign_in_step_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY platform.user_factor
    ADD CONSTRAINT user_factor_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY platform.user_secret
    ADD CONSTRAINT user_secret_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY platform.wall
    ADD CONSTRAINT wall_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.ordito_migration
    ADD CONSTRAINT ordito_migration_pkey PRIMARY KEY (version);

ALTER TABLE ONLY sourcing.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (order_id, decision_no);

ALTER TABLE ONLY sourcing.delay_group
    ADD CONSTRAINT delay_group_version_stage_location_id_tariff_country_key UNIQUE NULLS NOT DISTINCT (version, stage, location_id, tariff, country);

ALTER TABLE ONLY sourcing.delay_model
    ADD CONSTRAINT delay_model_pkey PRIMARY KEY (version);

ALTER TABLE ONLY sourcing.joint_group
    ADD CONSTRAINT joint_group_pkey PRIMARY KEY (plan_no, group_no);

ALTER TABLE ONLY sourcing.joint_plan
    ADD CONSTRAINT joint_plan_pkey PRIMARY KEY (plan_no);

ALTER TABLE ONLY sourcing.joint_schedule
    ADD CONSTRAINT joint_schedule_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY sourcing.location_service
    ADD CONSTRAINT location_service_pkey PRIMARY KEY (location_id, tariff);

ALTER TABLE ONLY sourcing.policy
    ADD CONSTRAINT policy_code_key UNIQUE (code);

ALTER TABLE ONLY sourcing.policy
    ADD CONSTRAINT policy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY sourcing.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (policy_id, version);

ALTER TABLE ONLY sourcing.replay
    ADD CONSTRAINT replay_pkey PRIMARY KEY (replay_no);

ALTER TABLE ONLY sourcing.rollout_order
    ADD CONSTRAINT rollout_order_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY sourcing.rollout
    ADD CONSTRAINT rollout_pkey PRIMARY KEY (id);

ALTER TABLE ONLY sourcing.rollout_refusal
    ADD CONSTRAINT rollout_refusal_pkey PRIMARY KEY (rollout_id, drawn_by);

ALTER TABLE ONLY sourcing.tariff
    ADD CONSTRAINT tariff_code_key UNIQUE (code);

ALTER TABLE ONLY sourcing.tariff
    ADD CONSTRAINT tariff_pkey PRIMARY KEY (id);

ALTER TABLE ONLY sourcing.tariff_version
    ADD CONSTRAINT tariff_version_pkey PRIMARY KEY (tariff_id, version);

ALTER TABLE ONLY uploads.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY uploads.layout
    ADD CONSTRAINT layout_pkey PRIMARY KEY (kind, headings_key);

ALTER TABLE ONLY uploads."row"
    ADD CONSTRAINT row_pkey PRIMARY KEY (job_id, n);

ALTER TABLE ONLY webhooks.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (endpoint_id, id);

ALTER TABLE ONLY webhooks.endpoint
    ADD CONSTRAINT endpoint_pkey PRIMARY KEY (id);

ALTER TABLE ONLY webhooks.endpoint_secret
    ADD CONSTRAINT endpoint_secret_pkey PRIMARY KEY (endpoint_id, secret);

ALTER TABLE ONLY webhooks.message
    ADD CONSTRAINT message_pkey PRIMARY KEY (endpoint_id, "position");

ALTER TABLE ONLY webhooks.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (endpoint_id);

CREATE INDEX barcode_item ON catalog.barcode USING btree (item_id);

CREATE INDEX item_tracked ON catalog.item USING btree (id) WHERE (tracking <> 'none'::text);

CREATE INDEX kit_part_item ON catalog.kit_part USING btree (item_id);

CREATE INDEX release_on ON catalog.release USING btree (released_on);

CREATE INDEX order_link_lines ON channels.order_link USING gin (lines);

CREATE UNIQUE INDEX order_link_order ON channels.order_link USING btree (order_id);

CREATE INDEX variant_link_stock ON channels.variant_link USING btree (channel_id, stock_item);

CREATE INDEX write_back_channel ON channels.write_back USING btree (channel_id, state, id DESC);

CREATE INDEX write_back_open ON channels.write_back USING btree (order_id, no) WHERE (state = ANY (ARRAY['waiting'::text, 'calling'::text]));

CREATE INDEX contact_customer ON customers.contact USING btree (customer_id);

CREATE INDEX customer_groups ON customers.customer USING btree (id) WHERE (groups <> '{}'::text[]);

CREATE INDEX job_item_refused ON desk.job_item USING btree (job_id, n) WHERE (outcome = 'refused'::text);

CREATE INDEX job_started ON desk.job USING btree (started_at DESC, id DESC);

CREATE INDEX saved_view_owner ON desk.saved_view USING btree (owner_id);

CREATE INDEX saved_view_shared ON desk.saved_view USING btree (created_at) WHERE shared;

CREATE INDEX watch_due ON desk.watch USING btree (due_at, id) WHERE (closed_at IS NULL);

CREATE UNIQUE INDEX watch_fact ON desk.watch USING btree (kind, subject_id, part) WHERE (closed_at IS NULL);

CREATE INDEX watch_kind ON desk.watch USING btree (kind, due_at, id) WHERE (closed_at IS NULL);

CREATE UNIQUE INDEX cancellation_ask_open ON fulfillment.cancellation_ask USING btree (order_id, fo_no) WHERE (answered_at IS NULL);

CREATE INDEX fulfillment_order_bound ON fulfillment.fulfillment_order USING btree (destination_id, order_id, fo_no) WHERE ((destination_id IS NOT NULL) AND (state = ANY (ARRAY['scheduled'::text, 'open'::text, 'released'::text, 'picking'::text, 'picked'::text, 'packed'::text, 'shipped'::text])));

CREATE INDEX fulfillment_order_collect_by ON fulfillment.fulfillment_order USING btree (collect_by) WHERE (state = 'ready'::text);

CREATE INDEX fulfillment_order_collected ON fulfillment.fulfillment_order USING btree (location_id, updated_at) WHERE (state = 'handed_over'::text);

CREATE INDEX fulfillment_order_ready ON fulfillment.fulfillment_order USING btree (updated_at) WHERE (state = 'ready'::text);

CREATE INDEX fulfillment_order_work ON fulfillment.fulfillment_order USING btree (location_id, state, order_id) WHERE (state = ANY (ARRAY['scheduled'::text, 'open'::text, 'released'::text, 'picking'::text, 'picked'::text, 'packed'::text, 'ready'::text]));

CREATE INDEX line_lot_lot ON fulfillment.line_lot USING btree (lot_id, order_id, fo_no, line_no);

CREATE INDEX parcel_arriving ON fulfillment.parcel USING btree (destination_id, shipped_at, order_id, fo_no, parcel_no) WHERE ((destination_id IS NOT NULL) AND (delivered_at IS NULL));

CREATE INDEX request_location ON fulfillment.request USING btree (location_id, submitted_at, order_id, fo_no);

CREATE INDEX request_open ON fulfillment.request USING btree (location_id, submitted_at, order_id, fo_no) WHERE (closed_at IS NULL);

CREATE INDEX request_unanswered ON fulfillment.request USING btree (withdraw_at) WHERE (answered_at IS NULL);

CREATE INDEX request_unchased ON fulfillment.request USING btree (answer_by) WHERE ((answered_at IS NULL) AND (chased_at IS NULL));

CREATE INDEX schedule_due ON fulfillment.schedule USING btree (opens_at, order_id);

CREATE INDEX stop_failed ON fulfillment.stop USING btree (changed_at) WHERE (state = 'failed'::text);

CREATE INDEX stop_slot_day ON fulfillment.stop USING btree (location_id, on_day, slot);

CREATE INDEX task_open ON fulfillment.task USING btree (kind, raised_at) WHERE (closed_at IS NULL);

CREATE INDEX task_order ON fulfillment.task USING btree (order_id) WHERE (closed_at IS NULL);

CREATE INDEX charge_channel ON intake.charge USING btree (channel_id, id DESC);

CREATE INDEX charge_order ON intake.charge USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX message_external ON intake.message USING btree (channel_id, external_key) WHERE (external_key IS NOT NULL);

CREATE INDEX message_received ON intake.message USING btree (id) WHERE (state = 'received'::text);

CREATE INDEX message_run ON intake.message USING btree (run_id, id);

CREATE INDEX message_state ON intake.message USING btree (state, id DESC);

CREATE INDEX assembly_made_lot_lot ON inventory.assembly_made_lot USING btree (lot_id, assembly_id);

CREATE INDEX assembly_part_item ON inventory.assembly_part USING btree (item_id, assembly_id);

CREATE INDEX assembly_part_lot_lot ON inventory.assembly_part_lot USING btree (lot_id, assembly_id);

CREATE INDEX assembly_under_way ON inventory.assembly USING btree (item_id, location_id) WHERE (state = ANY (ARRAY['started'::text, 'partly_made'::text]));

CREATE INDEX bin_move_cell ON inventory.bin_move USING btree (item_id, location_id, id);

CREATE INDEX bin_move_location ON inventory.bin_move USING btree (location_id, id);

CREATE INDEX bin_stock_bin ON inventory.bin_stock USING btree (location_id, bin, item_id);

CREATE INDEX cycle_count_open ON inventory.cycle_count USING btree (id) WHERE (state = 'open'::text);

CREATE INDEX expected_receipt_item ON inventory.expected_receipt USING btree (item_id) WHERE (state = 'open'::text);

CREATE INDEX expected_receipt_open ON inventory.expected_receipt USING btree (expected_on, id) WHERE (state = 'open'::text);

CREATE INDEX lot_expiry ON inventory.lot USING btree (expires_on) WHERE (expires_on IS NOT NULL);

CREATE INDEX lot_posting_lot ON inventory.lot_posting USING btree (lot_id, location_id, seq);

CREATE INDEX lot_stock_lot ON inventory.lot_stock USING btree (lot_id);

CREATE INDEX posting_late ON inventory.posting USING btree (item_id, location_id, at) WHERE ((at - occurred_at) > '00:01:00'::interval);

CREATE INDEX posting_written_off ON inventory.posting USING btree (at) WHERE ((to_bucket = ANY (ARRAY['adjustment'::inventory.bucket, 'scrapped'::inventory.bucket])) OR (from_bucket = 'adjustment'::inventory.bucket));

CREATE UNIQUE INDEX replenishment_open ON inventory.replenishment USING btree (location_id, item_id) WHERE (ended_at IS NULL);

CREATE INDEX reservation_cell ON inventory.reservation USING btree (item_id, location_id);

CREATE INDEX reservation_expiry ON inventory.reservation USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE INDEX stock_hold_channel ON inventory.stock_hold USING btree (channel_id) WHERE ((kind = 'channel'::text) AND (ended_at IS NULL));

CREATE INDEX stock_hold_contact ON inventory.stock_hold USING btree (channel_id, lower(contact)) WHERE ((kind = 'cart'::text) AND (contact <> ''::text));

CREATE INDEX stock_hold_created ON inventory.stock_hold USING btree (channel_id, created_at);

CREATE INDEX stock_hold_ended ON inventory.stock_hold USING btree (ended_why, id);

CREATE INDEX stock_hold_open ON inventory.stock_hold USING btree (id) WHERE (ended_at IS NULL);

CREATE INDEX stock_hold_shopper ON inventory.stock_hold USING btree (channel_id, shopper) WHERE ((shopper IS NOT NULL) AND (ended_at IS NULL));

CREATE INDEX stock_hold_unmailed ON inventory.stock_hold USING btree (ended_at) WHERE ((kind = 'cart'::text) AND consent AND (mailed_at IS NULL) AND (ended_why = 'expired'::text));

CREATE INDEX stock_location ON inventory.stock USING btree (location_id, item_id);

CREATE INDEX transfer_line_item ON inventory.transfer_line USING btree (item_id, transfer_id);

CREATE INDEX transfer_lot_open ON inventory.transfer_lot USING btree (lot_id) WHERE (shipped > (arrived + missing));

CREATE INDEX transfer_under_way ON inventory.transfer USING btree (id) WHERE (state <> ALL (ARRAY['received'::text, 'cancelled'::text]));

CREATE INDEX order_entry_awaited ON listings.order_entry USING btree (promised_on, order_id) WHERE awaited;

CREATE INDEX order_entry_awaited_placed ON listings.order_entry USING btree (placed_at, order_id) INCLUDE (promised_on) WHERE awaited;

CREATE INDEX order_entry_doc ON listings.order_entry USING gin (doc) WITH (fastupdate=off);

CREATE INDEX order_entry_number ON listings.order_entry USING btree (number, order_id);

CREATE INDEX order_entry_placed ON listings.order_entry USING btree (placed_at, order_id);

CREATE INDEX order_entry_promised ON listings.order_entry USING btree (promised_on, order_id);

CREATE INDEX order_entry_total ON listings.order_entry USING btree (currency, total_minor, order_id);

CREATE INDEX sold_day_day ON listings.sold_day USING btree (day, item_id, location_id) INCLUDE (units);

CREATE INDEX mail_due ON notifications.mail USING btree (due_at, id) WHERE (due_at IS NOT NULL);

CREATE INDEX mail_failed ON notifications.mail USING btree (id DESC) WHERE (state = 'failed'::text);

CREATE INDEX mail_order ON notifications.mail USING btree (order_id, id) WHERE (order_id IS NOT NULL);

CREATE INDEX choice_expires ON orders.choice USING btree (expires_at) WHERE (decided_at IS NULL);

CREATE UNIQUE INDEX choice_open ON orders.choice USING btree (order_id) WHERE (decided_at IS NULL);

CREATE INDEX hold_due ON orders.hold USING btree (release_at) WHERE ((released_at IS NULL) AND (release_at IS NOT NULL));

CREATE INDEX hold_open ON orders.hold USING btree (order_id) WHERE (released_at IS NULL);

CREATE INDEX hold_since ON orders.hold USING btree (placed_at, order_id) WHERE (released_at IS NULL);

CREATE INDEX line_backordered ON orders.line USING btree (item_id, order_id) WHERE (backordered > 0);

CREATE INDEX line_component_item ON orders.line_component USING btree (item_id, order_id);

CREATE INDEX line_deadline_due ON orders.line_deadline USING btree (cancel_after, order_id);

CREATE INDEX line_preorder_item ON orders.line_preorder USING btree (item_id, order_id);

CREATE INDEX line_preorder_released ON orders.line_preorder USING btree (released_on, order_id);

CREATE INDEX line_unsourced ON orders.line USING btree (order_id) WHERE ((open > 0) AND (item_kind = ANY (ARRAY['stocked'::text, 'kit'::text])));

CREATE INDEX mention_unseen ON orders.mention USING btree (user_id, at) WHERE (seen_at IS NULL);

CREATE INDEX sales_order_customer ON orders.sales_order USING btree (customer_id) WHERE (customer_id IS NOT NULL);

CREATE UNIQUE INDEX sales_order_number ON orders.sales_order USING btree (number);

CREATE INDEX sales_order_placed ON orders.sales_order USING btree (placed_at DESC, id DESC);

CREATE INDEX tag_order ON orders.tag USING btree (tag, order_id);

CREATE INDEX app_user_role ON platform.app_user USING gin (role_ids);

CREATE INDEX event_audit ON platform.event USING btree (at, stream_id, seq) WHERE ((actor_kind = 'user'::text) OR (stream = ANY (ARRAY['user'::text, 'key'::text, 'role'::text])));

CREATE INDEX event_of_person ON platform.event USING btree (actor_id, at, stream_id, seq) WHERE (actor_kind = 'user'::text);

CREATE UNIQUE INDEX feed_event ON platform.feed USING btree (stream_id, seq);

CREATE INDEX idempotency_at ON platform.idempotency USING brin (at);

CREATE INDEX login_attempt_subject ON platform.login_attempt USING btree (subject, at DESC);

CREATE INDEX parked_event_due ON platform.parked_event USING btree (follower, retry_at) WHERE (retry_at IS NOT NULL);

CREATE INDEX parked_event_given_up ON platform.parked_event USING btree ("position") WHERE gave_up;

CREATE INDEX parked_event_stream ON platform.parked_event USING btree (follower, stream_id, "position");

CREATE UNIQUE INDEX role_code ON platform.role USING btree (code) WHERE active;

CREATE UNIQUE INDEX session_id ON platform.session USING btree (id);

CREATE INDEX session_of_user ON platform.session USING btree (user_id);

CREATE INDEX decision_at ON sourcing.decision USING brin (at);

CREATE INDEX replay_open ON sourcing.replay USING btree (replay_no) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE INDEX rollout_candidate ON sourcing.rollout USING btree (candidate_id, id);

CREATE INDEX rollout_order_arm ON sourcing.rollout_order USING btree (rollout_id, candidate);

CREATE INDEX rollout_policy ON sourcing.rollout USING btree (policy_id, id);

CREATE UNIQUE INDEX rollout_running ON sourcing.rollout USING btree (channel_id) WHERE (state = 'running'::text);

CREATE INDEX rollout_stopped ON sourcing.rollout USING btree (channel_id) WHERE (state = 'stopped'::text);

CREATE INDEX job_created ON uploads.job USING btree (created_at DESC, id DESC);

CREATE UNIQUE INDEX job_received ON uploads.job USING btree (digest) WHERE ((kind = 'receipts'::text) AND ran AND (state <> 'undone'::text));

CREATE INDEX row_key ON uploads."row" USING btree (job_id, key) WHERE (key IS NOT NULL);

CREATE INDEX row_outcome ON uploads."row" USING btree (job_id, outcome, n);

CREATE INDEX attempt_at ON webhooks.attempt USING brin (at);

CREATE UNIQUE INDEX endpoint_secret_newest ON webhooks.endpoint_secret USING btree (endpoint_id) WHERE (ends_at IS NULL);

CREATE INDEX message_due ON webhooks.message USING btree (endpoint_id, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX message_taken ON webhooks.message USING brin (taken_at);

CREATE INDEX message_waiting ON webhooks.message USING btree (endpoint_id, stream_id, "position") WHERE (state = 'waiting'::text);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON inventory.bin_move FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON inventory.lot_posting FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON inventory.posting FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TRIGGER widen_reach_of_changed AFTER UPDATE ON listings.order_entry REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION listings.widen_reach();

CREATE TRIGGER widen_reach_of_new AFTER INSERT ON listings.order_entry REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION listings.widen_reach();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON platform.event FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON platform.feed FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON platform.seal FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sourcing.decision FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sourcing.policy_version FOR EACH STATEMENT EXECUTE FUNCTION platform.refuse_change();

ALTER TABLE ONLY catalog.barcode
    ADD CONSTRAINT barcode_item_id_fkey FOREIGN KEY (item_id) REFERENCES catalog.item(id);

ALTER TABLE ONLY catalog.kit_part
    ADD CONSTRAINT kit_part_item_id_fkey FOREIGN KEY (item_id) REFERENCES catalog.item(id);

ALTER TABLE ONLY catalog.kit_part
    ADD CONSTRAINT kit_part_kit_id_fkey FOREIGN KEY (kit_id) REFERENCES catalog.item(id);

ALTER TABLE ONLY catalog.release_channel
    ADD CONSTRAINT release_channel_item_id_fkey FOREIGN KEY (item_id) REFERENCES catalog.release(item_id) ON DELETE CASCADE;

ALTER TABLE ONLY channels.item_buffer
    ADD CONSTRAINT item_buffer_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channels.channel(id);

ALTER TABLE ONLY customers.contact
    ADD CONSTRAINT contact_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers.customer(id);

ALTER TABLE ONLY customers.person
    ADD CONSTRAINT person_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers.customer(id);

ALTER TABLE ONLY desk.export_part
    ADD CONSTRAINT export_part_job_id_fkey FOREIGN KEY (job_id) REFERENCES desk.job(id) ON DELETE CASCADE;

ALTER TABLE ONLY desk.job_item
    ADD CONSTRAINT job_item_job_id_fkey FOREIGN KEY (job_id) REFERENCES desk.job(id) ON DELETE CASCADE;

ALTER TABLE ONLY fulfillment.cancellation_ask
    ADD CONSTRAINT cancellation_ask_order_id_fo_no_fkey FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.request(order_id, fo_no);

ALTER TABLE ONLY fulfillment.forecast
    ADD CONSTRAINT forecast_order_id_fo_no_fkey FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.promise(order_id, fo_no);

ALTER TABLE ONLY fulfillment.line_lot
    ADD CONSTRAINT line_lot_order_id_fo_no_line_no_item_id_fkey FOREIGN KEY (order_id, fo_no, line_no, item_id) REFERENCES fulfillment.line(order_id, fo_no, line_no, item_id);

ALTER TABLE ONLY fulfillment.line
    ADD CONSTRAINT line_order_id_fo_no_fkey FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order(order_id, fo_no);

ALTER TABLE ONLY fulfillment.parcel_line
    ADD CONSTRAINT parcel_line_order_id_fo_no_parcel_no_fkey FOREIGN KEY (order_id, fo_no, parcel_no) REFERENCES fulfillment.parcel(order_id, fo_no, parcel_no);

ALTER TABLE ONLY fulfillment.parcel_lot
    ADD CONSTRAINT parcel_lot_order_id_fo_no_parcel_no_line_no_item_id_fkey FOREIGN KEY (order_id, fo_no, parcel_no, line_no, item_id) REFERENCES fulfillment.parcel_line(order_id, fo_no, parcel_no, line_no, item_id);

ALTER TABLE ONLY fulfillment.parcel
    ADD CONSTRAINT parcel_order_id_fo_no_fkey FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order(order_id, fo_no);

ALTER TABLE ONLY fulfillment.promise
    ADD CONSTRAINT promise_order_id_fo_no_fkey FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order(order_id, fo_no);

ALTER TABLE ONLY fulfillment.request
    ADD CONSTRAINT request_order_id_fo_no_fkey FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order(order_id, fo_no);

ALTER TABLE ONLY fulfillment.stop_attempt
    ADD CONSTRAINT stop_attempt_order_id_fkey FOREIGN KEY (order_id) REFERENCES fulfillment.stop(order_id);

ALTER TABLE ONLY inventory.assembly_made_lot
    ADD CONSTRAINT assembly_made_lot_assembly_id_fkey FOREIGN KEY (assembly_id) REFERENCES inventory.assembly(id);

ALTER TABLE ONLY inventory.assembly_made_lot
    ADD CONSTRAINT assembly_made_lot_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES inventory.lot(id);

ALTER TABLE ONLY inventory.assembly_part
    ADD CONSTRAINT assembly_part_assembly_id_fkey FOREIGN KEY (assembly_id) REFERENCES inventory.assembly(id);

ALTER TABLE ONLY inventory.assembly_part_lot
    ADD CONSTRAINT assembly_part_lot_assembly_id_line_no_fkey FOREIGN KEY (assembly_id, line_no) REFERENCES inventory.assembly_part(assembly_id, line_no);

ALTER TABLE ONLY inventory.assembly_part_lot
    ADD CONSTRAINT assembly_part_lot_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES inventory.lot(id);

ALTER TABLE ONLY inventory.bin_move
    ADD CONSTRAINT bin_move_undoes_fkey FOREIGN KEY (undoes) REFERENCES inventory.bin_move(id);

ALTER TABLE ONLY inventory.cycle_count_line
    ADD CONSTRAINT cycle_count_line_count_id_fkey FOREIGN KEY (count_id) REFERENCES inventory.cycle_count(id);

ALTER TABLE ONLY inventory.lot_posting
    ADD CONSTRAINT lot_posting_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES inventory.lot(id);

ALTER TABLE ONLY inventory.lot_stock
    ADD CONSTRAINT lot_stock_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES inventory.lot(id);

ALTER TABLE ONLY inventory.receipt_line
    ADD CONSTRAINT receipt_line_receipt_id_fkey FOREIGN KEY (receipt_id) REFERENCES inventory.receipt(id);

ALTER TABLE ONLY inventory.transfer_line
    ADD CONSTRAINT transfer_line_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES inventory.transfer(id);

ALTER TABLE ONLY inventory.transfer_lot
    ADD CONSTRAINT transfer_lot_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES inventory.lot(id);

ALTER TABLE ONLY inventory.transfer_lot
    ADD CONSTRAINT transfer_lot_transfer_id_line_no_fkey FOREIGN KEY (transfer_id, line_no) REFERENCES inventory.transfer_line(transfer_id, line_no);

ALTER TABLE ONLY locations.bin_item
    ADD CONSTRAINT bin_item_location_id_bin_fkey FOREIGN KEY (location_id, bin) REFERENCES locations.bin(location_id, code);

ALTER TABLE ONLY locations.bin
    ADD CONSTRAINT bin_location_id_fkey FOREIGN KEY (location_id) REFERENCES locations.location(id);

ALTER TABLE ONLY orders.adjustment
    ADD CONSTRAINT adjustment_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.sales_order(id);

ALTER TABLE ONLY orders.choice
    ADD CONSTRAINT choice_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.sales_order(id);

ALTER TABLE ONLY orders.file_chunk
    ADD CONSTRAINT file_chunk_order_id_file_no_fkey FOREIGN KEY (order_id, file_no) REFERENCES orders.file(order_id, file_no);

ALTER TABLE ONLY orders.hold
    ADD CONSTRAINT hold_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.sales_order(id);

ALTER TABLE ONLY orders.line_component
    ADD CONSTRAINT line_component_order_id_line_no_fkey FOREIGN KEY (order_id, line_no) REFERENCES orders.line(order_id, line_no);

ALTER TABLE ONLY orders.line_date
    ADD CONSTRAINT line_date_order_id_line_no_fkey FOREIGN KEY (order_id, line_no) REFERENCES orders.line(order_id, line_no);

ALTER TABLE ONLY orders.line_deadline
    ADD CONSTRAINT line_deadline_order_id_line_no_fkey FOREIGN KEY (order_id, line_no) REFERENCES orders.line(order_id, line_no);

ALTER TABLE ONLY orders.line
    ADD CONSTRAINT line_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.sales_order(id);

ALTER TABLE ONLY orders.line_preorder
    ADD CONSTRAINT line_preorder_order_id_line_no_fkey FOREIGN KEY (order_id, line_no) REFERENCES orders.line(order_id, line_no);

ALTER TABLE ONLY orders.line_supply
    ADD CONSTRAINT line_supply_order_id_line_no_fkey FOREIGN KEY (order_id, line_no) REFERENCES orders.line(order_id, line_no);

ALTER TABLE ONLY orders.mention
    ADD CONSTRAINT mention_order_id_note_no_fkey FOREIGN KEY (order_id, note_no) REFERENCES orders.note(order_id, note_no);

ALTER TABLE ONLY orders.party
    ADD CONSTRAINT party_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.sales_order(id);

ALTER TABLE ONLY orders.refusal
    ADD CONSTRAINT refusal_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.sales_order(id);

ALTER TABLE ONLY platform.account_link
    ADD CONSTRAINT account_link_user_id_fkey FOREIGN KEY (user_id) REFERENCES platform.app_user(id);

ALTER TABLE ONLY platform.api_key_secret
    ADD CONSTRAINT api_key_secret_key_id_fkey FOREIGN KEY (key_id) REFERENCES platform.api_key(id);

ALTER TABLE ONLY platform.recovery_code
    ADD CONSTRAINT recovery_code_user_id_fkey FOREIGN KEY (user_id) REFERENCES platform.user_factor(user_id) ON DELETE CASCADE;

ALTER TABLE ONLY platform.session
    ADD CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES platform.app_user(id);

ALTER TABLE ONLY platform.sign_in_step
    ADD CONSTRAINT sign_in_step_user_id_fkey FOREIGN KEY (user_id) REFERENCES platform.app_user(id);

ALTER TABLE ONLY platform.user_factor
    ADD CONSTRAINT user_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES platform.app_user(id);

ALTER TABLE ONLY platform.user_secret
    ADD CONSTRAINT user_secret_user_id_fkey FOREIGN KEY (user_id) REFERENCES platform.app_user(id);

ALTER TABLE ONLY sourcing.delay_group
    ADD CONSTRAINT delay_group_version_fkey FOREIGN KEY (version) REFERENCES sourcing.delay_model(version) ON DELETE CASCADE;

ALTER TABLE ONLY sourcing.joint_group
    ADD CONSTRAINT joint_group_plan_no_fkey FOREIGN KEY (plan_no) REFERENCES sourcing.joint_plan(plan_no);

ALTER TABLE ONLY sourcing.location_service
    ADD CONSTRAINT location_service_tariff_fkey FOREIGN KEY (tariff) REFERENCES sourcing.tariff(code);

ALTER TABLE ONLY sourcing.policy_version
    ADD CONSTRAINT policy_version_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES sourcing.policy(id);

ALTER TABLE ONLY sourcing.rollout
    ADD CONSTRAINT rollout_candidate_id_fkey FOREIGN KEY (candidate_id) REFERENCES sourcing.policy(id);

ALTER TABLE ONLY sourcing.rollout_order
    ADD CONSTRAINT rollout_order_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES sourcing.rollout(id);

ALTER TABLE ONLY sourcing.rollout
    ADD CONSTRAINT rollout_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES sourcing.policy(id);

ALTER TABLE ONLY sourcing.rollout_refusal
    ADD CONSTRAINT rollout_refusal_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES sourcing.rollout(id);

ALTER TABLE ONLY sourcing.tariff_version
    ADD CONSTRAINT tariff_version_tariff_id_fkey FOREIGN KEY (tariff_id) REFERENCES sourcing.tariff(id);

ALTER TABLE ONLY uploads."row"
    ADD CONSTRAINT row_job_id_fkey FOREIGN KEY (job_id) REFERENCES uploads.job(id) ON DELETE CASCADE;

ALTER TABLE ONLY webhooks.attempt
    ADD CONSTRAINT attempt_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhooks.endpoint(id);

ALTER TABLE ONLY webhooks.endpoint_secret
    ADD CONSTRAINT endpoint_secret_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhooks.endpoint(id);

ALTER TABLE ONLY webhooks.message
    ADD CONSTRAINT message_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhooks.endpoint(id);

ALTER TABLE ONLY webhooks.progress
    ADD CONSTRAINT progress_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhooks.endpoint(id);

CREATE POLICY app ON catalog.release_channel TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE catalog.release_channel ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON catalog.release_channel FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY app ON channels.connection TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON channels.item_buffer TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON channels.order_link TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON channels.variant_link TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON channels.write_back TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE channels.connection ENABLE ROW LEVEL SECURITY;

ALTER TABLE channels.item_buffer ENABLE ROW LEVEL SECURITY;

ALTER TABLE channels.order_link ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON channels.connection FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON channels.item_buffer FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON channels.order_link FOR SELECT TO ordito_read USING (((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND ((order_id IS NULL) OR (EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = order_link.order_id))))));

CREATE POLICY seen ON channels.variant_link FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON channels.write_back FOR SELECT TO ordito_read USING (((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND ((order_id IS NULL) OR (EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = write_back.order_id))))));

ALTER TABLE channels.variant_link ENABLE ROW LEVEL SECURITY;

ALTER TABLE channels.write_back ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON desk.job_item TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON desk.watch TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE desk.job_item ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON desk.job_item FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = job_item.order_id))));

CREATE POLICY seen ON desk.watch FOR SELECT TO ordito_read USING ((((channel_id IS NULL) OR ( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND ((location_id IS NULL) OR ( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))) AND ((order_id IS NULL) OR (EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = watch.order_id))))));

ALTER TABLE desk.watch ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON fulfillment.backlog TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.cancellation_ask TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.daily_load TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.forecast TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.fulfillment_order TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.line TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.line_lot TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.pace TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.parcel TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.parcel_line TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.parcel_lot TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.promise TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.request TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.schedule TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.slot_day TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.stop TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.stop_attempt TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON fulfillment.task TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE fulfillment.backlog ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.cancellation_ask ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.daily_load ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.forecast ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.fulfillment_order ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.line ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.line_lot ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.pace ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.parcel ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.parcel_line ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.parcel_lot ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.promise ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.request ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.schedule ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON fulfillment.backlog FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON fulfillment.cancellation_ask FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = cancellation_ask.order_id) AND (f.fo_no = cancellation_ask.fo_no)))));

CREATE POLICY seen ON fulfillment.daily_load FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON fulfillment.forecast FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = forecast.order_id) AND (f.fo_no = forecast.fo_no)))));

CREATE POLICY seen ON fulfillment.fulfillment_order FOR SELECT TO ordito_read USING (((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])) OR (destination_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))) AND (( SELECT platform.all_channels() AS all_channels) OR orders.is_of_seen_channel(order_id))));

CREATE POLICY seen ON fulfillment.line FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = line.order_id) AND (f.fo_no = line.fo_no)))));

CREATE POLICY seen ON fulfillment.line_lot FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = line_lot.order_id) AND (f.fo_no = line_lot.fo_no)))));

CREATE POLICY seen ON fulfillment.pace FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON fulfillment.parcel FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = parcel.order_id) AND (f.fo_no = parcel.fo_no)))));

CREATE POLICY seen ON fulfillment.parcel_line FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = parcel_line.order_id) AND (f.fo_no = parcel_line.fo_no)))));

CREATE POLICY seen ON fulfillment.parcel_lot FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = parcel_lot.order_id) AND (f.fo_no = parcel_lot.fo_no)))));

CREATE POLICY seen ON fulfillment.promise FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = promise.order_id) AND (f.fo_no = promise.fo_no)))));

CREATE POLICY seen ON fulfillment.request FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = request.order_id) AND (f.fo_no = request.fo_no)))));

CREATE POLICY seen ON fulfillment.schedule FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE ((f.order_id = schedule.order_id) AND (f.fo_no = schedule.fo_no)))));

CREATE POLICY seen ON fulfillment.slot_day FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON fulfillment.stop FOR SELECT TO ordito_read USING (((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))) AND (( SELECT platform.all_channels() AS all_channels) OR orders.is_of_seen_channel(order_id))));

CREATE POLICY seen ON fulfillment.stop_attempt FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM fulfillment.stop s
  WHERE (s.order_id = stop_attempt.order_id))));

CREATE POLICY seen ON fulfillment.task FOR SELECT TO ordito_read USING ((((order_id IS NULL) OR (EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = task.order_id)))) AND ((location_id IS NULL) OR ( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])))));

ALTER TABLE fulfillment.slot_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.stop ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.stop_attempt ENABLE ROW LEVEL SECURITY;

ALTER TABLE fulfillment.task ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON intake.booked_row TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON intake.charge TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON intake.import_run TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON intake.message TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE intake.booked_row ENABLE ROW LEVEL SECURITY;

ALTER TABLE intake.charge ENABLE ROW LEVEL SECURITY;

ALTER TABLE intake.import_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE intake.message ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON intake.booked_row FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON intake.charge FOR SELECT TO ordito_read USING (((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND ((order_id IS NULL) OR (EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = charge.order_id))))));

CREATE POLICY seen ON intake.import_run FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON intake.message FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY app ON inventory.assembly TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.assembly_made_lot TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.assembly_part TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.assembly_part_lot TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.bin_move TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.bin_stock TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.binned TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.count_limit TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.cycle_count TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.cycle_count_line TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.endless_item TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.expected_receipt TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.lot_posting TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.lot_stock TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.pick_level TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.posting TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.receipt TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.receipt_line TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.replenishment TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.reservation TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.stock TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.stock_hold TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.stock_limit TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.transfer TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.transfer_line TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON inventory.transfer_lot TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE inventory.assembly ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.assembly_made_lot ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.assembly_part ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.assembly_part_lot ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.bin_move ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.bin_stock ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.binned ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.count_limit ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.cycle_count ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.cycle_count_line ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.endless_item ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.expected_receipt ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.lot_posting ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.lot_stock ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.pick_level ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.posting ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.receipt ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.receipt_line ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.replenishment ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.reservation ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON inventory.assembly FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.assembly_made_lot FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM inventory.assembly a
  WHERE (a.id = assembly_made_lot.assembly_id))));

CREATE POLICY seen ON inventory.assembly_part FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM inventory.assembly a
  WHERE (a.id = assembly_part.assembly_id))));

CREATE POLICY seen ON inventory.assembly_part_lot FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM inventory.assembly a
  WHERE (a.id = assembly_part_lot.assembly_id))));

CREATE POLICY seen ON inventory.bin_move FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.bin_stock FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.binned FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.count_limit FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.cycle_count FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.cycle_count_line FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM inventory.cycle_count c
  WHERE (c.id = cycle_count_line.count_id))));

CREATE POLICY seen ON inventory.endless_item FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.expected_receipt FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.lot_posting FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.lot_stock FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.pick_level FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.posting FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.receipt FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.receipt_line FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM inventory.receipt r
  WHERE (r.id = receipt_line.receipt_id))));

CREATE POLICY seen ON inventory.replenishment FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.reservation FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.stock FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON inventory.stock_hold FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON inventory.stock_limit FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])) OR ((location_id IS NULL) AND (cardinality(( SELECT platform.seen_locations() AS seen_locations)) > 0))));

CREATE POLICY seen ON inventory.transfer FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (from_location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])) OR (( SELECT platform.all_locations() AS all_locations) OR (to_location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])))));

CREATE POLICY seen ON inventory.transfer_line FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM inventory.transfer t
  WHERE (t.id = transfer_line.transfer_id))));

CREATE POLICY seen ON inventory.transfer_lot FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM inventory.transfer t
  WHERE (t.id = transfer_lot.transfer_id))));

ALTER TABLE inventory.stock ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.stock_hold ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.stock_limit ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.transfer ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.transfer_line ENABLE ROW LEVEL SECURITY;

ALTER TABLE inventory.transfer_lot ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON listings.promise_score TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON listings.quarter_figure TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON listings.sold_day TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE listings.promise_score ENABLE ROW LEVEL SECURITY;

ALTER TABLE listings.quarter_figure ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON listings.promise_score FOR SELECT TO ordito_read USING (((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND (( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])))));

CREATE POLICY seen ON listings.quarter_figure FOR SELECT TO ordito_read USING (((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND (( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])))));

CREATE POLICY seen ON listings.sold_day FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

ALTER TABLE listings.sold_day ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON locations.bin TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON locations.bin_item TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON locations.slot TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON locations.zone TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE locations.bin ENABLE ROW LEVEL SECURITY;

ALTER TABLE locations.bin_item ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON locations.bin FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON locations.bin_item FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON locations.slot FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON locations.zone FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

ALTER TABLE locations.slot ENABLE ROW LEVEL SECURITY;

ALTER TABLE locations.zone ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON notifications.channel_mails TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON notifications.mail TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON notifications.tracking_link TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE notifications.channel_mails ENABLE ROW LEVEL SECURITY;

ALTER TABLE notifications.mail ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON notifications.channel_mails FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON notifications.mail FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = mail.order_id))));

CREATE POLICY seen ON notifications.tracking_link FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = tracking_link.order_id))));

ALTER TABLE notifications.tracking_link ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.adjustment ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON orders.adjustment TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.assignment TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.choice TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.external_id TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.file TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.file_chunk TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.hold TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.line TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.line_component TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.line_date TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.line_deadline TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.line_preorder TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.line_supply TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.mention TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.note TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.party TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.refusal TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.sales_order TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON orders.tag TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE orders.assignment ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.choice ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.external_id ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.file ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.file_chunk ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.hold ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.line ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.line_component ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.line_date ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.line_deadline ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.line_preorder ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.line_supply ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.mention ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.note ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.party ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.refusal ENABLE ROW LEVEL SECURITY;

ALTER TABLE orders.sales_order ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON orders.adjustment FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = adjustment.order_id))));

CREATE POLICY seen ON orders.assignment FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = assignment.order_id))));

CREATE POLICY seen ON orders.choice FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = choice.order_id))));

CREATE POLICY seen ON orders.external_id FOR SELECT TO ordito_read USING (((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND ((order_id IS NULL) OR (EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = external_id.order_id))))));

CREATE POLICY seen ON orders.file FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = file.order_id))));

CREATE POLICY seen ON orders.file_chunk FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = file_chunk.order_id))));

CREATE POLICY seen ON orders.hold FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = hold.order_id))));

CREATE POLICY seen ON orders.line FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = line.order_id))));

CREATE POLICY seen ON orders.line_component FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = line_component.order_id))));

CREATE POLICY seen ON orders.line_date FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = line_date.order_id))));

CREATE POLICY seen ON orders.line_deadline FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = line_deadline.order_id))));

CREATE POLICY seen ON orders.line_preorder FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = line_preorder.order_id))));

CREATE POLICY seen ON orders.line_supply FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = line_supply.order_id))));

CREATE POLICY seen ON orders.mention FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = mention.order_id))));

CREATE POLICY seen ON orders.note FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = note.order_id))));

CREATE POLICY seen ON orders.party FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = party.order_id))));

CREATE POLICY seen ON orders.refusal FOR SELECT TO ordito_read USING (((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = refusal.order_id))) AND (( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])))));

CREATE POLICY seen ON orders.sales_order FOR SELECT TO ordito_read USING (((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))) AND (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
   FROM fulfillment.fulfillment_order f
  WHERE (f.order_id = sales_order.id))))));

CREATE POLICY seen ON orders.tag FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = tag.order_id))));

ALTER TABLE orders.tag ENABLE ROW LEVEL SECURITY;

CREATE POLICY app ON payments.expectation TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE payments.expectation ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON payments.expectation FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = expectation.order_id))));

CREATE POLICY app ON platform.event TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE platform.event ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON platform.event FOR SELECT TO ordito_read USING (
CASE stream
    WHEN 'order'::text THEN ((EXISTS ( SELECT
       FROM orders.sales_order o
      WHERE (o.id = event.stream_id))) AND (( SELECT platform.all_locations() AS all_locations) OR (NOT (body ? 'fo_no'::text)) OR (EXISTS ( SELECT
       FROM fulfillment.fulfillment_order f
      WHERE ((f.order_id = event.stream_id) AND (f.fo_no = ((event.body ->> 'fo_no'::text))::integer))))))
    WHEN 'receipt'::text THEN (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
       FROM locations.location l
      WHERE ((l.code = (event.body ->> 'location'::text)) AND (l.id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))))))
    WHEN 'adjustment'::text THEN (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
       FROM locations.location l
      WHERE ((l.code = (event.body ->> 'location'::text)) AND (l.id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))))))
    WHEN 'count'::text THEN (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
       FROM locations.location l
      WHERE ((l.code = (event.body ->> 'location'::text)) AND (l.id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))))))
    WHEN 'stock_move'::text THEN (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
       FROM locations.location l
      WHERE ((l.code = (event.body ->> 'location'::text)) AND (l.id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))))))
    WHEN 'supply'::text THEN (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
       FROM locations.location l
      WHERE ((l.code = (event.body ->> 'location'::text)) AND (l.id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))))))
    WHEN 'bin_stock'::text THEN (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
       FROM locations.location l
      WHERE ((l.code = (event.body ->> 'location'::text)) AND (l.id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))))))
    WHEN 'lot'::text THEN ((NOT (body ? 'location'::text)) OR (( SELECT platform.all_locations() AS all_locations) OR (EXISTS ( SELECT
       FROM locations.location l
      WHERE ((l.code = (event.body ->> 'location'::text)) AND (l.id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])))))))
    WHEN 'hold'::text THEN (EXISTS ( SELECT
       FROM inventory.stock_hold h
      WHERE (h.id = event.stream_id)))
    WHEN 'rollout'::text THEN (EXISTS ( SELECT
       FROM sourcing.rollout t
      WHERE (t.id = event.stream_id)))
    WHEN 'location'::text THEN (( SELECT platform.all_locations() AS all_locations) OR (stream_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[])))
    WHEN 'channel'::text THEN (( SELECT platform.all_channels() AS all_channels) OR (stream_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[])))
    WHEN 'stock_limits'::text THEN ( SELECT platform.all_locations() AS all_locations)
    ELSE true
END);

CREATE POLICY app ON sourcing.decision TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON sourcing.delay_group TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON sourcing.location_service TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON sourcing.rollout TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON sourcing.rollout_order TO ordito_app USING (true) WITH CHECK (true);

CREATE POLICY app ON sourcing.rollout_refusal TO ordito_app USING (true) WITH CHECK (true);

ALTER TABLE sourcing.decision ENABLE ROW LEVEL SECURITY;

ALTER TABLE sourcing.delay_group ENABLE ROW LEVEL SECURITY;

ALTER TABLE sourcing.location_service ENABLE ROW LEVEL SECURITY;

ALTER TABLE sourcing.rollout ENABLE ROW LEVEL SECURITY;

ALTER TABLE sourcing.rollout_order ENABLE ROW LEVEL SECURITY;

ALTER TABLE sourcing.rollout_refusal ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON sourcing.decision FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = decision.order_id))));

CREATE POLICY seen ON sourcing.delay_group FOR SELECT TO ordito_read USING (((location_id IS NULL) OR ( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON sourcing.location_service FOR SELECT TO ordito_read USING ((( SELECT platform.all_locations() AS all_locations) OR (location_id = ANY (( SELECT platform.seen_locations() AS seen_locations)::uuid[]))));

CREATE POLICY seen ON sourcing.rollout FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));

CREATE POLICY seen ON sourcing.rollout_order FOR SELECT TO ordito_read USING ((EXISTS ( SELECT
   FROM orders.sales_order o
  WHERE (o.id = rollout_order.order_id))));

CREATE POLICY seen ON sourcing.rollout_refusal FOR SELECT TO ordito_read USING ((( SELECT platform.all_channels() AS all_channels) OR (channel_id = ANY (( SELECT platform.seen_channels() AS seen_channels)::uuid[]))));
