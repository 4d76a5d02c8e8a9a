-- name: put_vehicle
-- The needs, the class and the mileage of a vehicle stay where the register does not state them.
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id, contract_end, measured_in,
                     trip_class, mileage_km, needs)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (vehicle_id) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, department = excluded.department,
    depot_id = excluded.depot_id, contract_end = excluded.contract_end,
    measured_in = excluded.measured_in,
    trip_class = coalesce(excluded.trip_class, vehicle.trip_class),
    mileage_km = coalesce(excluded.mileage_km, vehicle.mileage_km),
    needs = coalesce(excluded.needs, vehicle.needs),
    revision = vehicle.revision + 1
