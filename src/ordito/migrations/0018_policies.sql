-- What policies look at beside places and distance: items, capabilities, working time, carriers.

ALTER TABLE catalog.item ADD COLUMN tags text[] NOT NULL DEFAULT '{}';

-- capabilities: what it can handle that others can't, such as hazardous goods.
-- calendar:     public holidays on which it is closed: a country, or country and region (DE-BY).
-- opens_at:     local time at which work begins. cut_off: what comes later is work of the next day.
-- pick_minutes: from the beginning of the work on an order until it can be picked up.
ALTER TABLE locations.location
    ADD COLUMN capabilities text[] NOT NULL DEFAULT '{}',
    ADD COLUMN calendar text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN opens_at text COLLATE "C" NOT NULL DEFAULT '00:00'
        CHECK (opens_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    ADD COLUMN cut_off text COLLATE "C" CHECK (cut_off ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    ADD COLUMN pick_minutes integer NOT NULL DEFAULT 0 CHECK (pick_minutes BETWEEN 0 AND 10080);

CREATE TABLE sourcing.tariff (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sourcing.tariff_version (
    tariff_id uuid NOT NULL REFERENCES sourcing.tariff,
    version integer NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tariff_id, version)
);

-- Which services a location offers, and when the carrier collects there (local times, rising).
CREATE TABLE sourcing.location_service (
    location_id uuid NOT NULL,
    tariff text COLLATE "C" NOT NULL REFERENCES sourcing.tariff (code),
    weekdays integer NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
    pickups text[] NOT NULL CHECK (cardinality(pickups) BETWEEN 1 AND 24),
    PRIMARY KEY (location_id, tariff)
);

-- What was computed for a part of an order when it was sourced. A row only where the location's
-- working time or carriers are known. tariff: '' when the buyer collects it.
CREATE TABLE fulfillment.promise (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    ready_at timestamptz NOT NULL,
    ships_at timestamptz NOT NULL CHECK (ships_at >= ready_at),
    ships_on date NOT NULL,
    delivers_on date NOT NULL CHECK (delivers_on >= ships_on),
    tariff text COLLATE "C" NOT NULL,
    PRIMARY KEY (order_id, fo_no),
    FOREIGN KEY (order_id, fo_no) REFERENCES fulfillment.fulfillment_order
);
