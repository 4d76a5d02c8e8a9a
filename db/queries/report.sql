-- name: keep
INSERT INTO report (round_id, content, digest, made_by, kind) VALUES ($1, $2, $3, $4, $5) RETURNING report_id

-- name: kept
-- The reports that were kept, the latest first, without what they say.
SELECT report_id, kind, round_id, made_at, made_by, digest,
       (content ->> 'number')::int AS number, (content ->> 'version')::int AS version
FROM report ORDER BY report_id DESC

-- name: report
SELECT report_id, kind, round_id, made_at, made_by, digest, content FROM report WHERE report_id = $1
