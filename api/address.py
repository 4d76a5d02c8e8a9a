"""Checks the texts and ids in the addresses of requests, to pages and to the interface alike."""

import re

from aiohttp import web
from aiohttp.typedefs import Handler

from db.storable_values import CHARACTERS_IN_NO_NAME, ID_MAX, UNSTORABLE_CHARACTERS


@web.middleware
async def refuse_unstorable_addresses(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that answers 400 to an address with characters that the database cannot
    store."""
    asked = (text for pair in request.query.items() for text in pair)
    if CHARACTERS_IN_NO_NAME.search(request.path) or any(
        UNSTORABLE_CHARACTERS.search(text) for text in asked
    ):
        raise web.HTTPBadRequest(text="the address has a character that no name has\n")
    return await handler(request)


def id_in_path(request: web.Request, name: str) -> int:
    """The id in an address.

    Raises:
        web.HTTPNotFound: it is no id that the database can store.
    """
    text = request.match_info[name]
    if re.fullmatch(r"[0-9]{1,19}", text) is None or int(text) > ID_MAX:
        raise web.HTTPNotFound
    return int(text)
