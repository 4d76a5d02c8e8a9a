-- name: keep
INSERT INTO report (round_id, content, digest, made_by, kind, plan_id, quarter) VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING report_id

-- name: kept
-- The reports that were kept, or those of the plan $1, the latest first, without what they say.
SELECT report_id, kind, round_id, made_at, made_by, digest, plan_id, quarter,
       (content ->> 'number')::int AS number, (content ->> 'version')::int AS version
FROM report WHERE $1::bigint IS NULL OR plan_id = $1 ORDER BY report_id DESC

-- name: report
SELECT report_id, kind, round_id, made_at, made_by, digest, content, plan_id, quarter FROM report WHERE report_id = $1
