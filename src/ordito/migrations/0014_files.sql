-- Files on orders. Personal data: a name, and whatever a photo or a letter shows.
--
-- A file that was removed leaves its number behind, so that no other file is ever called by it.
CREATE TABLE orders.file (
    order_id uuid NOT NULL,
    file_no integer NOT NULL CHECK (file_no > 0),
    note_no integer,
    name text NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes BETWEEN 1 AND 20000000),
    width integer CHECK (width > 0),
    height integer CHECK (height > 0),
    author_id uuid NOT NULL,
    author text NOT NULL,
    at timestamptz NOT NULL,
    removed_at timestamptz,
    PRIMARY KEY (order_id, file_no),
    CHECK ((width IS NULL) = (height IS NULL)),
    CHECK (removed_at IS NULL OR name = '')
);

CREATE TABLE orders.file_chunk (
    order_id uuid NOT NULL,
    file_no integer NOT NULL,
    chunk_no integer NOT NULL CHECK (chunk_no >= 0),
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 1000000),
    PRIMARY KEY (order_id, file_no, chunk_no),
    FOREIGN KEY (order_id, file_no) REFERENCES orders.file (order_id, file_no)
);
-- Photos and PDFs are compressed already; the length of what lies outside is known unread.
ALTER TABLE orders.file_chunk ALTER COLUMN body SET STORAGE EXTERNAL;

-- What the system gave up on waits for a person.
CREATE INDEX parked_event_given_up ON platform.parked_event (position) WHERE gave_up;

-- What customers of a location have collected lately.
CREATE INDEX fulfillment_order_collected
    ON fulfillment.fulfillment_order (location_id, updated_at) WHERE state = 'handed_over';
