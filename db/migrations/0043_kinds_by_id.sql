-- Decisions name the kind that comes by its id, too, as kinds are renamed. The rounds kept their kinds; one that
-- is on offer may have the name of one that was.
UPDATE proposal p SET content = p.content || jsonb_build_object('new_kind_id', k.kind)
FROM (
    SELECT DISTINCT ON (r.round_id, one ->> 'name') r.round_id, one ->> 'name' AS name, one ->> 'kind' AS kind
    FROM round r CROSS JOIN jsonb_array_elements(r.kinds) one
    WHERE jsonb_typeof(r.kinds) = 'array'
    ORDER BY r.round_id, one ->> 'name', (one ->> 'offered')::boolean DESC NULLS LAST
) k
WHERE k.round_id = p.round_id AND p.content ->> 'new_kind' = k.name;

-- Whether a proposal with the same key proposes what was accepted: as `accepted_otherwise` of
-- `optimiser.rounds.decisions`.
CREATE OR REPLACE FUNCTION proposes_same(content jsonb, accepted jsonb) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT CASE WHEN content ->> 'new_kind_id' IS NULL OR accepted ->> 'new_kind_id' IS NULL
                THEN content ->> 'new_kind' IS NOT DISTINCT FROM accepted ->> 'new_kind'
                ELSE content ->> 'new_kind_id' = accepted ->> 'new_kind_id' END
       AND (content ->> 'action' <> 'buy'
            OR content -> 'count' = accepted -> 'count'
               AND coalesce(content -> 'come', '0') = coalesce(accepted -> 'come', '0')
            OR (content ->> 'count')::integer + coalesce((content ->> 'come')::integer, 0)
               = (accepted ->> 'count')::integer)
       AND (content ->> 'action' <> 'pool' OR content -> 'departments' @> (accepted -> 'departments')
                                              AND content -> 'departments' <@ (accepted -> 'departments'))
$$;
