-- The name by which people are shown a vehicle: its own, and where another vehicle has the same, what tells
-- the two apart: the registration number, or else the depot, the department or the id. It reads with the
-- rights of its owner, for a vehicle is called the same whoever asks, and shows a head their own only.
CREATE VIEW vehicle_shown AS
SELECT v.vehicle_id, coalesce(alike.shown_name, v.name) AS shown_name
FROM vehicle v
LEFT JOIN (
    SELECT vehicle_id, name || ' (' || CASE WHEN plate IS NOT NULL AND of_plate = 1 THEN plate
                                            WHEN of_depot = 1 THEN depot_name
                                            WHEN department <> '' AND of_department = 1 THEN department
                                            ELSE vehicle_id END || ')' AS shown_name
    FROM (
        SELECT w.vehicle_id, w.name, w.plate, w.department, z.name AS depot_name,
               count(*) OVER (PARTITION BY lower(w.name), w.plate) AS of_plate,
               count(*) OVER (PARTITION BY lower(w.name), z.name) AS of_depot,
               count(*) OVER (PARTITION BY lower(w.name), w.department) AS of_department
        FROM vehicle w JOIN zone z ON z.zone_id = w.depot_id
        WHERE lower(w.name) IN (SELECT lower(name) FROM vehicle GROUP BY lower(name) HAVING count(*) > 1)
    ) shared
) alike USING (vehicle_id)
WHERE NOT (SELECT is_scoped()) OR v.department = ANY ((SELECT scope_departments())::text[]);
GRANT SELECT ON vehicle_shown TO flaade_scoped;
