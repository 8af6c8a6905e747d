-- Kept free for a change that is merged beside this one.
SELECT 1;
