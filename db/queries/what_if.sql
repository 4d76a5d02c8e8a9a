-- name: round_of_what_if
-- The version $1 of a round, where it is done, the latest version of the latest round that is done, and
-- whether it kept what the register had.
SELECT r.round_id, r.number, r.version, r.period_first, r.period_last, r.rules, r.chosen_prices,
       (SELECT max(round_id) FROM round WHERE state = 'done') AS latest_id,
       EXISTS (SELECT FROM round_register g WHERE g.round_id = r.round_id) AS is_kept
FROM round r WHERE r.round_id = $1 AND r.state = 'done'

-- name: part_of
-- The plan of the part $2 of a round with all that it was calculated with.
SELECT depots, verdicts, part_plan FROM round_part
WHERE round_id = $1 AND part = $2 AND part_plan IS NOT NULL

-- name: moving
-- The vehicles that the round $1 moves between depots.
SELECT content::text AS content FROM proposal WHERE round_id = $1 AND key LIKE 'move:%'
ORDER BY proposal_id

-- name: askable_parts
-- The parts of the round $1 with its depots, and those of their departments that had vehicles there.
SELECT part, depots, ARRAY(
           SELECT DISTINCT g.facts ->> 'department' FROM round_register g
           WHERE g.round_id = $1 AND g.subject = 'vehicle' AND g.facts ->> 'depot_id' = ANY (p.depots)
             AND g.facts ->> 'department' <> '' ORDER BY 1) AS departments
FROM round_part p WHERE round_id = $1 AND part_plan IS NOT NULL ORDER BY part

-- name: depots_in_use
-- Those of the depots $1 at which a vehicle of the fleet stands.
SELECT depot_id FROM depot d WHERE depot_id = ANY ($1::text[])
  AND EXISTS (SELECT FROM vehicle v WHERE v.depot_id = d.depot_id AND in_fleet(v.retired_at))

-- name: in_fleet
-- Those of the vehicles $1 that are in the fleet.
SELECT vehicle_id FROM vehicle WHERE vehicle_id = ANY ($1::text[]) AND in_fleet(retired_at)

-- name: ask
INSERT INTO what_if (round_id, name, depots, departments, changes, asked_by, account_id, parts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING what_if_id

-- name: record
INSERT INTO what_if_change (what_if_id, content, actor) VALUES ($1, $2, $3)

-- name: lock
SELECT what_if_id, name, state, asked_by, account_id, kept_at, shared_at, revision FROM what_if
WHERE what_if_id = $1 AND thrown_at IS NULL FOR UPDATE

-- name: keep
UPDATE what_if SET kept_at = now(), revision = revision + 1 WHERE what_if_id = $1

-- name: share
UPDATE what_if SET shared_at = CASE WHEN $2 THEN now() END, kept_at = coalesce(kept_at, now()),
                   revision = revision + 1
WHERE what_if_id = $1

-- name: throw_away
UPDATE what_if SET thrown_at = now(), answer = NULL, revision = revision + 1,
                   state = CASE WHEN state IN ('queued', 'running') THEN 'cancelled' ELSE state END
WHERE what_if_id = $1

-- name: forget_vehicles
DELETE FROM what_if_vehicle WHERE what_if_id = $1

-- name: throw_old
-- Throws away what nobody kept within $1 days.
WITH old AS (
    UPDATE what_if SET thrown_at = now(), answer = NULL, revision = revision + 1,
                       state = CASE WHEN state IN ('queued', 'running') THEN 'cancelled' ELSE state END
    WHERE thrown_at IS NULL AND kept_at IS NULL AND asked_at < now() - make_interval(days => $1)
    RETURNING what_if_id
)
DELETE FROM what_if_vehicle WHERE what_if_id IN (SELECT what_if_id FROM old)

-- name: cancel
UPDATE what_if SET state = 'cancelled', finished_at = now(), revision = revision + 1
WHERE what_if_id = $1 AND state IN ('queued', 'running') AND thrown_at IS NULL RETURNING what_if_id

-- name: start
UPDATE what_if SET state = 'running', solved_parts = 0
WHERE what_if_id = $1 AND state IN ('queued', 'running') AND thrown_at IS NULL
RETURNING round_id, depots, changes

-- name: is_running
SELECT EXISTS (SELECT FROM what_if WHERE what_if_id = $1 AND state = 'running' AND thrown_at IS NULL)

-- name: solved_part
UPDATE what_if SET solved_parts = solved_parts + 1 WHERE what_if_id = $1 AND state = 'running'

-- name: finish
UPDATE what_if SET state = 'done', answer = $2, finished_at = now()
WHERE what_if_id = $1 AND state = 'running' AND thrown_at IS NULL RETURNING what_if_id

-- name: add_vehicle
INSERT INTO what_if_vehicle (what_if_id, vehicle_id, depot_id, in_round, in_answer)
VALUES ($1, $2, $3, $4, $5)

-- name: fail
UPDATE what_if SET state = 'failed', reason = $2, detail = $3, finished_at = now()
WHERE what_if_id = $1 AND state IN ('queued', 'running')

-- name: what_ifs
-- The what-ifs that are there, or the one $1, without the ones that neither the account $2 or the actor
-- $3 without an account asked nor anybody shared; the latest first, at most $4, before the one $5.
SELECT w.what_if_id, w.round_id, r.number, r.version, w.name, w.changes, w.asked_by, w.asked_at,
       w.state, w.parts, w.solved_parts, w.finished_at, w.reason, w.detail, w.answer, w.kept_at, w.shared_at,
       w.revision,
       CASE WHEN $2::bigint IS NULL THEN w.account_id IS NULL AND w.asked_by = $3
            ELSE w.account_id IS NOT DISTINCT FROM $2 END AS is_own,
       ARRAY(SELECT depot_id FROM depot d WHERE d.depot_id = ANY (w.depots) ORDER BY name) AS depots,
       ARRAY(SELECT name FROM depot d WHERE d.depot_id = ANY (w.depots) ORDER BY name) AS names,
       w.round_id < (SELECT max(round_id) FROM round WHERE state = 'done') AS is_superseded
FROM what_if w JOIN round r USING (round_id)
WHERE w.thrown_at IS NULL AND ($1::bigint IS NULL OR w.what_if_id = $1)
  AND ($5::bigint IS NULL OR w.what_if_id < $5)
  AND (w.shared_at IS NOT NULL
       OR CASE WHEN $2::bigint IS NULL THEN w.account_id IS NULL AND w.asked_by = $3
               ELSE w.account_id = $2 END)
ORDER BY w.what_if_id DESC LIMIT $4

-- name: vehicles_of
-- The vehicles of which the what-if $1 makes something else, by name, as far as they are seen.
SELECT vehicle_id, shown_name AS name, depot_id, in_round, in_answer
FROM what_if_vehicle JOIN vehicle_shown USING (vehicle_id) WHERE what_if_id = $1
ORDER BY shown_name

-- name: history
SELECT content, actor, at FROM what_if_change WHERE what_if_id = $1 ORDER BY change_id DESC
