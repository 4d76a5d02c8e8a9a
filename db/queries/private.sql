-- name: in_force
-- Of every device whose vehicle is or was private: trackers send late, so ended ones count for a
-- year.
SELECT w.device, greatest(p.begins, w.begins) AS begins,
       nullif(least(p.ends, w.ends), 'infinity') AS ends,
       p.duty_weekdays, p.duty_begins, p.duty_ends, p.duty_on_holidays
FROM private_period p JOIN device_vehicle w USING (vehicle_id)
WHERE greatest(p.begins, w.begins) < least(p.ends, w.ends)
  AND (p.ends IS NULL OR p.ends > now() - interval '1 year')

-- name: of_vehicle
SELECT private_id, begins, ends, duty_weekdays, duty_begins, duty_ends, duty_on_holidays, note,
       set_by, set_at, deleted, ended_by, ended_at
FROM private_period WHERE vehicle_id = $1
ORDER BY private_id DESC

-- name: vehicle_name
SELECT name FROM vehicle WHERE vehicle_id = $1 AND retired_at IS NULL

-- name: set
INSERT INTO private_period (vehicle_id, begins, ends, duty_weekdays, duty_begins, duty_ends,
                            duty_on_holidays, note, set_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING private_id

-- name: delete_stored
-- What is stored of the vehicle $1 from $2 until before $3 goes, and its trips are found again.
WITH whose AS (
    SELECT device, begins, ends FROM device_vehicle WHERE vehicle_id = $1
), gone AS (
    DELETE FROM position p USING whose
    WHERE p.device = whose.device AND p.ts >= $2 AND ($3::timestamptz IS NULL OR p.ts < $3)
      AND p.ts >= whose.begins AND p.ts < whose.ends
    RETURNING p.device, p.ts
), kept_back AS (
    DELETE FROM quarantine q USING whose
    WHERE q.device = whose.device AND q.received_at >= $2
      AND ($3::timestamptz IS NULL OR q.received_at < $3)
      AND q.received_at >= whose.begins AND q.received_at < whose.ends
), moved AS (
    UPDATE device_state s SET
        dirty_from = least(s.dirty_from, g.first_ts), dirty_to = greatest(s.dirty_to, g.last_ts),
        revision = s.revision + 1
    FROM (SELECT device, min(ts) AS first_ts, max(ts) AS last_ts FROM gone GROUP BY device) g
    WHERE s.device = g.device
)
SELECT count(*) FROM gone

-- name: note_deleted
UPDATE private_period SET deleted = $2 WHERE private_id = $1

-- name: end
UPDATE private_period SET ends = greatest(begins, now()), ended_by = $2, ended_at = now()
WHERE private_id = $1 AND (ends IS NULL OR ends > now())
RETURNING vehicle_id

-- name: count
-- Positions dropped: $1 devices, $2 local days, $3 how many.
INSERT INTO private_day AS d (device, day, positions)
SELECT * FROM unnest($1::text[], $2::date[], $3::bigint[]) AS dropped (device, day, positions)
ORDER BY device, day
ON CONFLICT (device, day) DO UPDATE SET positions = d.positions + excluded.positions

-- name: dropped
-- How many positions of a vehicle were dropped since the local day $2.
SELECT coalesce(sum(positions), 0)::bigint
FROM private_day JOIN device USING (device) WHERE vehicle_id = $1 AND day >= $2
