-- History: the principles of purchase and disposal as the municipality changed them. Where it changed
-- none, those of `optimiser/purchases/principles.toml` hold.
CREATE TABLE purchase_principle (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- A value of `optimiser.purchases.principles.Principle`, which says what the figure is.
    principle text NOT NULL,
    text_da   text NOT NULL,
    text_en   text NOT NULL,
    figure    double precision NOT NULL CHECK (figure >= 0),
    from_year integer NOT NULL,
    in_force  boolean NOT NULL,
    source    text NOT NULL CHECK (btrim(source) <> ''),
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX purchase_principle_latest ON purchase_principle (principle, change_id DESC);
CREATE TRIGGER purchase_principle_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_principle
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What departments ask for, and how the fleet unit answered. `checked` is what the principles said of it
-- on the day of the answer, in codes and figures, and names no vehicle of another department.
CREATE TABLE vehicle_request (
    request_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    department  text NOT NULL CHECK (department <> ''),
    depot_id    text NOT NULL REFERENCES zone,
    -- NULL: any kind that offers `needs`.
    kind        text REFERENCES vehicle_kind,
    needs       text[] NOT NULL DEFAULT '{}',
    energy      text NOT NULL,
    wanted_from date NOT NULL,
    days_week   double precision NOT NULL CHECK (days_week > 0 AND days_week <= 7),
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    -- The vehicle in whose place it comes.
    replaces    text REFERENCES vehicle,
    asked_by    actor NOT NULL,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    state       text NOT NULL DEFAULT 'open'
                CHECK (state IN ('open', 'approved', 'offered', 'refused', 'withdrawn')),
    answer      text NOT NULL DEFAULT '',
    principle   text,
    -- The energy that was approved, and why it is none that is green.
    approved_energy text,
    not_green   text NOT NULL DEFAULT '',
    -- The vehicle that was offered, with its name and the name of its depot: who asked may not see it.
    offered     text REFERENCES vehicle,
    offered_name text NOT NULL DEFAULT '',
    offered_depot text NOT NULL DEFAULT '',
    checked     jsonb,
    answered_by actor,
    answered_at timestamptz,
    -- It grows with each change, so that two people do not answer one request.
    revision    integer NOT NULL DEFAULT 1,
    CONSTRAINT whole_answer CHECK ((answered_by IS NULL) = (answered_at IS NULL)
        AND (answered_by IS NULL) = (state = 'open')),
    CONSTRAINT offered_vehicle CHECK ((state = 'offered') = (offered IS NOT NULL)),
    CONSTRAINT approved_with_energy CHECK ((state = 'approved') = (approved_energy IS NOT NULL))
);
CREATE INDEX vehicle_request_state ON vehicle_request (state, request_id);

-- History: what each change of a request set.
CREATE TABLE vehicle_request_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id bigint NOT NULL REFERENCES vehicle_request,
    content    jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vehicle_request_change_request ON vehicle_request_change (request_id, change_id);
CREATE TRIGGER vehicle_request_change_refuses_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON vehicle_request_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The vehicles that were bought or leased. `energy` is the one that its kind had then.
CREATE TABLE purchase (
    purchase_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The request that it answers; NULL: it was recorded by itself.
    request_id   bigint REFERENCES vehicle_request,
    bought_on    date NOT NULL,
    -- NULL: it is not in the register of vehicles yet.
    vehicle_id   text REFERENCES vehicle,
    kind         text NOT NULL REFERENCES vehicle_kind,
    energy       text NOT NULL,
    department   text NOT NULL CHECK (department <> ''),
    price_kr     double precision CHECK (price_kr >= 0),
    lease_kr_year double precision CHECK (lease_kr_year >= 0),
    principle    text NOT NULL,
    reason       text NOT NULL CHECK (btrim(reason) <> ''),
    -- Why it runs on nothing green; empty where it does.
    not_green    text NOT NULL DEFAULT '',
    recorded_by  actor NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    -- Why it counts no more: it was recorded in error, or given back.
    withdrawn    text NOT NULL DEFAULT '',
    revision     integer NOT NULL DEFAULT 1,
    CONSTRAINT price_or_lease CHECK (num_nonnulls(price_kr, lease_kr_year) = 1)
);
CREATE UNIQUE INDEX purchase_request ON purchase (request_id) WHERE withdrawn = '';
CREATE UNIQUE INDEX purchase_vehicle ON purchase (vehicle_id) WHERE withdrawn = '';

-- History: what each change of a purchase set.
CREATE TABLE purchase_change (
    change_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_id bigint NOT NULL REFERENCES purchase,
    content     jsonb NOT NULL,
    actor       actor NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX purchase_change_purchase ON purchase_change (purchase_id, change_id);
CREATE TRIGGER purchase_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON purchase_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: by which principle vehicles left the fleet. That they left is told by the register.
CREATE TABLE disposal_reason (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id text NOT NULL REFERENCES vehicle,
    principle  text NOT NULL,
    reason     text NOT NULL CHECK (btrim(reason) <> ''),
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX disposal_reason_vehicle ON disposal_reason (vehicle_id, change_id DESC);
CREATE TRIGGER disposal_reason_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON disposal_reason
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT ON purchase_principle, vehicle_request, vehicle_request_change, purchase, purchase_change,
    disposal_reason TO flaade_scoped;
ALTER TABLE vehicle_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON vehicle_request FOR SELECT TO flaade_scoped USING (
    department = ANY ((SELECT scope_departments())::text[]));
ALTER TABLE vehicle_request_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON vehicle_request_change FOR SELECT TO flaade_scoped USING (
    request_id IN (SELECT request_id FROM vehicle_request));
ALTER TABLE purchase ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON purchase FOR SELECT TO flaade_scoped USING (
    department = ANY ((SELECT scope_departments())::text[]));
ALTER TABLE purchase_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON purchase_change FOR SELECT TO flaade_scoped USING (
    purchase_id IN (SELECT purchase_id FROM purchase));
ALTER TABLE disposal_reason ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON disposal_reason FOR SELECT TO flaade_scoped USING (
    vehicle_id = ANY ((SELECT scope_vehicles())::text[]));
