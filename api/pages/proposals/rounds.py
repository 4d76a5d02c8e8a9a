"""The page of rounds: GET and POST /proposals/rounds, POST /proposals/versions, POST
…/{round_id}/cancel."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.jobs import queue_round
from api.pages.choices.list_parts import asked_part
from api.pages.costs.capabilities import Capabilities, read_capabilities
from api.pages.frame.context import CONTEXT, PageContext
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.proposals import views
from api.pages.proposals.proposals import proposals_page
from api.pages.proposals.round_basis import changes_view, read_depot_names
from api.pages.proposals.views import Notice
from api.pages.words.language import mark
from fleet.actor import Actor
from optimiser.rounds.overview import RoundHistory, ended_runs, latest_round, round_histories
from optimiser.rounds.requests import (
    RoundActive,
    cancel_round,
    request_round,
    request_version,
)

ROUND_ACTIVE = mark("A round is already under way")
NO_DATA = mark("There are no trips yet to base a round on")
NO_ROUND = mark("There is no round to calculate again")

#: The most rounds that failed or were cancelled that are listed.
ENDED_SHOWN = 10


class _NothingToCalculateError(Exception):
    """There is nothing that the requested round could rest on; `why` says what is missing."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def show_rounds(request: web.Request) -> web.StreamResponse:
    """Show all rounds side by side, the latest first: the sums that were proposed,
    accepted and carried out."""
    pool = request.config_dict[CONTEXT].pool
    known = await read_capabilities(request)
    names = await read_depot_names(request)
    return page(
        request,
        views.RoundsPage(
            part=asked_part(
                (await round_histories(pool))[::-1], request.query, "/proposals/rounds"
            ).shown_as(lambda found: _round_row(found, known, names)),
            ended=await ended_runs(pool, ENDED_SHOWN),
        ),
    )


def _round_row(
    found: RoundHistory, known: Capabilities, names: Mapping[str, str]
) -> views.RoundRow:
    return views.RoundRow(
        round=found.round,
        requested_by=found.requested_by,
        proposed=found.proposed,
        accepted=found.accepted,
        done=found.done,
        rejected=found.rejected,
        changes=changes_view(found.changes, known, names),
        earlier=found.earlier,
    )


async def request_new_round(request: web.Request) -> web.StreamResponse:
    """Request a round on the data of today."""
    return await _request(request, _new_round, Notice.ROUND_REQUESTED)


async def request_new_version(request: web.Request) -> web.StreamResponse:
    """Request a new version of the latest round, bound by the decisions on it."""
    return await _request(request, _new_version, Notice.VERSION_REQUESTED)


async def cancel_requested_round(request: web.Request) -> web.StreamResponse:
    """Cancel a round that is under way. A round that has ended stays as it is."""
    context = request.config_dict[CONTEXT]
    round_id = id_in_path(request, "round_id")
    ended = await cancel_round(context.pool, visitor(request), round_id)
    raise see_other(f"/proposals?done={Notice.ROUND_CANCELLED}" if ended else "/proposals")


async def _request(
    request: web.Request, ask: Callable[[PageContext, Actor], Awaitable[int]], said: Notice
) -> web.StreamResponse:
    context = request.config_dict[CONTEXT]
    try:
        round_id = await ask(context, visitor(request))
    except RoundActive:
        return page(request, await proposals_page(request, ROUND_ACTIVE), status=422)
    except _NothingToCalculateError as error:
        return page(request, await proposals_page(request, error.why), status=422)
    await queue_round(context.jobs, round_id)
    raise see_other(f"/proposals?done={said}")


async def _new_round(context: PageContext, actor: Actor) -> int:
    period = await context.round_period()
    if period is None:
        raise _NothingToCalculateError(NO_DATA)
    return await request_round(context.pool, actor, period)


async def _new_version(context: PageContext, actor: Actor) -> int:
    found = await latest_round(context.pool)
    if found is None:
        raise _NothingToCalculateError(NO_ROUND)
    return await request_version(context.pool, actor, found.round_id)
