-- name: request
-- Nothing comes back when a round is queued or running already.
INSERT INTO round (requested_by, period_first, period_last) VALUES ($1, $2, $3)
ON CONFLICT ((true)) WHERE state IN ('queued', 'running') DO NOTHING
RETURNING round_id

-- name: start
UPDATE round SET state = 'running', message = '' WHERE round_id = $1 AND state IN ('queued', 'running')
RETURNING period_first, period_last

-- name: say
UPDATE round SET message = $2 WHERE round_id = $1

-- name: finish
UPDATE round SET state = 'done', message = '', finished_at = now(), rules = $2, plan = $3
WHERE round_id = $1

-- name: fail
UPDATE round SET state = 'failed', message = $2, finished_at = now() WHERE round_id = $1

-- name: add_proposal
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: round_trips
SELECT device || ' ' || to_char(start_ts AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
           AS trip_id,
       vehicle_id, depot_id, start_ts, end_ts, km
FROM round_trip WHERE start_ts >= $1 AND start_ts < $2 AND end_ts > start_ts
ORDER BY start_ts, device

-- name: latest
SELECT round_id, requested_at, requested_by, state, message FROM round
ORDER BY round_id DESC LIMIT 1

-- name: latest_done
SELECT round_id, finished_at, period_first, period_last, plan FROM round
WHERE state = 'done' ORDER BY round_id DESC LIMIT 1

-- name: proposals
-- The proposals of a round, each with the verdict in force.
SELECT p.proposal_id, p.content, d.name AS depot,
       (SELECT verdict FROM decision WHERE decision.proposal_id = p.proposal_id
        ORDER BY decision_id DESC LIMIT 1) AS verdict
FROM proposal p JOIN depot d USING (depot_id)
WHERE p.round_id = $1
ORDER BY p.rank

-- name: proposal
SELECT p.proposal_id, p.content, d.name AS depot, r.period_first, r.period_last,
       (SELECT verdict FROM decision WHERE decision.proposal_id = p.proposal_id
        ORDER BY decision_id DESC LIMIT 1) AS verdict
FROM proposal p JOIN depot d USING (depot_id) JOIN round r USING (round_id)
WHERE p.proposal_id = $1

-- name: decisions
SELECT verdict, comment, decided_by, decided_at FROM decision
WHERE proposal_id = $1 ORDER BY decision_id DESC

-- name: decide
INSERT INTO decision (proposal_id, verdict, comment, decided_by)
SELECT proposal_id, $2, $3, $4 FROM proposal WHERE proposal_id = $1
RETURNING decision_id
