-- What is sold, where it is kept, who sells it, who buys it.
CREATE SCHEMA catalog;
CREATE SCHEMA locations;
CREATE SCHEMA channels;
CREATE SCHEMA customers;
CREATE SCHEMA sourcing;

CREATE TABLE catalog.item (
    id uuid PRIMARY KEY,
    sku text NOT NULL CHECK (sku <> ''),
    sku_key text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('stocked', 'kit', 'service')),
    weight_g integer CHECK (weight_g >= 0),
    length_mm integer CHECK (length_mm >= 0),
    width_mm integer CHECK (width_mm >= 0),
    height_mm integer CHECK (height_mm >= 0),
    prices jsonb NOT NULL DEFAULT '{}',
    -- What one unit takes from stock, kits of kits resolved: [[item id, quantity], …]; kits only.
    parts jsonb CHECK ((parts IS NOT NULL) = (kind = 'kit')),
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE catalog.barcode (
    code_key text COLLATE "C" PRIMARY KEY,
    code text NOT NULL,
    item_id uuid NOT NULL REFERENCES catalog.item
);
CREATE INDEX barcode_item ON catalog.barcode (item_id);

CREATE TABLE catalog.kit_part (
    kit_id uuid NOT NULL REFERENCES catalog.item,
    item_id uuid NOT NULL REFERENCES catalog.item CHECK (item_id <> kit_id),
    qty integer NOT NULL CHECK (qty > 0),
    PRIMARY KEY (kit_id, item_id)
);
CREATE INDEX kit_part_item ON catalog.kit_part (item_id);

CREATE TABLE locations.location (
    id uuid PRIMARY KEY,
    no integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('warehouse', 'store', '3pl', 'history')),
    address jsonb NOT NULL,
    country text COLLATE "C" NOT NULL,
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    time_zone text NOT NULL,
    market text COLLATE "C" NOT NULL DEFAULT '',
    owner text COLLATE "C" NOT NULL DEFAULT '',
    can_ship boolean NOT NULL,
    can_pickup boolean NOT NULL,
    capacity_daily integer CHECK (capacity_daily >= 0),
    priority integer NOT NULL DEFAULT 1 CHECK (priority BETWEEN 1 AND 1000),
    working_days integer NOT NULL DEFAULT 127 CHECK (working_days BETWEEN 0 AND 127),
    holidays date[] NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE locations.bin (
    location_id uuid NOT NULL REFERENCES locations.location,
    code text COLLATE "C" NOT NULL,
    walk_order integer NOT NULL DEFAULT 0,
    PRIMARY KEY (location_id, code)
);

-- Where an item usually lies: shown to the picker, in walking order. Stock is counted per location.
CREATE TABLE locations.bin_item (
    location_id uuid NOT NULL,
    item_id uuid NOT NULL,
    bin text COLLATE "C" NOT NULL,
    PRIMARY KEY (location_id, item_id, bin),
    FOREIGN KEY (location_id, bin) REFERENCES locations.bin (location_id, code)
);

CREATE TABLE locations.postal_code (
    country text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    latitude real NOT NULL,
    longitude real NOT NULL,
    PRIMARY KEY (country, code)
);

CREATE TABLE sourcing.policy (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Every version is kept: a decision names the one it was made by.
CREATE TABLE sourcing.policy_version (
    policy_id uuid NOT NULL REFERENCES sourcing.policy,
    version integer NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (policy_id, version)
);

CREATE TABLE channels.channel (
    id uuid PRIMARY KEY,
    code text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    base_currency text COLLATE "C" NOT NULL,
    tax_included boolean NOT NULL,
    rounding text COLLATE "C" NOT NULL CHECK (rounding IN ('half_up', 'half_even')),
    shortage text COLLATE "C" NOT NULL CHECK (shortage IN ('backorder', 'refuse')),
    stock_buffer integer NOT NULL DEFAULT 0 CHECK (stock_buffer >= 0),
    promise_days integer NOT NULL DEFAULT 3 CHECK (promise_days BETWEEN 0 AND 365),
    location_ids uuid[],
    policy_id uuid NOT NULL,
    market text COLLATE "C" NOT NULL DEFAULT '',
    time_zone text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE channels.market (
    code text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    countries text[] NOT NULL
);

-- How many units of the base currency one unit of `currency` is worth from that day on.
CREATE TABLE channels.exchange_rate (
    base_currency text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    valid_on date NOT NULL,
    rate numeric(20, 10) NOT NULL CHECK (rate > 0),
    PRIMARY KEY (base_currency, currency, valid_on)
);

CREATE SEQUENCE customers.number;

CREATE TABLE customers.customer (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Personal data: erased by rewriting, listed in platform/privacy.py.
CREATE TABLE customers.person (
    customer_id uuid PRIMARY KEY REFERENCES customers.customer,
    name text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT ''
);

-- What finds a customer again: unique over all time.
CREATE TABLE customers.contact (
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('email', 'phone', 'reference')),
    value_key text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers.customer,
    PRIMARY KEY (kind, value_key)
);
CREATE INDEX contact_customer ON customers.contact (customer_id);
