"""The command that brings a database to the schema of this version."""

from api.commands.bounds import Commands
from api.commands.context import settings_in_force
from api.console import out, run_command
from db.connect import database_of, open_pool

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
