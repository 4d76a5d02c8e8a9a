-- name: add_plan
INSERT INTO plan (name, year) VALUES ($1, $2) RETURNING plan_id

-- name: lock_plan
SELECT name, policies, revision FROM plan WHERE plan_id = $1 AND removed_at IS NULL FOR UPDATE

-- name: set_plan
UPDATE plan SET name = $2, policies = $3, revision = revision + 1 WHERE plan_id = $1

-- name: add_programme
INSERT INTO programme (plan_id, rank, number, name, purpose, success_criteria, partners_internal, partners_external,
                       is_typed)
SELECT $1, (SELECT coalesce(max(rank), 0) + 1 FROM programme WHERE plan_id = $1), n.number, n.name, n.purpose,
       n.success_criteria, n.partners_internal, n.partners_external, true
FROM jsonb_populate_record(NULL::programme, $2) n
RETURNING programme_id

-- name: lock_programme
SELECT to_jsonb(p) AS content,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(centre, aarsvaerk) ORDER BY rank), '[]')
        FROM programme_resource r WHERE r.programme_id = p.programme_id) AS resources
FROM programme p JOIN plan l USING (plan_id) WHERE programme_id = $1 AND l.removed_at IS NULL FOR UPDATE OF p

-- name: set_programme
UPDATE programme p SET
    (number, name, purpose, success_criteria, partners_internal, partners_external)
    = (SELECT n.number, n.name, n.purpose, n.success_criteria, n.partners_internal, n.partners_external
       FROM jsonb_populate_record(p, $2) n),
    is_written = true, revision = revision + 1
WHERE programme_id = $1

-- name: set_resources
WITH removed AS (DELETE FROM programme_resource WHERE programme_id = $1 AND rank > cardinality($2::text[]))
INSERT INTO programme_resource (programme_id, rank, centre, aarsvaerk)
SELECT $1, rank, centre, aarsvaerk
FROM unnest($2::text[], $3::double precision[]) WITH ORDINALITY r (centre, aarsvaerk, rank)
ON CONFLICT (programme_id, rank) DO UPDATE SET centre = excluded.centre, aarsvaerk = excluded.aarsvaerk

-- name: is_known
-- Whether a programme or a section of the plan $1 has the name $2.
SELECT EXISTS (SELECT FROM programme WHERE plan_id = $1 AND coalesce(nullif(number, ''), name) = $2)
    OR EXISTS (SELECT FROM initiative JOIN programme USING (programme_id) WHERE plan_id = $1 AND section = $2)

-- name: move_section
-- The milestones and initiatives of a programme that stand under its own name $2 stand under $3.
WITH moved AS (UPDATE initiative SET section = $3 WHERE programme_id = $1 AND section = $2)
UPDATE milestone SET section = $3 WHERE programme_id = $1 AND section = $2

-- name: add_initiative
INSERT INTO initiative (programme_id, name, rank, section, is_typed)
SELECT $2, $3, coalesce(max(initiative.rank), 0) + 1, $4, true
FROM initiative JOIN programme USING (programme_id) WHERE plan_id = $1
RETURNING initiative_id

-- name: place
-- The plan and section of what stands in the programme $1 or its initiative $2, under the milestone $3 if one is
-- named, and whether they belong together. Who adds there at the same time waits.
SELECT p.plan_id,
       CASE WHEN i.initiative_id IS NOT NULL THEN i.section ELSE coalesce(nullif(p.number, ''), p.name) END AS section,
       ($2::text IS NULL OR i.initiative_id IS NOT NULL)
       AND ($3::text IS NULL OR EXISTS (SELECT FROM milestone m WHERE m.milestone_id = $3
                                        AND m.plan_id = p.plan_id)) AS fits
FROM programme p JOIN plan l USING (plan_id)
LEFT JOIN initiative i ON i.initiative_id = $2 AND i.programme_id = p.programme_id
WHERE p.programme_id = $1 AND l.removed_at IS NULL FOR UPDATE OF l

-- name: add_milestone
-- Its id in a file is one that no other milestone of the plan has, while others who add to the plan wait.
INSERT INTO milestone (plan_id, programme_id, initiative_id, section, rank, document_id, text, level, parent_id, year,
                       quarter_from, quarter_to, is_typed)
SELECT $1, $2, $3, $4, coalesce(max(rank), 0) + 1,
       'typed ' || coalesce(max(substring(document_id FROM '^typed ([0-9]+)$')::numeric), 0) + 1,
       $5, $6, $7, $8, $9, $10, true
FROM milestone WHERE plan_id = $1
RETURNING milestone_id

-- name: record_added
INSERT INTO milestone_change (milestone_id, content, before, actor)
VALUES ($1, '{"added": true}', '{"added": false}', $2)

-- name: add_strand
WITH added AS (
    INSERT INTO strand (plan_id, rank, section, title, is_typed)
    SELECT $1, coalesce(max(rank), 0) + 1, $2, $3, true FROM strand WHERE plan_id = $1 RETURNING strand_id
)
INSERT INTO strand_member (strand_id, rank, milestone_id)
SELECT strand_id, rank, milestone_id FROM added, unnest($4::text[]) WITH ORDINALITY r (milestone_id, rank)
