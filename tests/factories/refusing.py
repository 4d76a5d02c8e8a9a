"""A database that refuses what it is asked."""

from db.connect import Pool


async def refuse(pool: Pool, state: str | None) -> None:
    """Have every new position refused with this SQLSTATE, or none."""
    if state is None:
        await pool.execute("DROP FUNCTION no_room() CASCADE")
        return
    await pool.execute(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE 'could not extend file' USING ERRCODE = '{state}'; END $$;"
        "CREATE TRIGGER no_room BEFORE INSERT ON position FOR EACH ROW EXECUTE FUNCTION no_room()"
    )
