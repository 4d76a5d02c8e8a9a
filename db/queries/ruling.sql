-- name: offers_of_kind
SELECT k.offers FROM vehicle v JOIN vehicle_kind k USING (kind) WHERE v.vehicle_id = $1

-- name: rulings
SELECT ruling, needs, reason, actor, at FROM vehicle_ruling
WHERE vehicle_id = $1 ORDER BY change_id DESC

-- name: ruled_to_stay
-- The last rulings on the vehicles $1, where these say that the vehicles stay.
SELECT * FROM (SELECT DISTINCT ON (vehicle_id) vehicle_id, ruling, needs, reason, actor, at FROM vehicle_ruling
               WHERE vehicle_id = ANY ($1::text[]) ORDER BY vehicle_id, change_id DESC) r
WHERE ruling = 'stay'

-- name: ruling_in_force
SELECT ruling, needs FROM vehicle_ruling WHERE vehicle_id = $1 ORDER BY change_id DESC LIMIT 1

-- name: one_decision_at_a_time
-- Rulings and decisions wait for each other until the commit, so that each knows the ones before it.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.decisions'))

-- name: leaving_accepted
-- The last proposal of what is accepted by which the vehicle $1 leaves its pool; none where nothing is.
SELECT max(p.proposal_id) AS proposal_id FROM decision_in_force f JOIN proposal p USING (key)
WHERE f.number = (SELECT max(number) FROM round WHERE state = 'done') AND f.verdict IN ('accepted', 'done')
  AND p.vehicle_id = $1 AND p.action IN ('dispose', 'replace', 'move')

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
