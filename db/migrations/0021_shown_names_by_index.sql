-- The name by which a vehicle is shown is found for each vehicle by an index, whatever the plan: the names
-- of all were sorted once for each vehicle of a list, which took longer by the square of the fleet.
CREATE INDEX vehicle_lower_name ON vehicle (lower(name));
CREATE OR REPLACE VIEW vehicle_shown AS
SELECT v.vehicle_id,
       CASE WHEN NOT EXISTS (SELECT FROM vehicle w
                             WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id)
       THEN v.name
       ELSE v.name || ' (' || CASE
           WHEN v.plate IS NOT NULL
                AND NOT EXISTS (SELECT FROM vehicle w
                                WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id
                                  AND w.plate = v.plate)
           THEN v.plate
           WHEN NOT EXISTS (SELECT FROM vehicle w JOIN zone z ON z.zone_id = w.depot_id
                            WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id
                              AND z.name = (SELECT name FROM zone WHERE zone_id = v.depot_id))
           THEN (SELECT name FROM zone WHERE zone_id = v.depot_id)
           WHEN v.department <> ''
                AND NOT EXISTS (SELECT FROM vehicle w
                                WHERE lower(w.name) = lower(v.name) AND w.vehicle_id <> v.vehicle_id
                                  AND w.department = v.department)
           THEN v.department
           ELSE v.vehicle_id END || ')'
       END AS shown_name
FROM vehicle v
WHERE NOT (SELECT is_scoped()) OR v.department = ANY ((SELECT scope_departments())::text[]);
