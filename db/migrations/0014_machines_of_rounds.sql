-- A round stores which vehicles it left out as machines. Of earlier rounds they are those of today's fleet,
-- as their pages said until now.
UPDATE round SET summary = summary || jsonb_build_object('machines', coalesce(
    (SELECT jsonb_agg(vehicle_id ORDER BY vehicle_id) FROM vehicle
     WHERE measured_in = 'hours' AND in_fleet(retired_at)), '[]'))
WHERE summary IS NOT NULL;
