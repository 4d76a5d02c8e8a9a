-- The round trips of one depot are found without those of all others: the picture of a day at a depot is
-- drawn while somebody waits.
CREATE INDEX round_trip_depot ON round_trip (depot_id, start_ts);
