-- Pages read a plan without the costs of other fleets, too, which only the moves between depots need.
ALTER TABLE round_part DROP COLUMN shown_plan;
ALTER TABLE round_part ADD COLUMN shown_plan jsonb
    GENERATED ALWAYS AS (part_plan || '{"fleet_plan": {}, "solved": [], "decisions": []}') STORED;
