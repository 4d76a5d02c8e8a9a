-- name: hold_known_source
-- The allowance of an account at a source from which its person signed in; locks it.
SELECT full_at, clock_timestamp() AS now FROM account_source
WHERE account_id = $1 AND source = $2 AND signed_in_at > now() - $3::interval
FOR UPDATE

-- name: put_known_source
UPDATE account_source SET full_at = $3 WHERE account_id = $1 AND source = $2

-- name: source_signed_in
INSERT INTO account_source (account_id, source) VALUES ($1, $2)
ON CONFLICT (account_id, source) DO UPDATE SET signed_in_at = now()

-- name: forget_oldest_sources
DELETE FROM account_source WHERE account_id = $1 AND source NOT IN (
    SELECT source FROM account_source WHERE account_id = $1
    ORDER BY signed_in_at DESC, source LIMIT $2)

-- name: hold_allowances
-- Locks allowances, in an order that is the same for all; one that is not stored is whole.
INSERT INTO sign_in_allowance (kind, slot, full_at)
SELECT kind, slot, now() FROM unnest($1::text[], $2::bigint[]) AS asked (kind, slot)
ORDER BY kind, slot
ON CONFLICT (kind, slot) DO UPDATE SET full_at = sign_in_allowance.full_at
RETURNING kind, slot, full_at, clock_timestamp() AS now

-- name: put_allowances
UPDATE sign_in_allowance SET full_at = given.full_at
FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS given (kind, slot, full_at)
WHERE sign_in_allowance.kind = given.kind AND sign_in_allowance.slot = given.slot

-- name: forget_allowances
DELETE FROM sign_in_allowance WHERE full_at <= now()

-- name: forget_sources
DELETE FROM account_source WHERE signed_in_at <= now() - $1::interval

-- name: commit_soon
SET LOCAL synchronous_commit = off

-- name: count_refusal
INSERT INTO sign_in_refusal AS r (account_id, refused, stopped, sources)
VALUES ($1, $2, $3, ARRAY[$4::text])
ON CONFLICT (account_id) DO UPDATE SET
    refused = r.refused + excluded.refused, stopped = r.stopped + excluded.stopped, last_at = now(),
    sources = CASE WHEN r.sources @> excluded.sources OR cardinality(r.sources) >= $5::integer
                   THEN r.sources ELSE r.sources || excluded.sources END

-- name: take_refusals
-- The counts of refused attempts, each with the name of the account; deletes them.
WITH taken AS (DELETE FROM sign_in_refusal RETURNING *)
SELECT a.name, t.refused, t.stopped, t.sources, t.first_at, t.last_at
FROM taken t LEFT JOIN account a USING (account_id) ORDER BY account_id
