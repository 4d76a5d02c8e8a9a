-- name: heads
-- The heads of departments who can sign in.
SELECT account_id, name, departments, email IS NOT NULL AS has_address FROM account
WHERE role = 'department_head' AND closed_at IS NULL ORDER BY name_key

-- name: fleet_unit
-- Who of the fleet unit reads mail.
SELECT account_id FROM account
WHERE role = 'fleet_unit' AND closed_at IS NULL AND email IS NOT NULL ORDER BY account_id

-- name: proposal
SELECT key, content::text AS content FROM proposal WHERE proposal_id = $1

-- name: latest_of_key
-- The proposal that a round made last about a decision.
SELECT max(proposal_id) FROM proposal JOIN round USING (round_id) WHERE key = $1 AND state = 'done'

-- name: has_open_sending
-- Whether a decision was sent to the account $2 and still waits for its answer.
SELECT EXISTS (SELECT FROM talk_entry e
               WHERE e.key = $1 AND e.recipient = $2 AND e.kind = 'sending' AND waits(e))

-- name: add
INSERT INTO talk_entry (kind, key, proposal_id, text, account_id, recipient, recipient_name, answer_day,
                        answers, decision_id, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING change_id

-- name: ask
-- Adds a question to the history of a proposal.
INSERT INTO decision (proposal_id, verdict, comment, actor) VALUES ($1, 'question', $2, $3)
RETURNING change_id

-- name: entry
SELECT e.key, e.account_id, waits(e) AS waits
FROM talk_entry e WHERE e.change_id = $1

-- name: thread
-- What was said about the decision of the proposal $1 and the others of its bundle, the earliest first.
SELECT e.change_id, e.kind, e.key, e.proposal_id, e.text, e.account_id, e.recipient, e.recipient_name,
       e.answer_day, e.answers, e.actor, e.at, waits(e) AS waits
FROM talk_entry e
WHERE e.key IN (SELECT key FROM proposal WHERE proposal_id = $1
                UNION ALL
                SELECT jsonb_array_elements_text(content #> '{bundle,keys}') FROM proposal WHERE proposal_id = $1)
ORDER BY e.change_id

-- name: waiting
-- All that waits for an answer, what is to be answered first at its beginning.
SELECT e.change_id, e.kind, e.key, e.proposal_id, e.text, e.account_id, e.recipient, e.recipient_name,
       e.answer_day, e.answers, e.actor, e.at, true AS waits
FROM talk_entry e WHERE e.kind IN ('sending', 'question') AND waits(e)
ORDER BY e.answer_day NULLS LAST, e.change_id
