-- name: put_depot
INSERT INTO depot (depot_id, name, lat, lon, radius_m) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (depot_id) DO UPDATE SET
    name = excluded.name, lat = excluded.lat, lon = excluded.lon, radius_m = excluded.radius_m

-- name: put_kind
INSERT INTO vehicle_kind (kind, name, energy, offers, fixed_kr_year, kr_km, co2_g_km, range_km,
                          charge_km_h, offered, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (kind) DO UPDATE SET
    name = excluded.name, energy = excluded.energy, offers = excluded.offers,
    fixed_kr_year = excluded.fixed_kr_year, kr_km = excluded.kr_km,
    co2_g_km = excluded.co2_g_km, range_km = excluded.range_km,
    charge_km_h = excluded.charge_km_h, offered = excluded.offered, source = excluded.source

-- name: put_vehicle
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id, contract_end, measured_in)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (vehicle_id) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, department = excluded.department,
    depot_id = excluded.depot_id, contract_end = excluded.contract_end,
    measured_in = excluded.measured_in, retired_at = NULL
