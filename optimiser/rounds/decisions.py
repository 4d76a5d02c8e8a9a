"""The act of deciding on a proposal, the history of its verdicts, and its one status, which every
page, document, table and program reads."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
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
from optimiser.depot.decision_key import LEAVING, Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.studies.read_bodies import decision_of
from register.vehicles import RuledToStayError, Scope, refuse_ruled_to_stay, scope_of

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


class Status(StrEnum):
    """What is so of a decision."""

    #: Nobody decided on it.
    WAITING = "waiting"
    #: Something else with the same key was accepted, so that this awaits a decision.
    CHANGED = "changed"
    #: Its parts do not stand alike: each has its own status.
    PARTLY = "partly"
    ACCEPTED = "accepted"
    #: Somebody said that it is carried out, and the register still has the vehicle as it was.
    REPORTED = "reported"
    #: It is carried out, and the register has it so.
    DONE = "done"
    REJECTED = "rejected"
    #: It is accepted, and the latest plan has no room for it.
    NO_ROOM = "no_room"
    #: Nobody decided on it, and the latest plan does not propose it any more.
    GONE = "gone"


def status_of(
    verdict: Verdict | None, *, is_changed: bool, register_follows: bool, is_leaving: bool
) -> Status:
    """The status of a single decision that a plan proposes; a vehicle that leaves without a
    successor (`is_leaving`), and that the register has as gone, has left, whoever said so."""
    match verdict:
        case Verdict.DONE:
            return Status.DONE if register_follows else Status.REPORTED
        case Verdict.ACCEPTED:
            return Status.DONE if is_leaving and register_follows else Status.ACCEPTED
        case Verdict.REJECTED:
            return Status.REJECTED
        case _:
            return Status.CHANGED if is_changed else Status.WAITING


def status_of_whole(parts: Collection[Status]) -> Status:
    """The status of decisions that people take together."""
    found = set(parts)
    return found.pop() if len(found) == 1 else Status.PARTLY


def beside_the_plan(status: Status, *, asked: bool) -> Status:
    """The status of a decision that the latest plan does not propose. A question that is `asked`
    still awaits its answer."""
    if status is Status.ACCEPTED:
        return Status.NO_ROOM
    if status in (Status.WAITING, Status.CHANGED) and not asked:
        return Status.GONE
    return status


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEntry:
    """One entry of a proposal's history. `instead` is the name of the vehicle that goes in its
    place, where it was rejected for that; None: none does, or it is not seen."""

    verdict: Verdict
    comment: str
    actor: str
    at: datetime
    instead: str | None = None


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
    """The proposal is of an earlier round, or of an earlier version of the latest one. `newer` is
    the latest proposal of the same decision; None: no later version proposes it. Then a verdict in
    force can still be changed into another one, but for an acceptance."""

    def __init__(self, proposal_id: int, newer: int | None) -> None:
        where = (
            "the latest version of the latest round does not propose it, so that it cannot be"
            " accepted as it stands; GET /v1/proposals has what it proposes"
            if newer is None
            else f"decide on proposal {newer}"
        )
        super().__init__(f"proposal {proposal_id} is superseded: {where}")
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
    RuledToStayError,
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


def accepted_otherwise(
    decision: Decision, verdict: Verdict | None, accepted: Decision | None
) -> Decision | None:
    """What was `accepted` where that is something else than a proposal's `decision` with the same
    key: another kind comes in, another number of vehicles (with those that have come), or other
    departments share. An
    acceptance holds for what was proposed to who gave it, and for nothing else. None: the
    acceptance is of the proposal, or none is in force."""
    if verdict not in ACCEPTING or accepted is None:
        return None
    return None if _proposes_same(decision, accepted) else accepted


def _proposes_same(decision: Decision, accepted: Decision) -> bool:
    """Whether a decision is what was `accepted` with the same key. Of a purchase it is the rest
    where some vehicles have come."""
    match decision.action:
        case Action.POOL:
            return frozenset(decision.departments) == frozenset(accepted.departments)
        case Action.BUY:
            bought = decision.count, decision.come
            return decision.has_kind_of(accepted) and (
                bought == (accepted.count, accepted.come) or sum(bought) == accepted.count
            )
        case _:
            return decision.has_kind_of(accepted)


def other_departments(decision: Decision, departments: frozenset[str]) -> int:
    """How many departments that are not among `departments` share a decision. One about a single
    vehicle is of that vehicle's department alone."""
    if decision.vehicle_id is not None:
        return 0
    return len(departments.union(decision.departments)) - len(departments)


def others_of_whole(decision: Decision, departments: frozenset[str]) -> int:
    """How many departments that are not among `departments` share what is decided with a decision:
    it and the others of its bundle. Vehicles of no department are of another one."""
    if decision.bundle is None:
        return other_departments(decision, departments)
    return len(departments.union(decision.bundle.departments)) - len(departments)


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
    """Decide on a proposal, and in the same way on the others of its bundle.

    The verdict is added to the proposal's history. The last verdict holds in every version of the
    latest round, and in later rounds until it is carried out or reopened. `seen` is the number of
    entries of that history which the actor saw; None: they did not look.

    Raises:
        NoProposalError: there is no such proposal, or the actor does not see it.
        DecidedMeanwhileError: the history has other entries than the actor saw.
        SharedProposalError: the verdict is no question, and other departments share the proposal.
        DecidedOtherwiseError: the verdict accepts the proposal, and another one about the
            vehicle is accepted.
        RuledToStayError: the verdict accepts that a vehicle leaves which was ruled to stay.
        NotAcceptedError: the proposal is said to be carried out, and the verdict in force does not
            accept it.
        NothingDecidedError: the proposal is to be undecided again, and no verdict is in force.
        SupersededError: the proposal is of an earlier round or version, and a later one proposes
            the same decision; or none does, and nothing on it is in force or it is to be accepted.
        UnexplainedError: a rejection, a reopening or a question has no comment.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    _require_explained(verdict, comment)
    async with pool.acquire() as connection, connection.transaction():
        scope = await scope_of(connection, actor)
        await connection.execute(SQL["one_decision_at_a_time"])
        chosen = Chosen(proposal_id, seen)
        await _decide_on_whole(connection, actor, scope, chosen, verdict, comment)


async def reject_part_within(
    connection: PooledConnection, actor: Actor, one: Chosen, comment: str
) -> None:
    """Reject a proposal without the others of its bundle, within the transaction of an act that
    puts another vehicle in its place."""
    actor.require(Permission.PROPOSALS_DECIDE)
    _require_explained(Verdict.REJECTED, comment)
    scope = await scope_of(connection, actor)
    await connection.execute(SQL["one_decision_at_a_time"])
    row = await _checked(connection, actor, scope, one, Verdict.REJECTED)
    await give_verdict(connection, actor, row, Verdict.REJECTED, comment, row["verdict"])


async def reopen_within(
    connection: PooledConnection, actor: Actor, one: Chosen, comment: str
) -> None:
    """Have a proposal undecided again with the others of its bundle, within the transaction of an
    act that has waited for other decisions."""
    actor.require(Permission.PROPOSALS_DECIDE)
    _require_explained(Verdict.REOPENED, comment)
    scope = await scope_of(connection, actor)
    await _decide_on_whole(connection, actor, scope, one, Verdict.REOPENED, comment)


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
    decided: set[int] = set()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["one_decision_at_a_time"])
        for one in chosen:
            # Another part of its bundle was chosen, too.
            if one.proposal_id in decided:
                continue
            try:
                decided |= await _decide_on_whole(connection, actor, scope, one, verdict, comment)
            except REFUSALS as error:
                refused[one.proposal_id] = error
        if refused:
            raise SeveralRefusedError(refused)


def _require_explained(verdict: Verdict, comment: str) -> None:
    """Raises UnexplainedError where a verdict that takes a comment has none."""
    if verdict in _EXPLAINED and not comment.strip():
        raise UnexplainedError(f"a proposal that gets {verdict} needs a comment that says why")


async def _decide_on_whole(
    connection: PooledConnection,
    actor: Actor,
    scope: Scope | None,
    chosen: Chosen,
    verdict: Verdict,
    comment: str,
) -> set[int]:
    """Decide on a proposal and on the others of its bundle, within the transaction of the caller,
    who has waited for other decisions; returns the ids of them all.

    The scope of the actor holds for the one that they chose, which they decide on only where the
    whole bundle is of their departments. Those stay as they are on which the verdict says nothing
    new, and those that a later round decides on by itself.
    """
    found = [await _checked(connection, actor, scope, chosen, verdict)]
    others = await connection.fetch(SQL["bundle_of"], chosen.proposal_id)
    ids = {chosen.proposal_id, *(row["proposal_id"] for row in others)}
    for proposal_id in sorted(ids - {chosen.proposal_id}):
        with suppress(SupersededError, NothingDecidedError):
            found.append(await _checked(connection, actor, None, Chosen(proposal_id), verdict))
    new = [row for row in found if not _says_already(_verdict_on(row), verdict)]
    for row in new or found:
        await give_verdict(connection, actor, row, verdict, comment, row["verdict"])
    return ids


def _verdict_on(row: asyncpg.Record) -> str | None:
    """The verdict in force on the very proposal in `row`; None: it has none, or something else was
    accepted."""
    given = None if row["verdict"] is None else Verdict(row["verdict"])
    content = row["accepted_content"]
    accepted = None if content is None else decision_of(content)
    if accepted_otherwise(decision_of(row["content"]), given, accepted) is not None:
        return None
    return row["verdict"]


def _says_already(before: str | None, verdict: Verdict) -> bool:
    """Whether a verdict in force says what another one would say: what is carried out is
    accepted."""
    return before == verdict or (verdict is Verdict.ACCEPTED and before in ACCEPTING)


async def _checked(
    connection: PooledConnection,
    actor: Actor,
    scope: Scope | None,
    one: Chosen,
    verdict: Verdict,
) -> asyncpg.Record:
    """The row of a proposal that may have the verdict."""
    before = await connection.fetchrow(SQL["proposal"], one.proposal_id)
    decision = None if before is None else decision_of(before["content"])
    if before is None or decision is None or not is_seen(decision, scope):
        raise NoProposalError(f"there is no proposal {one.proposal_id}")
    is_foreign = scope is not None and others_of_whole(decision, scope.departments)
    if verdict is not Verdict.QUESTION and is_foreign:
        raise SharedProposalError(actor)
    await require_latest(connection, before, verdict)
    history = await connection.fetch(SQL["decisions"], [one.proposal_id])
    if one.seen is not None and len(history) != one.seen:
        raise DecidedMeanwhileError(f"somebody decided on proposal {one.proposal_id} meanwhile")
    if verdict in ACCEPTING:
        await require_no_other(connection, before["as_of"], decision.key)
    if verdict is Verdict.ACCEPTED and decision.action in LEAVING:
        await refuse_ruled_to_stay(connection, decision.key.subject)
    if verdict is Verdict.REOPENED and before["verdict"] is None:
        raise NothingDecidedError("nothing is decided on the proposal, so it is undecided")
    if verdict is Verdict.DONE and _verdict_on(before) not in ACCEPTING:
        raise NotAcceptedError("only what is accepted can be carried out: accept it first")
    return before


async def give_verdict(
    connection: PooledConnection,
    actor: Actor,
    row: asyncpg.Record,
    verdict: Verdict,
    comment: str,
    before: str | None,
) -> None:
    """Give a verdict on the proposal in `row` after the verdict `before`, within the transaction of
    an act that asked whether its actor may."""
    proposal_id = row["proposal_id"]
    await connection.execute(SQL["decide"], proposal_id, verdict.value, comment, str(actor))
    await record(
        connection,
        actor,
        Act.DECIDED,
        Subject.PROPOSAL,
        proposal_id,
        {"key": row["key"], "verdict": verdict.value, "comment": comment},
        before={"verdict": before},
    )


async def require_latest(
    connection: PooledConnection, row: asyncpg.Record, verdict: Verdict
) -> None:
    """Raises SupersededError where people decide elsewhere than on the proposal in `row`, or
    nowhere. A decision that is in force and that the latest version does not propose has its last
    proposal for that, where it is taken back or carried out: nobody accepts what is in no plan."""
    newest = await connection.fetchrow(SQL["newest_of_key"], row["key"])
    if newest is None or row["round_id"] >= newest["latest_id"]:
        return
    if newest["round_id"] > row["round_id"]:
        raise SupersededError(row["proposal_id"], newest["proposal_id"])
    if verdict is Verdict.ACCEPTED or (row["verdict"] is None and not row["asked"]):
        raise SupersededError(row["proposal_id"], None)


async def require_no_other(connection: PooledConnection, number: int, key: DecisionKey) -> None:
    """Raises DecidedOtherwiseError where the round `number` has another decision about the vehicle
    of `key` accepted."""
    for row in await connection.fetch(SQL["verdicts"], number):
        other = DecisionKey.parse(row["key"])
        if Verdict(row["verdict"]) in ACCEPTING and key.excludes(other):
            # The other key may have a depot in it that the actor does not see.
            raise DecidedOtherwiseError(
                f"another decision about the vehicle is accepted ({other.action}): reject it first"
            )


async def decision_histories(
    pool: Pool, proposal_ids: Sequence[int]
) -> Mapping[int, Sequence[DecisionEntry]]:
    """The history of what each of some proposals proposes, in every round up to the one whose
    verdicts stand on its page, the latest entry first."""
    found: dict[int, list[DecisionEntry]] = {one: [] for one in proposal_ids}
    for row in await pool.fetch(SQL["decisions"], list(proposal_ids)):
        entry = DecisionEntry(
            verdict=Verdict(row["verdict"]),
            comment=row["comment"],
            actor=row["actor"],
            at=row["at"],
            instead=row["instead"],
        )
        found[row["proposal_id"]].append(entry)
    return found
