"""The commands for the upkeep of an installation: the schema, what was deleted when its time was
over, and the settings."""

import re
from typing import Annotated, cast

import typer

from api.commands.bounds import Commands
from api.commands.context import moment_text, open_database, settings_in_force
from api.console import counted, out, run_command, table_of
from api.settings import Settings
from db.connect import database_of, open_pool
from db.retention import last_deletions

app = Commands()


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version; `serve` does so at its first start."""

    async def work() -> None:
        current = settings_in_force()
        async with (
            database_of(current) as found,
            open_pool(found.url, connections_max=1, forward=True),
        ):
            out.print("The database has the schema of this version.")

    run_command(work)


@app.command()
def retention(
    limit: Annotated[int, typer.Option(min=1, help="how many of the last deletions")] = 20,
) -> None:
    """List what the system deleted because its time was over, the last first."""

    async def work() -> None:
        async with open_database() as (pool, current):
            table = table_of("deleted", "what", "from", "to", "items", "days kept")
            for one in await last_deletions(pool, limit):
                table.add_row(
                    moment_text(one.deleted_at),
                    one.subject,
                    "" if one.from_ts is None else moment_text(one.from_ts),
                    moment_text(one.to_ts),
                    f"{one.items:,}",
                    f"{one.keep_days}",
                )
            out.print(table)
            for what, days in (
                ("Positions and refused telemetry are kept", current.position_keep_days),
                ("Exact places of trips are kept", current.trip_exact_days),
                ("Trips are kept", current.trip_keep_days),
                ("Uploaded driving logs are kept", current.log_upload_days),
                ("Entries of the audit log are kept", current.audit_keep_days),
            ):
                kept = f"for {counted(days, 'day')}" if days else "for ever"
                out.print(f"{what} {kept}.")

    run_command(work)


@app.command()
def settings() -> None:
    """List every setting: its name, what it is now, and what it means."""
    current = settings_in_force()
    table = table_of("setting", "value", "meaning")
    for name, field in Settings.model_fields.items():
        shown = _shown(getattr(current, name))
        table.add_row("FLAADE_" + name.upper(), shown, field.description or "")
    out.print(table)


def _shown(value: object) -> str:
    """A setting's value for people: no password of a URL, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in cast(tuple[object, ...], value))
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:…@", str(value))
