-- name: dirty_devices
-- Those whose positions changed, whose depots did, or which are another vehicle's, of another class
-- or measured otherwise than when their trips were found; the longest-waiting first. Those that are
-- set aside only when it is time to try again.
SELECT s.device, x.device IS NOT NULL AS aside
FROM device_state s JOIN device_as a USING (device) LEFT JOIN trip_aside x USING (device)
WHERE (dirty_from IS NOT NULL OR rounds_from IS NOT NULL OR s.found_as IS DISTINCT FROM a.found_as)
  AND (x.device IS NULL OR x.retry_at <= now())
ORDER BY dirty_since, s.device

-- name: lock_device
-- What a power cut takes is found again, for then the device is dirty still: so no commit waits for
-- the disk.
SELECT pg_try_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext($1)),
       set_config('synchronous_commit', 'off', true)

-- name: state
-- Positions before `kept_from` are deleted. Trips begin anew after the last trip that began before
-- it, and days are counted anew from the first one that is still whole, wherever it is midnight.
SELECT s.first_ts, s.last_ts, s.rounds_from, s.revision,
       CASE WHEN s.found_as IS DISTINCT FROM a.found_as
            THEN s.first_ts ELSE s.dirty_from END AS dirty_from,
       CASE WHEN s.found_as IS DISTINCT FROM a.found_as
            THEN s.last_ts ELSE s.dirty_to END AS dirty_to,
       coalesce(greatest(s.kept_from, (SELECT max(end_ts) FROM trip
                                       WHERE trip.device = $1 AND start_ts < s.kept_from)),
                '0001-01-02Z') AS cut_from,
       greatest(s.first_ts, s.kept_from + interval '1 day') AS whole_from,
       a.trip_class, a.measured_in_hours, a.found_as,
       s.found_as IS DISTINCT FROM a.found_as AS another,
       EXISTS (SELECT FROM trip WHERE trip.device = $1 AND source IS NOT NULL) AS logged,
       EXISTS (SELECT FROM engine_session e WHERE e.device = $1) AS has_sessions
FROM device_state s JOIN device_as a USING (device)
WHERE s.device = $1
  AND (s.dirty_from IS NOT NULL OR s.rounds_from IS NOT NULL
       OR s.found_as IS DISTINCT FROM a.found_as)

-- name: trips_before
-- The last $3 trips that begin before $2, in order.
SELECT start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km
FROM (SELECT * FROM trip WHERE device = $1 AND start_ts < $2 AND source IS NULL
      ORDER BY start_ts DESC LIMIT $3) t
ORDER BY start_ts

-- name: trips_after
-- The first $3 trips that end after $2, in order. Trips of a device do not overlap, so that only
-- the last one that begins before $2 may end after it.
SELECT start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km FROM trip
WHERE device = $1 AND end_ts > $2 AND source IS NULL
  AND start_ts >= coalesce((SELECT max(start_ts) FROM trip
                            WHERE device = $1 AND start_ts < $2 AND source IS NULL), $2)
ORDER BY start_ts LIMIT $3

-- name: cuts_before
-- In each of the stays from $2 to $3 (the nearest first, all of them after $4): the $6th last fix
-- before its end, and the last one that is $5 or more before that. $4 spares looking into weeks
-- before it.
SELECT settled.ts AS settled, cut.ts AS cut, stay.since, stay.until
FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS stay (since, until, place)
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = $1 AND ts >= stay.since AND ts < stay.until AND satellites IS DISTINCT FROM 0
      AND ts >= $4::timestamptz AND ts < ($3::timestamptz[])[1]
    ORDER BY ts DESC OFFSET $6::integer - 1 LIMIT 1
) settled
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = $1 AND ts >= stay.since AND ts <= settled.ts - $5::interval
      AND satellites IS DISTINCT FROM 0
      AND ts >= $4::timestamptz AND ts < ($3::timestamptz[])[1]
    ORDER BY ts DESC LIMIT 1
) cut
ORDER BY stay.place

-- name: cuts_after
-- In each of the stays from $2 to $3 (the nearest first, all of them before $4): the $6th fix after
-- its begin, and the first one that is $5 or more after that.
SELECT settled.ts AS settled, cut.ts AS cut, stay.since, stay.until
FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS stay (since, until, place)
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = $1 AND ts > stay.since AND ts <= stay.until AND satellites IS DISTINCT FROM 0
      AND ts > ($2::timestamptz[])[1] AND ts <= $4::timestamptz
    ORDER BY ts OFFSET $6::integer - 1 LIMIT 1
) settled
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = $1 AND ts <= stay.until AND ts >= settled.ts + $5::interval
      AND satellites IS DISTINCT FROM 0
      AND ts > ($2::timestamptz[])[1] AND ts <= $4::timestamptz
    ORDER BY ts LIMIT 1
) cut
ORDER BY stay.place

-- name: track
-- What was sent without a fix has no place of its own.
SELECT date_part('epoch', ts), CASE WHEN satellites = 0 THEN 'NaN' ELSE lat END,
       CASE WHEN satellites = 0 THEN 'NaN' ELSE lon END, coalesce(speed_kmh::float8, 'NaN'),
       coalesce(odometer_km, 'NaN'), coalesce(ignition::integer::float8, 'NaN'),
       CASE attrs -> 'movement' WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE 'NaN'::float8 END
FROM position
WHERE device = $1 AND ts >= $2::timestamptz AND ts <= $3::timestamptz
ORDER BY ts

-- name: between
SELECT device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km, silence_max_s,
       gap_inside, cut_by_silence, odometer_used
FROM trip WHERE device = $1 AND start_ts >= $2 AND start_ts < $3 AND source IS NULL

-- name: remove
DELETE FROM trip WHERE device = $1 AND start_ts >= $2 AND start_ts < $3 AND source IS NULL

-- name: overrule_logged
-- Where the tracker was heard, from $2 to $3, it counts and the driving log does not.
WITH trips AS (
    DELETE FROM trip WHERE device = $1 AND source IS NOT NULL AND start_ts < $3 AND end_ts > $2
)
DELETE FROM round_trip WHERE device = $1 AND source IS NOT NULL AND start_ts < $3 AND end_ts > $2

-- name: sessions_before
-- The last two sessions that end before $2, in order.
SELECT start_ts, end_ts
FROM (SELECT * FROM engine_session WHERE device = $1 AND end_ts < $2
      ORDER BY start_ts DESC LIMIT 2) s
ORDER BY start_ts

-- name: engine_track
-- What tells when the engine ran: all from $2 on, but of the idle time from $3 to $4 the ends only.
SELECT date_part('epoch', ts), coalesce(ignition::integer::float8, 'NaN'),
       coalesce(engine_hours_h, 'NaN')
FROM position
WHERE device = $1 AND ts >= $2::timestamptz AND (ts <= $3::timestamptz OR ts >= $4::timestamptz)
  AND (engine_hours_h IS NOT NULL OR ignition IS NOT NULL)
ORDER BY ts

-- name: engine_idle
-- The fix at or before $2 and the last one before $3 that tell of the engine.
SELECT early.ts AS early_ts, early.engine_hours_h AS early_hours,
       late.ts AS late_ts, late.engine_hours_h AS late_hours
FROM (SELECT ts, engine_hours_h FROM position
      WHERE device = $1 AND ts <= $2 AND (engine_hours_h IS NOT NULL OR ignition IS NOT NULL)
      ORDER BY ts DESC LIMIT 1) early,
     (SELECT ts, engine_hours_h FROM position
      WHERE device = $1 AND ts < $3 AND (engine_hours_h IS NOT NULL OR ignition IS NOT NULL)
      ORDER BY ts DESC LIMIT 1) late

-- name: remove_sessions
DELETE FROM engine_session WHERE device = $1 AND end_ts > $2

-- name: settle
-- Positions that came in while the trips were found have moved the revision: then it stays dirty,
-- and so it does when a depot changed meanwhile. The last statement of its transaction: who stores
-- positions of the device waits from here to the end of it.
UPDATE device_state SET
    dirty_from  = CASE WHEN revision = $2 THEN NULL ELSE dirty_from END,
    dirty_to    = CASE WHEN revision = $2 THEN NULL ELSE dirty_to END,
    dirty_since = CASE WHEN revision = $2 THEN NULL ELSE now() END,
    rounds_from = CASE WHEN rounds_from = $4 THEN NULL ELSE rounds_from END,
    found_as    = $3
WHERE device = $1

-- name: vehicles
-- The vehicles that a device sat in, from when until when.
SELECT vehicle_id, depot_id, greatest(begins, '0001-01-02Z') AS begins,
       least(ends, '9999-12-30Z') AS ends
FROM device_vehicle JOIN vehicle USING (vehicle_id)
WHERE device = $1

-- name: return_before
-- The end of the last but one round trip that ends before $2: it stands, for so does the trip that
-- begins the last one.
SELECT end_ts FROM round_trip WHERE device = $1 AND end_ts < $2 AND source IS NULL
ORDER BY end_ts DESC OFFSET 1 LIMIT 1

-- name: departure_after
-- The start of the second round trip that begins at $2 or later: it stands, for so does the trip
-- that ends the first one.
SELECT start_ts FROM round_trip WHERE device = $1 AND start_ts >= $2 AND source IS NULL
ORDER BY start_ts OFFSET 1 LIMIT 1

-- name: round_trips_between
SELECT device, start_ts, end_ts, vehicle_id, depot_id, km, legs, left_depot, reached_depot
FROM round_trip
WHERE device = $1 AND end_ts > $2 AND start_ts < $3 AND source IS NULL

-- name: remove_round_trips
DELETE FROM round_trip WHERE device = $1 AND start_ts = ANY ($2::timestamptz[])

-- name: tracked
SELECT start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km FROM trip
WHERE device = $1 AND start_ts >= $2 AND start_ts < $3 AND source IS NULL
ORDER BY start_ts

-- name: of_device
SELECT start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km, gap_inside, cut_by_silence
FROM trip WHERE device = $1 AND start_ts >= $2 AND start_ts < $3
ORDER BY start_ts

-- name: waiting
-- How many devices wait for their trips, for how many seconds the longest-waiting one, and how many
-- are set aside.
SELECT count(*) FILTER (WHERE x.device IS NULL) AS devices,
       coalesce(extract(epoch FROM now() - min(dirty_since) FILTER (WHERE x.device IS NULL)), 0)
           ::float8 AS oldest_s,
       (SELECT count(*) FROM trip_aside) AS aside
FROM device_state s JOIN device_as a USING (device) LEFT JOIN trip_aside x USING (device)
WHERE dirty_from IS NOT NULL OR s.found_as IS DISTINCT FROM a.found_as

-- name: set_aside
-- For a pause of $4 that doubles with each time in a row, up to $5.
INSERT INTO trip_aside AS x (device, trouble, error, retry_at) VALUES ($1, $2, $3, now() + $4)
ON CONFLICT (device) DO UPDATE SET
    trouble = excluded.trouble, error = excluded.error, attempts = x.attempts + 1,
    retry_at = now() + least($4::interval * 2 ^ least(x.attempts, 20), $5::interval)

-- name: take_back
DELETE FROM trip_aside WHERE device = $1

-- name: aside
SELECT x.device, trouble, error, attempts, since, retry_at, vehicle_id, v.name AS vehicle_name
FROM trip_aside x LEFT JOIN device d USING (device) LEFT JOIN vehicle v USING (vehicle_id)
ORDER BY since, x.device LIMIT $1

-- name: counts
SELECT (SELECT count(*) FROM trip) AS trips, (SELECT count(*) FROM round_trip) AS round_trips
