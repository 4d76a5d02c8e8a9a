"""Proposals: GET /proposals, POST /proposals/rounds, GET and POST /proposals/{proposal_id}."""

from typing import Any

import asyncpg
from aiohttp import web

from api.jobs import queue_round
from api.pages import views
from api.pages.context import CONTEXT, Context, notice, period_view
from api.pages.forms import DecisionForm, FormError, RoundForm
from api.pages.language import mark
from api.pages.render import page
from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from optimiser.proposal import Proposal, read_proposal
from optimiser.service import RoundActive, request_round

SQL = statements("round")

ROUND_ACTIVE = mark("A round is already under way")
NO_DATA = mark("There are no trips yet to base a round on")


async def show_proposals(request: web.Request) -> web.StreamResponse:
    """The latest round: its figures, its proof and its proposals."""
    return page(request, await _proposals_page(request))


async def request_new_round(request: web.Request) -> web.StreamResponse:
    """Queue a round on the data of today."""
    context = request.config_dict[CONTEXT]
    try:
        round_id = await _new_round(context, RoundForm.read(await request.post()))
    except FormError as error:
        return page(request, await _proposals_page(request, error), status=422)
    await queue_round(context.jobs, round_id)
    raise web.HTTPSeeOther(f"/proposals?done={views.Notice.ROUND_REQUESTED}")


async def show_proposal(request: web.Request) -> web.StreamResponse:
    """One proposal, why it is made, and what was decided on it."""
    return page(request, await _proposal_page(request))


async def decide(request: web.Request) -> web.StreamResponse:
    """Add a decision; a refused form comes back with what was typed."""
    context = request.config_dict[CONTEXT]
    try:
        form = DecisionForm.read(await request.post())
    except FormError as error:
        return page(request, await _proposal_page(request, error), status=422)
    proposal_id = _proposal_id(request)
    decided = await context.pool.fetchval(
        SQL["decide"], proposal_id, form.verdict, form.comment, form.who
    )
    if decided is None:
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(f"/proposals/{proposal_id}?done={form.verdict}")


async def latest_round(pool: Pool) -> views.Round | None:
    """The latest round that was answered."""
    row = await pool.fetchrow(SQL["latest_done"])
    if row is None:
        return None
    plan: dict[str, Any] = row["plan"]
    proposals = await pool.fetch(SQL["proposals"], row["round_id"])
    period = period_view(Period(row["period_first"], row["period_last"]))
    assert period is not None
    return views.Round(
        round_id=row["round_id"],
        finished_at=row["finished_at"],
        period=period,
        baseline=views.FleetFigures(**plan["baseline"]),
        proposed=views.FleetFigures(**plan["proposed"]),
        gap=plan["gap"],
        lower_bound_kr_year=plan["lower_bound_kr_year"],
        seconds=plan["seconds"],
        undecided=sum(found["verdict"] is None for found in proposals),
    )


async def _new_round(context: Context, form: RoundForm) -> int:
    """The number of the round asked for. Raises FormError."""
    period = await context.period()
    if period is None:
        raise FormError({"who": form.who}, {"who": NO_DATA})
    try:
        return await request_round(context.pool, period, form.who)
    except RoundActive:
        raise FormError({"who": form.who}, {"who": ROUND_ACTIVE}) from None


async def _proposals_page(
    request: web.Request, refused: FormError | None = None
) -> views.ProposalsPage:
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    rows = [] if found is None else await context.pool.fetch(SQL["proposals"], found.round_id)
    return views.ProposalsPage(
        run=await _run(context),
        round=found,
        proposals=[_summary(row, read_proposal(row["content"])) for row in rows],
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice(request),
    )


async def _run(context: Context) -> views.Run | None:
    """The round under way, or the latest one when it failed."""
    row = await context.pool.fetchrow(SQL["latest"])
    if row is None or row["state"] == views.RunState.DONE:
        return None
    return views.Run(
        state=views.RunState(row["state"]),
        requested_at=row["requested_at"],
        requested_by=row["requested_by"],
        message=row["message"],
    )


async def _proposal_page(
    request: web.Request, refused: FormError | None = None
) -> views.ProposalPage:
    context = request.config_dict[CONTEXT]
    proposal_id = _proposal_id(request)
    row = await context.pool.fetchrow(SQL["proposal"], proposal_id)
    if row is None:
        raise web.HTTPNotFound
    proposal = read_proposal(row["content"])
    period = period_view(Period(row["period_first"], row["period_last"]))
    assert period is not None
    return views.ProposalPage(
        summary=_summary(row, proposal),
        period=period,
        vehicles=proposal.vehicles,
        let_go=[
            views.LetGo(
                vehicle=views.Choice(gone.vehicle_id, gone.name),
                kind=gone.kind,
                days_used=gone.days_used,
                trips=gone.trips,
                km=gone.km,
                taken_over_by=gone.taken_over_by,
                to_fallback=gone.to_fallback,
            )
            for gone in proposal.let_go
        ],
        keep=[views.Choice(v.vehicle_id, v.name) for v in proposal.keep],
        unknown=[views.Choice(v.vehicle_id, v.name) for v in proposal.unknown],
        tight_days=[
            views.TightDay(
                day=tight.day,
                out=tight.out,
                vehicles=tight.vehicles,
                to_fallback=tight.to_fallback,
            )
            for tight in proposal.tight_days
        ],
        history=[
            views.DecisionEntry(
                verdict=views.Verdict(decision["verdict"]),
                comment=decision["comment"],
                decided_by=decision["decided_by"],
                decided_at=decision["decided_at"],
            )
            for decision in await context.pool.fetch(SQL["decisions"], proposal_id)
        ],
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice(request),
    )


def _summary(row: asyncpg.Record, proposal: Proposal) -> views.ProposalSummary:
    return views.ProposalSummary(
        proposal_id=row["proposal_id"],
        depot=row["depot"],
        changes=[
            views.KindChange(
                kind=change.kind,
                energy=change.energy,
                count_now=change.count_now,
                count=change.count,
            )
            for change in proposal.changes
        ],
        let_go=[views.Choice(gone.vehicle_id, gone.name) for gone in proposal.let_go],
        vehicles_now=proposal.vehicles_now,
        peak=proposal.peak,
        peak_at=proposal.peak_at,
        tight_days=len(proposal.tight_days),
        saving_kr_year=proposal.saving_kr_year,
        saving_co2_t_year=proposal.saving_co2_t_year,
        verdict=None if row["verdict"] is None else views.Verdict(row["verdict"]),
    )


def _proposal_id(request: web.Request) -> int:
    try:
        return int(request.match_info["proposal_id"])
    except ValueError:
        raise web.HTTPNotFound from None
