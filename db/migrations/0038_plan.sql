-- The plan's tables are made anew, with what they hold today: one programme of nine milestones was all that they
-- were for.
CREATE TEMPORARY TABLE was_programme ON COMMIT DROP AS SELECT * FROM programme;
CREATE TEMPORARY TABLE was_initiative ON COMMIT DROP AS SELECT * FROM initiative;
CREATE TEMPORARY TABLE was_milestone ON COMMIT DROP AS SELECT * FROM milestone;
CREATE TEMPORARY TABLE was_milestone_change ON COMMIT DROP AS SELECT * FROM milestone_change;
DROP TABLE milestone_change, milestone, initiative, programme;

-- A plan of a year, as a document tells it. `title` is the document's own, `name` what people call it.
CREATE TABLE plan (
    plan_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL DEFAULT '',
    title      text,
    year       integer CHECK (year BETWEEN 1990 AND 2200),
    -- The policies that the plan serves.
    policies   text[] NOT NULL DEFAULT '{}',
    -- What the importer could not place: `tracker.importer.plan_file`.
    not_placed jsonb NOT NULL DEFAULT '[]',
    -- It came with the system: nobody has confirmed it, and nothing in it is late before somebody takes it.
    is_shipped boolean NOT NULL DEFAULT false,
    -- The plan of the year before, of which it goes on.
    follows    bigint REFERENCES plan,
    revision   integer NOT NULL DEFAULT 1
);

-- History: the documents that people confirmed, each as the importer read it and they corrected it. The last
-- one of a plan is that to whose lines and pages its milestones point.
CREATE TABLE plan_reading (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id   bigint NOT NULL REFERENCES plan,
    file_name text NOT NULL,
    -- SHA-256 of the document, in hexadecimal digits.
    digest    text NOT NULL,
    content   jsonb NOT NULL,
    actor     actor NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_reading_plan ON plan_reading (plan_id, change_id);
CREATE TRIGGER plan_reading_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_reading
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who has a part in a plan, with an account or without. Who left keeps what was theirs until somebody gives it
-- to another.
CREATE TABLE plan_contact (
    contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (btrim(name) <> ''),
    email      text NOT NULL DEFAULT '',
    centre     text NOT NULL DEFAULT '',
    account_id bigint UNIQUE REFERENCES account,
    left_at    timestamptz,
    -- The last time that the person said something of a milestone.
    heard_at   timestamptz,
    revision   integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX plan_contact_person ON plan_contact (lower(name), lower(email));

-- The numbers in the ids of programmes, initiatives and milestones that do not come with the system.
CREATE SEQUENCE plan_part_number;

CREATE TABLE programme (
    programme_id      text PRIMARY KEY DEFAULT 'p' || nextval('plan_part_number'),
    plan_id           bigint NOT NULL REFERENCES plan,
    rank              integer NOT NULL,
    -- As the document has it, such as 4.1; '' where it has none.
    number            text NOT NULL DEFAULT '',
    name              text NOT NULL,
    purpose           text NOT NULL DEFAULT '',
    success_criteria  text[] NOT NULL DEFAULT '{}',
    partners_internal text NOT NULL DEFAULT '',
    partners_external text NOT NULL DEFAULT '',
    -- The document names it. One that is not stands for a section whose programme the document does not tell.
    is_written        boolean NOT NULL DEFAULT true,
    -- A reading without it was confirmed then.
    gone_at           timestamptz,
    revision          integer NOT NULL DEFAULT 1
);
CREATE INDEX programme_plan ON programme (plan_id, rank);

-- The work that a programme may use, by centre, '' where none is named. `aarsvaerk`: years of work of one
-- person; NULL: a share without a number.
CREATE TABLE programme_resource (
    programme_id text NOT NULL REFERENCES programme,
    rank         integer NOT NULL,
    centre       text NOT NULL,
    aarsvaerk    double precision CHECK (aarsvaerk >= 0),
    PRIMARY KEY (programme_id, rank)
);

CREATE TABLE initiative (
    initiative_id text PRIMARY KEY DEFAULT 'i' || nextval('plan_part_number'),
    programme_id  text NOT NULL REFERENCES programme,
    name          text NOT NULL,
    rank          integer NOT NULL,
    -- The number of its heading, or the heading itself where headings have none.
    section       text NOT NULL DEFAULT '',
    gone_at       timestamptz
);
CREATE INDEX initiative_programme ON initiative (programme_id, rank);

-- The product computes from the quarter whether a milestone is late, and does not store it.
CREATE TABLE milestone (
    milestone_id  text PRIMARY KEY DEFAULT 'm' || nextval('plan_part_number'),
    plan_id       bigint NOT NULL REFERENCES plan,
    programme_id  text NOT NULL REFERENCES programme,
    -- NULL: it stands in its programme itself.
    initiative_id text REFERENCES initiative,
    section       text NOT NULL DEFAULT '',
    rank          integer NOT NULL,
    -- Its id in the file of the plan.
    document_id   text NOT NULL,
    -- The words of the document, and what people call it in short; '': nothing else.
    text          text NOT NULL CHECK (btrim(text) <> ''),
    own_words     text NOT NULL DEFAULT '',
    level         text NOT NULL DEFAULT 'top' CHECK (level IN ('top', 'sub')),
    parent_id     text REFERENCES milestone,
    year          integer CHECK (year BETWEEN 1990 AND 2200),
    quarter_from  integer CHECK (quarter_from BETWEEN 1 AND 4),
    quarter_to    integer CHECK (quarter_to BETWEEN 1 AND 4),
    quarter_as_written text,
    -- The document had lost the quarter's number, and who confirmed the one that was inferred.
    is_inferred   boolean NOT NULL DEFAULT false,
    quarter_confirmed_by actor,
    line_from     integer,
    line_to       integer,
    page          integer,
    status        text NOT NULL DEFAULT 'not_started'
                  CHECK (status IN ('not_started', 'in_progress', 'done', 'postponed', 'merged', 'dropped')),
    note          text NOT NULL DEFAULT '',
    -- It is due in another quarter than the plan has.
    postponed_year    integer CHECK (postponed_year BETWEEN 1990 AND 2200),
    postponed_quarter integer CHECK (postponed_quarter BETWEEN 1 AND 4),
    merged_into   text REFERENCES milestone,
    -- The last time that somebody said how far it is; NULL: nobody has yet.
    said_at       timestamptz,
    owner_id      bigint REFERENCES plan_contact,
    deputy_id     bigint REFERENCES plan_contact,
    centre        text NOT NULL DEFAULT '',
    is_political  boolean NOT NULL DEFAULT false,
    -- Who is to decide something of it, and before which day; '': no decision is needed.
    decider       text NOT NULL DEFAULT '',
    decision_before date,
    -- The fact of the system that answers it (`tracker.facts.Fact`).
    fact          text,
    -- A reading without it was confirmed then.
    gone_at       timestamptz,
    -- The milestone of the year before that it goes on from.
    follows       text REFERENCES milestone,
    -- It grows with each change, so that a person who changes an older state is told.
    revision      integer NOT NULL DEFAULT 1,
    UNIQUE (plan_id, document_id) DEFERRABLE INITIALLY DEFERRED,
    CHECK (num_nonnulls(quarter_from, quarter_to) IN (0, 2) AND quarter_from <= quarter_to),
    CHECK (num_nonnulls(postponed_year, postponed_quarter) IN (0, 2)),
    CHECK (status <> 'postponed' OR postponed_year IS NOT NULL),
    CHECK ((status = 'merged') = (merged_into IS NOT NULL) AND merged_into <> milestone_id),
    CHECK (status <> 'dropped' OR btrim(note) <> ''),
    CHECK (decider <> '' OR decision_before IS NULL)
);
CREATE INDEX milestone_plan ON milestone (plan_id, rank);
CREATE INDEX milestone_programme ON milestone (programme_id);
CREATE INDEX milestone_owner ON milestone (owner_id) WHERE owner_id IS NOT NULL;
CREATE INDEX milestone_deputy ON milestone (deputy_id) WHERE deputy_id IS NOT NULL;

-- History: what each change of a milestone set, and what stood there before. By `before`, what held on an
-- earlier day is known.
CREATE TABLE milestone_change (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    milestone_id text NOT NULL REFERENCES milestone,
    content      jsonb NOT NULL,
    before       jsonb NOT NULL,
    actor        actor NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX milestone_change_milestone ON milestone_change (milestone_id, change_id);
CREATE INDEX milestone_change_at ON milestone_change (at);
CREATE TRIGGER milestone_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON milestone_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The same matter through the quarters. One whose milestones have the same words recurs.
CREATE TABLE strand (
    strand_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id   bigint NOT NULL REFERENCES plan,
    rank      integer NOT NULL,
    section   text NOT NULL DEFAULT '',
    title     text NOT NULL
);
CREATE INDEX strand_plan ON strand (plan_id, rank);

CREATE TABLE strand_member (
    strand_id    bigint NOT NULL REFERENCES strand ON DELETE CASCADE,
    rank         integer NOT NULL,
    milestone_id text NOT NULL REFERENCES milestone,
    PRIMARY KEY (strand_id, rank),
    UNIQUE (strand_id, milestone_id)
);
CREATE INDEX strand_member_milestone ON strand_member (milestone_id);

-- By what a programme or a milestone is measured: `tracker.indicators`. `scale` are the agreed words, the
-- lowest first, of an indicator that is not counted; its values are their numbers from 1.
CREATE TABLE indicator (
    indicator_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id text REFERENCES programme,
    milestone_id text REFERENCES milestone,
    name         text NOT NULL CHECK (btrim(name) <> ''),
    kind         text NOT NULL CHECK (kind IN ('output', 'outcome', 'impact')),
    scale        text[] NOT NULL DEFAULT '{}',
    unit         text NOT NULL DEFAULT '',
    target       double precision,
    target_day   date,
    source       text NOT NULL DEFAULT '',
    -- The figure of the system that it reads (`tracker.figures.Figure`); NULL: people say its values.
    figure       text,
    removed_at   timestamptz,
    revision     integer NOT NULL DEFAULT 1,
    CHECK (num_nonnulls(programme_id, milestone_id) = 1),
    CHECK (target IS NOT NULL OR target_day IS NULL),
    CHECK (figure IS NULL OR scale = '{}')
);
CREATE INDEX indicator_programme ON indicator (programme_id) WHERE programme_id IS NOT NULL;
CREATE INDEX indicator_milestone ON indicator (milestone_id) WHERE milestone_id IS NOT NULL;

-- History: the values of an indicator. The last row of a day is in force; without a value there is none.
CREATE TABLE indicator_value (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    indicator_id bigint NOT NULL REFERENCES indicator,
    day          date NOT NULL,
    value        double precision,
    source       text NOT NULL DEFAULT '',
    -- How good the value is, in words.
    quality      text NOT NULL DEFAULT '',
    actor        actor NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX indicator_value_day ON indicator_value (indicator_id, day, change_id DESC);
CREATE TRIGGER indicator_value_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON indicator_value
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- History: the changes of a plan, its programmes, initiatives, strands and indicators.
CREATE TABLE plan_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id    bigint NOT NULL REFERENCES plan,
    subject    text NOT NULL CHECK (subject IN ('plan', 'programme', 'initiative', 'strand', 'indicator')),
    subject_id text NOT NULL,
    content    jsonb NOT NULL,
    before     jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_change_plan ON plan_change (plan_id, change_id);
CREATE TRIGGER plan_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO plan (year, is_shipped)
SELECT min(year), true FROM was_milestone HAVING count(*) > 0;

INSERT INTO programme (programme_id, plan_id, rank, name, purpose)
SELECT p.programme_id, (SELECT min(plan_id) FROM plan), row_number() OVER (ORDER BY p.programme_id), p.name, p.purpose
FROM was_programme p WHERE EXISTS (SELECT FROM plan);

INSERT INTO initiative (initiative_id, programme_id, name, rank)
SELECT i.initiative_id, i.programme_id, i.name, i.rank FROM was_initiative i JOIN programme USING (programme_id);

INSERT INTO milestone (milestone_id, plan_id, programme_id, initiative_id, rank, document_id, text, year,
                       quarter_from, quarter_to, status, note, said_at, fact)
SELECT m.milestone_id, p.plan_id, p.programme_id, m.initiative_id, m.rank, m.milestone_id, m.title, m.year,
       m.quarter, m.quarter, m.status, m.note,
       (SELECT max(at) FROM was_milestone_change c WHERE c.milestone_id = m.milestone_id),
       CASE WHEN p.programme_id = 'flaadestyring' THEN
           CASE m.milestone_id WHEN 'chips' THEN 'chips_installed' WHEN 'dataindsamling' THEN 'data_collected'
                               WHEN 'enhed' THEN 'fleet_unit' WHEN 'forslag-1' THEN 'first_round'
                               WHEN 'forslag-2' THEN 'second_round' WHEN 'evaluering' THEN 'evaluation'
                               WHEN 'udrulning' THEN 'roll_out' END END
FROM was_milestone m JOIN initiative i USING (initiative_id) JOIN programme p USING (programme_id);

INSERT INTO milestone_change (milestone_id, content, before, actor, at)
SELECT milestone_id, jsonb_build_object('status', status, 'note', note),
       jsonb_build_object('status', lag(status, 1, 'not_started') OVER own, 'note', lag(note, 1, '') OVER own),
       actor, at
FROM was_milestone_change
WINDOW own AS (PARTITION BY milestone_id ORDER BY change_id)
ORDER BY change_id;

GRANT SELECT ON plan, plan_reading, programme, programme_resource, initiative, milestone, milestone_change, strand,
    strand_member, indicator, indicator_value, plan_change TO flaade_scoped;
GRANT SELECT (contact_id, name, centre, account_id, left_at, heard_at, revision) ON plan_contact TO flaade_scoped;
