"""Who sent a request."""

from aiohttp import web

from access.sessions import Session
from fleet.actor import Actor

#: Who sent the request, once the door has let them in. Whom an address asks nothing has none.
VISITOR: web.RequestKey[Actor] = web.RequestKey("visitor", Actor)

#: The session that a person came in with. A program has none.
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)

#: What only the browser of this visit knows: the tokens of its forms are made of it.
VISIT_SECRET: web.RequestKey[str] = web.RequestKey("visit_secret", str)


def visitor(request: web.Request) -> Actor:
    """The actor of everything that the request reads and changes."""
    return request[VISITOR]


def source_of(request: web.Request) -> str:
    """The network address that a request came from."""
    return request.remote or ""


def agent_of(request: web.Request) -> str:
    """What the browser or program calls itself."""
    return request.headers.get("User-Agent", "")
