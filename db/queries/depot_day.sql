-- name: plan_of_proposal
-- The depot of the proposal $1, the period of its round, and the vehicles in the plan of its part. No row:
-- the plan is of vehicles that the session does not see, too.
SELECT p.round_id, t.part, p.depot_id, p.vehicle_id,
       r.period_first, r.period_last, t.shown_plan -> 'vehicles' AS vehicles
FROM proposal p JOIN round r USING (round_id)
JOIN round_part t ON t.round_id = p.round_id AND p.depot_id = ANY (t.depots)
WHERE p.proposal_id = $1 AND t.part_plan IS NOT NULL

-- name: vehicles_at_depot
-- The vehicles of the depot $2 in the round $1, what it proposes for each, and why those stay that do.
SELECT vehicle_id, content ->> 'vehicle' AS name, action, content ->> 'why' AS why
FROM proposal WHERE round_id = $1 AND depot_id = $2 AND vehicle_id IS NOT NULL
ORDER BY rank

-- name: spans
-- When the round trips of the vehicles $4 at the depot $1 that began from $2 to $3 began and ended, in seconds
-- since 1970.
SELECT coalesce(array_agg(date_part('epoch', start_ts) ORDER BY start_ts, end_ts), '{}') AS starts,
       coalesce(array_agg(date_part('epoch', end_ts) ORDER BY start_ts, end_ts), '{}') AS ends
FROM round_trip WHERE depot_id = $1 AND start_ts >= $2 AND start_ts < $3 AND end_ts > start_ts
  AND vehicle_id = ANY ($4::text[])

-- name: trips_between
-- The round trips of the depot $1 that began from $2 to $3 and were under way between $4 and $5.
SELECT 'round trip ' || trip_number AS trip_id, vehicle_id, start_ts, end_ts FROM round_trip
WHERE depot_id = $1 AND start_ts >= $2 AND start_ts < $3 AND end_ts > start_ts
  AND start_ts < $5 AND end_ts > $4
ORDER BY start_ts, device

-- name: served
-- The slots of the vehicles that do the trips $3 in the plan of the part $2 of the round $1.
SELECT a ->> 'trip_id' AS trip_id, a ->> 'vehicle' AS slot
FROM round_part, jsonb_array_elements(part_plan #> '{fleet_plan,assignments}') AS a
WHERE round_id = $1 AND part = $2 AND a ->> 'trip_id' = ANY ($3::text[])

-- name: names_of
-- The names of those of the vehicles $1 that the session sees.
SELECT vehicle_id, shown_name AS name FROM vehicle_shown WHERE vehicle_id = ANY ($1::text[])
