"""Who sent a request."""

from aiohttp import web

from api.actors import AT_PAGES
from fleet.actor import Actor

#: Who sent the request, once that is known.
VISITOR: web.RequestKey[Actor] = web.RequestKey("visitor", Actor)


def visitor(request: web.Request) -> Actor:
    """The actor of everything that the request reads and changes."""
    return request.get(VISITOR, AT_PAGES)
