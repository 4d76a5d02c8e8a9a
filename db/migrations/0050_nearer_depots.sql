-- Where two depots overlap, the one whose middle is nearer holds a trip's end. So the round trips of
-- all devices are detected again if two depots may overlap; an outline counts as a wide circle.
UPDATE device_state s SET round_trips_from = least(s.round_trips_from, t.since)
FROM (SELECT device, min(start_ts) AS since FROM trip GROUP BY device) t
WHERE s.device = t.device
  AND EXISTS (SELECT FROM depot one JOIN depot other ON one.depot_id < other.depot_id
              WHERE one.lat IS NOT NULL AND other.lat IS NOT NULL
                AND 111000 * sqrt((one.lat - other.lat) ^ 2
                                  + ((one.lon - other.lon) * cos(radians(one.lat))) ^ 2)
                    < coalesce(one.radius_m, 2000) + coalesce(other.radius_m, 2000));
