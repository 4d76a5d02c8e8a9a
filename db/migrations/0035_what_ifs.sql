-- What-ifs: named sets of changes (`optimiser.what_if.changes.Changes`) that are solved beside a version of a
-- round, which they never change. `depots` are solved, and `departments` had vehicles there. One is seen
-- by who asked it, and once it is shared also by the fleet unit and the heads of these departments. It
-- goes by itself unless somebody keeps it. `answer` is an `optimiser.what_if.answer.Answer`; it names no
-- vehicle and no day.
CREATE TABLE what_if (
    what_if_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id     bigint NOT NULL REFERENCES round,
    name         text NOT NULL CHECK (btrim(name) <> ''),
    depots       text[] NOT NULL CHECK (cardinality(depots) > 0),
    departments  text[] NOT NULL,
    changes      jsonb NOT NULL,
    asked_by     actor NOT NULL,
    -- NULL: a program, or a person at the machine itself.
    account_id   bigint REFERENCES account,
    asked_at     timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL DEFAULT 'queued'
                 CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- The parts of the round that it takes, and how many of them are solved.
    parts        integer NOT NULL,
    solved_parts integer NOT NULL DEFAULT 0,
    finished_at  timestamptz,
    -- The reason and the detail of its failure, as in `round`.
    reason       text NOT NULL DEFAULT '',
    detail       jsonb,
    answer       jsonb,
    kept_at      timestamptz,
    shared_at    timestamptz,
    thrown_at    timestamptz,
    -- It grows with each act, so that a person who acts on an older state is told.
    revision     integer NOT NULL DEFAULT 1
);
CREATE INDEX what_if_there ON what_if (what_if_id) WHERE thrown_at IS NULL;

-- The vehicles of which a what-if makes something else than its round: an `optimiser.what_if.answer.Outcome`
-- each.
CREATE TABLE what_if_vehicle (
    what_if_id bigint NOT NULL REFERENCES what_if,
    vehicle_id text NOT NULL REFERENCES vehicle,
    depot_id   text NOT NULL REFERENCES zone,
    in_round   jsonb NOT NULL,
    in_answer  jsonb NOT NULL,
    PRIMARY KEY (what_if_id, vehicle_id)
);

-- History: what people did with a what-if.
CREATE TABLE what_if_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what_if_id bigint NOT NULL REFERENCES what_if,
    content    jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX what_if_change_what_if ON what_if_change (what_if_id, change_id);
CREATE TRIGGER what_if_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON what_if_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT ON what_if, what_if_vehicle, what_if_change TO flaade_scoped;
ALTER TABLE what_if ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON what_if FOR SELECT TO flaade_scoped USING (
    shared_at IS NOT NULL AND thrown_at IS NULL AND departments && (SELECT scope_departments()));
ALTER TABLE what_if_vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON what_if_vehicle FOR SELECT TO flaade_scoped USING (
    what_if_id IN (SELECT what_if_id FROM what_if) AND vehicle_id = ANY ((SELECT scope_vehicles())::text[]));
ALTER TABLE what_if_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON what_if_change FOR SELECT TO flaade_scoped USING (
    what_if_id IN (SELECT what_if_id FROM what_if));
