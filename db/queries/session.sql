-- name: add_session
INSERT INTO account_session (token_sha256, account_id, source, agent, id_token)
VALUES ($1, $2, $3, $4, $5)

-- name: renew_token
UPDATE account_session SET token_sha256 = $2 WHERE session_id = $1

-- name: end_oldest_sessions
DELETE FROM account_session WHERE account_id = $1 AND session_id NOT IN (
    SELECT session_id FROM account_session WHERE account_id = $1
    ORDER BY session_id DESC LIMIT $2)

-- name: session_of
SELECT s.session_id, s.began_at, s.seen_at, s.source, s.agent,
       s.seen_at < now() - interval '1 minute' AS is_due, a.*
FROM account_session s JOIN account_shown a USING (account_id)
WHERE s.token_sha256 = $1 AND NOT a.closed
  AND s.seen_at > now() - $2::interval AND s.began_at > now() - $3::interval

-- name: session_seen
UPDATE account_session SET seen_at = now()
WHERE session_id = $1 AND seen_at < now() - interval '1 minute'

-- name: own_sessions
SELECT s.session_id, s.began_at, s.seen_at, s.source, s.agent, a.*
FROM account_session s JOIN account_shown a USING (account_id)
WHERE s.account_id = $1
  AND s.seen_at > now() - $2::interval AND s.began_at > now() - $3::interval
ORDER BY s.seen_at DESC, s.session_id DESC

-- name: end_session
DELETE FROM account_session s USING account a
WHERE s.token_sha256 = $1 AND a.account_id = s.account_id
RETURNING s.account_id, a.name, s.source, s.began_at, s.id_token

-- name: end_own_session
DELETE FROM account_session s USING account a
WHERE s.session_id = $1 AND s.account_id = $2 AND a.account_id = s.account_id
RETURNING s.account_id, a.name, s.source, s.began_at

-- name: end_sessions
-- Ends all sessions of an account but $2; NULL: all.
DELETE FROM account_session s USING account a
WHERE s.account_id = $1 AND s.session_id IS DISTINCT FROM $2 AND a.account_id = s.account_id
RETURNING s.account_id, a.name, s.source, s.began_at

-- name: forget_sessions
DELETE FROM account_session
WHERE seen_at <= now() - $1::interval OR began_at <= now() - $2::interval
