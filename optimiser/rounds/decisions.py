"""The act of deciding on a proposal, and the history of its verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ExpectedError
from optimiser.depot.decision_key import DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.studies.read_bodies import decision_of
from register.vehicles import Scope, scope_of

SQL = statements("round")


class Verdict(StrEnum):
    """The verdicts on a proposal. A question leaves the verdict before it in force; after
    `REOPENED` there is none, so that it is never the one in force."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUESTION = "question"
    DONE = "done"
    REOPENED = "reopened"


#: The verdicts that say why, or ask something.
_EXPLAINED = frozenset({Verdict.REJECTED, Verdict.QUESTION, Verdict.REOPENED})

#: The verdicts under which a proposal is accepted: one that is carried out was accepted.
ACCEPTING = frozenset({Verdict.ACCEPTED, Verdict.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEntry:
    """One entry of a proposal's history."""

    verdict: Verdict
    comment: str
    actor: str
    at: datetime


class NoProposalError(ExpectedError, LookupError):
    """There is no such proposal."""


class UnexplainedError(ExpectedError, ValueError):
    """A rejection or a reopening has no reason, or a question no text."""


class SharedProposalError(NotAllowedError):
    """A proposal is of departments that are not the actor's, too; who sees all decides on it."""

    def __init__(self, actor: Actor) -> None:
        message = f"{actor} may not do this: other departments share it; a question is possible"
        super().__init__(None, message)


class DecidedMeanwhileError(ExpectedError, ValueError):
    """Somebody decided on the proposal after the actor saw its history."""


class DecidedOtherwiseError(ExpectedError, ValueError):
    """Something else is accepted about the vehicle of the proposal, in any version of its round."""


class NotAcceptedError(ExpectedError, ValueError):
    """A proposal that is not accepted is said to be carried out."""


class NothingDecidedError(ExpectedError, ValueError):
    """A proposal that nothing is decided on is said to be undecided again."""


class SupersededError(ExpectedError, ValueError):
    """The proposal is of an earlier round. `newer` is the latest proposal of the same decision;
    None: no later round proposes it, and no verdict on it is carried over."""

    def __init__(self, proposal_id: int, newer: int | None) -> None:
        where = (
            "later rounds neither propose it nor carry it over"
            if newer is None
            else f"decide on proposal {newer}"
        )
        super().__init__(f"proposal {proposal_id} is of an earlier round: {where}")
        self.newer = newer


#: Why a verdict on a proposal is refused, other than by the verdict itself.
REFUSALS = (
    NoProposalError,
    SharedProposalError,
    DecidedMeanwhileError,
    DecidedOtherwiseError,
    NotAcceptedError,
    NothingDecidedError,
    SupersededError,
)


class SeveralRefusedError(ExpectedError, ValueError):
    """Some of several proposals cannot be decided so, and none of them was; `refused` says why, by
    the ids of these."""

    def __init__(self, refused: Mapping[int, ExpectedError]) -> None:
        why = "; ".join(f"proposal {key}: {error}" for key, error in refused.items())
        super().__init__(f"nothing is decided: {why}")
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Chosen:
    """A proposal that somebody decides on; `seen` is the number of entries of its history that they
    saw. None: they did not look."""

    proposal_id: int
    seen: int | None = None


def other_departments(decision: Decision, departments: frozenset[str]) -> int:
    """How many departments that are not among `departments` share a decision. One about a single
    vehicle is of that vehicle's department alone."""
    if decision.vehicle_id is not None:
        return 0
    return len(departments.union(decision.departments)) - len(departments)


def is_seen(decision: Decision, scope: Scope | None) -> bool:
    """Whether a decision is about the departments of a scope: about a vehicle of theirs, about
    sharing theirs, or about buying for a depot at which vehicles of theirs stand."""
    if scope is None:
        return True
    if decision.vehicle_id is not None:
        return decision.vehicle_id in scope.vehicle_ids
    if decision.departments:
        return not scope.departments.isdisjoint(decision.departments)
    return decision.depot_id in scope.depot_ids


@unscoped
async def decide(
    pool: Pool,
    actor: Actor,
    proposal_id: int,
    verdict: Verdict,
    comment: str,
    *,
    seen: int | None = None,
) -> None:
    """Decide on a proposal.

    The verdict is added to the proposal's history. The last verdict holds in every version of the
    latest round, and in later rounds until it is carried out or reopened. `seen` is the number of
    entries of that history which the actor saw; None: they did not look.

    Raises:
        NoProposalError: there is no such proposal, or the actor does not see it.
        DecidedMeanwhileError: the history has other entries than the actor saw.
        SharedProposalError: the verdict is no question, and other departments share the proposal.
        DecidedOtherwiseError: the verdict accepts the proposal, and another one about the
            vehicle is accepted.
        NotAcceptedError: the proposal is said to be carried out, and the verdict in force does not
            accept it.
        NothingDecidedError: the proposal is to be undecided again, and no verdict is in force.
        SupersededError: the proposal is of an earlier round, and a later one proposes the same
            decision, or nothing on it is carried over.
        UnexplainedError: a rejection, a reopening or a question has no comment.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        await decide_within(connection, actor, Chosen(proposal_id, seen), verdict, comment)


async def decide_within(
    connection: PooledConnection, actor: Actor, one: Chosen, verdict: Verdict, comment: str
) -> None:
    """`decide` within the transaction of an act that does more than that."""
    actor.require(Permission.PROPOSALS_DECIDE)
    _require_explained(verdict, comment)
    scope = await scope_of(connection, actor)
    await connection.execute(SQL["one_decision_at_a_time"])
    await _decide(connection, actor, scope, one, verdict, comment)


@unscoped
async def decide_several(
    pool: Pool, actor: Actor, chosen: Sequence[Chosen], verdict: Verdict, comment: str
) -> None:
    """Decide on several proposals in the same way, for one reason: on all of them, or on none.

    Raises:
        SeveralRefusedError: some cannot be decided so, each as `decide` says.
        UnexplainedError: as `decide`.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    _require_explained(verdict, comment)
    scope = await scope_of(pool, actor)
    refused: dict[int, ExpectedError] = {}
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["one_decision_at_a_time"])
        for one in chosen:
            try:
                await _decide(connection, actor, scope, one, verdict, comment)
            except REFUSALS as error:
                refused[one.proposal_id] = error
        if refused:
            raise SeveralRefusedError(refused)


def _require_explained(verdict: Verdict, comment: str) -> None:
    """Raises UnexplainedError where a verdict that takes a comment has none."""
    if verdict in _EXPLAINED and not comment.strip():
        raise UnexplainedError(f"a proposal that gets {verdict} needs a comment that says why")


async def _decide(
    connection: PooledConnection,
    actor: Actor,
    scope: Scope | None,
    one: Chosen,
    verdict: Verdict,
    comment: str,
) -> None:
    """Decide within the transaction of the caller, who has waited for other decisions."""
    before = await connection.fetchrow(SQL["proposal"], one.proposal_id)
    decision = None if before is None else decision_of(before["content"])
    if before is None or decision is None or not is_seen(decision, scope):
        raise NoProposalError(f"there is no proposal {one.proposal_id}")
    is_foreign = scope is not None and other_departments(decision, scope.departments)
    if verdict is not Verdict.QUESTION and is_foreign:
        raise SharedProposalError(actor)
    await _require_latest(connection, before)
    history = await connection.fetch(SQL["decisions"], one.proposal_id)
    if one.seen is not None and len(history) != one.seen:
        raise DecidedMeanwhileError(f"somebody decided on proposal {one.proposal_id} meanwhile")
    if verdict in ACCEPTING:
        await _require_no_other(connection, before["as_of"], decision.key)
    if verdict is Verdict.REOPENED and before["verdict"] is None:
        raise NothingDecidedError("nothing is decided on the proposal, so it is undecided")
    if verdict is Verdict.DONE and before["verdict"] not in ACCEPTING:
        raise NotAcceptedError("only what is accepted can be carried out: accept it first")
    await connection.execute(SQL["decide"], one.proposal_id, verdict.value, comment, str(actor))
    await record(
        connection,
        actor,
        Act.DECIDED,
        Subject.PROPOSAL,
        one.proposal_id,
        {"key": str(decision.key), "verdict": verdict.value, "comment": comment},
        before={"verdict": before["verdict"]},
    )


async def _require_latest(connection: PooledConnection, row: asyncpg.Record) -> None:
    """Raises SupersededError where people decide elsewhere than on the proposal in `row`, or
    nowhere. A decision that the latest round carries over and does not propose has its last
    proposal for that."""
    newest = await connection.fetchrow(SQL["newest_of_key"], row["key"])
    if newest is None or row["number"] >= newest["latest_number"]:
        return
    if newest["number"] > row["number"]:
        raise SupersededError(row["proposal_id"], newest["proposal_id"])
    if row["verdict"] is None and not row["asked"]:
        raise SupersededError(row["proposal_id"], None)


async def _require_no_other(connection: PooledConnection, number: int, key: DecisionKey) -> None:
    """Raises DecidedOtherwiseError where the round `number` has another decision about the vehicle
    of `key` accepted."""
    for row in await connection.fetch(SQL["verdicts"], number):
        other = DecisionKey.parse(row["key"])
        if Verdict(row["verdict"]) in ACCEPTING and key.excludes(other):
            # The other key may have a depot in it that the actor does not see.
            raise DecidedOtherwiseError(
                f"another decision about the vehicle is accepted ({other.action}): reject it first"
            )


async def decision_history(pool: Pool, proposal_id: int) -> list[DecisionEntry]:
    """The history of what a proposal proposes, in every round up to the one whose verdicts stand on
    its page, the latest entry first."""
    return [
        DecisionEntry(
            verdict=Verdict(row["verdict"]),
            comment=row["comment"],
            actor=row["actor"],
            at=row["at"],
        )
        for row in await pool.fetch(SQL["decisions"], proposal_id)
    ]
