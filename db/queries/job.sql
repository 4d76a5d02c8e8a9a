-- name: one_at_a_time
-- Processes that look after the jobs of dead workers do it one after another.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.jobs'))
