-- Verdicts last over rounds, and a decision may be undecided again.
ALTER TABLE decision DROP CONSTRAINT decision_verdict_check;
ALTER TABLE decision ADD CONSTRAINT decision_verdict_check
    CHECK (verdict IN ('accepted', 'rejected', 'question', 'done', 'reopened'));
DROP VIEW decision_in_force;
-- Who and when stay the last columns.
ALTER TABLE decision RENAME COLUMN actor TO was_by;
ALTER TABLE decision RENAME COLUMN at TO was_at;
ALTER TABLE decision ADD COLUMN key text, ADD COLUMN number integer, ADD COLUMN actor actor,
    ADD COLUMN at timestamptz;
ALTER TABLE decision DISABLE TRIGGER decision_refuses_change;
UPDATE decision d SET key = p.key, number = r.number, actor = d.was_by, at = d.was_at
FROM proposal p JOIN round r USING (round_id) WHERE p.proposal_id = d.proposal_id;
ALTER TABLE decision ENABLE TRIGGER decision_refuses_change;
ALTER TABLE decision DROP COLUMN was_by, DROP COLUMN was_at;
ALTER TABLE decision ALTER COLUMN key SET NOT NULL, ALTER COLUMN number SET NOT NULL,
    ALTER COLUMN actor SET NOT NULL, ALTER COLUMN at SET NOT NULL, ALTER COLUMN at SET DEFAULT now();
CREATE INDEX decision_key ON decision (key, change_id);

-- The key of the proposal and the latest round at the time stand beside each verdict, as it holds in the
-- rounds from that one on.
CREATE FUNCTION name_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT p.key, greatest(r.number, (SELECT max(number) FROM round WHERE state = 'done'))
    INTO NEW.key, NEW.number
    FROM proposal p JOIN round r USING (round_id) WHERE p.proposal_id = NEW.proposal_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER decision_is_named BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION name_decision();

-- The verdict in force on each decision in each round, by the round in which people gave it. The last one
-- counts, on whichever version and in whichever round somebody gave it, with two ends: what was carried
-- out in an earlier round is over, so that its key is free again, and what was reopened is undecided.
-- A question is no verdict: the verdict before it stays in force, and the question is open (`asked`)
-- until a verdict follows it. An earlier round has the verdicts that stood at its end.
CREATE VIEW decision_in_force AS
WITH entry AS MATERIALIZED (
    SELECT change_id, key, number, verdict, comment, actor, at FROM decision
), given AS (
    SELECT key, number, max(change_id) FILTER (WHERE verdict <> 'question') AS verdict_id,
           max(change_id) AS last_id
    FROM entry GROUP BY key, number
), ending AS (
    SELECT g.*, coalesce(e.verdict = 'done', false) AS is_done,
           lead(g.number, 1, 2147483647) OVER (PARTITION BY g.key ORDER BY g.number) AS next_number
    FROM given g LEFT JOIN entry e ON e.change_id = g.verdict_id
), era AS (
    SELECT *, count(*) FILTER (WHERE is_done) OVER (
               PARTITION BY key ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS era
    FROM ending
), standing AS (
    SELECT key, number AS first_number, CASE WHEN is_done THEN number + 1 ELSE next_number END AS end_number,
           max(verdict_id) OVER (PARTITION BY key, era ORDER BY number) AS verdict_id, last_id
    FROM era
)
SELECT r.number, s.key, nullif(e.verdict, 'reopened') AS verdict,
       s.verdict_id IS DISTINCT FROM s.last_id AS asked, l.number AS asked_in,
       e.number AS decided_in, e.actor AS decided_by, e.at AS decided_at, e.comment
FROM (SELECT DISTINCT number FROM round) r
JOIN standing s ON r.number >= s.first_number AND r.number < s.end_number
LEFT JOIN entry e ON e.change_id = s.verdict_id
JOIN entry l ON l.change_id = s.last_id;
ALTER VIEW decision_in_force SET (security_invoker = true);
GRANT SELECT ON decision_in_force TO flaade_scoped;

-- The round whose verdicts stand on the page of a proposal of the round `of_number`: that one, and for the
-- last proposal of its key the latest round that is done, since people decide there.
CREATE FUNCTION decided_as_of(of_key text, of_number integer) RETURNS integer STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM proposal p JOIN round r USING (round_id)
                             WHERE p.key = of_key AND r.number > of_number AND r.state = 'done')
           THEN of_number ELSE greatest(of_number, (SELECT max(number) FROM round WHERE state = 'done')) END
$$;
