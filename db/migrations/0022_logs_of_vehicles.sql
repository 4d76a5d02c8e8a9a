-- The days that a driving log covers are of a vehicle, whatever tracker it has, and its trips are of the device
-- that sat in it on their day. What was imported for the tracker that the vehicle had on the day of the import
-- goes where it belongs.
CREATE INDEX round_trip_logged ON round_trip (vehicle_id, start_ts) WHERE source IS NOT NULL;
CREATE TABLE logged_span_of_device AS TABLE logged_span;
DROP TABLE logged_span;
CREATE TABLE logged_span (
    vehicle_id text NOT NULL REFERENCES vehicle,
    first_day  date NOT NULL,
    last_day   date NOT NULL,
    PRIMARY KEY (vehicle_id, first_day, last_day)
);
-- A span that was of a tracker was of the vehicles whose trips it got from logs in that time.
INSERT INTO logged_span
SELECT DISTINCT r.vehicle_id, s.first_day, s.last_day
FROM logged_span_of_device s
JOIN round_trip r ON r.device = s.device AND r.source IS NOT NULL
    AND r.start_ts >= s.first_day::timestamp AT TIME ZONE 'Europe/Copenhagen'
    AND r.start_ts < (s.last_day + 1)::timestamp AT TIME ZONE 'Europe/Copenhagen';
INSERT INTO logged_span
SELECT d.vehicle_id, s.first_day, s.last_day
FROM logged_span_of_device s JOIN device d USING (device)
WHERE d.vehicle_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM round_trip r
                  WHERE r.device = s.device AND r.source IS NOT NULL
                    AND r.start_ts >= s.first_day::timestamp AT TIME ZONE 'Europe/Copenhagen'
                    AND r.start_ts < (s.last_day + 1)::timestamp AT TIME ZONE 'Europe/Copenhagen')
ON CONFLICT DO NOTHING;
DROP TABLE logged_span_of_device;
GRANT SELECT ON logged_span TO flaade_scoped;
ALTER TABLE logged_span ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON logged_span FOR SELECT TO flaade_scoped
    USING (vehicle_id = ANY ((SELECT scope_vehicles())::text[]));

-- Gives each trip of the driving logs of these vehicles to the device that sat in the vehicle on the
-- trip's day: to the tracker of that day, or else to the log itself, which sits in the vehicle whenever no
-- tracker does. Whatever gives a tracker another seat calls it, and so does an import.
CREATE FUNCTION settle_logs(of_vehicles text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    logged   text[] := ARRAY(SELECT DISTINCT vehicle_id FROM logged_span WHERE vehicle_id = ANY (of_vehicles));
    logs     text[] := ARRAY(SELECT 'log:' || id FROM unnest(logged) AS id);
    involved text[];
    tracked  text[];
    tracked_days daterange[];
    seats_before jsonb;
    seats_after  jsonb;
    owners   text[];
    starts   timestamptz[];
    were     text[];
    homes    text[];
BEGIN
    IF logged = '{}' THEN
        RETURN;
    END IF;
    involved := ARRAY(
        SELECT unnest(logs)
        UNION SELECT device FROM device_vehicle WHERE vehicle_id = ANY (logged)
        UNION SELECT device FROM round_trip WHERE vehicle_id = ANY (logged) AND source IS NOT NULL
        ORDER BY 1);
    -- The trip service does not count the days of these devices meanwhile.
    PERFORM pg_advisory_xact_lock(hashtext('flaadestyring.trips'), hashtext(one))
    FROM unnest(involved) AS one;

    -- The log sits wherever no tracker does. A seat that is right already is left alone, for a change of one
    -- has the private periods swept again.
    INSERT INTO device (device) SELECT unnest(logs) ON CONFLICT DO NOTHING;
    SELECT coalesce(array_agg(vehicle_id), '{}'), coalesce(array_agg(days), '{}') INTO tracked, tracked_days
    FROM (SELECT w.vehicle_id, unnest(range_agg(daterange(w.since, w.until))) AS days
          FROM device_vehicle w JOIN device d USING (device)
          WHERE w.vehicle_id = ANY (logged) AND NOT d.is_log AND w.since < w.until
          GROUP BY w.vehicle_id) t;
    SELECT jsonb_agg(w ORDER BY device, until) INTO seats_before FROM device_vehicle w WHERE device = ANY (logs);
    WITH wanted AS (
        SELECT 'log:' || id AS device, lower(days) AS until, id AS vehicle_id
        FROM unnest(tracked, tracked_days) AS t (id, days) WHERE lower(days) > '-infinity'
        UNION ALL
        SELECT 'log:' || id, upper(days), NULL
        FROM unnest(tracked, tracked_days) AS t (id, days) WHERE upper(days) < 'infinity'
    ), gone AS (
        DELETE FROM device_seat s WHERE device = ANY (logs)
            AND NOT EXISTS (SELECT FROM wanted n WHERE n.device = s.device AND n.until = s.until)
    )
    INSERT INTO device_seat AS s (device, until, vehicle_id) SELECT device, until, vehicle_id FROM wanted
    ON CONFLICT (device, until) DO UPDATE SET vehicle_id = excluded.vehicle_id
        WHERE s.vehicle_id IS DISTINCT FROM excluded.vehicle_id;
    UPDATE device d SET vehicle_id = n.vehicle_id
    FROM (SELECT 'log:' || id AS device,
                 CASE WHEN NOT EXISTS (SELECT FROM unnest(tracked, tracked_days) AS t (tracked_id, days)
                                       WHERE tracked_id = id AND upper(days) = 'infinity')
                      THEN id END AS vehicle_id
          FROM unnest(logged) AS id) n
    WHERE d.device = n.device AND d.vehicle_id IS DISTINCT FROM n.vehicle_id;
    SELECT jsonb_agg(w ORDER BY device, until) INTO seats_after FROM device_vehicle w WHERE device = ANY (logs);

    -- A trip that was imported for two devices of the vehicle is kept once.
    WITH twice AS (
        SELECT device, start_ts
        FROM (SELECT device, start_ts,
                     row_number() OVER (PARTITION BY vehicle_id, start_ts ORDER BY device) AS number
              FROM round_trip WHERE vehicle_id = ANY (logged) AND source IS NOT NULL) r
        WHERE number > 1
    ), trips AS (
        DELETE FROM trip t USING twice w WHERE t.device = w.device AND t.start_ts = w.start_ts
    )
    DELETE FROM round_trip r USING twice w WHERE r.device = w.device AND r.start_ts = w.start_ts;
    WITH seat AS MATERIALIZED (
        SELECT w.device, w.vehicle_id, w.since, w.begins, w.ends
        FROM device_vehicle w JOIN device d USING (device)
        WHERE w.vehicle_id = ANY (logged) AND NOT d.is_log
    ), found AS (
        SELECT DISTINCT ON (r.device, r.start_ts) r.device, r.start_ts, r.vehicle_id,
               coalesce(s.device, 'log:' || r.vehicle_id) AS home
        FROM round_trip r
        LEFT JOIN seat s ON s.vehicle_id = r.vehicle_id AND r.start_ts >= s.begins AND r.start_ts < s.ends
        WHERE r.vehicle_id = ANY (logged) AND r.source IS NOT NULL
        ORDER BY r.device, r.start_ts, s.since DESC
    )
    SELECT array_agg(device), array_agg(start_ts), array_agg('log:' || vehicle_id), array_agg(home)
    INTO were, starts, owners, homes FROM found WHERE device <> home;
    IF were IS NULL AND seats_before IS NOT DISTINCT FROM seats_after THEN
        RETURN;
    END IF;

    -- The trips go by their own log, in which no trip of another vehicle can be in their way. A trip that the
    -- tracker began at the same moment counts instead.
    UPDATE trip t SET device = m.owner FROM unnest(were, starts, owners) AS m (was, start_ts, owner)
    WHERE t.device = m.was AND t.start_ts = m.start_ts AND t.device <> m.owner;
    UPDATE round_trip t SET device = m.owner FROM unnest(were, starts, owners) AS m (was, start_ts, owner)
    WHERE t.device = m.was AND t.start_ts = m.start_ts AND t.device <> m.owner;
    DELETE FROM trip t USING unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner
      AND EXISTS (SELECT FROM trip o WHERE o.device = m.home AND o.start_ts = m.start_ts);
    DELETE FROM round_trip t USING unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner
      AND EXISTS (SELECT FROM round_trip o WHERE o.device = m.home AND o.start_ts = m.start_ts);
    UPDATE trip t SET device = m.home FROM unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner;
    UPDATE round_trip t SET device = m.home FROM unnest(owners, starts, homes) AS m (owner, start_ts, home)
    WHERE t.device = m.owner AND t.start_ts = m.start_ts AND m.home <> m.owner;

    -- The days that the logs cover are counted anew for each of the devices.
    WITH covered AS MATERIALIZED (
        SELECT w.device, w.since, w.until, s.first_day, s.last_day
        FROM device_vehicle w JOIN logged_span s USING (vehicle_id) WHERE w.device = ANY (involved)
    ), days AS (
        SELECT DISTINCT day::date AS day
        FROM logged_span, generate_series(first_day::timestamp, last_day::timestamp, interval '1 day') AS day
        WHERE vehicle_id = ANY (logged)
    ), pair AS MATERIALIZED (
        SELECT device, day, day::timestamp AT TIME ZONE 'Europe/Copenhagen' AS from_ts,
               (day + 1)::timestamp AT TIME ZONE 'Europe/Copenhagen' AS to_ts,
               EXISTS (SELECT FROM covered c WHERE c.device = one.device AND day >= since AND day < until
                                               AND day BETWEEN first_day AND last_day) AS is_covered
        FROM unnest(involved) AS one (device) CROSS JOIN days
    ), found AS MATERIALIZED (
        SELECT p.device, p.day, coalesce(old.positions, 0) AS positions, old.hourly,
               CASE WHEN p.is_covered THEN (1 << 24) - 1
                    WHEN old.hourly IS NOT NULL
                    THEN (SELECT coalesce(bit_or(1 << (hour - 1)::integer), 0)
                          FROM unnest(old.hourly) WITH ORDINALITY AS h (count, hour) WHERE count > 0)
                    WHEN old.positions > 0 THEN old.heard ELSE 0 END AS heard,
               t.trips, t.km, t.driving_s, r.away_s, coalesce(old.engine_hours, 0) AS engine_hours,
               p.is_covered OR old.positions > 0 OR old.engine_hours > 0 OR t.trips > 0 OR t.driving_s > 0
                   OR r.away_s > 0 AS known
        FROM pair p
        LEFT JOIN device_day old USING (device, day)
        CROSS JOIN LATERAL (
            SELECT (count(*) FILTER (WHERE start_ts >= p.from_ts))::integer AS trips,
                   coalesce(sum(km) FILTER (WHERE start_ts >= p.from_ts), 0) AS km,
                   coalesce(extract(epoch FROM sum(least(end_ts, p.to_ts) - greatest(start_ts, p.from_ts))), 0)
                       ::float8 AS driving_s
            FROM trip
            WHERE device = p.device AND start_ts < p.to_ts AND end_ts >= p.from_ts
              AND start_ts >= coalesce((SELECT max(start_ts) FROM trip
                                        WHERE device = p.device AND start_ts < p.from_ts), p.from_ts)
        ) t
        CROSS JOIN LATERAL (
            SELECT coalesce(extract(epoch FROM sum(least(end_ts, p.to_ts) - greatest(start_ts, p.from_ts))), 0)
                       ::float8 AS away_s
            FROM round_trip
            WHERE device = p.device AND start_ts < p.to_ts AND end_ts >= p.from_ts
              AND start_ts >= coalesce((SELECT max(start_ts) FROM round_trip
                                        WHERE device = p.device AND start_ts < p.from_ts), p.from_ts)
        ) r
        WHERE p.is_covered OR old.device IS NOT NULL OR t.trips > 0 OR r.away_s > 0
    ), gone AS (
        DELETE FROM device_day y USING found f WHERE y.device = f.device AND y.day = f.day AND f.known IS NOT TRUE
    ), kept AS (
        INSERT INTO device_day AS y (device, day, positions, hourly, heard, trips, km, driving_s, away_s,
                                     engine_hours)
        SELECT device, day, positions, hourly, heard, trips, km, driving_s, away_s, engine_hours
        FROM found WHERE known
        ON CONFLICT (device, day) DO UPDATE SET
            heard = excluded.heard, trips = excluded.trips, km = excluded.km, driving_s = excluded.driving_s,
            away_s = excluded.away_s
    )
    INSERT INTO device_month AS m (device, month, revision)
    SELECT device, month, nextval('device_month_revision')
    FROM (SELECT DISTINCT device, date_trunc('month', day::timestamp)::date AS month FROM found) AS months
    ON CONFLICT (month, device) DO UPDATE SET revision = nextval('device_month_revision');
END
$$;
SELECT settle_logs(ARRAY(SELECT DISTINCT vehicle_id FROM logged_span));
