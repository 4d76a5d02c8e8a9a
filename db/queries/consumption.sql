-- name: unread_trips
-- At most $2 trips that ended before $1 and whose levels nobody read yet, with the readings of the battery
-- and of the tank during each. Trips that another session has locked are left to a later call.
WITH picked AS MATERIALIZED (
    SELECT device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km FROM trip
    WHERE NOT levels_read AND start_ts < $1 AND end_ts < $1
    ORDER BY start_ts LIMIT $2 FOR UPDATE SKIP LOCKED
)
SELECT t.*, r.*
FROM picked t
CROSS JOIN LATERAL (
    SELECT array_agg(lat ORDER BY ts) AS lat, array_agg(lon ORDER BY ts) AS lon,
           array_agg(odometer_km ORDER BY ts) AS odometer_km,
           array_agg(soc_pct::float8 ORDER BY ts) AS battery_pct,
           array_agg(fuel_pct::float8 ORDER BY ts) AS tank_pct,
           coalesce(bool_or(charging), false) AS charging
    FROM position
    WHERE device = t.device AND ts BETWEEN t.start_ts AND t.end_ts
      AND (soc_pct IS NOT NULL OR fuel_pct IS NOT NULL OR charging)
) r

-- name: store_levels
UPDATE trip t SET levels_read = true,
    battery_from_pct = n.battery_from, battery_to_pct = n.battery_to, battery_km = n.battery_km,
    tank_from_pct = n.tank_from, tank_to_pct = n.tank_to, tank_km = n.tank_km
FROM unnest($1::text[], $2::timestamptz[], $3::float8[], $4::float8[], $5::float8[], $6::float8[],
            $7::float8[], $8::float8[])
     AS n (device, start_ts, battery_from, battery_to, battery_km, tank_from, tank_to, tank_km)
WHERE t.device = n.device AND t.start_ts = n.start_ts

-- name: trip_levels
-- The trips of the vehicles $1 from $2 to $3 with a level, each with the place of its vehicle in $1, from 1;
-- NaN where a level is not known. `tank_next_pct` is the level at which the vehicle's next trip began,
-- if it began where this one ended and no private time lies between.
WITH driven AS (
    SELECT v.place, v.vehicle_id, t.*, lead(t.start_ts) OVER following AS next_ts,
           lead(t.tank_from_pct) OVER following AS next_pct,
           abs(lead(t.start_lat) OVER following - t.end_lat) < 0.005
               AND abs(lead(t.start_lon) OVER following - t.end_lon) < 0.01 AS next_here
    FROM unnest($1::text[]) WITH ORDINALITY AS v (vehicle_id, place)
    JOIN device_vehicle w USING (vehicle_id)
    JOIN trip t ON t.device = w.device AND t.start_ts >= w.begins AND t.start_ts < w.ends
    WHERE t.start_ts >= $2 AND t.start_ts < $3
    WINDOW following AS (PARTITION BY v.place, t.device ORDER BY t.start_ts)
)
SELECT place::int8, extract(month FROM start_ts AT TIME ZONE 'Europe/Copenhagen')::int4 AS month, km,
       coalesce(battery_from_pct, 'NaN') AS battery_from_pct,
       coalesce(battery_to_pct, 'NaN') AS battery_to_pct, coalesce(battery_km, 'NaN') AS battery_km,
       coalesce(tank_from_pct, 'NaN') AS tank_from_pct, coalesce(tank_to_pct, 'NaN') AS tank_to_pct,
       coalesce(tank_km, 'NaN') AS tank_km,
       CASE WHEN next_here AND next_pct IS NOT NULL
                 AND NOT EXISTS (SELECT FROM private_period p
                                 WHERE p.vehicle_id = d.vehicle_id AND p.begins < d.next_ts
                                   AND coalesce(p.ends, 'infinity') > d.end_ts)
            THEN next_pct ELSE 'NaN' END AS tank_next_pct
FROM driven d WHERE battery_km IS NOT NULL OR tank_km IS NOT NULL

-- name: hold_consumption
-- What is learned of kinds is stored by one session at a time, and not while a private period is swept.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.consumption'))

-- name: kinds_of_vehicles
SELECT vehicle_id, kind FROM vehicle ORDER BY vehicle_id

-- name: forget_kinds
DELETE FROM kind_consumption

-- name: forget_kind_of
-- What was learned of the kind of the vehicle $1 is learned again without what was deleted.
DELETE FROM kind_consumption WHERE kind = (SELECT kind FROM vehicle WHERE vehicle_id = $1)

-- name: store_kinds
INSERT INTO kind_consumption (kind, level, month, km, pct, trips)
SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[], $4::float8[], $5::float8[], $6::integer[])

-- name: consumption_of_kinds
SELECT kind, month, km, pct, trips FROM kind_consumption WHERE level = $1 ORDER BY kind, month
