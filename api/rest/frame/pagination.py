"""Cuts lists into pages. A cursor is the key of the last item of a page, packed for an address."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json

from api.rest.frame.bodies import PageQuery
from api.rest.frame.problems import Problem
from ingest.listeners.problem import RefusedPart

Item = TypeVar("Item")
Key = TypeVar("Key")

_TEXT: TypeAdapter[str] = TypeAdapter(str)


def cursor_of(key: object) -> str:
    """The cursor of a key of texts, numbers and moments."""
    return urlsafe_b64encode(to_json(key)).decode().rstrip("=")


def key_after(query: PageQuery, key: TypeAdapter[Key]) -> Key | None:
    """The key after which the page begins that is asked for; None: it is the first page.

    Raises:
        Problem: the cursor is none of this list's.
    """
    if query.cursor is None:
        return None
    try:
        packed = urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4))
        return key.validate_json(packed)
    except ValueError:  # what is no base64, no JSON, or no such key
        reason = "is no `next` of an answer to this address"
        raise Problem(
            422, "the cursor cannot be read", [RefusedPart(None, "cursor", reason)]
        ) from None


def page_of(
    items: Iterable[Item], query: PageQuery, key: Callable[[Item], str]
) -> tuple[list[Item], str | None]:
    """The page of a list that is whole in memory, in the order of a key that tells its items apart,
    and the cursor of the one after it."""
    after = key_after(query, _TEXT)
    ordered = sorted(items, key=key)
    left = [one for one in ordered if after is None or key(one) > after]
    return cut(left, query.limit, key)


def cut(
    found: Sequence[Item], limit: int, key: Callable[[Item], object]
) -> tuple[list[Item], str | None]:
    """The first `limit` of some items, and the cursor of the page after them, where there are
    more."""
    shown = list(found[:limit])
    return shown, cursor_of(key(shown[-1])) if len(found) > limit else None
