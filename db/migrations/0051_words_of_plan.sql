-- The words of a milestone stand beside it in small letters, so that a search makes none.
ALTER TABLE milestone ADD COLUMN words text NOT NULL GENERATED ALWAYS AS
    (lower(text || ' ' || own_words || ' ' || note || ' ' || section || ' ' || document_id || ' ' || centre)) STORED;

-- Whether a change of which this stood `before` changed how a milestone stands in its plan.
CREATE FUNCTION changed_standing(before jsonb) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT before ?| ARRAY['programme_id', 'status', 'year', 'quarter_to', 'postponed_year', 'postponed_quarter',
                           'fact', 'gone_at', 'added']
$$;
CREATE INDEX milestone_change_standing ON milestone_change (at) WHERE changed_standing(before);

-- What stood before several changes, the latest first.
CREATE AGGREGATE undone(jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}');

CREATE INDEX milestone_fact ON milestone (milestone_id) WHERE fact IS NOT NULL;
