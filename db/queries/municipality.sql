-- name: given_name
SELECT name FROM municipality

-- name: name_municipality
-- Returns a row only where the name changes.
INSERT INTO municipality (name) VALUES ($1)
ON CONFLICT (one) DO UPDATE SET name = excluded.name WHERE municipality.name IS DISTINCT FROM $1
RETURNING true

-- name: settle_closing_days
-- Returns a row only where that is new.
INSERT INTO municipality (no_closing_days) VALUES (true)
ON CONFLICT (one) DO UPDATE SET no_closing_days = true WHERE NOT municipality.no_closing_days
RETURNING true

-- name: first_run_facts
SELECT coalesce((SELECT name IS NOT NULL FROM municipality), false) AS is_named,
       coalesce((SELECT no_closing_days FROM municipality), false)
           OR EXISTS (SELECT FROM closing_day) AS closing_days_known,
       (SELECT count(*) FROM depot) AS depots,
       (SELECT count(*) FROM depot WHERE lat IS NULL) AS depots_waiting,
       (SELECT count(*) FROM vehicle WHERE in_fleet(retired_at)) AS vehicles,
       (SELECT count(*) FROM vehicle v WHERE in_fleet(v.retired_at)
            AND EXISTS (SELECT FROM device d WHERE d.vehicle_id = v.vehicle_id)) AS vehicles_told_of,
       (SELECT count(*) FROM device WHERE NOT is_log) AS trackers,
       EXISTS (SELECT FROM log_upload WHERE content IS NOT NULL) AS log_waits,
       EXISTS (SELECT FROM device_state s JOIN device d USING (device) WHERE NOT d.is_log)
           AS has_positions,
       EXISTS (SELECT FROM quarantine WHERE released_at IS NULL AND discarded_by IS NULL)
           AS has_refused,
       EXISTS (SELECT FROM trip) AS has_trips,
       EXISTS (SELECT FROM vehicle_kind WHERE offered) AS kinds_on_offer,
       (SELECT state FROM round ORDER BY round_id DESC LIMIT 1) AS latest_round,
       EXISTS (SELECT FROM round WHERE state = 'done') AS has_proposals
