-- name: learn_rhythms
-- Stores for each device that was heard in the day before $2: the median time between its last $1
-- positions, and the longest silence, in whole days, after which it sent again in eight weeks.
WITH learned AS (
    INSERT INTO device_rhythm (device, interval_s, silent_days, learned_at)
    SELECT s.device, latest.interval_s, coalesce(apart.days, 0), $2
    FROM device_state s
    CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap_s) AS interval_s
        FROM (SELECT extract(epoch FROM ts - lag(ts) OVER (ORDER BY ts))::double precision AS gap_s
              FROM (SELECT ts FROM position p
                    WHERE p.device = s.device AND p.ts <= s.last_ts
                      AND p.ts > s.last_ts - interval '2 days'
                    ORDER BY ts DESC LIMIT $1) t) gaps
    ) latest
    CROSS JOIN LATERAL (
        SELECT max(days) AS days
        FROM (SELECT day - lag(day) OVER (ORDER BY day) - 1 AS days FROM device_day d
              WHERE d.device = s.device AND day > $2::timestamptz::date - 56) t
    ) apart
    WHERE s.last_ts > $2::timestamptz - interval '1 day' AND latest.interval_s IS NOT NULL
    ON CONFLICT (device) DO UPDATE SET
        interval_s = excluded.interval_s, silent_days = excluded.silent_days,
        learned_at = excluded.learned_at
    RETURNING 1
)
SELECT count(*) FROM learned

-- name: last_pings
-- Every enrolled tracker, those in the vehicles $1, or the tracker $2, with its last position. A driving
-- log is no tracker.
SELECT d.device, d.protocol, d.enrolled_at, v.vehicle_id, n.shown_name AS vehicle_name, s.last_ts,
       p.speed_kmh, p.ignition, p.soc_pct, p.charging, p.battery_v,
       (p.attrs ->> 'tracker_battery_pct')::double precision AS tracker_battery_pct,
       r.interval_s, coalesce(r.silent_days, 0) AS silent_days
FROM device d
LEFT JOIN vehicle v ON v.vehicle_id = d.vehicle_id AND in_fleet(v.retired_at)
LEFT JOIN vehicle_shown n ON n.vehicle_id = v.vehicle_id
LEFT JOIN device_state s ON s.device = d.device
LEFT JOIN device_rhythm r ON r.device = d.device
LEFT JOIN last_positions(ARRAY(
    SELECT device FROM device
    WHERE ($1::text[] IS NULL OR vehicle_id = ANY ($1)) AND ($2::text IS NULL OR device = $2)
)) p ON p.device = d.device
WHERE NOT d.is_log AND ($1::text[] IS NULL OR d.vehicle_id = ANY ($1))
  AND ($2::text IS NULL OR d.device = $2)
ORDER BY d.device

-- name: set_protocols
UPDATE device SET protocol = heard.protocol
FROM unnest($1::text[], $2::text[]) AS heard (device, protocol)
WHERE device.device = heard.device AND device.protocol IS DISTINCT FROM heard.protocol
