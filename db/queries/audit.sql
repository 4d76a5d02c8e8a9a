-- name: record
INSERT INTO audit_entry (act, subject, subject_id, detail, account_id, source, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: plan_anew
-- Each search is planned for its own values: one plan for all could use none of the indexes.
SET LOCAL plan_cache_mode = force_custom_plan

-- name: entries
-- The latest entries before the moment and id ($6, $7).
SELECT change_id, act, subject, subject_id, detail, source, actor, at FROM audit_entry
WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR act = $2)
  AND ($3::text IS NULL OR subject = $3) AND ($4::text IS NULL OR subject_id = $4)
  AND at >= $5 AND (at, change_id) < ($6::timestamptz, $7::bigint)
ORDER BY at DESC, change_id DESC LIMIT $8

-- name: persons
-- Jumps along the index from one name to the next, as the names are few and the entries many.
WITH RECURSIVE person (actor) AS (
    (SELECT actor::text FROM audit_entry ORDER BY actor LIMIT 1)
    UNION ALL
    SELECT (SELECT e.actor::text FROM audit_entry e WHERE e.actor > p.actor ORDER BY e.actor LIMIT 1)
    FROM person p WHERE p.actor IS NOT NULL
)
SELECT actor FROM person WHERE actor IS NOT NULL LIMIT $1

-- name: track_readings
SELECT e.actor, e.vehicle_id, n.shown_name AS vehicle_name, v.department, e.reason, e.days,
       -- Days that were shown more than once, by readings that overlap, count once.
       (SELECT count(DISTINCT day) FROM unnest(e.read) AS read,
               generate_series((read ->> 'from')::date, (read ->> 'to')::date, '1 day') AS day) AS shown,
       e.first_at, e.last_at
FROM (
    SELECT actor::text, subject_id AS vehicle_id, coalesce(detail ->> 'reason', '') AS reason,
           count(*) FILTER (WHERE act = 'track_asked') AS days,
           array_agg(DISTINCT detail) FILTER (WHERE act = 'track_read') AS read,
           min(at) AS first_at, max(at) AS last_at
    FROM audit_entry
    WHERE act IN ('track_asked', 'track_read') AND at >= $1 AND at < $2
    GROUP BY actor, subject_id, coalesce(detail ->> 'reason', '')
) e
LEFT JOIN vehicle v ON v.vehicle_id = e.vehicle_id
LEFT JOIN vehicle_shown n ON n.vehicle_id = v.vehicle_id
ORDER BY e.actor, n.shown_name, e.vehicle_id, e.first_at LIMIT $3

-- name: departments_of
SELECT vehicle_id, department FROM vehicle WHERE vehicle_id = ANY ($1::text[])

-- name: reason_since
-- The last reason that the account $2 gave for the tracks of the vehicle $1 since $3.
SELECT detail ->> 'reason' FROM audit_entry
WHERE subject = 'vehicle' AND subject_id = $1 AND at >= $3
  AND act = 'track_asked' AND account_id = $2
ORDER BY at DESC, change_id DESC LIMIT 1

-- name: reasons_since
-- The last reason that the account $2 gave for the tracks of each of the vehicles $1 since $3.
SELECT DISTINCT ON (subject_id) subject_id AS vehicle_id, detail ->> 'reason' AS reason
FROM audit_entry
WHERE subject = 'vehicle' AND subject_id = ANY ($1::text[]) AND at >= $3
  AND act = 'track_asked' AND account_id = $2
ORDER BY subject_id, at DESC, change_id DESC

-- name: shown_since
-- What of the tracks of the vehicles $1 the actor $2 with the account $3 was shown since $4.
SELECT subject_id AS vehicle_id, detail FROM audit_entry
WHERE subject = 'vehicle' AND subject_id = ANY ($1::text[]) AND at >= $4 AND act = 'track_read'
  AND actor = $2 AND account_id IS NOT DISTINCT FROM $3::bigint
