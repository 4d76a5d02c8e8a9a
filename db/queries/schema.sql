-- name: digest
-- Of the schema that was applied last.
SELECT digest FROM schema_version ORDER BY version_id DESC LIMIT 1

-- name: was_applied
SELECT EXISTS (SELECT FROM schema_version WHERE digest = $1)

-- name: note
INSERT INTO schema_version (digest) VALUES ($1)

-- name: is_set_up
-- Whether there is a schema of ours, of whatever version.
SELECT to_regclass('position') IS NOT NULL OR to_regclass('vehicle') IS NOT NULL

-- name: has_jobs
SELECT to_regclass('procrastinate_jobs') IS NOT NULL

-- name: blockers
-- Who has what a session waits for, and what that is; nothing of what they do.
SELECT a.pid, a.application_name, a.state, a.xact_start,
       (SELECT relation::regclass::text FROM pg_locks
        WHERE pid = $1 AND NOT granted AND relation IS NOT NULL LIMIT 1) AS waits_for
FROM pg_stat_activity a
WHERE a.pid = ANY (pg_blocking_pids($1))
