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
                 ORDER BY change_id DESC LIMIT 1), 'open') AS ruling
FROM vehicle v
JOIN vehicle_kind k USING (kind)
JOIN depot p USING (depot_id)
LEFT JOIN use ON use.vehicle_id = v.vehicle_id
WHERE v.retired_at IS NULL AND ($3::text IS NULL OR v.vehicle_id = $3)
ORDER BY v.vehicle_id

-- name: depots
SELECT depot_id, name, lat, lon, radius_m FROM depot ORDER BY name
