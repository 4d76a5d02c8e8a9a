"""Decisions on several proposals at once, and on another vehicle than the proposed one, for
programs: `/v1/decisions` and `/v1/proposals/{proposal_id}/instead`."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FreeText,
    Id,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from ingest.listeners.problem import RefusedPart
from optimiser.depot.alike import StaysBy
from optimiser.exchange.other_vehicle import NotAlikeError, let_other_go
from optimiser.rounds.decisions import Chosen, SeveralRefusedError, Verdict, decide_several
from optimiser.rounds.proposals import read_proposal
from register.vehicles import scope_of

#: The most proposals of one decision: more than a round has for one municipality.
PROPOSALS_MAX = 1_000


class SharedVerdict(StrEnum):
    """What may be decided on several proposals."""

    ACCEPTED = Verdict.ACCEPTED.value
    REJECTED = Verdict.REJECTED.value


class ChosenProposal(RequestBody):
    """A proposal. `seen` is the number of entries of its history as the program read it; null: it
    did not look."""

    id: Id
    seen: Revision | None = None


class SeveralDecisions(RequestBody):
    """One verdict on several proposals, for one reason, which a rejection needs. If there are other
    entries by now in the history of one, or it cannot be decided so, nothing is decided."""

    model_config = example(
        proposals=[{"id": 1, "seen": 0}, {"id": 2}], verdict="accepted", comment="aftalt på møde"
    )

    proposals: Annotated[list[ChosenProposal], Field(min_length=1, max_length=PROPOSALS_MAX)]
    verdict: Annotated[SharedVerdict, Field(strict=False)]
    comment: FreeText = ""

    @model_validator(mode="after")
    def _are_different(self) -> "SeveralDecisions":
        if len({one.id for one in self.proposals}) < len(self.proposals):
            raise ValueError("a proposal stands among the `proposals` twice")
        return self


class SeveralDecided(ResponseBody):
    """The proposals that were decided on, by their ids."""

    proposals: list[int]
    verdict: SharedVerdict


class InsteadBody(RequestBody):
    """The vehicle that goes instead, and why. `seen` is the number of entries of the proposal's
    history as the program read it; null: it did not look."""

    model_config = example(vehicle_id="AB12345", reason="den anden er slidt")

    vehicle_id: Name
    reason: Annotated[FreeText, Field(min_length=1)]
    seen: Revision | None = None


class AlikeVehicle(ResponseBody):
    """A vehicle that could go instead of the one of a proposal."""

    id: str
    name: str


class BoundVehicle(ResponseBody):
    """A vehicle that could not go instead of the one of a proposal, though it is alike, and why:
    its contract runs longer, too little is known of it, or it was decided that it stays."""

    id: str
    name: str
    why: StaysBy


class AlikeVehicles(ResponseBody):
    """The vehicles that are alike and stay: `items` are those of which one could go instead, and
    `bound` the others, which is null in rounds of earlier software."""

    items: list[AlikeVehicle]
    bound: list[BoundVehicle] | None


class InsteadTold(ResponseBody):
    """The proposal that was rejected, and the vehicle that goes instead in the next version."""

    proposal_id: int
    vehicle_id: str


async def decide_together(call: Call[SeveralDecisions]) -> SeveralDecided:
    asked = call.asked
    chosen = [Chosen(one.id, one.seen) for one in asked.proposals]
    try:
        await decide_several(
            call.pool, call.actor, chosen, Verdict(asked.verdict.value), asked.comment
        )
    except SeveralRefusedError as refused:
        parts = [
            RefusedPart(place, "proposals", str(refused.refused[one.proposal_id]))
            for place, one in enumerate(chosen)
            if one.proposal_id in refused.refused
        ]
        raise Problem(409, "nothing is decided", parts) from None
    return SeveralDecided(proposals=[one.proposal_id for one in chosen], verdict=asked.verdict)


async def show_alike(call: Call[Query]) -> AlikeVehicles:
    proposal_id = call.id("proposal_id")
    case = await read_proposal(call.pool, proposal_id, await scope_of(call.pool, call.actor))
    if case is None:
        raise Problem(404, f"there is no proposal {proposal_id}")
    decision = case.proposal.decision
    return AlikeVehicles(
        items=[AlikeVehicle(id=one.vehicle_id, name=one.name) for one in decision.instead],
        bound=None
        if decision.bound is None
        else [
            BoundVehicle(id=one.vehicle_id, name=one.name, why=one.why) for one in decision.bound
        ],
    )


async def choose_instead(call: Call[InsteadBody]) -> InsteadTold:
    proposal_id, asked = call.id("proposal_id"), call.asked
    chosen = Chosen(proposal_id, asked.seen)
    try:
        await let_other_go(call.pool, call.actor, chosen, asked.vehicle_id, asked.reason)
    except NotAlikeError as refused:
        part = RefusedPart(None, "vehicle_id", str(refused))
        raise Problem(422, "the vehicle cannot go instead", [part]) from None
    return InsteadTold(proposal_id=proposal_id, vehicle_id=asked.vehicle_id)


_INSTEAD = "/v1/proposals/{proposal_id}/instead"

DECISIONS = (
    Operation(
        "POST",
        "/v1/decisions",
        Permission.PROPOSALS_DECIDE,
        mark("Accept or reject several proposals at once, all or none"),
        SeveralDecisions,
        SeveralDecided,
        decide_together,
        conflict="one of them cannot be decided so; says of each which why, and decides nothing",
    ),
    Operation(
        "GET",
        _INSTEAD,
        Permission.REGISTER_CHANGE,
        mark("The vehicles alike of which one could go instead of the proposed one"),
        Query,
        AlikeVehicles,
        show_alike,
    ),
    Operation(
        "POST",
        _INSTEAD,
        Permission.REGISTER_CHANGE,
        mark("Let another vehicle alike go instead; the proposal is rejected"),
        InsteadBody,
        InsteadTold,
        choose_instead,
        conflict="it was decided that the other vehicle stays, or the proposal cannot be rejected",
    ),
)
