-- The first and last day on which entries were placed that have a term, for the terms that name a
-- channel, country, delivery, kind, mode, location or tag: a list filtered by what is all old
-- begins there, instead of looking for it through everything newer. Bounds: they only ever widen,
-- until the lists are made anew.
CREATE TABLE listings.term_reach (
    term text COLLATE "C" PRIMARY KEY,
    first_day integer NOT NULL,
    last_day integer NOT NULL,
    CHECK (first_day <= last_day)
);

-- A trigger, so that no program of any version can write an entry that its filters don't reach.
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

LOCK TABLE listings.order_entry IN SHARE ROW EXCLUSIVE MODE;

INSERT INTO listings.term_reach (term, first_day, last_day)
SELECT filed.term, min(filed.day), max(filed.day)
FROM (
    SELECT unnest(tsvector_to_array(e.doc)) AS term,
           floor(extract(epoch FROM e.placed_at) / 86400)::integer AS day
    FROM listings.order_entry AS e
) AS filed
WHERE left(filed.term, 2) = ANY('{c:,d:,k:,o:,p:,t:,y:}')
GROUP BY filed.term;

CREATE TRIGGER widen_reach_of_new AFTER INSERT ON listings.order_entry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION listings.widen_reach();
CREATE TRIGGER widen_reach_of_changed AFTER UPDATE ON listings.order_entry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION listings.widen_reach();

-- What is late is found among what is awaited, in both orders it is looked at in.
DROP INDEX listings.order_entry_awaited;
CREATE INDEX order_entry_awaited ON listings.order_entry (promised_on, order_id) WHERE awaited;
CREATE INDEX order_entry_awaited_placed ON listings.order_entry (placed_at, order_id)
    INCLUDE (promised_on) WHERE awaited;
