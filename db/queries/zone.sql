-- name: zones
SELECT zone_id, name, kind, lat, lon, radius_m, polygon, active_from, active_to,
       charge_points FROM zone
WHERE lat IS NOT NULL ORDER BY zone_id

-- name: waiting_depots
-- The depots that wait for their place, with the vehicles of the fleet that belong to each.
SELECT z.zone_id AS depot_id, z.name, z.charge_points,
       (SELECT count(*) FROM vehicle v WHERE v.depot_id = z.zone_id AND in_fleet(v.retired_at))
           AS vehicles
FROM zone z WHERE z.lat IS NULL AND ($1::text IS NULL OR z.zone_id = $1) ORDER BY z.zone_id

-- name: add_waiting_depot
INSERT INTO zone (zone_id, name, charge_points) VALUES ($1, $2, $3)

-- name: change_waiting_depot
UPDATE zone SET name = $2, charge_points = $3 WHERE zone_id = $1 AND lat IS NULL

-- name: zone_names
SELECT zone_id, name FROM zone

-- name: put_zone
INSERT INTO zone (zone_id, name, kind, lat, lon, radius_m, polygon, active_from, active_to,
                  charge_points)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (zone_id) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, lat = excluded.lat, lon = excluded.lon,
    radius_m = excluded.radius_m, polygon = excluded.polygon,
    active_from = excluded.active_from, active_to = excluded.active_to,
    charge_points = excluded.charge_points

-- name: remove_zone
DELETE FROM zone WHERE zone_id = $1

-- name: removed_zones
-- The latest $1 removed zones that have not come back, or the zone $2, with what they were.
SELECT zone_id, content, actor, at
FROM (SELECT DISTINCT ON (subject_id) subject_id AS zone_id, content, actor, at, change_id
      FROM register_change WHERE subject = 'zone' AND ($2::text IS NULL OR subject_id = $2)
      ORDER BY subject_id, change_id DESC) last
WHERE content ? 'removed' AND content ? 'name' AND content ->> 'lat' IS NOT NULL
  AND NOT EXISTS (SELECT FROM zone WHERE zone.zone_id = last.zone_id)
ORDER BY change_id DESC LIMIT $1

-- name: belongings
-- The vehicles of the fleet whose depot is the zone $1.
SELECT count(*) FROM vehicle WHERE depot_id = $1 AND retired_at IS NULL

-- name: has_belongings
-- Whether vehicles, also retired ones, or proposals belong to the zone $1 as their depot.
SELECT EXISTS (SELECT FROM vehicle WHERE depot_id = $1)
    OR EXISTS (SELECT FROM proposal WHERE depot_id = $1)

-- name: zone
SELECT zone_id, name, kind, lat, lon, radius_m, polygon, active_from, active_to,
       charge_points FROM zone
WHERE zone_id = $1 AND lat IS NOT NULL

-- name: mark_round_trips_near
-- Marks the devices with a trip that begins or ends between the corners ($1, $2) and ($3, $4), lat and
-- lon: the trip service detects their round trips again from the first such trip on.
UPDATE device_state s SET round_trips_from = least(s.round_trips_from, t.since)
FROM (SELECT device, min(start_ts) AS since
      FROM (SELECT device, start_ts FROM trip
            WHERE start_lat BETWEEN $1 AND $3 AND start_lon BETWEEN $2 AND $4
            UNION ALL
            SELECT device, start_ts FROM trip
            WHERE end_lat BETWEEN $1 AND $3 AND end_lon BETWEEN $2 AND $4) near
      GROUP BY device) t
WHERE s.device = t.device

-- name: waiting_devices
-- The number of devices whose round trips the trip service has still to detect again.
SELECT count(*) FROM device_state WHERE round_trips_from IS NOT NULL

-- name: nights
-- Where the vehicles of the fleet, or the vehicle $3, stood at the moments $1: the place where the last
-- trip ended that a tracker which sits in it recorded, if that trip had ended by then. A trip tells for
-- the time $2. `night` counts the moments from 1; a vehicle of which nothing is known has one row
-- without it. The trips between the moments are read once, and of those before them the last one.
WITH fleet AS MATERIALIZED (
    SELECT v.vehicle_id, c.shown_name AS name, v.depot_id
    FROM vehicle v JOIN vehicle_shown c USING (vehicle_id)
    WHERE in_fleet(v.retired_at) AND ($3::text IS NULL OR v.vehicle_id = $3)
), seat AS MATERIALIZED (
    -- What follows is sorted by the number of the vehicle: text takes three times as long.
    SELECT dense_rank() OVER (ORDER BY vehicle_id) AS number, device, vehicle_id, begins, ends
    FROM device_vehicle
    WHERE vehicle_id IS NOT NULL AND ($3::text IS NULL OR vehicle_id = $3)
), driven AS (
    SELECT s.number, s.vehicle_id, s.ends, t.start_ts, t.end_ts, t.end_lat, t.end_lon,
           1 + width_bucket(t.start_ts - interval '1 microsecond', $1::timestamptz[]) AS night
    FROM trip t JOIN seat s USING (device)
    WHERE t.start_ts > ($1::timestamptz[])[1]
      AND t.start_ts <= ($1::timestamptz[])[array_upper($1, 1)]
      AND t.start_ts >= s.begins AND t.start_ts < s.ends
    UNION ALL
    SELECT s.number, s.vehicle_id, s.ends, b.start_ts, b.end_ts, b.end_lat, b.end_lon, 1
    FROM seat s CROSS JOIN LATERAL (
        SELECT start_ts, end_ts, end_lat, end_lon FROM trip
        WHERE device = s.device AND start_ts <= ($1::timestamptz[])[1]
          AND start_ts >= ($1::timestamptz[])[1] - $2::interval
          AND start_ts >= s.begins AND start_ts < s.ends
        ORDER BY start_ts DESC LIMIT 1
    ) b
), last AS (
    SELECT DISTINCT ON (number, night) * FROM driven ORDER BY number, night, start_ts DESC
), stood AS (
    SELECT *, lead(night) OVER (PARTITION BY number ORDER BY night) AS until FROM last
)
SELECT v.vehicle_id, v.name, v.depot_id, n.night, n.lat, n.lon
FROM fleet v
LEFT JOIN (
    SELECT s.number, s.vehicle_id, m.night, s.end_lat AS lat, s.end_lon AS lon
    FROM stood s
    CROSS JOIN LATERAL generate_series(
        s.night, coalesce(s.until - 1, array_upper($1::timestamptz[], 1))
    ) AS m (night)
    CROSS JOIN LATERAL (SELECT ($1::timestamptz[])[m.night] AS at) moment
    WHERE s.end_ts <= moment.at AND s.start_ts >= moment.at - $2::interval AND moment.at < s.ends
) n ON n.vehicle_id = v.vehicle_id
ORDER BY n.number, n.night, v.vehicle_id

-- name: depots
SELECT depot_id, name, lat, lon, radius_m, charge_points FROM depot ORDER BY depot_id

-- name: vehicles_of_depot
-- How many vehicles of the fleet belong to the depot $1.
SELECT count(*) FROM vehicle WHERE depot_id = $1 AND in_fleet(retired_at)
