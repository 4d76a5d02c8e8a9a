-- name: vehicles_with_devices
-- Every vehicle with its depot and device for an import. The tracker was heard from `first_ts` to
-- `last_ts`.
SELECT v.vehicle_id, v.name, v.plate, v.depot_id, NOT in_fleet(v.retired_at) AS retired, z.lat, z.lon,
       d.device, s.first_ts, s.last_ts
FROM vehicle v
JOIN zone z ON z.zone_id = v.depot_id
LEFT JOIN device d USING (vehicle_id)
LEFT JOIN device_state s ON s.device = d.device

-- name: logged_trips_between
SELECT device, start_ts, end_ts FROM trip
WHERE source IS NOT NULL AND device = ANY ($1::text[]) AND start_ts < $3 AND end_ts > $2

-- name: enrol_log
-- Enrols a driving log as the device of a vehicle that has no tracker.
INSERT INTO device (device, vehicle_id) VALUES ($1, $2)
ON CONFLICT (device) DO UPDATE SET vehicle_id = excluded.vehicle_id

-- name: add_logged_days
-- Notes that a driving log covers the device $1 on the days from $2 to $3.
INSERT INTO logged_span (device, first_day, last_day) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: add_upload
INSERT INTO log_upload (name, content, preview) VALUES ($1, $2, $3) RETURNING upload_id

-- name: uploads
SELECT upload_id, name, uploaded_at, trips, vehicles, jsonb_array_length(refused) AS refused, private
FROM log_upload ORDER BY upload_id DESC LIMIT $1

-- name: upload
-- An upload with the first $2 of its refused rows.
SELECT name, content IS NOT NULL AS waits, preview, trips, vehicles, headings, private,
       jsonb_array_length(refused) AS refused,
       jsonb_path_query_array(refused, '$[0 to $last]', jsonb_build_object('last', $2::integer - 1))
           AS first_refused
FROM log_upload WHERE upload_id = $1

-- name: lock_upload
-- The rows of an upload and the preview of its file, unless it is imported already.
SELECT content, preview FROM log_upload WHERE upload_id = $1 AND content IS NOT NULL FOR UPDATE

-- name: finish_upload
UPDATE log_upload SET content = NULL, preview = NULL, trips = $2, vehicles = $3, headings = $4, refused = $5,
    private = $6
WHERE upload_id = $1
