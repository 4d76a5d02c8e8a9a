-- name: dirty_devices
-- The devices whose trips the trip service has to detect: their positions or depots changed, or since
-- the last detection they have another vehicle, another class or another measure. The one that waits
-- longest comes first. `hours` is the length of the time to detect. A device that is set aside is
-- among them only when it is time to try again.
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
-- Locks those of the devices $1 that no other transaction has locked. The commit does not wait for the
-- disk: after a power cut the device is still dirty, and the trip service detects its trips again.
SELECT device, set_config('synchronous_commit', 'off', true) FROM unnest($1::text[]) AS device
WHERE pg_try_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext(device))

-- name: wait_for_devices
-- Takes the same locks and waits for each. The devices are sorted, so that two sessions that take
-- several locks do not deadlock.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext(device))
FROM (SELECT device FROM unnest($1::text[]) AS device ORDER BY device) AS sorted

-- name: dirty_states
-- The states of the devices $1 that are dirty. Positions before `kept_from` are deleted, so trips are
-- detected after the last trip that began before it, and days are counted from the first whole day
-- after it, in whichever time zone the day begins.
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
-- For each of the devices $1 the starts and ends of the last $4 trips that begin before its $2, and of
-- the first $4 that end after its $3, in order, in seconds since 1970. Trips of a device do not
-- overlap, so that only the last one that begins before a moment may end after it.
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
-- For each stay of the devices $1 from $2 to $3, counted from 1: the $5th last fix before its end, and
-- the last fix that is $4 or more before that one, in seconds since 1970. All stays lie between $6 and
-- $7, so that the server skips the partitions of other weeks.
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
-- The same at the other end of each stay: the $5th fix after its begin, and the first fix that is $4 or
-- more after that one.
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
-- The positions of each of the devices $1 from its $2 to its $3, by its place in $1, counted from 1.
-- All of them lie between $4 and $5. A position that was sent without a fix has no coordinates here.
SELECT d.place, date_part('epoch', ts), CASE WHEN satellites = 0 THEN 'NaN' ELSE lat END,
       CASE WHEN satellites = 0 THEN 'NaN' ELSE lon END, coalesce(speed_kmh::float8, 'NaN'),
       coalesce(odometer_km, 'NaN'), coalesce(ignition::integer::float8, 'NaN'),
       CASE attrs -> 'movement' WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE 'NaN'::float8 END
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY
     AS d (device, begins, ends, place)
CROSS JOIN LATERAL (
    -- With this order the server reads one device after the other.
    SELECT * FROM position
    WHERE device = d.device AND ts >= d.begins AND ts <= d.ends
      AND ts >= $4::timestamptz AND ts <= $5::timestamptz
    ORDER BY ts
) p

-- name: trips_between
-- The trips that were detected from positions of each of the devices $1 and that begin at its $2 or
-- later and before its $3, in order.
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
-- Deletes the trips of the devices $1 that begin at $2.
DELETE FROM trip t USING unnest($1::text[], $2::timestamptz[]) AS gone (device, start_ts)
WHERE t.device = gone.device AND t.start_ts = gone.start_ts AND source IS NULL

-- name: overrule_logged
-- Deletes the imported trips from $2 to $3, when the tracker was heard: there it counts, and the driving
-- log does not.
WITH trips AS (
    DELETE FROM trip WHERE device = $1 AND source IS NOT NULL AND start_ts < $3 AND end_ts > $2
)
DELETE FROM round_trip WHERE device = $1 AND source IS NOT NULL AND start_ts < $3 AND end_ts > $2

-- name: sessions_before
-- The last two engine sessions that end before $2, in order.
SELECT start_ts, end_ts
FROM (SELECT * FROM engine_session WHERE device = $1 AND end_ts < $2
      ORDER BY start_ts DESC LIMIT 2) s
ORDER BY start_ts

-- name: engine_track
-- The ignition and engine hours of the device $1 from $2 on, without those inside the idle time from $3
-- to $4.
SELECT date_part('epoch', ts), coalesce(ignition::integer::float8, 'NaN'),
       coalesce(engine_hours_h, 'NaN')
FROM position
WHERE device = $1 AND ts >= $2::timestamptz AND (ts <= $3::timestamptz OR ts >= $4::timestamptz)
  AND (engine_hours_h IS NOT NULL OR ignition IS NOT NULL)
ORDER BY ts

-- name: engine_idle
-- The last position at $2 or before and the last one before $3 that state engine hours or ignition.
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
-- Locks the states in one order, so that two sessions that change several states wait for each other
-- and do not deadlock.
SELECT FROM device_state WHERE device = ANY ($1::text[]) ORDER BY device FOR UPDATE

-- name: mark_found
-- Marks the trips of the devices $1 as detected. A device that got positions meanwhile has another
-- revision than $2 and stays dirty, and so does one of which a depot changed meanwhile. It is the last
-- statement of its transaction: a session that stores positions of these devices waits from
-- `lock_states` to the end.
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
-- The vehicles that the devices $1 sat in, each with the moments at which the seat begins and ends.
SELECT device, vehicle_id, depot_id, greatest(begins, '0001-01-02Z') AS begins,
       least(ends, '9999-12-30Z') AS ends
FROM device_vehicle JOIN vehicle USING (vehicle_id)
WHERE device = ANY ($1::text[])

-- name: round_trips_around
-- For each of the devices $1 the end of the last but one round trip that ends before its $2, and the
-- start of the second round trip that begins at its $3 or later. Both moments hold whatever changed
-- between, as the trips at which the neighbouring round trips begin or end did not change. Round
-- trips of a device do not overlap.
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
-- The round trips of each of the devices $1 that touch the time from its $2 to its $3.
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
-- The number of devices that wait for their trips, the seconds for which the first of them has waited,
-- and the number of devices that are set aside.
SELECT count(*) FILTER (WHERE x.device IS NULL) AS devices,
       coalesce(extract(epoch FROM now() - min(dirty_since) FILTER (WHERE x.device IS NULL)), 0)
           ::float8 AS oldest_s,
       (SELECT count(*) FROM trip_aside) AS set_aside
FROM device_state s JOIN trip_settings a USING (device) LEFT JOIN trip_aside x USING (device)
WHERE dirty_from IS NOT NULL OR s.found_with IS DISTINCT FROM a.found_with

-- name: set_aside
-- Sets the device $1 aside for $4, which doubles with each failure in a row, up to $5.
INSERT INTO trip_aside AS x (device, trouble, error, retry_at) VALUES ($1, $2, $3, now() + $4)
ON CONFLICT (device) DO UPDATE SET
    trouble = excluded.trouble, error = excluded.error, attempts = x.attempts + 1,
    retry_at = now() + least($4::interval * 2 ^ least(x.attempts, 20), $5::interval)

-- name: end_set_aside
DELETE FROM trip_aside WHERE device = $1

-- name: devices_set_aside
SELECT x.device, trouble, error, attempts, since, retry_at, vehicle_id, n.shown_name AS vehicle_name
FROM trip_aside x LEFT JOIN device d USING (device) LEFT JOIN vehicle_shown n USING (vehicle_id)
ORDER BY since, x.device LIMIT $1

-- name: trip_counts
SELECT (SELECT count(*) FROM trip) AS trips, (SELECT count(*) FROM round_trip) AS round_trips

-- name: days_of_vehicle
-- The day of the last departure of the vehicle $1 on or before $2, and the days with trips before and
-- after it.
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
SELECT ts, lat, lon FROM positions_seen($1, $2, $3)
