-- name: keep
-- Adds items, no two of which are of one protocol and the same bytes. The items are sorted, so that two
-- writers with the same items wait for each other and do not deadlock.
INSERT INTO quarantine AS q
       (protocol, device, reason, detail, payload, payload_sha256, ts, vouched, times_sent)
SELECT protocol, device, reason, detail, payload, sha256(payload), ts, vouched, times
FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::bytea[],
            $6::timestamptz[], $7::boolean[], $8::integer[])
     AS one (protocol, device, reason, detail, payload, ts, vouched, times)
ORDER BY protocol, sha256(payload)
ON CONFLICT (protocol, payload_sha256) DO UPDATE SET
    times_sent = least(q.times_sent::bigint + excluded.times_sent, 2147483647)::integer,
    reason = excluded.reason, detail = excluded.detail, vouched = q.vouched OR excluded.vouched,
    received_at = now(), ts = excluded.ts,
    released_at = CASE WHEN q.discarded_by IS NOT NULL THEN q.released_at END, released_by = NULL

-- name: waiting
SELECT quarantine_id, protocol, device, reason, detail, times_sent, received_at
FROM quarantine WHERE released_at IS NULL
ORDER BY received_at DESC, quarantine_id DESC
LIMIT $1

-- name: groups
-- The waiting items by device and reason, the latest first: those of every enrolled device, and those
-- of others among the latest $1 items; at most $2 groups. The statement counts items up to $3, and
-- how often the counted ones were sent. Each step of `known` is one look at the end of an index: there
-- is one for each enrolled device and each of its groups, however many items wait.
WITH RECURSIVE known AS (
    SELECT d.device, one.reason, one.last_at
    FROM device d CROSS JOIN LATERAL (
        SELECT q.reason, q.received_at AS last_at FROM quarantine q
        WHERE q.device = d.device AND q.released_at IS NULL
        ORDER BY q.reason DESC, q.received_at DESC LIMIT 1
    ) one
    UNION ALL
    SELECT k.device, one.reason, one.last_at
    FROM known k CROSS JOIN LATERAL (
        SELECT q.reason, q.received_at AS last_at FROM quarantine q
        WHERE q.device = k.device AND q.reason < k.reason AND q.released_at IS NULL
        ORDER BY q.reason DESC, q.received_at DESC LIMIT 1
    ) one
), late AS (
    SELECT device, reason, received_at FROM quarantine WHERE released_at IS NULL
    ORDER BY received_at DESC, quarantine_id DESC LIMIT $1
), others AS (
    SELECT device, reason, max(received_at) AS last_at FROM late
    WHERE NOT EXISTS (SELECT FROM device d WHERE d.device = late.device)
    GROUP BY device, reason
), latest AS (
    SELECT device, reason, last_at, true AS enrolled FROM known
    UNION ALL
    SELECT device, reason, last_at, false FROM others
    ORDER BY enrolled DESC, last_at DESC, device, reason LIMIT $2
)
SELECT l.device, v.vehicle_id, n.shown_name AS vehicle_name, l.reason, l.enrolled,
       last.detail AS example, l.last_at, counted.items, counted.times_sent
FROM latest l
LEFT JOIN device d ON d.device = l.device
LEFT JOIN vehicle v ON v.vehicle_id = d.vehicle_id AND v.retired_at IS NULL
LEFT JOIN vehicle_shown n ON n.vehicle_id = v.vehicle_id
CROSS JOIN LATERAL (
    SELECT detail FROM quarantine
    WHERE device = l.device AND reason = l.reason AND released_at IS NULL
    ORDER BY received_at DESC LIMIT 1
) last
CROSS JOIN LATERAL (
    SELECT count(*) AS items, sum(times_sent) AS times_sent
    FROM (SELECT times_sent FROM quarantine
          WHERE device = l.device AND reason = l.reason AND released_at IS NULL LIMIT $3) c
) counted
ORDER BY l.last_at DESC, l.device, l.reason

-- name: groups_of
-- The waiting items of the device $1 by reason, the latest first, as `groups` has them; counted up to $2.
SELECT last.device, v.vehicle_id, n.shown_name AS vehicle_name, last.reason,
       d.device IS NOT NULL AS enrolled, last.detail AS example, last.received_at AS last_at,
       counted.items, counted.times_sent
FROM unnest($3::text[]) AS asked (reason)
CROSS JOIN LATERAL (
    SELECT device, q.reason, detail, received_at FROM quarantine q
    WHERE device = $1 AND q.reason = asked.reason AND released_at IS NULL
    ORDER BY received_at DESC LIMIT 1
) last
CROSS JOIN LATERAL (
    SELECT count(*) AS items, sum(times_sent) AS times_sent
    FROM (SELECT times_sent FROM quarantine q
          WHERE device = $1 AND q.reason = asked.reason AND released_at IS NULL LIMIT $2) c
) counted
LEFT JOIN device d ON d.device = last.device
LEFT JOIN vehicle v ON v.vehicle_id = d.vehicle_id AND v.retired_at IS NULL
LEFT JOIN vehicle_shown n ON n.vehicle_id = v.vehicle_id
ORDER BY last.received_at DESC, last.reason

-- name: to_release
SELECT quarantine_id, protocol, reason, detail, payload, received_at
FROM quarantine
WHERE released_at IS NULL AND ($1::text IS NULL OR device = $1)
  AND ($2::text IS NULL OR reason = $2) AND ($3::bigint[] IS NULL OR quarantine_id = ANY ($3))
  AND quarantine_id > $4
ORDER BY quarantine_id
LIMIT $5

-- name: released
UPDATE quarantine SET released_at = now(), released_by = $2
WHERE quarantine_id = ANY ($1::bigint[])

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
-- Keeps the $1 items and $2 bytes that matter most, and deletes the rest. Waiting items come before
-- those that left quarantine; items of enrolled devices come before those of strangers, who may use
-- the name of a device; later items come before earlier ones. Returns how many were deleted.
WITH ranked AS (
    SELECT q.quarantine_id, row_number() OVER rank AS number,
           sum(octet_length(q.payload) + $3::integer) OVER rank AS bytes
    FROM quarantine q LEFT JOIN device d USING (device)
    WINDOW rank AS (ORDER BY q.released_at IS NOT NULL, d.device IS NULL OR NOT q.vouched, q.received_at DESC,
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
-- The numbers of items that were deleted to make room since the local day $1.
SELECT protocol, reason, sum(items)::bigint AS items
FROM quarantine_evicted WHERE day >= $1 GROUP BY 1, 2 ORDER BY 3 DESC

-- name: waiting_count
-- The number of waiting items, counted up to $1.
SELECT count(*) FROM (SELECT FROM quarantine WHERE released_at IS NULL LIMIT $1) AS counted

-- name: waiting_count_of
-- The number of waiting items of the device $1, counted up to $2.
SELECT count(*)
FROM (SELECT FROM quarantine WHERE device = $1 AND released_at IS NULL LIMIT $2) AS counted

-- name: is_known
-- Whether a device of the name $1 is enrolled, or sent something that is or was in quarantine.
SELECT EXISTS (SELECT FROM device WHERE device = $1)
       OR EXISTS (SELECT FROM quarantine WHERE device = $1)
