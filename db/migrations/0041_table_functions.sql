-- Functions that each proposal of a page asks become parts of the statement that asks.
DROP FUNCTION register_follows(jsonb, text);
DROP FUNCTION decided_as_of(text, integer);

-- Whether the register has what a proposal of the depot `of_depot` changes in it: the vehicle is out of the
-- fleet, or at another depot. What is about no vehicle that leaves changes nothing in it.
-- It returns a table, for only so the planner makes it a part of the statement.
CREATE FUNCTION register_follows(content jsonb, of_depot text) RETURNS TABLE (follows boolean)
STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN content ->> 'action' IN ('dispose', 'replace')
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = content ->> 'vehicle_id'
                                                     AND NOT in_fleet(v.retired_at))
                WHEN content ->> 'action' = 'move'
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = content ->> 'vehicle_id'
                                                     AND v.depot_id <> of_depot)
                ELSE true END
$$;

-- The round whose verdicts stand on the page of a proposal of the round `of_number`: that one, and for the
-- last proposal of its key the latest round that is done, since people decide there; of what is delivered
-- the last round in which that it is done was in force.
-- It returns a table, for only so the planner makes it a part of the statement.
CREATE FUNCTION decided_as_of(of_key text, of_number integer) RETURNS TABLE (number integer)
STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM proposal p JOIN round r USING (round_id)
                             WHERE p.key = of_key AND r.number > of_number AND r.state = 'done')
           THEN of_number
           ELSE greatest(of_number, least(
               (SELECT max(l.number) FROM round l WHERE l.state = 'done'),
               (SELECT CASE WHEN d.verdict = 'done' THEN done_until(of_key, d.number) - 1 END FROM decision d
                WHERE d.key = of_key AND d.verdict <> 'question' ORDER BY d.change_id DESC LIMIT 1))) END
$$;
