-- name: hold_undertakings
-- Lets others who make tasks of decisions wait until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.undertakings'))

-- name: accepted
-- The decisions whose acceptance is in force, as somebody accepted them last, and whether they are carried
-- out.
SELECT f.key, f.verdict = 'done' AS is_done, a.proposal_id, a.content, a.finished_at, a.actor, a.at
FROM (SELECT DISTINCT ON (key) key, verdict FROM decision_in_force ORDER BY key, number DESC) f
CROSS JOIN LATERAL (
    SELECT p.proposal_id, p.content::text AS content, r.finished_at, d.actor, d.at
    FROM proposal p JOIN round r USING (round_id) JOIN decision d USING (proposal_id)
    WHERE p.key = f.key AND d.verdict = 'accepted' ORDER BY d.change_id DESC LIMIT 1
) a
WHERE f.verdict IN ('accepted', 'done')

-- name: known_undertakings
-- The undertakings with what tells which acceptance each is of.
SELECT undertaking_id, key, accepted_at, done_at IS NOT NULL AS is_done FROM undertaking
WHERE withdrawn_at IS NULL

-- name: undertake
INSERT INTO undertaking (key, proposal_id, accepted_at, accepted_by, takes_hold)
VALUES ($1, $2, $3, $4, $5) RETURNING undertaking_id

-- name: withdraw
UPDATE undertaking SET withdrawn_at = now() WHERE undertaking_id = $1

-- name: carry_out
UPDATE undertaking SET done_at = now() WHERE undertaking_id = $1

-- name: add_task
INSERT INTO task (undertaking_id, step, due, owner) VALUES ($1, $2, $3, $4) RETURNING task_id

-- name: record_task
INSERT INTO task_change (task_id, content, actor) VALUES ($1, $2, $3)

-- name: department_of
SELECT department FROM vehicle WHERE vehicle_id = $1

-- name: lock_task
-- The task $1 with the decision that it is of; none where that is withdrawn.
SELECT t.task_id, t.undertaking_id, t.step, t.due, t.owner, t.note, t.done_on, t.revision,
       u.proposal_id, u.key, u.accepted_at, u.done_at IS NOT NULL AS is_done, p.content::text AS content,
       (SELECT count(*) FROM task o WHERE o.undertaking_id = t.undertaking_id AND o.done_on IS NULL) AS waiting
FROM task t JOIN undertaking u USING (undertaking_id) JOIN proposal p USING (proposal_id)
WHERE t.task_id = $1 AND u.withdrawn_at IS NULL FOR UPDATE OF t

-- name: plan_task
UPDATE task SET due = $2, owner = $3, owner_account = $4, note = $5, revision = revision + 1
WHERE task_id = $1

-- name: set_done
UPDATE task SET done_on = $2, done_by = $3, revision = revision + 1 WHERE task_id = $1

-- name: owner_account
SELECT account_id, name FROM account WHERE name_key = $1 AND closed_at IS NULL

-- name: is_department
SELECT EXISTS (SELECT FROM vehicle WHERE department = $1)

-- name: undertakings
-- Every undertaking that is not withdrawn, with what its proposal promises and what is known of the vehicle
-- that leaves.
SELECT u.undertaking_id, u.key, u.proposal_id, u.accepted_at, u.accepted_by, u.takes_hold, u.done_at,
       p.content::text AS content,
       (r.rules ->> 'co2_kr_t')::double precision AS co2_kr_t,
       (r.rules ->> 'fallback_kr_trip')::double precision AS fallback_kr_trip,
       (r.rules ->> 'fallback_kr_km')::double precision AS fallback_kr_km,
       (r.rules ->> 'period_days')::double precision AS period_days,
       v.retired_at, v.department, v.depot_id AS at_depot,
       -- Days, and not trips, of which a vehicle that stands still has none among the latest.
       greatest(days.drove_on, (SELECT (max(t.start_ts) AT TIME ZONE 'Europe/Copenhagen')::date FROM round_trip t
                                WHERE t.vehicle_id = v.vehicle_id AND t.source IS NOT NULL)) AS drove_on,
       greatest(days.heard_on, (SELECT max(last_day) FROM logged_span l
                                WHERE l.vehicle_id = v.vehicle_id)) AS heard_on
FROM undertaking u JOIN proposal p USING (proposal_id) JOIN round r USING (round_id)
LEFT JOIN vehicle v ON v.vehicle_id = p.content ->> 'vehicle_id'
LEFT JOIN LATERAL (
    SELECT max(dd.day) FILTER (WHERE dd.heard <> 0) AS heard_on, max(dd.day) FILTER (WHERE dd.trips > 0) AS drove_on
    FROM device_vehicle s
    JOIN device_day dd ON dd.device = s.device AND dd.day >= s.since AND dd.day < s.until
    WHERE s.vehicle_id = v.vehicle_id
) days ON true
WHERE u.withdrawn_at IS NULL
ORDER BY u.accepted_at, u.undertaking_id

-- name: tasks
-- The tasks of the undertakings $1.
SELECT task_id, undertaking_id, step, due, owner, owner_account, note, done_on, done_by, revision
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
