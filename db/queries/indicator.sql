-- name: indicators
-- The indicators of all plans, of the plan $1, or the one $2.
SELECT i.*, coalesce(p.plan_id, m.plan_id) AS plan_id
FROM indicator i LEFT JOIN programme p USING (programme_id) LEFT JOIN milestone m USING (milestone_id)
JOIN plan l ON l.plan_id = coalesce(p.plan_id, m.plan_id) AND l.removed_at IS NULL
WHERE i.removed_at IS NULL AND ($1::bigint IS NULL OR coalesce(p.plan_id, m.plan_id) = $1)
  AND ($2::bigint IS NULL OR i.indicator_id = $2)
ORDER BY coalesce(p.plan_id, m.plan_id), coalesce(p.rank, 0), i.indicator_id

-- name: values
-- The values in force of the indicators of all plans, of the plan $1, or of the one $2.
SELECT * FROM (
    SELECT DISTINCT ON (v.indicator_id, v.day) v.indicator_id, v.day, v.value, v.source, v.quality, v.actor, v.at
    FROM indicator_value v JOIN indicator i USING (indicator_id)
    LEFT JOIN programme p USING (programme_id) LEFT JOIN milestone m ON m.milestone_id = i.milestone_id
    WHERE ($1::bigint IS NULL OR coalesce(p.plan_id, m.plan_id) = $1) AND ($2::bigint IS NULL OR i.indicator_id = $2)
    ORDER BY v.indicator_id, v.day, v.change_id DESC
) latest WHERE value IS NOT NULL ORDER BY indicator_id, day

-- name: value_history
SELECT day, value, source, quality, actor, at FROM indicator_value WHERE indicator_id = $1 ORDER BY change_id DESC

-- name: detail_history
-- The changes of the indicator $1, a text, the latest first.
SELECT c.content, c.before, c.actor, c.at FROM indicator i LEFT JOIN milestone m USING (milestone_id)
LEFT JOIN programme p ON p.programme_id = i.programme_id
JOIN plan_change c ON c.plan_id = coalesce(p.plan_id, m.plan_id) AND c.subject = 'indicator' AND c.subject_id = $1
WHERE i.indicator_id = $1::bigint ORDER BY c.change_id DESC

-- name: plan_of
-- The plan of the programme $1 or the milestone $2, which nobody removes until the transaction ends.
SELECT plan_id FROM plan WHERE removed_at IS NULL AND plan_id IN (
    SELECT plan_id FROM programme WHERE programme_id = $1
    UNION ALL SELECT plan_id FROM milestone WHERE milestone_id = $2
) FOR KEY SHARE

-- name: add_indicator
INSERT INTO indicator (programme_id, milestone_id, name, kind, scale, unit, target, target_day, source, figure)
SELECT $1, $2, name, kind, scale, unit, target, target_day, source, figure
FROM jsonb_populate_record(NULL::indicator, $3)
RETURNING indicator_id

-- name: lock_indicator
SELECT to_jsonb(i) AS content, coalesce(p.plan_id, m.plan_id) AS plan_id
FROM indicator i LEFT JOIN programme p USING (programme_id) LEFT JOIN milestone m USING (milestone_id)
JOIN plan l ON l.plan_id = coalesce(p.plan_id, m.plan_id) AND l.removed_at IS NULL
WHERE i.indicator_id = $1 AND i.removed_at IS NULL FOR UPDATE OF i FOR KEY SHARE OF l

-- name: set_indicator
UPDATE indicator i SET
    (name, kind, scale, unit, target, target_day, source, figure, removed_at)
    = (SELECT n.name, n.kind, n.scale, n.unit, n.target, n.target_day, n.source, n.figure, n.removed_at
       FROM jsonb_populate_record(i, $2) n),
    revision = revision + 1
WHERE indicator_id = $1

-- name: add_value
INSERT INTO indicator_value (indicator_id, day, value, source, quality, actor) VALUES ($1, $2, $3, $4, $5, $6)
