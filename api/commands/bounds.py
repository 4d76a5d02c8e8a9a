"""Bounds the values of the parameters of commands: one beyond them is refused with a sentence,
before its command does anything."""

from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Any, TypeVar, cast

import typer
from typer.core import TyperCommand

from db.storable_values import CHARACTERS_IN_NO_NAME, ID_MAX
from fleet.localtime import FIRST_YEAR, LAST_YEAR

#: The most characters of a text. Texts that are stored have tighter bounds where they are stored.
CHARS_MAX = 10_000

Function = TypeVar("Function", bound=Callable[..., Any])


class BoundedCommand(TyperCommand):
    """A command whose parameters are within bounds that depend on their type alone."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments as any command does, then check each value.

        Raises:
            typer.BadParameter: a value is beyond its bounds.
        """
        rest = super().parse_args(ctx, args)
        for param in self.params:
            given = ctx.params.get(param.name)
            values = cast(list[object], given) if isinstance(given, list | tuple) else [given]
            for value in values:
                wrong = why_out_of_bounds(value)
                if wrong is not None:
                    raise typer.BadParameter(wrong, ctx=ctx, param_hint=" ".join(param.opts))
        return rest


class Commands(typer.Typer):
    """A group of bounded commands."""

    def command(
        self, name: str | None = None, *, cls: type[TyperCommand] | None = None, **settings: Any
    ) -> Callable[[Function], Function]:
        return super().command(name, cls=cls or BoundedCommand, **settings)


def why_out_of_bounds(value: object) -> str | None:
    """A sentence on the bound that a value is beyond; None: it is within all. Names of files have
    none."""
    match value:
        case str() if len(value) > CHARS_MAX:
            return f"has {len(value):,} characters, and at most {CHARS_MAX:,} are taken"
        case str() if CHARACTERS_IN_NO_NAME.search(value):
            return "has a character that no name has, or is not UTF-8"
        case int() if abs(value) > ID_MAX:
            return "is larger than any number here"
        case float() if not isfinite(value):
            return "is not a number"
        case datetime() if not FIRST_YEAR <= value.year <= LAST_YEAR:
            return f"is not within the years {FIRST_YEAR} to {LAST_YEAR}"
        case _:
            return None
