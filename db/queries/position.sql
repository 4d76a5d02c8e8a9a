-- name: ensure_week
SELECT ensure_position_partitions($1, $1)

-- name: ensure_weeks
-- The weeks from $1 to $2; returns how many are new.
SELECT ensure_position_partitions($1, $2)

-- name: compress_old_positions
SELECT compress_old_positions()

-- name: allow_decompression
-- This transaction may open any number of compressed rows; plain PostgreSQL ignores the setting.
SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0

-- name: keep_to_indexes
-- The table grows faster than its statistics: a plan that reads all of it, made while it was small,
-- would be kept for as long as a minute.
SET enable_seqscan = off

-- name: last_moments
SELECT device, last_ts FROM device_state WHERE device = ANY ($1::text[])

-- name: apply_pending_spans
-- The state of the devices, and the count of what came in, have all that was stored then.
SELECT apply_pending_spans()

-- name: stored_between
-- For each device the moments that are there from one to another, up to so many: microseconds since
-- 2000, eight bytes each. All of it lies from the fifth to the sixth.
SELECT (SELECT string_agg(timestamptz_send(found.ts), ''::bytea)
        FROM (SELECT p.ts FROM position p
              WHERE p.device = sent.device AND p.ts BETWEEN sent.first_ts AND sent.last_ts
                AND p.ts BETWEEN $5 AND $6
              LIMIT sent.most) AS found) AS moments
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::integer[]) WITH ORDINALITY
     AS sent (device, first_ts, last_ts, most, number)
ORDER BY sent.number

-- name: stored_moments
-- Which of these, counted from 1, are there; all moments lie from the third to the fourth. Looked up
-- one by one: a join's plan would be made once and kept while the table grows.
SELECT array_agg(sent.number)
FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS sent (device, ts, number),
     LATERAL (SELECT FROM position p
              WHERE p.device = sent.device AND p.ts = sent.ts AND p.ts BETWEEN $3 AND $4
              OFFSET 0) AS there

-- name: differing
-- Which of these, counted from 1, say something else than what is there for their device and moment,
-- compared as stored; all moments lie from the 18th to the 19th. A column for each parameter, NULL
-- for one that no row has a value in. What was heard without a fix was put where its device was
-- believed at that time, so that its place is not compared.
SELECT array_agg(sent.number)
FROM unnest($1::text[], $2::timestamptz[], $3::float8[], $4::float8[], $5::real[], $6::real[],
            $7::real[], $8::real[], $9::smallint[], $10::boolean[], $11::float8[], $12::float8[],
            $13::real[], $14::real[], $15::boolean[], $16::real[], $17::jsonb[]) WITH ORDINALITY
     AS sent (device, ts, lat, lon, speed_kmh, heading_deg, altitude_m, accuracy_m, satellites,
              ignition, odometer_km, engine_hours_h, fuel_pct, soc_pct, charging, battery_v, attrs,
              number),
     LATERAL (SELECT FROM position p
              WHERE p.device = sent.device AND p.ts = sent.ts AND p.ts BETWEEN $18 AND $19
                AND ((p.speed_kmh, p.heading_deg, p.altitude_m, p.accuracy_m, p.satellites,
                      p.ignition, p.odometer_km, p.engine_hours_h, p.fuel_pct, p.soc_pct,
                      p.charging, p.battery_v, p.attrs)
                     IS DISTINCT FROM
                     (sent.speed_kmh, sent.heading_deg, sent.altitude_m, sent.accuracy_m,
                      sent.satellites, sent.ignition, sent.odometer_km, sent.engine_hours_h,
                      sent.fuel_pct, sent.soc_pct, sent.charging, sent.battery_v, sent.attrs)
                     OR ((p.lat, p.lon) IS DISTINCT FROM (sent.lat, sent.lon)
                         AND (p.satellites = 0 AND sent.satellites = 0) IS NOT TRUE))
              OFFSET 0) AS there

-- name: store_late
-- A column for each parameter, NULL for one that no row has a value in; returns what was not there
-- yet. Sorted, so that two writers with the same rows wait for each other instead of deadlocking.
-- Not an anti-join, whose plan would be made once and kept while the table grows.
WITH stored AS (
    INSERT INTO position (device, ts, lat, lon, speed_kmh, heading_deg, altitude_m, accuracy_m,
                          satellites, ignition, odometer_km, engine_hours_h, fuel_pct, soc_pct,
                          charging, battery_v, attrs, received_at)
    SELECT sent.*, now()
    FROM unnest($1::text[], $2::timestamptz[], $3::float8[], $4::float8[], $5::real[], $6::real[],
                $7::real[], $8::real[], $9::smallint[], $10::boolean[], $11::float8[],
                $12::float8[], $13::real[], $14::real[], $15::boolean[], $16::real[],
                $17::jsonb[]) AS sent (device, ts)
    ORDER BY device, ts
    ON CONFLICT (device, ts) DO NOTHING
    RETURNING device, ts
), counted AS (
    INSERT INTO pending_span (devices, firsts, lasts, positions)
    SELECT '{}', '{}', '{}', count(*) FROM stored HAVING count(*) > 0
)
SELECT stored.device, stored.ts
FROM stored,
     (SELECT move_device_state(array_agg(device), array_agg(first_ts), array_agg(last_ts))
      FROM (SELECT device, min(ts) AS first_ts, max(ts) AS last_ts
            FROM stored GROUP BY device) AS span) AS moved

