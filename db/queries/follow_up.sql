-- name: follow_ups
-- The follow-ups of all plans, of the plan $1, or the one $2, the latest quarter first; of plans that were removed only
-- the one.
SELECT f.follow_up_id, f.plan_id, coalesce(nullif(p.name, ''), p.title, p.year::text, '') AS plan, f.year, f.quarter,
       f.due_on, f.ends_on, f.opened_by, coalesce(a.email, '') AS address, f.opened_at, f.closed_at,
       p.removed_at IS NOT NULL AS is_removed
FROM follow_up f JOIN plan p USING (plan_id) LEFT JOIN account a ON a.account_id = f.account_id AND a.closed_at IS NULL
WHERE (p.removed_at IS NULL OR $2::bigint IS NOT NULL) AND ($1::bigint IS NULL OR f.plan_id = $1) AND ($2::bigint IS NULL OR f.follow_up_id = $2)
ORDER BY f.year DESC, f.quarter DESC, f.follow_up_id DESC

-- name: lock_plan
SELECT true FROM plan WHERE plan_id = $1 AND removed_at IS NULL FOR UPDATE

-- name: of_quarter
SELECT closed_at, ends_on FROM follow_up WHERE plan_id = $1 AND year = $2 AND quarter = $3

-- name: open
-- What was closed goes on with its links: who was asked keeps theirs.
INSERT INTO follow_up (plan_id, year, quarter, due_on, ends_on, opened_by, account_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (plan_id, year, quarter) DO UPDATE
SET due_on = excluded.due_on, ends_on = excluded.ends_on, opened_by = excluded.opened_by,
    account_id = excluded.account_id, closed_at = NULL
RETURNING follow_up_id

-- name: lock
SELECT plan_id, closed_at FROM follow_up WHERE follow_up_id = $1 FOR UPDATE

-- name: close
UPDATE follow_up SET closed_at = now() WHERE follow_up_id = $1

-- name: share_open
SELECT follow_up_id FROM follow_up f JOIN plan p USING (plan_id)
WHERE follow_up_id = $1 AND closed_at IS NULL AND ends_on >= $2 AND p.removed_at IS NULL
FOR SHARE OF f FOR KEY SHARE OF p

-- name: lines
-- Who answers for the milestones of a plan.
SELECT m.milestone_id, m.owner_id, m.deputy_id, c.contact_id AS centre_contact_id
FROM milestone m LEFT JOIN centre_contact c USING (centre)
WHERE m.plan_id = $1 AND m.gone_at IS NULL

-- name: reachable
-- Who is there and has an address of mail, of their own or of their account.
SELECT c.contact_id FROM plan_contact c LEFT JOIN account a ON a.account_id = c.account_id AND a.closed_at IS NULL
WHERE c.left_at IS NULL AND coalesce(nullif(c.email, ''), a.email) IS NOT NULL

-- name: person
SELECT c.name, coalesce(nullif(c.email, ''), a.email, '') AS address
FROM plan_contact c LEFT JOIN account a ON a.account_id = c.account_id AND a.closed_at IS NULL
WHERE c.contact_id = $1 AND c.left_at IS NULL

-- name: links
SELECT contact_id, step, reason, made_at, revoked_at FROM follow_up_link WHERE follow_up_id = $1 ORDER BY link_id

-- name: add_link
INSERT INTO follow_up_link (follow_up_id, contact_id, step, reason, token_sha256) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (follow_up_id, contact_id, step, reason) WHERE reason <> 'again' DO NOTHING
RETURNING link_id

-- name: link
-- Of the link with a token: whose it is, and the furthest step at which they are asked.
SELECT l.follow_up_id, l.contact_id, c.name, c.account_id,
       l.revoked_at IS NOT NULL OR c.left_at IS NOT NULL AS is_revoked,
       (SELECT max(o.step) FROM follow_up_link o
        WHERE o.follow_up_id = l.follow_up_id AND o.contact_id = l.contact_id) AS step
FROM follow_up_link l JOIN plan_contact c USING (contact_id) WHERE l.token_sha256 = $1

-- name: share_link
SELECT l.follow_up_id FROM follow_up_link l JOIN plan_contact c USING (contact_id)
WHERE l.token_sha256 = $1 AND l.revoked_at IS NULL AND c.left_at IS NULL FOR SHARE OF l

-- name: live_links
-- The links of open follow-ups of the plan $1 that work on the day $2.
SELECT l.link_id, l.contact_id
FROM follow_up_link l JOIN follow_up f USING (follow_up_id) JOIN plan_contact c USING (contact_id)
JOIN plan p USING (plan_id)
WHERE p.plan_id = $1 AND p.removed_at IS NULL AND f.closed_at IS NULL AND f.ends_on >= $2 AND l.revoked_at IS NULL AND c.left_at IS NULL

-- name: revoke
UPDATE follow_up_link SET revoked_at = now()
WHERE follow_up_id = $1 AND contact_id = $2 AND revoked_at IS NULL
RETURNING link_id, step
