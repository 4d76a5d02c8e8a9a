-- name: ensure_week
SELECT ensure_position_partitions($1, $1)

-- name: ensure_weeks
-- Makes the partitions for the weeks from $1 to $2; returns how many are new.
SELECT ensure_position_partitions($1, $2)

-- name: compress_old_positions
SELECT compress_old_positions()

-- name: allow_decompression
-- Lets this transaction decompress any number of rows; plain PostgreSQL ignores the setting.
SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0

-- name: keep_to_indexes
-- The table grows faster than its statistics. The server would keep a plan that reads the whole table,
-- made while the table was small, for as long as a minute.
SET enable_seqscan = off

-- name: last_moments
SELECT device, last_ts FROM device_state WHERE device = ANY ($1::text[])

-- name: apply_pending_spans
-- Afterwards `device_state` and `received_minute` include all stored positions.
SELECT apply_pending_spans()

-- name: stored_between
-- For each device $1 the stored moments from its $2 to its $3, at most its $4: microseconds since
-- 2000, eight bytes each. All of them lie between $5 and $6.
SELECT (SELECT string_agg(timestamptz_send(found.ts), ''::bytea)
        FROM (SELECT p.ts FROM position p
              WHERE p.device = sent.device AND p.ts BETWEEN sent.first_ts AND sent.last_ts
                AND p.ts BETWEEN $5 AND $6
              LIMIT sent.most) AS found) AS moments
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::integer[]) WITH ORDINALITY
     AS sent (device, first_ts, last_ts, most, number)
ORDER BY sent.number

-- name: stored_moments
-- The numbers, from 1, of the given positions that are stored. All moments lie between $3 and $4. The
-- server looks each one up by itself: it would make a plan of a join once and keep it while the table
-- grows.
SELECT array_agg(sent.number)
FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS sent (device, ts, number),
     LATERAL (SELECT FROM position p
              WHERE p.device = sent.device AND p.ts = sent.ts AND p.ts BETWEEN $3 AND $4
              OFFSET 0) AS there

-- name: differing
-- The numbers, from 1, of the given positions that differ from the stored one of their device and
-- moment, compared with the precision of the table. All moments lie between $18 and $19. Each
-- parameter is a column, NULL where no row has a value. A position without a fix was stored at the
-- place where its device was last known, so its place is not compared.
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
-- Stores late positions; returns those that were not stored before. Each parameter is a column, NULL
-- where no row has a value. The rows are sorted, so that two writers with the same rows wait for each
-- other and do not deadlock. An anti-join would not do: the server would make its plan once and keep
-- it while the table grows.
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

