-- name: versions
-- The versions that are done of the latest round that is, in their order.
SELECT round_id, number, version, finished_at, rules FROM round
WHERE state = 'done' AND number = (SELECT max(number) FROM round WHERE state = 'done')
ORDER BY version

-- name: planned
-- What the version $1 plans: its vehicles with their slots, and the kinds and pools of its plan.
SELECT depots, shown_plan -> 'vehicles' AS vehicles, shown_plan -> 'depots' AS depot_plans,
       part_plan #> '{fleet_plan,fleet}' AS fleet
FROM round_part WHERE round_id = $1 AND part_plan IS NOT NULL ORDER BY part

-- name: decisions
-- What the version $1 proposes, vehicles that stay included.
SELECT content::text AS content FROM proposal WHERE round_id = $1 ORDER BY rank

-- name: verdicts
-- The verdicts on the proposals of the version $1, in their order.
SELECT key, verdict, at FROM decision
WHERE verdict <> 'question' AND key IN (SELECT key FROM proposal WHERE round_id = $1)
ORDER BY change_id

-- name: register
-- The road vehicles of now and before, with the depot at which each stood when the version $1 was calculated.
SELECT v.vehicle_id, v.kind, v.department, v.depot_id, v.needs, v.retired_at,
       g.facts ->> 'depot_id' AS stood_at,
       (SELECT min(at) FROM register_change c
        WHERE c.subject = 'vehicle' AND c.subject_id = v.vehicle_id) AS came_at
FROM vehicle v
LEFT JOIN round_register g ON g.round_id = $1 AND g.subject = 'vehicle' AND g.subject_id = v.vehicle_id
WHERE v.measured_in = 'km' ORDER BY v.vehicle_id

-- name: days
-- A fingerprint of the round trips that began on each local day from $1 to $2 at the depots $3.
SELECT depot_id, (start_ts AT TIME ZONE 'Europe/Copenhagen')::date AS day,
       md5(string_agg(concat_ws(' ', trip_number, vehicle_id, date_part('epoch', start_ts),
                                date_part('epoch', end_ts), km), ',' ORDER BY trip_number)) AS digest
FROM round_trip
WHERE start_ts >= $1 AND start_ts < $2 AND end_ts > start_ts AND depot_id = ANY ($3::text[])
GROUP BY depot_id, day

-- name: tried
-- The trials of days from $1 on, by their fingerprints.
SELECT depot_id, day, digest FROM trial_day WHERE day >= $1

-- name: store_day
INSERT INTO trial_day (depot_id, day, round_id, vehicles, trips, km, missed, missed_km, missed_kr,
                       missed_co2_kg, unknown, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (depot_id, day) DO UPDATE SET
    round_id = excluded.round_id, vehicles = excluded.vehicles, trips = excluded.trips, km = excluded.km,
    missed = excluded.missed, missed_km = excluded.missed_km, missed_kr = excluded.missed_kr,
    missed_co2_kg = excluded.missed_co2_kg, unknown = excluded.unknown, digest = excluded.digest,
    tried_at = now()

-- name: forget_misses
DELETE FROM trial_miss WHERE depot_id = $1 AND day = $2

-- name: store_misses
INSERT INTO trial_miss (depot_id, day, trip_number, reason, km, kr, co2_kg, own_only)
SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::double precision[], $6::double precision[],
                             $7::double precision[], $8::boolean[])

-- name: round
-- The latest round that is done, with when its first version was.
SELECT number, min(finished_at) AS since, count(*) AS versions FROM round
WHERE state = 'done' AND number = (SELECT max(number) FROM round WHERE state = 'done') GROUP BY number

-- name: depots
-- What the trials of the round with the number $1 came to at each depot, on days from $2 to $3. Trips are those
-- of days of which it can be told how they went.
SELECT d.depot_id, d.name,
       count(*) FILTER (WHERE t.state = 'coped') AS coped, count(*) FILTER (WHERE t.state = 'missed') AS missed_days,
       count(*) FILTER (WHERE t.state = 'unknown') AS unknown, count(*) FILTER (WHERE t.state = 'still') AS still,
       coalesce(sum(trips) FILTER (WHERE t.state IN ('coped', 'missed')), 0)::integer AS trips,
       sum(missed)::integer AS missed, sum(missed_km) AS missed_km, sum(missed_kr) AS missed_kr,
       sum(missed_co2_kg) AS missed_co2_kg, min(day) AS first, max(day) AS last
FROM trial_day t JOIN depot d USING (depot_id) JOIN round r USING (round_id)
WHERE r.number = $1 AND day BETWEEN $2 AND $3 AND ($4::text IS NULL OR depot_id = $4)
GROUP BY d.depot_id, d.name ORDER BY d.depot_id

-- name: depot_days
-- The tried days from $3 to $4 of the depot $2, or of all, in the round with the number $1.
SELECT t.depot_id, d.name, t.day, t.state, r.version, vehicles, trips, km, missed, missed_km, missed_kr, missed_co2_kg,
       unknown
FROM trial_day t JOIN depot d USING (depot_id) JOIN round r USING (round_id)
WHERE r.number = $1 AND ($2::text IS NULL OR t.depot_id = $2) AND day BETWEEN $3 AND $4
  AND ($5::date IS NULL OR (day, t.depot_id) > ($5, $6::text))
ORDER BY day, t.depot_id LIMIT $7

-- name: names
-- The names of those of the vehicles $1 that the session sees.
SELECT vehicle_id, shown_name AS name FROM vehicle_shown WHERE vehicle_id = ANY ($1::text[])

-- name: reasons
-- Why round trips had no vehicle at the depot $1, or at all, on days from $2 to $3, as far as the session sees
-- them.
SELECT reason, count(*) AS trips, sum(km) AS km, sum(kr) AS kr, sum(co2_kg) AS co2_kg,
       count(*) FILTER (WHERE own_only) AS own_only
FROM trial_miss WHERE ($1::text IS NULL OR depot_id = $1) AND day BETWEEN $2 AND $3
GROUP BY reason ORDER BY trips DESC, reason

-- name: misses
-- The round trips without a vehicle at the depot $1, or at all, on days from $2 to $3, the latest first, as far as
-- the session sees them; without their vehicle and time where they are not stored any more.
SELECT m.depot_id, d.name AS depot, m.day, m.trip_number, m.reason, m.km, m.kr, m.co2_kg, m.own_only,
       t.vehicle_id, v.shown_name AS vehicle, t.start_ts, t.end_ts
FROM trial_miss m
JOIN depot d ON d.depot_id = m.depot_id
LEFT JOIN round_trip t ON t.trip_number = m.trip_number
LEFT JOIN vehicle_shown v ON v.vehicle_id = t.vehicle_id
WHERE m.day BETWEEN $2 AND $3 AND ($1::text IS NULL OR m.depot_id = $1)
  AND ($4::date IS NULL OR (m.day, m.depot_id, m.trip_number) < ($4, $5::text, $6::bigint))
ORDER BY m.day DESC, m.depot_id DESC, m.trip_number DESC LIMIT $7

-- name: shared
-- The depots at which vehicles of the session stand beside those of others, and how many of their own trips had no
-- vehicle on days from $1 to $2.
SELECT p.depot_id, p.name, count(m.trip_number) AS missed
FROM depot p LEFT JOIN trial_miss m ON m.depot_id = p.depot_id AND m.day BETWEEN $1 AND $2
WHERE p.depot_id IN (SELECT depot_id FROM vehicle) AND p.depot_id <> ALL ((SELECT scope_depots())::text[])
GROUP BY p.depot_id, p.name ORDER BY p.depot_id
