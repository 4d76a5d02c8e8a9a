"""Runs every command: its event loop, one line for an expected error, and a display of progress."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg
import uvloop
from rich.console import Console, ConsoleDimensions
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

from api.log_lines.set_up import set_up_logs
from fleet.errors import ExpectedError


class CommandError(ExpectedError, RuntimeError):
    """A command could not do what it was asked for. The message says where it stopped."""


#: Errors by which a server tells its own state, or that we may not do something, whatever the
#: statement.
DATABASE_STATE_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.ReadOnlySQLTransactionError,
)

#: Exit codes: an expected error, and an interruption.
EXIT_EXPECTED = 2
EXIT_INTERRUPTED = 130

#: The width and height of a console that is no terminal.
_UNBOUNDED = 1_000_000

Result = TypeVar("Result")

#: Characters that a terminal would obey, or cannot show. The name of a file or device may have
#: them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def escape_control_characters(text: str) -> str:
    """A text with its control characters, and bytes that are no UTF-8, as escapes."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun, such as `1 key` and `2 keys`; `many` is the plural where an s is not
    enough."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def table_of(*columns: str | Column, title: str | None = None) -> Table:
    """A table in which nothing is cut: text without room in its column goes on below."""
    made = [Column(one) if isinstance(one, str) else one for one in columns]
    for column in made:
        column.overflow = "fold"
        column.no_wrap = False
    return Table(*made, title=title, title_justify="left")


class _Verbatim(Console):
    """A console that shows text as it is, also in tables: nothing in it is markup, an emoji or a
    command to the terminal, for names come from anybody. Style is given beside the text, or in a
    `Text`."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    @property
    def size(self) -> ConsoleDimensions:
        """The room of the console. A file, or a program that reads, has unbounded room: no line is
        cut or broken for it at the edge of a screen."""
        if self.is_terminal:
            return super().size
        return ConsoleDimensions(_UNBOUNDED, _UNBOUNDED)

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self.width, self.height = new_size

    def render_str(self, text: str, **style: Any) -> Text:
        return super().render_str(escape_control_characters(text), **style)


out = _Verbatim()
err = _Verbatim(stderr=True)


def run_command(
    work: Callable[[], Coroutine[Any, Any, Result]], log_level: int = logging.WARNING
) -> Result:
    """Run a command's coroutine; expected errors become one line and exit code 2."""
    set_up_logs(log_level)
    with expected_errors(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


@contextmanager
def expected_errors() -> Generator[None]:
    """Turn expected errors, and states of disks and databases, into a line on stderr and an exit
    code."""
    try:
        yield
    except ExpectedError as error:
        raise _end(str(error)) from None
    except DATABASE_STATE_ERRORS as error:
        raise _end(f"the database cannot be used: {error}") from None
    except asyncpg.DataError as error:  # a value that no bound of ours covers
        raise _end(f"the database does not take a value: {error}") from None
    except OSError as error:  # a file, a directory or a disk cannot be used
        place = "" if error.filename is None else f"{error.filename}: "
        raise _end(f"{place}{error.strerror or str(error) or type(error).__name__}") from None
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None


def print_remark(text: str) -> None:
    """Print a remark beside the result."""
    err.print(text)


def _end(message: str) -> SystemExit:
    err.print(f"flaade: {message}", style="bold red")
    return SystemExit(EXIT_EXPECTED)


@contextmanager
def progress_bar(what: str, total: int) -> Generator[Callable[..., None]]:
    """Show a progress bar. The caller calls the yielded function with how much is done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(escape_control_characters(what), total=total)

        def advance(done: int, total: int = total) -> None:
            progress.update(task, completed=done, total=total)

        yield advance
