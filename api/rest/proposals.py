"""Proposals and the decisions on them for programs: `/v1/proposals`."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.pages.talk.letters import mail_words
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Id,
    Name,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from api.rest.rounds.rounds import BudgetYearTold, budget_told
from costs.budget import Leaving
from costs.own_cost import NoSale
from fleet.actor import Permission
from fleet.vehicle import Energy
from optimiser.carried.since_before import ComparedProposal, LeastChange, Since, compare_with_before
from optimiser.depot.change_money import LackingFigure
from optimiser.depot.decision_key import Action
from optimiser.rounds.decisions import DecisionEntry, Status, Verdict, decide, decision_histories
from optimiser.rounds.overview import latest_round, run_of
from optimiser.rounds.proposals import Proposal, ProposalCase, read_proposal, read_proposals
from optimiser.talk.replies import ask
from register.vehicles import scope_of

_RANK: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])


class ProposalsQuery(PageQuery):
    """Which proposals: of a version of a round (absent: of the latest that is done), on a depot,
    with this action. Vehicles that stay are told only with the action `keep`. Without `since` they
    are those of the version itself; with it also those that are carried over and not proposed, or
    that are gone."""

    round_id: Id | None = None
    depot_id: Name | None = None
    action: Action | None = None
    since: Since | None = None


class OtherAccepted(ResponseBody):
    """What was accepted, where the proposal is of something else now: `count` vehicles of
    `new_kind`, or the sharing of other departments (null)."""

    new_kind: str | None
    count: int
    saving_kr_year: float


class PartTold(ResponseBody):
    """One of the decisions that people take together, with its part of what all of them save.
    In the round before it saved `saving_before_kr_year`; null where that did not propose it, and on
    a single proposal. `verdict` is its own: all have the same one, unless somebody let another
    vehicle go instead or decided on one of them in another round."""

    id: int
    depot_id: str
    action: Action
    vehicle_id: str | None
    vehicle: str | None
    kind: str | None
    energy: Energy | None
    new_kind: str | None
    new_energy: Energy | None
    count: int
    come: int
    saving_kr_year: float
    saving_co2_t_year: float
    saving_before_kr_year: float | None
    verdict: Verdict | None
    status: Status
    accepted_otherwise: OtherAccepted | None


class ProposalTold(ResponseBody):
    """A decision that people can take by itself. kr. and tonnes are a year; `verdict` is the one in
    force at the end of its round, given in the round `decided_in` by `decided_by`, null before any.
    `status` is the one that pages and documents tell: `reported` is said to be carried out where
    the register does not have it so, `no_room` is accepted and not in the latest plan, and `gone`
    is undecided and not in it; `partly` has parts whose own status differs.
    An acceptance is of what was proposed then: where the round proposes another kind or number
    of vehicles now, `verdict` is null and `accepted_otherwise` tells what was accepted, which
    stays so until somebody decides on the proposal.
    Of an accepted purchase `count` are still to come, beside the `come` that are registered.
    `asked`: a question awaits an answer. `since` is what became of it since the round before,
    where those of its parts saved `saving_before_kr_year` that it proposed, also those that are not
    seen; both are null where there is none, and on a single proposal. `upfront_kr` is null where no
    price is known.

    Decisions that rest on each other are one proposal with `parts`, none where it is by itself: a
    verdict on it holds for all of them. Its vehicle, kinds and use are those of the first part, its
    savings and money those of all, and its verdict is null where theirs differ.

    `left_out_kr_year` is the extra cost of the whole plan if this decision alone were left out. It
    is null where too little is known of the vehicle, and where it cannot be left out:
    `left_out_trips` of the period would have no vehicle and may not go by taxi, or the reserve for
    the workshop would lack `left_out_spare` vehicles. Without it `left_out_workshop` trips more
    would lack a vehicle while one is in the workshop: for these it may stand here at a cost.
    Who sees some departments only gets the number of the others that share the decision; its
    savings are of all of them, and its use, which is null then, is not told. Of a vehicle of which
    too little is known `days_used` is null, and so are `trips` and `km` where nothing was heard.

    `budget` is what it saves in each of five calendar years, if it holds from the month
    `holds_from` on: at once, at once against the exit cost of a contract, when the contract ends,
    or after notice where the contract of a leased vehicle is not known (`leaving`). `lacks` are
    figures that are not known for that. A vehicle that stays has none of these. `no_sale` says why
    the sale of the vehicle is not counted, null where it is; it would bring `uncounted_sale_kr` by
    the register. New vehicles cost `uncounted_purchase_kr` about, once, beside `upfront_kr`, if
    their yearly cost or price does not hold that; null where all is counted.

    With the action `move` a vehicle of the depot `depot_id` serves at the depot `to_depot_id`, of
    the department `to_department` if that has vehicles of its own, where it does `trips_there` of
    the period; `saving_there_kr_year` is the part of the saving that is there. All are null with
    another action.
    """

    id: int
    depot_id: str
    action: Action
    vehicle_id: str | None
    vehicle: str | None
    kind: str | None
    energy: Energy | None
    new_kind: str | None
    new_energy: Energy | None
    count: int
    come: int
    departments: list[str]
    other_departments: int
    contract_end: date | None
    saving_kr_year: float
    saving_co2_t_year: float
    left_out_kr_year: float | None
    left_out_trips: int
    left_out_spare: int
    left_out_workshop: int
    upfront_kr: float | None
    days_used: int | None
    trips: int | None
    km: float | None
    to_fallback: int
    to_depot_id: str | None
    to_department: str | None
    trips_there: int | None
    saving_there_kr_year: float | None
    verdict: Verdict | None
    status: Status
    accepted_otherwise: OtherAccepted | None
    decided_in: int | None
    decided_by: str | None
    decided_at: datetime | None
    asked: bool
    since: Since | None
    saving_before_kr_year: float | None
    holds_from: date | None
    leaving: Leaving | None
    lacks: list[LackingFigure]
    no_sale: NoSale | None
    uncounted_sale_kr: float | None
    uncounted_purchase_kr: float | None
    charge_points_to_build: int
    budget: list[BudgetYearTold]
    parts: list[PartTold]


class Proposals(PageBody):
    """Proposals of a version of a round, in order of rank; the version is null before the first
    round that is done."""

    round_id: int | None
    items: list[ProposalTold]


class NewDecision(RequestBody):
    """A verdict on a proposal, or a question to the fleet unit; after `reopened` it is undecided. A
    rejection, a reopening and a question need a comment. `seen` is the number of entries of the
    proposal's history as the program read it: if there are others by now, nothing is decided; null:
    it did not look."""

    model_config = example(verdict="accepted", comment="efter aftale med centret")

    verdict: Annotated[Verdict, Field(strict=False)]
    comment: FreeText = ""
    seen: Revision | None = None
    actor: Told = None
    at: Told = None


class DecisionTold(ResponseBody):
    """A verdict or a question in the history of a proposal."""

    verdict: Verdict
    comment: str
    actor: str
    at: datetime


class Decisions(ResponseBody):
    """The history of what a proposal proposes, in every round up to its own, or up to the latest
    where no later one proposes it; the latest entry first. The latest verdict is in force unless it
    was carried out in an earlier round; a question leaves the one before it in force."""

    items: list[DecisionTold]


async def list_proposals(call: Call[ProposalsQuery]) -> Proposals:
    asked, after = call.asked, key_after(call.asked, _RANK)
    if asked.round_id is None:
        run = await latest_round(call.pool)
        if run is None:
            return Proposals(round_id=None, items=[], next=None)
    else:
        run = await run_of(call.pool, asked.round_id)
        if run is None:
            raise Problem(404, f"there is no round {asked.round_id}")
    round_id = run.round_id
    scope = await scope_of(call.pool, call.actor)
    proposals = await read_proposals(call.pool, round_id, scope=scope)
    compared = await compare_with_before(
        call.pool,
        round_id,
        run.number,
        proposals,
        scope,
        LeastChange.of(call.context.settings),
    )
    found = [
        (rank, row)
        for rank, row in enumerate(compared.every)
        if _is_asked(asked, row) and (after is None or rank > after)
    ]
    items, more = cut(found, asked.limit, lambda ranked: ranked[0])
    return Proposals(round_id=round_id, items=[_compared(row) for _, row in items], next=more)


def _is_asked(asked: ProposalsQuery, row: ComparedProposal) -> bool:
    one = row.proposal
    return (
        (asked.depot_id is None or asked.depot_id in one.depot_ids)
        and (one.is_change if asked.action is None else asked.action in one.actions)
        and (row.is_proposed if asked.since is None else row.since is asked.since)
    )


async def show_proposal(call: Call[Query]) -> ProposalTold:
    return _of_case(await _seen(call))


async def list_decisions(call: Call[Query]) -> Decisions:
    proposal_id = (await _seen(call)).proposal.proposal_id
    found = await decision_histories(call.pool, [proposal_id])
    return Decisions(items=[_entry(one) for one in found[proposal_id]])


async def add_decision(call: Call[NewDecision]) -> ProposalTold:
    proposal_id, asked = call.id("proposal_id"), call.asked
    if asked.verdict is Verdict.QUESTION:
        words = mail_words(call.context.settings)
        await ask(call.pool, call.actor, proposal_id, asked.comment, words, seen=asked.seen)
    else:
        await decide(
            call.pool, call.actor, proposal_id, asked.verdict, asked.comment, seen=asked.seen
        )
    return _of_case(await _seen(call))


def _of_case(case: ProposalCase) -> ProposalTold:
    return _told(case.whole).model_copy(update={"status": case.status})


async def _seen(call: Call[Any]) -> ProposalCase:
    """The proposal in the address, if the actor sees it.

    Raises:
        Problem: there is none. Of other departments not even that there is one is told.
    """
    proposal_id = call.id("proposal_id")
    case = await read_proposal(call.pool, proposal_id, await scope_of(call.pool, call.actor))
    if case is None:
        raise Problem(404, f"there is no proposal {proposal_id}")
    return case


def _compared(row: ComparedProposal) -> ProposalTold:
    told, before = _told(row.proposal), row.before
    compared = {"status": row.status, "since": row.since}
    if before is None:
        return told.model_copy(update=compared)
    parts = [
        _part(one).model_copy(update={"saving_before_kr_year": before.by_key.get(one.decision.key)})
        for one in row.proposal.parts
    ]
    compared |= {"saving_before_kr_year": before.saving_kr_year, "parts": parts}
    return told.model_copy(update=compared)


def _entry(entry: DecisionEntry) -> DecisionTold:
    return DecisionTold(
        verdict=entry.verdict, comment=entry.comment, actor=entry.actor, at=entry.at
    )


def _told(proposal: Proposal) -> ProposalTold:
    decision = proposal.decision
    end = decision.arrival
    money = proposal.budget if proposal.is_change else None
    sale = money and money.uncounted_sale
    bought = money and money.uncounted_purchase
    return ProposalTold(
        id=proposal.proposal_id,
        depot_id=proposal.depot_id,
        action=decision.action,
        vehicle_id=decision.vehicle_id,
        vehicle=decision.vehicle,
        kind=decision.kind,
        energy=decision.energy,
        new_kind=decision.new_kind,
        new_energy=decision.new_energy,
        count=decision.count,
        come=decision.come,
        departments=list(decision.departments),
        other_departments=proposal.other_departments,
        contract_end=decision.contract_end,
        saving_kr_year=decision.saving_kr_year,
        saving_co2_t_year=decision.saving_co2_t_year,
        left_out_kr_year=decision.left_out_kr_year,
        left_out_trips=decision.left_out_trips,
        left_out_spare=decision.left_out_spare,
        left_out_workshop=decision.left_out_workshop,
        upfront_kr=decision.upfront_kr,
        days_used=decision.days_told,
        trips=None if proposal.shared else decision.trips_told,
        km=None if proposal.shared else decision.km_told,
        to_fallback=decision.to_fallback,
        to_depot_id=None if end is None else end.depot_id,
        to_department=None if end is None else end.department or None,
        trips_there=None if end is None else end.trips,
        saving_there_kr_year=None if end is None else end.saving_kr_year,
        verdict=proposal.verdict,
        status=proposal.status,
        accepted_otherwise=_accepted(proposal),
        decided_in=proposal.decided_in,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        asked=proposal.asked,
        since=None,
        saving_before_kr_year=None,
        holds_from=None if money is None else money.departure.day,
        leaving=None if money is None else money.departure.leaving,
        lacks=[] if money is None else list(money.lacks),
        no_sale=sale and sale.reason,
        uncounted_sale_kr=sale and sale.kr,
        uncounted_purchase_kr=bought and proposal.uncounted_kr,
        charge_points_to_build=decision.charge_points,
        budget=[] if money is None else budget_told(money.years),
        parts=[_part(one) for one in proposal.parts],
    )


def _part(proposal: Proposal) -> PartTold:
    decision = proposal.decision
    return PartTold(
        id=proposal.proposal_id,
        depot_id=proposal.depot_id,
        action=decision.action,
        vehicle_id=decision.vehicle_id,
        vehicle=decision.vehicle,
        kind=decision.kind,
        energy=decision.energy,
        new_kind=decision.new_kind,
        new_energy=decision.new_energy,
        count=decision.count,
        come=decision.come,
        saving_kr_year=decision.saving_kr_year,
        saving_co2_t_year=decision.saving_co2_t_year,
        saving_before_kr_year=None,
        verdict=proposal.verdict,
        status=proposal.status,
        accepted_otherwise=_accepted(proposal),
    )


def _accepted(proposal: Proposal) -> OtherAccepted | None:
    was = proposal.approved
    if was is None:
        return None
    return OtherAccepted(new_kind=was.new_kind, count=was.count, saving_kr_year=was.saving_kr_year)


_DECISIONS = "/v1/proposals/{proposal_id}/decisions"

PROPOSALS = (
    Operation(
        "GET",
        "/v1/proposals",
        Permission.FIGURES_READ,
        mark("The proposals of a round"),
        ProposalsQuery,
        Proposals,
        list_proposals,
    ),
    Operation(
        "GET",
        "/v1/proposals/{proposal_id}",
        Permission.FIGURES_READ,
        mark("One proposal"),
        Query,
        ProposalTold,
        show_proposal,
    ),
    Operation(
        "GET",
        _DECISIONS,
        Permission.FIGURES_READ,
        mark("The decisions on a proposal"),
        Query,
        Decisions,
        list_decisions,
    ),
    Operation(
        "POST",
        _DECISIONS,
        Permission.PROPOSALS_DECIDE,
        mark("Accept, reject or question a proposal, or say that it is carried out or undecided"),
        NewDecision,
        ProposalTold,
        add_decision,
        conflict="somebody decided since, another decision about the vehicle is accepted, it was"
        " ruled that it stays, what is"
        " said to be carried out is not accepted, what is to be undecided is not decided, or the"
        " proposal is of an earlier round or version",
    ),
)
