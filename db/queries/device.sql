-- name: devices
SELECT device FROM device

-- name: keys
SELECT key_sha256, device, gateway FROM api_key WHERE revoked_at IS NULL

-- name: vehicle_exists
SELECT EXISTS (SELECT FROM vehicle WHERE vehicle_id = $1)

-- name: enrol
-- A device that moves to another vehicle has another depot: its round trips are found again.
WITH before AS (
    SELECT vehicle_id FROM device WHERE device = $1
), put AS (
    INSERT INTO device (device, vehicle_id) VALUES ($1, $2)
    ON CONFLICT (device) DO UPDATE SET
        vehicle_id = coalesce(excluded.vehicle_id, device.vehicle_id)
)
UPDATE device_state SET dirty_from = first_ts, revision = revision + 1
WHERE device = $1 AND $2 IS NOT NULL AND (SELECT vehicle_id FROM before) IS DISTINCT FROM $2

-- name: new_key
INSERT INTO api_key (key_sha256, device, gateway) VALUES ($1, $2, $3)

-- name: revoke
UPDATE api_key SET revoked_at = now()
WHERE revoked_at IS NULL AND (device = $1 OR gateway = $2)
RETURNING key_sha256

-- name: list
SELECT d.device, d.vehicle_id, d.enrolled_at, s.last_ts
FROM device d LEFT JOIN device_state s USING (device)
ORDER BY d.device
