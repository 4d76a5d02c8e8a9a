-- name: add_plan
INSERT INTO plan (name, title, year, policies, not_placed, follows) VALUES ($1, $2, $3, $4, $5, $6) RETURNING plan_id

-- name: set_plan
UPDATE plan SET title = $2, policies = $3, not_placed = $4, revision = revision + 1 WHERE plan_id = $1

-- name: lock_plan
SELECT plan_id, name, title, year, policies, is_shipped, revision FROM plan
WHERE plan_id = $1 AND removed_at IS NULL FOR UPDATE

-- name: add_programme
INSERT INTO programme (plan_id, rank, number, name, purpose, success_criteria, partners_internal, partners_external,
                       is_written)
SELECT $1, $2, number, name, purpose, success_criteria, partners_internal, partners_external, is_written
FROM jsonb_populate_record(NULL::programme, $3)
RETURNING programme_id

-- name: set_programme
UPDATE programme p SET
    (number, name, purpose, success_criteria, partners_internal, partners_external, is_written)
    = (SELECT n.number, n.name, n.purpose, n.success_criteria, n.partners_internal, n.partners_external, n.is_written
       FROM jsonb_populate_record(p, $3) n),
    rank = $2, gone_at = NULL, revision = revision + 1
WHERE programme_id = $1

-- name: lock_programmes
SELECT to_jsonb(p) AS content FROM programme p WHERE plan_id = $1 ORDER BY gone_at IS NOT NULL, rank FOR UPDATE

-- name: set_resources
WITH removed AS (DELETE FROM programme_resource WHERE programme_id = $1 AND rank > cardinality($2::text[]))
INSERT INTO programme_resource (programme_id, rank, centre, aarsvaerk)
SELECT $1, rank, centre, aarsvaerk
FROM unnest($2::text[], $3::double precision[]) WITH ORDINALITY r (centre, aarsvaerk, rank)
ON CONFLICT (programme_id, rank) DO UPDATE SET centre = excluded.centre, aarsvaerk = excluded.aarsvaerk

-- name: add_initiative
INSERT INTO initiative (programme_id, name, rank, section) VALUES ($1, $2, $3, $4) RETURNING initiative_id

-- name: set_initiative
UPDATE initiative SET programme_id = $2, name = $3, rank = $4, section = $5, gone_at = NULL WHERE initiative_id = $1

-- name: lock_initiatives
SELECT i.initiative_id, i.programme_id, i.name, i.rank, i.section, i.gone_at
FROM initiative i JOIN programme p USING (programme_id) WHERE p.plan_id = $1
ORDER BY i.gone_at IS NOT NULL, i.rank FOR UPDATE OF i

-- name: initiatives_gone
-- The initiatives of the plan $1 but $2 are not in the document any more. Those that were typed stay, and those in
-- which something stands that was.
UPDATE initiative i SET gone_at = now() FROM programme p
WHERE p.programme_id = i.programme_id AND p.plan_id = $1 AND i.gone_at IS NULL AND i.initiative_id <> ALL ($2)
  AND NOT i.is_typed
  AND NOT EXISTS (SELECT FROM milestone m WHERE m.initiative_id = i.initiative_id AND m.is_typed AND m.gone_at IS NULL)

-- name: programmes_gone
-- As `initiatives_gone`, of which some may stay in them.
UPDATE programme p SET gone_at = now()
WHERE p.plan_id = $1 AND p.gone_at IS NULL AND p.programme_id <> ALL ($2) AND NOT p.is_typed
  AND NOT EXISTS (SELECT FROM milestone m WHERE m.programme_id = p.programme_id AND m.is_typed AND m.gone_at IS NULL)
  AND NOT EXISTS (SELECT FROM initiative i WHERE i.programme_id = p.programme_id AND i.gone_at IS NULL)

-- name: programmes_last
-- The programmes of the plan $1 that stay beside those of the document, $2, stand after them.
UPDATE programme p SET rank = cardinality($2::text[]) + left_there.place
FROM (SELECT programme_id, row_number() OVER (ORDER BY rank, programme_id) AS place FROM programme
      WHERE plan_id = $1 AND gone_at IS NULL AND programme_id <> ALL ($2)) left_there
WHERE p.programme_id = left_there.programme_id

-- name: initiatives_last
UPDATE initiative i SET rank = cardinality($2::text[]) + left_there.place
FROM (SELECT initiative_id, row_number() OVER (ORDER BY i.rank, initiative_id) AS place
      FROM initiative i JOIN programme p USING (programme_id)
      WHERE p.plan_id = $1 AND i.gone_at IS NULL AND initiative_id <> ALL ($2)) left_there
WHERE i.initiative_id = left_there.initiative_id

-- name: programme_stays
-- A programme that was typed has the rank $2 in the document, which tells nothing of it.
UPDATE programme SET rank = $2, gone_at = NULL, revision = revision + 1 WHERE programme_id = $1

-- name: lock_milestones
-- In the order in which others lock several. Returns how many there are.
SELECT count(*) FROM (SELECT FROM milestone WHERE plan_id = $1 ORDER BY milestone_id COLLATE "C" FOR UPDATE) locked

-- name: known_plan
SELECT year, is_shipped, revision FROM plan WHERE plan_id = $1 AND removed_at IS NULL

-- name: known_programmes
SELECT number, name FROM programme WHERE plan_id = $1 ORDER BY gone_at IS NOT NULL, rank

-- name: known_initiatives
SELECT i.section, i.name FROM initiative i JOIN programme p USING (programme_id) WHERE p.plan_id = $1
ORDER BY i.gone_at IS NOT NULL, i.rank

-- name: known_milestones
-- The milestones of the plan $1 in their order; those that are gone come last.
SELECT to_jsonb(m) AS content FROM milestone m WHERE plan_id = $1 ORDER BY gone_at IS NOT NULL, rank, milestone_id

-- name: add_milestones
INSERT INTO milestone (plan_id, programme_id, initiative_id, section, rank, document_id, text, level, year,
                       quarter_from, quarter_to, quarter_as_written, is_inferred, quarter_confirmed_by, line_from,
                       line_to, page)
SELECT $1, programme_id, initiative_id, section, rank, document_id, text, level, year, quarter_from, quarter_to,
       quarter_as_written, is_inferred, quarter_confirmed_by, line_from, line_to, page
FROM jsonb_populate_recordset(NULL::milestone, $2) ORDER BY rank
RETURNING milestone_id, document_id

-- name: set_parents
-- The parents of milestones, which the rows $2 name by their ids in the document.
UPDATE milestone m SET parent_id = p.milestone_id
FROM jsonb_to_recordset($2) AS r (document_id text, parent text)
LEFT JOIN milestone p ON p.plan_id = $1 AND p.document_id = r.parent
WHERE m.plan_id = $1 AND m.document_id = r.document_id AND m.parent_id IS DISTINCT FROM p.milestone_id

-- name: set_places
-- Where the document has milestones now, by their ids.
UPDATE milestone m SET document_id = r.document_id, rank = r.rank, line_from = r.line_from, line_to = r.line_to,
    page = r.page
FROM jsonb_populate_recordset(NULL::milestone, $1) r WHERE m.milestone_id = r.milestone_id

-- name: record_added
INSERT INTO milestone_change (milestone_id, content, before, actor)
SELECT milestone_id, '{"added": true}', '{"added": false}', $2 FROM unnest($1::text[]) milestone_id

-- name: remove_strands
DELETE FROM strand WHERE plan_id = $1 AND NOT is_typed

-- name: strands_last
-- The strands of the plan $1 that were typed stand after the $2 of the document.
UPDATE strand s SET rank = $2 + typed.place
FROM (SELECT strand_id, row_number() OVER (ORDER BY rank, strand_id) AS place FROM strand
      WHERE plan_id = $1 AND is_typed) typed
WHERE s.strand_id = typed.strand_id

-- name: add_strand
-- One that was typed and stands in the document, too, is there already.
WITH added AS (
    INSERT INTO strand (plan_id, rank, section, title) SELECT $1, $2, $3, $4
    WHERE NOT EXISTS (
        SELECT FROM strand s WHERE s.plan_id = $1 AND s.is_typed AND s.title = $4
           AND $5::text[] = ARRAY(SELECT m.document_id FROM strand_member o JOIN milestone m USING (milestone_id)
                                  WHERE o.strand_id = s.strand_id ORDER BY o.rank))
    RETURNING strand_id
)
INSERT INTO strand_member (strand_id, rank, milestone_id)
SELECT strand_id, r.rank, m.milestone_id
FROM added, unnest($5::text[]) WITH ORDINALITY r (document_id, rank)
JOIN milestone m ON m.plan_id = $1 AND m.document_id = r.document_id

-- name: is_reported
-- Whether somebody said how far a milestone of the plan $1 is, or the value of an indicator.
SELECT EXISTS (SELECT FROM milestone WHERE plan_id = $1 AND said_at IS NOT NULL)
    OR EXISTS (SELECT FROM indicator_value JOIN indicator i USING (indicator_id)
               LEFT JOIN programme p USING (programme_id) LEFT JOIN milestone m ON m.milestone_id = i.milestone_id
               WHERE coalesce(p.plan_id, m.plan_id) = $1)

-- name: remove_plan
-- What stands in the plan is gone with it, so that it counts nowhere.
WITH programmes AS (UPDATE programme SET gone_at = now() WHERE plan_id = $1 AND gone_at IS NULL),
initiatives AS (
    UPDATE initiative i SET gone_at = now() FROM programme p
    WHERE p.programme_id = i.programme_id AND p.plan_id = $1 AND i.gone_at IS NULL
)
UPDATE plan SET removed_at = now(), revision = revision + 1 WHERE plan_id = $1

-- name: remove_milestones
WITH gone AS (
    UPDATE milestone SET gone_at = now(), revision = revision + 1 WHERE plan_id = $1 AND gone_at IS NULL
    RETURNING milestone_id, gone_at
)
INSERT INTO milestone_change (milestone_id, content, before, actor)
SELECT milestone_id, jsonb_build_object('gone_at', gone_at), '{"gone_at": null}', $2 FROM gone

-- name: keep_draft
-- Those that nobody confirmed for $4 days go.
WITH old AS (DELETE FROM plan_draft WHERE read_at < now() - make_interval(days => $4) AND digest <> $1)
INSERT INTO plan_draft (digest, file_name, content) VALUES ($1, $2, $3)
ON CONFLICT (digest) DO UPDATE SET file_name = excluded.file_name, content = excluded.content, read_at = now()

-- name: draft
SELECT file_name, content FROM plan_draft WHERE digest = $1

-- name: plan_with
-- The plan that was read from the document with the digest $1, but for those that were removed.
SELECT plan_id FROM plan_reading JOIN plan USING (plan_id) WHERE digest = $1 AND removed_at IS NULL
ORDER BY change_id DESC LIMIT 1

-- name: add_reading
INSERT INTO plan_reading (plan_id, file_name, digest, content, actor) VALUES ($1, $2, $3, $4, $5)

-- name: record_change
INSERT INTO plan_change (plan_id, subject, subject_id, content, before, actor) VALUES ($1, $2, $3, $4, $5, $6)

-- name: targets_of_milestones
-- The milestones of the plan $1 that its document has, with the targets of their indicators, if any.
SELECT m.document_id, m.milestone_id, i.target, coalesce(i.unit, '') AS unit
FROM milestone m LEFT JOIN indicator i ON i.milestone_id = m.milestone_id AND i.removed_at IS NULL
WHERE m.plan_id = $1 AND m.gone_at IS NULL AND NOT m.is_typed
