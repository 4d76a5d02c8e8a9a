-- What the municipality says of itself on the pages.

CREATE TABLE municipality (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    name            text CHECK (name <> ''),
    no_closing_days boolean NOT NULL DEFAULT false
);

ALTER TABLE register_change DROP CONSTRAINT register_change_subject_check;
ALTER TABLE register_change ADD CONSTRAINT register_change_subject_check
    CHECK (subject IN ('vehicle', 'zone', 'closing_day', 'device', 'key', 'driving_log', 'municipality'));
