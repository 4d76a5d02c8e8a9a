"""Who did what is added and never changed: the database itself refuses."""

import asyncpg
import pytest

from db.connect import Pool
from tests.factories.vehicles import put_cars

#: The tables that refuse to be changed.
HISTORY = """
SELECT tgrelid::regclass::text AS name, tgenabled = 'O' AS enabled,
       -- BEFORE, for a statement, whatever it does but insert: 2 + 8 + 16 + 32.
       tgtype = 58 AS refuses_all
FROM pg_trigger WHERE tgfoid = 'refuse_change'::regproc ORDER BY name
"""

#: What refuses to be changed and is no history of acts, with its key: what the system deleted,
#: which is nobody's act, and reports as they were made.
NO_ACTS = {"deletion": "deletion_id", "report": "report_id"}


async def columns(pool: Pool, table: str) -> list[tuple[str, str]]:
    """The columns of a table with their types, in their order."""
    rows = await pool.fetch(
        "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute"
        " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        table,
    )
    return [(row["attname"], row["type"]) for row in rows]


async def test_history_has_one_shape_and_refuses_to_be_changed(pool: Pool) -> None:
    tables = await pool.fetch(HISTORY)
    names = {table["name"] for table in tables}
    assert names >= {"decision", "vehicle_ruling", "assumption", "milestone_change", *NO_ACTS}
    assert all(table["enabled"] and table["refuses_all"] for table in tables)
    for name in names - NO_ACTS.keys():
        first, *_, actor, at = await columns(pool, name)
        assert first == ("change_id", "bigint"), name
        assert (actor, at) == (("actor", "actor"), ("at", "timestamp with time zone")), name
    # And whatever looks like history is.
    others = await pool.fetch(
        "SELECT DISTINCT attrelid::regclass::text AS name FROM pg_attribute"
        " JOIN pg_class c ON c.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND (attname IN ('actor', 'change_id') OR relname LIKE '%\\_change')"
    )
    assert {row["name"] for row in others} == names - NO_ACTS.keys()


async def test_who_did_something_has_one_type_which_is_not_empty(pool: Pool) -> None:
    rows = await pool.fetch(
        "SELECT attrelid::regclass || '.' || attname AS name FROM pg_attribute"
        " JOIN pg_class c ON c.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0"
        " AND (attname ~ '_by$' OR attname = 'actor') AND atttypid <> 'actor'::regtype"
        " AND relname !~ '^procrastinate_'"
    )
    assert [row["name"] for row in rows] == []
    for nobody in ("", "  "):
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute(
                "INSERT INTO capability_name (capability, name, actor) VALUES ('crane', 'K', $1)",
                nobody,
            )


async def test_nobody_changes_what_was_said_of_a_vehicle(pool: Pool) -> None:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    await pool.execute(
        "INSERT INTO vehicle_ruling (vehicle_id, ruling, reason, actor)"
        " VALUES ('v1', 'stay', 'snow', 'MB')"
    )
    kept = await pool.fetch("SELECT * FROM vehicle_ruling")
    for change in (
        "UPDATE vehicle_ruling SET ruling = 'go'",
        "DELETE FROM vehicle_ruling",
        "TRUNCATE vehicle_ruling",
        "TRUNCATE vehicle CASCADE",
        "INSERT INTO vehicle_ruling OVERRIDING SYSTEM VALUE VALUES (1, 'v1', 'go', NULL, 'x', 'y')"
        " ON CONFLICT (change_id) DO UPDATE SET ruling = 'go'",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="never changed"):
            await pool.execute(change)
    assert await pool.fetch("SELECT * FROM vehicle_ruling") == kept
    assert len(kept) == 1


async def test_every_table_of_history_says_why_it_refuses(pool: Pool) -> None:
    for table in await pool.fetch(HISTORY):
        name = table["name"]
        key = NO_ACTS.get(name, "change_id")
        for verb, change in (
            ("UPDATE", f"UPDATE {name} SET {key} = DEFAULT"),
            ("DELETE", f"DELETE FROM {name}"),
            ("TRUNCATE", f"TRUNCATE {name} CASCADE"),
        ):
            said = (
                f"{verb} of {name} is refused: it is history, which is added to and never changed"
            )
            with pytest.raises(asyncpg.RestrictViolationError, match=said):
                await pool.execute(change)
