"""A fleet of two departments, with four weeks of trips in the database."""

#: Of each department two vehicles at a depot of its own, one of which went out once only, and one
#: at a depot for both, where one vehicle can do the trips of the two: the other one has a contract.
FLEET = """
INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150),
    ('away', 'Fremmedgården', 55.9, 12.4, 150), ('both', 'Fælles plads', 55.8, 12.45, 150);
INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)
    VALUES ('car', 'Bil', 'petrol', 30000, 1, 100, 'x');
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id, plate) VALUES
    ('own', 'Egen bil', 'car', 'Egen', 'home', 'AB12345'),
    ('own-idle', 'Egen ledig', 'car', 'Egen', 'home', NULL),
    ('own-both', 'Egen fælles', 'car', 'Egen', 'both', NULL),
    ('strange', 'Fremmed bil', 'car', 'Fremmed', 'away', 'FREMMED1'),
    ('strange-idle', 'Fremmed ledig', 'car', 'Fremmed', 'away', NULL),
    ('strange-both', 'Fremmed fælles', 'car', 'Fremmed', 'both', NULL);
UPDATE vehicle SET contract_end = now() + interval '9 years' WHERE vehicle_id = 'strange-both';
INSERT INTO device (device, vehicle_id)
    SELECT replace(vehicle_id, 'strange', 'fremmed') || '-d', vehicle_id FROM vehicle;
INSERT INTO device_state (device, first_ts, last_ts)
    SELECT device, now() - interval '30 days', now() FROM device;
CREATE TEMPORARY TABLE local AS SELECT (now() AT TIME ZONE 'Europe/Copenhagen')::date AS today;
CREATE TEMPORARY TABLE driven AS
    SELECT device, vehicle_id, depot_id, lat, lon, day + begins AS start_ts,
           day + begins + interval '2 hours' AS end_ts
    FROM local, device JOIN vehicle USING (vehicle_id) JOIN depot USING (depot_id),
         LATERAL (SELECT CASE vehicle_id WHEN 'own-both' THEN time '12:00' ELSE time '08:00' END
                  AS begins) hour,
         generate_series(today - 28, today - 1, interval '1 day') day
    WHERE vehicle_id !~ 'idle' OR day = today - 10;
INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)
    SELECT device, start_ts, end_ts, lat, lon, lat, lon, 12 FROM driven;
INSERT INTO round_trip (device, start_ts, end_ts, vehicle_id, depot_id, km, legs, left_depot,
                        reached_depot)
    SELECT device, start_ts, end_ts, vehicle_id, depot_id, 12, 2, depot_id, depot_id FROM driven;
INSERT INTO device_day
    SELECT one.device, day, 1440, 16777215, count(start_ts), 12 * count(start_ts),
           7200 * count(start_ts), 7200 * count(start_ts), 0
    FROM local CROSS JOIN device one
    CROSS JOIN generate_series(today - 28, today - 1, interval '1 day') day
    LEFT JOIN driven d ON d.device = one.device AND start_ts::date = day
    GROUP BY one.device, day;
INSERT INTO device_month
    SELECT DISTINCT device, date_trunc('month', day)::date, 1 FROM device_day;
DROP TABLE driven, local
"""
