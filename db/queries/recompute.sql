-- name: devices
SELECT s.device, d.vehicle_id FROM device_state s LEFT JOIN device d USING (device)
ORDER BY s.device

-- name: mark_all_dirty
UPDATE device_state SET dirty_from = first_ts, dirty_to = last_ts, revision = revision + 1
WHERE device = $1

-- name: derived
-- All rows that the trip service derived from the positions of the device $1, by the local day on which
-- each begins. Sums of floating point numbers depend on their order, so they have six decimals here.
SELECT 'trip' AS what, (start_ts AT TIME ZONE 'Europe/Copenhagen')::date AS day,
       concat_ws(' ', start_ts, end_ts, start_lat, start_lon, end_lat, end_lon,
                 round(km::numeric, 6), gap_inside, cut_by_silence, odometer_used) AS value
FROM trip WHERE device = $1 AND source IS NULL
UNION ALL
SELECT 'round trip', (start_ts AT TIME ZONE 'Europe/Copenhagen')::date,
       concat_ws(' ', start_ts, end_ts, vehicle_id, depot_id, round(km::numeric, 6), legs,
                 coalesce(left_depot, '-'), coalesce(reached_depot, '-'))
FROM round_trip WHERE device = $1 AND source IS NULL
UNION ALL
SELECT 'engine session', (start_ts AT TIME ZONE 'Europe/Copenhagen')::date,
       concat_ws(' ', start_ts, end_ts, round(hours::numeric, 6))
FROM engine_session WHERE device = $1
UNION ALL
SELECT 'day', day,
       concat_ws(' ', positions, heard, trips, round(km::numeric, 6), round(driving_s::numeric, 6),
                 round(away_s::numeric, 6), round(engine_hours::numeric, 6))
FROM device_day WHERE device = $1
