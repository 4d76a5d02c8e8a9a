-- Reports as they were when somebody kept them, so that they can be opened again and compared.
-- `content` is a `reports.frozen.FrozenReport`: it names vehicles of all departments, and no day on which
-- one drove. `digest` is the SHA-256 of it.
CREATE TABLE report (
    report_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id  bigint NOT NULL REFERENCES round,
    content   jsonb NOT NULL,
    digest    text NOT NULL,
    made_by   actor NOT NULL,
    made_at   timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER report_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON report
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
