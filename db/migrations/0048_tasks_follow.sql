-- Tasks follow the register: what it has of the vehicle, and the day that follows from that, stand beside the day
-- that a person chose.
ALTER TABLE undertaking ADD contract_end date;
ALTER TABLE undertaking ADD leaves_on date;
UPDATE undertaking u SET contract_end = (p.content ->> 'contract_end')::date
FROM proposal p WHERE p.proposal_id = u.proposal_id;

ALTER TABLE task ADD planned date;
UPDATE task t SET planned = coalesce(
    (SELECT (c.content ->> 'due')::date FROM task_change c WHERE c.task_id = t.task_id AND c.content ? 'due'
     ORDER BY c.change_id LIMIT 1), t.due);
ALTER TABLE task ALTER planned SET NOT NULL;

-- What is bought is not handed over: it comes.
UPDATE task t SET step = 'receive'
FROM undertaking u JOIN proposal p USING (proposal_id)
WHERE u.undertaking_id = t.undertaking_id AND p.content ->> 'action' = 'buy' AND t.step = 'hand_over';
