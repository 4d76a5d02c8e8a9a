-- name: vehicles
-- The vehicles that are in the fleet on the day $5, of the department $1, the depot $2 or the kind $3;
-- null means any, and today. The vehicle $4 may have left the fleet. $6 are the only departments that
-- the reader sees; null: all.
SELECT v.vehicle_id, n.shown_name AS name, v.department, v.contract_end, v.measured_in, v.retired_at,
       k.kind, k.name AS kind_name, k.energy,
       p.depot_id, p.name AS depot_name, d.device, d.is_log, s.last_ts
FROM vehicle v
JOIN vehicle_shown n USING (vehicle_id)
JOIN vehicle_kind k USING (kind)
JOIN depot p USING (depot_id)
LEFT JOIN device d USING (vehicle_id)
LEFT JOIN device_state s ON s.device = d.device
WHERE (v.vehicle_id = $4 OR in_fleet(v.retired_at, coalesce($5, (now() AT TIME ZONE 'Europe/Copenhagen')::date)))
  AND ($1::text IS NULL OR v.department = $1) AND ($2::text IS NULL OR v.depot_id = $2)
  AND ($3::text IS NULL OR v.kind = $3) AND ($4::text IS NULL OR v.vehicle_id = $4)
  AND ($6::text[] IS NULL OR v.department = ANY ($6))
ORDER BY v.vehicle_id

-- name: found
-- The first $3 vehicles of the fleet whose name, registration number or id has the text $1 in it, of the
-- departments $2 (null: all); those whose name begins with it stand first, and names in the order of
-- `fleet.names.order`: æ, ø and å after z, and numbers by their size.
SELECT v.vehicle_id, n.shown_name AS name, p.name AS depot_name, d.device, d.is_log
FROM vehicle v
JOIN vehicle_shown n USING (vehicle_id)
JOIN depot p USING (depot_id)
LEFT JOIN device d USING (vehicle_id)
WHERE in_fleet(v.retired_at) AND ($2::text[] IS NULL OR v.department = ANY ($2))
  AND (strpos(lower(n.shown_name), lower($1)) > 0 OR strpos(lower(v.plate), lower($1)) > 0
       OR strpos(lower(v.vehicle_id), lower($1)) > 0)
ORDER BY strpos(lower(n.shown_name), lower($1)) <> 1,
    regexp_replace(
        regexp_replace(translate(lower(n.shown_name), 'æøå', '{|}'), '(\d+)', repeat('0', 20) || '\1', 'g'),
        '\d*(\d{20})', '\1', 'g'
    ) COLLATE "C",
    v.vehicle_id
LIMIT $3

-- name: called
-- The vehicles of the fleet that have the text $1 as their name, registration number or id, of the
-- departments $2 (null: all). An id is written as it is, and names and numbers in any case.
SELECT v.vehicle_id
FROM vehicle v JOIN vehicle_shown n USING (vehicle_id)
WHERE in_fleet(v.retired_at) AND ($2::text[] IS NULL OR v.department = ANY ($2))
  AND (v.vehicle_id = $1 OR lower(n.shown_name) = lower($1) OR lower(v.plate) = lower($1))
ORDER BY lower(n.shown_name) <> lower($1), v.vehicle_id <> $1, v.vehicle_id
LIMIT 1

-- name: filter_choices
-- The departments and kinds by which a person can filter the vehicles of the fleet.
SELECT ARRAY(SELECT DISTINCT department FROM vehicle WHERE in_fleet(retired_at) ORDER BY 1)
           AS departments,
       ARRAY(SELECT DISTINCT ARRAY[k.kind, k.name] FROM vehicle v JOIN vehicle_kind k USING (kind)
             WHERE in_fleet(v.retired_at)) AS kinds

-- name: scope
-- The vehicles of the departments $1, retired ones among them, and the depots of these.
SELECT coalesce(array_agg(vehicle_id), '{}') AS vehicle_ids,
       coalesce(array_agg(DISTINCT depot_id), '{}') AS depot_ids
FROM vehicle WHERE department = ANY ($1::text[])

-- name: department
SELECT department FROM vehicle WHERE vehicle_id = $1

-- name: vehicle_name
-- The name by which people are shown the vehicle $1, which may have left the fleet.
SELECT shown_name FROM vehicle_shown WHERE vehicle_id = $1

-- name: trip_class
-- The trip class of the vehicle $1 and that of its kind, and whether the stored trips were detected with
-- other settings.
SELECT v.trip_class AS own, k.trip_class AS of_kind,
       coalesce(s.found_with <> a.found_with, false) AS refinding
FROM vehicle v JOIN vehicle_kind k USING (kind)
LEFT JOIN device d USING (vehicle_id)
LEFT JOIN device_state s ON s.device = d.device
LEFT JOIN trip_settings a ON a.device = d.device
WHERE v.vehicle_id = $1

-- name: set_trip_class
-- Returns the class before.
UPDATE vehicle v SET trip_class = $2 FROM vehicle was
WHERE v.vehicle_id = $1 AND was.vehicle_id = $1 RETURNING was.trip_class

-- name: vehicles_driven
-- Every vehicle, or the vehicle $3, with its trips and km from the moment $1 to the moment $2.
WITH use AS (
    SELECT w.vehicle_id, sum(trips) AS trips, sum(km) AS km
    FROM device_day y
    JOIN device_vehicle w ON w.device = y.device AND y.day >= w.since AND y.day < w.until
    WHERE day >= ($1 AT TIME ZONE 'Europe/Copenhagen')::date
      AND day < ($2 AT TIME ZONE 'Europe/Copenhagen')::date
    GROUP BY w.vehicle_id
)
SELECT v.vehicle_id, n.shown_name AS name, v.department, v.contract_end, v.measured_in,
       k.kind, k.name AS kind_name, k.energy,
       p.depot_id, p.name AS depot_name,
       coalesce(use.trips, 0) AS trips, coalesce(use.km, 0) AS km, v.needs, v.mileage_km,
       v.cost_kr_year, v.sale_value_kr, v.exit_cost_kr,
       coalesce(v.first_registered, make_date(v.model_year, 1, 1)) AS registered_on,
       coalesce((SELECT ruling FROM vehicle_ruling r WHERE r.vehicle_id = v.vehicle_id
                 ORDER BY change_id DESC LIMIT 1), 'open') AS ruling
FROM vehicle v
JOIN vehicle_shown n USING (vehicle_id)
JOIN vehicle_kind k USING (kind)
JOIN depot p USING (depot_id)
LEFT JOIN use ON use.vehicle_id = v.vehicle_id
WHERE in_fleet(v.retired_at) AND ($3::text IS NULL OR v.vehicle_id = $3)
ORDER BY v.vehicle_id
