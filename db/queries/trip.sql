-- name: dirty_devices
SELECT device FROM device_state WHERE dirty_from IS NOT NULL ORDER BY device

-- name: lock_device
SELECT pg_try_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext($1))

-- name: state
-- Positions before `kept_from` are deleted. Trips begin anew after the last trip that began before
-- it, and days are counted anew from the first one that is still whole, wherever it is midnight.
SELECT last_ts, dirty_from, revision,
       coalesce(greatest(kept_from, (SELECT max(end_ts) FROM trip
                                     WHERE trip.device = $1 AND start_ts < kept_from)),
                '0001-01-02Z') AS cut_from,
       greatest(first_ts, kept_from + interval '1 day') AS whole_from
FROM device_state WHERE device = $1 AND dirty_from IS NOT NULL

-- name: last_two
SELECT start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km
FROM (SELECT * FROM trip WHERE device = $1 AND start_ts < $2 ORDER BY start_ts DESC LIMIT 2) two
ORDER BY start_ts

-- name: track
SELECT ts, lat, lon, speed_kmh, odometer_km, ignition FROM position
WHERE device = $1 AND ts >= $2
ORDER BY ts

-- name: remove
DELETE FROM trip WHERE device = $1 AND start_ts >= $2

-- name: settle
-- Positions that came in while the trips were found have moved the revision: then it stays dirty.
UPDATE device_state SET dirty_from = NULL, dirty_to = NULL WHERE device = $1 AND revision = $2

-- name: home
SELECT v.vehicle_id, p.depot_id, p.lat, p.lon, p.radius_m
FROM device d JOIN vehicle v USING (vehicle_id) JOIN depot p USING (depot_id)
WHERE d.device = $1

-- name: last_return
-- The end of the last round trip that new trips cannot change: the trip after it is settled too.
SELECT max(end_ts) FROM round_trip WHERE device = $1 AND end_ts < $2

-- name: remove_round_trips
DELETE FROM round_trip WHERE device = $1 AND end_ts > $2

-- name: of_device
SELECT start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km
FROM trip WHERE device = $1 AND start_ts >= $2 AND start_ts < $3
ORDER BY start_ts

-- name: dirty_count
SELECT count(*) FROM device_state WHERE dirty_from IS NOT NULL

-- name: counts
SELECT (SELECT count(*) FROM trip) AS trips, (SELECT count(*) FROM round_trip) AS round_trips
