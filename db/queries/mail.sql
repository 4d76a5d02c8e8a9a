-- name: address_of
SELECT email FROM account WHERE account_id = $1

-- name: set_address
UPDATE account SET email = $2 WHERE account_id = $1

-- name: put
-- Adds a mail, unless its cause has made one, or the account has no address or is closed.
INSERT INTO mail (cause, account_id, recipient, subject, body)
SELECT $1, account_id, email, $3, $4 FROM account
WHERE account_id = $2 AND closed_at IS NULL AND email IS NOT NULL
ON CONFLICT (cause) DO NOTHING
RETURNING mail_id

-- name: put_without_account
-- Adds a mail to the person $2, who has no account, unless its cause has made one.
INSERT INTO mail (cause, name, recipient, subject, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (cause) DO NOTHING
RETURNING mail_id

-- name: withdraw
-- What waits because of a cause is not sent.
UPDATE mail SET state = 'dropped', body = '' WHERE cause = $1 AND state IN ('waiting', 'unclear', 'failed')

-- name: take_turn
SELECT pg_try_advisory_lock(hashtext('flaadestyring.mail'))

-- name: end_turn
SELECT pg_advisory_unlock(hashtext('flaadestyring.mail'))

-- name: own_up
-- Whoever has the turn is the only sender: what is being sent now was left by one that ended.
UPDATE mail SET state = 'unclear' WHERE state = 'sending' RETURNING mail_id

-- name: drop_closed
-- Nobody reads the mails of a closed account.
UPDATE mail m SET state = 'dropped', body = '' FROM account a
WHERE a.account_id = m.account_id AND a.closed_at IS NOT NULL AND m.state = 'waiting'

-- name: due
SELECT mail_id FROM mail WHERE state = 'waiting' AND next_at <= now() ORDER BY next_at, mail_id LIMIT 500

-- name: begin
-- Counts the attempt. Returns no row when a person dropped the mail meanwhile.
UPDATE mail SET attempts = attempts + 1 WHERE mail_id = $1 AND state = 'waiting'
RETURNING recipient, subject, body, made_at, attempts

-- name: claim
UPDATE mail SET state = 'sending' WHERE mail_id = $1

-- name: taken
-- Its text goes, which may hold a link.
UPDATE mail SET state = 'sent', sent_at = now(), error = '', body = '' WHERE mail_id = $1

-- name: put_off
UPDATE mail SET state = $2, next_at = now() + make_interval(secs => $3), error = $4 WHERE mail_id = $1

-- name: unsent
SELECT m.mail_id, m.account_id, coalesce(a.name, m.name) AS name, m.recipient, m.subject, m.state, m.made_at,
       m.next_at, m.attempts, m.error
FROM mail m LEFT JOIN account a USING (account_id)
WHERE state NOT IN ('sent', 'dropped')
ORDER BY state IN ('unclear', 'failed') DESC, mail_id DESC

-- name: stuck
SELECT count(*) FROM mail WHERE state IN ('unclear', 'failed')

-- name: again
UPDATE mail m SET state = 'waiting', attempts = 0, next_at = now(),
       recipient = coalesce((SELECT email FROM account a WHERE a.account_id = m.account_id), recipient)
WHERE mail_id = $1 AND state IN ('unclear', 'failed')
RETURNING mail_id, account_id

-- name: drop
UPDATE mail SET state = 'dropped', body = '' WHERE mail_id = $1 AND state IN ('unclear', 'failed', 'waiting')
RETURNING mail_id, account_id

-- name: forget
DELETE FROM mail WHERE state IN ('sent', 'dropped') AND made_at < now() - make_interval(days => $1)
