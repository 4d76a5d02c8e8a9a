-- name: keep
INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)
VALUES ($1, $2, $3, $4, $5, sha256($5))
ON CONFLICT (protocol, payload_sha256) DO UPDATE SET
    times_sent = quarantine.times_sent + 1, reason = excluded.reason, detail = excluded.detail,
    received_at = now(),
    released_at = CASE WHEN quarantine.discarded_by IS NOT NULL THEN quarantine.released_at END

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
WHERE released_at IS NULL AND ($1::text IS NULL OR device = $1)
  AND ($2::text IS NULL OR reason = $2) AND ($3::bigint[] IS NULL OR quarantine_id = ANY ($3))
  AND quarantine_id > $4
ORDER BY quarantine_id
LIMIT $5

-- name: released
UPDATE quarantine SET released_at = now() WHERE quarantine_id = ANY ($1::bigint[])

-- name: still_refused
UPDATE quarantine SET reason = $2, detail = $3 WHERE quarantine_id = $1

-- name: items
SELECT quarantine_id AS id, protocol, device, reason, detail, octet_length(payload) AS bytes,
       times_sent, received_at, released_at AS left_at, discarded_by, discarded_why
FROM quarantine
WHERE ($1::text IS NULL OR device = $1) AND ($2::text IS NULL OR reason = $2)
  AND ($3::text IS NULL OR protocol = $3)
  AND $4::text = CASE WHEN released_at IS NULL THEN 'waiting'
                      WHEN discarded_by IS NULL THEN 'released' ELSE 'discarded' END
  AND ($5::bigint IS NULL OR quarantine_id < $5)
ORDER BY quarantine_id DESC
LIMIT $6

-- name: payload
SELECT payload FROM quarantine WHERE quarantine_id = $1 AND discarded_by IS NULL

-- name: discard
WITH gone AS (
    UPDATE quarantine
    SET released_at = now(), payload = '', discarded_by = $4, discarded_why = $5
    WHERE released_at IS NULL AND ($1::text IS NULL OR device = $1)
      AND ($2::text IS NULL OR reason = $2) AND ($3::bigint[] IS NULL OR quarantine_id = ANY ($3))
    RETURNING 1
)
SELECT count(*) FROM gone

-- name: evict
-- Keep the $1 items and the $2 bytes that matter most: what waits before what has left, what enrolled
-- devices sent before what strangers did, the latest first. Returns how many had to go.
WITH ranked AS (
    SELECT q.quarantine_id, row_number() OVER rank AS number,
           sum(octet_length(q.payload) + $3::integer) OVER rank AS bytes
    FROM quarantine q LEFT JOIN device d USING (device)
    WINDOW rank AS (ORDER BY q.released_at IS NOT NULL, d.device IS NULL, q.received_at DESC,
                             q.quarantine_id DESC)
), gone AS (
    DELETE FROM quarantine USING ranked
    WHERE quarantine.quarantine_id = ranked.quarantine_id
      AND (ranked.number > $1 OR ranked.bytes > $2::bigint)
    RETURNING quarantine.protocol, quarantine.reason, quarantine.released_at
), counted AS (
    INSERT INTO quarantine_evicted AS e (protocol, reason, items)
    SELECT protocol, reason, count(*) FROM gone WHERE released_at IS NULL GROUP BY 1, 2
    ON CONFLICT (day, protocol, reason) DO UPDATE SET items = e.items + excluded.items
)
SELECT count(*) FROM gone

-- name: evicted
-- What had to go since the local day $1.
SELECT protocol, reason, sum(items)::bigint AS items
FROM quarantine_evicted WHERE day >= $1 GROUP BY 1, 2 ORDER BY 3 DESC
