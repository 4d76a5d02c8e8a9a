-- A question is open until somebody answers it, or a verdict follows.
CREATE OR REPLACE VIEW decision_in_force WITH (security_invoker = true) AS
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
       s.verdict_id IS DISTINCT FROM s.last_id AND EXISTS (
           SELECT FROM decision q
           WHERE q.key = s.key AND q.verdict = 'question' AND q.change_id <= s.last_id
             AND q.change_id > coalesce((SELECT max(v.change_id) FROM decision v
                                         WHERE v.key = s.key AND v.verdict <> 'question'
                                           AND v.change_id <= s.last_id), 0)
             AND NOT EXISTS (SELECT FROM talk_entry t JOIN talk_entry a ON a.answers = t.change_id
                             WHERE t.decision_id = q.change_id)) AS asked,
       l.number AS asked_in,
       e.number AS decided_in, e.actor AS decided_by, e.at AS decided_at, e.comment
FROM (SELECT DISTINCT number FROM round) r
JOIN standing s ON r.number >= s.first_number AND r.number < s.end_number
LEFT JOIN entry e ON e.change_id = s.verdict_id
JOIN entry l ON l.change_id = s.last_id;
