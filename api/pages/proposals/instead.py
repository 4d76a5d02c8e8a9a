"""The form by which another vehicle alike goes in place of the proposed one: POST
/proposals/{proposal_id}/instead."""

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.proposals.instead_form import InsteadForm
from api.pages.proposals.proposals import proposal_page
from api.pages.proposals.views import Notice
from api.pages.words.language import mark
from optimiser.exchange.other_vehicle import NotAlikeError, OtherStaysError, let_other_go
from optimiser.rounds.decisions import REFUSALS, Chosen, NoProposalError

NOT_ALIKE = mark("Choose one of the vehicles that are alike and stay")
OTHER_STAYS = mark("It was decided that this one stays: undo that first")
DECIDED_ELSEWHERE = mark("The proposal cannot be rejected as it stands: see its history.")


async def choose_instead(request: web.Request) -> web.StreamResponse:
    """Reject the proposal, and let the chosen vehicle go first of those alike."""
    pool = request.config_dict[CONTEXT].pool
    proposal_id = id_in_path(request, "proposal_id")
    try:
        form = InsteadForm.read(await read_form(request))
    except FormError as error:
        return page(request, await proposal_page(request, error), status=422)
    chosen = Chosen(proposal_id, form.seen)
    try:
        await let_other_go(pool, visitor(request), chosen, form.vehicle_id, form.reason)
    except NoProposalError:
        raise web.HTTPNotFound from None
    except NotAlikeError:
        refused = form.refused(NOT_ALIKE)
        return page(request, await proposal_page(request, refused), status=422)
    except OtherStaysError:
        refused = form.refused(OTHER_STAYS)
        return page(request, await proposal_page(request, refused), status=409)
    except REFUSALS:
        refused = form.refused(DECIDED_ELSEWHERE)
        return page(request, await proposal_page(request, refused), status=409)
    raise see_other(f"/proposals/{proposal_id}?done={Notice.OTHER_GOES}")
