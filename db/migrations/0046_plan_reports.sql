-- Plans get reports of their quarters, meetings at which milestones are decided on, and calendars to subscribe to.
ALTER TABLE report DROP CONSTRAINT report_kind_check;
ALTER TABLE report ADD CONSTRAINT report_kind_check CHECK (kind IN ('round', 'evaluation', 'roll_out', 'status'));
ALTER TABLE report ADD COLUMN plan_id bigint;
ALTER TABLE report ADD COLUMN quarter date;
ALTER TABLE report ADD CONSTRAINT report_of_plan CHECK (
    (kind = 'status') = (plan_id IS NOT NULL) AND (plan_id IS NULL) = (quarter IS NULL));

CREATE TABLE plan_meeting (
    meeting_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    committee  text NOT NULL CHECK (btrim(committee) <> ''),
    day        date NOT NULL,
    removed_at timestamptz,
    revision   integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX plan_meeting_of_day ON plan_meeting (lower(committee), day) WHERE removed_at IS NULL;

CREATE TABLE plan_meeting_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    meeting_id bigint NOT NULL REFERENCES plan_meeting,
    content    jsonb NOT NULL,
    before     jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX plan_meeting_change_meeting ON plan_meeting_change (meeting_id, change_id);
CREATE TRIGGER plan_meeting_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_meeting_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE milestone ADD COLUMN meeting_id bigint REFERENCES plan_meeting;
CREATE INDEX milestone_meeting ON milestone (meeting_id) WHERE meeting_id IS NOT NULL;

CREATE TABLE plan_calendar (
    calendar_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE,
    plan_id      bigint NOT NULL REFERENCES plan,
    label        text NOT NULL CHECK (btrim(label) <> ''),
    language     text NOT NULL,
    shows_owners boolean NOT NULL,
    made_by      actor NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    ended_at     timestamptz
);
CREATE INDEX plan_calendar_plan ON plan_calendar (plan_id, calendar_id);

ALTER TABLE plan_change DROP CONSTRAINT plan_change_subject_check;
ALTER TABLE plan_change ADD CONSTRAINT plan_change_subject_check
    CHECK (subject IN ('plan', 'programme', 'initiative', 'strand', 'indicator', 'follow_up', 'calendar'));

GRANT SELECT ON plan_meeting, plan_meeting_change TO flaade_scoped;
