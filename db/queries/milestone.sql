-- name: milestones
-- The milestones of all plans, of the plan $1, or those with the ids $2; `$3`: also those that a later reading of
-- their plan lacks.
WITH taken AS MATERIALIZED (
    SELECT p.programme_id, p.name, p.rank,
           NOT l.is_shipped OR EXISTS (SELECT FROM milestone m JOIN milestone_change USING (milestone_id)
                                       WHERE m.programme_id = p.programme_id) AS is_taken
    FROM programme p JOIN plan l USING (plan_id)
    WHERE ($1::bigint IS NULL OR p.plan_id = $1)
      AND ($2::text[] IS NULL OR p.programme_id IN (SELECT programme_id FROM milestone WHERE milestone_id = ANY ($2)))
)
SELECT m.milestone_id, m.plan_id, m.programme_id, p.name AS programme, m.initiative_id, i.name AS initiative,
       m.section, m.rank, m.document_id, m.text, m.own_words, m.level, m.parent_id, m.year, m.quarter_from, m.quarter_to,
       m.quarter_as_written, m.is_inferred, m.quarter_confirmed_by, m.line_from, m.line_to, m.page, m.status, m.note,
       m.postponed_year, m.postponed_quarter, m.merged_into, m.said_at, m.owner_id, o.name AS owner,
       o.left_at AS owner_left_at, m.deputy_id, d.name AS deputy, d.left_at AS deputy_left_at, m.centre,
       m.is_political, m.decider, m.decision_before, m.fact, m.gone_at, m.follows, m.revision, m.meeting_id, p.is_taken
FROM milestone m JOIN taken p USING (programme_id) LEFT JOIN initiative i USING (initiative_id)
LEFT JOIN plan_contact o ON o.contact_id = m.owner_id LEFT JOIN plan_contact d ON d.contact_id = m.deputy_id
WHERE ($1::bigint IS NULL OR m.plan_id = $1) AND ($2::text[] IS NULL OR m.milestone_id = ANY ($2))
  AND ($3 OR m.gone_at IS NULL)
ORDER BY m.plan_id, p.rank, m.year NULLS LAST, m.quarter_to NULLS LAST, i.rank NULLS FIRST, m.rank

-- name: standing_versions
-- The plans that have milestones, or the one $1, with what is another after any change of a row of theirs: the
-- transactions that wrote the rows, which are numbered upwards in all databases of a server.
SELECT plan_id, (SELECT oid FROM pg_database WHERE datname = current_database())::text AS database,
       count(*) AS milestones, sum(xmin::text::bigint)::text AS written
FROM milestone WHERE gone_at IS NULL AND ($1::bigint IS NULL OR plan_id = $1)
GROUP BY plan_id ORDER BY plan_id

-- name: standings
-- What counts of each milestone of the plans $1 for progress.
WITH taken AS MATERIALIZED (
    SELECT p.programme_id,
           NOT l.is_shipped OR EXISTS (SELECT FROM milestone m JOIN milestone_change USING (milestone_id)
                                       WHERE m.programme_id = p.programme_id) AS is_taken
    FROM programme p JOIN plan l USING (plan_id) WHERE p.plan_id = ANY ($1::bigint[])
)
SELECT m.milestone_id, m.plan_id, m.programme_id, coalesce(m.initiative_id, ''), m.status, m.year, m.quarter_to,
       m.postponed_year, m.postponed_quarter, m.centre, m.owner_id, m.decider <> '' AS needs_decision, m.said_at,
       m.fact, t.is_taken
FROM milestone m JOIN taken t USING (programme_id)
WHERE m.gone_at IS NULL AND m.plan_id = ANY ($1)
ORDER BY m.plan_id, m.rank

-- name: revisions
-- The revisions of the milestones with the ids $1.
SELECT milestone_id, revision FROM milestone WHERE milestone_id = ANY ($1)

-- name: changed_since
-- Those of the milestones $1 that were changed since the moment $2, the latest first.
SELECT milestone_id FROM milestone_change WHERE milestone_id = ANY ($1) AND at >= $2
GROUP BY milestone_id ORDER BY max(change_id) DESC

-- name: ids_in_order
-- The milestones of all plans, or of the plan $1, by programme and quarter, as `milestones` has them.
SELECT m.milestone_id
FROM milestone m JOIN programme p USING (programme_id) LEFT JOIN initiative i USING (initiative_id)
WHERE m.gone_at IS NULL AND ($1::bigint IS NULL OR m.plan_id = $1)
ORDER BY m.plan_id, p.rank, m.year NULLS LAST, m.quarter_to NULLS LAST, i.rank NULLS FIRST, m.rank

-- name: with_words
-- The milestones of all plans, or of the plan $1, that have each of the patterns $2 in their words, or in the names of
-- their programmes and initiatives. The patterns are in small letters.
WITH p AS MATERIALIZED (
    SELECT programme_id, lower(name) AS name, lower(name) LIKE ANY ($2) AS is_named
    FROM programme WHERE $1::bigint IS NULL OR plan_id = $1
), i AS MATERIALIZED (
    SELECT initiative_id, lower(i.name) AS name, lower(i.name) LIKE ANY ($2) AS is_named
    FROM initiative i JOIN p USING (programme_id)
)
SELECT m.milestone_id FROM milestone m JOIN p USING (programme_id) LEFT JOIN i USING (initiative_id)
WHERE m.gone_at IS NULL AND ($1 IS NULL OR m.plan_id = $1)
  AND (m.words LIKE ALL ($2)
       OR (p.is_named OR i.is_named) AND concat_ws(' ', m.words, p.name, i.name) LIKE ALL ($2))

-- name: milestone_changes
-- The changes of the milestone $1, the latest first.
SELECT milestone_id, content, before, actor, at FROM milestone_change
WHERE milestone_id = $1 ORDER BY change_id DESC

-- name: changes_since
-- The changes of the milestones of a plan since a moment, the latest first.
SELECT c.milestone_id, c.content, c.before, c.actor, c.at
FROM milestone_change c JOIN milestone m USING (milestone_id)
WHERE m.plan_id = $1 AND c.at >= $2 ORDER BY c.change_id DESC

-- name: lock_milestone
-- The values of a milestone as a change of it tells them, until the transaction ends.
SELECT to_jsonb(m) AS content FROM milestone m WHERE milestone_id = $1 FOR UPDATE

-- name: change_milestone
UPDATE milestone m SET
    (programme_id, initiative_id, section, rank, document_id, text, own_words, level, parent_id, year, quarter_from,
     quarter_to, quarter_as_written, is_inferred, quarter_confirmed_by, line_from, line_to, page, status, note,
     postponed_year, postponed_quarter, merged_into, owner_id, deputy_id, centre, is_political, decider,
     decision_before, fact, gone_at, follows, meeting_id)
    = (SELECT n.programme_id, n.initiative_id, n.section, n.rank, n.document_id, n.text, n.own_words, n.level,
              n.parent_id, n.year, n.quarter_from, n.quarter_to, n.quarter_as_written, n.is_inferred,
              n.quarter_confirmed_by, n.line_from, n.line_to, n.page, n.status, n.note, n.postponed_year,
              n.postponed_quarter, n.merged_into, n.owner_id, n.deputy_id, n.centre, n.is_political, n.decider,
              n.decision_before, n.fact, n.gone_at, n.follows,
              n.meeting_id
       FROM jsonb_populate_record(m, $2) n),
    said_at = CASE WHEN $3 THEN now() ELSE said_at END,
    revision = revision + 1
WHERE milestone_id = $1

-- name: record_change
INSERT INTO milestone_change (milestone_id, content, before, actor) VALUES ($1, $2, $3, $4)

-- name: stands_for
-- The milestones that stand for the milestone $1, one after the other: what it was merged into, and so on.
WITH RECURSIVE chain AS (
    SELECT merged_into FROM milestone WHERE milestone_id = $1
    UNION
    SELECT m.merged_into FROM chain c JOIN milestone m ON m.milestone_id = c.merged_into
)
SELECT merged_into FROM chain WHERE merged_into IS NOT NULL

-- name: facts
-- What the system knows to have come about; data is collected when it spans $1 days.
SELECT 'chips_installed' AS fact, count(*) > 0 AND count(*) = count(s.first_ts) AS holds, max(s.first_ts) AS at,
       count(s.first_ts) AS count
FROM device d JOIN vehicle v USING (vehicle_id) LEFT JOIN device_state s USING (device) WHERE in_fleet(v.retired_at)
UNION ALL
SELECT 'data_collected', coalesce(max(last_ts) >= min(first_ts) + make_interval(days => $1), false),
       min(first_ts) + make_interval(days => $1), coalesce(floor(extract(epoch FROM max(last_ts) - min(first_ts)) / 86400), 0)
FROM device_state
UNION ALL
SELECT 'fleet_unit', count(*) > 0, min(added_at), count(*) FROM account WHERE role = 'fleet_unit' AND closed_at IS NULL
UNION ALL
SELECT CASE n WHEN 1 THEN 'first_round' ELSE 'second_round' END, count(s.at) > 0, min(s.at), coalesce(sum(s.sent), 0)
FROM generate_series(1, 2) n LEFT JOIN (
    SELECT row_number() OVER (ORDER BY r.number) AS n, min(t.at) AS at, count(*) AS sent
    FROM talk_entry t JOIN proposal p USING (proposal_id) JOIN round r USING (round_id)
    WHERE t.kind = 'sending' GROUP BY r.number
) s USING (n)
GROUP BY n
UNION ALL
SELECT kind, count(r.report_id) > 0, min(r.made_at), count(r.report_id)
FROM unnest(ARRAY['evaluation', 'roll_out']) kind LEFT JOIN report r USING (kind)
GROUP BY kind

-- name: plan_of
SELECT plan_id FROM milestone WHERE milestone_id = $1

-- name: is_removed
-- Whether the plan of the milestone $1 was removed.
SELECT removed_at IS NOT NULL FROM milestone JOIN plan USING (plan_id) WHERE milestone_id = $1

-- name: decision_days
-- The days before which something is to be decided of milestones of all plans, or of the plan $1.
SELECT milestone_id, decision_before FROM milestone
WHERE decision_before IS NOT NULL AND gone_at IS NULL AND ($1::bigint IS NULL OR plan_id = $1)
