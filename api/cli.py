"""The command `flaade`, by which people run and query the system from a terminal."""

import sys
from collections.abc import Iterable
from importlib import import_module

from api.commands.bounds import Commands
from api.console import expected_errors

#: The module in `api.commands` of every command, in the order of the help. Only the module of
#: the command is loaded: pages and the optimiser take seconds, which a list of trackers need not
#: wait for.
MODULE_BY_COMMAND = {
    "demo": "demo",
    "serve": "serving",
    "migrate": "upkeep",
    "retention": "upkeep",
    "settings": "upkeep",
    "simulate": "simulation",
    "replay": "simulation",
    "trips": "trips",
    "import-log": "trips",
    "import-zones": "trips",
    "recompute": "trips",
    "export": "trips",
    "utilisation": "utilisation",
    "register": "fleet",
    "optimise": "fleet",
    "check": "fleet",
    "check-certificate": "fleet",
    "plan": "plan",
    "account": "account",
    "device": "device",
    "private": "private",
    "quarantine": "quarantine",
}

#: Commands that have commands of their own.
COMMAND_GROUPS = ("plan", "account", "device", "private", "quarantine")


def main() -> None:
    """Entry point of the command."""
    with expected_errors():
        asked = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
        command_group([asked] if asked in MODULE_BY_COMMAND else MODULE_BY_COMMAND)()


def command_group(asked: Iterable[str] = MODULE_BY_COMMAND) -> Commands:
    """The group of the commands that are asked for, and of those in the same modules."""
    app = Commands(
        help="Fleet management that a municipality runs itself.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    # With a callback, a command that is alone in its group is called by its name, too.
    app.callback()(lambda: None)
    for name in dict.fromkeys(MODULE_BY_COMMAND[name] for name in asked):
        part = import_module(f"api.commands.{name}").app
        if name in COMMAND_GROUPS:
            app.add_typer(part, name=name, no_args_is_help=True)
        else:
            app.add_typer(part)
    return app
