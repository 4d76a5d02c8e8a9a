-- name: stood_otherwise
-- The milestones of all plans, or of the plan $1, as they stood at the moment $2: those that were changed since, and
-- those that a fact answers; `$3`: those only that may be due in another quarter, or were not of the plan.
-- `was_there`: they were of the plan then.
WITH changed AS (
    SELECT milestone_id, undone(before ORDER BY change_id DESC) AS before
    FROM milestone_change
    WHERE at >= $2 AND changed_standing(before)
      AND ($1::bigint IS NULL OR milestone_id IN (SELECT milestone_id FROM milestone WHERE plan_id = $1))
    GROUP BY milestone_id
    HAVING NOT $3
        OR undone(before) ?| ARRAY['year', 'quarter_to', 'postponed_year', 'postponed_quarter', 'gone_at', 'added']
), otherwise AS (
    SELECT milestone_id, before FROM changed
    UNION ALL
    SELECT milestone_id, '{}' FROM milestone m
    WHERE NOT $3 AND fact IS NOT NULL AND NOT EXISTS (SELECT FROM changed c WHERE c.milestone_id = m.milestone_id)
), stood AS (
    SELECT m.milestone_id,
           CASE WHEN o.before ? 'programme_id' THEN o.before ->> 'programme_id' ELSE m.programme_id END AS programme_id,
           CASE WHEN o.before ? 'status' THEN o.before ->> 'status' ELSE m.status END AS status,
           CASE WHEN o.before ? 'year' THEN (o.before ->> 'year')::integer ELSE m.year END AS year,
           CASE WHEN o.before ? 'quarter_to' THEN (o.before ->> 'quarter_to')::integer ELSE m.quarter_to END AS quarter_to,
           CASE WHEN o.before ? 'postponed_year' THEN (o.before ->> 'postponed_year')::integer
                ELSE m.postponed_year END AS postponed_year,
           CASE WHEN o.before ? 'postponed_quarter' THEN (o.before ->> 'postponed_quarter')::integer
                ELSE m.postponed_quarter END AS postponed_quarter,
           CASE WHEN o.before ? 'fact' THEN o.before ->> 'fact' ELSE m.fact END AS fact,
           CASE WHEN o.before ? 'gone_at' THEN o.before -> 'gone_at' = 'null' ELSE m.gone_at IS NULL END
           AND o.before -> 'added' IS DISTINCT FROM 'false' AS was_there
    FROM otherwise o JOIN milestone m USING (milestone_id) WHERE $1::bigint IS NULL OR m.plan_id = $1
)
SELECT milestone_id, programme_id, status, year, quarter_to, postponed_year, postponed_quarter, fact,
       CASE WHEN fact IS NOT NULL THEN (
           SELECT max(c.at) FROM milestone_change c
           WHERE c.milestone_id = s.milestone_id AND c.at < $2 AND c.content ? 'status') END AS said_at,
       was_there
FROM stood s

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
