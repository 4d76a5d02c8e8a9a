"""All that a database knows of its tables, as text that can be compared."""

import asyncpg

from db.connect import Connection, Pool, PooledConnection

#: What the schema does not make: tables of the job queue, and partitions by week.
NOT_OURS = r"^((idx_)?procrastinate_|position_\d)"

#: Every object of the schema with all that holds of it, a line each.
CATALOGUE = """
WITH ours AS (
    SELECT c.oid, c.relname, c.relkind, c.reloptions, c.relpersistence
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname !~ $1
)
SELECT format('relation %s: kind %s, persistence %s, options %s',
              relname, relkind, relpersistence, reloptions) AS line
FROM ours
UNION ALL
SELECT format('column %s.%s: number %s, %s, not null %s, identity %s, generated %s, default %s',
              relname, attname,
              row_number() OVER (PARTITION BY relname ORDER BY attnum),
              format_type(atttypid, atttypmod), attnotnull, attidentity::text,
              attgenerated::text, pg_get_expr(adbin, adrelid))
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL
SELECT format('constraint %s of %s%s: %s, deferrable %s, deferred %s, validated %s', conname,
              relname, typname, pg_get_constraintdef(k.oid), condeferrable, condeferred,
              convalidated)
FROM pg_constraint k LEFT JOIN ours ON ours.oid = conrelid LEFT JOIN pg_type t ON t.oid = contypid
WHERE connamespace = 'public'::regnamespace AND coalesce(relname, typname) !~ $1
UNION ALL
SELECT format('index %s', pg_get_indexdef(indexrelid))
FROM pg_index JOIN ours ON ours.oid = indrelid
UNION ALL
SELECT format('view %s: %s', relname, pg_get_viewdef(oid)) FROM ours WHERE relkind = 'v'
UNION ALL
SELECT format('trigger: %s; enabled %s', pg_get_triggerdef(t.oid), tgenabled)
FROM pg_trigger t JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
UNION ALL
SELECT format('sequence %s: %s', relname, s)
FROM ours JOIN pg_sequences s ON s.sequencename = relname AND s.schemaname = 'public'
UNION ALL
SELECT format('function: %s', pg_get_functiondef(p.oid))
FROM pg_proc p
WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p') AND proname !~ $1
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT format('domain %s: %s, not null %s, default %s', typname,
              format_type(typbasetype, typtypmod), typnotnull, typdefault)
FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'd'
ORDER BY 1
"""


async def catalogue(connection: "Connection | PooledConnection | Pool") -> list[str]:
    """Every table, column, default, constraint, index, view, trigger, sequence, function and domain
    of the schema, in the order of their names."""
    rows: list[asyncpg.Record] = await connection.fetch(CATALOGUE, NOT_OURS)
    return [row["line"] for row in rows]
