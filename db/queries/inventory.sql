-- name: registered_vehicles
-- Every vehicle with what is registered of it, or the vehicles $1.
SELECT v.vehicle_id, v.name, v.plate, v.make, v.model, v.model_year, v.first_registered, v.kind, v.department,
       v.depot_id, v.measured_in, v.contract_start, v.contract_end, v.contract_km, v.cost_kr_year,
       v.sale_value_kr, v.exit_cost_kr,
       v.mileage_km, v.mileage_day, v.retired_at, v.revision,
       k.name AS kind_name, k.energy, z.name AS depot_name
FROM vehicle v
JOIN vehicle_kind k USING (kind)
JOIN zone z ON z.zone_id = v.depot_id
WHERE $1::text[] IS NULL OR v.vehicle_id = ANY ($1)
ORDER BY v.vehicle_id

-- name: lock_inventory
-- Makes those who change what is registered of vehicles wait for each other, until the transaction ends.
-- It locks no row, so that trips can be stored meanwhile.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.inventory'))

-- name: add_vehicle
INSERT INTO vehicle (vehicle_id, name, plate, make, model, model_year, first_registered, kind, department,
                     depot_id, measured_in, contract_start, contract_end, contract_km, cost_kr_year,
                     sale_value_kr, exit_cost_kr, mileage_km, mileage_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)

-- name: change_vehicle
UPDATE vehicle SET
    name = $2, plate = $3, make = $4, model = $5, model_year = $6, first_registered = $7, kind = $8,
    department = $9, depot_id = $10, measured_in = $11, contract_start = $12, contract_end = $13,
    contract_km = $14, cost_kr_year = $15, sale_value_kr = $16, exit_cost_kr = $17, mileage_km = $18,
    mileage_day = $19, revision = revision + 1
WHERE vehicle_id = $1

-- name: first_day
-- The first day on which the vehicle $1 may have left: it was registered first, or anything was first known of its
-- driving, on that day. NULL: neither is known.
SELECT greatest(v.first_registered, least(
    (SELECT min(day) FROM device_vehicle s JOIN device_day d ON d.device = s.device AND d.day >= s.since
                                                            AND d.day < s.until
     WHERE s.vehicle_id = v.vehicle_id AND d.heard <> 0),
    (SELECT min(first_day) FROM logged_span l WHERE l.vehicle_id = v.vehicle_id)))
FROM vehicle v WHERE v.vehicle_id = $1

-- name: retire
UPDATE vehicle SET retired_at = $2, revision = revision + 1 WHERE vehicle_id = $1

-- name: others_with_plate
-- The vehicle of the fleet, beside $1, that has the registration number $2.
SELECT name FROM vehicle WHERE plate = $2 AND vehicle_id <> $1 AND retired_at IS NULL

-- name: departments
-- Every department that a vehicle belongs to.
SELECT DISTINCT department FROM vehicle WHERE in_fleet(retired_at) ORDER BY 1

-- name: is_new_department
-- Whether vehicles of the fleet have departments, and none of them $1.
SELECT EXISTS (SELECT FROM vehicle WHERE in_fleet(retired_at))
    AND NOT EXISTS (SELECT FROM vehicle WHERE in_fleet(retired_at) AND department = $1)

-- name: vehicle_exists
SELECT EXISTS (SELECT FROM vehicle WHERE vehicle_id = $1)

-- name: depot_exists
SELECT EXISTS (SELECT FROM depot WHERE depot_id = $1)

-- name: kind_exists
SELECT EXISTS (SELECT FROM vehicle_kind WHERE kind = $1)

-- name: ids_like
-- The ids of vehicles that are $1, or $1 with a number behind it.
SELECT vehicle_id FROM vehicle WHERE vehicle_id = $1 OR starts_with(vehicle_id, $1 || '-')

-- name: keep_list
-- Keeps a list; with the layout $5 it is read as an earlier one was.
INSERT INTO vehicle_list (name, uploaded_by, content, preview, layout, is_remembered)
VALUES ($1, $2, $3, $4, $5::jsonb, $5::jsonb IS NOT NULL) RETURNING list_id

-- name: lists
-- The $1 latest lists.
SELECT list_id, name, uploaded_at, uploaded_by, outcome FROM vehicle_list ORDER BY list_id DESC LIMIT $1

-- name: list
SELECT name, uploaded_at, uploaded_by, content, preview, layout, is_remembered, outcome FROM vehicle_list WHERE list_id = $1

-- name: lock_list
SELECT content, preview, layout FROM vehicle_list WHERE list_id = $1 FOR UPDATE

-- name: set_layout
UPDATE vehicle_list SET layout = $2, is_remembered = is_remembered AND NOT $3::boolean
WHERE list_id = $1 AND content IS NOT NULL

-- name: remember_layout
INSERT INTO vehicle_list_layout (headings_sha256, layout, set_by) VALUES ($1, $2, $3)
ON CONFLICT (headings_sha256) DO UPDATE SET
    layout = excluded.layout, set_by = excluded.set_by, set_at = now()

-- name: remembered_layout
SELECT layout FROM vehicle_list_layout WHERE headings_sha256 = $1

-- name: finish_list
UPDATE vehicle_list SET content = NULL, preview = '{}', outcome = $2 WHERE list_id = $1

-- name: forget_lists
-- Deletes the lists that were uploaded before $1; the vehicles stay.
WITH gone AS (DELETE FROM vehicle_list WHERE uploaded_at < $1 RETURNING 1) SELECT count(*) FROM gone
