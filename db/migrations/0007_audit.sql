-- The audit log, and the refused attempts to sign in that are to be folded into it.

-- History: the acts of people and programs, each in the transaction that does it (`db.audit.record`).
-- What parts of the system do by themselves is not here. `account_id` has no foreign key, for an entry must
-- not wait for a change of the account. Each index serves the searches by one thing, the latest entry
-- first.
CREATE TABLE audit_entry (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Values of `db.audit.entry.Act` and `Subject`.
    act        text NOT NULL,
    subject    text NOT NULL,
    subject_id text NOT NULL,
    detail     jsonb NOT NULL,
    -- NULL: a program, or a person at the machine itself.
    account_id bigint,
    source     text NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_entry_at ON audit_entry (at, change_id);
CREATE INDEX audit_entry_actor ON audit_entry (actor, at, change_id);
CREATE INDEX audit_entry_act ON audit_entry (act, at, change_id);
CREATE INDEX audit_entry_subject ON audit_entry (subject, subject_id, at, change_id);
CREATE TRIGGER audit_entry_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Refused attempts to sign in that are not in `audit_entry` yet: by account (0: of nobody's name), so that
-- a flood fills neither table. `stopped` counts those of which the password was not looked at, and
-- `sources` has the first networks that they came from.
CREATE TABLE sign_in_refusal (
    account_id bigint PRIMARY KEY,
    refused    bigint NOT NULL,
    stopped    bigint NOT NULL,
    sources    text[] NOT NULL,
    first_at   timestamptz NOT NULL DEFAULT now(),
    last_at    timestamptz NOT NULL DEFAULT now()
);
