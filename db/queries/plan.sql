-- name: add_programme
INSERT INTO programme (programme_id, name, purpose) VALUES ($1, $2, $3)
ON CONFLICT (programme_id) DO NOTHING

-- name: add_initiative
INSERT INTO initiative (initiative_id, programme_id, name, rank) VALUES ($1, $2, $3, $4)
ON CONFLICT (initiative_id) DO NOTHING

-- name: add_milestone
INSERT INTO milestone (milestone_id, initiative_id, year, quarter, rank, title)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (milestone_id) DO NOTHING

-- name: milestones
-- All milestones of the plan, or the one with the id $1.
SELECT m.milestone_id, m.title, m.year, m.quarter, m.status, m.note, i.name AS initiative,
       p.programme_id, p.name AS programme, p.purpose,
       EXISTS (SELECT FROM milestone_change JOIN milestone USING (milestone_id)
               JOIN initiative own USING (initiative_id)
               WHERE own.programme_id = p.programme_id) AS is_taken
FROM milestone m JOIN initiative i USING (initiative_id) JOIN programme p USING (programme_id)
WHERE $1::text IS NULL OR m.milestone_id = $1
ORDER BY p.programme_id, m.year, m.quarter, i.rank, m.rank

-- name: milestone_changes
SELECT status, note, actor, at FROM milestone_change
WHERE milestone_id = $1 ORDER BY change_id DESC

-- name: milestone_now
SELECT status, note FROM milestone WHERE milestone_id = $1 FOR UPDATE

-- name: change_milestone
WITH changed AS (
    UPDATE milestone SET status = $2, note = $3 WHERE milestone_id = $1 RETURNING milestone_id
)
INSERT INTO milestone_change (milestone_id, status, note, actor)
SELECT milestone_id, $2, $3, $4 FROM changed
RETURNING milestone_id
