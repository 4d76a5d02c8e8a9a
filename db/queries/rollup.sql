-- name: remove_days
WITH changed AS (
    INSERT INTO device_month AS m (device, month, revision)
    SELECT $1, month::date, nextval('device_month_revision')
    FROM generate_series(date_trunc('month', $2::date::timestamp), $3::date::timestamp,
                         interval '1 month') month
    ON CONFLICT (month, device) DO UPDATE SET revision = nextval('device_month_revision')
)
DELETE FROM device_day WHERE device = $1 AND day BETWEEN $2 AND $3

-- name: add_days
-- The days $2 of a device, which begin at $3 and end at $4, from its positions, trips and round
-- trips. Trips of a device do not overlap, so of those that departed before a day only the last one
-- can reach into it: the cost does not grow with the history.
INSERT INTO device_day (device, day, positions, heard, trips, km, driving_s, away_s, engine_hours)
SELECT $1, d.day, p.positions, CASE WHEN l.covered THEN (1 << 24) - 1 ELSE coalesce(p.heard, 0) END,
       t.trips, t.km, t.driving_s, r.away_s,
       e.engine_hours
FROM unnest($2::date[], $3::timestamptz[], $4::timestamptz[]) AS d (day, from_ts, to_ts)
CROSS JOIN LATERAL (
    SELECT count(*) AS positions,
           bit_or(1 << floor(extract(epoch FROM ts - d.from_ts) / 3600)::integer) AS heard
    FROM position
    WHERE device = $1 AND ts >= d.from_ts AND ts < d.to_ts
      -- So that the weeks of other times are not even looked up.
      AND ts >= ($3::timestamptz[])[1] AND ts < ($4::timestamptz[])[cardinality($4::timestamptz[])]
) p
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE start_ts >= d.from_ts) AS trips,
           coalesce(sum(km) FILTER (WHERE start_ts >= d.from_ts), 0) AS km,
           coalesce(extract(epoch FROM sum(least(end_ts, d.to_ts)
                                           - greatest(start_ts, d.from_ts))), 0) AS driving_s
    FROM trip
    WHERE device = $1 AND start_ts < d.to_ts AND end_ts >= d.from_ts
      AND start_ts >= coalesce((SELECT max(start_ts) FROM trip
                                WHERE device = $1 AND start_ts < d.from_ts), d.from_ts)
) t
CROSS JOIN LATERAL (
    SELECT coalesce(extract(epoch FROM sum(least(end_ts, d.to_ts)
                                           - greatest(start_ts, d.from_ts))), 0) AS away_s
    FROM round_trip
    WHERE device = $1 AND start_ts < d.to_ts AND end_ts >= d.from_ts
      AND start_ts >= coalesce((SELECT max(start_ts) FROM round_trip
                                WHERE device = $1 AND start_ts < d.from_ts), d.from_ts)
) r
CROSS JOIN LATERAL (
    -- What the engine ran in a session is spread evenly over it.
    SELECT coalesce(sum(hours * extract(epoch FROM least(end_ts, d.to_ts)
                                                   - greatest(start_ts, d.from_ts))
                        / nullif(extract(epoch FROM end_ts - start_ts), 0)), 0) AS engine_hours
    FROM engine_session
    WHERE device = $1 AND start_ts < d.to_ts AND end_ts >= d.from_ts
      AND start_ts >= coalesce((SELECT max(start_ts) FROM engine_session
                                WHERE device = $1 AND start_ts < d.from_ts), d.from_ts)
) e
CROSS JOIN LATERAL (
    -- A driving log tells of every day from its first trip to its last: no entry is no use.
    SELECT EXISTS (SELECT FROM trip
                   WHERE device = $1 AND source IS NOT NULL AND start_ts < d.to_ts)
       AND EXISTS (SELECT FROM trip
                   WHERE device = $1 AND source IS NOT NULL AND end_ts >= d.from_ts) AS covered
) l
WHERE l.covered OR p.positions > 0 OR t.trips > 0 OR t.driving_s > 0 OR r.away_s > 0
   OR e.engine_hours > 0
