-- name: dirty_devices
-- Those whose positions changed, whose depots did, or which are another vehicle's, of another class
-- or measured otherwise than when their trips were found; the longest-waiting first, and from how
-- many hours each is to be found anew. Those that are set aside only when it is time to try again.
SELECT s.device, x.device IS NOT NULL AS was_set_aside,
       date_part('epoch', greatest(
           interval '0', dirty_to - dirty_from, last_ts - round_trips_from,
           CASE WHEN s.found_with IS DISTINCT FROM a.found_with
                THEN last_ts - greatest(first_ts, kept_from) END)) / 3600 AS hours
FROM device_state s JOIN trip_settings a USING (device) LEFT JOIN trip_aside x USING (device)
WHERE (dirty_from IS NOT NULL OR round_trips_from IS NOT NULL OR s.found_with IS DISTINCT FROM a.found_with)
  AND (x.device IS NULL OR x.retry_at <= now())
ORDER BY dirty_since, s.device

-- name: lock_devices
-- Lock those of the devices $1 that no other transaction has locked. The commit does not wait for the
-- disk: what a power cut takes is found again, as the device is still dirty then.
SELECT device, set_config('synchronous_commit', 'off', true) FROM unnest($1::text[]) AS device
WHERE pg_try_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext(device))

-- name: wait_for_devices
-- The same locks, waiting for each; sorted, so that two sessions that want several do not deadlock.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext(device))
FROM (SELECT device FROM unnest($1::text[]) AS device ORDER BY device) AS sorted

-- name: dirty_states
-- Positions before `kept_from` are deleted. Trips begin anew after the last trip that began before
-- it, and days are counted anew from the first one that is still whole, wherever it is midnight.
SELECT s.device, s.first_ts, s.last_ts, s.round_trips_from, s.revision,
       CASE WHEN s.found_with IS DISTINCT FROM a.found_with
            THEN s.first_ts ELSE s.dirty_from END AS dirty_from,
       CASE WHEN s.found_with IS DISTINCT FROM a.found_with
            THEN s.last_ts ELSE s.dirty_to END AS dirty_to,
       coalesce(greatest(s.kept_from, (SELECT end_ts FROM trip
                                       WHERE trip.device = s.device AND start_ts < s.kept_from
                                       ORDER BY start_ts DESC LIMIT 1)),
                '0001-01-02Z') AS positions_from,
       greatest(s.first_ts, s.kept_from + interval '1 day') AS whole_days_from,
       a.trip_class, a.measured_in_hours, a.found_with,
       s.found_with IS DISTINCT FROM a.found_with AS settings_changed,
       EXISTS (SELECT FROM trip WHERE trip.device = s.device AND source IS NOT NULL) AS logged,
       EXISTS (SELECT FROM engine_session e WHERE e.device = s.device) AS has_sessions
FROM device_state s JOIN trip_settings a USING (device)
WHERE s.device = ANY ($1::text[])
  AND (s.dirty_from IS NOT NULL OR s.round_trips_from IS NOT NULL
       OR s.found_with IS DISTINCT FROM a.found_with)

-- name: trips_around
-- Of each device the last $4 trips that begin before its $2, and the first $4 that end after its $3:
-- when they begin and end, in order, in seconds since 1970. Trips of a device do not overlap, so that
-- only the last one that begins before a moment may end after it.
SELECT before.starts AS starts_before, before.ends AS ends_before,
       later.starts AS starts_after, later.ends AS ends_after
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY
     AS d (device, dirty_from, dirty_to, place)
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(date_part('epoch', start_ts) ORDER BY start_ts), '{}') AS starts,
           coalesce(array_agg(date_part('epoch', end_ts) ORDER BY start_ts), '{}') AS ends
    FROM (SELECT start_ts, end_ts FROM trip
          WHERE device = d.device AND start_ts < d.dirty_from AND source IS NULL
          ORDER BY start_ts DESC LIMIT $4) t
) before
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(date_part('epoch', start_ts) ORDER BY start_ts), '{}') AS starts,
           coalesce(array_agg(date_part('epoch', end_ts) ORDER BY start_ts), '{}') AS ends
    FROM (SELECT start_ts, end_ts FROM trip
          WHERE device = d.device AND end_ts > d.dirty_to AND source IS NULL
            AND start_ts >= coalesce(
                (SELECT max(start_ts) FROM trip
                 WHERE device = d.device AND start_ts < d.dirty_to AND source IS NULL), d.dirty_to)
          ORDER BY start_ts LIMIT $4) t
) later
ORDER BY d.place

-- name: cuts_before
-- In each of the stays of the devices $1 from $2 to $3, counted from 1: the $5th last fix before its
-- end, and the last one that is $4 or more before that, in seconds since 1970. All stays lie from $6
-- to $7: so that the weeks of other times are not even looked up.
SELECT stay.place, date_part('epoch', settled.ts) AS settled, date_part('epoch', cut.ts) AS cut
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::interval[]) WITH ORDINALITY
     AS stay (device, since, until, margin, place)
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = stay.device AND ts >= stay.since AND ts < stay.until
      AND satellites IS DISTINCT FROM 0
      AND ts >= $6::timestamptz AND ts <= $7::timestamptz
    ORDER BY ts DESC OFFSET $5::integer - 1 LIMIT 1
) settled
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = stay.device AND ts >= stay.since AND ts <= settled.ts - stay.margin
      AND satellites IS DISTINCT FROM 0
      AND ts >= $6::timestamptz AND ts <= $7::timestamptz
    ORDER BY ts DESC LIMIT 1
) cut
ORDER BY stay.place

-- name: cuts_after
-- The same on the other side: the $5th fix after the begin of each stay, and the first one that is $4
-- or more after that.
SELECT stay.place, date_part('epoch', settled.ts) AS settled, date_part('epoch', cut.ts) AS cut
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::interval[]) WITH ORDINALITY
     AS stay (device, since, until, margin, place)
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = stay.device AND ts > stay.since AND ts <= stay.until
      AND satellites IS DISTINCT FROM 0
      AND ts >= $6::timestamptz AND ts <= $7::timestamptz
    ORDER BY ts OFFSET $5::integer - 1 LIMIT 1
) settled
CROSS JOIN LATERAL (
    SELECT ts FROM position
    WHERE device = stay.device AND ts <= stay.until AND ts >= settled.ts + stay.margin
      AND satellites IS DISTINCT FROM 0
      AND ts >= $6::timestamptz AND ts <= $7::timestamptz
    ORDER BY ts LIMIT 1
) cut
ORDER BY stay.place

-- name: tracks
-- The positions of each of the devices $1 from its $2 to its $3, by its place in $1, counted from 1;
-- all of them lie from $4 to $5. What was sent without a fix has no place of its own.
SELECT d.place, date_part('epoch', ts), CASE WHEN satellites = 0 THEN 'NaN' ELSE lat END,
       CASE WHEN satellites = 0 THEN 'NaN' ELSE lon END, coalesce(speed_kmh::float8, 'NaN'),
       coalesce(odometer_km, 'NaN'), coalesce(ignition::integer::float8, 'NaN'),
       CASE attrs -> 'movement' WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE 'NaN'::float8 END
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY
     AS d (device, begins, ends, place)
CROSS JOIN LATERAL (
    -- In order, so that it is looked up device by device.
    SELECT * FROM position
    WHERE device = d.device AND ts >= d.begins AND ts <= d.ends
      AND ts >= $4::timestamptz AND ts <= $5::timestamptz
    ORDER BY ts
) p

-- name: trips_between
-- The trips found from positions of each of the devices $1 that begin from its $2 until before its $3,
-- in order.
SELECT t.*
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY
     AS d (device, begins, ends, place)
CROSS JOIN LATERAL (
    SELECT device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km, silence_max_s,
           gap_inside, cut_by_silence, odometer_used
    FROM trip
    WHERE device = d.device AND start_ts >= d.begins AND start_ts < d.ends AND source IS NULL
    ORDER BY start_ts
) t
ORDER BY d.place, t.start_ts

-- name: remove_trips
-- The trips of the devices $1 that begin at $2.
DELETE FROM trip t USING unnest($1::text[], $2::timestamptz[]) AS gone (device, start_ts)
WHERE t.device = gone.device AND t.start_ts = gone.start_ts AND source IS NULL

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

-- name: lock_states
-- Lock the states in one order, so that two sessions that move those of several devices wait for each
-- other instead of deadlocking.
SELECT FROM device_state WHERE device = ANY ($1::text[]) ORDER BY device FOR UPDATE

-- name: mark_found
-- The trips of the devices $1 are found. A device whose positions came in meanwhile has another revision
-- than $2 and stays dirty, and so does one of which a depot changed meanwhile. It is the last statement
-- of its transaction: a session that stores positions of the devices waits from `lock_states` to its end.
UPDATE device_state s SET
    dirty_from  = CASE WHEN s.revision = d.revision THEN NULL ELSE dirty_from END,
    dirty_to    = CASE WHEN s.revision = d.revision THEN NULL ELSE dirty_to END,
    dirty_since = CASE WHEN s.revision = d.revision THEN NULL ELSE now() END,
    round_trips_from = CASE WHEN s.round_trips_from = d.round_trips_from THEN NULL ELSE s.round_trips_from END,
    found_with    = d.found_with
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[])
     AS d (device, revision, found_with, round_trips_from)
WHERE s.device = d.device

-- name: seats_of_devices
-- The vehicles that the devices $1 sat in, from when until when.
SELECT device, vehicle_id, depot_id, greatest(begins, '0001-01-02Z') AS begins,
       least(ends, '9999-12-30Z') AS ends
FROM device_vehicle JOIN vehicle USING (vehicle_id)
WHERE device = ANY ($1::text[])

-- name: round_trips_around
-- Of each of the devices $1 the end of the last but one round trip that ends before its $2, and the
-- start of the second one that begins at its $3 or later: they stand, for so does the trip that begins
-- the last one before, or that ends the first one after. Round trips of a device do not overlap.
SELECT (SELECT end_ts FROM round_trip
        WHERE device = d.device AND start_ts < d.begins AND end_ts < d.begins AND source IS NULL
        ORDER BY start_ts DESC OFFSET 1 LIMIT 1) AS returned,
       (SELECT start_ts FROM round_trip
        WHERE device = d.device AND start_ts >= d.ends AND source IS NULL
        ORDER BY start_ts OFFSET 1 LIMIT 1) AS departed
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY
     AS d (device, begins, ends, place)
ORDER BY d.place

-- name: round_trips_between
-- Those of each of the devices $1 that touch the time from its $2 to its $3.
SELECT r.*
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS d (device, begins, ends)
CROSS JOIN LATERAL (
    SELECT device, start_ts, end_ts, vehicle_id, depot_id, km, legs, left_depot, reached_depot
    FROM round_trip
    WHERE device = d.device AND end_ts > d.begins AND start_ts < d.ends AND source IS NULL
      AND start_ts >= coalesce((SELECT max(start_ts) FROM round_trip
                                WHERE device = d.device AND start_ts < d.begins), d.begins)
    ORDER BY start_ts
) r

-- name: remove_round_trips
DELETE FROM round_trip r USING unnest($1::text[], $2::timestamptz[]) AS gone (device, start_ts)
WHERE r.device = gone.device AND r.start_ts = gone.start_ts

-- name: trips_of_device
SELECT start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km, gap_inside, cut_by_silence
FROM trip WHERE device = $1 AND start_ts >= $2 AND start_ts < $3
ORDER BY start_ts

-- name: backlog
-- How many devices wait for their trips, for how many seconds the longest-waiting one has waited, and
-- how many devices are set aside.
SELECT count(*) FILTER (WHERE x.device IS NULL) AS devices,
       coalesce(extract(epoch FROM now() - min(dirty_since) FILTER (WHERE x.device IS NULL)), 0)
           ::float8 AS oldest_s,
       (SELECT count(*) FROM trip_aside) AS set_aside
FROM device_state s JOIN trip_settings a USING (device) LEFT JOIN trip_aside x USING (device)
WHERE dirty_from IS NOT NULL OR s.found_with IS DISTINCT FROM a.found_with

-- name: set_aside
-- Set the device $1 aside for $4, which doubles with each failure in a row, up to $5.
INSERT INTO trip_aside AS x (device, trouble, error, retry_at) VALUES ($1, $2, $3, now() + $4)
ON CONFLICT (device) DO UPDATE SET
    trouble = excluded.trouble, error = excluded.error, attempts = x.attempts + 1,
    retry_at = now() + least($4::interval * 2 ^ least(x.attempts, 20), $5::interval)

-- name: end_set_aside
DELETE FROM trip_aside WHERE device = $1

-- name: devices_set_aside
SELECT x.device, trouble, error, attempts, since, retry_at, vehicle_id, v.name AS vehicle_name
FROM trip_aside x LEFT JOIN device d USING (device) LEFT JOIN vehicle v USING (vehicle_id)
ORDER BY since, x.device LIMIT $1

-- name: trip_counts
SELECT (SELECT count(*) FROM trip) AS trips, (SELECT count(*) FROM round_trip) AS round_trips

-- name: days_of_vehicle
-- The day of the last departure of the vehicle $1 on or before $2, and its neighbours with trips.
WITH days AS (
    SELECT DISTINCT (start_ts AT TIME ZONE 'Europe/Copenhagen')::date AS day
    FROM device_vehicle w
    JOIN trip t ON t.device = w.device AND t.start_ts >= w.begins AND t.start_ts < w.ends
    WHERE w.vehicle_id = $1
), chosen AS (
    SELECT max(day) AS day FROM days WHERE day <= coalesce($2::date, 'infinity'::date)
)
SELECT chosen.day, (SELECT max(day) FROM days WHERE day < coalesce($2, chosen.day)) AS earlier,
       (SELECT min(day) FROM days WHERE day > coalesce($2, chosen.day)) AS later
FROM chosen

-- name: positions_between
SELECT ts, lat, lon FROM position WHERE device = $1 AND ts >= $2 AND ts <= $3 ORDER BY ts
