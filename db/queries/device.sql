-- name: devices
SELECT device, networks, speed_unit FROM device

-- name: is_enrolled
SELECT EXISTS (SELECT FROM device WHERE device = $1)

-- name: networks_of
SELECT networks FROM device WHERE device = $1

-- name: keep_devices_as_they_are
-- Lets nobody else enrol or move a tracker until the transaction ends.
LOCK TABLE device IN SHARE ROW EXCLUSIVE MODE

-- name: enrolled_among
-- Those of the names $1 that are enrolled, with the vehicles that they sit in.
SELECT device, vehicle_id FROM device WHERE device = ANY ($1::text[])

-- name: keys
SELECT key_sha256, device, gateway FROM api_key WHERE revoked_at IS NULL

-- name: list_keys
-- The keys of the device $1 or the gateway $2, or all keys; those in force first, the newest first.
SELECT key_id, device, gateway, label, created_at, last_used_at, revoked_at
FROM api_key
WHERE ($1::text IS NULL OR device = $1) AND ($2::text IS NULL OR gateway = $2)
ORDER BY revoked_at IS NOT NULL, coalesce(gateway, device), key_id DESC

-- name: last_fixes
SELECT device, ts, lat, lon FROM last_positions($1)

-- name: vehicle_exists
SELECT EXISTS (SELECT FROM vehicle WHERE vehicle_id = $1)

-- name: free_log
-- The driving log that stands in for a tracker leaves the vehicle $1, before a tracker takes the seat.
UPDATE device SET vehicle_id = NULL WHERE device = 'log:' || $1 AND vehicle_id = $1

-- name: settle_logs
SELECT settle_logs($1)

-- name: vehicles_of_device
-- The vehicles that the tracker $1 ever sat in.
SELECT array_agg(DISTINCT vehicle_id) FROM device_vehicle WHERE device = $1 AND vehicle_id IS NOT NULL

-- name: is_seat_taken
-- Whether the tracker $1 sits in another vehicle than $2, or another tracker in that one.
SELECT EXISTS (SELECT FROM device WHERE (device = $1 AND vehicle_id <> $2)
                                     OR (device <> $1 AND vehicle_id = $2))

-- name: lock_device
SELECT vehicle_id FROM device WHERE device = $1 FOR UPDATE

-- name: other_seats
-- Other trackers than $1 that sit in the vehicle $2, or sat in it on the day $3 or later; a driving log
-- makes room (`settle_logs`).
SELECT device, since, until, until = 'infinity' AS sits FROM device_vehicle
WHERE vehicle_id = $2 AND device <> $1 AND since < until AND until > $3 AND NOT starts_with(device, 'log:')

-- name: seats_of_device
-- The vehicles that the tracker $1 sat in, the latest first. `since` is null for the first seat, and
-- `until` is null for the present one.
SELECT vehicle_id AS vehicle, nullif(since, '-infinity') AS since,
       nullif(until, 'infinity') AS until
FROM device_vehicle WHERE device = $1 ORDER BY device_vehicle.until DESC

-- name: vehicle_before
-- The vehicle that the tracker $1 sat in before the day $2.
SELECT vehicle_id FROM device_vehicle WHERE device = $1 AND since < $2 AND until >= $2

-- name: forget_seats_after
DELETE FROM device_seat WHERE device = $1 AND until >= $2

-- name: add_seat
INSERT INTO device_seat (device, until, vehicle_id) VALUES ($1, $2, $3)

-- name: set_vehicle
-- The trip service then detects the tracker's trips and days again, for the other vehicle may have
-- another trip class (`trip_settings`).
UPDATE device SET vehicle_id = $2 WHERE device = $1

-- name: enrol_device
-- A device that gets its first vehicle gets a depot: the trip service then detects its round trips
-- again (`trip_settings`).
INSERT INTO device (device, vehicle_id) VALUES ($1, $2)
ON CONFLICT (device) DO UPDATE SET vehicle_id = coalesce(excluded.vehicle_id, device.vehicle_id)

-- name: allow_networks
-- Returns the networks before.
UPDATE device d SET networks = $2 FROM device was
WHERE d.device = $1 AND was.device = $1 RETURNING was.networks::text[]

-- name: set_speed_unit
-- Returns the unit before.
UPDATE device d SET speed_unit = $2 FROM device was
WHERE d.device = $1 AND was.device = $1 RETURNING was.speed_unit

-- name: add_key
INSERT INTO api_key (key_sha256, device, gateway, label) VALUES ($1, $2, $3, $4) RETURNING key_id

-- name: revoke_keys
UPDATE api_key SET revoked_at = now()
WHERE revoked_at IS NULL AND (device = $1 OR gateway = $2)
RETURNING key_id, device, gateway, label

-- name: revoke_key
UPDATE api_key SET revoked_at = now() WHERE key_id = $1 AND revoked_at IS NULL
RETURNING device, gateway, label

-- name: keys_used
-- Stores when each key was last used. Several listeners report the same keys.
UPDATE api_key SET last_used_at = greatest(last_used_at, used.at)
FROM unnest($1::bytea[], $2::timestamptz[]) AS used (key_sha256, at)
WHERE api_key.key_sha256 = used.key_sha256

-- name: device_in_vehicle_on
-- The tracker that sat in the vehicle $1 on the local day $2.
SELECT device FROM device_vehicle WHERE vehicle_id = $1 AND since <= $2 AND until > $2
