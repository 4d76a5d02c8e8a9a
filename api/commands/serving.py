"""The command that runs the system."""

import logging
from typing import Annotated

import typer

from access.first_administrator import first_administrator_link
from api.commands.bounds import Commands
from api.commands.context import settings_in_force
from api.console import out, run_command
from api.delivery.garbage import leave_out_loaded, look_now_and_then
from api.door.link_addresses import first_link_address
from api.server import RunningServer, ServerRole, running_server, stop_signals
from api.settings import Settings
from db.connect import await_database, database_of, open_pool
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.shipped import load_programme

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
        stopping = stop_signals(settings.stop_max_s)
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
                leave_out_loaded()
                await look_now_and_then(stopping)

    run_command(work, log_level=logging.INFO)


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
