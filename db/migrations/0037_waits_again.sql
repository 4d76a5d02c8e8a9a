-- A verdict answers what waits until it is taken back: what is undecided again waits again.
CREATE OR REPLACE FUNCTION waits(e talk_entry) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT e.kind IN ('sending', 'question')
       AND NOT EXISTS (SELECT FROM talk_entry a WHERE a.answers = e.change_id)
       AND coalesce((SELECT d.verdict = 'reopened' FROM decision d
                     WHERE d.key = e.key AND d.at > e.at AND d.verdict <> 'question'
                     ORDER BY d.change_id DESC LIMIT 1), true)
$$;
