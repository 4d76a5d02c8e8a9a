"""The command that shows the system with a pilot in it."""

from typing import Annotated

import typer

from api.commands.bounds import Commands
from api.commands.context import settings_in_force
from api.console import run_command
from api.demo import run_demo

app = Commands()


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="stop after the first proposals")] = False,
) -> None:
    """From nothing to a running system: a pilot, its trips, the first proposals, the pages."""
    settings = settings_in_force()
    run_command(lambda: run_demo(settings, once=once))
