-- Pages read a plan without what only studies and proposals tell, several times each.
ALTER TABLE round_part ADD COLUMN shown_plan jsonb
    GENERATED ALWAYS AS (part_plan || '{"fleet_plan": {}, "decisions": []}') STORED;
