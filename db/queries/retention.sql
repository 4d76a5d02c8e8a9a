-- name: expired_parts
-- Weeks that ended before $1, the oldest first.
SELECT part::text AS part, from_ts, to_ts FROM position_parts() WHERE to_ts <= $1 ORDER BY from_ts

-- name: trips_to_find
-- Devices whose trips are still to be found from positions before $1, or to be found anew.
SELECT count(*) FROM device_state s JOIN device_as a USING (device)
WHERE dirty_from < $1 OR (first_ts < $1 AND s.found_as IS DISTINCT FROM a.found_as)

-- name: lock_position
-- Dropping a part needs this lock in the end; taken first, it cannot deadlock with a writer.
LOCK TABLE ONLY position IN ACCESS EXCLUSIVE MODE

-- name: keep_trips
-- What was found from the positions of the week $1 to $2 stays as it is: trips begin anew after it.
UPDATE device_state s SET kept_from = greatest(s.kept_from, $2)
WHERE EXISTS (
    SELECT FROM position p
    WHERE p.device = s.device AND p.ts >= $1 AND p.ts < $2 AND p.received_at <= $3
)

-- name: counts
-- Positions of the week $1 to $2 by whether they came in before $3.
SELECT count(*) FILTER (WHERE received_at <= $3) AS expired,
       count(*) FILTER (WHERE received_at > $3) AS late
FROM position WHERE ts >= $1 AND ts < $2

-- name: drop_part
SELECT drop_position_part($1::text::regclass, $2, $3)

-- name: delete_expired
DELETE FROM position WHERE ts >= $1 AND ts < $2 AND received_at <= $3

-- name: delete_quarantine
WITH gone AS (DELETE FROM quarantine WHERE received_at <= $1 RETURNING 1)
SELECT count(*) FROM gone

-- name: log
INSERT INTO deletion (subject, from_ts, to_ts, items, keep_days) VALUES ($1, $2, $3, $4, $5)

-- name: last
SELECT deleted_at, subject, from_ts, to_ts, items, keep_days
FROM deletion ORDER BY deletion_id DESC LIMIT $1
