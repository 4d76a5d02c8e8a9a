-- A depot may wait for its place: a list of vehicles names where they belong, and only somebody who looks
-- at a map, or the nights of the vehicles, tell where that is.
ALTER TABLE zone ALTER COLUMN lat DROP NOT NULL;
ALTER TABLE zone ALTER COLUMN lon DROP NOT NULL;
ALTER TABLE zone DROP CONSTRAINT zone_shape;
ALTER TABLE zone ADD CONSTRAINT zone_shape CHECK (
    CASE WHEN lat IS NULL
         THEN kind = 'depot' AND num_nonnulls(lon, radius_m, polygon) = 0
         ELSE lon IS NOT NULL AND (radius_m IS NULL) <> (polygon IS NULL) END
);
