"""What rounds keep as JSON carries the version of its shape, so that an older round is still read.

A shape that is stored changes in three steps: `VERSION` is one more, `_FORWARD` gets a function
that makes a body of the version before into one of the new, and a test reads a body as it was.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import ExpectedError

#: The version of the shapes that are stored now.
VERSION = 1

#: By version: what makes a body of it into one of the next version.
_FORWARD: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_KEY = "version"


class LaterBodyError(ExpectedError, ValueError):
    """A body was stored by a later version of the software. The message says so."""


def stored_body(content: dict[str, Any]) -> dict[str, Any]:
    """A body as it is stored: with the version of its shape."""
    return {**content, _KEY: VERSION}


def current_body(
    stored: Any,
    *,
    current: int = VERSION,
    forward: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = _FORWARD,
) -> dict[str, Any]:
    """A body that was stored, in the shape of the version `current`; without a version it is of 1.

    Raises:
        LaterBodyError: it is of a later version.
    """
    content: dict[str, Any] = dict(stored)
    version = int(content.pop(_KEY, 1))
    if version > current:
        raise LaterBodyError(
            f"a round was stored in shape {version} by a later version of the software, and this "
            f"one knows no more than {current}"
        )
    for step in range(version, current):
        content = forward[step](content)
    return content
