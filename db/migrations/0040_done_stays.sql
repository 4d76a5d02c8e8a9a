-- What is carried out stays decided while the register still has the vehicle as it was: nobody is asked again.
-- The number of the first round in which what was carried out in the round `done_in` is over: a vehicle that
-- was to leave is not in the register of that round (or stands elsewhere, if it was to move). Until then
-- nobody is asked again. What is about no vehicle that leaves is over in the next round.
CREATE FUNCTION done_until(of_key text, done_in integer) RETURNS integer STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN of_key ~ '^(dispose|replace|move):' THEN
        coalesce((
            SELECT min(r.number) FROM round r
            WHERE r.number > done_in
              AND (r.state = 'done' OR EXISTS (SELECT FROM round_register g WHERE g.round_id = r.round_id))
              AND NOT EXISTS (
                  SELECT FROM round v JOIN round_register g USING (round_id)
                  WHERE v.number = r.number AND g.subject = 'vehicle'
                    AND g.subject_id = substring(of_key FROM '^(?:dispose:|replace:|move:[^:]*:)(.*)$')
                    AND (of_key NOT LIKE 'move:%'
                         OR g.facts ->> 'depot_id' = (SELECT p.depot_id FROM proposal p JOIN round o USING (round_id)
                                                      WHERE p.key = of_key AND o.number <= done_in
                                                      ORDER BY p.round_id DESC LIMIT 1)))), 2147483647)
        ELSE done_in + 1 END
$$;

-- Whether the register has what a proposal of the depot `of_depot` changes in it: the vehicle is out of the
-- fleet, or at another depot. What is about no vehicle that leaves changes nothing in it.
CREATE FUNCTION register_follows(content jsonb, of_depot text) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN content ->> 'action' IN ('dispose', 'replace')
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = content ->> 'vehicle_id'
                                                     AND NOT in_fleet(v.retired_at))
                WHEN content ->> 'action' = 'move'
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = content ->> 'vehicle_id'
                                                     AND v.depot_id <> of_depot)
                ELSE true END
$$;

-- Whether a proposal with the same key proposes what was accepted: as `accepted_otherwise` of
-- `optimiser.rounds.decisions`.
CREATE FUNCTION proposes_same(content jsonb, accepted jsonb) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT content ->> 'new_kind' IS NOT DISTINCT FROM accepted ->> 'new_kind'
       AND (content ->> 'action' <> 'buy' OR content -> 'count' = accepted -> 'count')
       AND (content ->> 'action' <> 'pool' OR content -> 'departments' @> (accepted -> 'departments')
                                              AND content -> 'departments' <@ (accepted -> 'departments'))
$$;

CREATE OR REPLACE VIEW decision_in_force AS
WITH entry AS MATERIALIZED (
    SELECT change_id, key, number, verdict, comment, actor, at FROM decision
), given AS (
    SELECT key, number, max(change_id) FILTER (WHERE verdict <> 'question') AS verdict_id,
           max(change_id) AS last_id
    FROM entry GROUP BY key, number
), ending AS (
    SELECT g.*, CASE WHEN e.verdict = 'done' THEN done_until(g.key, g.number) END AS done_until,
           lead(g.number, 1, 2147483647) OVER (PARTITION BY g.key ORDER BY g.number) AS next_number
    FROM given g LEFT JOIN entry e ON e.change_id = g.verdict_id
), era AS (
    SELECT *, count(*) FILTER (WHERE done_until <= next_number) OVER (
               PARTITION BY key ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS era
    FROM ending
), standing AS (
    SELECT key, number AS first_number, next_number,
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
JOIN standing s ON r.number >= s.first_number AND r.number < s.next_number
LEFT JOIN entry e ON e.change_id = s.verdict_id
LEFT JOIN ending d ON d.verdict_id = s.verdict_id
JOIN entry l ON l.change_id = s.last_id
WHERE d.done_until IS NULL OR r.number < d.done_until;
ALTER VIEW decision_in_force SET (security_invoker = true);

-- The round whose verdicts stand on the page of a proposal of the round `of_number`: that one, and for the
-- last proposal of its key the latest round that is done, since people decide there; of what is delivered
-- the last round in which that it is done was in force.
CREATE OR REPLACE FUNCTION decided_as_of(of_key text, of_number integer) RETURNS integer STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM proposal p JOIN round r USING (round_id)
                             WHERE p.key = of_key AND r.number > of_number AND r.state = 'done')
           THEN of_number
           ELSE greatest(of_number, least(
               (SELECT max(number) FROM round WHERE state = 'done'),
               (SELECT CASE WHEN d.verdict = 'done' THEN done_until(of_key, d.number) - 1 END FROM decision d
                WHERE d.key = of_key AND d.verdict <> 'question' ORDER BY d.change_id DESC LIMIT 1))) END
$$;
