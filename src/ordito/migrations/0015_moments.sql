-- Stock at any moment: the balances of all buckets after a posting, and what was booked late.

-- Balances after the posting of quality_control, damaged, safety, incoming and in_transit, in this
-- order; NULL where all are 0, which is nearly everywhere and then costs nothing.
ALTER TABLE inventory.posting
    ADD COLUMN others_after bigint[] CHECK (cardinality(others_after) = 5);

WITH moved AS (
    SELECT item_id, location_id, seq,
           ARRAY[
               sum(CASE 'quality_control' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'damaged' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'safety' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'incoming' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell,
               sum(CASE 'in_transit' WHEN to_bucket::text THEN qty
                   WHEN from_bucket::text THEN -qty ELSE 0 END) OVER cell
           ]::bigint[] AS balances
    FROM inventory.posting
    WINDOW cell AS (PARTITION BY item_id, location_id ORDER BY seq)
)
UPDATE inventory.posting AS p
SET others_after = m.balances
FROM moved AS m
WHERE m.balances <> '{0,0,0,0,0}'
  AND p.item_id = m.item_id AND p.location_id = m.location_id AND p.seq = m.seq;

-- What was booked long after it happened: few, so that the hot table stays as cheap to write.
CREATE INDEX posting_late ON inventory.posting (item_id, location_id, at)
    WHERE at - occurred_at > interval '1 minute';
