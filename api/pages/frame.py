"""What all pages share, installed in one call: files, languages, protection and error pages."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from structlog.stdlib import get_logger

from api.address import plain_addresses
from api.away import is_away
from api.pages.guard import READING, guard, security_headers
from api.pages.language import switch
from api.pages.render import RENDERER, Renderer, page
from api.pages.static import StaticFiles
from api.pages.views import ErrorPage
from ingest.front import RETRY_AFTER_S

#: Whether the answer to a request has begun: a long download may take its time.
_BEGUN = web.RequestKey("begun", bool)

log = get_logger(__name__)


def install(
    app: web.Application,
    *,
    municipality: str,
    on_loopback: bool,
    tiles_url: str | None,
    wait_max_s: float,
) -> None:
    """Prepare `app` for `render.page`; who only reads waits `wait_max_s` at most. Call it before
    the application starts."""
    static = StaticFiles()
    static.install(app)
    app[RENDERER] = Renderer(static, municipality)
    app.router.add_get("/language/{language}", switch)
    app.middlewares.extend(
        (error_pages, bounded(wait_max_s), guard(on_loopback=on_loopback), plain_addresses)
    )
    app.on_response_prepare.append(_note_begun)
    app.on_response_prepare.append(security_headers(tiles_url))


def bounded(wait_max_s: float) -> Middleware:
    """A middleware that lets nobody who only reads wait longer for an answer to begin.

    The driver itself waits for a server that is stopped to let go, also once it is cancelled, so
    its task is left behind.

    Raises:
        TimeoutError: the answer has not begun.
    """
    left_behind: set[asyncio.Task[web.StreamResponse]] = set()

    def forget(task: asyncio.Task[web.StreamResponse]) -> None:
        left_behind.discard(task)
        if not task.cancelled():
            task.exception()  # nobody waits for it any more

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in READING:
            return await handler(request)

        async def answer() -> web.StreamResponse:
            return await handler(request)

        answering = asyncio.create_task(answer())
        try:
            await asyncio.wait({answering}, timeout=wait_max_s)
            if answering.done() or request.get(_BEGUN, False):
                return await answering
            raise TimeoutError(f"no answer within {wait_max_s} s")
        finally:
            if not answering.done():
                answering.cancel()
                left_behind.add(answering)
                answering.add_done_callback(forget)

    return middleware


async def _note_begun(request: web.Request, _: web.StreamResponse) -> None:
    request[_BEGUN] = True


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as pages for people; programs, which do not ask for HTML, get them as they are, and
    are told in JSON when to come back."""
    people = "text/html" in request.headers.get("Accept", "")
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or not people:
            raise
        return page(request, ErrorPage(error.status), error.status)
    except Exception as error:
        if is_away(error):
            return _away(request, error, people=people)
        if not people:
            raise
        # The outermost edge: the traceback goes to the log, and a person gets a page.
        log.exception("page failed", path=request.path)
        return page(request, ErrorPage(500), 500)


def _away(request: web.Request, error: Exception, *, people: bool) -> web.StreamResponse:
    log.warning("a page waits for the database", path=request.path, kind=type(error).__name__)
    if people:
        answer = page(request, ErrorPage(503), 503)
    else:
        answer = web.json_response({"error": "the database is away"}, status=503)
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
