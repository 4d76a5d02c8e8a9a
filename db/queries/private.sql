-- name: periods_in_force
-- The private periods of every device whose vehicle is private now or was after $1, for trackers send
-- late.
SELECT w.device, greatest(p.begins, w.begins) AS begins,
       nullif(least(p.ends, w.ends), 'infinity') AS ends,
       p.duty_weekdays, p.duty_begins, p.duty_ends, p.duty_on_holidays,
       p.swept_at IS NULL AS unswept
FROM private_period p JOIN device_vehicle w USING (vehicle_id)
WHERE greatest(p.begins, w.begins) < least(p.ends, w.ends)
  AND (p.ends IS NULL OR p.ends > $1)

-- name: periods_of_devices
-- The private periods of the devices $1 that reach into the time between $2 and $3.
SELECT w.device, greatest(p.begins, w.begins) AS begins,
       nullif(least(p.ends, w.ends), 'infinity') AS ends,
       p.duty_weekdays, p.duty_begins, p.duty_ends, p.duty_on_holidays
FROM private_period p JOIN device_vehicle w USING (vehicle_id)
WHERE w.device = ANY ($1::text[]) AND greatest(p.begins, w.begins) < least(p.ends, w.ends)
  AND p.begins < $3 AND (p.ends IS NULL OR p.ends > $2)

-- name: hold_private
-- No other transaction changes the private periods until this one ends.
SELECT pg_advisory_xact_lock_shared(hashtext('flaadestyring.private'))

-- name: private_revision
-- A sequence that was never used has the same `last_value` as after its first use.
SELECT last_value + is_called::integer FROM private_revision

-- name: still_private_as
SELECT still_private_as($1)

-- name: periods_of_vehicle
SELECT private_id, begins, ends, duty_weekdays, duty_begins, duty_ends, duty_on_holidays, note,
       set_by, set_at, deleted, removed, ended_by, ended_at
FROM private_period WHERE vehicle_id = $1
ORDER BY private_id DESC

-- name: set_period
INSERT INTO private_period (vehicle_id, begins, ends, duty_weekdays, duty_begins, duty_ends,
                            duty_on_holidays, note, set_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING private_id

-- name: trips_at_stake
-- The number of stored trips of the vehicle $1 that touch the time from $2 to $3 (NULL: no end).
SELECT count(*) FROM device_vehicle w JOIN trip t ON t.device = w.device
WHERE w.vehicle_id = $1 AND t.start_ts >= w.begins AND t.start_ts < w.ends
  AND t.end_ts > $2 AND ($3::timestamptz IS NULL OR t.start_ts < $3)

-- name: unswept_periods
SELECT private_id FROM private_period WHERE swept_at IS NULL ORDER BY private_id

-- name: lock_period
SELECT vehicle_id, begins, ends, duty_weekdays, duty_begins, duty_ends, duty_on_holidays
FROM private_period WHERE private_id = $1 FOR UPDATE

-- name: seats_in_vehicle
-- The trackers that sat in the vehicle $1, each with the moments at which its seat begins and ends.
SELECT device, greatest(begins, '0001-01-02Z') AS begins, least(ends, '9999-12-30Z') AS ends
FROM device_vehicle WHERE vehicle_id = $1
ORDER BY device, begins

-- name: sweep_positions
-- The statement names one device and has no join, so TimescaleDB decompresses no more than the batches
-- at both ends of the time.
DELETE FROM position WHERE device = $1 AND ts >= $2 AND ts < $3

-- name: next_position
-- The first position of the device $1 at $2 or later; where $3 is false, the first one with a fix.
SELECT ts, satellites FROM position
WHERE device = $1 AND ts >= $2 AND (satellites IS DISTINCT FROM 0 OR $3)
ORDER BY ts LIMIT 1

-- name: last_position
-- The last position of the device $1 before $2.
SELECT ts, lat, lon FROM position WHERE device = $1 AND ts < $2 ORDER BY ts DESC LIMIT 1

-- name: move_positions
-- Moves the positions of the device $1 from $2 to $3 to the place ($4, $5).
UPDATE position SET lat = $4, lon = $5 WHERE device = $1 AND ts >= $2 AND ts < $3

-- name: sweep_trips
WITH gone AS (
    DELETE FROM trip WHERE device = $1 AND start_ts < $3 AND end_ts >= $2
    RETURNING start_ts, end_ts
)
SELECT count(*) AS items, min(start_ts) AS begins, max(end_ts) AS ends FROM gone

-- name: sweep_round_trips
WITH gone AS (
    DELETE FROM round_trip WHERE device = $1 AND start_ts < $3 AND end_ts >= $2
    RETURNING start_ts, end_ts
)
SELECT count(*) AS items, min(start_ts) AS begins, max(end_ts) AS ends FROM gone

-- name: sweep_sessions
WITH gone AS (
    DELETE FROM engine_session WHERE device = $1 AND start_ts < $3 AND end_ts >= $2
    RETURNING start_ts, end_ts
)
SELECT count(*) AS items, min(start_ts) AS begins, max(end_ts) AS ends FROM gone

-- name: sweep_quarantine
-- Deletes the quarantined items of the device $1 that were driven or that arrived from $2 to $3, and,
-- where $4 is true, those of which nobody knows when they were driven.
DELETE FROM quarantine
WHERE device = $1 AND (ts >= $2 AND ts < $3 OR received_at >= $2 AND received_at < $3
                       OR ts IS NULL AND $4)

-- name: sweep_nameless
-- Deletes the quarantined items that no reader could date and whose bytes name the device $1, under
-- whichever device they are kept.
DELETE FROM quarantine WHERE ts IS NULL AND position(convert_to($1, 'UTF8') IN payload) > 0

-- name: periods_by_name
-- The periods of all vehicles by every name that a driving log may use for them, in lower case.
SELECT n.name, begins, ends, duty_weekdays, duty_begins, duty_ends, duty_on_holidays
FROM private_period p CROSS JOIN LATERAL names_in_logs(p.vehicle_id) AS n (name)

-- name: waiting_logs
SELECT upload_id FROM log_upload WHERE content IS NOT NULL ORDER BY upload_id

-- name: store_waiting_log
UPDATE log_upload SET content = $2, preview = $3 WHERE upload_id = $1

-- name: sweep_log_rows
-- Deletes the refused rows of driving logs that name a vehicle by one of the lower-case names $1.
WITH kept AS (
    SELECT upload_id, jsonb_array_length(u.refused) AS items,
           coalesce(jsonb_agg(row ORDER BY number) FILTER (WHERE NOT EXISTS (
               SELECT FROM jsonb_array_elements_text(row -> 3) cell
               WHERE lower(trim(cell)) = ANY ($1::text[]))), '[]') AS refused
    FROM log_upload u, jsonb_array_elements(u.refused) WITH ORDINALITY AS rows (row, number)
    GROUP BY upload_id
), gone AS (
    UPDATE log_upload u SET refused = kept.refused,
        private = u.private + items - jsonb_array_length(kept.refused)
    FROM kept WHERE kept.upload_id = u.upload_id AND jsonb_array_length(kept.refused) < items
    RETURNING items - jsonb_array_length(kept.refused) AS items
)
SELECT coalesce(sum(items), 0)::bigint FROM gone

-- name: names_after_begin
-- The names that a driving log may use for the vehicle of the period $1, in lower case; none before
-- the period begins.
SELECT ARRAY(SELECT names_in_logs(p.vehicle_id) WHERE p.begins <= now())
FROM private_period p WHERE private_id = $1

-- name: mark_trips_dirty
-- Makes the trip service detect the trips of the device $1 from $2 to $3 again.
UPDATE device_state SET
    dirty_from = least(dirty_from, $2), dirty_to = greatest(dirty_to, $2, least($3, last_ts)),
    revision = revision + 1
WHERE device = $1

-- name: clamp_state
-- Takes the moments from $2 to $3 out of the times at which the device $1 was first and last heard. If
-- it was last heard in that time, its last position is now the last one that is left before it. Pages
-- look there for the last place of the device. If it was last received in that time, when it was
-- received is no longer known.
UPDATE device_state SET
    received_at = CASE WHEN received_at < $2 OR received_at >= $3 THEN received_at END,
    first_ts = CASE WHEN first_ts < $2 OR first_ts >= $3 THEN first_ts
                    WHEN last_ts >= $3 THEN $3 ELSE $2 END,
    last_ts = CASE WHEN last_ts < $2 OR last_ts >= $3 THEN last_ts
                   ELSE coalesce((SELECT ts FROM position p WHERE p.device = $1 AND p.ts < $2
                                  ORDER BY ts DESC LIMIT 1), $2) END
WHERE device = $1 AND (first_ts >= $2 AND first_ts < $3 OR last_ts >= $2 AND last_ts < $3
                       OR received_at >= $2 AND received_at < $3)

-- name: hold_rounds
-- No other transaction stores plans of rounds until this one ends: those were made from data that it
-- deletes.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.rounds'))

-- name: forget_round_days
SELECT forget_days($1, $2::text::datemultirange)

-- name: mark_swept
UPDATE private_period SET
    swept_at = clock_timestamp(), swept_days = $3::text::datemultirange, deleted = deleted + ($2::jsonb ->> 'positions')::bigint,
    removed = (SELECT jsonb_object_agg(kind, coalesce((removed ->> kind)::bigint, 0) + items::bigint)
               FROM jsonb_each_text($2::jsonb) AS now (kind, items))
WHERE private_id = $1
RETURNING deleted

-- name: end_period
UPDATE private_period p SET ends = greatest(was.begins, now()), ended_by = $2, ended_at = now()
FROM private_period was
WHERE p.private_id = $1 AND was.private_id = $1 AND (p.ends IS NULL OR p.ends > now())
RETURNING p.vehicle_id, p.begins, p.ends, was.ends AS planned

-- name: count_dropped
-- Counts dropped positions: $3 positions of the devices $1 on the local days $2.
INSERT INTO private_day AS d (device, day, positions)
SELECT * FROM unnest($1::text[], $2::date[], $3::bigint[]) AS dropped (device, day, positions)
ORDER BY device, day
ON CONFLICT (device, day) DO UPDATE SET positions = d.positions + excluded.positions

-- name: dropped_positions
-- The number of positions of the vehicle $1 that were dropped since the local day $2.
SELECT coalesce(sum(positions), 0)::bigint
FROM private_day JOIN device USING (device) WHERE vehicle_id = $1 AND day >= $2
