"""Stored JSON bodies with the version of their shape, so that later software reads older rounds.

A change of a stored shape takes three steps: `VERSION` grows by one, `_FORWARD` gets a function
that turns a body of the former version into one of the new version, and a test reads a former body.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import ExpectedError

#: The present version of the stored shapes.
VERSION = 1

#: By version: the function that turns a body of that version into one of the next.
_FORWARD: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

_KEY = "version"


class LaterBodyError(ExpectedError, ValueError):
    """A body was stored by a later version of the software. The message says so."""


def stored_body(content: dict[str, Any]) -> dict[str, Any]:
    """The body for `content` as it is stored, with the version of its shape."""
    return {**content, _KEY: VERSION}


def current_body(
    stored: Any,
    *,
    current: int = VERSION,
    forward: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = _FORWARD,
) -> dict[str, Any]:
    """A stored body in the shape of version `current`; a body without a version is of version 1.

    Raises:
        LaterBodyError: the body is of a later version.
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
