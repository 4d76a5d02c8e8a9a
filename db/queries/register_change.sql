-- name: record
INSERT INTO register_change (subject, subject_id, content, actor) VALUES ($1, $2, $3, $4)

-- name: of_subject
-- The changes of one thing with their actors, the latest first.
SELECT content, actor, at FROM register_change
WHERE subject = $1 AND subject_id = $2 ORDER BY change_id DESC

-- name: hold
-- Acts on things of a sort are done one after the other, so that each sees the changes of the one before.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.register.' || $1))

-- name: changes
SELECT count(*) FROM register_change WHERE subject = $1 AND subject_id = $2

-- name: changes_of_each
SELECT subject_id, count(*) AS changes FROM register_change WHERE subject = $1 GROUP BY subject_id
