"""What all pages share, installed in one call: files, languages, protection and error pages."""

from aiohttp import web
from aiohttp.typedefs import Handler
from procrastinate.exceptions import ConnectorException
from structlog.stdlib import get_logger

from api.address import plain_addresses
from api.pages.guard import guard, security_headers
from api.pages.language import switch
from api.pages.render import RENDERER, Renderer, page
from api.pages.static import StaticFiles
from api.pages.views import ErrorPage
from db.connect import UNAVAILABLE
from ingest.front import RETRY_AFTER_S

#: What our two drivers raise of a database that is away.
AWAY = (*UNAVAILABLE, ConnectorException)

log = get_logger(__name__)


def install(
    app: web.Application, *, municipality: str, on_loopback: bool, tiles_url: str | None
) -> None:
    """Prepare `app` for `render.page`. Call it before the application starts."""
    static = StaticFiles()
    static.install(app)
    app[RENDERER] = Renderer(static, municipality)
    app.router.add_get("/language/{language}", switch)
    app.middlewares.extend((error_pages, guard(on_loopback=on_loopback), plain_addresses))
    app.on_response_prepare.append(security_headers(tiles_url))


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
    except AWAY as error:
        log.warning("a page waits for the database", path=request.path, kind=type(error).__name__)
        if people:
            answer = page(request, ErrorPage(503), 503)
        else:
            answer = web.json_response({"error": "the database is away"}, status=503)
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    except Exception:
        if not people:
            raise
        # The outermost edge: the traceback goes to the log, and a person gets a page.
        log.exception("page failed", path=request.path)
        return page(request, ErrorPage(500), 500)
