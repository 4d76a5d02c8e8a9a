-- name: add_link
INSERT INTO account_link (token_sha256, account_id, ends_at) VALUES ($1, $2, now() + $3::interval)

-- name: account_of_link
SELECT a.account_id, a.name, a.role, a.departments, a.has_password, a.closed, a.signed_in_at,
       a.from_provider, a.email
FROM account_link l JOIN account_shown a USING (account_id)
WHERE l.token_sha256 = $1 AND l.ends_at > now() AND NOT a.closed

-- name: is_first_link
SELECT EXISTS (SELECT FROM account_link
               WHERE token_sha256 = $1 AND account_id IS NULL AND ends_at > now())
   AND NOT EXISTS (SELECT FROM account)

-- name: take_link
-- Deletes a link that still works: of two who use it at the same time, one finds it.
DELETE FROM account_link
WHERE token_sha256 = $1 AND account_id IS NOT DISTINCT FROM $2 AND ends_at > now()
RETURNING ends_at

-- name: end_links
DELETE FROM account_link WHERE account_id IS NOT DISTINCT FROM $1

-- name: forget_links
DELETE FROM account_link WHERE ends_at <= now()
