-- name: expired_parts
-- The weeks that ended before $1, the oldest first.
SELECT part::text AS part, from_ts, to_ts FROM position_parts() WHERE to_ts <= $1 ORDER BY from_ts

-- name: trips_to_find
-- The number of devices whose trips the trip service has still to detect, for the first time or again,
-- from positions before $1.
SELECT count(*) FROM device_state s JOIN trip_settings a USING (device)
WHERE dirty_from < $1 OR (first_ts < $1 AND s.found_with IS DISTINCT FROM a.found_with)

-- name: lock_position
-- Dropping a part takes this lock in the end. A session that takes it first cannot deadlock with
-- writers.
LOCK TABLE ONLY position IN ACCESS EXCLUSIVE MODE

-- name: keep_trips
-- Keeps the trips of the devices $1 before $2, the end of a week, as they are: the trip service begins
-- after that moment from now on.
UPDATE device_state SET kept_from = greatest(kept_from, $2) WHERE device = ANY ($1::text[])

-- name: count_week
-- The numbers of positions of the week $1 to $2 that arrived until $3 and later, by device.
SELECT device, count(*) FILTER (WHERE received_at <= $3) AS expired,
       count(*) FILTER (WHERE received_at > $3) AS late
FROM position WHERE ts >= $1 AND ts < $2
GROUP BY device

-- name: copy_late
-- Copies the positions of the week $1 to $2 that arrived after $3, for `leave_late`.
CREATE TEMPORARY TABLE late_position ON COMMIT DROP AS
SELECT * FROM position WHERE ts >= $1 AND ts < $2 AND received_at > $3

-- name: is_late_copied
SELECT late_is_copied($1, $2, $3)

-- name: leave_late
SELECT leave_late_positions($1::text::regclass)

-- name: drop_part
SELECT drop_position_part($1::text::regclass, $2, $3)

-- name: delete_expired
DELETE FROM position WHERE ts >= $1 AND ts < $2 AND received_at <= $3

-- name: delete_uploads
WITH gone AS (DELETE FROM log_upload WHERE uploaded_at <= $1 RETURNING 1)
SELECT count(*) FROM gone

-- name: delete_audit
SELECT forget_audit($1)

-- name: exact_trips
-- At most $2 trips that ended before $1, whose ends are not rounded yet and which the trip service
-- cannot detect again, as no position of theirs is left.
SELECT t.device, t.start_ts, t.end_ts, t.start_lat, t.start_lon, t.end_lat, t.end_lon
FROM trip t LEFT JOIN device_state s USING (device)
WHERE NOT t.ends_rounded AND t.start_ts < $1 AND t.end_ts < $1
  AND (t.start_ts < s.kept_from
       OR NOT EXISTS (SELECT FROM position p
                      WHERE p.device = t.device AND p.ts BETWEEN t.start_ts AND t.end_ts))
ORDER BY t.start_ts
LIMIT $2

-- name: round_ends_of_trips
UPDATE trip t SET start_lat = n.start_lat, start_lon = n.start_lon, end_lat = n.end_lat,
                  end_lon = n.end_lon, ends_rounded = true
FROM unnest($1::text[], $2::timestamptz[], $3::float8[], $4::float8[], $5::float8[], $6::float8[])
     AS n (device, start_ts, start_lat, start_lon, end_lat, end_lon)
WHERE t.device = n.device AND t.start_ts = n.start_ts

-- name: keep_counted_days
-- Called before the trips that ended before $1 are deleted: positions that are left do not bring the
-- trips back, and the days keep their counts.
UPDATE device_state SET kept_from = greatest(kept_from, $1)
WHERE first_ts < $1 AND (dirty_from IS NULL OR dirty_from >= $1)

-- name: delete_trip
WITH gone AS (DELETE FROM trip WHERE end_ts < $1 RETURNING 1) SELECT count(*) FROM gone

-- name: delete_round_trip
WITH gone AS (DELETE FROM round_trip WHERE end_ts < $1 RETURNING 1) SELECT count(*) FROM gone

-- name: delete_engine_session
WITH gone AS (DELETE FROM engine_session WHERE end_ts < $1 RETURNING 1) SELECT count(*) FROM gone

-- name: forget_trial_days
-- Deletes the trials of days before $1, of which no trips are kept.
DELETE FROM trial_day WHERE day < $1

-- name: forget_round_days
-- Deletes what rounds store of single days before $1.
WITH aged AS (
    UPDATE round_part p SET part_plan = part_plan_without_days(
                                part_plan, NULL, datemultirange(daterange(NULL, $1))),
                            days_from = $1
    FROM round r
    WHERE r.round_id = p.round_id AND part_plan IS NOT NULL AND r.period_first < $1
      AND coalesce(days_from, r.period_first) < least($1, r.period_last + 60)
    RETURNING p.round_id
)
UPDATE proposal SET content = content || jsonb_build_object(
    'tight_days', without_days(content -> 'tight_days', datemultirange(daterange(NULL, $1))))
WHERE round_id IN (SELECT round_id FROM aged) AND content -> 'tight_days' <> '[]'

-- name: delete_quarantine
WITH gone AS (DELETE FROM quarantine WHERE received_at <= $1 RETURNING 1)
SELECT count(*) FROM gone

-- name: forget_received
-- The counts of what came in before $1, of which no page tells.
DELETE FROM received_minute WHERE minute < $1

-- name: record_deletion
INSERT INTO deletion (subject, from_ts, to_ts, items, keep_days) VALUES ($1, $2, $3, $4, $5)

-- name: last_deletions
SELECT deleted_at, subject, from_ts, to_ts, items, keep_days
FROM deletion ORDER BY deletion_id DESC LIMIT $1
