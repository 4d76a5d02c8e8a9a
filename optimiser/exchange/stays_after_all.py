"""The act of ruling that a vehicle stays of which it was accepted that it leaves.

The proposal is undecided again and the vehicle stays, both for one reason, or neither.
"""

from collections.abc import Collection

from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from optimiser.rounds.decisions import Chosen, reopen_within
from register.vehicles import Ruling, leaving_accepted, rule_within

SQL = statements("round")


@unscoped
async def let_stay_after_all(
    pool: Pool, actor: Actor, vehicle_id: str, needs: Collection[str] | None, reason: str
) -> None:
    """Take back that a vehicle leaves, where that is accepted, with all parts of the proposal, and
    rule that it stays.

    Raises:
        ExpectedError: the proposal cannot be undecided again, as
            `optimiser.rounds.decisions.decide` says, or the vehicle not be ruled on, as
            `register.vehicles.rule_vehicle` says.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["one_decision_at_a_time"])
        accepted = await leaving_accepted(connection, vehicle_id)
        if accepted is not None:
            await reopen_within(connection, actor, Chosen(accepted), reason)
        await rule_within(connection, actor, vehicle_id, Ruling.STAY, needs, reason)
