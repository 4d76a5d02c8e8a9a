-- name: assumptions
-- The municipality's own figures in force, without those that it withdrew.
SELECT * FROM (
    SELECT DISTINCT ON (key, valid_from) key, valid_from, value, source, note, actor, at
    FROM assumption ORDER BY key, valid_from, change_id DESC
) latest WHERE value IS NOT NULL ORDER BY key, valid_from

-- name: assumption_history
SELECT key, valid_from, value, source, note, actor, at
FROM assumption WHERE key = $1 ORDER BY change_id DESC

-- name: own_assumption
-- The municipality's own figure in force for the key $1 from the year $2 on.
SELECT value, source FROM (
    SELECT value, source FROM assumption WHERE key = $1 AND valid_from = $2
    ORDER BY change_id DESC LIMIT 1
) latest WHERE value IS NOT NULL

-- name: hold_basis
-- Acts that change assumptions and kinds are done one after the other, so that each sees the changes of the
-- one before.
SELECT pg_advisory_xact_lock(hashtext('flaadestyring.basis'))

-- name: assumption_changes
SELECT count(*) FROM assumption WHERE key = $1

-- name: changes_of_assumptions
SELECT key, count(*) AS changes FROM assumption GROUP BY key

-- name: add_assumption
INSERT INTO assumption (key, valid_from, value, source, note, actor)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: kinds
SELECT kind, name, energy, offers, offered, fixed_kr_year, kr_km, co2_g_km, range_km, charge_km_h,
       specification, max_trip_km, max_day_km, window_from, window_to, source, year, note
FROM vehicle_kind ORDER BY kind

-- name: put_kind
-- Adds or changes a kind, and adds a line to its history: $15 is its content. From $17 on come its
-- limits: the window, and the numbers in the order of `costs.limits.LIMIT_NUMBERS`.
WITH put AS (
    INSERT INTO vehicle_kind (kind, name, energy, offers, offered, fixed_kr_year, kr_km, co2_g_km,
                              range_km, charge_km_h, specification, source, year, note,
                              window_from, window_to, max_trip_km, max_day_km)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $17, $18, $19, $20)
    ON CONFLICT (kind) DO UPDATE SET
        name = excluded.name, energy = excluded.energy, offers = excluded.offers,
        offered = excluded.offered, fixed_kr_year = excluded.fixed_kr_year,
        kr_km = excluded.kr_km, co2_g_km = excluded.co2_g_km, range_km = excluded.range_km,
        charge_km_h = excluded.charge_km_h, specification = excluded.specification,
        source = excluded.source, year = excluded.year, note = excluded.note,
        window_from = excluded.window_from, window_to = excluded.window_to,
        max_trip_km = excluded.max_trip_km, max_day_km = excluded.max_day_km
    RETURNING kind
)
INSERT INTO vehicle_kind_change (kind, content, actor) SELECT kind, $15, $16 FROM put

-- name: kind_before
-- The content of the latest version of a kind.
SELECT content FROM vehicle_kind_change WHERE kind = $1 ORDER BY change_id DESC LIMIT 1

-- name: kind_changes
SELECT count(*) FROM vehicle_kind_change WHERE kind = $1

-- name: changes_of_kinds
SELECT kind, count(*) AS changes FROM vehicle_kind_change GROUP BY kind

-- name: kind_history
-- The versions of a kind with their actors, the latest first.
SELECT content, actor, at FROM vehicle_kind_change
WHERE kind = $1 ORDER BY change_id DESC

-- name: kinds_changed_by_others
SELECT DISTINCT kind FROM vehicle_kind_change WHERE actor <> $1

-- name: store_basis
-- The assumptions and kinds with which a round is calculated.
UPDATE round SET assumptions = $2, kinds = $3 WHERE round_id = $1

-- name: stored_basis
SELECT assumptions::text AS assumptions, kinds::text AS kinds, period_last FROM round
WHERE round_id = $1 AND assumptions IS NOT NULL

-- name: capabilities
-- The capabilities that kinds offer or that somebody named, each with the name in force. After an
-- empty name the product's name is in force.
SELECT c.capability, n.name, n.actor AS named_by, n.at AS named_at,
       ARRAY(SELECT k.name FROM vehicle_kind k WHERE c.capability = ANY (k.offers)
             ORDER BY k.name) AS kinds
FROM (SELECT unnest(offers) AS capability FROM vehicle_kind
      UNION SELECT capability FROM capability_name) c
LEFT JOIN LATERAL (SELECT name, actor, at FROM capability_name x
                   WHERE x.capability = c.capability ORDER BY change_id DESC LIMIT 1) n ON true
ORDER BY c.capability

-- name: capability_name
SELECT name FROM capability_name WHERE capability = $1 ORDER BY change_id DESC LIMIT 1

-- name: capability_changes
SELECT count(*) FROM capability_name

-- name: name_capability
INSERT INTO capability_name (capability, name, actor) VALUES ($1, $2, $3)

-- name: vehicles_of_kinds
SELECT kind, count(*) AS vehicles FROM vehicle WHERE in_fleet(retired_at) GROUP BY kind
