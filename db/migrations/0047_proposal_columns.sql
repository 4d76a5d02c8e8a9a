-- What statements ask of proposals most stands beside the content, which is not unpacked for it.
ALTER TABLE proposal
    ADD COLUMN action      text GENERATED ALWAYS AS (content ->> 'action') STORED,
    ADD COLUMN vehicle_id  text GENERATED ALWAYS AS (content ->> 'vehicle_id') STORED,
    ADD COLUMN to_depot_id text GENERATED ALWAYS AS (content #>> '{arrival,depot_id}') STORED;

DROP FUNCTION register_follows(jsonb, text);

-- Whether the register has what a proposal of the depot `of_depot` changes in it: the vehicle is out of the
-- fleet, or at another depot. What is about no vehicle that leaves changes nothing in it.
-- It returns a table, for only so the planner makes it a part of the statement.
CREATE FUNCTION register_follows(of_action text, of_vehicle text, of_depot text)
RETURNS TABLE (follows boolean) STABLE LANGUAGE sql AS $$
    SELECT CASE WHEN of_action IN ('dispose', 'replace')
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = of_vehicle AND NOT in_fleet(v.retired_at))
                WHEN of_action = 'move'
                THEN EXISTS (SELECT FROM vehicle v WHERE v.vehicle_id = of_vehicle AND v.depot_id <> of_depot)
                ELSE true END
$$;
