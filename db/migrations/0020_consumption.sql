-- What the trackers told of the battery and of the tank during a trip: the level at the first and the
-- last reading in per cent, and the km between the two; NULL where too little was told, or where the
-- vehicle was charged or filled meanwhile. `levels_read` is false until the worker looked.
ALTER TABLE trip ADD COLUMN levels_read boolean NOT NULL DEFAULT false;
ALTER TABLE trip ADD COLUMN battery_from_pct double precision;
ALTER TABLE trip ADD COLUMN battery_to_pct double precision;
ALTER TABLE trip ADD COLUMN battery_km double precision;
ALTER TABLE trip ADD COLUMN tank_from_pct double precision;
ALTER TABLE trip ADD COLUMN tank_to_pct double precision;
ALTER TABLE trip ADD COLUMN tank_km double precision;
CREATE INDEX trip_unread ON trip (start_ts) WHERE NOT levels_read;

-- What the vehicles of a kind used of a full battery or tank in the months of the last year, and the km
-- that they drove on it.
CREATE TABLE kind_consumption (
    kind  text NOT NULL REFERENCES vehicle_kind ON DELETE CASCADE,
    level text NOT NULL CHECK (level IN ('battery', 'tank')),
    month smallint NOT NULL CHECK (month BETWEEN 1 AND 12),
    km    double precision NOT NULL,
    pct   double precision NOT NULL,
    trips integer NOT NULL,
    PRIMARY KEY (kind, level, month)
);
GRANT SELECT ON kind_consumption TO flaade_scoped;
