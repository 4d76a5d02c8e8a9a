"""The act of letting another vehicle alike go in place of the one that a proposal names.

A plan says how many vehicles of a kind stay; which of them, people may say. So the proposal is
rejected, and of the other vehicle it is ruled in the register that it may go, which lets it go
first of those alike. The next version follows both.
"""

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from optimiser.depot.decision_key import LEAVING, DecisionKey
from optimiser.rounds.decisions import Chosen, NoProposalError, Verdict, reject_part_within
from optimiser.studies.read_bodies import decision_of
from register.vehicles import RuledToStayError, let_go_within

SQL = statements("round")


class NotAlikeError(ExpectedError, ValueError):
    """The vehicle is none of those that are alike and could go instead."""


class OtherStaysError(ExpectedError, ValueError):
    """Somebody decided that the vehicle which is to go instead stays."""


@unscoped
async def let_other_go(
    pool: Pool, actor: Actor, chosen: Chosen, vehicle_id: str, reason: str
) -> None:
    """Reject a proposal and let the vehicle `vehicle_id` go first of those alike, both for one
    reason, or neither. The others of its bundle stay as they are: the next version bundles them
    with the vehicle that goes instead.

    Raises:
        NotAlikeError: the proposal does not name the vehicle among those that could go instead.
        OtherStaysError: it was rejected that this vehicle leaves, or ruled that it stays.
        ExpectedError: the proposal cannot be rejected, as `optimiser.rounds.decisions.decide` says.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await reject_part_within(connection, actor, chosen, reason)
        row = await connection.fetchrow(SQL["proposal"], chosen.proposal_id)
        if row is None:
            raise NoProposalError(f"there is no proposal {chosen.proposal_id}")
        decision = decision_of(row["content"])
        if vehicle_id not in {one.vehicle_id for one in decision.instead}:
            raise NotAlikeError(f"{vehicle_id} is none that could go instead")
        await _require_free(connection, row["as_of"], vehicle_id)
        try:
            await let_go_within(connection, actor, vehicle_id, reason)
        except RuledToStayError as error:
            raise OtherStaysError(*error.args) from error


async def _require_free(connection: PooledConnection, number: int, vehicle_id: str) -> None:
    """Raises OtherStaysError where a rejection that is in force in the round `number` keeps the
    vehicle."""
    for row in await connection.fetch(SQL["verdicts"], number):
        key = DecisionKey.parse(row["key"])
        if (
            key.subject == vehicle_id
            and key.action in LEAVING
            and row["verdict"] == Verdict.REJECTED.value
        ):
            raise OtherStaysError("it was decided that this vehicle stays: undo that first")
