-- What lists are searched by: made from the other schemas by one follower, and made anew at will.
CREATE SCHEMA listings;

-- doc holds every filter as a lexeme (“l:open”, “c:web”, “t:gift”), the words of the search, and
-- the day placed at several widths (“d0:20414”, “d4:1275”), so that one index can answer any
-- combination of filters for any stretch of time. Personal data: it holds the words of names.
CREATE TABLE listings.order_entry (
    order_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    placed_at timestamptz NOT NULL,
    number bigint NOT NULL,
    promised_on date NOT NULL,
    currency text COLLATE "C" NOT NULL,
    total_minor bigint NOT NULL,
    -- Units are still to leave: a promise can be broken.
    awaited boolean NOT NULL,
    doc tsvector NOT NULL
);
CREATE INDEX order_entry_placed ON listings.order_entry (placed_at, order_id);
CREATE INDEX order_entry_number ON listings.order_entry (number, order_id);
CREATE INDEX order_entry_promised ON listings.order_entry (promised_on, order_id);
CREATE INDEX order_entry_total ON listings.order_entry (currency, total_minor, order_id);
CREATE INDEX order_entry_awaited ON listings.order_entry (promised_on) WHERE awaited;
-- Without a pending list: a search would read all of it, each time.
CREATE INDEX order_entry_doc ON listings.order_entry USING gin (doc) WITH (fastupdate = off);

-- At most n entries that match all of up to five queries, in no order, found by the index over doc
-- whatever the planner believes: with an ORDER BY and a LIMIT it bets on the date index, and loses
-- where matches are rare or old. Conditions of their own, not one query with “and”: between
-- conditions the index leaps to where the rarer one is, inside of a query it doesn't (2,259 ms
-- became 5 ms for a country, a mode and 177 days).
CREATE FUNCTION listings.match_entries(q tsquery[], n integer)
RETURNS TABLE (
    order_id uuid, placed_at timestamptz, number bigint, promised_on date, currency text,
    total_minor bigint
)
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
AS $$
    SELECT e.order_id, e.placed_at, e.number, e.promised_on, e.currency, e.total_minor
    FROM listings.order_entry AS e
    WHERE e.doc @@ q[1] AND e.doc @@ coalesce(q[2], q[1]) AND e.doc @@ coalesce(q[3], q[1])
      AND e.doc @@ coalesce(q[4], q[1]) AND e.doc @@ coalesce(q[5], q[1])
    LIMIT n
$$;

-- What is to be done for an order.
CREATE INDEX task_order ON fulfillment.task (order_id) WHERE closed_at IS NULL;
