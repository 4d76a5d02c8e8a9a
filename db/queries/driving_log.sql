-- name: vehicles_with_devices
-- Every vehicle with its depot, and the tracker that sits in it now, for an import.
SELECT v.vehicle_id, v.name, v.plate, v.depot_id, NOT in_fleet(v.retired_at) AS retired, z.lat, z.lon,
       d.device
FROM vehicle v
JOIN zone z ON z.zone_id = v.depot_id
LEFT JOIN device d USING (vehicle_id)

-- name: seats_of_trackers
-- The trackers that sat in the vehicles $1, each with the moments at which its seat begins and ends and
-- the first and the last moment at which it was heard; the latest seat first.
SELECT w.vehicle_id, w.device, greatest(w.begins, '0001-01-02Z') AS begins,
       least(w.ends, '9999-12-30Z') AS ends, s.first_ts, s.last_ts
FROM device_vehicle w JOIN device d USING (device) LEFT JOIN device_state s USING (device)
WHERE w.vehicle_id = ANY ($1::text[]) AND NOT d.is_log AND w.since < w.until
ORDER BY w.since DESC

-- name: logged_trips_between
SELECT vehicle_id, start_ts, end_ts, km FROM round_trip
WHERE source IS NOT NULL AND vehicle_id = ANY ($1::text[]) AND start_ts < $3 AND end_ts > $2

-- name: add_logged_days
-- Notes that a driving log covers the days from $2 to $3 of the vehicles $1.
INSERT INTO logged_span (vehicle_id, first_day, last_day)
SELECT unnest($1::text[]), $2, $3 ON CONFLICT DO NOTHING

-- name: add_upload
INSERT INTO log_upload (name, content, preview) VALUES ($1, $2, $3) RETURNING upload_id

-- name: uploads
SELECT upload_id, name, uploaded_at, trips, vehicles, jsonb_array_length(refused) AS refused, private, known
FROM log_upload ORDER BY upload_id DESC LIMIT $1

-- name: upload
-- An upload with the first $2 of its refused rows.
SELECT name, content IS NOT NULL AS waits, preview, trips, vehicles, headings, private, known,
       jsonb_array_length(refused) AS refused,
       jsonb_path_query_array(refused, '$[0 to $last]', jsonb_build_object('last', $2::integer - 1))
           AS first_refused
FROM log_upload WHERE upload_id = $1

-- name: lock_upload
-- The rows of an upload and the preview of its file, unless it is imported already.
SELECT content, preview FROM log_upload WHERE upload_id = $1 AND content IS NOT NULL FOR UPDATE

-- name: finish_upload
UPDATE log_upload SET content = NULL, preview = NULL, trips = $2, vehicles = $3, headings = $4, refused = $5,
    private = $6, known = $7
WHERE upload_id = $1
