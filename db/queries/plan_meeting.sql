-- name: meetings
-- The meetings that are kept, or the one $1, the earliest first.
SELECT meeting_id, committee, day, revision FROM plan_meeting
WHERE removed_at IS NULL AND ($1::bigint IS NULL OR meeting_id = $1) ORDER BY day, lower(committee), meeting_id

-- name: lock_meeting
SELECT committee, day, revision FROM plan_meeting WHERE meeting_id = $1 AND removed_at IS NULL FOR UPDATE

-- name: add_meeting
INSERT INTO plan_meeting (committee, day) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING meeting_id

-- name: is_known
SELECT EXISTS (SELECT FROM plan_meeting
               WHERE removed_at IS NULL AND lower(committee) = lower($2) AND day = $3 AND meeting_id <> $1)

-- name: change_meeting
UPDATE plan_meeting SET committee = $2, day = $3, revision = revision + 1 WHERE meeting_id = $1

-- name: remove_meeting
UPDATE plan_meeting SET removed_at = now(), revision = revision + 1 WHERE meeting_id = $1

-- name: record_change
INSERT INTO plan_meeting_change (meeting_id, content, before, actor) VALUES ($1, $2, $3, $4)

-- name: to_decide
-- The milestones of all plans, or of the plan $1, that are political, of which something is to be decided, or that
-- stand on an agenda.
SELECT milestone_id FROM milestone JOIN plan USING (plan_id)
WHERE gone_at IS NULL AND removed_at IS NULL AND ($1::bigint IS NULL OR plan_id = $1)
  AND (is_political OR decider <> '' OR meeting_id IS NOT NULL)

-- name: calendars
SELECT calendar_id, plan_id, label, language, shows_owners, made_by, made_at, last_used_at, ended_at
FROM plan_calendar WHERE plan_id = $1 ORDER BY ended_at IS NOT NULL, calendar_id DESC

-- name: add_calendar
INSERT INTO plan_calendar (token_sha256, plan_id, label, language, shows_owners, made_by) VALUES ($1, $2, $3, $4, $5, $6)
RETURNING calendar_id

-- name: end_calendar
UPDATE plan_calendar SET ended_at = now() WHERE calendar_id = $1 AND ended_at IS NULL RETURNING plan_id, label

-- name: calendar_in_force
SELECT calendar_id, plan_id, language, shows_owners,
       last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS is_due
FROM plan_calendar WHERE token_sha256 = $1 AND ended_at IS NULL

-- name: calendar_used
UPDATE plan_calendar SET last_used_at = now() WHERE calendar_id = $1
