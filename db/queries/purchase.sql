-- name: principles
-- The principles that somebody changed, as they are now.
SELECT DISTINCT ON (principle) principle, text_da, text_en, figure, from_year, in_force, source, actor, at
FROM purchase_principle ORDER BY principle, change_id DESC

-- name: principle_history
-- The versions of the principle $1, the latest first.
SELECT principle, text_da, text_en, figure, from_year, in_force, source, actor, at
FROM purchase_principle WHERE principle = $1 ORDER BY change_id DESC

-- name: principle_changes
SELECT principle, count(*) AS changes FROM purchase_principle GROUP BY principle

-- name: hold_principles
-- Makes those who change principles wait for each other, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.principles'))

-- name: add_principle
INSERT INTO purchase_principle (principle, text_da, text_en, figure, from_year, in_force, source, actor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: pool_facts
-- What is settled of each vehicle of the fleet beside its use: whether it was ruled to stay, leaves by an
-- accepted proposal, or was offered to somebody since $1; and whether the latest round proposes that it goes, which
-- nobody has decided.
WITH proposed AS (
    SELECT DISTINCT p.vehicle_id
    FROM (SELECT round_id, number FROM round WHERE state = 'done' ORDER BY number DESC, version DESC LIMIT 1) r
    JOIN proposal p USING (round_id)
    LEFT JOIN decision_in_force d ON d.key = p.key AND d.number = r.number
    WHERE p.action IN ('dispose', 'replace') AND d.verdict IS NULL
)
SELECT v.vehicle_id, k.offers, v.retired_at IS NOT NULL AS retires,
       coalesce((SELECT ruling = 'stay' FROM vehicle_ruling r WHERE r.vehicle_id = v.vehicle_id
                 ORDER BY change_id DESC LIMIT 1), false) AS stays,
       EXISTS (SELECT FROM undertaking u JOIN proposal p USING (proposal_id)
               WHERE p.vehicle_id = v.vehicle_id AND p.action IN ('dispose', 'replace')
                 AND num_nonnulls(u.done_at, u.withdrawn_at) = 0) AS leaves,
       EXISTS (SELECT FROM vehicle_request q
               WHERE q.offered = v.vehicle_id AND (q.answered_at AT TIME ZONE 'Europe/Copenhagen')::date >= $1)
           AS taken,
       v.vehicle_id IN (SELECT vehicle_id FROM proposed) AS proposed
FROM vehicle v JOIN vehicle_kind k USING (kind)
WHERE in_fleet(v.retired_at)

-- name: requests
-- Every request, or the request $1, the latest first.
SELECT q.request_id, q.department, q.depot_id, coalesce(z.name, q.depot_id) AS depot_name, q.kind,
       k.name AS kind_name, q.needs, coalesce(k.offers, '{}') AS kind_offers, q.energy, q.wanted_from, q.days_week,
       q.reason, q.replaces, n.shown_name AS replaces_name, q.asked_by, q.asked_at, q.state, q.answer, q.principle,
       q.approved_energy, q.not_green, q.offered, q.offered_name, q.offered_depot, q.checked,
       q.answered_by, q.answered_at, q.revision,
       (SELECT purchase_id FROM purchase p WHERE p.request_id = q.request_id AND p.withdrawn = '') AS purchase_id
FROM vehicle_request q
LEFT JOIN zone z ON z.zone_id = q.depot_id
LEFT JOIN vehicle_kind k ON k.kind = q.kind
LEFT JOIN vehicle_shown n ON n.vehicle_id = q.replaces
WHERE $1::bigint IS NULL OR q.request_id = $1
ORDER BY q.request_id DESC

-- name: open_requests
SELECT count(*) FROM vehicle_request WHERE state = 'open'

-- name: add_request
INSERT INTO vehicle_request (department, depot_id, kind, needs, energy, wanted_from, days_week, reason, replaces,
                             asked_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING request_id

-- name: record_request
INSERT INTO vehicle_request_change (request_id, content, actor) VALUES ($1, $2, $3)

-- name: request_changes
SELECT content, actor, at FROM vehicle_request_change WHERE request_id = $1 ORDER BY change_id DESC

-- name: lock_request
SELECT request_id, department, depot_id, kind, energy, replaces, state, principle, approved_energy, revision,
       answered_by
FROM vehicle_request WHERE request_id = $1 FOR UPDATE

-- name: answer_request
UPDATE vehicle_request SET state = $2, answer = $3, principle = $4, approved_energy = $5, not_green = $6,
    offered = $7, offered_name = $8, offered_depot = $9, checked = $10, answered_by = $11, answered_at = now(),
    revision = revision + 1
WHERE request_id = $1

-- name: depot
-- The depot $1 with the days between which it is open.
SELECT name, active_from, active_to FROM zone WHERE zone_id = $1 AND kind = 'depot'

-- name: vehicle
-- The vehicle $1 as a request or a purchase names it.
SELECT v.vehicle_id, n.shown_name AS name, z.name AS depot_name, v.department, v.kind, v.contract_end, v.retired_at
FROM vehicle v JOIN vehicle_shown n USING (vehicle_id) JOIN zone z ON z.zone_id = v.depot_id
WHERE v.vehicle_id = $1

-- name: hold_vehicle
-- Makes those who record a purchase of the vehicle $1 wait for each other, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.purchase of ' || $1::text))

-- name: kind
SELECT kind, energy, offers FROM vehicle_kind WHERE kind = $1

-- name: is_department
SELECT EXISTS (SELECT FROM vehicle WHERE department = $1)

-- name: unknown_needs
-- Those of the capabilities $1 that no kind offers.
SELECT need FROM unnest($1::text[]) need WHERE NOT EXISTS (SELECT FROM vehicle_kind WHERE need = ANY (offers))

-- name: offered_elsewhere
-- The request, beside $2, for which the vehicle $1 was offered since $3.
SELECT request_id FROM vehicle_request
WHERE offered = $1 AND request_id <> $2 AND (answered_at AT TIME ZONE 'Europe/Copenhagen')::date >= $3 LIMIT 1

-- name: purchases
-- Every purchase, or the purchase $1, the latest first.
SELECT p.purchase_id, p.request_id, p.bought_on, p.vehicle_id, n.shown_name AS vehicle_name, p.kind,
       k.name AS kind_name, p.energy, p.department, p.price_kr, p.lease_kr_year, p.principle, p.reason, p.not_green,
       p.recorded_by, p.recorded_at, p.withdrawn, p.revision
FROM purchase p
JOIN vehicle_kind k USING (kind)
LEFT JOIN vehicle_shown n ON n.vehicle_id = p.vehicle_id
WHERE $1::bigint IS NULL OR p.purchase_id = $1
ORDER BY p.bought_on DESC, p.purchase_id DESC

-- name: add_purchase
INSERT INTO purchase (request_id, bought_on, vehicle_id, kind, energy, department, price_kr, lease_kr_year,
                      principle, reason, not_green, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING purchase_id

-- name: change_purchase
UPDATE purchase SET bought_on = $2, vehicle_id = $3, kind = $4, energy = $5, department = $6, price_kr = $7,
    lease_kr_year = $8, principle = $9, reason = $10, not_green = $11, revision = revision + 1
WHERE purchase_id = $1

-- name: withdraw_purchase
UPDATE purchase SET withdrawn = $2, revision = revision + 1 WHERE purchase_id = $1

-- name: lock_purchase
SELECT purchase_id, request_id, bought_on, vehicle_id, kind, energy, department, price_kr, lease_kr_year, principle,
       reason, not_green, withdrawn, revision
FROM purchase WHERE purchase_id = $1 FOR UPDATE

-- name: purchase_of_request
SELECT purchase_id FROM purchase WHERE request_id = $1 AND withdrawn = ''

-- name: purchase_of_vehicle
-- The purchase, beside $2, of the vehicle $1.
SELECT purchase_id FROM purchase WHERE vehicle_id = $1 AND purchase_id IS DISTINCT FROM $2 AND withdrawn = ''

-- name: record_purchase
INSERT INTO purchase_change (purchase_id, content, actor) VALUES ($1, $2, $3)

-- name: purchase_changes
SELECT content, actor, at FROM purchase_change WHERE purchase_id = $1 ORDER BY change_id DESC

-- name: unrecorded
-- The vehicles that are new since the day $1, by their first registration or the first day of their contract, and
-- of which no purchase is recorded.
SELECT v.vehicle_id, n.shown_name AS name, greatest(v.first_registered, v.contract_start) AS since
FROM vehicle v JOIN vehicle_shown n USING (vehicle_id)
WHERE greatest(v.first_registered, v.contract_start) >= $1 AND in_fleet(v.retired_at)
  AND NOT EXISTS (SELECT FROM purchase p WHERE p.vehicle_id = v.vehicle_id AND p.withdrawn = '')
ORDER BY since DESC, v.vehicle_id

-- name: disposals
-- Every vehicle, or the vehicle $1, that left the register, or of which somebody said that it was handed over; with
-- what tells why: what was said of it, the accepted proposal by which it goes, and the request in which it is
-- replaced.
SELECT v.vehicle_id, n.shown_name AS name, v.department, v.kind, k.name AS kind_name, k.energy,
       coalesce(z.name, v.depot_id) AS depot_name, v.retired_at, v.contract_end, v.sale_value_kr, h.proposal_id,
       h.handed_over, q.request_id, q.principle AS request_principle, s.principle, s.reason, s.actor, s.at,
       coalesce(s.changes, 0) AS changes
FROM vehicle v
JOIN vehicle_shown n USING (vehicle_id)
JOIN vehicle_kind k USING (kind)
LEFT JOIN zone z ON z.zone_id = v.depot_id
LEFT JOIN (
    SELECT DISTINCT ON (p.vehicle_id) p.vehicle_id, u.proposal_id,
           coalesce(t.done_on, (u.done_at AT TIME ZONE 'Europe/Copenhagen')::date) AS handed_over
    FROM undertaking u JOIN proposal p USING (proposal_id)
    LEFT JOIN task t ON t.undertaking_id = u.undertaking_id AND t.step = 'hand_over' AND t.done_on IS NOT NULL
    WHERE u.withdrawn_at IS NULL AND p.action IN ('dispose', 'replace')
    ORDER BY p.vehicle_id, u.undertaking_id DESC
) h ON h.vehicle_id = v.vehicle_id
LEFT JOIN LATERAL (
    SELECT request_id, principle FROM vehicle_request
    WHERE replaces = v.vehicle_id AND state = 'approved' ORDER BY request_id DESC LIMIT 1
) q ON true
LEFT JOIN LATERAL (
    SELECT principle, reason, actor, at, count(*) OVER () AS changes FROM disposal_reason d
    WHERE d.vehicle_id = v.vehicle_id ORDER BY change_id DESC LIMIT 1
) s ON true
WHERE (v.retired_at IS NOT NULL OR h.handed_over IS NOT NULL) AND ($1::text IS NULL OR v.vehicle_id = $1)
ORDER BY coalesce(v.retired_at, h.handed_over) DESC, v.vehicle_id

-- name: hold_disposals
-- Makes those who say why vehicles left wait for each other, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.disposals'))

-- name: add_disposal_reason
INSERT INTO disposal_reason (vehicle_id, principle, reason, actor) VALUES ($1, $2, $3, $4)
