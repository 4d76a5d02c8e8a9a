-- name: add_plan
INSERT INTO plan (name, title, year, policies, not_placed, is_shipped, follows) VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING plan_id

-- name: shipped_plan
-- The plan of a year that came with the system.
SELECT plan_id FROM plan WHERE is_shipped AND removed_at IS NULL AND year IS NOT DISTINCT FROM $1
ORDER BY plan_id LIMIT 1

-- name: plan_of_programme
SELECT plan_id, removed_at FROM programme JOIN plan USING (plan_id) WHERE programme_id = $1

-- name: hold_plans
-- Lets others who load what comes with the system, take documents or merge milestones wait until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.plans'))

-- name: add_programme
INSERT INTO programme (programme_id, plan_id, rank, name, purpose)
SELECT $1, $2, count(*) + 1, $3, $4 FROM programme WHERE plan_id = $2
ON CONFLICT (programme_id) DO NOTHING

-- name: add_initiative
INSERT INTO initiative (initiative_id, programme_id, name, rank) VALUES ($1, $2, $3, $4)
ON CONFLICT (initiative_id) DO NOTHING

-- name: add_milestone
INSERT INTO milestone (milestone_id, plan_id, programme_id, initiative_id, rank, document_id, text, year, quarter_from,
                       quarter_to, fact)
SELECT $1, plan_id, programme_id, $2, $3, $1, $4, $5, $6, $6, $7
FROM initiative JOIN programme USING (programme_id) WHERE initiative_id = $2
ON CONFLICT (milestone_id) DO NOTHING

-- name: plans
-- All plans but those that were removed, or the one $1, the latest year first, each with the last document that was
-- confirmed.
SELECT p.plan_id, p.name, p.title, p.year, p.policies, p.is_shipped, p.follows, p.revision,
       p.not_placed, p.removed_at,
       r.file_name, r.digest, r.actor AS confirmed_by, r.at AS confirmed_at
FROM plan p LEFT JOIN LATERAL (
    SELECT file_name, digest, actor, at FROM plan_reading r WHERE r.plan_id = p.plan_id
    ORDER BY change_id DESC LIMIT 1
) r ON true
WHERE CASE WHEN $1::bigint IS NULL THEN p.removed_at IS NULL ELSE p.plan_id = $1 END
ORDER BY p.year DESC NULLS LAST, p.plan_id

-- name: programmes
-- The programmes of all plans, or of the one $1, in the order of the document.
SELECT p.programme_id, p.plan_id, p.rank, p.number, p.name, p.purpose, p.success_criteria, p.partners_internal,
       p.partners_external, p.is_written, p.gone_at, p.revision,
       NOT l.is_shipped OR EXISTS (SELECT FROM milestone m JOIN milestone_change USING (milestone_id)
                                   WHERE m.programme_id = p.programme_id) AS is_taken,
       ARRAY(SELECT centre FROM programme_resource r WHERE r.programme_id = p.programme_id ORDER BY rank) AS centres,
       ARRAY(SELECT aarsvaerk FROM programme_resource r WHERE r.programme_id = p.programme_id ORDER BY rank) AS aarsvaerk
FROM programme p JOIN plan l USING (plan_id)
WHERE $1::bigint IS NULL OR p.plan_id = $1
ORDER BY p.plan_id, p.rank

-- name: initiatives
SELECT i.initiative_id, i.programme_id, i.name, i.rank, i.section, i.gone_at
FROM initiative i JOIN programme p USING (programme_id)
WHERE $1::bigint IS NULL OR p.plan_id = $1
ORDER BY p.plan_id, i.rank

-- name: strands
SELECT s.strand_id, s.plan_id, s.section, s.title,
       ARRAY(SELECT milestone_id FROM strand_member m WHERE m.strand_id = s.strand_id ORDER BY rank) AS milestones
FROM strand s JOIN plan p USING (plan_id) WHERE p.removed_at IS NULL AND ($1::bigint IS NULL OR s.plan_id = $1)
ORDER BY s.plan_id, s.rank

-- name: record_change
INSERT INTO plan_change (plan_id, subject, subject_id, content, before, actor) VALUES ($1, $2, $3, $4, $5, $6)
