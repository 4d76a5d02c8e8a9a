-- Counts positions by the minute in which they came in, so that the pages show a backlog of old positions.

CREATE TABLE received_minute (
    minute    timestamptz PRIMARY KEY,
    positions bigint NOT NULL
);

ALTER TABLE device_state ADD COLUMN received_at timestamptz;

ALTER TABLE pending_span ADD COLUMN positions integer NOT NULL DEFAULT 0;
ALTER TABLE pending_span ADD COLUMN received_at timestamptz NOT NULL DEFAULT now();

CREATE OR REPLACE FUNCTION move_device_state(devices text[], firsts timestamptz[], lasts timestamptz[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- The rows are sorted, so that two writers wait for each other and do not deadlock.
    INSERT INTO device_state AS state (device, first_ts, last_ts, dirty_from, dirty_to, revision,
                                       dirty_since, received_at)
    SELECT stored.device, first_ts, last_ts, first_ts, last_ts, 1, now(), now()
    FROM unnest(devices, firsts, lasts) AS stored (device, first_ts, last_ts)
    ORDER BY stored.device
    ON CONFLICT (device) DO UPDATE SET
        first_ts   = least(state.first_ts, excluded.first_ts),
        last_ts    = greatest(state.last_ts, excluded.last_ts),
        dirty_from = least(state.dirty_from, excluded.dirty_from),
        dirty_to   = greatest(state.dirty_to, excluded.dirty_to),
        revision   = state.revision + 1,
        dirty_since = coalesce(state.dirty_since, now()),
        received_at = now();
END
$$;

DROP PROCEDURE apply_span(text[], bigint[], bigint[], bigint);
CREATE PROCEDURE apply_span(devices text[], firsts bigint[], lasts bigint[], private_as bigint,
                            positions integer DEFAULT 0)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM still_private_as(private_as);
    PERFORM move_device_state(
        devices,
        ARRAY(SELECT timestamptz '2000-01-01Z' + us * interval '1 us' FROM unnest(firsts) AS us),
        ARRAY(SELECT timestamptz '2000-01-01Z' + us * interval '1 us' FROM unnest(lasts) AS us));
    INSERT INTO pending_span VALUES ('{}', '{}', '{}', positions);
END
$$;

DROP PROCEDURE note_span(text[], bigint[], bigint[], bigint);
CREATE PROCEDURE note_span(devices text[], firsts bigint[], lasts bigint[], private_as bigint,
                           positions integer DEFAULT 0)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM still_private_as(private_as);
    INSERT INTO pending_span VALUES (devices, firsts, lasts, positions);
END
$$;

CREATE OR REPLACE FUNCTION apply_pending_spans() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    spans record;
BEGIN
    -- A second caller waits, so that for both all spans are applied that were noted before their calls.
    PERFORM pg_advisory_xact_lock(hashtext('flaadestyring.pending_spans'));
    WITH pending AS (DELETE FROM pending_span RETURNING *),
    counted AS (
        INSERT INTO received_minute AS m (minute, positions)
        SELECT date_trunc('minute', received_at), sum(positions) FROM pending
        WHERE positions > 0 GROUP BY 1
        ON CONFLICT (minute) DO UPDATE SET positions = m.positions + excluded.positions
    ),
    span AS (
        SELECT device,
               timestamptz '2000-01-01Z' + min(first_us) * interval '1 us' AS first_ts,
               timestamptz '2000-01-01Z' + max(last_us) * interval '1 us' AS last_ts
        FROM pending, unnest(devices, firsts, lasts) AS noted (device, first_us, last_us)
        GROUP BY device
    )
    SELECT array_agg(device) AS devices, array_agg(first_ts) AS firsts, array_agg(last_ts) AS lasts
    INTO spans FROM span;
    IF spans.devices IS NOT NULL THEN
        PERFORM move_device_state(spans.devices, spans.firsts, spans.lasts);
    END IF;
END
$$;
