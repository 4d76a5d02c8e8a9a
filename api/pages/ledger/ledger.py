"""The pages of the ledger: GET /ledger, POST /ledger/journeys and
/ledger/journeys/{list_id}/remove."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import ListPart, asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.uploads import FIELD, TABLE_READER, read_upload
from api.pages.frame.views import Choice
from api.pages.ledger import views
from api.pages.ledger.labels import LABELS
from api.pages.ledger.views import Notice
from api.pages.words.language import language_of, mark, translations
from fleet.files.cells import unpack_rows
from fleet.localtime import local_now
from fleet.names.order import name_order
from optimiser.ledger.bridge import read_bridge
from optimiser.ledger.hired import (
    NoListError,
    NothingReadError,
    import_hired_list,
    remove_hired_list,
)
from optimiser.ledger.hired_list import HeadingsError, ReadList, RowFault
from optimiser.ledger.stored import LedgerRow, read_ledger
from optimiser.ledger.undertakings import notice_months
from register.vehicles import scope_of

FILE_MISSING = mark("Choose a list: CSV, Excel or LibreOffice")
COLUMNS_MISSING = mark(
    "The list needs columns with the month or day, the means (taxi, hire or own car), the"
    " department or depot, and the amount in DKK"
)
NOTHING_READ = mark("No row of the list can be read")

#: The proposals of a part of the list: as cards on a phone they are a few screens long.
SHOWN_ROWS = 10

#: The most refused rows that the page names.
REFUSED_SHOWN = 20


async def show_ledger(request: web.Request) -> web.StreamResponse:
    """Show every accepted proposal, what is missing, and what was saved."""
    return page(request, await _ledger_page(request))


async def import_journeys(request: web.Request) -> web.StreamResponse:
    """Import a list of journeys by taxi, hire and own car. Rows that are refused are told."""
    context = request.config_dict[CONTEXT]
    try:
        name, read = await read_upload(request, TABLE_READER, FILE_MISSING)
    except FormError as refused:
        return page(request, await _ledger_page(request, refused.errors), status=422)
    try:
        taken = await import_hired_list(
            context.pool, visitor(request), name, unpack_rows(read.beside)
        )
    except HeadingsError:
        errors = {FIELD: COLUMNS_MISSING}
        return page(request, await _ledger_page(request, errors), status=422)
    except NothingReadError as refused:
        rows = _refused(request, refused.read)
        errors = {FIELD: NOTHING_READ}
        return page(request, await _ledger_page(request, errors, rows), status=422)
    if taken.refused:
        rows = _refused(request, taken)
        return page(request, await _ledger_page(request, {}, rows, Notice.LIST_IMPORTED))
    raise see_other(f"/ledger?{urlencode({'done': Notice.LIST_IMPORTED.value})}")


async def remove_journeys(request: web.Request) -> web.StreamResponse:
    """Remove the figures of a list of journeys."""
    pool, list_id = request.config_dict[CONTEXT].pool, id_in_path(request, "list_id")
    try:
        await remove_hired_list(pool, visitor(request), list_id)
    except NoListError:
        raise web.HTTPNotFound from None
    raise see_other(f"/ledger?{urlencode({'done': Notice.LIST_REMOVED.value})}")


async def _ledger_page(
    request: web.Request,
    errors: Mapping[str, str] | None = None,
    refused_rows: Sequence[tuple[int, str]] = (),
    notice: Notice | None = None,
) -> views.LedgerPage:
    context = request.config_dict[CONTEXT]
    settings = context.settings
    scope = await scope_of(context.pool, visitor(request))
    today = local_now().date()
    whole = await read_ledger(context.pool, scope, today, settings.ledger_silent_days)
    depots = {row.proposal.depot_id: row.proposal.depot for row in whole.rows}
    asked = request.query.get("depot")
    depot_id = asked if asked in depots else None
    shown = (
        whole
        if depot_id is None
        else await read_ledger(context.pool, scope, today, settings.ledger_silent_days, depot_id)
    )
    return views.LedgerPage(
        ledger=shown,
        part=_part(request, shown.rows, depot_id),
        depots=[
            Choice(one, name)
            for one, name in sorted(depots.items(), key=lambda pair: name_order(pair[1]))
        ],
        depot_id=depot_id,
        bridge=await read_bridge(context.pool, whole)
        if depot_id is None and visitor(request).departments is None
        else None,
        silent_days=settings.ledger_silent_days,
        notice_months=await notice_months(context.pool, today),
        errors=errors or {},
        refused_rows=refused_rows,
        notice=notice or notice_in_address(request, Notice),
    )


def _part(
    request: web.Request, rows: Sequence[LedgerRow], depot_id: str | None
) -> ListPart[LedgerRow]:
    """The part of the list that the address asks for, or that has the proposal that it names."""
    asked = dict(request.query)
    ids = [str(row.proposal.proposal_id) for row in rows]
    if asked.get("proposal") in ids:
        asked["part"] = str(ids.index(asked["proposal"]) // SHOWN_ROWS + 1)
    return asked_part(
        rows, asked, "/ledger", {"depot": depot_id} if depot_id else {}, most=SHOWN_ROWS
    )


def _refused(request: web.Request, read: ReadList) -> list[tuple[int, str]]:
    """The first refused rows with the reason of each, in words."""
    say = translations(language_of(request)).gettext
    return [
        (row, say(LABELS[RowFault][fault]))
        for row, fault in sorted(read.refused.items())[:REFUSED_SHOWN]
    ]
