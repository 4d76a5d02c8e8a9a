-- Entries of the audit log whose time is over are deleted, by one function only.

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_entry'
       AND current_setting('flaade.forgets_audit', true) = 'on' THEN
        RETURN NULL;  -- `forget_audit` deletes what its time is over of.
    END IF;
    RAISE restrict_violation USING
        MESSAGE = format('%s of %s is refused: it is history, which is added to and never changed',
                         TG_OP, TG_TABLE_NAME);
END
$$;

-- Deletes the entries of the log from before $1, and returns their number: the one way in which any of
-- them goes. What somebody did lately stays, whatever the settings say.
CREATE FUNCTION forget_audit(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    IF before > now() - interval '90 days' THEN
        RAISE restrict_violation USING
            MESSAGE = 'the audit log keeps its entries for 90 days at the least';
    END IF;
    PERFORM set_config('flaade.forgets_audit', 'on', true);
    DELETE FROM audit_entry WHERE at < before;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('flaade.forgets_audit', 'off', true);
    RETURN gone;
END
$$;

ALTER TABLE deletion DROP CONSTRAINT deletion_subject_check;
ALTER TABLE deletion ADD CONSTRAINT deletion_subject_check
    CHECK (subject IN ('position', 'quarantine', 'log_upload', 'trip_ends', 'trip', 'round_trip',
                       'engine_session', 'audit_entry'));
