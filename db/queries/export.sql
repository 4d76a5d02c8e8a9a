-- name: trips
-- Trips that begin between $1 and $2, of the vehicle $3 or of all, and of the departments $4 or of all:
-- at most $7 (null: all) after the one that begins at $5 of the device $6. A machine is measured in hours and has no km.
SELECT v.vehicle_id, v.name AS vehicle, v.department, t.device, t.start_ts, t.end_ts,
       t.start_lat, t.start_lon, t.end_lat, t.end_lon,
       CASE WHEN v.measured_in IS DISTINCT FROM 'hours' THEN t.km END AS km, t.gap_inside,
       t.cut_by_silence, t.odometer_used, t.source
FROM trip t
LEFT JOIN device_vehicle w
    ON w.device = t.device AND t.start_ts >= w.begins AND t.start_ts < w.ends
LEFT JOIN vehicle v USING (vehicle_id)
WHERE t.start_ts >= $1 AND t.start_ts < $2 AND ($3::text IS NULL OR v.vehicle_id = $3)
  AND ($4::text[] IS NULL OR v.department = ANY ($4))
  AND ($5::timestamptz IS NULL OR (t.start_ts, t.device) > ($5, $6::text))
ORDER BY t.start_ts, t.device LIMIT $7

-- name: round_trips
-- Round trips that begin between $1 and $2, of the vehicle $3 or of all, and of the departments $4
-- or of all: at most $7 (null: all) after the one that begins at $5 of the device $6.
SELECT r.vehicle_id, v.name AS vehicle, v.department, r.device, r.start_ts, r.end_ts,
       CASE WHEN v.measured_in <> 'hours' THEN r.km END AS km, r.legs,
       p.name AS left_depot, q.name AS reached_depot, r.source
FROM round_trip r JOIN vehicle v USING (vehicle_id)
LEFT JOIN zone p ON p.zone_id = r.left_depot LEFT JOIN zone q ON q.zone_id = r.reached_depot
WHERE r.start_ts >= $1 AND r.start_ts < $2 AND ($3::text IS NULL OR r.vehicle_id = $3)
  AND ($4::text[] IS NULL OR v.department = ANY ($4))
  AND ($5::timestamptz IS NULL OR (r.start_ts, r.device) > ($5, $6::text))
ORDER BY r.start_ts, r.device LIMIT $7
