-- name: data_period
-- The first and the last local day with trips, at most $1 weeks back from the last, and the closing
-- days between.
WITH driven AS (
    SELECT min(day) AS first, max(day) AS last FROM device_day WHERE trips > 0
), period AS (
    SELECT greatest(first, last - 7 * $1::integer + 1) AS first, last FROM driven
    WHERE last IS NOT NULL
)
SELECT first, last,
       ARRAY(SELECT day FROM closing_day WHERE day BETWEEN first AND last) AS closed
FROM period

-- name: earlier_seats
-- The seats of trackers before their present ones, the latest first.
SELECT device, until, vehicle_id FROM device_seat ORDER BY until DESC

-- name: month_revisions
-- The revision of each month from $1 to $2. Revisions only grow, so that their sum grows whenever a day
-- of the month changes.
SELECT month, sum(revision)::bigint AS revision FROM device_month
WHERE month BETWEEN date_trunc('month', $1::date)::date AND $2::date
GROUP BY month ORDER BY month

-- name: device_revisions
SELECT device, revision FROM device_month WHERE month = $1

-- name: days_of_devices
-- The days of the devices $1, which have the numbers $2, in the month $3. The last column is 1 where a trip
-- of the day is from a driving log, also where a tracker that was not heard then has it.
WITH logged AS MATERIALIZED (
    SELECT DISTINCT device FROM logged_span JOIN device_vehicle USING (vehicle_id) WHERE device = ANY ($1)
)
SELECT number, day - $3::date, heard, trips, km, driving_s, away_s, engine_hours,
       (driving_s > 0 AND (starts_with(device, 'log:') OR (
           device IN (SELECT device FROM logged) AND EXISTS (
               SELECT FROM trip t
               WHERE t.device = y.device AND t.source IS NOT NULL
                 AND t.start_ts >= (day - 7)::timestamp AT TIME ZONE 'Europe/Copenhagen'
                 AND t.start_ts < (day + 1)::timestamp AT TIME ZONE 'Europe/Copenhagen'
                 AND t.end_ts >= day::timestamp AT TIME ZONE 'Europe/Copenhagen'))))::integer
FROM unnest($1::text[], $2::integer[]) AS d (device, number)
JOIN device_day y USING (device)
WHERE day >= $3::date AND day < $3::date + interval '1 month'

-- name: evidence
-- The days from $1 to $2 of which something is known, for the vehicle $3 or for all. `day` counts from
-- $1.
SELECT w.vehicle_id, day - $1::date AS day, heard, driving_s > 0 OR engine_hours > 0 AS used
FROM device_day y
JOIN device_vehicle w ON w.device = y.device AND y.day >= w.since AND y.day < w.until
WHERE day BETWEEN $1::date AND $2 AND w.vehicle_id IS NOT NULL
  AND ($3::text IS NULL OR w.vehicle_id = $3)

-- name: round_trips_of_devices
-- The round trips of the devices $1, which have the numbers $2, that touch the time from $3 to $4.
-- Round trips of a device do not overlap: of those that began before $3, only the last can reach into
-- the time.
SELECT number, date_part('epoch', start_ts), date_part('epoch', end_ts)
FROM unnest($1::text[], $2::integer[]) AS d (device, number)
JOIN round_trip r USING (device)
WHERE start_ts < $4::timestamptz AND end_ts > $3::timestamptz
  AND start_ts >= coalesce((SELECT max(start_ts) FROM round_trip b
                            WHERE b.device = d.device AND b.start_ts < $3::timestamptz),
                           $3::timestamptz)
