-- name: schema_state
-- Whether there is a schema of ours, of whatever version, and whether it is numbered. One snapshot
-- sees both or neither of what another process sets up at this moment.
SELECT count(*) > 0 AS is_set_up,
       count(*) FILTER (WHERE relname = 'schema_migration') > 0 AS is_numbered
FROM pg_class
WHERE relnamespace = current_schema()::regnamespace
  AND relname IN ('schema_migration', 'position', 'vehicle')

-- name: last_migration
-- The migration that the database got last.
SELECT number, name, digest FROM schema_migration ORDER BY number DESC LIMIT 1

-- name: add_migration
INSERT INTO schema_migration (number, name, digest) VALUES ($1, $2, $3)

-- name: hide_notices
SET LOCAL client_min_messages = warning

-- name: wait_briefly
-- How long this transaction waits for a lock at most: telemetry queues behind it.
SET LOCAL lock_timeout = '3s'

-- name: hold_schema
-- Until the transaction ends no other session changes the schema.
SELECT pg_advisory_xact_lock($1)

-- name: blockers
-- The sessions that hold what the session $1 waits for, and the table; nothing of what they do.
SELECT a.pid, a.application_name, a.state, a.xact_start,
       (SELECT relation::regclass::text FROM pg_locks
        WHERE pid = $1 AND NOT granted AND relation IS NOT NULL LIMIT 1) AS waits_for
FROM pg_stat_activity a
WHERE a.pid = ANY (pg_blocking_pids($1))
