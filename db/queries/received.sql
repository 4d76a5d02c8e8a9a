-- name: positions_since
-- Positions since the moment $1, counted up to $2, and the devices that they are of.
SELECT (SELECT count(*)
        FROM (SELECT FROM device_state s,
                     LATERAL (SELECT FROM position p
                              WHERE p.device = s.device AND p.ts >= $1 OFFSET 0) AS sent
              WHERE s.last_ts >= $1 LIMIT $2) AS counted) AS positions,
       (SELECT count(*) FROM device_state WHERE last_ts >= $1) AS devices

-- name: latest_positions
SELECT p.device, v.vehicle_id, v.name AS vehicle_name, p.ts, p.received_at, p.lat, p.lon,
       p.speed_kmh
FROM last_positions(ARRAY(SELECT device FROM device_state ORDER BY last_ts DESC LIMIT $1)) p
LEFT JOIN device d ON d.device = p.device
LEFT JOIN vehicle v USING (vehicle_id)
ORDER BY p.ts DESC, p.device

-- name: positions_of_device
-- How many positions of the device $1 there are since the moment $2.
SELECT count(*) FROM position WHERE device = $1 AND ts >= $2
