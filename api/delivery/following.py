"""Has the ledger follow what people decided and what they changed in the register.

Which acts those are, no handler has to know: every act adds an entry to the audit log, and what the
entries of a request are about says whether the ledger has something to follow.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from api.door.guard import READING_METHODS
from db.audit.entry import Subject
from db.audit.record import recorded

#: The things whose changes the ledger follows.
FOLLOWED = frozenset({Subject.PROPOSAL, Subject.VEHICLE, Subject.VEHICLE_LIST})


def followed_by(follow: Callable[[], Awaitable[None]]) -> Middleware:
    """A middleware by which an answer leaves after the ledger did `follow` what its request
    changed."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method in READING_METHODS:
            return await handler(request)
        with recorded() as changed:
            try:
                return await handler(request)
            finally:
                if not FOLLOWED.isdisjoint(changed):
                    await follow()

    return middleware
