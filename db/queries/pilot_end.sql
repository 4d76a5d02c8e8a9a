-- name: hold_goals
-- Lets others who change goals wait until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.pilot_goals'))

-- name: goals
-- The goals in force, with how often each was changed since it was stated.
SELECT goal_id, content, changes - 1 AS changes, actor, at FROM (
    SELECT DISTINCT ON (goal_id) goal_id, content, actor, at, count(*) OVER (PARTITION BY goal_id) AS changes
    FROM pilot_goal_change ORDER BY goal_id, change_id DESC
) g WHERE content IS NOT NULL ORDER BY goal_id

-- name: goal
-- What the goal $1 says, and how often it was changed since it was stated.
SELECT content, (SELECT count(*) - 1 FROM pilot_goal_change WHERE goal_id = $1) AS changes
FROM pilot_goal_change WHERE goal_id = $1 ORDER BY change_id DESC LIMIT 1

-- name: goal_changes
-- The history of the goal $1, the latest change first.
SELECT content, actor, at FROM pilot_goal_change WHERE goal_id = $1 ORDER BY change_id DESC

-- name: state_goal
INSERT INTO pilot_goal_change (content, actor) VALUES ($1, $2) RETURNING goal_id

-- name: change_goal
INSERT INTO pilot_goal_change (goal_id, content, actor) VALUES ($1, $2, $3)

-- name: hold_roll_out
-- Lets others who change the plan wait until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.roll_out'))

-- name: roll_out_changes
-- What somebody chose of the plan, the latest first.
SELECT content, actor, at FROM roll_out_change ORDER BY change_id DESC

-- name: choose_roll_out
INSERT INTO roll_out_change (content, actor) VALUES ($1, $2)

-- name: unknown_departments
-- Those of the departments $1 of which no vehicle of the fleet is, in their order.
SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS d (name, place)
WHERE NOT EXISTS (SELECT FROM vehicle v WHERE v.department = d.name AND in_fleet(v.retired_at))
ORDER BY place

-- name: waiting_vehicles
-- The vehicles of the fleet without a tracker and without a driving log.
SELECT v.vehicle_id, v.department, p.depot_id, p.name AS depot, p.lat IS NULL AS depot_waits
FROM vehicle v JOIN depot p USING (depot_id)
WHERE in_fleet(v.retired_at) AND NOT EXISTS (SELECT FROM device d WHERE d.vehicle_id = v.vehicle_id)

-- name: source_counts
-- How many vehicles of the fleet have a tracker, and how many a driving log and no tracker; of the departments $1,
-- NULL: of all.
SELECT count(*) FILTER (WHERE NOT d.is_log) AS trackers, count(*) FILTER (WHERE d.is_log) AS logs
FROM vehicle v JOIN device d USING (vehicle_id)
WHERE in_fleet(v.retired_at) AND ($1::text[] IS NULL OR v.department = ANY ($1))

-- name: first_round
-- The days of which the first round is that is done.
SELECT period_first, period_last FROM round WHERE state = 'done' ORDER BY number, version LIMIT 1

-- name: latest_round
SELECT round_id, number FROM round WHERE state = 'done' ORDER BY round_id DESC LIMIT 1

-- name: vehicle_costs
-- What each vehicle costs by itself, and the day from which on it was there, where that is known. `came_at` is
-- when the register got it after the first round that is done was asked for: those before it are the pilot's.
SELECT v.vehicle_id, v.cost_kr_year, v.sale_value_kr, v.contract_end, v.first_registered,
       CASE WHEN came.at > f.requested_at THEN came.at END AS came_at
FROM vehicle v
CROSS JOIN LATERAL (
    SELECT min(c.at) AS at FROM register_change c WHERE c.subject = 'vehicle' AND c.subject_id = v.vehicle_id
) came
LEFT JOIN (
    SELECT round_id, requested_at FROM round WHERE state = 'done' ORDER BY number, version LIMIT 1
) f ON NOT EXISTS (
    SELECT FROM round_register r
    WHERE r.round_id = f.round_id AND r.subject = 'vehicle' AND r.subject_id = v.vehicle_id)
