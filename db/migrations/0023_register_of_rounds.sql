-- What the register had of each vehicle of the fleet and of each depot when a version of a round was
-- calculated, so that a later one can tell what was changed. `facts` of a depot is its charge points.
CREATE TABLE round_register (
    round_id   bigint NOT NULL REFERENCES round ON DELETE CASCADE,
    subject    text NOT NULL CHECK (subject IN ('vehicle', 'depot')),
    subject_id text NOT NULL,
    facts      jsonb NOT NULL,
    PRIMARY KEY (round_id, subject, subject_id)
);
GRANT SELECT ON round_register TO flaade_scoped;
ALTER TABLE round_register ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON round_register FOR SELECT TO flaade_scoped USING (
    CASE subject WHEN 'vehicle' THEN subject_id = ANY ((SELECT scope_vehicles())::text[])
    ELSE subject_id = ANY ((SELECT scope_sites())::text[]) END);
