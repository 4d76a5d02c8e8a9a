-- The night's trial: what the fleet that a round proposes would have done on a real day of a depot. `round_id` is
-- the version that was in force then; `unknown` are the vehicles of which it is not known whether they drove.
-- `digest` is a fingerprint of all that the trial rests on: when that changes, the day is tried again.
CREATE TABLE trial_day (
    depot_id      text NOT NULL REFERENCES zone,
    day           date NOT NULL,
    round_id      bigint NOT NULL REFERENCES round,
    vehicles      integer NOT NULL CHECK (vehicles >= 0),
    trips         integer NOT NULL CHECK (trips >= 0),
    km            double precision NOT NULL CHECK (km >= 0),
    missed        integer NOT NULL CHECK (missed BETWEEN 0 AND trips),
    missed_km     double precision NOT NULL,
    missed_kr     double precision NOT NULL,
    missed_co2_kg double precision NOT NULL,
    unknown       text[] NOT NULL,
    digest        text NOT NULL,
    tried_at      timestamptz NOT NULL DEFAULT now(),
    -- The one definition of how a day went: `optimiser.trial.day.DayState`.
    state         text GENERATED ALWAYS AS (CASE WHEN missed > 0 THEN 'missed' WHEN unknown <> '{}' THEN 'unknown'
                                                 WHEN trips = 0 THEN 'still' ELSE 'coped' END) STORED,
    PRIMARY KEY (depot_id, day)
);
CREATE INDEX trial_day_round ON trial_day (round_id);

-- A round trip of such a day for which the proposed fleet had no vehicle, and what it would have cost by taxi,
-- hire or own car. It is known by its number, which tells nothing when the trip is gone.
CREATE TABLE trial_miss (
    depot_id    text NOT NULL,
    day         date NOT NULL,
    trip_number bigint NOT NULL,
    reason      text NOT NULL,
    km          double precision NOT NULL,
    kr          double precision NOT NULL,
    co2_kg      double precision NOT NULL,
    -- The rules of the round do not let it go by taxi.
    own_only    boolean NOT NULL,
    PRIMARY KEY (depot_id, day, trip_number),
    FOREIGN KEY (depot_id, day) REFERENCES trial_day ON DELETE CASCADE
);

GRANT SELECT ON trial_day, trial_miss TO flaade_scoped;
ALTER TABLE trial_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON trial_day FOR SELECT TO flaade_scoped USING (
    depot_id = ANY ((SELECT scope_depots())::text[]));
ALTER TABLE trial_miss ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON trial_miss FOR SELECT TO flaade_scoped USING (
    EXISTS (SELECT FROM round_trip t WHERE t.trip_number = trial_miss.trip_number));

-- Deletes the days in `gone` of a vehicle and its depots from all rounds.
CREATE OR REPLACE FUNCTION forget_days(of_vehicle text, gone datemultirange) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE proposal SET content = content || jsonb_build_object(
        'tight_days', without_days(content -> 'tight_days', gone))
    WHERE (round_id, depot_id) IN (SELECT round_id, depot_id FROM proposal
                                   WHERE content ->> 'vehicle_id' = of_vehicle)
      AND content -> 'tight_days' <> without_days(content -> 'tight_days', gone);
    UPDATE round_part p SET part_plan = part_plan_without_days(part_plan, of_vehicle, gone)
    FROM round r
    WHERE r.round_id = p.round_id
      -- A trip that begins in the period of the round may end after it.
      AND daterange(r.period_first, r.period_last + 60) && gone
      AND part_plan -> 'decisions' @> jsonb_build_array(jsonb_build_object('vehicle_id', of_vehicle));
    -- The worker tries these days again, without the trips that are gone.
    DELETE FROM trial_day
    WHERE day <@ gone AND depot_id IN (SELECT depot_id FROM vehicle WHERE vehicle_id = of_vehicle
                                       UNION SELECT depot_id FROM proposal
                                       WHERE content ->> 'vehicle_id' = of_vehicle);
END
$$;
