"""The command that runs the system."""

import asyncio
import gc
import logging
from typing import Annotated

import typer

from access.first_administrator import first_administrator_link
from api.commands.bounds import Commands
from api.commands.context import settings_in_force
from api.console import out, run_command
from api.door.link_addresses import first_link_address
from api.server import RunningServer, ServerRole, running_server, stop_signals
from api.settings import Settings
from db.connect import await_database, database_of, open_pool
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.plan import load_programme

#: Objects that a server makes before it looks for cycles among them, which are rare. A page of a
#: large fleet makes a hundred thousand, and would wait while all of them are looked through.
GARBAGE_OBJECTS = 500_000

#: Seconds after which a server looks for cycles all the same, between requests.
GARBAGE_S = 60.0

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
            async with running_server(settings, found.url, roles, found.embedded) as server:
                if roles is None or ServerRole.API in roles:
                    await _invite(server, settings)
                # Looking for garbage in all that was loaded, and in the rows that wait for a
                # commit, would take a quarter of the processor time of ingest.
                gc.collect()
                gc.freeze()
                gc.set_threshold(GARBAGE_OBJECTS)
                await _tidy_until(stopping)

    run_command(work, log_level=logging.INFO)


async def _tidy_until(stopping: asyncio.Event) -> None:
    """Look for cycles among the younger objects now and then, until the server is to stop."""
    while True:
        try:
            async with asyncio.timeout(GARBAGE_S):
                await stopping.wait()
        except TimeoutError:
            gc.collect(1)
        else:
            return


async def _invite(server: RunningServer, settings: Settings) -> None:
    """Print how to make the first administrator, while nobody can sign in."""
    token = await first_administrator_link(server.pool)
    if token is not None:
        out.print("There are no accounts yet. Make the first administrator at")
        out.print(first_link_address(settings, token))


def _role_of(name: str) -> ServerRole:
    """Raises typer.BadParameter where no part is called so."""
    if name not in set(ServerRole):
        raise typer.BadParameter(f"--only: there is no part {name!r} ({', '.join(ServerRole)})")
    return ServerRole(name)
