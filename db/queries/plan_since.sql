-- name: stood_otherwise
-- The milestones of all plans, or of the plan $1, as they stood at the moment $2: those that were changed since, and
-- those that a fact answers. `was_there`: they were of the plan then.
WITH undone AS (
    SELECT c.milestone_id, jsonb_object_agg(b.key, b.value ORDER BY c.change_id DESC) AS before
    FROM milestone_change c JOIN milestone m USING (milestone_id) CROSS JOIN LATERAL jsonb_each(c.before) b
    WHERE c.at >= $2 AND ($1::bigint IS NULL OR m.plan_id = $1) GROUP BY c.milestone_id
)
SELECT m.milestone_id, t.programme_id, t.status, t.year, t.quarter_to, t.postponed_year, t.postponed_quarter, t.fact,
       CASE WHEN t.fact IS NOT NULL THEN (
           SELECT max(c.at) FROM milestone_change c
           WHERE c.milestone_id = m.milestone_id AND c.at < $2 AND c.content ? 'status') END AS said_at,
       t.gone_at IS NULL AND u.before -> 'added' IS DISTINCT FROM 'false' AS was_there
FROM milestone m LEFT JOIN undone u USING (milestone_id)
CROSS JOIN LATERAL jsonb_populate_record(m, coalesce(u.before, '{}')) t
WHERE (u.milestone_id IS NOT NULL OR m.fact IS NOT NULL) AND ($1::bigint IS NULL OR m.plan_id = $1)

-- name: plan_began
-- The moment from which the plan $1 was there as a whole: what was added within a day of the first milestone was
-- added with it; NULL: it always was.
SELECT max(at) FROM (
    SELECT c.at, min(c.at) OVER () AS first_at FROM milestone_change c JOIN milestone m USING (milestone_id)
    WHERE m.plan_id = $1 AND c.content ? 'added'
) added WHERE at < first_at + interval '1 day'

-- name: titles
-- What people call milestones with the ids $1, with the names of their programmes.
SELECT m.milestone_id, coalesce(nullif(m.own_words, ''), m.text) AS title, p.name AS programme
FROM milestone m JOIN programme p USING (programme_id) WHERE m.milestone_id = ANY ($1)
