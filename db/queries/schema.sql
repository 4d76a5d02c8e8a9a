-- name: schema_state
-- Whether the database has a schema of the product, of whatever version, and whether it is numbered.
-- One snapshot sees all or nothing of a schema that another process sets up at this moment.
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
-- Bounds how long this transaction waits for a lock, for telemetry queues behind it.
SET LOCAL lock_timeout = '3s'

-- name: hold_schema
-- No other session changes the schema until this transaction ends.
SELECT pg_advisory_xact_lock($1)

-- name: blockers
-- The sessions that hold a lock for which the session $1 waits, and the table. The statement does not
-- show what those sessions do, which may hold personal data.
SELECT a.pid, a.application_name, a.state, a.xact_start,
       (SELECT relation::regclass::text FROM pg_locks
        WHERE pid = $1 AND NOT granted AND relation IS NOT NULL LIMIT 1) AS waits_for
FROM pg_stat_activity a
WHERE a.pid = ANY (pg_blocking_pids($1))
