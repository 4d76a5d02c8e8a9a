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
    SELECT EXISTS (SELECT FROM logged_span
                   WHERE device = $1 AND d.day BETWEEN first_day AND last_day) AS covered
) l
WHERE l.covered OR p.positions > 0 OR t.trips > 0 OR t.driving_s > 0 OR r.away_s > 0
   OR e.engine_hours > 0

-- name: days_between
SELECT day FROM device_day WHERE device = $1 AND day BETWEEN $2 AND $3 ORDER BY day

-- name: strip_days
-- The days $2 of a device, which begin at $3 and end at $4, without what happened from $5 to $6. Of
-- days whose positions are gone, as many are taken to have come in each hour.
WITH changed AS (
    INSERT INTO device_month AS m (device, month, revision)
    SELECT $1, month, nextval('device_month_revision')
    FROM (SELECT DISTINCT date_trunc('month', day::timestamp)::date AS month
          FROM unnest($2::date[]) AS day) AS months
    ON CONFLICT (month, device) DO UPDATE SET revision = nextval('device_month_revision')
), left_over AS (
    SELECT d.day, p.positions, t.trips, t.km, t.driving_s, r.away_s, e.engine_hours,
           old.positions AS before, old.heard AS heard_before,
           old.heard & ~(SELECT coalesce(bit_or(1 << hour), 0) FROM generate_series(0, 24) AS hour
                         WHERE d.from_ts + hour * interval '1 hour' < $6
                           AND d.from_ts + (hour + 1) * interval '1 hour' > $5) AS heard
    FROM unnest($2::date[], $3::timestamptz[], $4::timestamptz[]) AS d (day, from_ts, to_ts)
    JOIN device_day old ON old.device = $1 AND old.day = d.day
    CROSS JOIN LATERAL (
        SELECT count(*) AS positions FROM position
        WHERE device = $1 AND ts >= d.from_ts AND ts < d.to_ts
    ) p
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE start_ts >= d.from_ts) AS trips,
               coalesce(sum(km) FILTER (WHERE start_ts >= d.from_ts), 0) AS km,
               coalesce(extract(epoch FROM sum(least(end_ts, d.to_ts)
                                               - greatest(start_ts, d.from_ts))), 0) AS driving_s
        FROM trip WHERE device = $1 AND start_ts < d.to_ts AND end_ts >= d.from_ts
    ) t
    CROSS JOIN LATERAL (
        SELECT coalesce(extract(epoch FROM sum(least(end_ts, d.to_ts)
                                               - greatest(start_ts, d.from_ts))), 0) AS away_s
        FROM round_trip WHERE device = $1 AND start_ts < d.to_ts AND end_ts >= d.from_ts
    ) r
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(hours * extract(epoch FROM least(end_ts, d.to_ts)
                                                       - greatest(start_ts, d.from_ts))
                            / nullif(extract(epoch FROM end_ts - start_ts), 0)), 0) AS engine_hours
        FROM engine_session WHERE device = $1 AND start_ts < d.to_ts AND end_ts >= d.from_ts
    ) e
), kept AS (
    UPDATE device_day AS day SET
        positions = coalesce(nullif(l.positions, 0),
                             round(l.before * length(replace(l.heard::bit(32)::text, '0', ''))::numeric
                                   / greatest(1, length(replace(l.heard_before::bit(32)::text,
                                                                '0', ''))))),
        heard = l.heard, trips = l.trips, km = l.km, driving_s = l.driving_s, away_s = l.away_s,
        engine_hours = l.engine_hours
    FROM left_over l
    WHERE day.device = $1 AND day.day = l.day
      AND (l.heard <> 0 OR l.trips > 0 OR l.driving_s > 0 OR l.away_s > 0 OR l.engine_hours > 0)
    RETURNING day.day
)
DELETE FROM device_day
WHERE device = $1 AND day = ANY ($2::date[]) AND day NOT IN (SELECT day FROM kept)
