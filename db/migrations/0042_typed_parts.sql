-- What people typed into a plan stays when its document is read again, and a plan that nobody has reported on
-- can be removed.
ALTER TABLE programme ADD is_typed boolean NOT NULL DEFAULT false;
ALTER TABLE initiative ADD is_typed boolean NOT NULL DEFAULT false;
ALTER TABLE milestone ADD is_typed boolean NOT NULL DEFAULT false;
ALTER TABLE strand ADD is_typed boolean NOT NULL DEFAULT false;
ALTER TABLE plan ADD removed_at timestamptz;

UPDATE milestone SET is_typed = true WHERE document_id ~ '^typed [0-9]+$' AND line_from IS NULL;
UPDATE programme SET is_typed = true WHERE EXISTS (
    SELECT FROM plan_change c
    WHERE c.plan_id = programme.plan_id AND c.subject = 'programme' AND c.subject_id = programme_id AND c.before = '{}');
UPDATE initiative SET is_typed = true WHERE EXISTS (
    SELECT FROM plan_change c JOIN programme p USING (plan_id)
    WHERE p.programme_id = initiative.programme_id AND c.subject = 'initiative' AND c.subject_id = initiative_id
      AND c.before = '{}');
UPDATE strand s SET is_typed = true
WHERE EXISTS (SELECT FROM strand_member m WHERE m.strand_id = s.strand_id)
  AND NOT EXISTS (SELECT FROM strand_member m JOIN milestone o USING (milestone_id)
                  WHERE m.strand_id = s.strand_id AND NOT o.is_typed);

CREATE INDEX plan_reading_digest ON plan_reading (digest);
