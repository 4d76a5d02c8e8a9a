-- Owners of milestones are asked by mail how far these are, also those who have no account.
ALTER TABLE mail ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE mail ADD COLUMN name text NOT NULL DEFAULT '';
ALTER TABLE mail ADD CHECK ((account_id IS NULL) = (name <> ''));
-- The text of a mail goes with its sending, for it may hold a link.
UPDATE mail SET body = '' WHERE state IN ('sent', 'dropped');

ALTER TABLE plan_change DROP CONSTRAINT plan_change_subject_check;
ALTER TABLE plan_change ADD CONSTRAINT plan_change_subject_check
    CHECK (subject IN ('plan', 'programme', 'initiative', 'strand', 'indicator', 'follow_up'));

-- Who is written to for a centre, where neither owner nor deputy answers.
CREATE TABLE centre_contact (
    centre     text PRIMARY KEY CHECK (btrim(centre) <> ''),
    contact_id bigint NOT NULL REFERENCES plan_contact
);
CREATE INDEX centre_contact_contact ON centre_contact (contact_id);

-- The follow-up of a plan in a quarter: owners are asked to answer by `due_on` how far their milestones are.
-- Links work until `ends_on`, or until somebody closes the quarter.
CREATE TABLE follow_up (
    follow_up_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id      bigint NOT NULL REFERENCES plan,
    year         integer NOT NULL CHECK (year BETWEEN 1990 AND 2200),
    quarter      integer NOT NULL CHECK (quarter BETWEEN 1 AND 4),
    due_on       date NOT NULL,
    ends_on      date NOT NULL CHECK (ends_on >= due_on),
    -- Whom people turn to, and their account, if they have one.
    opened_by    actor NOT NULL,
    account_id   bigint REFERENCES account,
    opened_at    timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    UNIQUE (plan_id, year, quarter)
);

-- A link by which a contact answers without an account; the table stores the hash of its token only. `step` is
-- the contact's place among those who are asked for a milestone, one after the other: the owner, the deputy, the
-- centre.
CREATE TABLE follow_up_link (
    link_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    follow_up_id bigint NOT NULL REFERENCES follow_up,
    contact_id   bigint NOT NULL REFERENCES plan_contact,
    step         integer NOT NULL CHECK (step BETWEEN 0 AND 2),
    reason       text NOT NULL CHECK (reason IN ('asked', 'reminded', 'again')),
    token_sha256 bytea NOT NULL UNIQUE,
    made_at      timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz
);
-- Nobody is asked or reminded twice, however many processes do it at the same moment.
CREATE UNIQUE INDEX follow_up_link_once ON follow_up_link (follow_up_id, contact_id, step, reason)
    WHERE reason <> 'again';
CREATE INDEX follow_up_link_contact ON follow_up_link (contact_id);
