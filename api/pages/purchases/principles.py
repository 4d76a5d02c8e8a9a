"""The pages of the principles of purchase and disposal."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, enum_member
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.purchases.forms import (
    CHANGED_MEANWHILE,
    fault_texts,
    principle_texts,
    read_principle,
    seen_revision,
    texts_of_principle,
)
from api.pages.purchases.views import Notice, PrinciplePage, PrinciplesPage
from api.pages.words.language import language_of
from fleet.errors import ChangedSinceError
from optimiser.purchases.faults import FieldsRefusedError
from optimiser.purchases.principles import Principle
from optimiser.purchases.principles_stored import (
    changes_of_principles,
    principle_history,
    put_principle,
    read_principles,
)


async def show_principles(request: web.Request) -> web.StreamResponse:
    """Show all principles, with their figures and sources."""
    found = await read_principles(request.config_dict[CONTEXT].pool)
    rows = [found.of(one) for one in Principle]
    return page(request, PrinciplesPage(rows=rows, notice=notice_in_address(request, Notice)))


async def show_principle(request: web.Request) -> web.StreamResponse:
    """Show one principle, its versions, and the form that changes it."""
    return page(request, await _page(request))


async def change_principle(request: web.Request) -> web.StreamResponse:
    """Change a principle. A refused form comes back with what was typed."""
    principle, fields = _principle(request), await read_form(request)
    language = language_of(request)
    try:
        row = read_principle(fields, principle, language)
        await put_principle(
            request.config_dict[CONTEXT].pool, visitor(request), row, seen=seen_revision(fields)
        )
    except FormError as refused:
        return page(request, await _page(request, refused), status=422)
    except FieldsRefusedError as refused:
        errors, status = fault_texts(refused.faults, language), 422
    except ChangedSinceError:
        errors, status = {"figure": CHANGED_MEANWHILE}, 409
    else:
        raise see_other(f"/purchases/principles?done={Notice.PRINCIPLE_SAVED}")
    refused = FormError(principle_texts(fields), errors)
    return page(request, await _page(request, refused), status=status)


def _principle(request: web.Request) -> Principle:
    found = enum_member(Principle, request.match_info["principle"])
    if found is None:
        raise web.HTTPNotFound
    return found


async def _page(request: web.Request, refused: FormError | None = None) -> PrinciplePage:
    pool, principle = request.config_dict[CONTEXT].pool, _principle(request)
    row = (await read_principles(pool)).of(principle)
    return PrinciplePage(
        row=row,
        seen=(await changes_of_principles(pool))[principle],
        history=await principle_history(pool, principle),
        values=texts_of_principle(row, language_of(request)) if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )
