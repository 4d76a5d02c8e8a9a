-- name: received_since
-- The number of positions that came in since the moment $1 (to the minute), whatever their own times,
-- and the number of their devices.
SELECT coalesce((SELECT sum(positions) FROM received_minute
                 WHERE minute >= date_trunc('minute', $1::timestamptz)), 0)::bigint
       + coalesce((SELECT sum(positions) FROM pending_span
                   WHERE received_at >= date_trunc('minute', $1::timestamptz)), 0) AS positions,
       (SELECT count(*) FROM device_state WHERE received_at >= date_trunc('minute', $1::timestamptz))
           AS devices

-- name: latest_positions
SELECT p.device, vehicle_id, n.shown_name AS vehicle_name, p.ts, p.received_at, p.lat, p.lon,
       p.speed_kmh
FROM last_positions(ARRAY(SELECT device FROM device_state ORDER BY last_ts DESC LIMIT $1)) p
LEFT JOIN device d ON d.device = p.device
LEFT JOIN vehicle_shown n USING (vehicle_id)
ORDER BY p.ts DESC, p.device

-- name: received_of_device
-- The number of positions of the device $1 that it measured since the moment $2, and the moment at which
-- its positions came in last.
SELECT positions_seen_since($1, $2) AS measured,
       (SELECT received_at FROM device_state WHERE device = $1) AS last_received

-- name: first_of_device
-- The first position of the device $1 that is stored: when it was measured, and when it came in.
SELECT ts, received_at FROM position WHERE device = $1 ORDER BY ts LIMIT 1
