-- name: staging
-- One per connection: binary COPY cannot skip repeats, an INSERT from here can.
CREATE TEMP TABLE IF NOT EXISTS position_staging (LIKE position INCLUDING DEFAULTS)
ON COMMIT DELETE ROWS

-- name: ensure_week
SELECT ensure_position_partitions($1, $1)

-- name: last
SELECT device, last_ts FROM device_state WHERE device = ANY ($1::text[])

-- name: store_late
-- Sorted, so that two writers with the same rows wait for each other instead of deadlocking. Not an
-- anti-join, whose plan would be made once and kept while the table grows.
INSERT INTO position (device, ts, lat, lon, speed_kmh, heading_deg, altitude_m, accuracy_m,
                      satellites, ignition, odometer_km, engine_hours_h, fuel_pct, soc_pct,
                      charging, battery_v, attrs, received_at)
SELECT device, ts, lat, lon, speed_kmh, heading_deg, altitude_m, accuracy_m,
       satellites, ignition, odometer_km, engine_hours_h, fuel_pct, soc_pct,
       charging, battery_v, attrs, now()
FROM position_staging
ORDER BY device, ts
ON CONFLICT (device, ts) DO NOTHING
RETURNING device, ts

-- name: move_state
-- What was stored: $1 devices, $2 and $3 the first and last moment of each.
INSERT INTO device_state AS state (device, first_ts, last_ts, dirty_from, dirty_to, revision)
SELECT device, first_ts, last_ts, first_ts, last_ts, 1
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS stored (device, first_ts, last_ts)
ORDER BY device
ON CONFLICT (device) DO UPDATE SET
    first_ts   = least(state.first_ts, excluded.first_ts),
    last_ts    = greatest(state.last_ts, excluded.last_ts),
    dirty_from = least(state.dirty_from, excluded.dirty_from),
    dirty_to   = greatest(state.dirty_to, excluded.dirty_to),
    revision   = state.revision + 1
