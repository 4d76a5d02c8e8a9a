-- name: offers_of_kind
SELECT k.offers FROM vehicle v JOIN vehicle_kind k USING (kind) WHERE v.vehicle_id = $1

-- name: rulings
SELECT ruling, needs, reason, actor, at FROM vehicle_ruling
WHERE vehicle_id = $1 ORDER BY change_id DESC

-- name: ruling_in_force
SELECT ruling, needs FROM vehicle_ruling WHERE vehicle_id = $1 ORDER BY change_id DESC LIMIT 1

-- name: needs_of
-- The needs of the trips of the vehicle $1; NULL: all that its kind offers.
SELECT needs FROM vehicle WHERE vehicle_id = $1

-- name: add_ruling
-- Adds a ruling of the fleet unit on a vehicle, and stores the needs of the vehicle's trips.
WITH changed AS (
    UPDATE vehicle SET needs = $3 WHERE vehicle_id = $1 RETURNING vehicle_id
)
INSERT INTO vehicle_ruling (vehicle_id, ruling, needs, reason, actor)
SELECT vehicle_id, $2, $3, $4, $5 FROM changed
