-- The prices of CO2e by depot, in kr. a tonne, at which the fleets are best that somebody chose on the
-- curve of an earlier version.
ALTER TABLE round ADD COLUMN chosen_prices jsonb;
