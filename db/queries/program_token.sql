-- name: add_token
INSERT INTO program_token (token_sha256, label, permissions, ends_on, made_by)
VALUES ($1, $2, $3, $4, $5)
RETURNING token_id

-- name: tokens
-- Tokens that work come first.
SELECT token_id, label, permissions, ends_on, made_by, made_at, last_used_at, ended_at
FROM program_token
ORDER BY ended_at IS NOT NULL OR ends_on < $1, token_id DESC

-- name: end_token
UPDATE program_token SET ended_at = now()
WHERE token_id = $1 AND ended_at IS NULL
RETURNING label

-- name: token_in_force
SELECT token_id, label, permissions,
       last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_due
FROM program_token
WHERE token_sha256 = $1 AND ended_at IS NULL AND ends_on >= $2

-- name: token_used
UPDATE program_token SET last_used_at = now()
WHERE token_id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
