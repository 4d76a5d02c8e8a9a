"""The pages of proposals: GET /proposals, GET and POST /proposals/{proposal_id}, POST …/talk."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, PageContext, notice_in_address, period_view
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import Choice
from api.pages.proposals import views
from api.pages.proposals.forms import (
    DECIDED_MEANWHILE,
    DECIDED_OTHERWISE,
    GONE,
    NOT_ACCEPTED,
    NOTHING_DECIDED,
    NOTHING_DECIDED_ON_SEVERAL,
    RULED_TO_STAY,
    SHARED,
    SUPERSEDED,
    DecisionForm,
    ProposalQuery,
    SeveralForm,
)
from api.pages.proposals.views import Notice
from api.pages.talk.forms import AskedOf, SaidForm
from api.pages.talk.labels import FAULTS, NOTHING_WAITS
from api.pages.talk.letters import mail_words
from api.pages.talk.views import TalkView
from costs.basis import stored_basis
from costs.catalogue import offer_of
from db.connect import Pool
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.names.order import name_order
from optimiser.carried.since_before import LeastChange, compare_with_before
from optimiser.depot.decision_key import LEAVING
from optimiser.ledger.stored import LedgerRow, read_ledger
from optimiser.rounds.basis import old_figures
from optimiser.rounds.decisions import (
    REFUSALS,
    DecidedMeanwhileError,
    DecidedOtherwiseError,
    NoProposalError,
    NotAcceptedError,
    NothingDecidedError,
    SeveralRefusedError,
    SharedProposalError,
    SupersededError,
    Verdict,
    decide,
    decide_several,
)
from optimiser.rounds.overview import (
    RoundRun,
    RoundState,
    latest_round,
    latest_run,
)
from optimiser.rounds.proposals import (
    Proposal,
    ProposalCase,
    decided_since,
    read_grid_kr,
    read_proposal,
    sum_proposals,
    with_studies,
)
from optimiser.rounds.studies import round_studies
from optimiser.talk.entries import thread
from optimiser.talk.faults import NoEntryError, NothingWaitsError, TalkError
from optimiser.talk.recipients import heads_for
from optimiser.talk.replies import answer, ask, comment
from optimiser.trial.stored import DepotTrial, read_trial
from register.vehicles import RuledToStayError, RulingEntry, Scope, ruled_to_stay, scope_of

#: Why a decision does not fit those before it.
_CONFLICTS: Mapping[type[Exception], str] = {
    DecidedMeanwhileError: DECIDED_MEANWHILE,
    DecidedOtherwiseError: DECIDED_OTHERWISE,
    NotAcceptedError: NOT_ACCEPTED,
    NothingDecidedError: NOTHING_DECIDED,
    SupersededError: SUPERSEDED,
    SharedProposalError: SHARED,
    NoProposalError: GONE,
    RuledToStayError: RULED_TO_STAY,
}


#: The proposals of a part of the list, whose cards are higher than those of other lists.
PROPOSALS_SHOWN = 20


async def show_proposals(request: web.Request) -> web.StreamResponse:
    """Show the latest round: its figures, its proof and its proposals."""
    return page(request, await proposals_page(request))


async def show_proposal(request: web.Request) -> web.StreamResponse:
    """Show one proposal, the reasons for it, and the decisions on it."""
    return page(request, await proposal_page(request))


async def add_decision(request: web.Request) -> web.StreamResponse:
    """Add a decision. A refused form comes back with what was typed."""
    context = request.config_dict[CONTEXT]
    fields = await read_form(request)
    try:
        form = DecisionForm.read(fields)
        asked = AskedOf.read(fields)
    except FormError as error:
        return page(request, await proposal_page(request, error), status=422)
    proposal_id = _proposal_id(request)
    pool, actor = context.pool, visitor(request)
    try:
        if form.verdict is Verdict.QUESTION:
            await ask(
                pool,
                actor,
                proposal_id,
                form.comment,
                mail_words(context.settings),
                recipient=asked.recipient,
                answer_day=asked.answer_day,
                seen=form.seen,
            )
        else:
            await decide(pool, actor, proposal_id, form.verdict, form.comment, seen=form.seen)
    except NoProposalError:
        raise web.HTTPNotFound from None
    except REFUSALS as error:
        typed = {"verdict": form.verdict.value, "comment": form.comment}
        refused = FormError(typed, {"verdict": _CONFLICTS[type(error)]})
        status = 403 if isinstance(error, SharedProposalError) else 409
        return page(request, await proposal_page(request, refused), status=status)
    except TalkError as error:
        typed = field_texts(fields, ("verdict", "comment", "recipient", "answer_day"))
        field, text = FAULTS[error.fault]
        refused = FormError(typed, {field: text})
        return page(request, await proposal_page(request, refused), status=422)
    done = Notice.CARRIED_OUT if form.verdict is Verdict.DONE else form.verdict.value
    raise see_other(f"/proposals/{proposal_id}?done={done}")


async def decide_on_several(request: web.Request) -> web.StreamResponse:
    """Accept or reject several proposals together. If one of them cannot be, nothing is decided,
    and the list says why at each."""
    context = request.config_dict[CONTEXT]
    try:
        form = SeveralForm.read(await read_form(request))
    except FormError as error:
        chosen = frozenset(int(text) for text in error.values["chosen"].split())
        typed = views.SeveralRefused(values=error.values, chosen=chosen, errors=error.errors)
        return page(request, await proposals_page(request, several=typed), status=422)
    try:
        await decide_several(
            context.pool, visitor(request), form.chosen, form.verdict, form.comment
        )
    except SeveralRefusedError as refused:
        typed = views.SeveralRefused(
            values={"verdict": form.verdict.value, "comment": form.comment},
            chosen=frozenset(one.proposal_id for one in form.chosen),
            errors={"chosen": NOTHING_DECIDED_ON_SEVERAL},
            reasons={key: _CONFLICTS[type(why)] for key, why in refused.refused.items()},
            newer=[
                why.newer for why in refused.refused.values() if isinstance(why, SupersededError)
            ],
        )
        return page(request, await proposals_page(request, several=typed), status=409)
    accepted = form.verdict is Verdict.ACCEPTED
    done = Notice.SEVERAL_ACCEPTED if accepted else Notice.SEVERAL_REJECTED
    query = {**ProposalQuery.read(request.query).in_address, "done": done.value}
    raise see_other(f"/proposals?{urlencode(query)}")


async def add_said(request: web.Request) -> web.StreamResponse:
    """Add a comment or an answer to the conversation. A refused form comes back with what was
    typed."""
    context, actor = request.config_dict[CONTEXT], visitor(request)
    fields, proposal_id = await read_form(request), _proposal_id(request)
    try:
        form = SaidForm.read(fields)
        if form.answers is None:
            await comment(context.pool, actor, proposal_id, form.text)
        else:
            words = mail_words(context.settings)
            await answer(context.pool, actor, proposal_id, form.answers, form.text, words)
    except (NoProposalError, NoEntryError):
        raise web.HTTPNotFound from None
    except FormError as refused:
        return page(request, await proposal_page(request, refused), status=422)
    except NothingWaitsError:
        typed = FormError({"said": field_texts(fields, ("said",))["said"]}, {"said": NOTHING_WAITS})
        return page(request, await proposal_page(request, typed), status=409)
    done = Notice.COMMENTED if form.answers is None else Notice.ANSWERED
    raise see_other(f"/proposals/{proposal_id}?done={done}#talk")


async def proposals_page(
    request: web.Request,
    refused: str | None = None,
    *,
    several: views.SeveralRefused | None = None,
) -> views.ProposalsPage:
    """The view of the list of proposals; `refused` says why a round that was requested is none, and
    `several` why nothing was decided on several of them."""
    context = request.config_dict[CONTEXT]
    pool = context.pool
    run = await _run(context)
    found = await latest_round(pool)
    said = notice_in_address(request, Notice)
    if found is None:
        has_trips = (await context.first_run_facts()).has_trips
        return views.ProposalsPage(
            run=run, round=None, has_trips=has_trips, refused=refused, notice=said
        )
    studies = await round_studies(pool, found.round_id)
    scope = await scope_of(pool, visitor(request))
    grid = await read_grid_kr(pool, found.proposals, studies)
    proposed = with_studies(found.proposals, studies, scope, grid)
    compared = await compare_with_before(
        pool,
        found.round_id,
        found.number,
        proposed,
        scope,
        LeastChange.of(context.settings),
    )
    proposals = [one.proposal for one in compared.every]
    basis = await stored_basis(pool, found.round_id)
    query = ProposalQuery.read(request.query)
    changes = [proposal for proposal in proposed if proposal.is_change]
    own = [proposal for proposal in changes if not proposal.shared]
    return views.ProposalsPage(
        run=run,
        round=found,
        has_trips=True,
        period=period_view(found.period),
        part=asked_part(
            query.rows(compared),
            request.query,
            "/proposals",
            query.in_address,
            most=PROPOSALS_SHOWN,
        ),
        total=len(changes),
        wholes=[one.decision.whole for each in changes for one in each.singles],
        compared=compared,
        depots=[
            Choice(depot_id, name)
            for depot_id, name in sorted(
                {(one.depot_id, one.depot) for whole in proposals for one in whole.singles},
                key=lambda pair: name_order(pair[1]),
            )
        ],
        departments=sorted(
            {name for one in proposals for name in one.decision.departments}, key=name_order
        ),
        in_address=urlencode(query.in_address),
        several=several,
        department=query.department,
        since=query.since,
        order=query.order,
        depot_id=query.depot_id,
        action=query.action,
        show=query.show,
        accepted=sum_proposals(proposal for proposal in own if proposal.accepted),
        every=sum_proposals(own),
        shared=len(changes) - len(own),
        pending=await decided_since(pool, found.round_id),
        parts=studies.parts,
        studied=len(studies.done),
        failures=studies.failures,
        ends=found.ends(studies, context.settings.greenest_within),
        policies=studies.policies,
        out_of_date=await old_figures(pool, found.round_id),
        offer=None if basis is None else offer_of(basis.catalogue),
        refused=refused,
        notice=said,
    )


async def _run(context: PageContext) -> RoundRun | None:
    """The round under way, or the latest one if it failed or was cancelled."""
    run = await latest_run(context.pool)
    return None if run is None or run.state is RoundState.DONE else run


async def proposal_page(
    request: web.Request, refused: FormError | None = None
) -> views.ProposalPage:
    """The view of one proposal; `refused` is a form that comes back."""
    context = request.config_dict[CONTEXT]
    pool = context.pool
    scope = await scope_of(pool, visitor(request))
    case = await read_proposal(pool, _proposal_id(request), scope)
    # Of other departments not even that there is a proposal is told.
    if case is None:
        raise web.HTTPNotFound
    period = period_view(case.period)
    assert period is not None
    basis = await stored_basis(pool, case.round_id)
    assert basis is not None, "a round keeps what it is calculated with"
    actor = visitor(request)
    return views.ProposalPage(
        row=case.proposal,
        whole=case.whole,
        number=case.number,
        version=case.version,
        present=case.present,
        later=case.later,
        is_latest=case.is_latest,
        newer=case.newer,
        status=case.status,
        period=period,
        year_over_period=case.year_over_period,
        plan=case.plan,
        outcomes=case.outcomes,
        stated=basis.stated,
        backtest=None if case.backtest is None else case.backtest.found,
        no_backtest=None if case.backtest is None else case.backtest.reason,
        history=case.history,
        follow_up=await _follow_up(context, case.proposal, scope),
        trial=await _trial(pool, actor, case),
        stays=await _stays(pool, case),
        talk=await _talk(pool, actor, case),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


async def _follow_up(
    context: PageContext, proposal: Proposal, scope: Scope | None
) -> LedgerRow | None:
    """What became of a proposal; None: its acceptance is not in force."""
    if not proposal.accepted and proposal.approved is None:
        return None
    ledger = await read_ledger(
        context.pool, scope, local_now().date(), context.settings.ledger_silent_days
    )
    return ledger.by_key().get(proposal.decision.key)


async def _trial(pool: Pool, reader: Actor, case: ProposalCase) -> DepotTrial | None:
    """The trial of the proposed fleet at the depot of a proposal of the latest round."""
    if case.later is not None:
        return None
    depot_id = case.proposal.depot_id
    found = await read_trial(pool, reader, local_now().date(), depot_id)
    return None if found is None else found.of_depot(depot_id)


async def _stays(pool: Pool, case: ProposalCase) -> Sequence[tuple[str, RulingEntry]]:
    """The vehicles that are to leave by a proposal and were ruled to stay, each by its name."""
    leaving = {
        one.decision.vehicle_id: one.decision.vehicle or one.decision.vehicle_id
        for one in case.whole.singles
        if one.decision.action in LEAVING and one.decision.vehicle_id is not None
    }
    ruled = await ruled_to_stay(pool, leaving)
    return [(leaving[vehicle_id], ruling) for vehicle_id, ruling in ruled.items()]


async def _talk(pool: Pool, reader: Actor, case: ProposalCase) -> TalkView | None:
    """The conversation on a proposal; None: the reader takes no part in it."""
    if not reader.may(Permission.PROPOSALS_DECIDE):
        return None
    found = await heads_for(pool, reader)
    return TalkView(
        entries=await thread(pool, reader, case.proposal.proposal_id),
        heads=[
            one
            for one in found
            if any(one.is_concerned(part.decision) for part in case.whole.singles)
        ],
        today=local_now().date(),
    )


def _proposal_id(request: web.Request) -> int:
    return id_in_path(request, "proposal_id")
