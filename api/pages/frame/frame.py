"""Installs the parts that all pages share in an application: files, languages, protection and error
pages."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from structlog.stdlib import get_logger

from access.roles import ROLE_PERMISSIONS, Role
from api.address import refuse_unstorable_addresses
from api.delivery.compression import compress_answers
from api.door.doorkeeper import is_interface
from api.door.guard import READING_METHODS, refuse_foreign_requests, security_headers
from api.door.needs import NEEDS, Welcome, add_routes, get
from api.door.reach import Reach
from api.pages.frame.body_pace import BodyPace, body_within_pace
from api.pages.frame.form_body import FormTooLargeError
from api.pages.frame.language_switch import switch_language
from api.pages.frame.render import RENDERER, Renderer, page
from api.pages.frame.static import product_files
from api.pages.frame.views import ErrorPage, NotAllowedPage
from api.pages.words.vocabulary import Vocabulary
from db.away import means_database_away
from fleet.actor import NotAllowedError
from ingest.listeners.http import TELEMETRY_PATHS
from ingest.listeners.http_fast import RETRY_AFTER_S
from ingest.listeners.problem import problem_answer

#: Whether the answer to a request has begun; a long download is not bounded after that.
_BEGUN = web.RequestKey("begun", bool)

#: Seconds between two checks of whether the database answers while a change waits, and the checks
#: in vain after which the change is given up.
_LOOK_S = 3.0
_SILENT_MAX = 2

_NOT_KNOWN = "; it is not known whether the change was made: look before you send it again"

log = get_logger(__name__)


def install_frame(
    app: web.Application,
    vocabulary: Vocabulary,
    *,
    municipality: str,
    names: Collection[str],
    own_tls: bool,
    tiles_url: str | None,
    wait_max_s: float,
    pace: BodyPace,
    database_answers: Callable[[], Awaitable[bool]],
) -> None:
    """Prepare an application for `render.page`, whose templates use the words of `vocabulary`.

    It answers under the names of this machine and under `names`; `own_tls`: over TLS of its own.

    A request that only reads waits at most `wait_max_s`, one that changes something waits while
    `database_answers`, and a body must arrive at `pace`. Call this before the application starts.
    """
    static = product_files()
    static.install(app)
    needs = app.setdefault(NEEDS, {})
    app[RENDERER] = Renderer(static, municipality, vocabulary, Reach(needs))
    add_routes(app, [get("/language/{language}", switch_language, Welcome.ANYBODY)])
    app.middlewares.extend(
        (
            compress_answers,
            error_pages,
            body_within_pace(pace),
            answers_in_time(wait_max_s, database_answers),
            refuse_foreign_requests(names),
            refuse_unstorable_addresses,
        )
    )
    app.on_response_prepare.append(_note_begun)
    app.on_response_prepare.append(security_headers(tiles_url, own_tls=own_tls))


def answers_in_time(
    wait_max_s: float, database_answers: Callable[[], Awaitable[bool]]
) -> Middleware:
    """A middleware that bounds the time until an answer begins.

    A request that only reads waits `wait_max_s`. One that changes something waits as long as the
    database answers, for the import of a log of years may take minutes.

    The driver waits for a server that is stopped, even after it is cancelled, so its task is left
    running.

    Raises:
        TimeoutError: the answer has not begun.
    """
    left_behind: set[asyncio.Task[web.StreamResponse]] = set()

    def forget(task: asyncio.Task[web.StreamResponse]) -> None:
        left_behind.discard(task)
        if not task.cancelled():
            task.exception()  # the error is read, for nobody awaits the task any more

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in TELEMETRY_PATHS:  # telemetry has bounds of its own
            return await handler(request)

        async def answer() -> web.StreamResponse:
            return await handler(request)

        answering = asyncio.create_task(answer())
        try:
            if request.method in READING_METHODS:
                await asyncio.wait({answering}, timeout=wait_max_s)
            else:
                await _while_answering(answering, request, database_answers)
            if answering.done() or request.get(_BEGUN, False):
                return await answering
            raise TimeoutError("no answer in time")
        finally:
            if not answering.done():
                answering.cancel()
                left_behind.add(answering)
                answering.add_done_callback(forget)

    return middleware


async def _while_answering(
    answering: asyncio.Task[web.StreamResponse],
    request: web.Request,
    database_answers: Callable[[], Awaitable[bool]],
) -> None:
    """Wait until a change is answered, or until the database does not answer twice in a row; on a
    busy machine it may be late once. While the body still arrives, its sender is waited for."""
    silent = 0
    while silent < _SILENT_MAX:
        await asyncio.wait({answering}, timeout=_LOOK_S)
        if answering.done() or request.get(_BEGUN, False):
            return
        if request.content.is_eof():
            silent = 0 if await database_answers() else silent + 1


async def _note_begun(request: web.Request, _: web.StreamResponse) -> None:
    request[_BEGUN] = True


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A middleware that answers errors with pages for people. Programs, which do not ask for HTML,
    get refusals as they are, and problem details of what went wrong here."""
    people = "text/html" in request.headers.get("Accept", "") and not is_interface(request)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400 or not people:
            raise
        back = await _page_of_form(request)
        limit = error.limit_bytes / 1e6 if isinstance(error, FormTooLargeError) else None
        return page(request, ErrorPage(error.status, back=back, limit_mb=limit), error.status)
    except NotAllowedError as refused:
        if not people:
            raise web.HTTPForbidden(text=f"{refused}\n") from None
        may = [role for role in Role if refused.permission in ROLE_PERMISSIONS[role]]
        return page(request, NotAllowedPage(refused.permission, may), 403)
    except Exception as error:
        if means_database_away(error):
            return _away(request, error, people=people)
        # This is the outermost handler of errors: kind and place go to the log, and a person gets a
        # page.
        log.exception("page failed", path=request.path)
        if not people:
            return problem_answer(500, "the fault is ours and is written in the server's log")
        return page(request, ErrorPage(500), 500)


async def _page_of_form(request: web.Request) -> str | None:
    """The address of the page with the form that a request sent: its own, or the one above it."""
    if request.method in READING_METHODS:
        return None
    path = request.rel_url.raw_path
    while path.strip("/"):
        seen = request.clone(method="GET", rel_url=path)
        if (await request.app.router.resolve(seen)).http_exception is None:
            return path
        path = path.rpartition("/")[0]
    return None


def _away(request: web.Request, error: Exception, *, people: bool) -> web.StreamResponse:
    changes = request.method not in READING_METHODS
    log.warning("a page waits for the database", path=request.path, kind=type(error).__name__)
    if people:
        answer = page(request, ErrorPage(503, unknown=changes), 503)
    else:
        why = f"the database is away{_NOT_KNOWN if changes else ''}"
        answer = problem_answer(503, why)
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
