-- Promises learned from history, the queue at locations, and capacity in orders, lines or units.

-- capacity_unit: what capacity_daily counts: fulfillment orders, order lines, or units of lines.
-- closes_at:     local time at which work ends; NULL is midnight. Only what waits looks at it.
-- units_hourly:  pieces that the location packs in an hour; NULL is as learned, if anything is.
ALTER TABLE locations.location
    ADD COLUMN capacity_unit text COLLATE "C" NOT NULL DEFAULT 'orders'
        CHECK (capacity_unit IN ('orders', 'lines', 'units')),
    ADD COLUMN closes_at text COLLATE "C" CHECK (closes_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    ADD COLUMN units_hourly integer CHECK (units_hourly BETWEEN 1 AND 1000000),
    ADD CHECK (closes_at > opens_at);

-- accepted: fulfillment orders; lines and units of those.
ALTER TABLE fulfillment.daily_load
    ADD COLUMN lines integer NOT NULL DEFAULT 0 CHECK (lines >= 0),
    ADD COLUMN units bigint NOT NULL DEFAULT 0 CHECK (units >= 0);

-- Percent of promises that are to be kept; NULL promises by calendars alone.
ALTER TABLE channels.channel
    ADD COLUMN promise_level integer DEFAULT 90 CHECK (promise_level BETWEEN 50 AND 99);

-- What a location does in an hour, learned from its good days. days: those looked at.
CREATE TABLE fulfillment.pace (
    location_id uuid PRIMARY KEY,
    units_hourly integer NOT NULL CHECK (units_hourly > 0),
    days integer NOT NULL CHECK (days > 0),
    learned_at timestamptz NOT NULL
);

-- Pieces that wait to be packed at locations whose pace is known, counted every minute.
CREATE TABLE fulfillment.backlog (
    location_id uuid PRIMARY KEY,
    units bigint NOT NULL CHECK (units >= 0),
    at timestamptz NOT NULL
) WITH (fillfactor = 70);

-- What a promise rests on beside calendars. A row only where that is a queue or history.
-- level:       percent that the channel wants kept. probability: thousandths, of arriving by the day
--              promised, by that version of what was learned. observations: parts it was learned of.
-- calendar_on: day of sending by calendar and queue; calendar_delivers_on: of delivery.
CREATE TABLE fulfillment.forecast (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    level integer CHECK (level BETWEEN 50 AND 99),
    probability integer CHECK (probability BETWEEN 1 AND 1000),
    model integer,
    observations integer CHECK (observations > 0),
    calendar_on date NOT NULL,
    calendar_delivers_on date NOT NULL,
    queue_minutes integer NOT NULL CHECK (queue_minutes >= 0),
    PRIMARY KEY (order_id, fo_no),
    FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.promise,
    CHECK (calendar_delivers_on >= calendar_on),
    CHECK (num_nulls(level, probability, model, observations) IN (0, 4)),
    CHECK (model IS NOT NULL OR queue_minutes > 0)
);

-- What was learned of delays, night by night. parts: looked at; the days they were placed on.
CREATE TABLE sourcing.delay_model (
    version integer PRIMARY KEY,
    learned_at timestamptz NOT NULL,
    since date NOT NULL,
    until date NOT NULL CHECK (until >= since),
    parts bigint NOT NULL CHECK (parts >= 0)
);

-- stage:  dispatch (open days after the day by calendar) or transit (the carrier's days more than
--         planned, or all of them where nothing is planned: tariff '').
-- location_id, tariff, country: of the group; NULL is all.
-- counts: how many took `first` days, `first` + 1, …; what took longer is in observations alone.
CREATE TABLE sourcing.delay_group (
    version integer NOT NULL REFERENCES sourcing.delay_model ON DELETE CASCADE,
    stage text COLLATE "C" NOT NULL CHECK (stage IN ('dispatch', 'transit')),
    location_id uuid,
    tariff text COLLATE "C",
    country text COLLATE "C",
    first integer NOT NULL,
    counts integer[] NOT NULL CHECK (cardinality(counts) BETWEEN 1 AND 200),
    observations integer NOT NULL CHECK (observations > 0),
    UNIQUE NULLS NOT DISTINCT (version, stage, location_id, tariff, country)
);

-- Promises that came due, by the month in which they did. basis: learned or calendar.
-- stated: sum of the stated probabilities in thousandths. kept, broken, unknown: the carrier never
-- said; they sum to parts.
CREATE TABLE listings.promise_score (
    month date NOT NULL CHECK (month = date_trunc('month', month)),
    channel_id uuid NOT NULL,
    location_id uuid NOT NULL,
    tariff text COLLATE "C" NOT NULL,
    basis text COLLATE "C" NOT NULL CHECK (basis IN ('learned', 'calendar')),
    parts bigint NOT NULL CHECK (parts = kept + broken + unknown),
    kept bigint NOT NULL CHECK (kept >= 0),
    broken bigint NOT NULL CHECK (broken >= 0),
    unknown bigint NOT NULL CHECK (unknown >= 0),
    stated bigint NOT NULL CHECK (stated >= 0),
    PRIMARY KEY (month, channel_id, location_id, tariff, basis)
);
