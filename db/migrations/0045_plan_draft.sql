-- A document that was read waits for a person here, and not in a form, which has a largest size.
CREATE TABLE plan_draft (
    -- SHA-256 of the document, in hexadecimal digits.
    digest    text PRIMARY KEY,
    file_name text NOT NULL,
    -- `tracker.documents.drafts.Draft`, packed.
    content   bytea NOT NULL,
    read_at   timestamptz NOT NULL DEFAULT now()
);
