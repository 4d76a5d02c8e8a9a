-- name: contacts
-- Who has a part in plans, or the one $1, by name. Addresses are read by those who may.
SELECT contact_id, name, centre, account_id, left_at, heard_at, revision FROM plan_contact
WHERE $1::bigint IS NULL OR contact_id = $1 ORDER BY lower(name), contact_id

-- name: addresses
SELECT contact_id, email FROM plan_contact WHERE $1::bigint[] IS NULL OR contact_id = ANY ($1)

-- name: standings
SELECT contact_id, left_at IS NOT NULL AS has_left, heard_at FROM plan_contact

-- name: heard
-- A contact said something, who is $1, or has the account $2.
UPDATE plan_contact SET heard_at = now() WHERE contact_id = $1::bigint OR account_id = $2::bigint

-- name: lock_contact
SELECT name, email, centre, account_id, left_at, revision FROM plan_contact WHERE contact_id = $1 FOR UPDATE

-- name: add_contact
INSERT INTO plan_contact (name, email, centre, account_id) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING contact_id

-- name: change_contact
UPDATE plan_contact SET name = $2, email = $3, centre = $4, account_id = $5,
    left_at = CASE WHEN $6 THEN coalesce(left_at, now()) END, revision = revision + 1
WHERE contact_id = $1

-- name: has_account
SELECT EXISTS (SELECT FROM account WHERE account_id = $1 AND closed_at IS NULL)

-- name: of_centre
SELECT contact_id FROM centre_contact WHERE centre = $1

-- name: centres
SELECT centre, max(contact_id) AS contact_id FROM (
    SELECT DISTINCT centre, NULL::bigint AS contact_id FROM milestone WHERE centre <> '' AND gone_at IS NULL
    UNION ALL SELECT centre, contact_id FROM centre_contact
) c GROUP BY centre ORDER BY lower(centre), centre

-- name: lock_of_centre
SELECT contact_id FROM centre_contact WHERE centre = $1 FOR UPDATE

-- name: set_of_centre
INSERT INTO centre_contact (centre, contact_id) VALUES ($1, $2)
ON CONFLICT (centre) DO UPDATE SET contact_id = excluded.contact_id

-- name: no_contact_of_centre
DELETE FROM centre_contact WHERE centre = $1
