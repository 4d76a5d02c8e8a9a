-- What follows from an accepted proposal: the decision `key` is to be carried out, as `proposal_id` proposes it.
-- `takes_hold` is the month from which it was promised to save. It is withdrawn when the acceptance
-- is no longer in force; what is done stays, and the key may be undertaken again.
CREATE TABLE undertaking (
    undertaking_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key          text NOT NULL,
    proposal_id  bigint NOT NULL REFERENCES proposal,
    accepted_at  timestamptz NOT NULL,
    accepted_by  actor NOT NULL,
    takes_hold   date NOT NULL CHECK (extract(day FROM takes_hold) = 1),
    done_at      timestamptz,
    withdrawn_at timestamptz,
    CHECK (num_nonnulls(done_at, withdrawn_at) <= 1)
);
CREATE UNIQUE INDEX undertaking_open ON undertaking (key) WHERE num_nonnulls(done_at, withdrawn_at) = 0;
CREATE INDEX undertaking_proposal ON undertaking (proposal_id);

-- The steps of an undertaking (`optimiser.ledger.steps.Step`), each with an owner and the day by which it is
-- to be done. `owner` is the name of an account or of a department; empty: nobody has it yet.
CREATE TABLE task (
    task_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    undertaking_id bigint NOT NULL REFERENCES undertaking,
    step           text NOT NULL,
    due            date NOT NULL,
    owner          text NOT NULL DEFAULT '',
    -- The account of that name; NULL: the owner is a department.
    owner_account  bigint REFERENCES account,
    note           text NOT NULL DEFAULT '',
    done_on        date,
    done_by        actor,
    -- It grows with each change, so that a person who changes an older state is told.
    revision       integer NOT NULL DEFAULT 1,
    UNIQUE (undertaking_id, step),
    CHECK (owner_account IS NULL OR owner <> ''),
    CHECK ((done_on IS NULL) = (done_by IS NULL))
);

-- History: what each change of a task set.
CREATE TABLE task_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id   bigint NOT NULL REFERENCES task,
    content   jsonb NOT NULL,
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX task_change_task ON task_change (task_id, change_id);
CREATE TRIGGER task_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON task_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Lists of journeys by taxi, hire or own car that were imported, with where they come from.
CREATE TABLE hired_list (
    list_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source      text NOT NULL CHECK (btrim(source) <> ''),
    imported_by actor NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now()
);

-- What such journeys of a department, or from a depot, came to in a month. No single journey is kept. A
-- later list takes the place of an earlier one.
CREATE TABLE hired_month (
    month      date NOT NULL CHECK (extract(day FROM month) = 1),
    means      text NOT NULL CHECK (means IN ('taxi', 'hire', 'own_car')),
    department text NOT NULL DEFAULT '',
    depot_id   text REFERENCES zone,
    journeys   integer CHECK (journeys >= 0),
    km         double precision CHECK (km >= 0),
    kr         double precision NOT NULL CHECK (kr >= 0),
    list_id    bigint NOT NULL REFERENCES hired_list,
    CHECK (department <> '' OR depot_id IS NOT NULL),
    UNIQUE NULLS NOT DISTINCT (month, means, department, depot_id)
);

GRANT SELECT ON undertaking, task, task_change, hired_list, hired_month TO flaade_scoped;
ALTER TABLE undertaking ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON undertaking FOR SELECT TO flaade_scoped USING (
    proposal_id IN (SELECT proposal_id FROM proposal));
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON task FOR SELECT TO flaade_scoped USING (
    undertaking_id IN (SELECT undertaking_id FROM undertaking));
ALTER TABLE task_change ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON task_change FOR SELECT TO flaade_scoped USING (
    task_id IN (SELECT task_id FROM task));
ALTER TABLE hired_month ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON hired_month FOR SELECT TO flaade_scoped USING (
    CASE WHEN department <> '' THEN department = ANY ((SELECT scope_departments())::text[])
    ELSE depot_id = ANY ((SELECT scope_depots())::text[]) END);
ALTER TABLE hired_list ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON hired_list FOR SELECT TO flaade_scoped USING (false);
