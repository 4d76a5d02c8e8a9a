-- What a vehicle brings if it is sold today, and what leaving its contract today costs beside its rent.
ALTER TABLE vehicle ADD COLUMN sale_value_kr double precision CHECK (sale_value_kr >= 0);
ALTER TABLE vehicle ADD COLUMN exit_cost_kr double precision CHECK (exit_cost_kr >= 0);

-- How many charge points a depot has already; NULL: those that its electric vehicles of today use.
ALTER TABLE zone ADD COLUMN charge_points integer CHECK (charge_points >= 0);
CREATE OR REPLACE VIEW depot AS
    SELECT zone_id AS depot_id, name, lat, lon, radius_m, charge_points FROM zone WHERE kind = 'depot';
ALTER VIEW depot SET (security_invoker = true);
