-- name: request
-- Adds a new round; returns no row when another one is queued or running.
INSERT INTO round (requested_by, period_first, period_last, number)
SELECT $1, $2, $3, coalesce(max(number), 0) + 1 FROM round
ON CONFLICT ((true)) WHERE state IN ('queued', 'running') DO NOTHING
RETURNING round_id

-- name: request_version
-- Adds a new version of the round $2 on the same data; returns no row when one is queued or running. If
-- $3, it keeps the fleet that was chosen for that one; else it has the fleet at the prices $4, or without
-- these the one that the rules propose.
INSERT INTO round (requested_by, period_first, period_last, number, version, chosen_prices)
SELECT $1, r.period_first, r.period_last, r.number,
       (SELECT max(version) + 1 FROM round WHERE number = r.number),
       CASE WHEN $3 THEN r.chosen_prices ELSE $4::jsonb END
FROM round r WHERE r.round_id = $2
ON CONFLICT ((true)) WHERE state IN ('queued', 'running') DO NOTHING
RETURNING round_id

-- name: round_asked
-- The round that somebody asked for, by its number and its days, and whether its fleet is a chosen one.
SELECT number, version, period_first AS "from", period_last AS "to",
       nullif(chosen_prices IS NOT NULL, false) AS chosen_fleet
FROM round WHERE round_id = $1

-- name: start
UPDATE round SET state = 'running', detail = NULL WHERE round_id = $1 AND state IN ('queued', 'running')
RETURNING period_first, period_last, number, version

-- name: count_positions
-- Counts what is stored among that of which trips are detected; returns the moment until which.
SELECT now() FROM apply_pending_spans()

-- name: vehicles_behind
-- The number of vehicles whose trips lack positions that were counted until $2, or are to be detected
-- anew; no row when the round $1 is over. Trackers that are set aside do not count.
SELECT (SELECT count(DISTINCT a.vehicle_id)
        FROM device_state s JOIN trip_settings a USING (device)
        WHERE a.vehicle_id IS NOT NULL
          AND (s.dirty_since <= $2 OR s.round_trips_from IS NOT NULL
               OR s.found_with IS DISTINCT FROM a.found_with)
          AND NOT EXISTS (SELECT FROM trip_aside x WHERE x.device = s.device))
FROM round r WHERE r.round_id = $1 AND r.state = 'running'

-- name: running_round
-- The round, where it is running.
SELECT period_first, period_last, number, version, rules, chosen_prices FROM round
WHERE round_id = $1 AND state = 'running'

-- name: done_round
-- The round, where it is done.
SELECT period_first, period_last, number, version, rules, chosen_prices FROM round
WHERE round_id = $1 AND state = 'done'

-- name: is_running
SELECT EXISTS (SELECT FROM round WHERE round_id = $1 AND state = 'running')

-- name: lock_round
SELECT state FROM round WHERE round_id = $1 FOR UPDATE

-- name: finish
UPDATE round SET state = 'done', detail = NULL, finished_at = now(), summary = $2 WHERE round_id = $1

-- name: version_before
-- The latest version that is done of the round of the version $1, if that is a later one of it.
SELECT b.round_id, b.rules FROM round r JOIN round b ON b.number = r.number AND b.version < r.version
WHERE r.round_id = $1 AND b.state = 'done' AND b.rules IS NOT NULL AND b.assumptions IS NOT NULL
ORDER BY b.version DESC LIMIT 1

-- name: forget_register
DELETE FROM round_register WHERE round_id = $1

-- name: store_register
-- What the register has of the fleet and of the depots, as the round $1 is calculated with.
INSERT INTO round_register (round_id, subject, subject_id, facts)
SELECT $1::bigint, 'vehicle', vehicle_id, jsonb_build_object(
           'kind', kind, 'department', department, 'depot_id', depot_id,
           'contract_end', contract_end, 'cost_kr_year', cost_kr_year,
           'sale_value_kr', sale_value_kr, 'exit_cost_kr', exit_cost_kr, 'needs', needs,
           'ruling', coalesce((SELECT ruling FROM vehicle_ruling r WHERE r.vehicle_id = v.vehicle_id
                               ORDER BY change_id DESC LIMIT 1), 'open'))
FROM vehicle v WHERE in_fleet(retired_at) AND measured_in = 'km'
UNION ALL
SELECT $1::bigint, 'depot', zone_id, jsonb_build_object('charge_points', charge_points, 'active_to', active_to)
FROM zone WHERE kind = 'depot'

-- name: register_of
-- What the register had when the round $1 was calculated, with the names of today.
SELECT subject, subject_id, facts, coalesce(v.shown_name, d.name, subject_id) AS name
FROM round_register
LEFT JOIN vehicle_shown v ON subject = 'vehicle' AND v.vehicle_id = subject_id
LEFT JOIN depot d ON subject = 'depot' AND d.depot_id = subject_id
WHERE round_id = $1

-- name: closing_depots
-- The depots that had a last day when the round $1 was calculated, with the names of the vehicles that stood there.
SELECT d.depot_id, d.name, (g.facts ->> 'active_to')::date AS closes,
       ARRAY(SELECT shown_name FROM round_register s JOIN vehicle_shown v ON v.vehicle_id = s.subject_id
             WHERE s.round_id = $1 AND s.subject = 'vehicle' AND s.facts ->> 'depot_id' = d.depot_id) AS vehicles
FROM round_register g JOIN depot d ON d.depot_id = g.subject_id
WHERE g.round_id = $1 AND g.subject = 'depot' AND g.facts ->> 'active_to' IS NOT NULL

-- name: store_rules
UPDATE round SET rules = $2 WHERE round_id = $1

-- name: fail
UPDATE round SET state = 'failed', reason = $2, detail = $3, finished_at = now()
WHERE round_id = $1 AND state IN ('queued', 'running')

-- name: cancel
UPDATE round SET state = 'cancelled', cancelled_by = $2, finished_at = now()
WHERE round_id = $1 AND state IN ('queued', 'running')
RETURNING round_id

-- name: add_part
INSERT INTO round_part (round_id, part, depots) VALUES ($1, $2, $3)
ON CONFLICT (round_id, part) DO NOTHING

-- name: parts
SELECT part, depots, part_plan IS NOT NULL AS has_plan, study IS NOT NULL AS has_study
FROM round_part WHERE round_id = $1 ORDER BY part

-- name: part
-- `reason` is set where the part failed.
SELECT depots, verdicts, part_plan, study, reason FROM round_part WHERE round_id = $1 AND part = $2

-- name: earlier_parts
-- The plans of other parts on the same data, the latest first; none from or to which vehicles move, as
-- that depends on other parts.
SELECT round_id, part, verdicts, part_plan, study FROM round_part
WHERE digest = $1 AND part_plan IS NOT NULL AND round_id <> $2
  AND NOT coalesce((part_plan -> 'moved')::boolean, false)
ORDER BY round_id DESC LIMIT 4

-- name: store_part_plan
UPDATE round_part SET digest = $3, verdicts = $4, part_plan = $5, study = $6
WHERE round_id = $1 AND part = $2

-- name: now
SELECT clock_timestamp()

-- name: hold_private
-- No other transaction deletes private days from the plans of rounds until this one ends.
SELECT pg_advisory_xact_lock_shared(hashtext('flaadestyring.rounds'))

-- name: forget_private
-- Deletes the private days that were swept at $1 or later: a plan that was made from data read at $1
-- may hold them.
SELECT forget_days(vehicle_id, swept_days) FROM private_period
WHERE swept_at >= $1::timestamptz - interval '1 minute' AND NOT isempty(swept_days)

-- name: store_study
UPDATE round_part SET study = $3, study_reason = NULL, study_detail = NULL
WHERE round_id = $1 AND part = $2

-- name: fail_study
UPDATE round_part SET study_reason = $3, study_detail = $4
WHERE round_id = $1 AND part = $2 AND study IS NULL AND study_reason IS NULL

-- name: failed_studies
SELECT depots, study_reason, study_detail::text AS study_detail,
       ARRAY(SELECT name FROM depot WHERE depot_id = ANY (depots) ORDER BY depot_id) AS names
FROM round_part WHERE round_id = $1 AND study_reason IS NOT NULL ORDER BY part

-- name: fail_part
UPDATE round_part SET reason = $3, detail = $4
WHERE round_id = $1 AND part = $2 AND part_plan IS NULL AND reason IS NULL

-- name: failed_parts
SELECT depots, reason, detail,
       ARRAY(SELECT name FROM depot WHERE depot_id = ANY (depots) ORDER BY depot_id) AS names
FROM round_part WHERE round_id = $1 AND reason IS NOT NULL ORDER BY part

-- name: unplanned_parts
-- The number of parts that may still get a plan.
SELECT count(*) FROM round_part WHERE round_id = $1 AND part_plan IS NULL AND reason IS NULL

-- name: verdicts_kept
-- How many decisions the plans of the round $1 keep, and what these cost a year; NULL where that is not known of all.
SELECT coalesce(sum(kept), 0)::integer AS kept,
       CASE WHEN bool_or(kept > 0 AND decisions_kr_year IS NULL) THEN NULL
            ELSE coalesce(sum(decisions_kr_year), 0) END AS kr_year
FROM (
    SELECT jsonb_array_length(verdicts -> 'accepted') + jsonb_array_length(verdicts -> 'rejected') AS kept,
           decisions_kr_year
    FROM round_part WHERE round_id = $1 AND part_plan IS NOT NULL AND verdicts IS NOT NULL
) part

-- name: chosen_before
-- The number of the round before $1, if the last version of that has a chosen fleet and no version of $1
-- has: a new round takes over no choice, and one that was taken back is not missed.
SELECT number FROM (
    SELECT number, chosen_prices FROM round WHERE number < $1 AND state = 'done'
    ORDER BY number DESC, version DESC LIMIT 1
) b
WHERE chosen_prices IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM round WHERE number = $1 AND chosen_prices IS NOT NULL)

-- name: part_plans
-- Plans without the assignment of each trip and the costs of other fleets, which are most of them and
-- which pages do not read.
SELECT part, depots, part_plan || '{"fleet_plan": {}, "solved": []}' AS part_plan FROM round_part
WHERE round_id = $1 AND part_plan IS NOT NULL ORDER BY part

-- name: part_plans_shown
SELECT part, depots, shown_plan::text AS part_plan FROM round_part
WHERE round_id = $1 AND part_plan IS NOT NULL ORDER BY part

-- name: planned_parts
SELECT part, digest, verdicts, part_plan FROM round_part
WHERE round_id = $1 AND part_plan IS NOT NULL ORDER BY part

-- name: studies
SELECT part, depots, study::text AS study FROM round_part
WHERE round_id = $1 AND part_plan IS NOT NULL ORDER BY part

-- name: add_proposal
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content, key)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: round_trips
-- The plan of a part stores `trip_id`, which tells neither the vehicle of the trip nor its time.
SELECT 'round trip ' || trip_number AS trip_id, vehicle_id, depot_id, start_ts, end_ts, km
FROM round_trip
WHERE start_ts >= $1 AND start_ts < $2 AND end_ts > start_ts AND depot_id = ANY ($3::text[])
ORDER BY start_ts, device

-- name: trips_named
-- The vehicles and the starts of the round trips with the numbers $1 that are still stored.
SELECT trip_number, shown_name AS name, start_ts FROM round_trip JOIN vehicle_shown USING (vehicle_id)
WHERE trip_number = ANY ($1::bigint[])

-- name: depots_with_vehicles
-- The depots with road vehicles, and whether any of these made a round trip from $1 to $2.
SELECT p.depot_id, p.name,
       EXISTS (SELECT FROM round_trip t JOIN vehicle w USING (vehicle_id)
               WHERE t.depot_id = p.depot_id AND w.depot_id = p.depot_id
                 AND w.measured_in = 'km' AND in_fleet(w.retired_at)
                 AND t.start_ts >= $1 AND t.start_ts < $2 AND t.end_ts > t.start_ts) AS active
FROM depot p
WHERE EXISTS (SELECT FROM vehicle v WHERE v.depot_id = p.depot_id AND in_fleet(v.retired_at)
              AND v.measured_in = 'km')
ORDER BY p.depot_id

-- name: depots_seen
-- The depots at which vehicles that may be seen stand.
SELECT DISTINCT depot_id, p.name FROM vehicle JOIN depot p USING (depot_id)
WHERE in_fleet(retired_at) ORDER BY depot_id

-- name: depots_named
-- The names of the depots $1.
SELECT depot_id, name FROM depot WHERE depot_id = ANY ($1::text[])

-- name: vehicles_seen
-- The names of the vehicles that may be seen. A round that is older than a second vehicle of a name calls the
-- first by that name alone.
SELECT name FROM vehicle UNION SELECT shown_name FROM vehicle_shown

-- name: motor_vehicles
-- How many motor vehicles (those of an energy other than $2) of the depots $1 the fleet has today.
SELECT depot_id, count(*) AS vehicles FROM vehicle JOIN vehicle_kind USING (kind)
WHERE depot_id = ANY ($1::text[]) AND in_fleet(retired_at) AND measured_in = 'km' AND energy <> $2
GROUP BY depot_id

-- name: departments_of_depots
-- The departments that have road vehicles at the depots $1.
SELECT DISTINCT department FROM vehicle
WHERE depot_id = ANY ($1::text[]) AND in_fleet(retired_at) AND measured_in = 'km' AND department <> ''
ORDER BY department

-- name: machines
-- The vehicles that no round calculates: they are measured in engine hours and make no trips.
SELECT vehicle_id FROM vehicle WHERE measured_in = 'hours' AND in_fleet(retired_at)
ORDER BY vehicle_id

-- name: vehicles_named
-- Those of the vehicles $1 that may be seen.
SELECT vehicle_id, shown_name AS name FROM vehicle_shown WHERE vehicle_id = ANY ($1::text[])
ORDER BY vehicle_id

-- name: verdicts
-- The verdicts that bind a new version of the round with the number $1, with the rounds in which people
-- gave them; of those that accept that vehicles come, which kind, how many, and the version that had it.
SELECT f.key, f.verdict, f.decided_in, a.new_kind, a.new_kind_id, a.count, a.round_id
FROM decision_in_force f
LEFT JOIN LATERAL (
    SELECT q.content ->> 'new_kind' AS new_kind, q.content ->> 'new_kind_id' AS new_kind_id,
           (q.content ->> 'count')::integer AS count, q.round_id
    FROM decision d JOIN proposal q USING (proposal_id)
    WHERE d.key = f.key AND d.verdict = 'accepted' AND d.number <= f.number
    ORDER BY d.change_id DESC LIMIT 1
) a ON f.verdict IN ('accepted', 'done') AND f.key ~ '^(replace|buy):'
WHERE f.number = $1 AND f.verdict IS NOT NULL

-- name: known_vehicles
-- The vehicles that the register had when the version $1 of a round was calculated.
SELECT subject_id AS vehicle_id FROM round_register WHERE round_id = $1 AND subject = 'vehicle'

-- name: runs
-- Every version of every round, or the one with the id $2, with ids below $1, the latest first.
SELECT round_id, number, version, requested_at, requested_by, state, reason, detail, cancelled_by,
       (SELECT count(*) FROM round_part t WHERE t.round_id = r.round_id) AS parts,
       (SELECT count(*) FROM round_part t WHERE t.round_id = r.round_id AND part_plan IS NOT NULL)
           AS planned_parts
FROM round r
WHERE ($1::bigint IS NULL OR round_id < $1) AND ($2::bigint IS NULL OR round_id = $2)
ORDER BY round_id DESC LIMIT $3

-- name: done_version
SELECT round_id, number, version, finished_at, period_first, period_last, summary, rules,
       chosen_prices FROM round
WHERE round_id = $1 AND state = 'done'

-- name: latest_done
SELECT round_id, number, version, finished_at, period_first, period_last, summary, rules,
       chosen_prices FROM round
WHERE state = 'done' ORDER BY round_id DESC LIMIT 1

-- name: basis_of
-- A version of a round that stored its rules.
SELECT round_id, number, version, requested_by, requested_at, period_first, period_last, rules
FROM round WHERE round_id = $1 AND rules IS NOT NULL

-- name: basis_before
-- The latest version that is done before the version $2 of the round with the number $1: an earlier one
-- of the same round, or the last one of the round before.
SELECT round_id, number, version FROM round
WHERE (number, version) < ($1, $2) AND state = 'done' AND rules IS NOT NULL
ORDER BY number DESC, version DESC LIMIT 1

-- name: versions
-- The versions that are done of every round.
SELECT round_id, number, version, finished_at FROM round
WHERE state = 'done' ORDER BY number, version

-- name: rounds
-- Every round in its latest version that is done.
SELECT r.round_id, r.number, r.version, r.finished_at, r.period_first, r.period_last, r.summary,
       r.requested_by, r.rules, r.chosen_prices
FROM (SELECT DISTINCT ON (number) * FROM round WHERE state = 'done'
      ORDER BY number, version DESC) r
ORDER BY r.number

-- name: unfinished
SELECT round_id, number, version, requested_at, requested_by, state, reason, detail, cancelled_by,
       (SELECT count(*) FROM round_part t WHERE t.round_id = r.round_id) AS parts,
       (SELECT count(*) FROM round_part t WHERE t.round_id = r.round_id AND part_plan IS NOT NULL)
           AS planned_parts
FROM round r WHERE state IN ('failed', 'cancelled') ORDER BY round_id DESC LIMIT $1

-- name: proposals
-- The proposals of a round's version, each with its verdict in force at the end of the round. What is in
-- force is found once for all of them, and not for each anew; `found` is whole before depots are joined,
-- of which the planner takes far fewer to be there, and would go through everything once for each.
-- `accepted_content` is that of another proposal than the one itself.
WITH r AS MATERIALIZED (
    SELECT round_id, number, finished_at,
           CASE WHEN chosen_prices IS NULL THEN (rules ->> 'least_saving_kr_year')::double precision END
               AS least_saving_kr_year
    FROM round WHERE round_id = $1
), f AS MATERIALIZED (
    SELECT key, verdict, asked, decided_in, decided_by, decided_at, asked_in FROM decision_in_force
    WHERE number = (SELECT number FROM r)
), given AS MATERIALIZED (
    SELECT key, count(*) AS entries, max(change_id) FILTER (WHERE verdict = 'accepted') AS accepted_in
    FROM decision WHERE number <= (SELECT number FROM r) GROUP BY key
), found AS MATERIALIZED (
    SELECT p.proposal_id, p.rank, p.key, p.content, p.depot_id, p.to_depot_id, p.action, p.vehicle_id,
           f.verdict, f.asked, f.decided_in, f.decided_by, f.decided_at, f.asked_in, given.entries,
           CASE WHEN f.verdict IN ('accepted', 'done') THEN given.accepted_in END AS accepted_in
    FROM proposal p LEFT JOIN given USING (key) LEFT JOIN f USING (key)
    WHERE p.round_id = $1
)
SELECT p.proposal_id, p.rank, p.key, p.content::text AS content, p.depot_id, d.name AS depot,
       g.follows AS register_follows,
       t.name AS to_depot,
       r.least_saving_kr_year,
       r.finished_at, p.verdict, coalesce(p.asked, false) AS asked, p.decided_in, p.decided_by, p.decided_at,
       p.asked_in,
       (SELECT q.content::text FROM decision a JOIN proposal q USING (proposal_id)
        WHERE p.accepted_in IS NOT NULL AND a.change_id = p.accepted_in
          AND q.proposal_id <> p.proposal_id) AS accepted_content,
       coalesce(p.entries, 0) AS entries
FROM found p JOIN depot d USING (depot_id) CROSS JOIN r
CROSS JOIN LATERAL register_follows(p.action, p.vehicle_id, p.depot_id) g
LEFT JOIN depot t ON t.depot_id = p.to_depot_id
ORDER BY p.rank

-- name: decided
-- For each key with a verdict or a question in force in the round $1 the latest proposal up to then; of what is
-- accepted, the latest one of what was accepted. What is in force is found once, as in `proposals`.
WITH f AS MATERIALIZED (
    SELECT key, verdict, asked, decided_in, decided_by, decided_at, asked_in FROM decision_in_force
    WHERE number = $1 AND (verdict IS NOT NULL OR asked)
), given AS MATERIALIZED (
    SELECT key, count(*) AS entries, max(change_id) FILTER (WHERE verdict = 'accepted') AS accepted_in
    FROM decision WHERE number <= $1 GROUP BY key
)
SELECT p.proposal_id, p.rank, p.key, p.content::text AS content, p.depot_id, d.name AS depot,
       g.follows AS register_follows,
       t.name AS to_depot,
       p.least_saving_kr_year, p.finished_at,
       f.verdict, coalesce(f.asked, false) AS asked, f.decided_in, f.decided_by, f.decided_at, f.asked_in,
       CASE WHEN a.proposal_id <> p.proposal_id THEN a.content::text END AS accepted_content,
       given.entries
FROM f JOIN given USING (key)
LEFT JOIN LATERAL (
    SELECT q.proposal_id, q.content FROM decision c JOIN proposal q USING (proposal_id)
    WHERE c.change_id = given.accepted_in
) a ON f.verdict IN ('accepted', 'done')
CROSS JOIN LATERAL (
    SELECT q.*, r.finished_at,
           CASE WHEN r.chosen_prices IS NULL THEN (r.rules ->> 'least_saving_kr_year')::double precision END
               AS least_saving_kr_year
    FROM proposal q JOIN round r USING (round_id)
    WHERE q.key = f.key AND r.number <= $1 AND r.state = 'done'
    ORDER BY CASE WHEN q.action IN ('replace', 'buy', 'pool') THEN proposes_same(q.content, a.content) END
                 DESC NULLS LAST,
             r.number DESC, r.version DESC LIMIT 1
) p
JOIN depot d USING (depot_id)
CROSS JOIN LATERAL register_follows(p.action, p.vehicle_id, p.depot_id) g
LEFT JOIN depot t ON t.depot_id = p.to_depot_id
ORDER BY p.key

-- name: carried_out_until
-- The proposals on which somebody had said by the end of the round $1 that they are carried out.
SELECT proposal_id FROM (
    SELECT DISTINCT ON (key) proposal_id, verdict FROM decision
    WHERE number <= $1 AND verdict <> 'question' ORDER BY key, change_id DESC
) d
WHERE verdict = 'done'

-- name: round_before
-- The latest version that is done of the last round before the number $1.
SELECT round_id, number FROM round WHERE number < $1 AND state = 'done'
ORDER BY number DESC, version DESC LIMIT 1

-- name: changes_of
-- What the version $1 of a round proposed, without vehicles that stay.
SELECT content::text AS content FROM proposal WHERE round_id = $1 AND key NOT LIKE 'keep:%' ORDER BY rank

-- name: proposed_before
-- The changes that some round before the number $1 proposed.
SELECT DISTINCT key FROM proposal JOIN round USING (round_id)
WHERE number < $1::integer AND state = 'done' AND key NOT LIKE 'keep:%'

-- name: proposal
SELECT p.proposal_id, p.rank, p.key, p.content::text AS content, p.depot_id, d.name AS depot,
       g.follows AS register_follows, p.round_id,
       t.name AS to_depot,
       r.number, r.version, r.period_first, r.period_last,
       (r.rules ->> 'period_days')::double precision AS period_days,
       CASE WHEN r.chosen_prices IS NULL THEN (r.rules ->> 'least_saving_kr_year')::double precision END
           AS least_saving_kr_year,
       r.finished_at, f.verdict, coalesce(f.asked, false) AS asked, f.decided_in, f.decided_by, f.decided_at, f.asked_in,
       a.content AS accepted_content,
       (SELECT count(*) FROM decision x WHERE x.key = p.key
                                          AND x.number <= o.number) AS entries,
       o.number AS as_of,
       EXISTS (SELECT FROM decision x WHERE x.key = p.key AND x.number > o.number)
           AS decided_later
FROM proposal p JOIN depot d USING (depot_id) JOIN round r USING (round_id)
CROSS JOIN LATERAL register_follows(p.action, p.vehicle_id, p.depot_id) g
LEFT JOIN depot t ON t.depot_id = p.to_depot_id
CROSS JOIN LATERAL decided_as_of(p.key, r.number) o
LEFT JOIN decision_in_force f ON f.key = p.key
    AND f.number = (SELECT n.number FROM proposal q JOIN round s USING (round_id)
                    CROSS JOIN LATERAL decided_as_of(q.key, s.number) n WHERE q.proposal_id = $1)
LEFT JOIN LATERAL (
    SELECT q.content::text AS content FROM decision d JOIN proposal q USING (proposal_id)
    WHERE d.key = p.key AND d.verdict = 'accepted' AND d.number <= f.number
    ORDER BY d.change_id DESC LIMIT 1
) a ON f.verdict IN ('accepted', 'done')
WHERE p.proposal_id = $1

-- name: proposal_of_vehicle
-- The proposal about the vehicle $1 in the latest version that is done of the latest round.
SELECT proposal_id FROM proposal
WHERE round_id = (SELECT round_id FROM round WHERE state = 'done' ORDER BY round_id DESC LIMIT 1)
  AND vehicle_id = $1
LIMIT 1

-- name: proposals_by_id
-- The proposals $1, of whichever rounds, with the verdicts that stand on their pages. What is in force is found
-- once for all of them, and `found` is whole before that is joined, as in `proposals`.
WITH found AS MATERIALIZED (
    SELECT p.proposal_id, p.rank, p.key, p.content, p.depot_id, p.to_depot_id, p.action, p.vehicle_id,
           r.finished_at, n.number,
           CASE WHEN r.chosen_prices IS NULL THEN (r.rules ->> 'least_saving_kr_year')::double precision END
               AS least_saving_kr_year
    FROM proposal p JOIN round r USING (round_id) CROSS JOIN LATERAL decided_as_of(p.key, r.number) n
    WHERE p.proposal_id = ANY ($1::bigint[])
), f AS MATERIALIZED (
    SELECT number, key, verdict, asked, decided_in, decided_by, decided_at, asked_in FROM decision_in_force
    WHERE number IN (SELECT number FROM found)
), given AS MATERIALIZED (
    SELECT p.proposal_id, count(*) AS entries, max(d.change_id) FILTER (WHERE d.verdict = 'accepted') AS accepted_in
    FROM found p JOIN decision d ON d.key = p.key AND d.number <= p.number GROUP BY p.proposal_id
)
SELECT p.proposal_id, p.rank, p.key, p.content::text AS content, p.depot_id, d.name AS depot,
       g.follows AS register_follows,
       t.name AS to_depot,
       p.least_saving_kr_year,
       p.finished_at, f.verdict, coalesce(f.asked, false) AS asked, f.decided_in, f.decided_by, f.decided_at, f.asked_in,
       (SELECT q.content::text FROM decision a JOIN proposal q USING (proposal_id)
        WHERE f.verdict IN ('accepted', 'done') AND a.change_id = given.accepted_in
          AND q.proposal_id <> p.proposal_id) AS accepted_content,
       coalesce(given.entries, 0) AS entries
FROM found p JOIN depot d USING (depot_id)
CROSS JOIN LATERAL register_follows(p.action, p.vehicle_id, p.depot_id) g
LEFT JOIN depot t ON t.depot_id = p.to_depot_id
LEFT JOIN f USING (number, key) LEFT JOIN given USING (proposal_id)
ORDER BY p.proposal_id

-- name: bundle_of
-- The proposals of the bundle of the proposal $1 in the same version; none where it is by itself.
SELECT q.proposal_id, q.key, q.content::text AS content
FROM proposal p
CROSS JOIN LATERAL jsonb_array_elements_text(p.content #> '{bundle,keys}') WITH ORDINALITY AS k (key, place)
JOIN proposal q ON q.round_id = p.round_id AND q.key = k.key
WHERE p.proposal_id = $1 ORDER BY k.place

-- name: in_present_version
-- The latest version that is done of the round of the proposal $1, and the proposal there with the same
-- key; null: that version does not propose it.
SELECT latest.version, q.proposal_id
FROM proposal p JOIN round r USING (round_id)
CROSS JOIN LATERAL (SELECT round_id, version FROM round s WHERE s.number = r.number AND s.state = 'done'
                    ORDER BY version DESC LIMIT 1) latest
LEFT JOIN proposal q ON q.round_id = latest.round_id AND q.key = p.key
WHERE p.proposal_id = $1

-- name: newest_of_key
-- The latest version that is done of the latest round, and the newest proposal with the key $1 in any.
SELECT (SELECT max(number) FROM round WHERE state = 'done') AS latest_number,
       (SELECT max(round_id) FROM round WHERE state = 'done') AS latest_id,
       q.proposal_id, q.round_id, s.number
FROM proposal q JOIN round s USING (round_id)
WHERE q.key = $1 AND s.state = 'done'
ORDER BY s.number DESC, s.version DESC LIMIT 1

-- name: decisions
-- The history of the decision that each of the proposals $1 proposes, in every round up to the one whose
-- verdicts stand on its page, the latest entry first.
-- Who rejected it to let another vehicle go instead said so of that one in the same transaction, whose
-- moment both have.
SELECT p.proposal_id, x.verdict, x.comment, x.actor, x.at,
       (SELECT v.shown_name FROM vehicle_ruling g JOIN vehicle_shown v USING (vehicle_id)
        WHERE x.verdict = 'rejected' AND g.at = x.at AND g.actor = x.actor AND g.ruling = 'go' LIMIT 1) AS instead
FROM proposal p JOIN round r USING (round_id)
CROSS JOIN LATERAL decided_as_of(p.key, r.number) o
JOIN decision x ON x.key = p.key AND x.number <= o.number
WHERE p.proposal_id = ANY ($1::bigint[]) ORDER BY x.change_id DESC

-- name: one_decision_at_a_time
-- Decisions wait for each other until the commit, so that each knows the ones before it.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.decisions'))

-- name: decide
INSERT INTO decision (proposal_id, verdict, comment, actor)
VALUES ($1, $2, $3, $4)

-- name: decided_since
-- Whether somebody gave a verdict that binds the plan of the round after its version $1 was requested.
SELECT EXISTS (
    SELECT FROM decision x JOIN round r ON r.number >= x.number
    WHERE r.round_id = $1 AND x.verdict IN ('accepted', 'rejected', 'reopened') AND x.at > r.requested_at
)

-- name: trips_of_vehicle
-- The round trips of the vehicle $1 that began from $2 to $3.
SELECT 'round trip ' || trip_number AS trip_id, vehicle_id, start_ts, end_ts, km
FROM round_trip
WHERE vehicle_id = $1 AND start_ts >= $2 AND start_ts < $3 AND end_ts > start_ts
ORDER BY start_ts
