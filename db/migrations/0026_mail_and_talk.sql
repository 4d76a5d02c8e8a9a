-- Where an account's person reads mail; NULL: pages wait for them instead.
ALTER TABLE account ADD COLUMN email text CHECK (email <> '');
CREATE OR REPLACE VIEW account_shown AS
SELECT account_id, name, name_key, role, departments, password IS NOT NULL AS has_password,
       closed_at IS NOT NULL AS closed, signed_in_at, openid_subject IS NOT NULL AS from_provider, email
FROM account;

-- The outbox: mails in the transaction of what causes them, `access.mail.sender` sends them. `cause` names
-- what a mail is about and to whom, so that one cause makes one mail.
--
-- A mail is `sending` from the moment before its text goes to the server until the server's answer is
-- stored. Whether one arrived whose sender died between the two nobody knows: it becomes `unclear`, and is
-- not sent again unless a person says so.
CREATE TABLE mail (
    mail_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause      text NOT NULL UNIQUE,
    account_id bigint NOT NULL REFERENCES account,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    state      text NOT NULL DEFAULT 'waiting'
               CHECK (state IN ('waiting', 'sending', 'sent', 'unclear', 'failed', 'dropped')),
    made_at    timestamptz NOT NULL DEFAULT now(),
    next_at    timestamptz NOT NULL DEFAULT now(),
    attempts   integer NOT NULL DEFAULT 0,
    sent_at    timestamptz,
    -- What the server said when it did not take it last; '' before that.
    error      text NOT NULL DEFAULT ''
);
CREATE INDEX mail_due ON mail (next_at, mail_id) WHERE state = 'waiting';
CREATE INDEX mail_left ON mail (mail_id) WHERE state <> 'sent';

-- History: what people say about a decision, by its key, in every round. A sending and a question wait for
-- `recipient` (NULL: the fleet unit) until an answer refers to them (`answers`) or a verdict on the decision
-- follows. A question stands in the history of the proposal, too (`decision_id`).
CREATE TABLE talk_entry (
    change_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('sending', 'question', 'answer', 'comment')),
    key            text NOT NULL,
    -- The proposal on whose page it was written.
    proposal_id    bigint NOT NULL REFERENCES proposal,
    text           text NOT NULL,
    -- Who wrote it; NULL: a program, or a person at the machine itself.
    account_id     bigint REFERENCES account,
    recipient      bigint REFERENCES account,
    -- The name of the recipient when it was written; '' is the fleet unit.
    recipient_name text NOT NULL DEFAULT '',
    answer_day     date,
    answers        bigint REFERENCES talk_entry,
    decision_id    bigint REFERENCES decision,
    actor          actor NOT NULL,
    at             timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT answer_of_something CHECK ((kind = 'answer') = (answers IS NOT NULL)),
    CONSTRAINT question_in_history CHECK ((kind = 'question') = (decision_id IS NOT NULL)),
    CONSTRAINT day_of_what_waits CHECK (answer_day IS NULL OR kind IN ('sending', 'question'))
);
CREATE INDEX talk_entry_key ON talk_entry (key, change_id);
CREATE INDEX talk_entry_answers ON talk_entry (answers) WHERE answers IS NOT NULL;
INSERT INTO talk_entry (kind, key, proposal_id, text, decision_id, actor, at)
SELECT 'question', key, proposal_id, comment, change_id, actor, at
FROM decision JOIN proposal USING (proposal_id) WHERE verdict = 'question' ORDER BY change_id;
CREATE TRIGGER talk_entry_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON talk_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whether something waits for an answer. A verdict on the decision that follows answers it, too.
CREATE FUNCTION waits(e talk_entry) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT e.kind IN ('sending', 'question')
       AND NOT EXISTS (SELECT FROM talk_entry a WHERE a.answers = e.change_id)
       AND NOT EXISTS (SELECT FROM proposal p JOIN decision d USING (proposal_id)
                       WHERE p.key = e.key AND d.at > e.at AND d.verdict IN ('accepted', 'rejected', 'done'))
$$;

GRANT SELECT ON talk_entry TO flaade_scoped;
ALTER TABLE talk_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON talk_entry FOR SELECT TO flaade_scoped
    USING (proposal_id IN (SELECT proposal_id FROM proposal));
