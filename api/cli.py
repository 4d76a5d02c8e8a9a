"""The command `flaade`: every way to run and to ask the system from a terminal."""

import gc
import logging
import re
from typing import Annotated, cast

import typer
from rich.table import Table

from api.commands import device, fleet, private, quarantine, simulation, trips, utilisation
from api.commands.bounds import Commands
from api.commands.context import database, moment, settings_in_force
from api.console import expected_errors, out, run
from api.demo import run_demo
from api.server import Part, running, stop_signals
from db.connect import await_database, database_of, open_pool
from db.migration import Update
from db.statements import statements
from fleet.settings import Settings
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.plan import load_programme

#: Objects that a server makes before it looks for cycles among them, which are rare.
GARBAGE_OBJECTS = 50_000

app = Commands(
    help="Fleet management that a municipality runs itself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for part in (simulation, trips, utilisation, fleet):
    app.add_typer(part.app)
for name, part in {"device": device, "private": private, "quarantine": quarantine}.items():
    app.add_typer(part.app, name=name, no_args_is_help=True)


def main() -> None:
    """Entry point of the command."""
    with expected_errors():
        app()


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="stop after the first proposals")] = False,
) -> None:
    """From nothing to a running system: a pilot, its trips, the first proposals, the pages."""
    settings = settings_in_force()
    run(lambda: run_demo(settings, once=once))


@app.command()
def serve(
    only: Annotated[
        str | None,
        typer.Option(
            help="parts to run, comma-separated: ingest, api, worker, and with a buffer writer; "
            "default: all"
        ),
    ] = None,
) -> None:
    """Run the system until it is told to stop (SIGTERM or Ctrl-C)."""
    settings = settings_in_force()
    try:
        parts = None if only is None else [Part(name.strip()) for name in only.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"--only: {error}") from None

    async def work() -> None:
        told = stop_signals()
        async with database_of(settings) as found:
            await await_database(found.url, settings.database_wait_max_s, told)
            if told.is_set():
                return
            # Who is up does not end when the database goes away; who starts does.
            # Who is up does not end when the database goes away; who starts does.
            async with open_pool(found.url, connections_max=2, update=Update.FORWARD) as pool:
                await load_programme(pool, read_programme(FLEET_PROGRAMME))
            async with running(settings, found.url, parts, found.embedded):
                # Looking for garbage in all that was loaded, and in the rows that wait for a
                # commit, would take a quarter of the processor time of ingest.
                gc.collect()
                gc.freeze()
                gc.set_threshold(GARBAGE_OBJECTS)
                await told.wait()

    run(work, log_level=logging.INFO)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version; `serve` does so at its first start."""

    async def work() -> None:
        current = settings_in_force()
        async with (
            database_of(current) as found,
            open_pool(found.url, connections_max=1, update=Update.ANY),
        ):
            out.print("The database has the schema of this version.")

    run(work)


@app.command()
def retention(
    limit: Annotated[int, typer.Option(min=1, help="how many of the last deletions")] = 20,
) -> None:
    """What the system deleted because its time was over, the last first."""

    async def work() -> None:
        async with database() as (pool, current):
            table = Table("deleted", "what", "from", "to", "items", "days kept")
            for row in await pool.fetch(statements("retention")["last"], limit):
                table.add_row(
                    moment(row["deleted_at"]),
                    row["subject"],
                    "" if row["from_ts"] is None else moment(row["from_ts"]),
                    moment(row["to_ts"]),
                    f"{row['items']:,}",
                    f"{row['keep_days']}",
                )
            out.print(table)
            for what, days in (
                ("Positions and refused telemetry are kept", current.position_keep_days),
                ("Exact places of trips are kept", current.trip_exact_days),
                ("Trips are kept", current.trip_keep_days),
                ("Uploaded driving logs are kept", current.log_upload_days),
            ):
                kept = f"for {days} days" if days else "for ever"
                out.print(f"{what} {kept}.")

    run(work)


@app.command()
def settings() -> None:
    """Every setting: its name, what it is now, and what it means."""
    current = settings_in_force()
    table = Table("setting", "value", "meaning")
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
