-- name: hold_undertakings
-- Lets others who make tasks of decisions wait until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.undertakings'))

-- name: accepted
-- The decisions whose acceptance is in force, as somebody accepted them last, and whether they are carried
-- out. What was carried out and is not after all is accepted as it was before.
SELECT f.key, f.verdict = 'done' AS is_done, a.proposal_id, a.depot_id, a.content, a.finished_at, a.actor, a.at
FROM (SELECT DISTINCT ON (key) key, verdict FROM decision_in_force ORDER BY key, number DESC) f
CROSS JOIN LATERAL (
    SELECT p.proposal_id, p.depot_id, p.content::text AS content, r.finished_at, d.actor, d.at
    FROM proposal p JOIN round r USING (round_id) JOIN decision d USING (proposal_id)
    LEFT JOIN LATERAL (
        SELECT b.verdict, s.number FROM decision b JOIN proposal q USING (proposal_id) JOIN round s USING (round_id)
        WHERE b.key = d.key AND b.change_id < d.change_id AND b.verdict <> 'question'
        ORDER BY b.change_id DESC LIMIT 1
    ) b ON true
    WHERE p.key = f.key AND d.verdict = 'accepted'
      AND (b.verdict IS DISTINCT FROM 'done' OR b.number IS DISTINCT FROM r.number)
    ORDER BY d.change_id DESC LIMIT 1
) a
WHERE f.verdict IN ('accepted', 'done')

-- name: known_undertakings
-- The undertakings with what tells which acceptance each is of, and the last verdict on its decision as the round
-- proposed it; those that are open first.
SELECT u.undertaking_id, u.key, p.depot_id, u.accepted_at, u.done_at IS NOT NULL AS is_done,
       (SELECT d.verdict FROM decision d JOIN proposal q USING (proposal_id) JOIN round s USING (round_id)
        WHERE d.key = u.key AND s.number = r.number AND d.verdict <> 'question'
        ORDER BY d.change_id DESC LIMIT 1) AS last_verdict
FROM undertaking u JOIN proposal p USING (proposal_id) JOIN round r USING (round_id)
WHERE u.withdrawn_at IS NULL
ORDER BY u.done_at NULLS FIRST

-- name: undertake
INSERT INTO undertaking (key, proposal_id, accepted_at, accepted_by, takes_hold, contract_end, leaves_on)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING undertaking_id

-- name: days_of
SELECT contract_end, retired_at FROM vehicle WHERE vehicle_id = $1

-- name: days_moved
-- The open undertakings whose vehicle is not handed over and of which the register has other days than their tasks
-- were placed on, with who changed it.
SELECT u.undertaking_id, u.accepted_at, u.takes_hold, u.leaves_on, p.content::text AS content, r.finished_at,
       now.ends, v.retired_at AS leaves,
       coalesce((SELECT c.actor FROM register_change c
                 WHERE c.subject = 'vehicle' AND c.subject_id = v.vehicle_id
                   AND c.content ?| ARRAY['contract_end', 'retired_at'] ORDER BY c.change_id DESC LIMIT 1),
                u.accepted_by) AS changed_by
FROM undertaking u JOIN proposal p USING (proposal_id) JOIN round r USING (round_id)
JOIN vehicle v ON v.vehicle_id = p.vehicle_id
CROSS JOIN LATERAL (SELECT coalesce(v.contract_end, (p.content ->> 'contract_end')::date) AS ends) now
WHERE u.done_at IS NULL AND u.withdrawn_at IS NULL AND p.action IN ('dispose', 'replace')
  AND (now.ends, v.retired_at) IS DISTINCT FROM (u.contract_end, u.leaves_on)
  AND NOT EXISTS (SELECT FROM task t WHERE t.undertaking_id = u.undertaking_id AND t.step = 'hand_over'
                                       AND t.done_on IS NOT NULL)

-- name: place_task
-- Gives the task $1 the day that follows from the register. A day that a person chose stays.
UPDATE task SET due = CASE WHEN due = planned THEN $2 ELSE due END, planned = $2, revision = revision + 1
WHERE task_id = $1

-- name: keep_days
-- Keeps the days of the register on which the tasks of the undertaking $1 are placed.
UPDATE undertaking SET contract_end = $2, leaves_on = $3 WHERE undertaking_id = $1

-- name: withdraw
UPDATE undertaking SET withdrawn_at = now(), done_at = NULL WHERE undertaking_id = $1

-- name: carry_out
UPDATE undertaking SET done_at = now() WHERE undertaking_id = $1

-- name: not_carried_out
UPDATE undertaking SET done_at = NULL WHERE undertaking_id = $1

-- name: is_last_verdict
-- Whether the last verdict on the decision of the undertaking $1 is that it is carried out, in its own round.
SELECT d.verdict = 'done' AND s.number = r.number
FROM undertaking u JOIN proposal p USING (proposal_id) JOIN round r USING (round_id)
JOIN decision d ON d.key = u.key JOIN proposal q ON q.proposal_id = d.proposal_id JOIN round s ON s.round_id = q.round_id
WHERE u.undertaking_id = $1 AND d.verdict <> 'question' ORDER BY d.change_id DESC LIMIT 1

-- name: all_done
-- The open undertakings, or the one $1 of them, whose tasks are all done and whose vehicle the register has as they
-- leave it, with who did the last one.
SELECT u.undertaking_id, u.proposal_id, u.key, last.done_by
FROM undertaking u JOIN proposal p USING (proposal_id)
CROSS JOIN LATERAL (SELECT done_by FROM task t WHERE t.undertaking_id = u.undertaking_id
                    ORDER BY done_on DESC, task_id DESC LIMIT 1) last
WHERE u.done_at IS NULL AND u.withdrawn_at IS NULL AND ($1::bigint IS NULL OR u.undertaking_id = $1)
  AND NOT EXISTS (SELECT FROM task t WHERE t.undertaking_id = u.undertaking_id AND t.done_on IS NULL)
  AND (SELECT follows FROM register_follows(p.action, p.vehicle_id, p.depot_id))

-- name: hand_over_of
-- The latest task by which the vehicle $1 was handed over.
SELECT t.task_id FROM task t JOIN undertaking u USING (undertaking_id) JOIN proposal p USING (proposal_id)
WHERE p.vehicle_id = $1 AND p.action IN ('dispose', 'replace')
  AND t.step = 'hand_over' AND t.done_on IS NOT NULL AND u.withdrawn_at IS NULL
ORDER BY u.undertaking_id DESC LIMIT 1

-- name: add_task
INSERT INTO task (undertaking_id, step, due, owner, planned) VALUES ($1, $2, $3, $4, $3) RETURNING task_id

-- name: record_task
INSERT INTO task_change (task_id, content, actor) VALUES ($1, $2, $3) RETURNING change_id

-- name: who_has
-- The accounts that have the tasks $1: in person, or as heads of the department.
SELECT t.task_id, a.account_id
FROM task t JOIN account a ON a.closed_at IS NULL
     AND (a.account_id = t.owner_account
          OR t.owner_account IS NULL AND t.owner <> '' AND a.role = 'department_head'
             AND t.owner = ANY (a.departments))
WHERE t.task_id = ANY ($1::bigint[])

-- name: department_of
SELECT department FROM vehicle WHERE vehicle_id = $1

-- name: lock_task
-- The task $1 with the decision that it is of; none where that is withdrawn.
SELECT t.task_id, t.undertaking_id, t.step, t.due, t.owner, t.note, t.done_on, t.revision,
       u.proposal_id, u.key, u.accepted_at, u.done_at IS NOT NULL AS is_done, p.content::text AS content
FROM task t JOIN undertaking u USING (undertaking_id) JOIN proposal p USING (proposal_id)
WHERE t.task_id = $1 AND u.withdrawn_at IS NULL FOR UPDATE OF t

-- name: plan_task
UPDATE task SET due = $2, owner = $3, owner_account = $4, note = $5, revision = revision + 1
WHERE task_id = $1

-- name: set_done
UPDATE task SET done_on = $2, done_by = $3, revision = revision + 1 WHERE task_id = $1

-- name: owner_account
SELECT account_id, name, role, departments FROM account WHERE name_key = $1 AND closed_at IS NULL

-- name: departments_at
-- The departments with vehicles at the depot $1, those that left among them.
SELECT DISTINCT department FROM vehicle WHERE depot_id = $1 AND department <> ''

-- name: is_department
SELECT EXISTS (SELECT FROM vehicle WHERE department = $1)

-- name: undertakings
-- Every undertaking that is not withdrawn, with what its proposal promises and what is known of the vehicle
-- that leaves.
WITH leaving AS (
    SELECT DISTINCT p.vehicle_id
    FROM undertaking u JOIN proposal p USING (proposal_id) WHERE u.withdrawn_at IS NULL
), seat AS MATERIALIZED (
    -- Once for all vehicles: the view orders every seat that there ever was.
    SELECT vehicle_id, device, since, until FROM device_vehicle
), days AS MATERIALIZED (
    SELECT s.vehicle_id, max(heard.day) AS heard_on, max(drove.day) AS drove_on
    FROM leaving JOIN seat s USING (vehicle_id)
    LEFT JOIN LATERAL (SELECT day FROM device_day d
                       WHERE d.device = s.device AND d.day >= s.since AND d.day < s.until AND d.heard <> 0
                       ORDER BY day DESC LIMIT 1) heard ON true
    LEFT JOIN LATERAL (SELECT day FROM device_day d
                       WHERE d.device = s.device AND d.day >= s.since AND d.day < s.until AND d.trips > 0
                       ORDER BY day DESC LIMIT 1) drove ON true
    GROUP BY s.vehicle_id
)
SELECT u.undertaking_id, u.key, u.proposal_id, u.accepted_at, u.accepted_by, u.takes_hold, u.done_at,
       p.content::text AS content,
       (r.rules ->> 'co2_kr_t')::double precision AS co2_kr_t,
       (r.rules ->> 'fallback_kr_trip')::double precision AS fallback_kr_trip,
       (r.rules ->> 'fallback_kr_km')::double precision AS fallback_kr_km,
       (r.rules ->> 'period_days')::double precision AS period_days,
       v.retired_at, v.contract_end, v.department, v.depot_id AS at_depot,
       -- Days, and not trips, of which a vehicle that stands still has none among the latest.
       greatest(days.drove_on, (SELECT (max(t.start_ts) AT TIME ZONE 'Europe/Copenhagen')::date FROM round_trip t
                                WHERE t.vehicle_id = v.vehicle_id AND t.source IS NOT NULL)) AS drove_on,
       greatest(days.heard_on, (SELECT max(last_day) FROM logged_span l
                                WHERE l.vehicle_id = v.vehicle_id)) AS heard_on
FROM undertaking u JOIN proposal p USING (proposal_id) JOIN round r USING (round_id)
LEFT JOIN vehicle v ON v.vehicle_id = p.vehicle_id
LEFT JOIN days ON days.vehicle_id = v.vehicle_id
WHERE u.withdrawn_at IS NULL
ORDER BY u.accepted_at, u.undertaking_id

-- name: standing_in
-- Open undertakings whose vehicle the latest round has and keeps, each with one that was accepted in a later
-- version, which kept that vehicle, too: of the same action with a vehicle of the same kind at the same depot,
-- which the version of the first one did not let go.
WITH latest AS (
    SELECT round_id FROM round WHERE state = 'done' ORDER BY round_id DESC LIMIT 1
), leaving AS (
    SELECT u.undertaking_id, u.done_at, u.accepted_at, p.round_id, p.key, p.depot_id,
           p.vehicle_id, p.content ->> 'kind' AS kind, p.action, p.to_depot_id AS to_depot
    FROM undertaking u JOIN proposal p USING (proposal_id)
    WHERE u.withdrawn_at IS NULL AND p.action IN ('dispose', 'replace', 'move')
)
SELECT a.undertaking_id, b.undertaking_id AS stands_in
FROM latest
JOIN leaving a ON a.done_at IS NULL
JOIN leaving b ON b.round_id > a.round_id AND (b.depot_id, b.kind, b.action) = (a.depot_id, a.kind, a.action)
    AND b.to_depot IS NOT DISTINCT FROM a.to_depot
WHERE NOT EXISTS (SELECT FROM proposal q WHERE q.round_id IN (latest.round_id, b.round_id) AND q.key = a.key)
  AND EXISTS (SELECT FROM round_register g
              WHERE g.round_id = latest.round_id AND g.subject = 'vehicle'
                AND g.subject_id = a.vehicle_id AND g.facts ->> 'depot_id' = a.depot_id)
  AND NOT EXISTS (SELECT FROM proposal q WHERE q.round_id = a.round_id AND q.vehicle_id = b.vehicle_id
                    AND q.action IN ('dispose', 'replace', 'move'))
ORDER BY a.accepted_at, a.undertaking_id, b.accepted_at, b.undertaking_id

-- name: tasks
-- The tasks of the undertakings $1.
SELECT task_id, undertaking_id, step, due, owner, owner_account, note, done_on, done_by, revision, planned
FROM task WHERE undertaking_id = ANY ($1::bigint[]) ORDER BY due, task_id

-- name: task_changes
-- The history of the task $1, the latest change first.
SELECT content, actor, at FROM task_change WHERE task_id = $1 ORDER BY change_id DESC

-- name: add_hired_list
INSERT INTO hired_list (source, imported_by) VALUES ($1, $2) RETURNING list_id

-- name: put_hired_month
INSERT INTO hired_month (month, means, department, depot_id, journeys, km, kr, list_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (month, means, department, depot_id) DO UPDATE SET
    journeys = excluded.journeys, km = excluded.km, kr = excluded.kr, list_id = excluded.list_id

-- name: hired_source
SELECT source FROM hired_list WHERE list_id = $1 FOR UPDATE

-- name: remove_hired_months
DELETE FROM hired_month WHERE list_id = $1 RETURNING month

-- name: hired_months
SELECT month, means, department, depot_id, journeys, km, kr FROM hired_month
ORDER BY month, department, depot_id, means

-- name: hired_lists
-- The lists whose figures are in use, the latest first.
SELECT list_id, source, imported_by, imported_at, min(month) AS first_month, max(month) AS last_month,
       count(*) AS rows
FROM hired_list JOIN hired_month USING (list_id) GROUP BY list_id ORDER BY list_id DESC

-- name: places
-- The names by which a list may call a depot.
SELECT depot_id, name FROM depot

-- name: departments
SELECT DISTINCT department FROM vehicle WHERE department <> ''
