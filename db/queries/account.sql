-- name: hold_accounts
-- Acts that change who may come in are done one after the other, so that each sees what is left by the
-- one before.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.accounts'))

-- name: accounts
SELECT account_id, name, role, departments, has_password, closed, signed_in_at, from_provider, email
FROM account_shown ORDER BY name_key

-- name: account
SELECT account_id, name, role, departments, has_password, closed, signed_in_at, from_provider, email
FROM account_shown WHERE account_id = $1

-- name: account_named
SELECT account_id, name, role, departments, has_password, closed, signed_in_at, from_provider, email
FROM account_shown WHERE name_key = $1

-- name: has_accounts
SELECT EXISTS (SELECT FROM account)

-- name: demo_account
SELECT account_id FROM account WHERE is_demo

-- name: account_of_identity
SELECT account_id FROM account WHERE openid_issuer = $1 AND openid_subject = $2

-- name: add_account
INSERT INTO account (name, name_key, role, departments, is_demo, openid_issuer, openid_subject)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (name_key) DO NOTHING
RETURNING account_id

-- name: lock_account
-- An act locks the row of an account before any row that refers to it, for acts that wait for each other
-- would deadlock.
SELECT account_id, name, role, departments, password_set_at, is_demo, closed_at IS NOT NULL AS closed,
       openid_subject IS NOT NULL AS from_provider
FROM account WHERE account_id = $1 FOR UPDATE

-- name: has_other_administrators
SELECT EXISTS (SELECT FROM account
               WHERE role = 'administrator' AND closed_at IS NULL AND account_id <> $1)

-- name: change_account
UPDATE account SET role = $2, departments = $3 WHERE account_id = $1

-- name: rename_account
UPDATE account SET name = $2, name_key = $3
WHERE account_id = $1
  AND NOT EXISTS (SELECT FROM account other WHERE other.name_key = $3 AND other.account_id <> $1)
RETURNING account_id

-- name: close_account
UPDATE account SET closed_at = now() WHERE account_id = $1

-- name: reopen_account
UPDATE account SET closed_at = NULL WHERE account_id = $1

-- name: signed_in
UPDATE account SET signed_in_at = now() WHERE account_id = $1

-- name: set_password
-- The clock's time, for two passwords must not have the same: the transactions may have begun together.
UPDATE account SET password = $2, password_set_at = clock_timestamp() WHERE account_id = $1

-- name: password_of
SELECT account_id, name, password, password_set_at FROM account
WHERE account_id = $1 AND closed_at IS NULL

-- name: password_of_name
SELECT account_id, name, password, password_set_at FROM account
WHERE name_key = $1 AND closed_at IS NULL

-- name: hash_password_anew
-- Stores the same password hashed with other parameters, unless it was changed meanwhile.
UPDATE account SET password = $3
WHERE account_id = $1 AND password_set_at = $2

-- name: record
INSERT INTO account_change (subject, subject_id, content, actor) VALUES ($1, $2, $3, $4)

-- name: changes
SELECT content, actor, at FROM account_change WHERE subject = $1 AND subject_id = $2
ORDER BY change_id DESC

-- name: change_count
SELECT count(*) FROM account_change WHERE subject = $1 AND subject_id = $2

-- name: departments
-- The departments that a vehicle belongs to or belonged to.
SELECT DISTINCT department FROM vehicle WHERE department <> '' ORDER BY department
