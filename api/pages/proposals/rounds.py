"""Rounds: GET and POST /proposals/rounds, POST /proposals/versions, POST …/{round_id}/cancel."""

from collections.abc import Awaitable, Callable

import asyncpg
from aiohttp import web

from api.address import number_in_path
from api.jobs import queue_round
from api.pages.frame.context import CONTEXT, Context
from api.pages.frame.forms import FormError, WhoForm
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.sent import sent_form
from api.pages.proposals import views
from api.pages.proposals.proposals import (
    accepted,
    latest_round,
    proposal_row,
    proposal_rows,
    proposals_page,
    round_view,
    sums,
)
from api.pages.proposals.round_basis import changes_since, say_trips
from api.pages.proposals.views import Notice
from api.pages.words.language import mark
from costs.basis import kept_basis
from db.connect import Pool
from db.statements import statements
from optimiser.depot.verdicts import Action
from optimiser.rounds.rounds import (
    Reason,
    RoundActive,
    cancel_round,
    request_round,
    request_version,
)

SQL = statements("round")

ROUND_ACTIVE = mark("A round is already under way")
NO_DATA = mark("There are no trips yet to base a round on")
NO_ROUND = mark("There is no round to calculate again")

#: Rounds that failed or were cancelled are listed, the latest ones.
ENDED_SHOWN = 10


async def show_rounds(request: web.Request) -> web.StreamResponse:
    """Every round beside the others: what was proposed, accepted and carried out."""
    pool = request.config_dict[CONTEXT].pool
    rows = await pool.fetch(SQL["rounds"])
    ended = await pool.fetch(SQL["unfinished"], ENDED_SHOWN)
    messages = await say_trips(pool, [row["message"] for row in ended])
    return page(
        request,
        views.RoundsPage(
            rows=[
                await _round_row(pool, row, before)
                for before, row in zip([None, *rows], rows, strict=False)
            ],
            ended=[
                views.EndedRound(
                    number=row["number"],
                    version=row["version"],
                    state=views.RunState(row["state"]),
                    requested_at=row["requested_at"],
                    requested_by=row["requested_by"],
                    reason=Reason(row["reason"]) if row["reason"] else None,
                    message=message,
                    cancelled_by=row["cancelled_by"],
                )
                for row, message in zip(ended, messages, strict=True)
            ],
        ),
    )


async def request_new_round(request: web.Request) -> web.StreamResponse:
    """Queue a round on the data of today."""
    return await _request(request, _new_round, Notice.ROUND_REQUESTED)


async def request_new_version(request: web.Request) -> web.StreamResponse:
    """Queue a new version of the latest round, bound by what was decided."""
    return await _request(request, _new_version, Notice.VERSION_REQUESTED)


async def cancel(request: web.Request) -> web.StreamResponse:
    """Cancel a round that is under way. One that is over already stays as it is."""
    context = request.config_dict[CONTEXT]
    round_id = number_in_path(request, "round_id")
    try:
        form = WhoForm.read(await sent_form(request))
    except FormError as error:
        return page(request, await proposals_page(request, error), status=422)
    ended = await cancel_round(context.pool, round_id, form.who)
    raise see_other(f"/proposals?done={Notice.ROUND_CANCELLED}" if ended else "/proposals")


async def _request(
    request: web.Request, ask: Callable[[Context, WhoForm], Awaitable[int]], said: Notice
) -> web.StreamResponse:
    context = request.config_dict[CONTEXT]
    try:
        form = WhoForm.read(await sent_form(request))
        try:
            round_id = await ask(context, form)
        except RoundActive:
            raise FormError({"who": form.who}, {"who": ROUND_ACTIVE}) from None
    except FormError as error:
        return page(request, await proposals_page(request, error), status=422)
    await queue_round(context.jobs, round_id)
    raise see_other(f"/proposals?done={said}")


async def _new_round(context: Context, form: WhoForm) -> int:
    period = await context.period()
    if period is None:
        raise FormError({"who": form.who}, {"who": NO_DATA})
    return await request_round(context.pool, period, form.who)


async def _new_version(context: Context, form: WhoForm) -> int:
    found = await latest_round(context.pool)
    if found is None:
        raise FormError({"who": form.who}, {"who": NO_ROUND})
    return await request_version(context.pool, found.round_id, form.who)


async def _round_row(
    pool: Pool, record: asyncpg.Record, before: asyncpg.Record | None
) -> views.RoundRow:
    found = await round_view(pool, record)
    basis = await kept_basis(pool, found.round_id)
    now = [row for _, row in await proposal_rows(pool, found.round_id)]
    decided = [proposal_row(row, None) for row in await pool.fetch(SQL["decided"], found.number)]
    return views.RoundRow(
        round=found,
        requested_by=record["requested_by"],
        proposed=sums(row for row in now if row.decision.action is not Action.KEEP),
        accepted=sums(accepted(decided)),
        done=sums(row for row in decided if row.verdict is views.Verdict.DONE),
        rejected=sum(row.verdict is views.Verdict.REJECTED for row in decided),
        changes=None
        if before is None or basis is None
        else await changes_since(pool, before, record, basis),
    )
