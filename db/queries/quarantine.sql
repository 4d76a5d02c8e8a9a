-- name: keep
INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)
VALUES ($1, $2, $3, $4, $5, sha256($5))
ON CONFLICT (protocol, payload_sha256) DO UPDATE SET
    times_sent = quarantine.times_sent + 1, reason = excluded.reason, detail = excluded.detail,
    received_at = now(), released_at = NULL

-- name: waiting
SELECT quarantine_id, protocol, device, reason, detail, times_sent, received_at
FROM quarantine WHERE released_at IS NULL
ORDER BY received_at DESC, quarantine_id DESC
LIMIT $1

-- name: groups
SELECT device, reason, count(*) AS items, min(received_at) AS first_at, max(received_at) AS last_at,
       (array_agg(detail ORDER BY received_at DESC))[1] AS example
FROM quarantine WHERE released_at IS NULL
GROUP BY device, reason
ORDER BY max(received_at) DESC, device, reason

-- name: to_release
SELECT quarantine_id, protocol, payload, received_at
FROM quarantine
WHERE released_at IS NULL AND device = $1 AND ($2::text IS NULL OR reason = $2)
  AND quarantine_id > $3
ORDER BY quarantine_id
LIMIT $4

-- name: released
UPDATE quarantine SET released_at = now() WHERE quarantine_id = ANY ($1::bigint[])

-- name: still_refused
UPDATE quarantine SET reason = $2, detail = $3 WHERE quarantine_id = $1
