"""The command that runs the system."""

import gc
import logging
from typing import Annotated

import typer

from api.commands.bounds import Commands
from api.commands.context import settings_in_force
from api.console import run_command
from api.server import ServerRole, running_server, stop_signals
from db.connect import await_database, database_of, open_pool
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.plan import load_programme

#: Objects that a server makes before it looks for cycles among them, which are rare.
GARBAGE_OBJECTS = 50_000

app = Commands()


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
    roles = None if only is None else [_role_of(name.strip()) for name in only.split(",")]

    async def work() -> None:
        stopping = stop_signals()
        async with database_of(settings) as found:
            await await_database(found.url, settings.database_wait_max_s, stopping)
            if stopping.is_set():
                return
            # A server that is up does not end when the database goes away; one that starts does.
            async with open_pool(found.url, connections_max=2, forward=True) as pool:
                await load_programme(pool, read_programme(FLEET_PROGRAMME))
            async with running_server(settings, found.url, roles, found.embedded):
                # Looking for garbage in all that was loaded, and in the rows that wait for a
                # commit, would take a quarter of the processor time of ingest.
                gc.collect()
                gc.freeze()
                gc.set_threshold(GARBAGE_OBJECTS)
                await stopping.wait()

    run_command(work, log_level=logging.INFO)


def _role_of(name: str) -> ServerRole:
    """Raises typer.BadParameter where no part is called so."""
    if name not in set(ServerRole):
        raise typer.BadParameter(f"--only: there is no part {name!r} ({', '.join(ServerRole)})")
    return ServerRole(name)
