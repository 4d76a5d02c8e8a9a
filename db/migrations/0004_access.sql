-- Accounts of people, their sessions and links, and the tokens of programs.

-- The accounts of people. An account is closed and never deleted, as history names it.
CREATE TABLE account (
    account_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name            text NOT NULL CHECK (btrim(name) <> ''),
    -- The name as it is compared: `access.accounts.name_key`.
    name_key        text NOT NULL UNIQUE CHECK (name_key <> ''),
    role            text NOT NULL
                    CHECK (role IN ('administrator', 'fleet_unit', 'department_head', 'reader')),
    departments     text[] NOT NULL DEFAULT '{}',
    -- A hash of the form that argon2id has; NULL until the person sets a password.
    password        text,
    password_set_at timestamptz,
    added_at        timestamptz NOT NULL DEFAULT now(),
    closed_at       timestamptz,
    signed_in_at    timestamptz,
    -- Whether it is the account of a demo, whose links sign in without a password.
    is_demo         boolean NOT NULL DEFAULT false,
    CONSTRAINT departments_of_heads CHECK ((role = 'department_head') = (departments <> '{}')),
    CONSTRAINT whole_password CHECK ((password IS NULL) = (password_set_at IS NULL))
);

-- An account as others than sign-in see it: without its password.
CREATE VIEW account_shown AS
SELECT account_id, name, name_key, role, departments, password IS NOT NULL AS has_password,
       closed_at IS NOT NULL AS closed, signed_in_at
FROM account;

-- The network addresses from which people signed in. Each has an allowance of attempts of its own, which
-- is whole again at `full_at`, so that strangers elsewhere cannot keep a person out.
CREATE TABLE account_source (
    account_id   bigint NOT NULL REFERENCES account,
    source       text NOT NULL,
    signed_in_at timestamptz NOT NULL DEFAULT now(),
    full_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, source)
);

-- All other allowances of attempts that are not whole: `access.attempts`. Names and sources share a fixed
-- number of slots, so that the table is bounded whatever strangers try.
CREATE TABLE sign_in_allowance (
    kind    text NOT NULL CHECK (kind IN ('name', 'source', 'password')),
    slot    bigint NOT NULL,
    full_at timestamptz NOT NULL,
    PRIMARY KEY (kind, slot)
);

-- The sessions of people who signed in. The table stores the hash of their tokens only.
CREATE TABLE account_session (
    session_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE,
    account_id   bigint NOT NULL REFERENCES account,
    began_at     timestamptz NOT NULL DEFAULT now(),
    -- Written at most once a minute.
    seen_at      timestamptz NOT NULL DEFAULT now(),
    source       text NOT NULL,
    agent        text NOT NULL
);
CREATE INDEX account_session_account ON account_session (account_id, session_id);

-- One-time links, by the hash of their tokens. A link that is used is deleted. The link of nobody's
-- account makes the first administrator.
CREATE TABLE account_link (
    token_sha256 bytea PRIMARY KEY,
    account_id   bigint REFERENCES account,
    ends_at      timestamptz NOT NULL
);
CREATE INDEX account_link_account ON account_link (account_id);

-- The tokens of programs, by their hashes. A token is ended and never deleted, as history names it.
CREATE TABLE program_token (
    token_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE,
    label        text NOT NULL CHECK (btrim(label) <> ''),
    -- Values of `fleet.actor.Permission`.
    permissions  text[] NOT NULL CHECK (permissions <> '{}'),
    -- The last local day on which it works.
    ends_on      date NOT NULL,
    made_by      actor NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    -- Written at most once a minute.
    last_used_at timestamptz,
    ended_at     timestamptz
);

-- History: the changes of accounts and of programs' tokens. `content` holds the new values, and never a
-- secret. `subject_id` names rows of two tables, so it has no foreign key.
CREATE TABLE account_change (
    change_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject    text NOT NULL CHECK (subject IN ('account', 'token')),
    subject_id bigint NOT NULL,
    content    jsonb NOT NULL,
    actor      actor NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_change_subject ON account_change (subject, subject_id, change_id);
CREATE TRIGGER account_change_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON account_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
