"""The register of purchases and disposals: its page, the file of it, and the pages of disposals."""

from collections.abc import Sequence
from datetime import date

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.costs.capabilities import read_capabilities
from api.pages.frame.context import CONTEXT, PageContext, notice_in_address
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.purchases.forms import (
    CHANGED_MEANWHILE,
    ReasonForm,
    fault_texts,
    seen_revision,
)
from api.pages.purchases.tables import (
    REGISTER_SHEET_NAME,
    REQUESTS_SHEET_NAME,
    register_table,
    requests_table,
)
from api.pages.purchases.views import DisposalPage, Notice, RegisterPage, RegisterRow
from api.pages.words.language import language_of, translations
from fleet.errors import ChangedSinceError
from optimiser.purchases.disposals import Disposal, disposal_of, disposals, state_reason
from optimiser.purchases.faults import FieldsRefusedError
from optimiser.purchases.principles import Principle
from optimiser.purchases.principles_stored import read_principles
from optimiser.purchases.purchases import purchases, unrecorded
from optimiser.purchases.requests import requests
from register.vehicles import NoVehicleError

#: The rows of a part of the register, and the vehicles without a purchase that are named.
REGISTER_ROWS = 15
UNRECORDED_SHOWN = 10


async def show_register(request: web.Request) -> web.StreamResponse:
    """Show what was bought and what left, the latest first."""
    context = request.config_dict[CONTEXT]
    rows = await register_rows(context)
    since = date((await read_principles(context.pool)).of(Principle.GREEN).from_year, 1, 1)
    missing = await unrecorded(context.pool, since)
    view = RegisterPage(
        part=asked_part(rows, request.query, "/purchases/register", most=REGISTER_ROWS),
        unrecorded=missing[:UNRECORDED_SHOWN],
        unrecorded_total=len(missing),
        since=since,
        own_only=visitor(request).departments is not None,
        notice=notice_in_address(request, Notice),
    )
    return page(request, view)


async def register_rows(context: PageContext) -> Sequence[RegisterRow]:
    """The purchases and the disposals that may be seen, the latest first."""
    contract = (await read_principles(context.pool)).of(Principle.CONTRACT_END)
    rows = [
        *(RegisterRow(day=one.bought_on, purchase=one) for one in await purchases(context.pool)),
        *(
            RegisterRow(day=one.day, disposal=one)
            for one in await disposals(context.pool, contract)
        ),
    ]
    return sorted(rows, key=lambda row: row.day, reverse=True)


async def export_register(request: web.Request) -> web.StreamResponse:
    """Answer with the register as a file, in the format that the address names."""
    form = asked_format(request.match_info["form"])
    rows = await register_rows(request.config_dict[CONTEXT])
    language = language_of(request)
    table = register_table(rows, language, for_people=form.for_people)
    title = translations(language).gettext(REGISTER_SHEET_NAME)
    return await table_download(request, table, form, "koeb-og-salg", title)


async def export_requests(request: web.Request) -> web.StreamResponse:
    """Answer with the requests as a file, in the format that the address names."""
    form = asked_format(request.match_info["form"])
    found = await requests(request.config_dict[CONTEXT].pool)
    language = language_of(request)
    known = await read_capabilities(request)
    table = requests_table(found, language, known if form.for_people else None)
    title = translations(language).gettext(REQUESTS_SHEET_NAME)
    return await table_download(request, table, form, "anmodninger", title)


async def show_disposal(request: web.Request) -> web.StreamResponse:
    """Show a vehicle that left, and the form that says by which principle."""
    found = await _disposal(request)
    values = {
        "principle": "" if found.principle is None else found.principle.value,
        "reason": found.said,
    }
    return page(request, DisposalPage(disposal=found, values=values))


async def say_why(request: web.Request) -> web.StreamResponse:
    """Say by which principle a vehicle left. A refused form comes back with what was typed."""
    found, fields = await _disposal(request), await read_form(request)
    try:
        form = ReasonForm.read(fields)
        await state_reason(
            request.config_dict[CONTEXT].pool,
            visitor(request),
            found.vehicle_id,
            form.principle,
            form.reason,
            seen=seen_revision(fields),
        )
    except FormError as refused:
        errors, status = refused.errors, 422
    except FieldsRefusedError as refused:
        errors, status = fault_texts(refused.faults, language_of(request)), 422
    except ChangedSinceError:
        errors, status = {"reason": CHANGED_MEANWHILE}, 409
    except NoVehicleError:
        raise web.HTTPNotFound from None
    else:
        raise see_other(f"/purchases/register?done={Notice.DISPOSAL_SAVED}")
    typed = field_texts(fields, ("principle", "reason"))
    view = DisposalPage(disposal=found, values=typed, errors=errors)
    return page(request, view, status=status)


async def _disposal(request: web.Request) -> Disposal:
    pool = request.config_dict[CONTEXT].pool
    contract = (await read_principles(pool)).of(Principle.CONTRACT_END)
    found = await disposal_of(pool, request.match_info["vehicle_id"], contract)
    if found is None:
        raise web.HTTPNotFound
    return found
