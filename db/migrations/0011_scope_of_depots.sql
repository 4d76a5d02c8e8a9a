-- The head of a department sees the depots of their own vehicles only, and no history of zones.

CREATE POLICY scope ON zone FOR SELECT TO flaade_scoped
    USING (kind <> 'depot' OR zone_id = ANY ((SELECT scope_sites())::text[]));
ALTER TABLE zone ENABLE ROW LEVEL SECURITY;

DROP POLICY scope ON register_change;
CREATE POLICY scope ON register_change FOR SELECT TO flaade_scoped
    USING (subject IN ('closing_day', 'municipality')
           OR subject = 'vehicle' AND subject_id = ANY ((SELECT scope_vehicles())::text[]));
