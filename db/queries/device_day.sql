-- name: refresh_days
-- Computes the days $2 of the devices $1, which begin at $3 and end at $4, from positions, trips and
-- round trips. All days lie between $8 and $9. The statement counts positions again in the hours from
-- $5 to $6, in which something changed, and in all hours of a day without counts. Where $7 is true,
-- trips or round trips changed, and readers read the month again. Trips of a device do not overlap, so
-- of those that departed before a day only the last one can reach into it: the cost does not grow
-- with the history.
WITH given AS (
    SELECT d.*, old.device IS NOT NULL AS there, old.hourly,
           old.heard, old.trips, old.km, old.driving_s, old.away_s, old.engine_hours,
           CASE WHEN old.hourly IS NULL THEN 0
                ELSE greatest(0, least(25, coalesce(
                    floor(date_part('epoch', d.changed_from - d.from_ts) / 3600), 25))) END::integer
               AS first_hour,
           CASE WHEN old.hourly IS NULL THEN 24
                ELSE greatest(-1, least(24, coalesce(
                    floor(date_part('epoch', d.changed_to - d.from_ts) / 3600), -1))) END::integer
               AS last_hour
    FROM unnest($1::text[], $2::date[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
                $6::timestamptz[], $7::boolean[])
         AS d (device, day, from_ts, to_ts, changed_from, changed_to, moved)
    LEFT JOIN device_day old ON old.device = d.device AND old.day = d.day
), covered AS MATERIALIZED (
    SELECT w.device, w.since, w.until, s.first_day, s.last_day
    FROM logged_span s JOIN device_vehicle w USING (vehicle_id) WHERE w.device = ANY ($1)
), found AS MATERIALIZED (
    SELECT d.device, d.day, d.there, p.positions, p.hourly,
           CASE WHEN l.covered THEN (1 << 24) - 1 ELSE p.heard END AS heard,
           t.trips, t.km, t.driving_s, r.away_s, e.engine_hours,
           l.covered OR p.positions > 0 OR t.trips > 0 OR t.driving_s > 0 OR r.away_s > 0
               OR e.engine_hours > 0 AS known,
           d.moved OR (d.heard, d.trips, d.km, d.driving_s, d.away_s, d.engine_hours)
               IS DISTINCT FROM (CASE WHEN l.covered THEN (1 << 24) - 1 ELSE p.heard END,
                                 t.trips, t.km, t.driving_s, r.away_s, e.engine_hours) AS changed
    FROM given d
    CROSS JOIN LATERAL (
        SELECT sum(count) AS positions, array_agg(count ORDER BY hour) AS hourly,
               coalesce(bit_or(1 << hour) FILTER (WHERE count > 0), 0) AS heard
        FROM (
            SELECT hour, CASE WHEN hour BETWEEN d.first_hour AND d.last_hour
                              THEN coalesce(anew.count, 0) ELSE d.hourly[hour + 1] END::integer
                             AS count
            FROM generate_series(0, 24) AS hour
            LEFT JOIN (
                SELECT floor(date_part('epoch', ts - d.from_ts) / 3600)::integer AS hour,
                       count(*) AS count
                FROM position
                WHERE device = d.device AND ts >= d.from_ts + d.first_hour * interval '1 hour'
                  AND ts < least(d.to_ts, d.from_ts + (d.last_hour + 1) * interval '1 hour')
                  -- With these bounds the server skips the partitions of other weeks.
                  AND ts >= $8::timestamptz AND ts < $9::timestamptz
                GROUP BY 1
            ) anew USING (hour)
        ) hours
    ) p
    CROSS JOIN LATERAL (
        SELECT (count(*) FILTER (WHERE start_ts >= d.from_ts))::integer AS trips,
               coalesce(sum(km) FILTER (WHERE start_ts >= d.from_ts), 0) AS km,
               coalesce(extract(epoch FROM sum(least(end_ts, d.to_ts)
                                               - greatest(start_ts, d.from_ts))), 0)::float8
                   AS driving_s
        FROM trip
        WHERE device = d.device AND start_ts < d.to_ts AND end_ts >= d.from_ts
          AND start_ts >= coalesce((SELECT max(start_ts) FROM trip
                                    WHERE device = d.device AND start_ts < d.from_ts), d.from_ts)
    ) t
    CROSS JOIN LATERAL (
        SELECT coalesce(extract(epoch FROM sum(least(end_ts, d.to_ts)
                                               - greatest(start_ts, d.from_ts))), 0)::float8
                   AS away_s
        FROM round_trip
        WHERE device = d.device AND start_ts < d.to_ts AND end_ts >= d.from_ts
          AND start_ts >= coalesce((SELECT max(start_ts) FROM round_trip
                                    WHERE device = d.device AND start_ts < d.from_ts), d.from_ts)
    ) r
    CROSS JOIN LATERAL (
        -- The engine hours of a session are spread evenly over it.
        SELECT coalesce(sum(hours * extract(epoch FROM least(end_ts, d.to_ts)
                                                       - greatest(start_ts, d.from_ts))::float8
                            / nullif(extract(epoch FROM end_ts - start_ts), 0)::float8), 0)
                   AS engine_hours
        FROM engine_session
        WHERE device = d.device AND start_ts < d.to_ts AND end_ts >= d.from_ts
          AND start_ts >= coalesce((SELECT max(start_ts) FROM engine_session
                                    WHERE device = d.device AND start_ts < d.from_ts), d.from_ts)
    ) e
    CROSS JOIN LATERAL (
        -- A driving log covers every day from its first trip to its last, for the device that sat in
        -- the vehicle: a day without an entry is a day without use.
        SELECT EXISTS (SELECT FROM covered
                       WHERE device = d.device AND d.day >= since AND d.day < until
                         AND d.day BETWEEN first_day AND last_day) AS covered
    ) l
), gone AS (
    DELETE FROM device_day y USING found f
    WHERE f.there AND NOT f.known AND y.device = f.device AND y.day = f.day
), kept AS (
    INSERT INTO device_day AS y (device, day, positions, hourly, heard, trips, km, driving_s,
                                 away_s, engine_hours)
    SELECT device, day, positions, hourly, heard, trips, km, driving_s, away_s, engine_hours
    FROM found WHERE known
    ON CONFLICT (device, day) DO UPDATE SET
        positions = excluded.positions, hourly = excluded.hourly, heard = excluded.heard,
        trips = excluded.trips, km = excluded.km, driving_s = excluded.driving_s,
        away_s = excluded.away_s, engine_hours = excluded.engine_hours
)
INSERT INTO device_month AS m (device, month, revision)
SELECT device, month, nextval('device_month_revision')
FROM (SELECT DISTINCT device, date_trunc('month', day::timestamp)::date AS month
      FROM found WHERE changed) AS months
ON CONFLICT (month, device) DO UPDATE SET revision = nextval('device_month_revision')

-- name: days_between
SELECT day FROM device_day WHERE device = $1 AND day BETWEEN $2 AND $3 ORDER BY day

-- name: sweep_days
-- Computes the days $2 of a device, which begin at $3 and end at $4, without the private time from $5
-- to $6. The statement counts the hours from the positions that are left. An hour outside the private
-- time that was heard and has no position left lost its positions to retention. Such an hour stays
-- heard. A day without positions keeps its former number of them in proportion to the hours that stay
-- heard. The next change of the day counts all its hours again.
WITH changed AS (
    INSERT INTO device_month AS m (device, month, revision)
    SELECT $1, month, nextval('device_month_revision')
    FROM (SELECT DISTINCT date_trunc('month', day::timestamp)::date AS month
          FROM unnest($2::date[]) AS day) AS months
    ON CONFLICT (month, device) DO UPDATE SET revision = nextval('device_month_revision')
), left_over AS (
    SELECT d.day, p.positions, p.hourly, p.heard AS counted, t.trips, t.km, t.driving_s, r.away_s,
           e.engine_hours, old.positions AS before, old.heard AS heard_before,
           p.heard | (old.heard & ~(
               SELECT coalesce(bit_or(1 << hour), 0) FROM generate_series(0, 24) AS hour
               WHERE d.from_ts + hour * interval '1 hour' < $6
                 AND d.from_ts + (hour + 1) * interval '1 hour' > $5)) AS heard
    FROM unnest($2::date[], $3::timestamptz[], $4::timestamptz[]) AS d (day, from_ts, to_ts)
    JOIN device_day old ON old.device = $1 AND old.day = d.day
    CROSS JOIN LATERAL (
        SELECT sum(count) AS positions, array_agg(count ORDER BY hour) AS hourly,
               coalesce(bit_or(1 << hour) FILTER (WHERE count > 0), 0) AS heard
        FROM (
            SELECT hour, coalesce(count, 0)::integer AS count
            FROM generate_series(0, 24) AS hour
            LEFT JOIN (
                SELECT floor(date_part('epoch', ts - d.from_ts) / 3600)::integer AS hour,
                       count(*) AS count
                FROM position WHERE device = $1 AND ts >= d.from_ts AND ts < d.to_ts
                GROUP BY 1
            ) there USING (hour)
        ) hours
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
        hourly = CASE WHEN l.heard = l.counted THEN l.hourly END, heard = l.heard,
        trips = l.trips, km = l.km, driving_s = l.driving_s, away_s = l.away_s,
        engine_hours = l.engine_hours
    FROM left_over l
    WHERE day.device = $1 AND day.day = l.day
      AND (l.heard <> 0 OR l.trips > 0 OR l.driving_s > 0 OR l.away_s > 0 OR l.engine_hours > 0)
    RETURNING day.day
)
DELETE FROM device_day
WHERE device = $1 AND day = ANY ($2::date[]) AND day NOT IN (SELECT day FROM kept)

-- name: trips_begun_on
-- Trips of all devices that began on the local day $1, or of those in vehicles of the departments $2.
SELECT coalesce(sum(trips), 0) FROM device_day
WHERE day = $1 AND ($2::text[] IS NULL OR device IN (
    SELECT device FROM device JOIN vehicle USING (vehicle_id) WHERE department = ANY ($2)))
