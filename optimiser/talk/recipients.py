"""Who a proposal is sent to, or asked about: the heads of the departments that it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from optimiser.depot.decisions import Decision
from optimiser.rounds.decisions import NoProposalError, is_seen
from optimiser.studies.read_bodies import decision_of
from optimiser.talk.faults import TalkError, TalkFault
from register.vehicles import Scope, scope_of

SQL = statements("talk")
ROUND_SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of departments, and whether mails reach them. `scope` is what they see."""

    account_id: int
    name: str
    departments: frozenset[str]
    has_address: bool
    scope: Scope

    def is_concerned(self, decision: Decision) -> bool:
        return is_seen(decision, self.scope)


@dataclass(frozen=True, slots=True)
class Topic:
    """The proposal that something is said about; `key` is that of its decision."""

    proposal_id: int
    key: str
    decision: Decision


async def heads(connection: Pool | PooledConnection) -> Sequence[Head]:
    """The heads of departments who can sign in, by name."""
    found: list[Head] = []
    for row in await connection.fetch(SQL["heads"]):
        departments = frozenset[str](row["departments"])
        scope = await scope_of(connection, Actor(row["name"], departments=departments))
        assert scope is not None, "the head of a department has departments"
        found.append(
            Head(
                account_id=row["account_id"],
                name=row["name"],
                departments=departments,
                has_address=row["has_address"],
                scope=scope,
            )
        )
    return found


async def head_of(connection: PooledConnection, account_id: int) -> Head:
    """The head of departments with this account.

    Raises:
        TalkError: there is none who can sign in.
    """
    found = next((one for one in await heads(connection) if one.account_id == account_id), None)
    if found is None:
        raise TalkError(TalkFault.NO_RECIPIENT)
    return found


@unscoped
async def heads_for(pool: Pool, reader: Actor) -> Sequence[Head]:
    """The heads whom the reader may send proposals to, or ask.

    Raises:
        NotAllowedError: the reader does not take part in decisions.
    """
    reader.require(Permission.PROPOSALS_DECIDE)
    return await heads(pool) if reader.departments is None else []


async def topic(
    connection: Pool | PooledConnection, proposal_id: int, scope: Scope | None
) -> Topic:
    """The proposal that an actor of a scope (None: of all departments) says something about.

    Raises:
        NoProposalError: there is none, or the actor does not see it.
    """
    row = await connection.fetchrow(SQL["proposal"], proposal_id)
    decision = None if row is None else decision_of(row["content"])
    if row is None or decision is None or not is_seen(decision, scope):
        raise NoProposalError(f"there is no proposal {proposal_id}")
    return Topic(proposal_id, row["key"], decision)


async def topics(
    connection: Pool | PooledConnection, about: Topic, scope: Scope | None
) -> Sequence[Topic]:
    """The proposal that something is said about, and those of its bundle that the actor of a scope
    sees: people take them together, so whoever is concerned by one of them is asked there."""
    found = [about]
    for row in await connection.fetch(ROUND_SQL["bundle_of"], about.proposal_id):
        other = Topic(row["proposal_id"], row["key"], decision_of(row["content"]))
        if other.key != about.key and is_seen(other.decision, scope):
            found.append(other)
    return found


async def topic_of(connection: Pool | PooledConnection, about: Topic, head: Head) -> Topic:
    """The proposal, or that of its bundle, which concerns a head.

    Raises:
        TalkError: none does.
    """
    for one in await topics(connection, about, None):
        if head.is_concerned(one.decision):
            return one
    raise TalkError(TalkFault.NOT_CONCERNED)
