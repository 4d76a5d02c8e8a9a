"""The name of the municipality in the head of every page: the one that a person gave it, otherwise
that of the settings.

The name is read at the start, when it is changed here, and again from time to time, since another
machine with the same database may have changed it. A page never waits for that.
"""

import asyncio
from time import monotonic

from aiohttp import web
from aiohttp.typedefs import Handler
from structlog.stdlib import get_logger

from api.pages.frame.render import RENDERER, Renderer
from db.away import means_database_away
from db.connect import Pool
from register.municipality.own_name import given_name

#: Seconds after which the name is read again.
_OLD_S = 10.0

log = get_logger(__name__)


class ShownName:
    """Keeps the name that the renderer shows."""

    def __init__(self, pool: Pool, renderer: Renderer, in_settings: str) -> None:
        self._pool = pool
        self._renderer = renderer
        self._in_settings = in_settings
        self._read_at = -_OLD_S
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, request: web.Request) -> "ShownName":
        return request.config_dict[SHOWN_NAME]

    @property
    def name(self) -> str:
        return self._renderer.municipality

    async def refresh(self) -> None:
        """Read the name; while the database is away, the last one stays."""
        self._read_at = monotonic()
        try:
            self._renderer.municipality = await given_name(self._pool) or self._in_settings
        except Exception as error:
            if not means_database_away(error):
                raise
            log.warning("the municipality's name is not read", kind=type(error).__name__)

    def refresh_if_old(self) -> None:
        """Have the name read beside what is asked for, where it was not read for a while."""
        if monotonic() - self._read_at >= _OLD_S and (
            self._reading is None or self._reading.done()
        ):
            self._reading = asyncio.create_task(self.refresh())

    def stop(self) -> None:
        """End a reading that is under way."""
        if self._reading is not None:
            self._reading.cancel()


SHOWN_NAME: web.AppKey[ShownName] = web.AppKey("shown_name", ShownName)


def show_given_name(app: web.Application, pool: Pool, in_settings: str) -> None:
    """Have every page of an application that has not started show the name."""
    shown = app[SHOWN_NAME] = ShownName(pool, app[RENDERER], in_settings)

    async def read_first(_: web.Application) -> None:
        await shown.refresh()

    @web.middleware
    async def keep_current(request: web.Request, handler: Handler) -> web.StreamResponse:
        shown.refresh_if_old()
        return await handler(request)

    async def stop(_: web.Application) -> None:
        shown.stop()

    app.on_startup.append(read_first)
    app.on_cleanup.append(stop)
    app.middlewares.append(keep_current)
