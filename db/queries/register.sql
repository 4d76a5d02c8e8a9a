-- name: put_depot
INSERT INTO depot (depot_id, name, lat, lon, radius_m) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (depot_id) DO UPDATE SET
    name = excluded.name, lat = excluded.lat, lon = excluded.lon, radius_m = excluded.radius_m

-- name: put_vehicle
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id, contract_end, measured_in)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (vehicle_id) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, department = excluded.department,
    depot_id = excluded.depot_id, contract_end = excluded.contract_end,
    measured_in = excluded.measured_in, retired_at = NULL
