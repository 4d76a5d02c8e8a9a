"""Cuts large bodies of JSON into pieces of whole elements, so that no step of reading takes long.

A regular expression finds where elements end, at the speed of a search; it does not check them.
Each piece is then read as an array of its own. Well-formed lists with commas between them are one
well-formed list, so a body can be read in pieces if, and only if, it can be read as a whole.
"""

import re
from collections.abc import Callable, Iterator
from typing import cast

from fleet.saying import Saying
from ingest.protocols.message import Message
from ingest.protocols.mistake import Mistake
from ingest.protocols.unreadable import FieldError, Unreadable, unreadable

#: A body up to this size is read in one step, which takes some 5 ms.
PIECE_BYTES = 32 * 1024

#: The largest element. No position with all that a tracker knows is nearly as large.
ELEMENT_MAX_BYTES = 64 * 1024

#: Levels of objects and arrays in an element, its own among them.
DEPTH_MAX = 8

_SPACE = rb"[ \t\r\n]*+"
_STRING = rb'"(?:[^"\\]++|\\.)*+"'


def _element(depth: int) -> bytes:
    """The regular expression of an object or array of so many levels. Every alternative begins with
    characters of its own and gives nothing back, so that the search never looks at a byte twice on
    one level. It takes either bracket for an end, as readers refuse a piece with the wrong one; an
    alternative for each kind would double the expression with every level."""
    inner = rb'[^"{}\[\]]++|' + _STRING
    if depth > 1:
        inner += b"|" + _element(depth - 1)
    return rb"[{\[](?:" + inner + rb")*+[}\]]"


_ELEMENT = rb'(?:[^"{}\[\],]++|' + _STRING + b"|" + _element(DEPTH_MAX) + rb")++"
_ELEMENTS = re.compile(rb"(?:" + _ELEMENT + rb",)*+", re.DOTALL)
_ELEMENT_ALONE = re.compile(_ELEMENT, re.DOTALL)
_OPENED = re.compile(_SPACE + rb"\[" + _SPACE)
_CLOSED = re.compile(rb"\]" + _SPACE)


def pieces_of(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut a JSON array into pieces, each an array of some of its elements; one object is one piece.

    Yields:
        The byte that each piece begins at, and the piece.

    Raises:
        Unreadable: an element is too large, nested too deeply, or no JSON at all.
    """
    opened = _OPENED.match(body)
    if len(body) <= PIECE_BYTES or opened is None:
        if len(body) > ELEMENT_MAX_BYTES:
            body = body.strip()  # the readers would scan megabytes of space again and again
            if len(body) > ELEMENT_MAX_BYTES:
                raise _not_cut(0)
        yield 0, body
        return
    at = opened.end()
    while True:
        found = _ELEMENTS.match(body, at, at + PIECE_BYTES)
        end = at if found is None else found.end() - 1
        if end <= at:  # the last of all, or one that the end of the piece cuts
            found = _ELEMENT_ALONE.match(body, at, at + ELEMENT_MAX_BYTES)
            end = at if found is None else found.end()
        elements = body[at:end]
        is_last = body[end : end + 1] != b","
        if not elements.strip() or (is_last and _CLOSED.fullmatch(body, end) is None):
            raise _not_cut(at)
        yield at, b"[%b]" % elements
        if is_last:
            return
        at = end + 1


def line_pieces_of(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut NDJSON into pieces of whole lines.

    Yields:
        The byte that each piece begins at, and the piece.

    Raises:
        Unreadable: a line is too long.
    """
    at = 0
    while len(body) - at > PIECE_BYTES:
        end = body.rfind(b"\n", at, at + PIECE_BYTES) + 1
        if end <= at:
            raise _not_cut(at)
        yield at, body[at:end]
        at = end
    yield at, body[at:]


def read_pieces(
    pieces: Iterator[tuple[int, bytes]], read: Callable[[bytes], Message]
) -> Iterator[Message]:
    """Read the messages in these pieces, one at a time.

    Raises:
        Unreadable: a piece cannot be read; its elements are numbered as in the whole body.
    """
    count = 0
    for at, piece in pieces:
        try:
            message = read(piece)
        except Unreadable as error:
            raise Unreadable([_moved(one, count, at) for one in error.errors]) from None
        count += len(message.positions)
        yield message


def is_shallow(value: object, depth_max: int) -> bool:
    """Whether a value of JSON has no more than so many levels of objects and arrays."""
    if isinstance(value, dict):
        inner = list(cast(dict[str, object], value).values())
    elif isinstance(value, list):
        inner = cast(list[object], value)
    else:
        return True
    return depth_max > 0 and all(is_shallow(one, depth_max - 1) for one in inner)


def _moved(error: FieldError, count: int, at: int) -> FieldError:
    if error.index is not None:
        return FieldError(error.index + count, error.field, error.mistake)
    if not at:
        return error
    within = Saying(Mistake.IN_PIECE, {"mistake": (error.mistake,), "at": at})
    return FieldError(None, error.field, within)


def _not_cut(at: int) -> Unreadable:
    size = f"{ELEMENT_MAX_BYTES:,}"
    return unreadable(None, "body", Mistake.NOT_CUT, at=at, most=DEPTH_MAX, size=size)
