-- name: vehicles
-- Every vehicle with what it drove from $1 to $2 (both moments); $3: only one.
WITH use AS (
    SELECT w.vehicle_id, sum(trips) AS trips, sum(km) AS km
    FROM device_day y
    JOIN device_vehicle w ON w.device = y.device AND y.day >= w.since AND y.day < w.until
    WHERE day >= ($1 AT TIME ZONE 'Europe/Copenhagen')::date
      AND day < ($2 AT TIME ZONE 'Europe/Copenhagen')::date
    GROUP BY w.vehicle_id
)
SELECT v.vehicle_id, v.name, v.department, v.contract_end, v.measured_in,
       k.kind, k.name AS kind_name, k.energy,
       p.depot_id, p.name AS depot_name,
       coalesce(use.trips, 0) AS trips, coalesce(use.km, 0) AS km, v.needs, v.mileage_km,
       coalesce((SELECT ruling FROM vehicle_ruling r WHERE r.vehicle_id = v.vehicle_id
                 ORDER BY ruling_id DESC LIMIT 1), 'open') AS ruling
FROM vehicle v
JOIN vehicle_kind k USING (kind)
JOIN depot p USING (depot_id)
LEFT JOIN use ON use.vehicle_id = v.vehicle_id
WHERE v.retired_at IS NULL AND ($3::text IS NULL OR v.vehicle_id = $3)
ORDER BY v.vehicle_id

-- name: trip_class
-- The class of trips of the vehicle $1 and of its kind, and whether its trips are still another's.
SELECT v.trip_class AS own, k.trip_class AS of_kind,
       coalesce(s.found_as <> a.found_as, false) AS refinding
FROM vehicle v JOIN vehicle_kind k USING (kind)
LEFT JOIN device d USING (vehicle_id)
LEFT JOIN device_state s ON s.device = d.device
LEFT JOIN device_as a ON a.device = d.device
WHERE v.vehicle_id = $1

-- name: set_trip_class
UPDATE vehicle SET trip_class = $2 WHERE vehicle_id = $1

-- name: depots
SELECT depot_id, name, lat, lon, radius_m FROM depot ORDER BY name

-- name: today
-- Positions and trips of the local day $1, and what waits in quarantine, counted up to $2.
SELECT (SELECT coalesce(sum(positions), 0) FROM device_day WHERE day = $1) AS pings,
       (SELECT coalesce(sum(trips), 0) FROM device_day WHERE day = $1) AS trips,
       (SELECT count(*) FROM (SELECT FROM quarantine WHERE released_at IS NULL LIMIT $2) c)
           AS quarantined

-- name: trip_days
-- The day of the last departure of the vehicle $1 on or before $2, and its neighbours with trips.
WITH days AS (
    SELECT DISTINCT (start_ts AT TIME ZONE 'Europe/Copenhagen')::date AS day
    FROM device_vehicle w
    JOIN trip t ON t.device = w.device AND t.start_ts >= w.begins AND t.start_ts < w.ends
    WHERE w.vehicle_id = $1
), chosen AS (
    SELECT max(day) AS day FROM days WHERE day <= coalesce($2::date, 'infinity'::date)
)
SELECT chosen.day, (SELECT max(day) FROM days WHERE day < coalesce($2, chosen.day)) AS earlier,
       (SELECT min(day) FROM days WHERE day > coalesce($2, chosen.day)) AS later
FROM chosen

-- name: device_on
-- The tracker that sat in the vehicle $1 on the local day $2.
SELECT device FROM device_vehicle WHERE vehicle_id = $1 AND since <= $2 AND until > $2

-- name: path
SELECT ts, lat, lon FROM position WHERE device = $1 AND ts >= $2 AND ts <= $3 ORDER BY ts

-- name: device_health
-- What waits in quarantine is counted up to $3.
SELECT count(*) FILTER (WHERE p.ts >= $2) AS pings_24h,
       (SELECT count(*) FROM (SELECT FROM quarantine q
                              WHERE q.device = $1 AND q.released_at IS NULL LIMIT $3) c)
           AS quarantined
FROM position p WHERE p.device = $1 AND p.ts >= $2

-- name: latest_pings
SELECT p.device, v.vehicle_id, v.name AS vehicle_name, p.ts, p.received_at, p.lat, p.lon,
       p.speed_kmh
FROM last_positions(ARRAY(SELECT device FROM device_state ORDER BY last_ts DESC LIMIT $1)) p
LEFT JOIN device d ON d.device = p.device
LEFT JOIN vehicle v USING (vehicle_id)
ORDER BY p.ts DESC, p.device

-- name: since
-- Positions since the moment $1, counted up to $2, and the devices that they are of.
SELECT (SELECT count(*)
        FROM (SELECT FROM device_state s,
                     LATERAL (SELECT FROM position p
                              WHERE p.device = s.device AND p.ts >= $1 OFFSET 0) AS sent
              WHERE s.last_ts >= $1 LIMIT $2) AS counted) AS positions,
       (SELECT count(*) FROM device_state WHERE last_ts >= $1) AS devices
