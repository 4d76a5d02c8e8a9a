"""Proposals: GET /proposals, GET and POST /proposals/{proposal_id}."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
from aiohttp import web
from pydantic import TypeAdapter

from api.address import number_in_path
from api.pages.frame.context import CONTEXT, Context, notice, period_view
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.sent import sent_form
from api.pages.frame.views import Choice
from api.pages.proposals import views
from api.pages.proposals.forms import DecisionForm, ProposalQuery
from api.pages.proposals.round_basis import say_trips
from api.pages.proposals.views import Notice
from costs.basis import kept_basis
from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from optimiser.depot.answer import DepotPlan, read_answer
from optimiser.depot.decisions import Decision
from optimiser.depot.verdicts import Action
from optimiser.rounds.data import period_of
from optimiser.rounds.rounds import Reason
from optimiser.studies.sensitivity import Outcome, changed_by
from optimiser.studies.study import DepotBacktest, Study, read_study

SQL = statements("round")

_DECISION = TypeAdapter(Decision)


async def show_proposals(request: web.Request) -> web.StreamResponse:
    """The latest round: its figures, its proof and its proposals."""
    return page(request, await proposals_page(request))


async def show_proposal(request: web.Request) -> web.StreamResponse:
    """One proposal, why it is made, and what was decided on it."""
    return page(request, await _proposal_page(request))


async def decide(request: web.Request) -> web.StreamResponse:
    """Add a decision; a refused form comes back with what was typed."""
    context = request.config_dict[CONTEXT]
    try:
        form = DecisionForm.read(await sent_form(request))
    except FormError as error:
        return page(request, await _proposal_page(request, error), status=422)
    proposal_id = _proposal_id(request)
    decided = await context.pool.fetchval(
        SQL["decide"], proposal_id, form.verdict, form.comment, form.who
    )
    if decided is None:
        raise web.HTTPNotFound
    done = Notice.CARRIED_OUT if form.verdict is views.Verdict.DONE else form.verdict.value
    raise see_other(f"/proposals/{proposal_id}?done={done}")


async def latest_round(pool: Pool) -> views.Round | None:
    """The latest round that was answered."""
    row = await pool.fetchrow(SQL["latest_done"])
    return None if row is None else await round_view(pool, row)


async def round_view(pool: Pool, row: asyncpg.Record) -> views.Round:
    """An answered round as the pages show it."""
    summary: dict[str, Any] = row["summary"]
    rows = await proposal_rows(pool, row["round_id"])
    period = period_view(await period_of(pool, row))
    assert period is not None
    return views.Round(
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        finished_at=row["finished_at"],
        period=period,
        baseline=views.FleetFigures(**summary["baseline"]),
        proposed=views.FleetFigures(**summary["proposed"]),
        gap=summary["gap"],
        lower_bound_kr_year=summary["lower_bound_kr_year"],
        seconds=summary["seconds"],
        undecided=sum(found.open for _, found in rows if _is_change(found)),
        machines=[
            Choice(machine["vehicle_id"], machine["name"])
            for machine in await pool.fetch(SQL["machines"])
        ],
        without_trips=summary["without_trips"],
        not_calculated=[
            views.NotCalculated(depots=failed["names"], reason=Reason(failed["reason"]))
            for failed in await pool.fetch(SQL["failed_parts"], row["round_id"])
        ],
    )


async def proposal_rows(
    pool: Pool, round_id: int, outcomes: Sequence[Outcome] | None = None
) -> list[tuple[str, views.ProposalRow]]:
    """The proposals of a round's version in order of rank, each with its depot's id."""
    rows = await pool.fetch(SQL["proposals"], round_id)
    return [(row["depot_id"], proposal_row(row, outcomes)) for row in rows]


def proposal_row(
    row: asyncpg.Record,
    outcomes: Sequence[Outcome] | None,
    failures: Sequence[views.StudyFailure] = (),
) -> views.ProposalRow:
    """A proposal as the pages show it; `outcomes` are those of its depot, if they are known."""
    decision = _DECISION.validate_python(row["content"])
    robust = decision.action is not Action.KEEP and outcomes is not None
    return views.ProposalRow(
        proposal_id=row["proposal_id"],
        depot=row["depot"],
        decision=decision,
        verdict=None if row["verdict"] is None else views.Verdict(row["verdict"]),
        asked=row["asked"],
        changed_by=changed_by(decision.key, outcomes) if robust and outcomes else None,
        study_failed=any(row["depot_id"] in failure.depot_ids for failure in failures),
    )


async def round_studies(pool: Pool, round_id: int) -> tuple[int, list[tuple[list[str], Study]]]:
    """How many parts a round has, and the studies that are done, each with its depots."""
    rows = await pool.fetch(SQL["studies"], round_id)
    return len(rows), [
        (list(row["depots"]), read_study(row["study"])) for row in rows if row["study"] is not None
    ]


async def study_failures(pool: Pool, round_id: int) -> list[views.StudyFailure]:
    """The studies of a round that failed."""
    return [
        views.StudyFailure(
            depot_ids=row["depots"],
            depots=row["names"],
            reason=Reason(row["study_reason"]),
            message=row["study_message"],
        )
        for row in await pool.fetch(SQL["failed_studies"], round_id)
    ]


def sums(rows: Iterable[views.ProposalRow]) -> views.Sums:
    """What decisions add up to."""
    found = [row.decision for row in rows]
    return views.Sums(
        decisions=len(found),
        saving_kr_year=sum(decision.saving_kr_year for decision in found),
        saving_co2_t_year=sum(decision.saving_co2_t_year for decision in found),
        upfront_kr=sum(decision.upfront_kr or 0.0 for decision in found),
        unpriced=sum(decision.upfront_kr is None for decision in found),
    )


def accepted(rows: Iterable[views.ProposalRow]) -> list[views.ProposalRow]:
    """Those that were accepted, carried out ones included."""
    return [row for row in rows if row.accepted]


def _is_change(row: views.ProposalRow) -> bool:
    return row.decision.action is not Action.KEEP


async def proposals_page(
    request: web.Request, refused: FormError | None = None
) -> views.ProposalsPage:
    """The list, with what was typed into a refused form of it."""
    context = request.config_dict[CONTEXT]
    pool = context.pool
    run = await _run(context)
    found = await latest_round(pool)
    values: Mapping[str, str] = {} if refused is None else refused.values
    errors: Mapping[str, str] = {} if refused is None else refused.errors
    said = notice(request, Notice)
    if found is None:
        return views.ProposalsPage(run=run, round=None, values=values, errors=errors, notice=said)
    parts, studies = await round_studies(pool, found.round_id)
    failures = await study_failures(pool, found.round_id)
    outcomes = {depot: study.sensitivity for depots, study in studies for depot in depots}
    rows = [
        (row["depot_id"], proposal_row(row, outcomes.get(row["depot_id"]), failures))
        for row in await pool.fetch(SQL["proposals"], found.round_id)
    ]
    # What was rejected is no longer in the plan; it stays in the list.
    present = {row.decision.key for _, row in rows}
    rows += [
        (row["depot_id"], proposal_row(row, None))
        for row in await pool.fetch(SQL["decided"], found.number)
        if row["key"] not in present
    ]
    query = ProposalQuery.read(request.query)
    changes = [row for _, row in rows if _is_change(row)]
    return views.ProposalsPage(
        run=run,
        round=found,
        rows=[row for depot_id, row in rows if query.takes(depot_id, row)],
        total=len(changes),
        depots=[
            Choice(depot_id, name)
            for depot_id, name in sorted(
                {(depot_id, row.depot) for depot_id, row in rows}, key=lambda pair: pair[1]
            )
        ],
        depot_id=query.depot_id,
        action=query.action,
        show=query.show,
        accepted=sums(accepted(changes)),
        every=sums(row for _, row in rows if _is_change(row) and row.decision.key in present),
        pending=await pool.fetchval(SQL["decided_since"], found.round_id),
        parts=parts,
        studied=len(studies),
        failures=failures,
        values=values,
        errors=errors,
        notice=said,
    )


async def _run(context: Context) -> views.Run | None:
    """The round under way, or the latest one when it failed or was cancelled."""
    row = await context.pool.fetchrow(SQL["latest"])
    if row is None or row["state"] == views.RunState.DONE:
        return None
    [message] = await say_trips(context.pool, [row["message"]])
    return views.Run(
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        state=views.RunState(row["state"]),
        requested_at=row["requested_at"],
        requested_by=row["requested_by"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        message=message,
        parts=row["parts"],
        answered=row["answered"],
    )


async def _proposal_page(
    request: web.Request, refused: FormError | None = None
) -> views.ProposalPage:
    pool = request.config_dict[CONTEXT].pool
    row = await pool.fetchrow(SQL["proposal"], _proposal_id(request))
    if row is None:
        raise web.HTTPNotFound
    study = await _study_of(pool, row)
    outcomes = None if study is None else study.sensitivity
    found = proposal_row(row, outcomes, await study_failures(pool, row["round_id"]))
    period = period_view(Period(row["period_first"], row["period_last"]))
    assert period is not None
    if outcomes is None or found.decision.action is Action.KEEP:
        stands = None
    else:
        stands = [
            (o.moved, o.factor, found.decision.key in o.keys if o.possible else None)
            for o in outcomes
        ]
    basis = await kept_basis(pool, row["round_id"])
    assert basis is not None, "a round keeps what it is calculated with"
    tried = None if study is None else depot_backtest(study, row["depot_id"])
    return views.ProposalPage(
        row=found,
        number=row["number"],
        version=row["version"],
        period=period,
        plan=await _depot_plan(pool, row["round_id"], row["depot_id"]),
        outcomes=stands,
        stated=basis.stated,
        backtest=None if tried is None else tried.found,
        no_backtest="" if tried is None else tried.reason,
        history=[
            views.DecisionEntry(
                verdict=views.Verdict(decision["verdict"]),
                comment=decision["comment"],
                decided_by=decision["decided_by"],
                decided_at=decision["decided_at"],
            )
            for decision in await pool.fetch(SQL["decisions"], row["proposal_id"])
        ],
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice(request, Notice),
    )


def depot_backtest(study: Study, depot_id: str) -> DepotBacktest:
    """The backtest of a depot."""
    return next(found for found in study.backtest if found.depot_id == depot_id)


async def _study_of(pool: Pool, row: asyncpg.Record) -> Study | None:
    _, studies = await round_studies(pool, row["round_id"])
    return next((study for depots, study in studies if row["depot_id"] in depots), None)


async def _depot_plan(pool: Pool, round_id: int, depot_id: str) -> DepotPlan:
    rows = await pool.fetch(SQL["answers"], round_id)
    answer = next(read_answer(row["answer"]) for row in rows if depot_id in row["depots"])
    return next(plan for plan in answer.depots if plan.depot_id == depot_id)


def _proposal_id(request: web.Request) -> int:
    return number_in_path(request, "proposal_id")
