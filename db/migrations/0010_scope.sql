-- The scope of a department's head: a role, policies, and functions that read positions for it.

-- A session that reads for the head of a department has the role `flaade_scoped` and names the departments
-- in `flaade.departments` (`db.scope.seen_by`). The policies here leave it the rows of their vehicles only,
-- so that a statement without a filter leaks nothing. The owner of the tables, which all other sessions
-- are, is not subject to policies. A table that the role is not granted is out of its reach, as every new
-- one is at first.
DO $$
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'flaade_scoped') THEN
            BEGIN
                CREATE ROLE flaade_scoped NOLOGIN;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- Another database of the server was set up at the same moment.
            END;
        END IF;
        BEGIN
            SET LOCAL ROLE flaade_scoped;
            SET LOCAL ROLE NONE;
        EXCEPTION WHEN insufficient_privilege THEN
            GRANT flaade_scoped TO CURRENT_USER;
        END;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE insufficient_privilege USING MESSAGE = format(
            'the database user %1$I may not make the role flaade_scoped, by which heads of departments see '
            'their own departments only; let an administrator of the server run: '
            'CREATE ROLE flaade_scoped NOLOGIN; GRANT flaade_scoped TO %1$I', current_user);
    END;
END
$$;

-- Whether this session reads for the head of a department.
CREATE FUNCTION is_scoped() RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT coalesce(current_setting('flaade.departments', true), '') <> ''
$$;

CREATE FUNCTION scope_departments() RETURNS text[] STABLE LANGUAGE sql AS $$
    SELECT ARRAY(SELECT jsonb_array_elements_text(
        coalesce(nullif(current_setting('flaade.departments', true), ''), '[]')::jsonb))
$$;

CREATE FUNCTION scope_vehicles() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT vehicle_id FROM vehicle WHERE department = ANY (scope_departments()))
$$;

-- The trackers that sit in the scope's vehicles now.
CREATE FUNCTION scope_devices() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT device FROM device WHERE vehicle_id = ANY (scope_vehicles()))
$$;

-- The trackers that sat in the scope's vehicles at all times (`always`), or sat in others, too.
CREATE FUNCTION scope_seated(always boolean) RETURNS text[] STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
    WITH own AS MATERIALIZED (SELECT scope_vehicles() AS ids)
    SELECT ARRAY(SELECT device FROM device_vehicle, own GROUP BY device
                 HAVING bool_or(vehicle_id = ANY (ids))
                    AND bool_and(coalesce(vehicle_id = ANY (ids), false)) = always)
$$;

-- Whether a tracker sat in a vehicle of the scope at a moment, or on a local day.
CREATE FUNCTION scope_saw(tracker text, moment timestamptz) RETURNS boolean STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM device_vehicle WHERE device = tracker AND moment >= begins
                   AND moment < ends AND vehicle_id = ANY (scope_vehicles()))
$$;
CREATE FUNCTION scope_saw_day(tracker text, on_day date) RETURNS boolean STABLE SECURITY DEFINER
SET search_path FROM CURRENT LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM device_vehicle WHERE device = tracker AND on_day >= since
                   AND on_day < until AND vehicle_id = ANY (scope_vehicles()))
$$;

-- The depots at which vehicles of the scope stand.
CREATE FUNCTION scope_sites() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT DISTINCT depot_id FROM vehicle WHERE department = ANY (scope_departments()))
$$;

-- The depots of which all vehicles are the scope's.
CREATE FUNCTION scope_depots() RETURNS text[] STABLE SECURITY DEFINER SET search_path FROM CURRENT
LANGUAGE sql AS $$
    SELECT ARRAY(SELECT depot_id FROM vehicle GROUP BY depot_id
                 HAVING bool_and(department = ANY (scope_departments())))
$$;

-- Positions are read for the head of a department by two functions only: TimescaleDB knows no policies on
-- compressed tables. They serve all other readers as well.
CREATE FUNCTION positions_seen(tracker text, from_ts timestamptz, to_ts timestamptz)
RETURNS TABLE (ts timestamptz, lat double precision, lon double precision, received_at timestamptz)
STABLE SECURITY DEFINER SET search_path FROM CURRENT LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT p.ts, p.lat, p.lon, p.received_at FROM position p
    WHERE p.device = tracker AND p.ts >= from_ts AND p.ts <= to_ts
      AND (NOT is_scoped() OR scope_saw(tracker, p.ts)) ORDER BY p.ts;
END
$$;
CREATE FUNCTION positions_seen_since(tracker text, from_ts timestamptz) RETURNS bigint
STABLE SECURITY DEFINER SET search_path FROM CURRENT LANGUAGE plpgsql AS $$
BEGIN
    IF is_scoped() AND NOT tracker = ANY (scope_devices()) THEN
        RETURN 0;
    END IF;
    RETURN (SELECT count(*) FROM position WHERE device = tracker AND ts >= from_ts);
END
$$;

-- Views read with the rights of who asks them.
ALTER VIEW device_vehicle SET (security_invoker = true);
ALTER VIEW decision_in_force SET (security_invoker = true);
ALTER VIEW depot SET (security_invoker = true);
ALTER VIEW trip_settings SET (security_invoker = true);

-- What is of no vehicle.
GRANT SELECT ON schema_migration, vehicle_kind, vehicle_kind_change, capability_name, assumption, zone,
    closing_day, municipality, received_minute, deletion, round, programme, initiative, milestone,
    milestone_change TO flaade_scoped;
GRANT SELECT ON device_vehicle, decision_in_force, depot, trip_settings TO flaade_scoped;
-- Counts of positions, without the devices.
GRANT SELECT (positions, received_at) ON pending_span TO flaade_scoped;

-- What is of vehicles, and what is of none for who has a scope (without a policy).
GRANT SELECT ON vehicle, vehicle_ruling, private_period, round_trip, device, device_seat, device_state,
    device_rhythm, trip_aside, quarantine, trip, engine_session, device_day, private_day, logged_span,
    device_month, register_change, proposal, decision, round_part, quarantine_evicted, log_upload,
    vehicle_list, vehicle_list_layout, api_key TO flaade_scoped;
DO $$
DECLARE
    vehicles constant text := 'vehicle_id = ANY ((SELECT scope_vehicles())::text[])';
    devices  constant text := 'device = ANY ((SELECT scope_devices())::text[])';
    seated   constant text := 'device = ANY ((SELECT scope_seated(true))::text[])';
    at_times constant text := ' OR device = ANY ((SELECT scope_seated(false))::text[]) AND ';
    one      record;
BEGIN
    FOR one IN VALUES
        ('vehicle', 'department = ANY ((SELECT scope_departments())::text[])'),
        ('vehicle_ruling', vehicles), ('private_period', vehicles), ('round_trip', vehicles),
        ('device', vehicles), ('device_seat', vehicles),
        ('device_state', devices), ('device_rhythm', devices), ('trip_aside', devices),
        ('quarantine', seated), ('logged_span', seated),
        ('trip', seated || at_times || 'scope_saw(device, start_ts)'),
        ('engine_session', seated || at_times || 'scope_saw(device, start_ts)'),
        ('device_day', seated || at_times || 'scope_saw_day(device, day)'),
        ('private_day', seated || at_times || 'scope_saw_day(device, day)'),
        ('device_month', seated || at_times || 'true'),
        ('register_change', 'subject IN (''zone'', ''closing_day'', ''municipality'')'
            || ' OR subject = ''vehicle'' AND subject_id = ANY ((SELECT scope_vehicles())::text[])'),
        -- As `optimiser.rounds.decisions.is_seen`.
        ('proposal', 'CASE WHEN content ->> ''vehicle_id'' IS NOT NULL'
            || ' THEN content ->> ''vehicle_id'' = ANY ((SELECT scope_vehicles())::text[])'
            || ' WHEN jsonb_array_length(coalesce(content -> ''departments'', ''[]'')) > 0'
            || ' THEN content -> ''departments'' ?| scope_departments()'
            || ' ELSE depot_id = ANY ((SELECT scope_sites())::text[]) END'),
        ('decision', 'proposal_id IN (SELECT proposal_id FROM proposal)'),
        ('round_part', 'depots <@ (SELECT scope_depots())'),
        ('quarantine_evicted', 'false'), ('log_upload', 'false'), ('vehicle_list', 'false'),
        ('vehicle_list_layout', 'false'), ('api_key', 'false')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one.column1);
        EXECUTE format('CREATE POLICY scope ON %I FOR SELECT TO flaade_scoped USING (%s)',
                       one.column1, one.column2);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION last_positions(devices text[])
RETURNS TABLE (device text, ts timestamptz, lat double precision, lon double precision,
               speed_kmh real, ignition boolean, soc_pct real, charging boolean, battery_v real,
               attrs jsonb, received_at timestamptz) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path FROM CURRENT AS $$
DECLARE
    week record;
BEGIN
    FOR week IN
        SELECT p.part, array_agg(s.device) AS devices, array_agg(s.last_ts) AS moments
        FROM unnest(devices) AS asked (device)
        JOIN device_state s USING (device)
        JOIN position_parts() p ON s.last_ts >= p.from_ts AND s.last_ts < p.to_ts
        WHERE NOT is_scoped() OR scope_saw(asked.device, s.last_ts)
        GROUP BY p.part
    LOOP
        BEGIN
            RETURN QUERY EXECUTE format(
                'SELECT p.* FROM unnest($1, $2) AS s (device, ts)
                 CROSS JOIN LATERAL (
                     SELECT device, ts, lat, lon, speed_kmh, ignition, soc_pct, charging, battery_v,
                            attrs, received_at
                     FROM %s WHERE device = s.device AND ts = s.ts LIMIT 1
                 ) p', week.part)
            USING week.devices, week.moments;
        EXCEPTION WHEN undefined_table THEN
            NULL;  -- Retention dropped the week meanwhile.
        END;
    END LOOP;
END
$$;
