"""Narrows the connections of a pool to what the head of a department may see.

While `seen_by` is in force, every connection that a task takes from a pool has the role
`flaade_scoped`, to which the policies of `schema.sql` show the vehicles of those departments and
what is of them. So a reader that forgets a filter leaks nothing. An act checks the department of
what it changes itself, and is `unscoped`.
"""

from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import orjson

from db.pool import Connection, PooledConnection
from db.statements import statements

SQL = statements("scope")

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_SEEN: ContextVar[frozenset[str] | None] = ContextVar("seen", default=None)

#: The processes of the server that have the role now. One that ended meanwhile stays here, which
#: does no harm: a later one of its number leaves the role once too often.
_narrowed: set[int] = set()


@contextmanager
def seen_by(departments: frozenset[str] | None) -> Generator[None]:
    """Let connections that this task takes from now on see these departments only; None: all."""
    before = _SEEN.set(departments)
    try:
        yield
    finally:
        _SEEN.reset(before)


def unscoped(
    act: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Let an act, which itself checks what its actor may do, see and change everything."""

    @wraps(act)
    async def whole(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with seen_by(None):
            return await act(*args, **kwargs)

    return whole


def departments_seen() -> frozenset[str] | None:
    """The departments that this task sees; None: all."""
    return _SEEN.get()


async def narrow(connection: Connection | PooledConnection) -> None:
    """Narrow a connection that is taken from its pool, if the task sees some departments only."""
    departments = _SEEN.get()
    if departments is not None:
        _narrowed.add(connection.get_server_pid())
        await connection.execute(SQL["narrow"], orjson.dumps(sorted(departments)).decode())
        await connection.execute(SQL["take_role"])


async def widen(connection: Connection | PooledConnection) -> None:
    """Give a connection that comes back to its pool the rights that it had.

    The pool itself rolls back a transaction that is open. Nothing else outlives a transaction of
    ours, so that a connection which was not narrowed comes back without another question: a page
    asks thirty, and would ask as many more.
    """
    if (process := connection.get_server_pid()) in _narrowed:
        await connection.reset()
        await connection.execute(SQL["leave_role"])
        _narrowed.discard(process)
